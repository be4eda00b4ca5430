/** How much flows from one side of a cell to the other, one unit a road, and where it is held up. */
import type { Cell } from './adjacency.ts';

const SOURCE = 1;
const SINK = 2;

/** Working memory for cells of up to so many nodes and arcs; one cell at a time. */
export class MaximumFlow {
  #size = 0;
  #first: Uint32Array = new Uint32Array();
  #head: Uint32Array = new Uint32Array();
  /** Of each arc, the one against it. */
  readonly #twin: Uint32Array;
  readonly #flow: Int8Array;
  readonly #level: Int32Array;
  readonly #next: Uint32Array;
  readonly #queue: Uint32Array;
  readonly #terminal: Uint8Array;

  constructor(nodes: number, arcs: number) {
    this.#twin = new Uint32Array(arcs);
    this.#flow = new Int8Array(arcs);
    this.#level = new Int32Array(nodes);
    this.#next = new Uint32Array(nodes);
    this.#queue = new Uint32Array(nodes);
    this.#terminal = new Uint8Array(nodes);
  }

  /** Takes a cell on: finds the arc against each arc. */
  over({ size, first, head }: Cell): void {
    this.#size = size;
    this.#first = first;
    this.#head = head;
    const cursor = this.#next;
    // Nodes ascending on one side and neighbours in any order on the other: look each twin up among the few of its node.
    for (let n = 0; n < size; n++) cursor[n] = this.#first[n] as number;
    for (let n = 0; n < size; n++) {
      const last = this.#first[n + 1] as number;
      for (let a = this.#first[n] as number; a < last; a++) {
        const m = this.#head[a] as number;
        if (m < n) continue;
        let b = this.#first[m] as number;
        while (this.#head[b] !== n) b++;
        this.#twin[a] = b;
        this.#twin[b] = a;
      }
    }
  }

  /**
   * The most that flows from the first `outer` of the nodes to the last: Dinic's algorithm with every road of capacity
   * one; null as soon as it reaches `tooMuch`.
   */
  between(sorted: Uint32Array, outer: number, tooMuch: number): number | null {
    const size = this.#size;
    this.#terminal.fill(0, 0, size);
    for (let i = 0; i < outer; i++) {
      this.#terminal[sorted[i] as number] = SOURCE;
      this.#terminal[sorted[size - 1 - i] as number] = SINK;
    }
    this.#flow.fill(0, 0, this.#first[size] as number);
    let flow = 0;
    while (this.#levels(sorted, outer)) {
      for (let n = 0; n < size; n++) this.#next[n] = this.#first[n] as number;
      for (let i = 0; i < outer; i++) {
        while (this.#augment(sorted[i] as number)) {
          if (++flow >= tooMuch) return null;
        }
      }
    }
    return flow;
  }

  #levels(sorted: Uint32Array, outer: number): boolean {
    const level = this.#level.fill(-1, 0, this.#size);
    const queue = this.#queue;
    let end = 0;
    for (let i = 0; i < outer; i++) {
      const n = sorted[i] as number;
      level[n] = 0;
      queue[end++] = n;
    }
    let reached = Infinity;
    for (let q = 0; q < end; q++) {
      const n = queue[q] as number;
      const depth = level[n] as number;
      if (depth >= reached) break;
      const last = this.#first[n + 1] as number;
      for (let a = this.#first[n] as number; a < last; a++) {
        const m = this.#head[a] as number;
        if (level[m] !== -1 || this.#flow[a] === 1) continue;
        level[m] = depth + 1;
        if (this.#terminal[m] === SINK) reached = depth + 1;
        queue[end++] = m;
      }
    }
    return reached !== Infinity;
  }

  /** One path along the levels from a source to a sink, found depth first. */
  #augment(source: number): boolean {
    const path = this.#queue;
    let depth = 0;
    let n = source;
    for (;;) {
      if (this.#terminal[n] === SINK) {
        for (let i = 0; i < depth; i++) {
          const a = path[i] as number;
          const b = this.#twin[a] as number;
          this.#flow[a] = (this.#flow[a] as number) + 1;
          this.#flow[b] = (this.#flow[b] as number) - 1;
        }
        return true;
      }
      const last = this.#first[n + 1] as number;
      const deeper = (this.#level[n] as number) + 1;
      let a = this.#next[n] as number;
      while (a < last && (this.#flow[a] === 1 || this.#level[this.#head[a] as number] !== deeper)) a++;
      this.#next[n] = a;
      if (a < last) {
        path[depth++] = a;
        n = this.#head[a] as number;
        continue;
      }
      if (depth === 0) return false;
      // A dead end: its way in is not tried again.
      n = this.#head[this.#twin[path[--depth] as number] as number] as number;
      this.#next[n] = (this.#next[n] as number) + 1;
    }
  }

  /** Marks in `side` what the sources still reach once the flow is at its most; answers how many. */
  reached(sorted: Uint32Array, outer: number, side: Uint8Array): number {
    side.fill(0, 0, this.#size);
    const queue = this.#queue;
    let end = 0;
    for (let i = 0; i < outer; i++) {
      const n = sorted[i] as number;
      side[n] = 1;
      queue[end++] = n;
    }
    for (let q = 0; q < end; q++) {
      const n = queue[q] as number;
      const last = this.#first[n + 1] as number;
      for (let a = this.#first[n] as number; a < last; a++) {
        const m = this.#head[a] as number;
        if (side[m] || this.#flow[a] === 1) continue;
        side[m] = 1;
        queue[end++] = m;
      }
    }
    return end;
  }
}
