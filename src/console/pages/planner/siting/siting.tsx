/** Asking where stations should stand: which question, with what, and its answer beside the map. */
import type { Signal } from '@preact/signals';
import type { SitingProblem } from '../../../../planning/siting/schema.ts';
import { underWay } from '../../../shell/actions.ts';
import { speak } from '../../../shell/language.ts';
import { percent } from '../figures.ts';
import { PlanOnMap } from './map.tsx';
import { asked, askForPlan, cancel, isUnderWay, plan, problems } from './plan.ts';
import { Result } from './result.tsx';
import { Simulated, simulation } from './simulated.tsx';
import { words } from './words.ts';

const say = speak('siting', words);

const sources = ['any', 'calls', 'residents'] as const;
const sourceWords = { any: 'demand.any', calls: 'demand.calls', residents: 'demand.residents' } as const;

export function Siting() {
  const found = plan.value;
  const problem = asked.problem.value;
  const busy = found !== null && isUnderWay(found.status);
  return (
    <>
      <form
        class="choices"
        onSubmit={(event) => {
          event.preventDefault();
          void askForPlan();
        }}
      >
        <label>
          {say('question')}{' '}
          <select
            value={problem}
            onChange={({ currentTarget }) => {
              asked.problem.value = currentTarget.value as SitingProblem;
            }}
          >
            {(Object.keys(problems) as SitingProblem[]).map((each) => (
              <option key={each} value={each}>
                {say(problems[each][0])}
              </option>
            ))}
          </select>
        </label>
        <Fields problem={problem} />
        <label>
          {say('demand')}{' '}
          <select
            value={asked.demandFrom.value}
            onChange={({ currentTarget }) => {
              asked.demandFrom.value = currentTarget.value as (typeof sources)[number];
            }}
          >
            {sources.map((each) => (
              <option key={each} value={each}>
                {say(sourceWords[each])}
              </option>
            ))}
          </select>
        </label>
        <button type="submit" disabled={busy || underWay.value.has('siting')}>
          {say('ask')}
        </button>
        {found && busy && (
          <>
            <output>
              {found.gap === null
                ? say('starting')
                : say('working', { share: percent(found.progress), gap: percent(found.gap) })}
            </output>
            <button type="button" onClick={() => void cancel(found)}>
              {say('cancelPlan')}
            </button>
          </>
        )}
      </form>
      <p class="quiet">{say(problems[problem][1])}</p>
      <div class="halves">
        <section class="card">
          {found && !busy && <Result found={found} />}
          {simulation.value && <Simulated />}
        </section>
        <PlanOnMap />
      </div>
    </>
  );
}

function Fields({ problem }: { readonly problem: SitingProblem }) {
  switch (problem) {
    case 'joint':
      return (
        <>
          <Amount label={say('costAmbulance')} value={asked.costAmbulance} least={1} most={1000} />
          <Amount label={say('costResponder')} value={asked.costResponder} least={1} most={1000} />
          <Amount label={say('costJoint')} value={asked.costJoint} least={1} most={2000} />
          <Amount label={say('budget')} value={asked.budget} least={0} most={100000} />
          <Amount label={say('standard')} value={asked.standardMinutes} least={1} most={60} />
          <Amount label={say('firstHelp')} value={asked.firstHelpMinutes} least={1} most={60} />
        </>
      );
    case 'lscp':
      return <Amount label={say('standard')} value={asked.standardMinutes} least={1} most={60} />;
    case 'mexclp':
      return (
        <>
          <Amount label={say('moreUnits')} value={asked.more} least={0} most={20} />
          <Amount label={say('standard')} value={asked.standardMinutes} least={1} most={60} />
          <Amount label={say('busy')} value={asked.busyPercent} least={0} most={95} />
        </>
      );
    case 'mclp':
    case 'p-median':
    case 'p-center':
      return (
        <>
          <Amount label={say('more')} value={asked.more} least={1} most={20} />
          <Amount label={say('standard')} value={asked.standardMinutes} least={1} most={60} />
        </>
      );
  }
}

/** The browser refuses what is out of range before anything is sent. */
function Amount({
  label,
  value,
  least,
  most,
}: {
  readonly label: string;
  readonly value: Signal<number>;
  readonly least: number;
  readonly most: number;
}) {
  return (
    <label>
      {label}{' '}
      <input
        type="number"
        required
        min={least}
        max={most}
        value={value.value}
        onInput={({ currentTarget }) => {
          if (currentTarget.value !== '') value.value = Number(currentTarget.value);
        }}
      />
    </label>
  );
}
