/** Asking for more stations: where, what they win, how certain that is, and whether the simulation agrees. */
import { signal } from '@preact/signals';
import type { FeatureCollection } from 'geojson';
import type { SitingResult, SitingStatus } from '../../../planning/siting/schema.ts';
import { attempt, underWay } from '../../shell/actions.ts';
import { ask, pathOf } from '../../shell/api.ts';
import { minutes, speak } from '../../shell/language.ts';
import { MapView, type PageLayer } from '../../shell/map-view.tsx';
import { stations } from './data.ts';
import { clockText, percent } from './times.tsx';
import { words } from './words.ts';

const say = speak('planner', words);

type Place = {
  siteId: string;
  name: string | null;
  position: { lon: number; lat: number };
  existing: boolean;
  chosen: boolean;
};
interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}
type Figure = 'meanSeconds' | 'within8Share';
interface Simulation {
  readonly simulationId: string;
  readonly status: string;
  readonly progress: number;
  readonly report: {
    readonly days: number;
    readonly plan: { readonly figures: Readonly<Record<Figure, Estimate>> };
    readonly against: { readonly figures: Readonly<Record<Figure, Estimate>> };
    readonly difference: Readonly<Record<Figure, Estimate & { readonly real: boolean }>>;
  } | null;
}
interface Plan extends SitingResult {
  readonly planId: string;
  readonly problem: string;
  readonly status: SitingStatus;
  readonly progress: number;
  readonly demandFrom: 'request' | 'calls' | 'residents';
  readonly places: readonly Place[];
}

const problems = { 'p-median': 'problem.p-median', mclp: 'problem.mclp', 'p-center': 'problem.p-center' } as const;
type Problem = keyof typeof problems;
const sources = { calls: 'fromCalls', residents: 'fromResidents', request: 'fromRequest' } as const;
const endings: Partial<
  Record<SitingStatus, 'status.infeasible' | 'status.failed' | 'status.cancelled' | 'status.interrupted'>
> = {
  infeasible: 'status.infeasible',
  failed: 'status.failed',
  cancelled: 'status.cancelled',
  interrupted: 'status.interrupted',
};

const more = signal(2);
const problem = signal<Problem>('p-median');
const plan = signal<Plan | null>(null);
const simulation = signal<Simulation | null>(null);
/** A drive of six minutes leaves two of the eight for the call and the turnout. */
const DRIVE_SECONDS = 360;
const LOOK_EVERY_MS = 500;
const DAYS = 200;

const isUnderWay = (status: SitingStatus) => status === 'queued' || status === 'running';

export async function askForStations(): Promise<void> {
  simulation.value = null;
  const started = await attempt(
    'siting',
    () => say('ask'),
    () =>
      ask<Plan>('/v1/siting-plans', {
        body: {
          problem: problem.peek(),
          p: stations.peek().length + more.peek(),
          standardSeconds: DRIVE_SECONDS,
          timeLimitSeconds: 120,
        },
        headers: { 'idempotency-key': crypto.randomUUID() },
      }),
  );
  if (started) await follow(started);
}

async function follow(started: Plan): Promise<void> {
  plan.value = started;
  while (plan.peek()?.planId === started.planId && isUnderWay(plan.peek()?.status ?? 'failed')) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    if (plan.peek()?.planId !== started.planId) return;
    plan.value = await ask<Plan>(pathOf('v1', 'siting-plans', started.planId)).catch(() => plan.peek());
  }
}

async function cancel({ planId }: Plan): Promise<void> {
  await attempt(
    'siting-cancel',
    () => say('cancelPlan'),
    () => ask(pathOf('v1', 'siting-plans', planId), { method: 'DELETE' }),
  );
}

async function simulate(found: Plan): Promise<void> {
  const added = found.places.filter(({ existing, chosen }) => chosen && !existing);
  const addStations = added.map(({ siteId, position: { lon, lat } }) => ({
    stationId: `plan-${siteId}`.slice(0, 64),
    position: { lon, lat, crs: 'wgs84' },
  }));
  const started = await attempt(
    'simulate',
    () => say('simulate'),
    () =>
      ask<Simulation>('/v1/simulations', {
        body: { days: DAYS, policy: 'closest-idle', addStations, against: { policy: 'closest-idle' } },
        headers: { 'idempotency-key': crypto.randomUUID() },
      }),
  );
  simulation.value = started;
  while (started && ['waiting', 'running'].includes(simulation.peek()?.status ?? '')) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    if (simulation.peek()?.simulationId !== started.simulationId) return;
    simulation.value = await ask<typeof started>(pathOf('v1', 'simulations', started.simulationId)).catch(() =>
      simulation.peek(),
    );
  }
}

export function Siting() {
  const found = plan.value;
  return (
    <>
      <div class="choices">
        <label>
          {say('more')}{' '}
          <input
            type="number"
            min="1"
            max="20"
            value={more.value}
            onInput={({ currentTarget }) => {
              more.value = Math.min(20, Math.max(1, Number(currentTarget.value) || 1));
            }}
          />
        </label>
        <label>
          {say('criterion')}{' '}
          <select
            value={problem.value}
            onChange={({ currentTarget }) => {
              problem.value = currentTarget.value as Problem;
            }}
          >
            {(Object.keys(problems) as Problem[]).map((each) => (
              <option key={each} value={each}>
                {say(problems[each])}
              </option>
            ))}
          </select>
        </label>
        <button
          type="button"
          disabled={underWay.value.has('siting') || (found !== null && isUnderWay(found.status))}
          onClick={() => void askForStations()}
        >
          {say('ask')}
        </button>
        {found && isUnderWay(found.status) && (
          <>
            <output>{say('working', { share: percent(found.progress), gap: percent(found.gap) })}</output>
            <button type="button" onClick={() => void cancel(found)}>
              {say('cancelPlan')}
            </button>
          </>
        )}
      </div>
      <div class="halves">
        <section class="card">
          {found && !isUnderWay(found.status) && <Result found={found} />}
          {simulation.value && <Simulated found={simulation.value} />}
        </section>
        <section class="card tall">
          <MapView label={say('planMap')} layers={siteLayers} data={{ sites: sitesOf(found) }} />
        </section>
      </div>
    </>
  );
}

function Result({ found }: { readonly found: Plan }) {
  const ending = endings[found.status];
  const added = found.places.filter(({ existing, chosen }) => chosen && !existing);
  return (
    <>
      {ending && <p class="late">{say(ending)}</p>}
      {found.gain && (
        <p class="big" data-test="gain">
          {found.gain.meanSecondsInterval
            ? say('winsBetween', {
                seconds: found.gain.meanSeconds.toFixed(1),
                low: found.gain.meanSecondsInterval[0].toFixed(1),
                high: found.gain.meanSecondsInterval[1].toFixed(1),
              })
            : say('wins', { seconds: found.gain.meanSeconds.toFixed(1) })}
        </p>
      )}
      {found.objective !== null && (
        <p class={found.proven ? 'in-time' : 'soon'}>
          {found.proven ? say('proven') : say('unproven', { gap: percent(found.gap) })}
        </p>
      )}
      <p class="quiet">{say(sources[found.demandFrom])}</p>
      {found.plan && (
        <table>
          <thead>
            <tr>
              <th />
              <th>{say('before')}</th>
              <th>{say('after')}</th>
            </tr>
          </thead>
          <tbody>
            <tr>
              <th scope="row">{say('meanDrive')}</th>
              <td class="figure">{clockText(rounded(found.existing?.meanSeconds))}</td>
              <td class="figure">{clockText(rounded(found.plan.meanSeconds))}</td>
            </tr>
            <tr>
              <th scope="row">{say('longestDrive')}</th>
              <td class="figure">{clockText(rounded(found.existing?.longestSeconds))}</td>
              <td class="figure">{clockText(rounded(found.plan.longestSeconds))}</td>
            </tr>
            <tr>
              <th scope="row">{say('problem.mclp')}</th>
              <td class="figure">{percent(found.existing?.coveredShare ?? null)}</td>
              <td class="figure">{percent(found.plan.coveredShare)}</td>
            </tr>
          </tbody>
        </table>
      )}
      <h2>{say('newStations')}</h2>
      <ul>
        {added.map(({ siteId, name }) => (
          <li key={siteId}>{name ?? say('plot', { cell: siteId })}</li>
        ))}
      </ul>
      {added.length > 0 && (
        <button type="button" disabled={underWay.value.has('simulate')} onClick={() => void simulate(found)}>
          {say('simulate')}
        </button>
      )}
    </>
  );
}

const rounded = (seconds: number | null | undefined): number | null => (seconds == null ? null : Math.round(seconds));

function Simulated({ found }: { readonly found: Simulation }) {
  if (found.status === 'waiting' || found.status === 'running')
    return <output>{say('simulating', { share: percent(found.progress) })}</output>;
  const { report } = found;
  if (!report) return <p class="late">{say('simFailed')}</p>;
  const row = (label: string, key: 'meanSeconds' | 'within8Share', text: (value: number) => string) => {
    const difference = report.difference[key];
    return (
      <tr>
        <th scope="row">{label}</th>
        <td class="figure">{text(report.against.figures[key].value)}</td>
        <td class="figure">{text(report.plan.figures[key].value)}</td>
        <td class={`figure ${difference.real ? 'in-time' : 'soon'}`}>
          {text(difference.value)} [{text(difference.low)}, {text(difference.high)}] ·{' '}
          {difference.real ? say('real') : say('notReal')}
        </td>
      </tr>
    );
  };
  return (
    <>
      <h2>{say('simulated', { days: report.days })}</h2>
      <table data-test="simulated">
        <thead>
          <tr>
            <th />
            <th>{say('before')}</th>
            <th>{say('after')}</th>
            <th>{say('difference')}</th>
          </tr>
        </thead>
        <tbody>
          {row(say('simMean'), 'meanSeconds', signedMinutes)}
          {row(say('simShare'), 'within8Share', percent)}
        </tbody>
      </table>
    </>
  );
}

const signedMinutes = (seconds: number): string => `${seconds < 0 ? '−' : ''}${minutes(Math.round(Math.abs(seconds)))}`;

function sitesOf(found: Plan | null): FeatureCollection {
  const point = (id: string, lon: number, lat: number, kind: string) => ({
    type: 'Feature' as const,
    properties: { id, kind },
    geometry: { type: 'Point' as const, coordinates: [lon, lat] },
  });
  const added = (found?.places ?? []).filter(({ existing, chosen }) => chosen && !existing);
  return {
    type: 'FeatureCollection',
    features: [
      ...stations.value.map(({ placeId, position }) => point(placeId, position.lon, position.lat, 'there')),
      ...added.map(({ siteId, position }) => point(siteId, position.lon, position.lat, 'new')),
    ],
  };
}

/** New ones are larger, ringed and of another colour. */
const siteLayers = (): PageLayer[] => [
  {
    id: 'sites',
    type: 'circle',
    source: 'sites',
    paint: {
      'circle-radius': ['match', ['get', 'kind'], 'new', 13, 7],
      'circle-color': ['match', ['get', 'kind'], 'new', '#d9480f', '#0b57a4'],
      'circle-stroke-color': '#ffffff',
      'circle-stroke-width': ['match', ['get', 'kind'], 'new', 4, 2],
    },
  },
];
