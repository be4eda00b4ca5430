/** What good plans and bounds leave open of a serving problem, written down for HiGHS: small where the gap is small. */
import { type Row, type Solved, solve } from './highs.ts';
import type { Bounded } from './lagrange.ts';
import { cutoffBelow, type Plan, planOf, type Serving } from './serving.ts';
import type { Watch } from './watch.ts';

export interface Proof {
  readonly best: Plan;
  readonly bound: number;
  readonly proven: boolean;
}

/**
 * Searches the plans that the bound leaves: sites not fixed, and of each client's arcs those not dearer than its price by
 * more than the gap (any plan that uses a dearer one costs more than the best known). Written by radius (Elloumi 2010):
 * variable k of a client says that no open site is among its k nearest distances, so that equal distances share one.
 */
export function searchCore(problem: Serving, bounded: Bounded, watch: Watch, onBetter: (proof: Proof) => void): Proof {
  const { clients, sites, p, start, site, cost, outside } = problem;
  const { closed, forced, prices } = bounded;
  const cutoff = cutoffBelow(problem, bounded.best.cost);
  const room = cutoff - bounded.bound;
  const columnOf = new Int32Array(sites).fill(-1);
  const siteOf: number[] = [];
  let isForced = 0;
  for (let each = 0; each < sites; each++) {
    if (forced[each]) isForced++;
    else if (!closed[each]) columnOf[each] = siteOf.push(each) - 1;
  }
  const costs: number[] = siteOf.map(() => 0);
  const rows: Row[] = [];
  let constant = 0;
  for (let client = 0; client < clients; client++) {
    const price = prices[client] as number;
    const levels: { cost: number; columns: number[] }[] = [];
    let surely = false;
    for (let at = start[client] as number; at < (start[client + 1] as number) && !surely; at++) {
      const its = cost[at] as number;
      const to = site[at] as number;
      if (its - price > room) break;
      if (closed[to] && !forced[to]) continue;
      let level = levels.at(-1);
      if (!level || level.cost !== its) {
        level = { cost: its, columns: [] };
        levels.push(level);
      }
      if (forced[to]) surely = true;
      else level.columns.push(columnOf[to] as number);
    }
    const mayStayOutside = !surely && (outside[client] as number) - price <= room;
    if (mayStayOutside) levels.push({ cost: outside[client] as number, columns: [] });
    else if (levels.length === 0) return { best: bounded.best, bound: bounded.best.cost, proven: true };
    constant += levels[0]?.cost ?? 0;
    // Levels after which somebody surely serves need no row; each before it opens a variable "nobody so near".
    const closes = surely || mayStayOutside;
    let before = -1;
    for (const [at, { columns, cost: its }] of levels.entries()) {
      const last = at === levels.length - 1;
      if (last && closes) break;
      const next = last ? -1 : costs.push((levels[at + 1]?.cost as number) - its) - 1;
      const all = [...columns, ...(next < 0 ? [] : [next]), ...(before < 0 ? [] : [before])];
      const values = all.map((column) => (column === before ? -1 : 1));
      rows.push({ lower: before < 0 ? 1 : 0, upper: Number.POSITIVE_INFINITY, columns: all, values });
      before = next;
    }
  }
  rows.push({
    lower: p - isForced,
    upper: p - isForced,
    columns: siteOf.map((_, at) => at),
    values: siteOf.map(() => 1),
  });

  const planFrom = (values: Float64Array): Plan =>
    planOf(problem, [
      ...siteOf.filter((_, at) => (values[at] as number) > 0.5),
      ...[...forced.keys()].filter((each) => forced[each]),
    ]);
  const boundFrom = (core: number, best: Plan) => Math.min(best.cost, Math.max(bounded.bound, core + constant));
  let best = bounded.best;
  const take = (values: Float64Array | null) => {
    const found = values && planFrom(values);
    if (found && found.cost < best.cost) best = found;
  };
  const solved: Solved = solve(
    { costs, uppers: costs.map(() => 1), integers: siteOf.length, rows },
    {
      watch,
      ...(problem.whole ? { absoluteGap: 1 - 1e-6 } : {}),
      onBetter(values, bound) {
        take(values);
        onBetter({ best, bound: boundFrom(bound, best), proven: false });
      },
      // Beyond the cutoff nothing is better than what is known.
      enough: (_objective, bound) => bound + constant > cutoffBelow(problem, best.cost),
    },
  );
  take(solved.values);
  const reached = solved.status === 'infeasible' ? best.cost : boundFrom(solved.bound, best);
  const proven = solved.status !== 'interrupted' || reached > cutoffBelow(problem, best.cost);
  return { best, bound: proven ? best.cost : reached, proven };
}
