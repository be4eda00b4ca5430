/**
 * Questions to the hierarchy: a walk up the tree from the place asked about, and down again as far as an answer needs; no
 * heap, no search. Where a place is asked about again and again, what the walk found is kept as a label, and two labels
 * answer by themselves.
 */
import type { RoadGraph } from './graph.ts';
import { ARC_WORDS, type Arcs, type Metric } from './metric.ts';

/** Where a question begins: a junction, and the seconds and metres between it and the place asked about. */
export interface Seed {
  readonly node: number;
  readonly seconds: number;
  readonly metres: number;
}

/**
 * The times between a place and every junction above it in the tree, from the top down, as far as arcs to ever higher
 * junctions lead there; Infinity where none do.
 */
export interface Label {
  readonly nodes: Uint32Array;
  readonly seconds: Float32Array;
  readonly metres: Float32Array;
}

/** A question's working memory, by node; shared, so that a thread that has the time can lay it out for one that has not. */
export interface SweepMemory {
  /** The next junction up the tree; -1 of the highest. */
  readonly parent: Int32Array;
  /** Seconds and metres, side by side; Infinity seconds where the question has not come by. */
  readonly reached: Float32Array;
  /** The seeds and all above them. */
  readonly above: Uint32Array;
  /** Everything else that was asked about, and what is above it. */
  readonly settled: Uint32Array;
  /** The question a node was last settled in. */
  readonly settledIn: Uint32Array;
  readonly path: Uint32Array;
}

/** For a million junctions it takes some 20 ms until the system has found all of it. */
export function sweepMemory({ nodeCount, arcFirst, arcHead }: RoadGraph): SweepMemory {
  const words = (each: number) => new Uint32Array(new SharedArrayBuffer(nodeCount * each * 4)).fill(0);
  const parent = new Int32Array(words(1).buffer);
  for (let n = 0; n < nodeCount; n++) {
    const first = arcFirst[n] as number;
    parent[n] = first === arcFirst[n + 1] ? -1 : (arcHead[first] as number);
  }
  return {
    parent,
    reached: new Float32Array(words(2).buffer).fill(Infinity),
    above: words(1),
    settled: words(1),
    settledIn: words(1),
    path: words(1),
  };
}

/** Answers questions, one at a time; one a thread and graph. Answers stay until the next question. */
export class Sweep {
  readonly #parent: Int32Array;
  readonly #reached: Float32Array;
  readonly #above: Uint32Array;
  #height = 0;
  readonly #settled: Uint32Array;
  #settledCount = 0;
  readonly #settledIn: Uint32Array;
  #question = 0;
  readonly #path: Uint32Array;
  #falling: Arcs | undefined;

  /** @param memory used by nobody else */
  constructor(graph: RoadGraph, memory: SweepMemory = sweepMemory(graph)) {
    this.#parent = memory.parent;
    this.#reached = memory.reached;
    this.#above = memory.above;
    this.#settled = memory.settled;
    this.#settledIn = memory.settledIn;
    this.#path = memory.path;
  }

  /**
   * Begins a question: from all nodes to the seeds (`to`), or from the seeds to all nodes (`from`).
   * Answers the question's number.
   * @param seeds a junction, or the two ends of a road, of which one is above the other in the tree
   * @param within answers that are as many seconds or more may be too high: no way is followed so far
   */
  begin(metric: Metric, way: 'to' | 'from', seeds: readonly Seed[], within = Infinity): number {
    this.#forget();
    this.#falling = way === 'to' ? metric.up : metric.down;
    let lowest = Infinity;
    const reached = this.#reached;
    for (const { node, seconds, metres } of seeds) {
      if ((reached[2 * node] as number) <= seconds) continue;
      reached[2 * node] = seconds;
      reached[2 * node + 1] = metres;
      lowest = Math.min(lowest, node);
    }
    this.#rise(lowest, way === 'to' ? metric.down : metric.up, within);
    return this.#question;
  }

  #forget(): void {
    const reached = this.#reached;
    for (let i = 0; i < this.#height; i++) reached[2 * (this.#above[i] as number)] = Infinity;
    for (let i = 0; i < this.#settledCount; i++) reached[2 * (this.#settled[i] as number)] = Infinity;
    this.#settledCount = 0;
    if (this.#question === 0xffff_ffff) {
      this.#settledIn.fill(0);
      this.#question = 0;
    }
    this.#question++;
  }

  /** Up the tree. The higher end of a road lies on the way of the lower. */
  #rise(lowest: number, { first, heads, costs }: Arcs, within: number): void {
    const parent = this.#parent;
    const reached = this.#reached;
    const above = this.#above;
    let height = 0;
    for (let n = lowest; n >= 0; n = parent[n] as number) {
      above[height++] = n;
      const seconds = reached[2 * n] as number;
      if (seconds >= within) continue;
      const metres = reached[2 * n + 1] as number;
      const end = first[n + 1] as number;
      for (let a = first[n] as number; a < end; a += ARC_WORDS) {
        const m = 2 * (heads[a] as number);
        const there = seconds + (costs[a + 1] as number);
        if (there >= (reached[m] as number)) continue;
        reached[m] = there;
        reached[m + 1] = metres + (costs[a + 2] as number);
      }
    }
    this.#height = height;
  }

  /** The number of the one being answered. */
  get question(): number {
    return this.#question;
  }

  /** Seconds between a node and the seeds; Infinity where there is no way. */
  seconds(node: number): number {
    if (this.#settledIn[node] !== this.#question) this.#settle(node);
    return this.#reached[2 * node] as number;
  }

  /** Metres of the same way. Ask for the seconds first. */
  metres(node: number): number {
    return this.#reached[2 * node + 1] as number;
  }

  /** How many junctions are above the place the question began with, the top one included. */
  get height(): number {
    return this.#height;
  }

  /** One of them, from the top down. */
  nodeAbove(depth: number): number {
    return this.#above[this.#height - 1 - depth] as number;
  }

  /** Seconds between it and the place, by arcs to ever higher junctions. */
  secondsAbove(depth: number): number {
    return this.#reached[2 * this.nodeAbove(depth)] as number;
  }

  metresAbove(depth: number): number {
    return this.#reached[2 * this.nodeAbove(depth) + 1] as number;
  }

  /** Of the place the question began with. */
  label(): Label {
    const height = this.#height;
    const nodes = new Uint32Array(height);
    const seconds = new Float32Array(height);
    const metres = new Float32Array(height);
    for (let depth = 0; depth < height; depth++) {
      nodes[depth] = this.nodeAbove(depth);
      seconds[depth] = this.secondsAbove(depth);
      metres[depth] = this.metresAbove(depth);
    }
    return { nodes, seconds, metres };
  }

  /** Settles a node and all above it: everything an arc leads to lies further up the same branch. */
  #settle(node: number): void {
    const parent = this.#parent;
    const path = this.#path;
    const settled = this.#settled;
    const settledIn = this.#settledIn;
    const question = this.#question;
    const reached = this.#reached;
    const { first, heads, costs } = this.#falling as Arcs;
    let depth = 0;
    for (let n = node; n >= 0 && settledIn[n] !== question; n = parent[n] as number) path[depth++] = n;
    let count = this.#settledCount;
    while (depth > 0) {
      const n = path[--depth] as number;
      let best = reached[2 * n] as number;
      let over = -1;
      const end = first[n + 1] as number;
      for (let a = first[n] as number; a < end; a += ARC_WORDS) {
        const through = (costs[a + 1] as number) + (reached[2 * (heads[a] as number)] as number);
        if (through >= best) continue;
        best = through;
        over = a;
      }
      if (over >= 0) {
        reached[2 * n] = best;
        reached[2 * n + 1] = (costs[over + 2] as number) + (reached[2 * (heads[over] as number) + 1] as number);
      }
      settledIn[n] = question;
      settled[count++] = n;
    }
    this.#settledCount = count;
  }
}

/**
 * How many junctions are above both places. Whatever way leads from one to the other passes one of them (the idea of
 * Ouyang et al., "When Hierarchy Meets 2-Hop-Labeling", SIGMOD 2018), and they are where their labels begin.
 */
export function sharedBy({ nodes: a }: Label, { nodes: b }: Label): number {
  let low = 0;
  for (let high = Math.min(a.length, b.length); low < high; ) {
    const middle = (low + high) >>> 1;
    if (a[middle] === b[middle]) low = middle + 1;
    else high = middle;
  }
  return low;
}
