/** One way, road by road: from where it leaves to where it arrives. */
import type { Position } from '../../domain/position.ts';
import type { Route } from '../travel.ts';
import { acrossYard } from './between.ts';
import { AGAINST, ALONG, type RoadGraph } from './graph.ts';
import type { Metric } from './metric.ts';
import { type End, endsOf, lineOf, type Stretch, shareBetween } from './on-road.ts';
import type { Snap } from './snap.ts';
import { OFF_ROAD_METRES_A_SECOND } from './speeds.ts';
import type { Sweep } from './sweep.ts';

export interface Way {
  readonly leaves: Snap;
  readonly arrives: Snap;
  readonly stretches: readonly Stretch[];
}

/** Sums of a few hundred 32-bit figures differ by less. */
const ROUNDING_SECONDS = 0.01;

/** The roads of the fastest way, in order. */
export function findWay(graph: RoadGraph, metric: Metric, sweep: Sweep, leaves: Snap, arrives: Snap): Way | null {
  const entries = endsOf(graph, metric, arrives, false);
  sweep.begin(metric, 'to', entries);
  const whole = (edge: number) => metric.edgeSeconds[edge] as number;
  const stretch = (edge: number, start: number, end: number): Stretch => ({
    edge,
    from: start,
    to: end,
    seconds: Math.abs(end - start) * whole(edge),
  });
  const direct = shareBetween(graph, leaves, arrives) * whole(leaves.edge);
  const exits = endsOf(graph, metric, leaves, true);
  const [first] = exits.toSorted((a, b) => a.seconds + sweep.seconds(a.node) - b.seconds - sweep.seconds(b.node)) as [
    End,
  ];
  if (direct <= first.seconds + sweep.seconds(first.node))
    return { leaves, arrives, stretches: [stretch(leaves.edge, leaves.along, arrives.along)] };

  const { edgeTail, edgeHead, edgeDirections, nodeFirst, nodeEdge } = graph;
  const stretches: Stretch[] = [];
  if (first.seconds > 0) stretches.push(stretch(leaves.edge, leaves.along, first.end));
  for (let n = first.node, steps = 0; steps <= graph.nodeCount; steps++) {
    const [done] = entries.filter(({ node }) => node === n).sort((a, b) => a.seconds - b.seconds);
    let best = done ? done.seconds : Infinity;
    let over = -1;
    let next = n;
    for (let i = nodeFirst[n] as number; i < (nodeFirst[n + 1] as number); i++) {
      const e = nodeEdge[i] as number;
      const isTail = edgeTail[e] === n;
      if (!((edgeDirections[e] as number) & (isTail ? ALONG : AGAINST))) continue;
      const m = (isTail ? edgeHead[e] : edgeTail[e]) as number;
      const seconds = whole(e) + sweep.seconds(m);
      // What the hierarchy adds up by shortcuts is rounded elsewhere than what is added up road by road.
      if (seconds >= best - (over < 0 && done ? ROUNDING_SECONDS : 0)) continue;
      best = seconds;
      over = e;
      next = m;
    }
    if (over < 0) {
      if (!done) return null;
      if (done.seconds > 0) stretches.push(stretch(arrives.edge, done.end, arrives.along));
      return { leaves, arrives, stretches };
    }
    const isTail = edgeTail[over] === n;
    stretches.push(stretch(over, isTail ? 0 : 1, isTail ? 1 : 0));
    n = next;
  }
  return null;
}

/** From door to door: over the yards at both ends, or straight across the one they share. */
export function routeAlong(graph: RoadGraph, way: Way, from: Position, to: Position): Route {
  const { leaves, arrives, stretches } = way;
  const points: Position[] = [from];
  const secondsAt: number[] = [0];
  let seconds = leaves.offMetres / OFF_ROAD_METRES_A_SECOND;
  let metres = leaves.offMetres;
  for (const stretch of stretches) {
    for (const { position, share } of lineOf(graph, stretch)) {
      points.push(position);
      secondsAt.push(seconds + share * stretch.seconds);
    }
    seconds += stretch.seconds;
    metres += Math.abs(stretch.to - stretch.from) * (graph.edgeMetres[stretch.edge] as number);
  }
  seconds += arrives.offMetres / OFF_ROAD_METRES_A_SECOND;
  metres += arrives.offMetres;
  const across = acrossYard(from, to, leaves.offMetres + arrives.offMetres);
  const direct = across / OFF_ROAD_METRES_A_SECOND;
  if (direct < seconds)
    return { seconds: direct, metres: across, basis: 'road', points: [from, to], secondsAt: [0, direct] };
  points.push(to);
  secondsAt.push(seconds);
  return { seconds, metres, basis: 'road', points, secondsAt };
}
