/** Figures of the three clocks from counts of whole seconds. */
import { type ClockGroup, type ClockTally, type Seconds, states } from './clock-tally.ts';
import { type ClockName, clocks, HISTOGRAM_MINUTES, type ResponseTimesView } from './schema.ts';

/** The district's target, for which the share within is given. */
export const TARGET_SECONDS = 480;

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

type ByClock<T> = Readonly<Record<ClockName, T>>;
export type Histograms = ByClock<number[]>;

export interface GroupFigures {
  readonly clocks: ByClock<Figures>;
  /** Of the calls whose response is known, the share within the target of their own priority. */
  readonly withinTargetShare: number | null;
  /** Calls by minute begun (0:00–1:00 first, exactly a minute still in it); the last holds all longer ones. */
  readonly histograms: Histograms;
}

export interface ResponseTimes {
  readonly groups: readonly (GroupFigures & { readonly key: string | null })[];
  readonly total: GroupFigures;
}

export function responseTimes(tally: ClockTally): ResponseTimes {
  return {
    groups: tally.groups().map(([key, group]) => ({ key, ...figuresOfGroup(group) })),
    total: figuresOfGroup(tally.total()),
  };
}

function figuresOfGroup(group: ClockGroup): GroupFigures {
  const each = <T>(of: (seconds: Seconds) => T) =>
    Object.fromEntries(clocks.map((clock) => [clock, of(group[clock])])) as Record<ClockName, T>;
  return {
    clocks: each(figuresOf),
    withinTargetShare: group.measured > 0 ? group.within / group.measured : null,
    histograms: each(histogramOf),
  };
}

/** Figures of one clock. Seconds are rounded to whole ones at the end; of nothing measured there are none. */
export function figuresOf(tallied: Seconds): Figures {
  let [count, sum, within] = [0, 0, 0];
  tallied.each((seconds, calls) => {
    count += calls;
    sum += seconds * calls;
    if (seconds <= TARGET_SECONDS) within += calls;
  });
  const live = tallied.of(states.missingLive);
  const none = count === 0;
  const [median, p90] = none ? [0, 0] : percentiles(tallied, count, [0.5, 0.9]);
  return {
    count,
    missing: tallied.of(states.missing) + live,
    live,
    cancelled: tallied.of(states.cancelled),
    meanSeconds: none ? null : Math.round(sum / count),
    medianSeconds: none ? null : Math.round(median as number),
    p90Seconds: none ? null : Math.round(p90 as number),
    within8Share: none ? null : within / count,
  };
}

/**
 * Percentiles as PostgreSQL's `percentile_cont` defines them: of n values in order, the one at place (n − 1) · p counted
 * from 0, on a straight line between its neighbours. `count` are the calls measured, above 0.
 */
function percentiles(tallied: Seconds, count: number, shares: readonly number[]): number[] {
  const places = shares.map((share) => (count - 1) * share);
  const below = places.map(() => 0);
  const above = places.map(() => 0);
  let passed = 0;
  tallied.each((seconds, calls) => {
    for (const [at, place] of places.entries()) {
      if (Math.floor(place) >= passed && Math.floor(place) < passed + calls) below[at] = seconds;
      if (Math.ceil(place) >= passed && Math.ceil(place) < passed + calls) above[at] = seconds;
    }
    passed += calls;
  });
  return places.map(
    (place, at) =>
      (below[at] as number) + ((above[at] as number) - (below[at] as number)) * (place - Math.floor(place)),
  );
}

function histogramOf(tallied: Seconds): number[] {
  const counts = new Array<number>(HISTOGRAM_MINUTES).fill(0);
  tallied.each((seconds, calls) => {
    const minute = Math.min(Math.max(Math.ceil(seconds / 60) - 1, 0), HISTOGRAM_MINUTES - 1);
    counts[minute] = (counts[minute] as number) + calls;
  });
  return counts;
}

/** Rows of `ResponseTimes` as comma-separated values (RFC 4180), one a group and clock, the total last. */
export function responseTimesCsv({ groups, total }: Pick<ResponseTimesView, 'groups' | 'total'>): string {
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
