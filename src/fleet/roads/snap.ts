/** Where on the roads a position is: the nearest point of the nearest road, by a grid over the map. */
import { DEGREE, type RoadGraph, roadClasses } from './graph.ts';

/** A point on a road. */
export interface Snap {
  readonly edge: number;
  /** Share of the edge's length from its tail, 0 to 1; exactly 0 or 1 at a junction. */
  readonly along: number;
  /** As the crow flies, from the position to the road. */
  readonly offMetres: number;
}

export const METRES_A_DEGREE = 111_195.08;
/** A position this far outside the map is not on it. */
const OUTSIDE_METRES = 5_000;
/** Within so many metres of a junction one is at it: one may leave by any of its roads. */
export const AT_JUNCTION_METRES = 2;
/**
 * A door is seldom on an expressway: its roads count as so much farther when a place is looked for, so that a house
 * beside the ring road is reached by the street behind it. An accident on the expressway itself still is on it.
 */
const EXPRESSWAY_PENALTY_METRES = 40;
const MOTORWAY = roadClasses.indexOf('motorway');

/** As for `findSnap`: a vehicle is on whatever road is nearest, a place is reached from a road one can stop on. */
export type Snapped = 'vehicle' | 'place';

/** The nearest point of the roads, in rings of cells outwards; null outside the map. */
export function findSnap(graph: RoadGraph, lon: number, lat: number, what: Snapped): Snap | null {
  const { bounds, grid, cellFirst, cellPoint, pointLon, pointLat, pointEdge, edgeClass } = graph;
  const perLat = METRES_A_DEGREE;
  const perLon = perLat * Math.cos((lat * Math.PI) / 180);
  const beyond = (value: number, least: number, most: number) => Math.max(least - value, value - most, 0);
  if (beyond(lon, bounds.west, bounds.east) * perLon > OUTSIDE_METRES) return null;
  if (beyond(lat, bounds.south, bounds.north) * perLat > OUTSIDE_METRES) return null;
  const cellMetres = Math.min(grid.cellLon * perLon, grid.cellLat * perLat);
  const across = (lon - grid.west) / grid.cellLon;
  const along = (lat - grid.south) / grid.cellLat;
  const column = Math.floor(across);
  const row = Math.floor(along);
  /** To the nearest side of its own cell: what lies in the next ring is at least as far. */
  const inset = cellMetres * Math.min(across - column, column + 1 - across, along - row, row + 1 - along);
  const scaleLon = perLon / DEGREE;
  const scaleLat = perLat / DEGREE;
  const [lon7, lat7] = [lon * DEGREE, lat * DEGREE];
  const penalty = what === 'place' ? EXPRESSWAY_PENALTY_METRES : 0;

  let best = Infinity;
  let bestOff = 0;
  let bestPoint = -1;
  let bestShare = 0;
  const look = (c: number, r: number) => {
    const cell = r * grid.columns + c;
    const last = cellFirst[cell + 1] as number;
    for (let i = cellFirst[cell] as number; i < last; i++) {
      const p = cellPoint[i] as number;
      const ax = ((pointLon[p] as number) - lon7) * scaleLon;
      const ay = ((pointLat[p] as number) - lat7) * scaleLat;
      const dx = ((pointLon[p + 1] as number) - (pointLon[p] as number)) * scaleLon;
      const dy = ((pointLat[p + 1] as number) - (pointLat[p] as number)) * scaleLat;
      const square = dx * dx + dy * dy;
      const share = square === 0 ? 0 : Math.min(1, Math.max(0, -(ax * dx + ay * dy) / square));
      const x = ax + share * dx;
      const y = ay + share * dy;
      const off = Math.sqrt(x * x + y * y);
      const counts = off + (edgeClass[pointEdge[p] as number] === MOTORWAY ? penalty : 0);
      if (counts >= best) continue;
      best = counts;
      bestOff = off;
      bestPoint = p;
      bestShare = share;
    }
  };
  const rings = grid.columns + grid.rows + Math.ceil(OUTSIDE_METRES / cellMetres) * 2;
  for (let ring = 0; ring <= rings && (ring === 0 || (ring - 1) * cellMetres + inset < best); ring++) {
    const [left, right] = [Math.max(0, column - ring), Math.min(grid.columns - 1, column + ring)];
    const [low, top] = [Math.max(0, row - ring), Math.min(grid.rows - 1, row + ring)];
    for (let r = low; r <= top; r++) {
      const whole = r === row - ring || r === row + ring;
      if (whole) for (let c = left; c <= right; c++) look(c, r);
      else {
        if (column - ring >= 0 && column - ring < grid.columns) look(column - ring, r);
        if (column + ring >= 0 && column + ring < grid.columns) look(column + ring, r);
      }
    }
  }
  return bestPoint < 0 ? null : snapAt(graph, bestPoint, bestShare, bestOff);
}

function snapAt(
  { pointEdge, pointMetres, edgeMetres }: RoadGraph,
  point: number,
  share: number,
  offMetres: number,
): Snap {
  const edge = pointEdge[point] as number;
  const whole = edgeMetres[edge] as number;
  const before = pointMetres[point] as number;
  const metres = before + share * ((pointMetres[point + 1] as number) - before);
  if (metres <= AT_JUNCTION_METRES && metres <= whole / 2) return { edge, along: 0, offMetres };
  if (whole - metres <= AT_JUNCTION_METRES) return { edge, along: 1, offMetres };
  return { edge, along: metres / whole, offMetres };
}
