/** Points and stretches of a road: where they are, and which junctions one comes to from there. */
import type { Position } from '../../domain/position.ts';
import { AGAINST, ALONG, DEGREE, type RoadGraph } from './graph.ts';
import type { Metric } from './metric.ts';
import type { Snap } from './snap.ts';
import type { Seed } from './sweep.ts';

/** A stretch of road on a way: from one share of the edge's length to another, against its line where `to` is less. */
export interface Stretch {
  readonly edge: number;
  readonly from: number;
  readonly to: number;
  readonly seconds: number;
}

/** The end of a road as a seed. */
export interface End extends Seed {
  /** 0 the tail, 1 the head. Of a road that ends where it begins both are one junction. */
  readonly end: 0 | 1;
}

/** Junctions to which one comes from a point on a road, or from which one comes to it. */
export function endsOf(graph: RoadGraph, metric: Metric, { edge, along }: Snap, leaving: boolean): End[] {
  const { edgeTail, edgeHead, edgeDirections, edgeMetres } = graph;
  const ends: End[] = [];
  const add = (end: 0 | 1) => {
    const share = Math.abs(end - along);
    ends.push({
      node: (end ? edgeHead[edge] : edgeTail[edge]) as number,
      end,
      seconds: share * (metric.edgeSeconds[edge] as number),
      metres: share * (edgeMetres[edge] as number),
    });
  };
  const directions = edgeDirections[edge] as number;
  if (along === 1 || (along > 0 && directions & (leaving ? ALONG : AGAINST))) add(1);
  if (along === 0 || (along < 1 && directions & (leaving ? AGAINST : ALONG))) add(0);
  return ends;
}

/** The share of a road between two points of it, where one can go without leaving it; else Infinity. */
export function shareBetween({ edgeDirections }: RoadGraph, from: Snap, to: Snap): number {
  if (from.edge !== to.edge) return Infinity;
  const directions = edgeDirections[from.edge] as number;
  if (!(directions & (from.along <= to.along ? ALONG : AGAINST)) && from.along !== to.along) return Infinity;
  return Math.abs(to.along - from.along);
}

/** Points of a stretch with the share of it driven there; its first and last included. */
export function lineOf(graph: RoadGraph, { edge, from, to }: Stretch): { position: Position; share: number }[] {
  const { edgePoint, pointMetres, edgeMetres } = graph;
  const whole = edgeMetres[edge] as number;
  const [start, end] = [edgePoint[edge] as number, edgePoint[edge + 1] as number];
  const between: number[] = [];
  const [least, most] = [Math.min(from, to), Math.max(from, to)];
  for (let p = start + 1; p < end - 1; p++) {
    const share = (pointMetres[p] as number) / whole;
    if (share > least && share < most) between.push(share);
  }
  if (to < from) between.reverse();
  return [from, ...between, to].map((share) => ({
    position: pointOn(graph, edge, share),
    share: from === to ? 1 : (share - from) / (to - from),
  }));
}

/** The position at a share of an edge's length. */
export function pointOn(graph: RoadGraph, edge: number, share: number): Position {
  const { edgePoint, pointMetres, pointLon, pointLat } = graph;
  const last = (edgePoint[edge + 1] as number) - 1;
  const metres = share * (pointMetres[last] as number);
  let p = edgePoint[edge] as number;
  while (p < last - 1 && (pointMetres[p + 1] as number) <= metres) p++;
  const [before, after] = [pointMetres[p] as number, pointMetres[p + 1] as number];
  const part = after > before ? Math.min(1, Math.max(0, (metres - before) / (after - before))) : 0;
  const mix = (values: Int32Array) =>
    ((values[p] as number) + part * ((values[p + 1] as number) - (values[p] as number))) / DEGREE;
  return { lon: mix(pointLon), lat: mix(pointLat), crs: 'wgs84' };
}
