/** From a map's roads to a graph that answers: the part one can get about in, its order, its shortcuts, its grid. */
import { type GraphArrays, NO_ARC, packGraph, type RoadGraph } from '../graph.ts';
import { adjacencyOf, touching } from './adjacency.ts';
import { contract } from './contract.ts';
import type { Roads } from './draft.ts';
import { layGrid } from './grid.ts';
import { largestPart } from './largest-part.ts';
import { boundsOf, linesOf, plane, zonesOf } from './lines.ts';
import { contractionOrder } from './order.ts';

export interface Prepared {
  readonly graph: RoadGraph;
  /** Junctions and roads left out because one cannot get to them and away again. */
  readonly cutOff: { readonly nodes: number; readonly edges: number };
}

/** Two junctions drawn on one spot are still a way apart: every step along a route brings it nearer to its end. */
const SHORTEST_METRES = 0.5;

/** @param tell how far it is, 0 to 1, with what it does */
export function prepareGraph(roads: Roads, tell: (step: string, share: number) => void = () => {}): Prepared {
  tell('connect', 0);
  const part = largestPart(roads);
  const kept = Uint32Array.from(roads.edgeTail.keys()).filter(
    (e) => part.has(roads.edgeTail[e] as number) && part.has(roads.edgeHead[e] as number),
  );
  if (kept.length === 0) throw new Error('there is no road one can get to and away from again');
  const number = new Uint32Array(roads.nodeCount);
  let count = 0;
  for (let n = 0; n < roads.nodeCount; n++) if (part.has(n)) number[n] = count++;

  const tail = Uint32Array.from(kept, (e) => number[roads.edgeTail[e] as number] as number);
  const head = Uint32Array.from(kept, (e) => number[roads.edgeHead[e] as number] as number);
  const { x, y } = plane(roads, kept, tail, head, count);
  tell('order', 0.1);
  const order = contractionOrder(adjacencyOf(count, tail, head), x, y);
  const rank = new Uint32Array(count);
  order.forEach((n, i) => {
    rank[n] = i;
  });
  // Roads are kept in the order of their upper end: those near each other in the tree lie near each other in memory.
  const at = (e: number) => Math.max(rank[tail[e] as number] as number, rank[head[e] as number] as number);
  const sorted = Uint32Array.from(kept.keys()).sort((a, b) => at(a) - at(b));
  const edgeTail = sorted.map((e) => rank[tail[e] as number] as number);
  const edgeHead = sorted.map((e) => rank[head[e] as number] as number);
  tell('contract', 0.8);
  const { arcFirst, arcHead } = contract(adjacencyOf(count, edgeTail, edgeHead));
  tell('index', 0.9);
  const edges = sorted.map((e) => kept[e] as number);
  const lines = linesOf(roads, edges);
  const { zones, edgeZone } = zonesOf(lines, edges.length);
  const bounds = boundsOf(lines);
  const { grid, cellFirst, cellPoint } = layGrid(bounds, lines);
  const arrays: GraphArrays = {
    edgeTail,
    edgeHead,
    edgeMetres: Float32Array.from(edges.keys(), (e) =>
      Math.max(SHORTEST_METRES, lines.pointMetres[(lines.edgePoint[e + 1] as number) - 1] as number),
    ),
    edgeClass: Uint8Array.from(edges, (e) => roads.edgeClass[e] as number),
    edgeKmh: Uint8Array.from(edges, (e) => roads.edgeKmh[e] as number),
    edgeZone,
    edgeDirections: Uint8Array.from(edges, (e) => roads.edgeDirections[e] as number),
    edgeArc: arcsOf(edgeTail, edgeHead, arcFirst, arcHead),
    ...lines,
    ...touching(count, edgeTail, edgeHead),
    arcFirst,
    arcHead,
    cellFirst,
    cellPoint,
  };
  tell('pack', 0.97);
  const graph = packGraph({ bounds, zones, grid, source: roads.source }, arrays);
  tell('done', 1);
  return {
    graph,
    cutOff: { nodes: roads.nodeCount - count, edges: roads.edgeTail.length - kept.length },
  };
}

/** Of each edge, the arc between its ends. */
function arcsOf(tail: Uint32Array, head: Uint32Array, arcFirst: Uint32Array, arcHead: Uint32Array): Uint32Array {
  return Uint32Array.from(tail.keys(), (e) => {
    const low = Math.min(tail[e] as number, head[e] as number);
    const high = Math.max(tail[e] as number, head[e] as number);
    if (low === high) return NO_ARC;
    let [from, to] = [arcFirst[low] as number, (arcFirst[low + 1] as number) - 1];
    while (from < to) {
      const middle = (from + to) >>> 1;
      if ((arcHead[middle] as number) < high) from = middle + 1;
      else to = middle;
    }
    return from;
  });
}
