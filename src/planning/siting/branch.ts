/** Branch and bound over neighbourhoods, each branch bounded by prices: the proof where the relaxation leaves much between plan and bound. */
import type { Proof } from './core.ts';
import { type Bounded, lagrange } from './lagrange.ts';
import type { Decided } from './relaxation.ts';
import { cutoffBelow, type Plan, planOf, type Serving, withoutSites } from './serving.ts';
import { substitute } from './substitution.ts';
import type { Watch } from './watch.ts';

/** Rounds until the prices have followed a decision. Measured at 900 nodes and 20 sites: half or twice as many take longer. */
const ROUNDS = 400;
/** Of the neighbourhoods that are about half open, so many are weighed. */
const WEIGHED = 40;
const ABOUT_HALF = 0.15;
/** Shares nearer to 0 or 1 than this count as decided. */
const UNDECIDED = 0.05;

/** The sites within a cost of a client. */
interface Ball {
  readonly client: number;
  readonly radius: number;
  /** How far the mixture opens it: 1 is one site of it, or two by half. */
  readonly share: number;
}

/**
 * Of a client's neighbourhood one branch opens no site, and the other at least one (the variables of Elloumi 2010): of 20
 * sites among 900 to open or not to open a single one decides little, but that somebody is served near, or is not, moves
 * the bound on both sides. A branch starts from the prices and the mixture of the one it came from. The branch with the
 * least bound is next: what is proven of all plans rises steadily, and an end before the last branch has a bound to show.
 */
export function branch(
  whole: Serving,
  root: Bounded,
  watch: Watch,
  onBetter: (proof: Proof) => void,
  rounds = ROUNDS,
): Proof {
  const problem = withoutSites(whole, root.closed);
  let best: Plan = root.best;
  const open: Bounded[] = [];
  const bound = (from: Bounded, decided: Decided) => {
    const options = { rounds, tryEvery: rounds, stopped: () => watch.stopped(), onBetter() {} };
    const found = lagrange(problem, best, { ...options, from: { ...decided, prices: from.prices, share: from.share } });
    best = found.best;
    if (!found.proven) open.push({ ...found, bound: Math.max(found.bound, from.bound) });
  };
  bound(root, root);
  for (;;) {
    const next = takeLeast(open);
    if (!next || next.bound > cutoffBelow(problem, best.cost)) return { best, bound: best.cost, proven: true };
    if (watch.stopped()) return { best, bound: next.bound, proven: false };
    onBetter({ best, bound: next.bound, proven: false });
    const likely = substitute(problem, planOf(problem, mostOpen(problem, next)), null, () => watch.stopped());
    if (likely.cost < best.cost) best = likely;
    for (const decided of decide(problem, next)) bound(next, decided);
  }
}

function takeLeast(open: Bounded[]): Bounded | undefined {
  let least = 0;
  for (const [at, { bound }] of open.entries()) if (bound < (open[least] as Bounded).bound) least = at;
  return open.splice(least, 1)[0];
}

/** The sites open furthest in the mixture, p in all. */
function mostOpen({ p, sites }: Serving, { share, forced, closed }: Bounded): number[] {
  const rank = (site: number) => (forced[site] ? 2 : closed[site] ? -1 : (share[site] as number));
  return Array.from({ length: sites }, (_, site) => site)
    .sort((a, b) => rank(b) - rank(a))
    .slice(0, p);
}

/** Two halves of the plans that are left, or none where there is nothing to decide: then they are known to be no better. */
function decide(problem: Serving, from: Bounded): Decided[] {
  const { closed, forced, reach } = from;
  const ball = halfOpen(problem, from);
  if (ball) {
    const none = Uint8Array.from(closed);
    for (const site of within(problem, ball)) none[site] = 1;
    const near = Float64Array.from(reach);
    near[ball.client] = ball.radius;
    return [
      { closed: none, forced, reach },
      { closed, forced, reach: near },
    ];
  }
  const site = closed.findIndex((its, each) => !its && !forced[each]);
  if (site < 0) return [];
  const [without, withIt] = [Uint8Array.from(closed), Uint8Array.from(forced)];
  without[site] = 1;
  withIt[site] = 1;
  return [
    { closed: without, forced, reach },
    { closed, forced: withIt, reach },
  ];
}

/** The neighbourhood that the mixture opens by about half and that would be missed most. */
function halfOpen(problem: Serving, from: Bounded): Ball | undefined {
  const doubt = ({ share }: Ball) => Math.abs(share - 0.5);
  const balls: Ball[] = [];
  for (let client = 0; client < problem.clients; client++) {
    const its = halfOpenOf(problem, from, client);
    if (its) balls.push(its);
  }
  balls.sort((a, b) => doubt(a) - doubt(b));
  const half = balls.filter((ball, at) => at < 5 || doubt(ball) < ABOUT_HALF);
  const every = Math.max(1, half.length / WEIGHED);
  const missing = new Uint8Array(problem.sites);
  let found: Ball | undefined;
  let most = Number.NEGATIVE_INFINITY;
  for (let k = 0; k < half.length; k += every) {
    const ball = half[Math.floor(k)] as Ball;
    const sites = within(problem, ball);
    for (const site of sites) missing[site] = 1;
    const missed = (costOfShares(problem, from.share, missing) - from.bound) * Math.min(ball.share, 1 - ball.share);
    for (const site of sites) missing[site] = 0;
    if (missed <= most) continue;
    most = missed;
    found = ball;
  }
  return found;
}

/** Of a client's neighbourhoods that nothing is decided of the one nearest to half open. */
function halfOpenOf({ start, site, cost }: Serving, { closed, forced, reach, share }: Bounded, client: number) {
  const end = start[client + 1] as number;
  let found: Ball | undefined;
  let sum = 0;
  for (let at = start[client] as number; at < end && sum < 1; ) {
    const radius = cost[at] as number;
    // Within its reach somebody serves it: that is decided.
    if (radius >= (reach[client] as number)) break;
    for (; at < end && cost[at] === radius; at++) {
      const its = site[at] as number;
      if (forced[its]) return found;
      if (!closed[its]) sum += share[its] as number;
    }
    if (sum > UNDECIDED && sum < 1 - UNDECIDED && !(Math.abs(sum - 0.5) >= Math.abs((found?.share ?? 2) - 0.5)))
      found = { client, radius, share: sum };
  }
  return found;
}

function within({ start, site, cost }: Serving, { client, radius }: Ball): number[] {
  const sites: number[] = [];
  for (let at = start[client] as number; at < (start[client + 1] as number) && (cost[at] as number) <= radius; at++)
    sites.push(site[at] as number);
  return sites;
}

/** What serving everybody costs from sites open in part, the nearest first, without the missing ones. */
function costOfShares(
  { clients, start, site, cost, outside }: Serving,
  share: Float64Array,
  missing: Uint8Array,
): number {
  let total = 0;
  for (let client = 0; client < clients; client++) {
    let left = 1;
    const end = start[client + 1] as number;
    for (let at = start[client] as number; at < end && left > 0; at++) {
      const its = site[at] as number;
      if (missing[its]) continue;
      const part = Math.min(share[its] as number, left);
      total += part * (cost[at] as number);
      left -= part;
    }
    total += left * (outside[client] as number);
  }
  return total;
}
