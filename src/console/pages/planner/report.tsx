/** A month on paper: the three clocks, sub-districts, where late calls lost their time, and the trend. */
import { signal } from '@preact/signals';
import type { LegsView, ResponseTimesView } from '../../../planning/schema.ts';
import { ask } from '../../shell/api.ts';
import { serverNow } from '../../shell/clock.ts';
import { dayTime, minutes, speak } from '../../shell/language.ts';
import { keyName, query } from './data.ts';
import { clocks, clockText, clockWords, percent } from './figures.ts';
import { Trend } from './trend.tsx';
import { words } from './words.ts';

const say = speak('planner', words);
const CHINA_OFFSET_MS = 8 * 3_600_000;
/** The month before this one, in China. */
function lastMonth(): string {
  const china = new Date(serverNow() + CHINA_OFFSET_MS);
  return new Date(Date.UTC(china.getUTCFullYear(), china.getUTCMonth() - 1, 1)).toISOString().slice(0, 7);
}

const month = signal('');
const found = signal<{ readonly times: ResponseTimesView; readonly legs: LegsView } | null>(null);

export async function readReport(): Promise<void> {
  month.value ||= lastMonth();
  const [year = 0, number = 1] = month.peek().split('-').map(Number);
  const at = (y: number, m: number) => new Date(Date.UTC(y, m, 1) - CHINA_OFFSET_MS).toISOString();
  const asked = query({ from: at(year, number - 1), to: at(year, number), groupBy: 'subdistrict' });
  const [times, legs] = await Promise.all([
    ask<ResponseTimesView>(`/v1/response-times?${asked}`),
    ask<LegsView>(`/v1/response-times/legs?${asked}`),
  ]);
  found.value = { times, legs };
}

export function Report() {
  return (
    <article class="report">
      <div class="choices not-printed">
        <label>
          {say('month')}{' '}
          <input
            type="month"
            value={month.value}
            onChange={({ currentTarget }) => {
              month.value = currentTarget.value || lastMonth();
              void readReport();
            }}
          />
        </label>
        <button type="button" onClick={() => print()}>
          {say('print')}
        </button>
      </div>
      {found.value ? <Sheet /> : <p class="lone">{say('loading')}</p>}
    </article>
  );
}

function Sheet() {
  if (!found.value) return null;
  const { times, legs } = found.value;
  const slowest = [...times.groups]
    .filter(({ clocks: own }) => own.response.meanSeconds !== null)
    .sort((a, b) => (b.clocks.response.meanSeconds ?? 0) - (a.clocks.response.meanSeconds ?? 0));
  const { lateLegs, inTimeLegs, late, inTime } = legs.total;
  const lost = [
    [say('leg.answer'), 'answer'],
    [say('leg.dispatch'), 'dispatch'],
    [say('leg.turnout'), 'turnout'],
    [say('leg.travel'), 'travel'],
    [say('leg.reach'), 'reach'],
  ] as const;
  return (
    <>
      <h2>{say('reportTitle', { month: month.value })}</h2>
      <table>
        <thead>
          <tr>
            <th />
            <th>{say('measured')}</th>
            <th>{say('mean')}</th>
            <th>{say('median')}</th>
            <th>{say('p90')}</th>
            <th>{say('within8')}</th>
            <th>{say('missing')}</th>
            <th>{say('cancelled')}</th>
          </tr>
        </thead>
        <tbody>
          {clocks.map((clock) => {
            const figures = times.total[clock];
            return (
              <tr key={clock}>
                <th scope="row">{say(clockWords[clock])}</th>
                <td class="figure">{figures.count}</td>
                <td class="figure">{clockText(figures.meanSeconds)}</td>
                <td class="figure">{clockText(figures.medianSeconds)}</td>
                <td class="figure">{clockText(figures.p90Seconds)}</td>
                <td class="figure">{percent(figures.within8Share)}</td>
                <td class="figure">{figures.missing}</td>
                <td class="figure">{figures.cancelled}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
      <h3>{say('worst')}</h3>
      <table>
        <thead>
          <tr>
            <th>{say('by.subdistrict')}</th>
            <th>{say('measured')}</th>
            <th>{say('mean')}</th>
            <th>{say('within8')}</th>
          </tr>
        </thead>
        <tbody>
          {slowest.map(({ key, clocks: own }) => (
            <tr key={String(key)}>
              <th scope="row">{keyName('subdistrict', key, say('unknown'))}</th>
              <td class="figure">{own.response.count}</td>
              <td class={`figure ${(own.response.meanSeconds ?? 0) > 480 ? 'late' : ''}`}>
                {clockText(own.response.meanSeconds)}
              </td>
              <td class="figure">{percent(own.response.within8Share)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <h3>{say('lateWhy', { group: say('all') })}</h3>
      <p>{say('lateCount', { late, inTime })}</p>
      <table>
        <thead>
          <tr>
            <th>{say('leg')}</th>
            <th>{say('late')}</th>
            <th>{say('inTime')}</th>
          </tr>
        </thead>
        <tbody>
          {lost.map(([label, leg]) => (
            <tr key={leg}>
              <th scope="row">{label}</th>
              <td class="figure">{lateLegs[leg] === null ? '–' : minutes(lateLegs[leg])}</td>
              <td class="figure">{inTimeLegs[leg] === null ? '–' : minutes(inTimeLegs[leg])}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <h3>{say('trend')}</h3>
      <Trend />
      <p class="quiet">
        {say('madeAt', { at: dayTime(serverNow()) })} · {say('noIdentities')}
      </p>
    </>
  );
}
