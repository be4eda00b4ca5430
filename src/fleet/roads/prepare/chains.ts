/** Dead ends and chains: most junctions of a city have two neighbours or fewer once those before them are gone. */
import type { Adjacency } from './adjacency.ts';

/** Nodes of two neighbours or fewer cost nothing to contract: at most one new road for the two they had. */
export class Chains {
  readonly #neighbours: number[][];
  readonly #gone: Uint8Array;

  constructor(first: Uint32Array, head: Uint32Array) {
    const count = first.length - 1;
    this.#gone = new Uint8Array(count);
    this.#neighbours = Array.from({ length: count }, (_, n) => Array.from(head.subarray(first[n], first[n + 1])));
  }

  /** Writes them to the beginning of `order`, answers how many: in rounds in which no two neighbours go, so that a chain of n nodes becomes a tree of height log n. */
  contract(order: Uint32Array): number {
    const neighbours = this.#neighbours;
    const gone = this.#gone;
    const waitsUntil = new Uint32Array(gone.length);
    let done = 0;
    let round = 0;
    let candidates = Array.from(gone.keys());
    while (candidates.length > 0) {
      round++;
      const next: number[] = [];
      for (const n of candidates) {
        const own = neighbours[n] as number[];
        if (gone[n] || own.length > 2) continue;
        if (waitsUntil[n] === round) {
          next.push(n);
          continue;
        }
        gone[n] = 1;
        order[done++] = n;
        for (const a of own) {
          const theirs = neighbours[a] as number[];
          theirs.splice(theirs.indexOf(n), 1);
          waitsUntil[a] = round;
          next.push(a);
        }
        const [a, b] = own;
        if (a !== undefined && b !== undefined && !neighbours[a]?.includes(b)) {
          neighbours[a]?.push(b);
          neighbours[b]?.push(a);
        }
        neighbours[n] = [];
      }
      candidates = next;
    }
    return done;
  }

  left(): Uint32Array {
    return Uint32Array.from(this.#gone.keys()).filter((n) => this.#gone[n] === 0);
  }

  /** Among those left, numbered by their place in `left`. */
  adjacency(left: Uint32Array): Adjacency {
    const numberOf = new Uint32Array(this.#gone.length);
    left.forEach((n, i) => {
      numberOf[n] = i;
    });
    const first = new Uint32Array(left.length + 1);
    left.forEach((n, i) => {
      first[i + 1] = (first[i] as number) + (this.#neighbours[n] as number[]).length;
    });
    const head = new Uint32Array(first[left.length] as number);
    left.forEach((n, i) => {
      (this.#neighbours[n] as number[]).forEach((m, k) => {
        head[(first[i] as number) + k] = numberOf[m] as number;
      });
    });
    return { first, head };
  }
}
