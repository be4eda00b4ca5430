/** Three clocks by group, and the distribution of the chosen one. */
import { signal } from '@preact/signals';
import type { ResponseTimesView } from '../../../planning/schema.ts';
import { speak } from '../../shell/language.ts';
import { Choices } from './choices.tsx';
import { chosen, groupBy, keyName, readLate, times } from './data.ts';
import { type Clock, chosenName, clocks, clockText, clockWords, groupWords, percent } from './figures.ts';
import { Late } from './late.tsx';
import { Plot } from './plot.tsx';
import { Trend } from './trend.tsx';
import { words } from './words.ts';

const say = speak('planner', words);
const clock = signal<Clock>('response');

const whatWords = {
  response: 'clock.response.what',
  patient: 'clock.patient.what',
  travel: 'clock.travel.what',
} as const;
const WHY = 'why-late';
const MINUTES_X = Array.from({ length: 31 }, (_, minute) => minute + 0.5);

export function Times() {
  const found = times.value;
  if (!found) return <p class="lone">{say('loading')}</p>;
  const all = found.total.response;
  if (all.count + all.missing + all.cancelled === 0)
    return (
      <>
        <Choices />
        <p class="lone">{say('nothingYet')}</p>
      </>
    );
  return (
    <>
      <Choices />
      <div class="clocks" role="radiogroup" aria-label={say('clocks')}>
        {clocks.map((each) => (
          <label key={each} class={each === clock.value ? 'card is-chosen' : 'card'}>
            <input
              type="radio"
              name="clock"
              checked={each === clock.value}
              onChange={() => {
                clock.value = each;
              }}
            />{' '}
            <strong>{say(clockWords[each])}</strong>
            <span class="quiet">{say(whatWords[each])}</span>
            <span class="big figure">{clockText(found.total[each].meanSeconds)}</span>
            <span class="figure">
              {say('median')} {clockText(found.total[each].medianSeconds)} · {say('p90')}{' '}
              {clockText(found.total[each].p90Seconds)} · {say('within8')} {percent(found.total[each].within8Share)}
            </span>
          </label>
        ))}
      </div>
      <div class="halves">
        <section class="card">
          <GroupTable />
        </section>
        <section class="card" id={WHY}>
          <Late />
          <Distribution />
        </section>
      </div>
      <section class="card">
        <h2>{say('trend')}</h2>
        <Trend />
      </section>
    </>
  );
}

const meanOf = ({ clocks: own }: Pick<ResponseTimesView['groups'][number], 'clocks'>) =>
  own[clock.value].meanSeconds ?? -1;

/** Where the screen is narrow the answer stands below the table, and nobody would see it. */
function showWhy(): void {
  const why = document.getElementById(WHY);
  if (why && why.getBoundingClientRect().top > innerHeight / 2) why.scrollIntoView();
}

function GroupTable() {
  const found = times.value;
  if (!found) return null;
  const by = groupBy.value;
  const groups = found.groups.map(({ key, clocks: own, withinTargetShare }) => ({
    key,
    clocks: own,
    within: withinTargetShare,
  }));
  // What has no order of its own is shown with the latest first: that is what is looked for.
  if (by === 'subdistrict' || by === 'station' || by === 'vehicleType')
    groups.sort((a, b) => meanOf(b) - meanOf(a) || Number(a.key === null) - Number(b.key === null));
  const rows = [{ key: undefined, clocks: found.total, within: found.withinTargetShare }, ...groups];
  return (
    <>
      <p class="quiet">{say('chooseRow')}</p>
      <table>
        <thead>
          <tr>
            <th>{say(groupWords[by])}</th>
            <th>{say('measured')}</th>
            <th>{say('mean')}</th>
            <th>{say('median')}</th>
            <th>{say('p90')}</th>
            <th>{say('within8')}</th>
            <th>{say('withinTarget')}</th>
            <th>{say('missing')}</th>
            <th>{say('cancelled')}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ key, clocks: own, within }) => {
            const figures = own[clock.value];
            const title = key === undefined ? say('all') : keyName(by, key, say('unknown'));
            return (
              <tr key={String(key)} class={key === chosen.value ? 'is-chosen' : ''}>
                <th scope="row">
                  <button
                    type="button"
                    class="plain"
                    aria-pressed={key === chosen.value}
                    onClick={() => {
                      chosen.value = key;
                      void readLate();
                      showWhy();
                    }}
                  >
                    {title}
                  </button>
                </th>
                <td class="figure">{figures.count}</td>
                <td class={`figure ${(figures.meanSeconds ?? 0) > 480 ? 'late' : ''}`}>
                  {clockText(figures.meanSeconds)}
                </td>
                <td class="figure">{clockText(figures.medianSeconds)}</td>
                <td class="figure">{clockText(figures.p90Seconds)}</td>
                <td class="figure">{percent(figures.within8Share)}</td>
                <td class="figure">{percent(within)}</td>
                <td class="figure">{figures.missing}</td>
                <td class="figure">{figures.cancelled}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </>
  );
}

function Distribution() {
  const found = times.value;
  const own =
    chosen.value === undefined ? found?.histograms : found?.groups.find(({ key }) => key === chosen.value)?.histograms;
  if (!own) return null;
  const title = say('distributionOf', { clock: say(clockWords[clock.value]), group: chosenName() });
  return (
    <>
      <h2>{title}</h2>
      <Plot
        label={title}
        xLabel={say('minute')}
        x={MINUTES_X}
        xName={(minute) => (minute >= 30 ? '30+' : String(Math.floor(minute)))}
        yName={String}
        series={[{ label: say('measured'), values: own[clock.value], kind: 'bars', colour: '--accent' }]}
        {...(clock.value === 'travel' ? {} : { mark: 8 })}
      />
    </>
  );
}
