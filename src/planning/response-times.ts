/** Figures of the three clocks from counts of whole seconds: exact for any span, because counts of days add up and percentiles do not. */
import type { ClockCount, Within } from './past-days.ts';
import { type ClockName, clocks, HISTOGRAM_MINUTES } from './schema.ts';

/** The district's target, for which the share within is given. */
export const TARGET_SECONDS = 480;

/** What takes the place of the seconds where there are none. */
export const states = { missing: -1, cancelled: -2, missingLive: -3 } as const;

/** Seconds are whole, a begun one counted, so that nothing beyond the target is shown within it; or one of `states`. */
export type Bin = ClockCount;

export interface Figures {
  readonly count: number;
  readonly missing: number;
  readonly live: number;
  readonly cancelled: number;
  readonly meanSeconds: number | null;
  readonly medianSeconds: number | null;
  readonly p90Seconds: number | null;
  readonly within8Share: number | null;
}

export type ClockFigures = Readonly<Record<ClockName, Figures>>;

export interface ResponseTimes {
  readonly groups: readonly { readonly key: string | null; readonly clocks: ClockFigures }[];
  readonly total: ClockFigures;
}

/** Groups in the order of their keys, numbers by size; the group of calls whose key is not known comes last. */
export function responseTimes(bins: readonly Bin[]): ResponseTimes {
  const groups = new Map<string | null, Counts>();
  const total = noCounts();
  for (const { key, clock, seconds, calls } of bins) {
    let group = groups.get(key);
    if (!group) {
      group = noCounts();
      groups.set(key, group);
    }
    for (const counts of [group[clock], total[clock]]) counts.set(seconds, (counts.get(seconds) ?? 0) + calls);
  }
  return {
    groups: [...groups]
      .sort(([a], [b]) => (a === null ? 1 : b === null ? -1 : a.localeCompare(b, 'en', { numeric: true })))
      .map(([key, own]) => ({ key, clocks: clockFigures(own) })),
    total: clockFigures(total),
  };
}

type Counts = Readonly<Record<ClockName, Map<number, number>>>;
const noCounts = (): Counts => ({ response: new Map(), patient: new Map(), travel: new Map() });

function clockFigures(counts: Counts): ClockFigures {
  const figures = (clock: ClockName) => figuresOf([...counts[clock]].map(([seconds, calls]) => ({ seconds, calls })));
  return { response: figures('response'), patient: figures('patient'), travel: figures('travel') };
}

/** Figures of one clock. Seconds are rounded to whole ones at the end; of nothing measured there are none. */
export function figuresOf(bins: readonly Pick<Bin, 'seconds' | 'calls'>[]): Figures {
  const callsIn = (state: number) => sum(bins.filter(({ seconds }) => seconds === state).map(({ calls }) => calls));
  const measured = bins.filter(({ seconds }) => seconds >= 0).sort((a, b) => a.seconds - b.seconds);
  const count = sum(measured.map(({ calls }) => calls));
  const live = callsIn(states.missingLive);
  const within = sum(measured.map(({ seconds, calls }) => (seconds <= TARGET_SECONDS ? calls : 0)));
  const ofMeasured = (figure: () => number) => (count === 0 ? null : figure());
  return {
    count,
    missing: callsIn(states.missing) + live,
    live,
    cancelled: callsIn(states.cancelled),
    meanSeconds: ofMeasured(() => Math.round(sum(measured.map(({ seconds, calls }) => seconds * calls)) / count)),
    medianSeconds: ofMeasured(() => Math.round(percentile(measured, count, 0.5))),
    p90Seconds: ofMeasured(() => Math.round(percentile(measured, count, 0.9))),
    within8Share: ofMeasured(() => within / count),
  };
}

/**
 * The percentile as PostgreSQL's `percentile_cont` defines it: of n values in order, the one at place (n − 1) · p
 * counted from 0, on a straight line between its neighbours. `bins` ascending, `count` their calls, above 0.
 */
function percentile(bins: readonly Pick<Bin, 'seconds' | 'calls'>[], count: number, p: number): number {
  const place = (count - 1) * p;
  const below = valueAt(bins, Math.floor(place));
  const above = valueAt(bins, Math.ceil(place));
  return below + (above - below) * (place - Math.floor(place));
}

function valueAt(bins: readonly Pick<Bin, 'seconds' | 'calls'>[], place: number): number {
  let passed = 0;
  for (const { seconds, calls } of bins) {
    passed += calls;
    if (passed > place) return seconds;
  }
  throw new RangeError('beyond the last value');
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

/** Of the calls whose response is known, the share within the target of their own priority: by key, and of all. */
export function withinShares(counts: readonly Within[]): {
  readonly groups: ReadonlyMap<string | null, number | null>;
  readonly total: number | null;
} {
  const groups = new Map<string | null, Within>();
  let total: Within = { key: null, measured: 0, within: 0 };
  const plus = (sum: Within, { measured, within }: Within): Within => ({
    ...sum,
    measured: sum.measured + measured,
    within: sum.within + within,
  });
  for (const count of counts) {
    groups.set(count.key, plus(groups.get(count.key) ?? { key: count.key, measured: 0, within: 0 }, count));
    total = plus(total, count);
  }
  const share = ({ measured, within }: Within) => (measured > 0 ? within / measured : null);
  return { groups: new Map([...groups].map(([key, sum]) => [key, share(sum)])), total: share(total) };
}

export type Histograms = Readonly<Record<ClockName, number[]>>;

/** Calls by minute begun (0:00–1:00 first, exactly a minute still in it), by key and in all; the last holds all longer ones. */
export function histograms(bins: readonly Bin[]): { groups: Map<string | null, Histograms>; total: Histograms } {
  const empty = (): Histograms =>
    Object.fromEntries(clocks.map((clock) => [clock, new Array<number>(HISTOGRAM_MINUTES).fill(0)])) as Histograms;
  const groups = new Map<string | null, Histograms>();
  const total = empty();
  for (const { key, clock, seconds, calls } of bins) {
    const own = groups.get(key) ?? empty();
    groups.set(key, own);
    if (seconds < 0) continue;
    const minute = Math.min(Math.max(Math.ceil(seconds / 60) - 1, 0), HISTOGRAM_MINUTES - 1);
    for (const counts of [own[clock], total[clock]]) counts[minute] = (counts[minute] as number) + calls;
  }
  return { groups, total };
}

/** Rows of `ResponseTimes` as comma-separated values (RFC 4180), one a group and clock, the total last. */
export function responseTimesCsv({ groups, total }: ResponseTimes): string {
  const figures = [
    'count',
    'missing',
    'live',
    'cancelled',
    'meanSeconds',
    'medianSeconds',
    'p90Seconds',
    'within8Share',
  ] as const;
  const lines = [['group', 'clock', ...figures].join()];
  for (const { key, clocks: own } of [...groups, { key: 'total', clocks: total }])
    for (const clock of clocks)
      lines.push([quoted(key ?? ''), clock, ...figures.map((figure) => own[clock][figure] ?? '')].join());
  return `${lines.join('\r\n')}\r\n`;
}

/** A value a spreadsheet would take for a formula is marked as text. */
function quoted(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
