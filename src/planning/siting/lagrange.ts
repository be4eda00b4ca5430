/**
 * What no plan can beat: the prices of the relaxation are raised by the volume algorithm (Barahona and Anbil 2000), which
 * keeps a mixture of the plans it saw to steer by. The mixture is close to what the linear relaxation would open in part.
 */
import { type Decided, Relaxation } from './relaxation.ts';
import { cutoffBelow, type Plan, planOf, type Serving, withoutSites } from './serving.ts';
import { indicesOf, substitute } from './substitution.ts';

export interface Bounded extends Decided {
  readonly best: Plan;
  /** No plan that is left costs less. */
  readonly bound: number;
  /** The prices that gave `bound`; an arc dearer than its client's price by more than the gap is in no better plan. */
  readonly prices: Float64Array;
  /** How far each site is open in the mixture, 0 to 1. */
  readonly share: Float64Array;
  readonly proven: boolean;
}

export interface LagrangeOptions {
  readonly rounds: number;
  /** Where to begin, and what is decided. */
  readonly from?: Decided & Pick<Bounded, 'prices' | 'share'>;
  /** After so many rounds the chosen sites are tried as a plan. */
  readonly tryEvery: number;
  stopped(): boolean;
  /** Told now and then. */
  onBetter(best: Plan, bound: number): void;
}

/** Of the way from the bound to the best plan: first from prices guessed at, or on from prices found before. */
const STEP = { first: 0.5, on: 0.05, smallest: 1e-4 } as const;
/** Rounds without a better bound until steps are made smaller. */
const PATIENCE = 10;
/** The most of a round's plan that goes into the mixture; halved where a hundred rounds bring next to nothing. */
const MIX = { most: 0.05, least: 0.001, every: 100, progress: 1e-5 } as const;

export function lagrange(problem: Serving, known: Plan, options: LagrangeOptions): Bounded {
  const { clients, sites, outside } = problem;
  const { from, tryEvery } = options;
  const decided = {
    closed: Uint8Array.from(from?.closed ?? new Uint8Array(sites)),
    forced: Uint8Array.from(from?.forced ?? problem.kept),
    reach: from?.reach ?? new Float64Array(clients).fill(Infinity),
  };
  const mayStayOutside = (client: number) => decided.reach[client] === Infinity;
  let arcs = problem;
  let relaxation = new Relaxation(arcs, decided);
  let closedSince = 0;
  let best = known;
  let bound = -Infinity;
  const bestPrices = from ? Float64Array.from(from.prices) : firstPrices(problem, known);
  const prices = Float64Array.from(bestPrices);
  const mixture = new Mixture(problem);
  let step: number = from ? STEP.on : STEP.first;
  let mix: number = MIX.most;
  let idle = 0;
  let before = -Infinity;
  let tried = Infinity;

  for (let round = 0; round < options.rounds && step > STEP.smallest && !options.stopped(); round++) {
    const here = relaxation.boundAt(prices);
    if (here === Infinity) {
      bound = best.cost; // all that could be better is fixed away
      break;
    }
    const { chosen } = relaxation;
    if (round > 0) mixture.add(relaxation, mix);
    else if (from) mixture.takeOver(from.share, prices, decided);
    else mixture.add(relaxation, 1);

    if (here > bound) {
      bound = here;
      bestPrices.set(prices);
      idle = 0;
      if (mixture.agreed) step = Math.min(step * 1.1, 2);
    } else if (++idle >= PATIENCE) {
      step *= 0.66;
      idle = 0;
      options.onBetter(best, bound);
    }
    if (round % MIX.every === 0) {
      if (bound - before < MIX.progress * Math.abs(bound)) mix = Math.max(mix / 2, MIX.least);
      before = bound;
      tried = Infinity;
    }

    // The chosen sites are a plan, and often a good one to start substitution from.
    if (round % tryEvery === 0) {
      const found = planOf(problem, indicesOf(chosen));
      if (found.cost < tried) {
        tried = found.cost;
        const better = substitute(problem, found, null, options.stopped);
        if (better.cost < best.cost) best = better;
      }
    }
    const cutoff = cutoffBelow(problem, best.cost);
    if (bound > cutoff) break;
    closedSince += relaxation.fix(here, cutoff);
    if (closedSince > sites / 10) {
      arcs = withoutSites(arcs, decided.closed);
      relaxation = new Relaxation(arcs, decided);
      closedSince = 0;
    }

    const { lack } = mixture;
    let length = 0;
    for (const each of lack) length += each * each;
    if (length < 1e-12) break; // each client served once: the bound is a plan's own cost
    const stride = (step * Math.max(best.cost - bound, Math.abs(best.cost) * 1e-7)) / length;
    for (let client = 0; client < clients; client++) {
      const moved = (bestPrices[client] as number) + stride * (lack[client] as number);
      prices[client] = Math.min(Math.max(moved, 0), mayStayOutside(client) ? (outside[client] as number) : Infinity);
    }
  }
  const proven = bound > cutoffBelow(problem, best.cost) || bound >= best.cost;
  const reached = proven ? best.cost : problem.whole ? Math.ceil(bound - 1e-6) : bound;
  return { best, bound: reached, prices: bestPrices, ...decided, proven, share: mixture.share };
}

/** The plans of the rounds, the later ones with more weight. */
class Mixture {
  /** How far each site is open, 0 to 1. */
  readonly share: Float64Array;
  /** How much each client is short of being served once: where its price should rise, or fall where less than 0. */
  readonly lack: Float64Array;
  /** Whether the last plan was short where the mixture was: one may go on that way, and faster. */
  agreed = false;
  readonly #problem: Serving;

  constructor(problem: Serving) {
    this.#problem = problem;
    this.share = new Float64Array(problem.sites);
    this.lack = new Float64Array(problem.clients);
  }

  /** As much of the plan, up to `most`, as brings the mixture nearest to serving each client once. */
  add({ chosen, served }: Relaxation, most: number): void {
    const { share, lack } = this;
    let its = 0;
    let both = 0;
    let own = 0;
    for (let client = 0; client < lack.length; client++) {
      const short = 1 - (served[client] as number);
      const so = lack[client] as number;
      its += short * short;
      both += short * so;
      own += so * so;
    }
    this.agreed = both > 0;
    const nearest = (own - both) / Math.max(its - 2 * both + own, 1e-12);
    const part = most === 1 ? 1 : Math.min(Math.max(nearest, most / 10), most);
    for (let client = 0; client < lack.length; client++)
      lack[client] = (lack[client] as number) + part * (1 - (served[client] as number) - (lack[client] as number));
    for (let site = 0; site < share.length; site++)
      share[site] = (share[site] as number) + part * ((chosen[site] as number) - (share[site] as number));
  }

  /** Goes on from shares found before something more was decided: who lost a site by it is now short of it. */
  takeOver(before: Float64Array, prices: Float64Array, { closed, reach }: Decided): void {
    const { clients, start, site, cost, outside } = this.#problem;
    for (let each = 0; each < before.length; each++) this.share[each] = closed[each] ? 0 : (before[each] as number);
    for (let client = 0; client < clients; client++) {
      const price = prices[client] as number;
      const most = Math.min(reach[client] as number, price);
      let short = reach[client] === Infinity && price >= (outside[client] as number) ? 0 : 1;
      for (let at = start[client] as number; at < (start[client + 1] as number) && short > 0; at++) {
        if ((cost[at] as number) > most) break;
        short -= this.share[site[at] as number] as number;
      }
      this.lack[client] = Math.max(0, short);
    }
  }
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
