/** Figures of the three clocks from counts of whole seconds: exact for any span, because counts of days add up and percentiles do not. */
import type { ClockName } from './schema.ts';

/** The district's target, for which the share within is given. */
export const TARGET_SECONDS = 480;

/** What takes the place of the seconds where there are none. */
export const states = { missing: -1, cancelled: -2, missingLive: -3 } as const;

/** So many calls of a group took so many seconds, or have none of a state. */
export interface Bin {
  readonly key: string | null;
  readonly clock: ClockName;
  /** Whole seconds, a begun one counted, so that nothing beyond the target is shown within it; or one of `states`. */
  readonly seconds: number;
  readonly calls: number;
}

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
  const groups = new Map<string | null, Bin[]>();
  for (const bin of bins) {
    const group = groups.get(bin.key);
    if (group) group.push(bin);
    else groups.set(bin.key, [bin]);
  }
  return {
    groups: [...groups]
      .sort(([a], [b]) => (a === null ? 1 : b === null ? -1 : a.localeCompare(b, 'en', { numeric: true })))
      .map(([key, own]) => ({ key, clocks: clockFigures(own) })),
    total: clockFigures(bins),
  };
}

function clockFigures(bins: readonly Bin[]): ClockFigures {
  const figures = (clock: ClockName) => figuresOf(bins.filter((bin) => bin.clock === clock));
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
