/**
 * Questions to the hierarchy: a walk up the tree from the place asked about, and down again as far as an answer needs; no
 * heap, no search. Where a place is asked about again and again, what the walk found is kept as a label, and two labels
 * answer by themselves.
 */
import type { RoadGraph } from './graph.ts';
import type { Arcs, Metric } from './metric.ts';

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
  /** Infinity where the question has not come by. */
  readonly seconds: Float32Array;
  readonly metres: Float32Array;
  /** The seeds and all above them. */
  readonly above: Uint32Array;
  /** Everything else that was asked about, and what is above it. */
  readonly settled: Uint32Array;
  /** The question a node was last settled in. */
  readonly settledIn: Uint32Array;
  readonly path: Uint32Array;
}

/** For a million junctions it takes some 20 ms until the system has found all of it. */
export function sweepMemory({ nodeCount }: RoadGraph): SweepMemory {
  const floats = (value: number) => new Float32Array(new SharedArrayBuffer(nodeCount * 4)).fill(value);
  const words = () => new Uint32Array(new SharedArrayBuffer(nodeCount * 4)).fill(0);
  return {
    seconds: floats(Infinity),
    metres: floats(0),
    above: words(),
    settled: words(),
    settledIn: words(),
    path: words(),
  };
}

/** Answers questions, one at a time; one a thread and graph. Answers stay until the next question. */
export class Sweep {
  readonly #graph: RoadGraph;
  readonly #seconds: Float32Array;
  readonly #metres: Float32Array;
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
    this.#graph = graph;
    this.#seconds = memory.seconds;
    this.#metres = memory.metres;
    this.#above = memory.above;
    this.#settled = memory.settled;
    this.#settledIn = memory.settledIn;
    this.#path = memory.path;
  }

  /**
   * Begins a question: from all nodes to the seeds (`to`), or from the seeds to all nodes (`from`).
   * Answers the question's number.
   * @param seeds a junction, or the two ends of a road, of which one is above the other in the tree
   */
  begin(metric: Metric, way: 'to' | 'from', seeds: readonly Seed[]): number {
    this.#forget();
    this.#falling = way === 'to' ? metric.up : metric.down;
    let lowest = Infinity;
    for (const { node, seconds, metres } of seeds) {
      if ((this.#seconds[node] as number) <= seconds) continue;
      this.#seconds[node] = seconds;
      this.#metres[node] = metres;
      lowest = Math.min(lowest, node);
    }
    this.#rise(lowest, way === 'to' ? metric.down : metric.up);
    return this.#question;
  }

  #forget(): void {
    const seconds = this.#seconds;
    for (let i = 0; i < this.#height; i++) seconds[this.#above[i] as number] = Infinity;
    for (let i = 0; i < this.#settledCount; i++) seconds[this.#settled[i] as number] = Infinity;
    this.#settledCount = 0;
    if (this.#question === 0xffff_ffff) {
      this.#settledIn.fill(0);
      this.#question = 0;
    }
    this.#question++;
  }

  /** Up the tree. The higher end of a road lies on the way of the lower. */
  #rise(lowest: number, { first, head, seconds: arcSeconds, metres: arcMetres }: Arcs): void {
    const { arcFirst, arcHead } = this.#graph;
    const seconds = this.#seconds;
    const metres = this.#metres;
    const above = this.#above;
    let height = 0;
    for (let n = lowest; ; ) {
      above[height++] = n;
      const here = seconds[n] as number;
      if (here !== Infinity) {
        const end = first[n + 1] as number;
        for (let a = first[n] as number; a < end; a++) {
          const m = head[a] as number;
          const there = here + (arcSeconds[a] as number);
          if (there >= (seconds[m] as number)) continue;
          seconds[m] = there;
          metres[m] = (metres[n] as number) + (arcMetres[a] as number);
        }
      }
      const parent = arcFirst[n] as number;
      if (parent === arcFirst[n + 1]) break;
      n = arcHead[parent] as number;
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
    return this.#seconds[node] as number;
  }

  /** Metres of the same way. Ask for the seconds first. */
  metres(node: number): number {
    return this.#metres[node] as number;
  }

  /** Of the place the question began with. */
  label(): Label {
    const height = this.#height;
    const nodes = new Uint32Array(height);
    const seconds = new Float32Array(height);
    const metres = new Float32Array(height);
    for (let i = 0; i < height; i++) {
      const n = this.#above[height - 1 - i] as number;
      nodes[i] = n;
      seconds[i] = this.#seconds[n] as number;
      metres[i] = this.#metres[n] as number;
    }
    return { nodes, seconds, metres };
  }

  /** Settles a node and all above it: everything an arc leads to lies further up the same branch. */
  #settle(node: number): void {
    const { arcFirst, arcHead } = this.#graph;
    const path = this.#path;
    const settled = this.#settled;
    const settledIn = this.#settledIn;
    const question = this.#question;
    const seconds = this.#seconds;
    const metres = this.#metres;
    const { first, head, seconds: arcSeconds, metres: arcMetres } = this.#falling as Arcs;
    let depth = 0;
    for (let n = node; settledIn[n] !== question; ) {
      path[depth++] = n;
      const begin = arcFirst[n] as number;
      if (begin === arcFirst[n + 1]) break;
      n = arcHead[begin] as number;
    }
    let count = this.#settledCount;
    while (depth > 0) {
      const n = path[--depth] as number;
      let best = seconds[n] as number;
      let over = -1;
      const end = first[n + 1] as number;
      for (let a = first[n] as number; a < end; a++) {
        const through = (arcSeconds[a] as number) + (seconds[head[a] as number] as number);
        if (through >= best) continue;
        best = through;
        over = a;
      }
      if (over >= 0) {
        metres[n] = (arcMetres[over] as number) + (metres[head[over] as number] as number);
        seconds[n] = best;
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
