/**
 * Travel times by a customisable contraction hierarchy (Dibbelt, Strasser and Wagner, "Customizable Contraction
 * Hierarchies", JEA 2016). Chosen because speeds change with the hour and with every run learned from: which junctions
 * are joined by shortcuts depends on the map alone and is prepared once; what the shortcuts cost is worked out anew for
 * a table of speeds in one pass without any search, and a question needs no heap, only a walk up a tree.
 *
 * Shortcuts carry the length of the fastest way beside its time, so that distances come with the answer.
 */
import { AGAINST, ALONG, NO_ARC, type RoadGraph } from './graph.ts';
import type { Adjacency } from './order.ts';

/** Arcs of every node to higher ones, shortcuts included; nodes numbered by their place in the order. */
export function contract({ first, head }: Adjacency): { arcFirst: Uint32Array; arcHead: Uint32Array } {
  const count = first.length - 1;
  const arcFirst = new Uint32Array(count + 1);
  let arcHead = new Uint32Array(head.length);
  const seenBy = new Uint32Array(count).fill(NO_ARC);
  const firstChild = new Int32Array(count).fill(-1);
  const sibling = new Int32Array(count).fill(-1);
  let arcs = 0;
  for (let n = 0; n < count; n++) {
    const begin = arcs;
    arcFirst[n] = begin;
    let most = (first[n + 1] as number) - (first[n] as number);
    for (let c = firstChild[n] as number; c >= 0; c = sibling[c] as number)
      most += (arcFirst[c + 1] as number) - (arcFirst[c] as number);
    if (arcs + most > arcHead.length) {
      const wider = new Uint32Array(Math.ceil((arcs + most) * 1.5));
      wider.set(arcHead.subarray(0, arcs));
      arcHead = wider;
    }
    const add = (heads: Uint32Array, from: number, to: number) => {
      for (let a = from; a < to; a++) {
        const m = heads[a] as number;
        if (m <= n || seenBy[m] === n) continue;
        seenBy[m] = n;
        arcHead[arcs++] = m;
      }
    };
    add(head, first[n] as number, first[n + 1] as number);
    for (let c = firstChild[n] as number; c >= 0; c = sibling[c] as number)
      add(arcHead, arcFirst[c] as number, arcFirst[c + 1] as number);
    arcHead.subarray(begin, arcs).sort();
    if (arcs === begin) continue;
    const parent = arcHead[begin] as number;
    sibling[n] = firstChild[parent] as number;
    firstChild[parent] = n;
  }
  arcFirst[count] = arcs;
  return { arcFirst, arcHead: arcHead.slice(0, arcs) };
}

/** The arcs of one direction that any fastest way uses, by the lower of their two nodes. */
export interface Arcs {
  readonly first: Uint32Array;
  /** The higher node. */
  readonly head: Uint32Array;
  readonly seconds: Float32Array;
  readonly metres: Float32Array;
}

/** What everything costs at one table of speeds; in shared memory, so that one thread works it out and others use it. */
export interface Metric {
  /** Seconds along each edge, either way. */
  readonly edgeSeconds: Float32Array;
  /** From lower to higher nodes. */
  readonly up: Arcs;
  /** From higher to lower nodes. */
  readonly down: Arcs;
}

/** While a metric is worked out: every arc of the graph both ways, and whether a detour over higher nodes beats it. */
interface Costs {
  readonly upSeconds: Float32Array;
  readonly upMetres: Float32Array;
  readonly downSeconds: Float32Array;
  readonly downMetres: Float32Array;
  readonly beaten: Uint8Array;
}
const UP = 1;
const DOWN = 2;

const sharedFloats = (length: number) => new Float32Array(new SharedArrayBuffer(length * 4));
const sharedWords = (length: number) => new Uint32Array(new SharedArrayBuffer(length * 4));

/**
 * Works out a metric: a second or so for a million junctions.
 * @param metresPerSecond by edge
 */
export function customise(graph: RoadGraph, metresPerSecond: (edge: number) => number): Metric {
  const arcs = graph.arcHead.length;
  const costs: Costs = {
    upSeconds: new Float32Array(arcs).fill(Infinity),
    upMetres: new Float32Array(arcs),
    downSeconds: new Float32Array(arcs).fill(Infinity),
    downMetres: new Float32Array(arcs),
    beaten: new Uint8Array(arcs),
  };
  const edgeSeconds = layEdges(graph, costs, metresPerSecond);
  joinTriangles(graph, costs);
  leaveOutBeaten(graph, costs);
  const { upSeconds, upMetres, downSeconds, downMetres } = costs;
  return {
    edgeSeconds,
    up: keep(graph, costs.beaten, UP, upSeconds, upMetres),
    down: keep(graph, costs.beaten, DOWN, downSeconds, downMetres),
  };
}

function layEdges(graph: RoadGraph, costs: Costs, metresPerSecond: (edge: number) => number): Float32Array {
  const { upSeconds, upMetres, downSeconds, downMetres } = costs;
  const edgeSeconds = sharedFloats(graph.edgeCount);
  for (let e = 0; e < graph.edgeCount; e++) {
    const metres = graph.edgeMetres[e] as number;
    const seconds = metres / metresPerSecond(e);
    edgeSeconds[e] = seconds;
    const arc = graph.edgeArc[e] as number;
    if (arc === NO_ARC) continue;
    const rises = (graph.edgeTail[e] as number) < (graph.edgeHead[e] as number);
    const directions = graph.edgeDirections[e] as number;
    if (directions & (rises ? ALONG : AGAINST) && seconds < (upSeconds[arc] as number)) {
      upSeconds[arc] = seconds;
      upMetres[arc] = metres;
    }
    if (directions & (rises ? AGAINST : ALONG) && seconds < (downSeconds[arc] as number)) {
      downSeconds[arc] = seconds;
      downMetres[arc] = metres;
    }
  }
  return edgeSeconds;
}

/** For nodes a < b, both above n: the way from a to b over n, and back. Ascending, so that shortcuts build on shortcuts. */
function joinTriangles(graph: RoadGraph, { upSeconds, upMetres, downSeconds, downMetres }: Costs): void {
  const { arcFirst, arcHead, nodeCount } = graph;
  const arcTo = new Int32Array(nodeCount).fill(-1);
  for (let n = 0; n < nodeCount; n++) {
    const begin = arcFirst[n] as number;
    const end = arcFirst[n + 1] as number;
    if (end - begin < 2) continue;
    for (let x = begin; x < end; x++) arcTo[arcHead[x] as number] = x;
    for (let x = begin; x < end; x++) {
      const a = arcHead[x] as number;
      const toA = upSeconds[x] as number;
      const fromA = downSeconds[x] as number;
      const last = arcFirst[a + 1] as number;
      for (let ab = arcFirst[a] as number; ab < last; ab++) {
        const y = arcTo[arcHead[ab] as number] as number;
        if (y < 0) continue;
        const there = fromA + (upSeconds[y] as number);
        if (there < (upSeconds[ab] as number)) {
          upSeconds[ab] = there;
          upMetres[ab] = (downMetres[x] as number) + (upMetres[y] as number);
        }
        const back = (downSeconds[y] as number) + toA;
        if (back < (downSeconds[ab] as number)) {
          downSeconds[ab] = back;
          downMetres[ab] = (downMetres[y] as number) + (upMetres[x] as number);
        }
      }
    }
    for (let x = begin; x < end; x++) arcTo[arcHead[x] as number] = -1;
  }
}

/**
 * Marks arcs that a way over higher nodes beats: no fastest way uses them, and in a city that is most. Descending, so
 * that the arcs above are known to be the fastest ways themselves.
 */
function leaveOutBeaten(graph: RoadGraph, { upSeconds, downSeconds, beaten }: Costs): void {
  const { arcFirst, arcHead, nodeCount } = graph;
  const arcTo = new Int32Array(nodeCount).fill(-1);
  const lower = (costs: Float32Array, arc: number, seconds: number, direction: number) => {
    if (seconds >= (costs[arc] as number)) return;
    costs[arc] = seconds;
    beaten[arc] = (beaten[arc] as number) | direction;
  };
  for (let n = nodeCount - 1; n >= 0; n--) {
    const begin = arcFirst[n] as number;
    const end = arcFirst[n + 1] as number;
    if (end - begin < 2) continue;
    for (let x = begin; x < end; x++) arcTo[arcHead[x] as number] = x;
    for (let x = begin; x < end; x++) {
      const a = arcHead[x] as number;
      const last = arcFirst[a + 1] as number;
      for (let ab = arcFirst[a] as number; ab < last; ab++) {
        const y = arcTo[arcHead[ab] as number] as number;
        if (y < 0) continue;
        const there = upSeconds[ab] as number;
        const back = downSeconds[ab] as number;
        lower(upSeconds, y, (upSeconds[x] as number) + there, UP);
        lower(upSeconds, x, (upSeconds[y] as number) + back, UP);
        lower(downSeconds, y, back + (downSeconds[x] as number), DOWN);
        lower(downSeconds, x, there + (downSeconds[y] as number), DOWN);
      }
    }
    for (let x = begin; x < end; x++) arcTo[arcHead[x] as number] = -1;
  }
}

function keep(
  graph: RoadGraph,
  beaten: Uint8Array,
  direction: number,
  seconds: Float32Array,
  metres: Float32Array,
): Arcs {
  const { arcFirst, arcHead, nodeCount } = graph;
  const isKept = (arc: number) => !((beaten[arc] as number) & direction) && seconds[arc] !== Infinity;
  let count = 0;
  for (let arc = 0; arc < arcHead.length; arc++) if (isKept(arc)) count++;
  const kept: Arcs = {
    first: sharedWords(nodeCount + 1),
    head: sharedWords(count),
    seconds: sharedFloats(count),
    metres: sharedFloats(count),
  };
  let at = 0;
  for (let n = 0; n < nodeCount; n++) {
    kept.first[n] = at;
    const end = arcFirst[n + 1] as number;
    for (let arc = arcFirst[n] as number; arc < end; arc++) {
      if (!isKept(arc)) continue;
      kept.head[at] = arcHead[arc] as number;
      kept.seconds[at] = seconds[arc] as number;
      kept.metres[at++] = metres[arc] as number;
    }
  }
  kept.first[nodeCount] = at;
  return kept;
}

/** A question's working memory; one a thread and graph. Answers stay until the next question. */
export class Sweep {
  readonly #graph: RoadGraph;
  readonly #seconds: Float32Array;
  readonly #metres: Float32Array;
  /** Twice the question's number: reached from below; one more: settled. */
  readonly #stamp: Uint32Array;
  readonly #path: Uint32Array;
  #question = 0;
  #falling: Arcs | undefined;

  constructor(graph: RoadGraph) {
    this.#graph = graph;
    this.#seconds = new Float32Array(graph.nodeCount);
    this.#metres = new Float32Array(graph.nodeCount);
    this.#stamp = new Uint32Array(graph.nodeCount);
    this.#path = new Uint32Array(graph.nodeCount);
  }

  /**
   * Begins a question: from all nodes to the seeds (`to`), or from the seeds to all nodes (`from`).
   * A seed is a node with the seconds and metres beyond it.
   */
  begin(metric: Metric, way: 'to' | 'from', seeds: readonly { node: number; seconds: number; metres: number }[]): void {
    if (this.#question >= 0x7fff_fff0) {
      this.#stamp.fill(0);
      this.#question = 0;
    }
    const reached = ++this.#question * 2;
    this.#falling = way === 'to' ? metric.up : metric.down;
    const rising = way === 'to' ? metric.down : metric.up;
    for (const { node, seconds, metres } of seeds) {
      if (this.#stamp[node] === reached && (this.#seconds[node] as number) <= seconds) continue;
      this.#stamp[node] = reached;
      this.#seconds[node] = seconds;
      this.#metres[node] = metres;
      this.#rise(node, reached, rising);
    }
  }

  /** Up the tree from a seed. Where another's way has been, it only becomes shorter. */
  #rise(seed: number, reached: number, arcs: Arcs): void {
    const { arcFirst, arcHead } = this.#graph;
    const seconds = this.#seconds;
    const metres = this.#metres;
    const stamp = this.#stamp;
    for (let n = seed; ; ) {
      if (stamp[n] === reached) {
        const here = seconds[n] as number;
        const end = arcs.first[n + 1] as number;
        for (let a = arcs.first[n] as number; a < end; a++) {
          const m = arcs.head[a] as number;
          const there = here + (arcs.seconds[a] as number);
          if (stamp[m] === reached && (seconds[m] as number) <= there) continue;
          stamp[m] = reached;
          seconds[m] = there;
          metres[m] = (metres[n] as number) + (arcs.metres[a] as number);
        }
      }
      const parent = arcFirst[n] as number;
      if (parent === arcFirst[n + 1]) return;
      n = arcHead[parent] as number;
    }
  }

  /** Seconds between a node and the seeds; Infinity where there is no way. */
  seconds(node: number): number {
    if (this.#stamp[node] !== this.#question * 2 + 1) this.#settle(node);
    return this.#seconds[node] as number;
  }

  /** Metres of the same way. Ask for the seconds first. */
  metres(node: number): number {
    return this.#metres[node] as number;
  }

  /** Settles a node and all above it: everything an arc leads to lies further up the same branch. */
  #settle(node: number): void {
    const { arcFirst, arcHead } = this.#graph;
    const path = this.#path;
    const stamp = this.#stamp;
    const seconds = this.#seconds;
    const metres = this.#metres;
    const { first, head, seconds: arcSeconds, metres: arcMetres } = this.#falling as Arcs;
    const reached = this.#question * 2;
    const settled = reached + 1;
    let depth = 0;
    for (let n = node; stamp[n] !== settled; ) {
      path[depth++] = n;
      const begin = arcFirst[n] as number;
      if (begin === arcFirst[n + 1]) break;
      n = arcHead[begin] as number;
    }
    while (depth > 0) {
      const n = path[--depth] as number;
      let best = stamp[n] === reached ? (seconds[n] as number) : Infinity;
      let over = -1;
      const end = first[n + 1] as number;
      for (let a = first[n] as number; a < end; a++) {
        const through = (arcSeconds[a] as number) + (seconds[head[a] as number] as number);
        if (through < best) {
          best = through;
          over = a;
        }
      }
      if (over >= 0) metres[n] = (arcMetres[over] as number) + (metres[head[over] as number] as number);
      seconds[n] = best;
      stamp[n] = settled;
    }
  }
}
