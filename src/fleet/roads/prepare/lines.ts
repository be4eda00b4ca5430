/** The lines of the roads: their points with metres, the box and the zones they lie in, junctions on a plane. */
import { latLngToCell } from 'h3-js';
import { type Bounds, DEGREE } from '../graph.ts';
import type { Roads } from './draft.ts';

/** H3 resolution of a zone: cells of about 5 km², the scale of a sub-district. */
const ZONE_RESOLUTION = 7;
const EARTH_METRES_A_DEGREE = 111_195.08;

export interface Lines {
  readonly edgePoint: Uint32Array;
  readonly pointLon: Int32Array;
  readonly pointLat: Int32Array;
  readonly pointMetres: Float32Array;
  readonly pointEdge: Uint32Array;
}

/** Of the edges kept, in their new order. */
export function linesOf(roads: Roads, edges: Uint32Array): Lines {
  const edgePoint = new Uint32Array(edges.length + 1);
  edges.forEach((e, i) => {
    const points = (roads.edgePoint[e + 1] as number) - (roads.edgePoint[e] as number);
    edgePoint[i + 1] = (edgePoint[i] as number) + points;
  });
  const total = edgePoint[edges.length] as number;
  const pointLon = new Int32Array(total);
  const pointLat = new Int32Array(total);
  const pointMetres = new Float32Array(total);
  const pointEdge = new Uint32Array(total);
  edges.forEach((e, i) => {
    const from = roads.edgePoint[e] as number;
    const to = roads.edgePoint[e + 1] as number;
    const at = edgePoint[i] as number;
    pointLon.set(roads.pointLon.subarray(from, to), at);
    pointLat.set(roads.pointLat.subarray(from, to), at);
    let metres = 0;
    for (let p = at; p < at + to - from; p++) {
      if (p > at) metres += segmentMetres(pointLon, pointLat, p - 1);
      pointMetres[p] = metres;
      pointEdge[p] = i;
    }
  });
  return { edgePoint, pointLon, pointLat, pointMetres, pointEdge };
}

/** Of a segment short enough for the earth to be flat under it, which every segment between two map points is. */
function segmentMetres(lon: Int32Array, lat: Int32Array, p: number): number {
  const [latA, latB] = [lat[p] as number, lat[p + 1] as number];
  const shrink = Math.cos((((latA + latB) / 2 / DEGREE) * Math.PI) / 180);
  const east = ((lon[p + 1] as number) - (lon[p] as number)) * shrink;
  return (Math.hypot(east, latB - latA) / DEGREE) * EARTH_METRES_A_DEGREE;
}

/** Metres east and north of the first point, for cutting the map. */
export function plane(roads: Roads, kept: Uint32Array, tail: Uint32Array, head: Uint32Array, count: number) {
  const x = new Float32Array(count);
  const y = new Float32Array(count);
  const start = roads.edgePoint[kept[0] as number] as number;
  const [lon0, lat0] = [roads.pointLon[start] as number, roads.pointLat[start] as number];
  const shrink = Math.cos(((lat0 / DEGREE) * Math.PI) / 180);
  kept.forEach((e, i) => {
    for (const [n, p] of [
      [tail[i] as number, roads.edgePoint[e] as number],
      [head[i] as number, (roads.edgePoint[e + 1] as number) - 1],
    ] as const) {
      x[n] = (((roads.pointLon[p] as number) - lon0) / DEGREE) * EARTH_METRES_A_DEGREE * shrink;
      y[n] = (((roads.pointLat[p] as number) - lat0) / DEGREE) * EARTH_METRES_A_DEGREE;
    }
  });
  return { x, y };
}

/** The zone of the middle of each edge. */
export function zonesOf({ edgePoint, pointLon, pointLat }: Lines, count: number) {
  const numbers = new Map<string, number>();
  const edgeZone = new Uint16Array(count);
  for (let e = 0; e < count; e++) {
    const middle = ((edgePoint[e] as number) + (edgePoint[e + 1] as number)) >>> 1;
    const zone = latLngToCell(
      (pointLat[middle] as number) / DEGREE,
      (pointLon[middle] as number) / DEGREE,
      ZONE_RESOLUTION,
    );
    let number = numbers.get(zone);
    if (number === undefined) {
      number = numbers.size;
      // 65,536 zones are 340,000 km²: a city beyond it does not exist, and its far end would only share a zone.
      if (number > 0xffff) number = 0xffff;
      else numbers.set(zone, number);
    }
    edgeZone[e] = number;
  }
  return { zones: [...numbers.keys()], edgeZone };
}

export function boundsOf({ pointLon, pointLat }: Lines): Bounds {
  const range = (values: Int32Array): [number, number] => {
    let [least, most] = [Infinity, -Infinity];
    for (const value of values) {
      if (value < least) least = value;
      if (value > most) most = value;
    }
    return [least / DEGREE, most / DEGREE];
  };
  const [west, east] = range(pointLon);
  const [south, north] = range(pointLat);
  return { west, south, east, north };
}
