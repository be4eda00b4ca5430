/** A plan tried in the simulation beside the stations there are, over the same days. */
import { signal } from '@preact/signals';
import { attempt } from '../../../shell/actions.ts';
import { ask, pathOf } from '../../../shell/api.ts';
import { minutes, speak } from '../../../shell/language.ts';
import { percent } from '../figures.ts';
import type { Place } from './plan.ts';
import { words } from './words.ts';

const say = speak('siting', words);
const LOOK_EVERY_MS = 500;
const DAYS = 200;

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

export const simulation = signal<Simulation | null>(null);

/** @param added where new ambulance stations would stand */
export async function simulate(added: readonly Place[]): Promise<void> {
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

export function Simulated({ found }: { readonly found: Simulation }) {
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
