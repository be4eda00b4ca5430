/** The floor of every travel time: Dijkstra's algorithm with a binary heap over the roads themselves, no preparation. */
import FlatQueue from 'flatqueue';
import { AGAINST, ALONG, type RoadGraph } from '../../src/fleet/roads/graph.ts';
import type { Snap } from '../../src/fleet/roads/snap.ts';

export interface PlainRoads {
  readonly graph: RoadGraph;
  readonly edgeSeconds: Float32Array;
  /** Arcs into each node, with where they come from. */
  readonly first: Uint32Array;
  readonly from: Uint32Array;
  readonly seconds: Float64Array;
}

export function plainRoads(graph: RoadGraph, edgeSeconds: Float32Array): PlainRoads {
  const into: [from: number, seconds: number][][] = Array.from({ length: graph.nodeCount }, () => []);
  for (let e = 0; e < graph.edgeCount; e++) {
    const [tail, head, directions] = [graph.edgeTail[e], graph.edgeHead[e], graph.edgeDirections[e]] as [
      number,
      number,
      number,
    ];
    if (directions & ALONG) into[head]?.push([tail, edgeSeconds[e] as number]);
    if (directions & AGAINST) into[tail]?.push([head, edgeSeconds[e] as number]);
  }
  const first = new Uint32Array(graph.nodeCount + 1);
  for (const [n, arcs] of into.entries()) first[n + 1] = (first[n] as number) + arcs.length;
  const all = into.flat();
  return {
    graph,
    edgeSeconds,
    first,
    from: Uint32Array.from(all, ([n]) => n),
    seconds: Float64Array.from(all, ([, s]) => s),
  };
}

/** Seconds from every node to a point on a road. */
export function plainSweep({ graph, edgeSeconds, first, from, seconds }: PlainRoads, to: Snap): Float64Array {
  const found = new Float64Array(graph.nodeCount).fill(Infinity);
  const queue = new FlatQueue<number>();
  const offer = (node: number, total: number) => {
    if (total >= (found[node] as number)) return;
    found[node] = total;
    queue.push(node, total);
  };
  const whole = edgeSeconds[to.edge] as number;
  const directions = graph.edgeDirections[to.edge] as number;
  if (to.along === 0 || (to.along < 1 && directions & ALONG))
    offer(graph.edgeTail[to.edge] as number, to.along * whole);
  if (to.along === 1 || (to.along > 0 && directions & AGAINST))
    offer(graph.edgeHead[to.edge] as number, (1 - to.along) * whole);
  for (;;) {
    const total = queue.peekValue();
    const n = queue.pop();
    if (n === undefined || total === undefined) return found;
    if (total > (found[n] as number)) continue;
    for (let a = first[n] as number; a < (first[n + 1] as number); a++)
      offer(from[a] as number, total + (seconds[a] as number));
  }
}

/** Seconds from one point on a road to another, given the sweep to the other. */
export function plainSeconds({ graph, edgeSeconds }: PlainRoads, sweep: Float64Array, at: Snap, to: Snap): number {
  const whole = edgeSeconds[at.edge] as number;
  const directions = graph.edgeDirections[at.edge] as number;
  const ways = [
    at.along === 1 || (at.along > 0 && directions & ALONG)
      ? (1 - at.along) * whole + (sweep[graph.edgeHead[at.edge] as number] as number)
      : Infinity,
    at.along === 0 || (at.along < 1 && directions & AGAINST)
      ? at.along * whole + (sweep[graph.edgeTail[at.edge] as number] as number)
      : Infinity,
  ];
  if (at.edge === to.edge && (at.along === to.along || directions & (at.along < to.along ? ALONG : AGAINST)))
    ways.push(Math.abs(to.along - at.along) * whole);
  return Math.min(...ways);
}
