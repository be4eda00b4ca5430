/**
 * What completed runs teach about speeds. A run says by one figure how much faster or slower it was than the table
 * foresaw; it is credited to every zone, class and hour it drove in, by the share of time spent there.
 *
 * A cell's factor is a mean of logarithms shrunk towards its class and hour over all zones, that towards its class over
 * all hours, and that towards 1: each level counts as if `PRIOR_RUNS` runs had confirmed the level above (the normal
 * model of an empirical Bayes mean with known prior weight, as in James and Stein). So a cell nobody drove in says what
 * its like say, and one odd run changes little.
 */
import { type RoadClass, roadClasses } from './graph.ts';
import type { LearnedFactor } from './speeds.ts';

/** Sums over runs of one zone, class and hour. */
export interface LearnedCell {
  readonly zone: string;
  readonly roadClass: RoadClass;
  readonly hour: number;
  /** Runs, each by its share of time. */
  readonly weight: number;
  /** Of the logarithm of speed driven ÷ speed of the table, by the same shares. */
  readonly logSum: number;
}

export const PRIOR_RUNS = 8;
/** Beyond, it was not the road: a crew that stopped, a clock that was wrong. */
const FACTOR_AT_MOST = 2.5;

export interface Share {
  readonly zone: string;
  readonly roadClass: RoadClass;
  /** Seconds the table (without anything learned) says. */
  readonly seconds: number;
}

/**
 * What one run adds to the cells of its hour: shares of 1, and each share's logarithm of speed against the table.
 * @param actualSeconds as driven on the shares' roads, above 0
 */
export function lessonOf(shares: readonly Share[], actualSeconds: number, hour: number): LearnedCell[] {
  const total = shares.reduce((sum, { seconds }) => sum + seconds, 0);
  const log = Math.log(Math.min(FACTOR_AT_MOST, Math.max(1 / FACTOR_AT_MOST, total / actualSeconds)));
  const cells = new Map<string, LearnedCell>();
  for (const { zone, roadClass, seconds } of shares) {
    const key = `${zone} ${roadClass}`;
    const weight = (cells.get(key)?.weight ?? 0) + seconds / total;
    cells.set(key, { zone, roadClass, hour, weight, logSum: weight * log });
  }
  return [...cells.values()];
}

/** Factors on the speed table from all cells. */
export function learnedFactor(cells: readonly LearnedCell[]): LearnedFactor {
  const sums = new Map<string, { weight: number; logSum: number }>();
  for (const { zone, roadClass, hour, weight, logSum } of cells) {
    for (const key of [roadClass, `${roadClass} ${hour}`, `${roadClass} ${hour} ${zone}`]) {
      const sum = sums.get(key) ?? { weight: 0, logSum: 0 };
      sums.set(key, { weight: sum.weight + weight, logSum: sum.logSum + logSum });
    }
  }
  const shrunk = (key: string, towards: number): number => {
    const sum = sums.get(key);
    return sum ? (sum.logSum + PRIOR_RUNS * towards) / (sum.weight + PRIOR_RUNS) : towards;
  };
  return (zone, roadClass, hour) => {
    const ofClass = shrunk(roadClass, 0);
    const ofHour = shrunk(`${roadClass} ${hour}`, ofClass);
    return Math.exp(shrunk(`${roadClass} ${hour} ${zone}`, ofHour));
  };
}

export const isRoadClass = (word: string): word is RoadClass => (roadClasses as readonly string[]).includes(word);
