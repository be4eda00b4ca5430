/**
 * What the roads and shortcuts cost at one table of speeds: the second phase of a customisable contraction hierarchy
 * (Dibbelt, Strasser and Wagner, JEA 2016). Chosen because speeds change with the hour and with every run learned from:
 * the shortcuts stay, and their costs are worked out anew in one pass without any search.
 *
 * Shortcuts carry the length of the fastest way beside its time, so that distances come with the answer.
 */
import { AGAINST, ALONG, NO_ARC, type RoadGraph } from './graph.ts';

/**
 * The arcs of one direction that any fastest way uses, by the lower of their two nodes. Each takes three words of one
 * memory, side by side as they are read: the higher node in `heads`, then its seconds and metres in `costs`.
 */
export interface Arcs {
  /** Node → where the words of its arcs begin. */
  readonly first: Uint32Array;
  readonly heads: Uint32Array;
  readonly costs: Float32Array;
}
export const ARC_WORDS = 3;

/** What everything costs at one table of speeds; in shared memory, so that one thread works it out and others use it. */
export interface Metric {
  /** Seconds along each edge, either way. */
  readonly edgeSeconds: Float32Array;
  /** On the fastest of all roads. */
  readonly fastestMetresPerSecond: number;
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
  const { edgeSeconds, fastestMetresPerSecond } = layEdges(graph, costs, metresPerSecond);
  joinTriangles(graph, costs);
  leaveOutBeaten(graph, costs);
  const { upSeconds, upMetres, downSeconds, downMetres } = costs;
  return {
    edgeSeconds,
    fastestMetresPerSecond,
    up: keep(graph, costs.beaten, UP, upSeconds, upMetres),
    down: keep(graph, costs.beaten, DOWN, downSeconds, downMetres),
  };
}

function layEdges(graph: RoadGraph, costs: Costs, metresPerSecond: (edge: number) => number) {
  const { upSeconds, upMetres, downSeconds, downMetres } = costs;
  const edgeSeconds = sharedFloats(graph.edgeCount);
  let fastestMetresPerSecond = 0;
  for (let e = 0; e < graph.edgeCount; e++) {
    const metres = graph.edgeMetres[e] as number;
    const speed = metresPerSecond(e);
    fastestMetresPerSecond = Math.max(fastestMetresPerSecond, speed);
    const seconds = metres / speed;
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
  return { edgeSeconds, fastestMetresPerSecond };
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
  const heads = sharedWords(count * ARC_WORDS);
  const kept: Arcs = { first: sharedWords(nodeCount + 1), heads, costs: new Float32Array(heads.buffer) };
  let at = 0;
  for (let n = 0; n < nodeCount; n++) {
    kept.first[n] = at;
    const end = arcFirst[n + 1] as number;
    for (let arc = arcFirst[n] as number; arc < end; arc++) {
      if (!isKept(arc)) continue;
      kept.heads[at] = arcHead[arc] as number;
      kept.costs[at + 1] = seconds[arc] as number;
      kept.costs[at + 2] = metres[arc] as number;
      at += ARC_WORDS;
    }
  }
  kept.first[nodeCount] = at;
  return kept;
}
