/**
 * What no plan can beat: each client's "served once" is relaxed at a price (Lagrangian relaxation of p-median, Cornuejols,
 * Fisher and Nemhauser 1977), the prices are moved by subgradients, and sites that no better plan opens, or that every
 * better plan opens, are fixed by the same bound.
 */
import { cutoffBelow, type Plan, planOf, type Serving, withoutSites } from './serving.ts';
import { substitute } from './substitution.ts';

export interface Bounded {
  readonly best: Plan;
  /** No plan costs less. */
  readonly bound: number;
  /** The prices that gave `bound`; an arc dearer than its client's price by more than the gap is in no better plan. */
  readonly prices: Float64Array;
  /** 1: in no plan better than `best`. */
  readonly closed: Uint8Array;
  /** 1: in every plan better than `best`. */
  readonly forced: Uint8Array;
  readonly proven: boolean;
  /** How often of late each site was among the chosen, 0 to 1: what the relaxation would open in part. */
  readonly share: Float64Array;
}

export interface LagrangeOptions {
  readonly rounds: number;
  /** From prices and fixed sites found before, with smaller steps. */
  readonly from?: Pick<Bounded, 'prices' | 'closed' | 'forced'>;
  stopped(): boolean;
  /** Told now and then. */
  onBetter(best: Plan, bound: number): void;
}

const PATIENCE = 25;
const SMALLEST_STEP = 2e-4;
const AGAIN = { step: 0.4, patience: 8, smallest: 0.01 } as const;

export function lagrange(problem: Serving, from: Plan, options: LagrangeOptions): Bounded {
  const { clients, sites, p, kept, outside } = problem;
  let best = from;
  let bound = Number.NEGATIVE_INFINITY;
  let arcs = problem;
  const closed = options.from ? Uint8Array.from(options.from.closed) : new Uint8Array(sites);
  const forced = Uint8Array.from(options.from?.forced ?? kept);
  const prices = options.from ? Float64Array.from(options.from.prices) : firstPrices(problem, from);
  const bestPrices = Float64Array.from(prices);
  const direction = new Float64Array(clients);
  const value = new Float64Array(sites);
  const chosen = new Uint8Array(sites);
  const share = new Float64Array(sites);
  const patience = options.from ? AGAIN.patience : PATIENCE;
  let step = options.from ? AGAIN.step : 1.6;
  let idle = 0;
  let sinceCompact = 0;
  let tried = Number.POSITIVE_INFINITY;

  for (
    let round = 0;
    round < options.rounds && step > (options.from ? AGAIN.smallest : SMALLEST_STEP) && !options.stopped();
    round++
  ) {
    // What opening each site is worth at these prices.
    value.fill(0);
    let sum = 0;
    for (let client = 0; client < clients; client++) {
      const price = prices[client] as number;
      sum += price;
      for (let at = arcs.start[client] as number; at < (arcs.start[client + 1] as number); at++) {
        const its = arcs.cost[at] as number;
        if (its >= price) break;
        const to = arcs.site[at] as number;
        value[to] = (value[to] as number) + its - price;
      }
    }
    const { worst, next, possible } = cheapest(value, p, forced, closed, chosen);
    if (!possible) {
      bound = best.cost; // all that could be better is fixed away
      break;
    }
    let here = sum;
    for (let each = 0; each < sites; each++) {
      share[each] = 0.95 * (share[each] as number) + 0.05 * (chosen[each] as number);
      if (chosen[each]) here += value[each] as number;
    }

    // Fixing is valid at any prices.
    const cutoff = cutoffBelow(problem, best.cost);
    for (let each = 0; each < sites; each++) {
      if (closed[each] || forced[each]) continue;
      if (chosen[each]) {
        if (here + next - (value[each] as number) > cutoff) forced[each] = 1;
      } else if (here + (value[each] as number) - worst > cutoff) {
        closed[each] = 1;
        sinceCompact++;
      }
    }
    if (sinceCompact > sites / 10) {
      arcs = withoutSites(arcs, closed);
      sinceCompact = 0;
    }

    if (here > bound) {
      idle = here - bound < 1e-5 * Math.abs(here) ? idle + 1 : 0;
      bound = here;
      bestPrices.set(prices);
    } else idle++;
    if (bound > cutoff) break;
    if (idle >= patience) {
      step /= 1.6;
      idle = 0;
      prices.set(bestPrices);
      direction.fill(0);
      options.onBetter(best, bound);
      continue;
    }

    // The chosen sites are a plan, and often a good one to start substitution from.
    if (round % 10 === 0) {
      const found = planOf(problem, open(chosen));
      if (found.cost < tried || round % 100 === 0) {
        tried = Math.min(tried, found.cost);
        const better = substitute(problem, found, null, options.stopped);
        if (better.cost < best.cost) best = better;
      }
    }

    let length = 0;
    for (let client = 0; client < clients; client++) {
      let served = 0;
      const price = prices[client] as number;
      for (let at = arcs.start[client] as number; at < (arcs.start[client + 1] as number); at++) {
        if ((arcs.cost[at] as number) >= price) break;
        if (chosen[arcs.site[at] as number]) served++;
      }
      // A price at its ceiling cannot rise: the client may as well stay outside.
      const slope = served === 0 && price >= (outside[client] as number) ? 0 : 1 - served;
      const smooth = 0.75 * slope + 0.25 * (direction[client] as number);
      direction[client] = smooth;
      length += smooth * smooth;
    }
    if (length === 0) break; // each client served once: the bound is a plan's own cost
    const stride = (step * Math.max(best.cost - here, Math.abs(best.cost) * 1e-7)) / length;
    for (let client = 0; client < clients; client++) {
      const moved = (prices[client] as number) + stride * (direction[client] as number);
      prices[client] = Math.min(Math.max(moved, 0), outside[client] as number);
    }
  }
  const proven = bound > cutoffBelow(problem, best.cost) || bound >= best.cost;
  const reached = proven ? best.cost : problem.whole ? Math.ceil(bound - 1e-6) : bound;
  return { best, bound: reached, prices: bestPrices, closed, forced, proven, share };
}

/** A client's price starts between its first and its second site of a good plan. */
function firstPrices({ clients, start, site, cost, outside }: Serving, plan: Plan): Float64Array {
  const isOpen = new Set(plan.open);
  return Float64Array.from({ length: clients }, (_, client) => {
    const near: number[] = [];
    for (let at = start[client] as number; at < (start[client + 1] as number) && near.length < 2; at++)
      if (isOpen.has(site[at] as number)) near.push(cost[at] as number);
    const first = near[0] ?? (outside[client] as number);
    return (first + Math.min(near[1] ?? first * 1.2, outside[client] as number)) / 2;
  });
}

/** Marks the forced sites and the cheapest others, p in all; the worth of the last taken and of the first left. */
function cheapest(value: Float64Array, p: number, forced: Uint8Array, closed: Uint8Array, chosen: Uint8Array) {
  const free: number[] = [];
  let taken = 0;
  for (let each = 0; each < value.length; each++) {
    chosen[each] = forced[each] as number;
    if (forced[each]) taken++;
    else if (!closed[each]) free.push(each);
  }
  free.sort((a, b) => (value[a] as number) - (value[b] as number));
  const room = Math.max(0, p - taken);
  for (const each of free.slice(0, room)) chosen[each] = 1;
  return {
    possible: taken <= p && free.length >= room,
    worst: room > 0 ? (value[free[room - 1] ?? -1] ?? Number.POSITIVE_INFINITY) : Number.NEGATIVE_INFINITY,
    next: value[free[room] ?? -1] ?? Number.POSITIVE_INFINITY,
  };
}

const open = (chosen: Uint8Array): number[] => [...chosen.keys()].filter((each) => chosen[each]);
