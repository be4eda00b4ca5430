/** Three clocks by group, the distribution of the chosen one, and by which leg its late calls lose their time. */
import { signal } from '@preact/signals';
import { dayTime, minutes, name, speak } from '../../shell/language.ts';
import { session } from '../../shell/session.ts';
import {
  chosen,
  days,
  type Group,
  groupBy,
  groups,
  keyName,
  lateCalls,
  legs,
  query,
  readLate,
  readTimes,
  spanNow,
  spans,
  times,
  trend,
} from './data.ts';
import { Plot } from './plot.tsx';
import { words } from './words.ts';

const say = speak('planner', words);
export const clocks = ['response', 'patient', 'travel'] as const;
type Clock = (typeof clocks)[number];
const clock = signal<Clock>('response');

export const clockWords = { response: 'clock.response', patient: 'clock.patient', travel: 'clock.travel' } as const;
const whatWords = {
  response: 'clock.response.what',
  patient: 'clock.patient.what',
  travel: 'clock.travel.what',
} as const;
export const groupWords = {
  subdistrict: 'by.subdistrict',
  hour: 'by.hour',
  station: 'by.station',
  vehicleType: 'by.vehicleType',
  priority: 'by.priority',
} as const;
const legWords = {
  answer: 'leg.answer',
  dispatch: 'leg.dispatch',
  turnout: 'leg.turnout',
  travel: 'leg.travel',
  reach: 'leg.reach',
} as const;
type Leg = keyof typeof legWords;
const legNames = Object.keys(legWords) as Leg[];

export const clockText = (seconds: number | null): string => (seconds === null ? '–' : minutes(seconds));
export const percent = (share: number | null): string => (share === null ? '–' : `${(share * 100).toFixed(1)} %`);
const MINUTES_X = Array.from({ length: 31 }, (_, minute) => minute + 0.5);

export function Choices() {
  return (
    <div class="choices">
      <label>
        {say('days')}{' '}
        <select
          value={days.value}
          onChange={({ currentTarget }) => {
            days.value = Number(currentTarget.value);
            void readTimes();
          }}
        >
          {spans.map((span) => (
            <option key={span} value={span}>
              {say('lastDays', { days: span })}
            </option>
          ))}
        </select>
      </label>
      <label>
        {say('groupBy')}{' '}
        <select
          value={groupBy.value}
          onChange={({ currentTarget }) => {
            chosen.value = undefined;
            groupBy.value = currentTarget.value as Group;
            void readTimes();
          }}
        >
          {groups.map((by) => (
            <option key={by} value={by}>
              {say(groupWords[by])}
            </option>
          ))}
        </select>
      </label>
      <button
        type="button"
        onClick={() => void download('/v1/response-times.csv', `response-times-${groupBy.value}.csv`)}
      >
        {say('csv')}
      </button>
    </div>
  );
}

/** A file is asked for with the token, which no link carries. */
export async function download(path: string, file: string): Promise<void> {
  const headers = { authorization: `Bearer ${session.peek()?.token ?? ''}` };
  const answer = await fetch(
    `${path}?${query({ ...spanNow(), ...(path.endsWith('csv') ? { groupBy: groupBy.peek() } : {}) })}`,
    { headers },
  );
  const address = URL.createObjectURL(await answer.blob());
  const link = Object.assign(document.createElement('a'), { href: address, download: file });
  link.click();
  URL.revokeObjectURL(address);
}

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
        <section class="card">
          <Distribution />
          <Late />
        </section>
      </div>
      <section class="card">
        <h2>{say('trend')}</h2>
        <Trend />
      </section>
    </>
  );
}

function GroupTable() {
  const found = times.value;
  if (!found) return null;
  const by = groupBy.value;
  const rows = [
    { key: undefined, clocks: found.total, within: found.withinTargetShare },
    ...found.groups.map(({ key, clocks: own, withinTargetShare }) => ({ key, clocks: own, within: withinTargetShare })),
  ];
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

const chosenName = () =>
  chosen.value === undefined ? say('all') : keyName(groupBy.value, chosen.value, say('unknown'));

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

function Late() {
  const found = legs.value;
  const own = chosen.value === undefined ? found?.total : found?.groups.find(({ key }) => key === chosen.value);
  if (!own) return null;
  const lost = (leg: Leg) => (own.lateLegs[leg] ?? 0) - (own.inTimeLegs[leg] ?? 0);
  const worst = Math.max(...legNames.map(lost), 1);
  return (
    <>
      <h2>{say('lateWhy', { group: chosenName() })}</h2>
      <p>{say('lateCount', { late: own.late, inTime: own.inTime })}</p>
      <table>
        <thead>
          <tr>
            <th>{say('leg')}</th>
            <th>{say('late')}</th>
            <th>{say('inTime')}</th>
            <th>{say('lost')}</th>
          </tr>
        </thead>
        <tbody>
          {legNames.map((leg) => (
            <tr key={leg}>
              <th scope="row">{say(legWords[leg])}</th>
              <td class="figure">{clockText(own.lateLegs[leg])}</td>
              <td class="figure">{clockText(own.inTimeLegs[leg])}</td>
              <td class={`figure ${lost(leg) === worst ? 'late' : ''}`}>
                {own.lateLegs[leg] === null || own.inTimeLegs[leg] === null
                  ? '–'
                  : `${Math.round(lost(leg)) >= 0 ? '+' : '−'}${minutes(Math.abs(lost(leg)))}`}{' '}
                <meter value={Math.max(0, lost(leg))} max={worst} aria-hidden="true" />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <h3>{say('lateCalls')}</h3>
      <table>
        <thead>
          <tr>
            <th>{say('received')}</th>
            <th>{say('by.priority')}</th>
            <th>{say('response')}</th>
            {legNames.map((leg) => (
              <th key={leg}>{say(legWords[leg])}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {lateCalls.value.map((call) => (
            <tr key={`${call.receivedAt} ${call.responseSeconds}`}>
              <td>
                <time dateTime={call.receivedAt}>{dayTime(call.receivedAt)}</time>
              </td>
              <td>{call.priority === null ? '–' : name('priority', call.priority)}</td>
              <td class="figure late">{clockText(call.responseSeconds)}</td>
              {legNames.map((leg) => (
                <td key={leg} class="figure">
                  {clockText(call.legs[leg])}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

export function Trend() {
  const found = trend.value;
  const weeks = found?.groups.filter(({ key }) => key !== null) ?? [];
  if (!found || weeks.length === 0) return null;
  const x = weeks.map((_, week) => week);
  return (
    <Plot
      label={say('trend')}
      xLabel={say('week')}
      x={x}
      xName={(week) => (Number.isInteger(week) ? (weeks[week]?.key ?? '').slice(5) : '')}
      yName={(seconds) => minutes(seconds)}
      series={[
        {
          label: say('mean'),
          values: weeks.map(({ clocks: own }) => own.response.meanSeconds),
          kind: 'line',
          colour: '--accent',
        },
        {
          label: say('p90'),
          values: weeks.map(({ clocks: own }) => own.response.p90Seconds),
          kind: 'line',
          colour: '--urgent',
        },
        { label: say('target'), values: weeks.map(() => found.targetSeconds), kind: 'dashed', colour: '--danger' },
      ]}
    />
  );
}
