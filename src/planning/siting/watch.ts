/** How a search is watched from outside: what it has so far, and whether it shall end. */

/** The best so far, in the caller's own sense (least or most); `bound` is what no plan can beat. */
export interface Best {
  readonly chosen: readonly number[];
  readonly objective: number;
  readonly bound: number;
}

export interface Watch {
  /** True from the moment the search shall end: cancelled, or its time is up. */
  stopped(): boolean;
  /** Seconds left of its time. */
  secondsLeft(): number;
  /** `share` of the work done, 0 to 1, as far as one can say. */
  report(best: Best | null, share: number): void;
}

export const nobodyWatches: Watch = { stopped: () => false, secondsLeft: () => Number.POSITIVE_INFINITY, report() {} };

/** Random numbers in [0, 1) from a seed: the same plan for the same question. Method: mulberry32 (public domain). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
