/** The planner's own simulations: which two policies, over how many days, and what was simulated before. */
import { signal } from '@preact/signals';
import type { PolicyName } from '../../../../planning/simulation/policies.ts';
import { underWay } from '../../../shell/actions.ts';
import { dayTime, speak } from '../../../shell/language.ts';
import { policyMeaning, policyName, statusName } from './named.ts';
import { Outcome } from './outcome.tsx';
import { earlier, follow, readEarlier, type Simulation, shown, start } from './run.ts';
import { words } from './words.ts';

const say = speak('simulation', words);

const policies: readonly PolicyName[] = ['expected-cover', 'dmexclp', 'closest-idle', 'complaint-only', 'nearest-any'];
const asked = {
  policy: signal<PolicyName>('closest-idle'),
  against: signal<PolicyName>('nearest-any'),
  days: signal(200),
  seed: signal(1),
  /** Empty: those on file. */
  units: signal(''),
};
const SHOWN_AT_MOST = 10;
const DAYS_AT_MOST = 10_000;
const UNITS_AT_MOST = 500;
const SEED_AT_MOST = 2 ** 31 - 1;

export async function simulate(): Promise<void> {
  const units = asked.units.peek() === '' ? {} : { units: Number(asked.units.peek()) };
  await start(shown, () => say('start'), {
    policy: asked.policy.peek(),
    days: asked.days.peek(),
    seed: asked.seed.peek(),
    ...units,
    against: { policy: asked.against.peek(), ...units },
  });
  await readEarlier().catch(() => {}); // the list is read again with the page
}

/** What each side of a simulation is called. */
function namesOf({ request, report }: Simulation): { plan: string; against: string } {
  const against = report?.against.policy ?? request.against?.policy;
  const more = request.addStations?.length ?? 0;
  const plan = say(policyName[request.policy]);
  return {
    plan: more > 0 ? `${plan}, ${say('stationsMore', { count: more })}` : plan,
    against: against ? say(policyName[against]) : '',
  };
}

export function Simulations() {
  const same = asked.policy.value === asked.against.value;
  return (
    <>
      <form
        class="choices"
        onSubmit={(event) => {
          event.preventDefault();
          void simulate();
        }}
      >
        <Policy label={say('policy')} chosen={asked.policy} />
        <Policy label={say('against')} chosen={asked.against} />
        <label>
          {say('days')}{' '}
          <input
            type="number"
            required
            min={2}
            max={DAYS_AT_MOST}
            value={asked.days.value}
            onInput={({ currentTarget }) => {
              if (currentTarget.value !== '') asked.days.value = Number(currentTarget.value);
            }}
          />
        </label>
        <label title={say('seedWhat')}>
          {say('seed')}{' '}
          <input
            type="number"
            required
            min={0}
            max={SEED_AT_MOST}
            value={asked.seed.value}
            onInput={({ currentTarget }) => {
              if (currentTarget.value !== '') asked.seed.value = Number(currentTarget.value);
            }}
          />
        </label>
        <label>
          {say('units')}{' '}
          <input
            type="number"
            min={1}
            max={UNITS_AT_MOST}
            value={asked.units.value}
            onInput={({ currentTarget }) => {
              asked.units.value = currentTarget.value;
            }}
          />
        </label>
        <button type="submit" disabled={same || underWay.value.has('simulate')}>
          {say('start')}
        </button>
        {same && <output class="soon">{say('same')}</output>}
      </form>
      <p class="quiet">{say('what')}</p>
      <dl class="policies">
        {[...new Set([asked.policy.value, asked.against.value])].map((each) => (
          <div key={each}>
            <dt>{say(policyName[each])}</dt>
            <dd>{say(policyMeaning[each])}</dd>
          </div>
        ))}
      </dl>
      {shown.value && (
        <section class="card" aria-live="polite">
          <Outcome into={shown} names={namesOf(shown.value)} />
        </section>
      )}
      <Earlier />
    </>
  );
}

function Policy({ label, chosen }: { readonly label: string; readonly chosen: typeof asked.policy }) {
  return (
    <label>
      {label}{' '}
      <select
        value={chosen.value}
        onChange={({ currentTarget }) => {
          chosen.value = currentTarget.value as PolicyName;
        }}
      >
        {policies.map((each) => (
          <option key={each} value={each}>
            {say(policyName[each])}
          </option>
        ))}
      </select>
    </label>
  );
}

function Earlier() {
  if (earlier.value.length === 0) return <p class="quiet">{say('noneYet')}</p>;
  return (
    <section class="card">
      <h2>{say('earlier')}</h2>
      <ul class="earlier">
        {earlier.value.slice(0, SHOWN_AT_MOST).map((each) => {
          const names = namesOf(each);
          return (
            <li key={each.simulationId}>
              <button type="button" class="plain" onClick={() => void follow(shown, each)}>
                {dayTime(each.createdAt)} · {names.plan} / {names.against} ·{' '}
                {say('daysCount', { days: each.request.days })} · {say(statusName[each.status])}
              </button>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
