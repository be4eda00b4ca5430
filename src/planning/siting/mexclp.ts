/** Expected cover by units that are busy a share of their time (MEXCLP, Daskin 1983): k units in reach answer 1 − qᵏ of the calls. */
import { outdone } from './cover.ts';
import { type Row, solve } from './highs.ts';
import type { Watch } from './watch.ts';

export interface ExpectedProof {
  /** Units at each site. */
  readonly units: Int32Array;
  readonly covered: number;
  /** No plan covers more. */
  readonly bound: number;
}

/** Beyond this share of all weight another unit in reach adds nothing that counts. */
const NEGLIGIBLE = 1e-9;

export interface ExpectedProblem {
  /** Sites that cover each point; merged beforehand. */
  readonly by: readonly Int32Array[];
  readonly weights: Float64Array;
  /** At least one unit stays where 1. */
  readonly kept: Uint8Array;
  /** Units in all; a site may hold several. */
  readonly units: number;
  readonly busy: number;
}

export function mostExpected(
  problem: ExpectedProblem,
  watch: Watch,
  onBetter: (proof: ExpectedProof) => void,
): ExpectedProof {
  const { by, weights, kept, units, busy } = problem;
  const sites = kept.length;
  const levels = Math.min(units, busy === 0 ? 1 : Math.ceil(Math.log(NEGLIGIBLE) / Math.log(busy)));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const beyond = total * busy ** levels; // what levels left out could add

  // A unit is never worse at a site that covers all the other one does.
  const of: number[][] = Array.from({ length: sites }, () => []);
  for (const [point, list] of by.entries()) for (const site of list) of[site]?.push(point);
  const lists = of.map((list) => Int32Array.from(list));
  const lesser = outdone(lists, by.length, (site) => !kept[site]);
  const siteOf = [...lists.keys()].filter((site) => kept[site] || (!lesser[site] && (lists[site]?.length ?? 0) > 0));
  if (siteOf.length === 0) siteOf.push(0);
  const columnOf = new Int32Array(sites).fill(-1);
  for (const [column, site] of siteOf.entries()) columnOf[site] = column;

  let best = greedyUnits(problem, siteOf);
  let covered = expectedCover(problem, best);
  onBetter({ units: best, covered, bound: total });

  const costs: number[] = siteOf.map(() => 0);
  const uppers: number[] = siteOf.map(() => units);
  const rows: Row[] = [];
  for (const [point, list] of by.entries()) {
    const columns = [...list].map((site) => columnOf[site] as number).filter((column) => column >= 0);
    if (columns.length === 0) continue;
    const values = columns.map(() => 1);
    for (let level = 0; level < levels; level++) {
      columns.push(costs.push(-(weights[point] as number) * (1 - busy) * busy ** level) - 1);
      uppers.push(1);
      values.push(-1);
    }
    rows.push({ lower: 0, upper: Number.POSITIVE_INFINITY, columns, values });
  }
  rows.push({ lower: units, upper: units, columns: siteOf.map((_, at) => at), values: siteOf.map(() => 1) });
  for (const [column, site] of siteOf.entries())
    if (kept[site]) rows.push({ lower: 1, upper: Number.POSITIVE_INFINITY, columns: [column], values: [1] });

  const boundFrom = (bound: number) => Math.max(covered, Math.min(total, -bound + beyond));
  const take = (values: Float64Array | null) => {
    if (!values) return;
    const found = new Int32Array(sites);
    for (const [column, site] of siteOf.entries()) found[site] = Math.round(values[column] as number);
    const its = expectedCover(problem, found);
    if (its > covered) {
      best = found;
      covered = its;
    }
  };
  const solved = solve(
    { costs, uppers, integers: siteOf.length, rows },
    {
      from: startValues(problem, best, siteOf, costs.length, levels, rows),
      watch,
      onBetter(values, bound) {
        take(values);
        onBetter({ units: best, covered, bound: boundFrom(bound) });
      },
    },
  );
  take(solved.values);
  // Optimal to the solver's tolerance and the levels left out: less than anybody can count.
  return { units: best, covered, bound: solved.status === 'optimal' ? covered : boundFrom(solved.bound) };
}

/** Weight times the chance that one of the units in reach is free. */
export function expectedCover({ by, weights, busy }: ExpectedProblem, units: Int32Array): number {
  let sum = 0;
  for (const [point, list] of by.entries()) {
    let reach = 0;
    for (const site of list) reach += units[site] as number;
    sum += (weights[point] as number) * (1 - busy ** reach);
  }
  return sum;
}

/** Unit by unit where it adds most, then one moved at a time as long as that adds. */
function greedyUnits(problem: ExpectedProblem, siteOf: readonly number[]): Int32Array {
  const { by, weights, kept, busy } = problem;
  const units = Int32Array.from(kept);
  const reach = new Int32Array(by.length);
  const add = (site: number, sign: 1 | -1) => {
    units[site] = (units[site] as number) + sign;
    for (const [point, list] of by.entries()) if (list.includes(site)) reach[point] = (reach[point] as number) + sign;
  };
  for (const site of kept.keys())
    if (kept[site]) {
      units[site] = 0;
      add(site, 1);
    }
  const bestSite = () => {
    const gain = new Float64Array(kept.length);
    for (const [point, list] of by.entries()) {
      const its = (weights[point] as number) * (1 - busy) * busy ** (reach[point] as number);
      for (const site of list) gain[site] = (gain[site] as number) + its;
    }
    let best = siteOf[0] as number;
    for (const site of siteOf) if ((gain[site] as number) > (gain[best] as number)) best = site;
    return best;
  };
  for (let placed = units.reduce((sum, each) => sum + each, 0); placed < problem.units; placed++) add(bestSite(), 1);
  for (let moved = true; moved; ) {
    moved = false;
    for (const site of siteOf) {
      if ((units[site] as number) <= (kept[site] as number)) continue;
      const before = expectedCover(problem, units);
      add(site, -1);
      const to = bestSite();
      add(to, 1);
      if (to !== site && expectedCover(problem, units) > before * (1 + 1e-12)) moved = true;
      else if (to !== site) {
        add(to, -1);
        add(site, 1);
      }
    }
  }
  return units;
}

function startValues(
  { by }: ExpectedProblem,
  units: Int32Array,
  siteOf: readonly number[],
  columns: number,
  levels: number,
  rows: readonly Row[],
): Float64Array {
  const values = new Float64Array(columns);
  for (const [column, site] of siteOf.entries()) values[column] = units[site] as number;
  const isSite = new Set(siteOf);
  let row = 0;
  for (const list of by) {
    if (!list.some((site) => isSite.has(site))) continue;
    let reach = 0;
    for (const site of list) reach += units[site] as number;
    const own = rows[row++]?.columns.slice(-levels) ?? [];
    for (const [level, column] of own.entries()) values[column] = level < reach ? 1 : 0;
  }
  return values;
}
