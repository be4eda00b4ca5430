/** What a plan means: who goes where, how long that takes, and what it wins over the sites there are, with how certain. */
import type { Instance } from './instance.ts';
import type { PlanTravel, SiteWin, SitingResult } from './schema.ts';
import type { Best } from './watch.ts';

export function resultOf(instance: Instance, best: Best, proven: boolean): SitingResult {
  const { siteIds, demandIds, standardSeconds, kept } = instance;
  const nearest = nearestOf(instance, best.chosen);
  const assignment: Record<string, string> = {};
  const uncovered: string[] = [];
  const standard = standardSeconds ?? Number.POSITIVE_INFINITY;
  for (const [point, { site, seconds }] of nearest.entries()) {
    const id = demandIds[point] as string;
    if (site >= 0) assignment[id] = siteIds[site] as string;
    if (site < 0 || seconds > standard) uncovered.push(id);
  }
  const there = [...kept.keys()].filter((site) => kept[site]);
  const before = there.length > 0 ? nearestOf(instance, there) : null;
  const gap = Math.abs(best.objective - best.bound) / Math.max(Math.abs(best.objective), 1e-12);
  return {
    objective: best.objective,
    bound: Number.isFinite(best.bound) ? best.bound : null,
    gap: proven ? 0 : Number.isFinite(gap) ? gap : null,
    proven,
    chosen: best.chosen.map((site) => siteIds[site] as string),
    assignment,
    uncovered,
    demandWeight: instance.weights.reduce((sum, weight) => sum + weight, 0),
    wins: before ? winsOf(instance, before, nearest) : [],
    plan: travelOf(instance, nearest),
    existing: before && travelOf(instance, before),
    gain: before && gainOf(instance, before, nearest),
    joint: null,
  };
}

export interface Nearest {
  /** −1: out of reach of all. */
  readonly site: number;
  readonly seconds: number;
}

export function nearestOf({ seconds, kept, weights }: Instance, chosen: readonly number[]): Nearest[] {
  const sites = kept.length;
  return Array.from(weights, (_, point) => {
    let site = -1;
    let best = Number.POSITIVE_INFINITY;
    for (const each of chosen) {
      const its = seconds[point * sites + each] as number;
      if (its < best) {
        best = its;
        site = each;
      }
    }
    return { site, seconds: best };
  });
}

export function travelOf({ weights, standardSeconds }: Instance, nearest: readonly Nearest[]): PlanTravel {
  let weight = 0;
  let sum = 0;
  let covered = 0;
  let all = 0;
  let longest = 0;
  for (const [point, { seconds }] of nearest.entries()) {
    const its = weights[point] as number;
    all += its;
    if (seconds === Number.POSITIVE_INFINITY) continue;
    weight += its;
    sum += its * seconds;
    longest = Math.max(longest, seconds);
    if (standardSeconds !== null && seconds <= standardSeconds) covered += its;
  }
  return {
    meanSeconds: weight > 0 ? sum / weight : null,
    longestSeconds: weight > 0 ? longest : null,
    coveredShare: standardSeconds === null ? null : covered / all,
  };
}

/** Of each new site: how much demand it is nearest to, and what that saves it. */
function winsOf(
  { weights, kept, siteIds }: Instance,
  before: readonly Nearest[],
  after: readonly Nearest[],
): SiteWin[] {
  const all = weights.reduce((sum, weight) => sum + weight, 0);
  const sums = new Map<number, { weight: number; saved: number }>();
  for (const [point, { site, seconds }] of after.entries()) {
    if (site < 0 || kept[site]) continue;
    const weight = weights[point] as number;
    const sum = sums.get(site) ?? { weight: 0, saved: 0 };
    sums.set(site, {
      weight: sum.weight + weight,
      saved: sum.saved + weight * ((before[point] as Nearest).seconds - seconds),
    });
  }
  return [...sums].map(([site, { weight, saved }]) => ({
    siteId: siteIds[site] as string,
    demandShare: weight / all,
    savedSeconds: Number.isFinite(saved) ? saved / weight : null,
  }));
}

const NORMAL_95 = 1.959964;

/**
 * What the plan wins of the mean and of the share covered. Where weights count calls, those of the next years are taken
 * to come from the same places as independent draws, which gives the 95 % interval of a mean of differences (the calls
 * are compared each with itself, so what is common to both plans cancels).
 */
function gainOf(
  { weights, counts, standardSeconds }: Instance,
  before: readonly Nearest[],
  after: readonly Nearest[],
): SitingResult['gain'] {
  if (before.some(({ seconds }) => seconds === Number.POSITIVE_INFINITY)) return null;
  if (after.some(({ seconds }) => seconds === Number.POSITIVE_INFINITY)) return null;
  const standard = standardSeconds ?? Number.POSITIVE_INFINITY;
  const saved = before.map(({ seconds }, point) => seconds - (after[point]?.seconds as number));
  const gained = before.map(
    ({ seconds }, point) => Number((after[point]?.seconds as number) <= standard) - Number(seconds <= standard),
  );
  const time = meanOf(saved, weights);
  const share = meanOf(gained, weights);
  const around = ({ mean, error }: { mean: number; error: number }): [number, number] | null =>
    counts ? [mean - NORMAL_95 * error, mean + NORMAL_95 * error] : null;
  return {
    meanSeconds: time.mean,
    meanSecondsInterval: around(time),
    coveredShare: standardSeconds === null ? null : share.mean,
    coveredShareInterval: standardSeconds === null ? null : around(share),
  };
}

function meanOf(values: readonly number[], weights: Float64Array): { mean: number; error: number } {
  let calls = 0;
  let sum = 0;
  for (const [point, value] of values.entries()) {
    calls += weights[point] as number;
    sum += (weights[point] as number) * value;
  }
  const mean = sum / calls;
  let squares = 0;
  for (const [point, value] of values.entries()) squares += (weights[point] as number) * (value - mean) ** 2;
  return { mean, error: Math.sqrt(squares) / calls };
}
