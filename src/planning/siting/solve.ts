/** One siting request from its numbers to its answer: which solver, and what its plan means for travel. */
import { coverOf, merged, outdone } from './cover.ts';
import { fewestSites, shortestLongest } from './covering.ts';
import type { Instance } from './instance.ts';
import { solveJoint } from './joint-gains.ts';
import { mostExpected } from './mexclp.ts';
import { solveServing } from './p-median.ts';
import { resultOf } from './result.ts';
import type { SitingResult, SitingStatus } from './schema.ts';
import { serving } from './serving.ts';
import type { Best, Watch } from './watch.ts';

export interface Answer {
  readonly status: Extract<SitingStatus, 'optimal' | 'feasible' | 'infeasible'>;
  readonly result: SitingResult;
}

/**
 * Blocks its thread until it is solved or `watch` stops it; `readySolver` comes first. A stopped search answers its best
 * with the bound it reached.
 */
export function solveSiting(instance: Instance, watch: Watch): Answer {
  const unreachable = demandWithoutSite(instance);
  if (unreachable.length > 0) return infeasible(instance, unreachable);
  if (instance.problem === 'joint') return solveJoint(instance, watch);
  const best = searchers[instance.problem](instance, watch);
  if (best === 'none') return infeasible(instance, []);
  if (!best) return { status: 'feasible', result: { ...nothing, proven: false } };
  const proven = Math.abs(best.objective - best.bound) <= 1e-9 * Math.max(1, Math.abs(best.objective));
  return { status: proven ? 'optimal' : 'feasible', result: resultOf(instance, best, proven) };
}

/** `none`: proven that there is no plan; null: none found in time. */
type Searcher = (instance: Instance, watch: Watch) => Best | 'none' | null;

const searchers: Readonly<Record<Exclude<Instance['problem'], 'joint'>, Searcher>> = {
  'p-median': (instance, watch) => {
    const { seconds, weights, kept, p } = instance;
    const sites = kept.length;
    const costAt = (point: number, site: number) =>
      (weights[point] as number) * (seconds[point * sites + site] as number);
    // Dearer than any plan that reaches everybody, so that no plan leaves somebody out who can be reached.
    let longest = 0;
    for (const each of seconds) if (Number.isFinite(each) && each > longest) longest = each;
    let outside = 1;
    for (const weight of weights) outside += weight * longest;
    outside = Math.ceil(outside);
    const problem = serving(weights.length, kept, p, costAt, () => outside);
    const found = solveServing(problem, watch, ({ best, bound }, share) =>
      watch.report({ chosen: best.open, objective: best.cost, bound: Math.max(0, bound) }, share),
    );
    if (found.best.cost >= outside) return found.proven ? 'none' : null;
    return { chosen: found.best.open, objective: found.best.cost, bound: Math.max(0, found.bound) };
  },
  mclp: (instance, watch) => {
    const { weights, kept, p } = instance;
    const sites = kept.length;
    const { by, weights: sums } = merged(coverOf(weights.length, sites, covers(instance)).by, weights);
    const of: number[][] = Array.from({ length: sites }, () => []);
    for (const [point, list] of by.entries()) for (const site of list) of[site]?.push(point);
    const lesser = outdone(
      of.map((list) => Int32Array.from(list)),
      by.length,
      (site) => !kept[site],
    );
    const sets = by.map((list) => new Set(list.filter((site) => !lesser[site])));
    const problem = serving(
      by.length,
      kept,
      p,
      (point, site) => (sets[point]?.has(site) ? 0 : Number.POSITIVE_INFINITY),
      (point) => sums[point] as number,
    );
    const all = sums.reduce((sum, weight) => sum + weight, 0);
    const asBest = (open: readonly number[], cost: number, bound: number): Best => ({
      chosen: open,
      objective: all - cost,
      bound: all - Math.max(0, bound),
    });
    const found = solveServing(problem, watch, ({ best, bound }, share) =>
      watch.report(asBest(best.open, best.cost, bound), share),
    );
    return asBest(found.best.open, found.best.cost, found.bound);
  },
  lscp: (instance, watch) => {
    const { weights, kept } = instance;
    const { by } = coverOf(weights.length, kept.length, covers(instance));
    const asBest = ({ chosen, bound }: ReturnType<typeof fewestSites>): Best | null =>
      chosen && { chosen, objective: chosen.length, bound };
    return asBest(fewestSites(by, kept, watch, { onBetter: (proof) => watch.report(asBest(proof), 0.5) }));
  },
  'p-center': (instance, watch) => {
    const { seconds, weights, kept, p } = instance;
    const asBest = ({ chosen, longest, bound }: ReturnType<typeof shortestLongest>): Best | null =>
      chosen && { chosen, objective: longest, bound };
    const found = shortestLongest({ seconds, points: weights.length, kept, p }, watch, (proof) =>
      watch.report(asBest(proof), 0.5),
    );
    return found.chosen === null && found.bound === Number.POSITIVE_INFINITY ? 'none' : asBest(found);
  },
  mexclp: (instance, watch) => {
    const { weights, kept, p, busyFraction } = instance;
    const { by, weights: sums } = merged(coverOf(weights.length, kept.length, covers(instance)).by, weights);
    const asBest = ({ units, covered, bound }: ReturnType<typeof mostExpected>): Best => ({
      chosen: [...units.keys()].flatMap((site) => new Array<number>(units[site] as number).fill(site)),
      objective: covered,
      bound,
    });
    const problem = { by, weights: sums, kept, units: p, busy: busyFraction };
    return asBest(mostExpected(problem, watch, (proof) => watch.report(asBest(proof), 0.5)));
  },
};

function covers({ seconds, kept, standardSeconds }: Instance): (point: number, site: number) => boolean {
  const sites = kept.length;
  const standard = standardSeconds ?? Number.POSITIVE_INFINITY;
  return (point, site) => {
    const its = seconds[point * sites + site] as number;
    return its <= standard && its !== Number.POSITIVE_INFINITY;
  };
}

/** Demand that makes the request impossible whatever is chosen. Covering problems that ask for most leave it uncovered. */
function demandWithoutSite(instance: Instance): number[] {
  const { problem, weights, kept, seconds } = instance;
  if (problem === 'mclp' || problem === 'mexclp' || problem === 'joint') return [];
  const sites = kept.length;
  const serves =
    problem === 'lscp'
      ? covers(instance)
      : (point: number, site: number) => (seconds[point * sites + site] as number) !== Number.POSITIVE_INFINITY;
  return [...weights.keys()].filter((point) => {
    for (let site = 0; site < sites; site++) if (serves(point, site)) return false;
    return true;
  });
}

const nothing: SitingResult = {
  objective: null,
  bound: null,
  gap: null,
  proven: true,
  chosen: [],
  assignment: {},
  uncovered: [],
  demandWeight: null,
  wins: [],
  plan: null,
  existing: null,
  gain: null,
  joint: null,
};

const infeasible = (instance: Instance, points: readonly number[]): Answer => ({
  status: 'infeasible',
  result: { ...nothing, uncovered: points.map((point) => instance.demandIds[point] as string) },
});
