/**
 * The serving problem with each client's "served once" relaxed at a price (Lagrangian relaxation of p-median, Cornuejols,
 * Fisher and Nemhauser 1977): each site is then worth opening or not by itself, and no plan beats the p worth most.
 */
import type { Serving } from './serving.ts';

/** What is decided of the plans that are left: by kept sites and by bounds, and in a branch by its decisions. */
export interface Decided {
  /** 1: in no plan that is left. */
  readonly closed: Uint8Array;
  /** 1: in every plan that is left. */
  readonly forced: Uint8Array;
  /** In every plan that is left, client i is served by an arc no dearer than reach[i]; Infinity: or stays outside. */
  readonly reach: Float64Array;
}

export class Relaxation {
  /** 1: open at the last prices. */
  readonly chosen: Uint8Array;
  /** By how many of the chosen sites, or by staying outside, each client would be served at the last prices. */
  readonly served: Int32Array;
  readonly #problem: Serving;
  readonly #decided: Decided;
  /** What each site is worth at the last prices, 0 or less. */
  readonly #worth: Float64Array;
  readonly #sorted: Float64Array;
  /** The worth of the last site taken and of the first left, of those that are not decided. */
  #lastTaken = 0;
  #firstLeft = 0;

  /** @param decided what `fix` fixes is written there */
  constructor(problem: Serving, decided: Decided) {
    this.#problem = problem;
    this.#decided = decided;
    this.chosen = new Uint8Array(problem.sites);
    this.served = new Int32Array(problem.clients);
    this.#worth = new Float64Array(problem.sites);
    this.#sorted = new Float64Array(problem.sites);
  }

  /** No plan that is left costs less; Infinity where none is left. */
  boundAt(prices: Float64Array): number {
    let bound = this.#weigh(prices);
    if (!this.#choose()) return Number.POSITIVE_INFINITY;
    for (const [site, its] of this.#worth.entries()) if (this.chosen[site]) bound += its;
    this.#serve(prices);
    return bound;
  }

  /** Decides the sites that by this bound no plan within the cutoff opens, or all do. Answers how many it closed. */
  fix(bound: number, cutoff: number): number {
    const { closed, forced } = this.#decided;
    const worth = this.#worth;
    let count = 0;
    for (let site = 0; site < worth.length; site++) {
      if (closed[site] || forced[site]) continue;
      const its = worth[site] as number;
      if (this.chosen[site]) {
        if (bound + this.#firstLeft - its > cutoff) forced[site] = 1;
      } else if (bound + its - this.#lastTaken > cutoff) {
        closed[site] = 1;
        count++;
      }
    }
    return count;
  }

  /** Answers the sum of the prices. */
  #weigh(prices: Float64Array): number {
    const { clients, start, site, cost } = this.#problem;
    const { reach } = this.#decided;
    const worth = this.#worth.fill(0);
    let sum = 0;
    for (let client = 0; client < clients; client++) {
      const price = prices[client] as number;
      const most = reach[client] as number;
      sum += price;
      const end = start[client + 1] as number;
      for (let at = start[client] as number; at < end; at++) {
        const its = cost[at] as number;
        if (its >= price || its > most) break;
        const to = site[at] as number;
        worth[to] = (worth[to] as number) + its - price;
      }
    }
    return sum;
  }

  /** The forced sites and those worth most of the others, p in all; false where that cannot be. */
  #choose(): boolean {
    const { closed, forced } = this.#decided;
    const worth = this.#worth;
    let free = 0;
    let room = this.#problem.p;
    for (let site = 0; site < worth.length; site++) {
      if (forced[site]) room--;
      else if (!closed[site]) this.#sorted[free++] = worth[site] as number;
    }
    if (room < 0 || free < room) return false;
    const sorted = this.#sorted.subarray(0, free).sort();
    this.#lastTaken = room > 0 ? (sorted[room - 1] as number) : Number.NEGATIVE_INFINITY;
    this.#firstLeft = room < free ? (sorted[room] as number) : Number.POSITIVE_INFINITY;
    let alike = room; // how many of those worth the same as the last are taken
    for (let k = 0; k < room && (sorted[k] as number) < this.#lastTaken; k++) alike--;
    for (let site = 0; site < worth.length; site++) {
      const its = worth[site] as number;
      const taken =
        !closed[site] && (its < this.#lastTaken || (its === this.#lastTaken && !forced[site] && alike-- > 0));
      this.chosen[site] = forced[site] || taken ? 1 : 0;
    }
    return true;
  }

  #serve(prices: Float64Array): void {
    const { clients, start, site, cost, outside } = this.#problem;
    const { reach } = this.#decided;
    const { chosen, served } = this;
    for (let client = 0; client < clients; client++) {
      const price = prices[client] as number;
      const most = reach[client] as number;
      const end = start[client + 1] as number;
      let by = 0;
      for (let at = start[client] as number; at < end; at++) {
        const its = cost[at] as number;
        if (its >= price || its > most) break;
        by += chosen[site[at] as number] as number;
      }
      // At the price of staying outside it may as well.
      served[client] = by === 0 && price >= (outside[client] as number) && most === Number.POSITIVE_INFINITY ? 1 : by;
    }
  }
}
