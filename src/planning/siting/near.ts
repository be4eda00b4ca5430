/** What a planner knows near a plot nobody has a name for. Pure. */
import { distanceMetres, type Position } from '../../domain/position.ts';

export const directions = [
  'north',
  'north-east',
  'east',
  'south-east',
  'south',
  'south-west',
  'west',
  'north-west',
] as const;
export type Direction = (typeof directions)[number];

export interface NearPlace {
  readonly placeId: string;
  readonly name: string;
  readonly metres: number;
  /** In which the plot lies, seen from the place. */
  readonly direction: Direction;
}

export interface Near {
  readonly subdistrictCode: string | null;
  /** Of a door in the next streets, as the map says it. */
  readonly address: string | null;
  readonly place: NearPlace | null;
}

/** Over so short a way the Earth is flat: a degree of longitude is shorter by the cosine of the latitude. */
export function directionOf(from: Position, to: Position): Direction {
  const east = (to.lon - from.lon) * Math.cos((from.lat * Math.PI) / 180);
  const eighth = Math.round(Math.atan2(east, to.lat - from.lat) / (Math.PI / 4));
  return directions[(eighth + 8) % 8] as Direction;
}

type Known = { readonly placeId: string; readonly name: string; readonly position: Position };

/** The nearest of the places that have a name; null where there is none. */
export function nearestPlace(plot: Position, places: readonly Known[]): NearPlace | null {
  let nearest: NearPlace | null = null;
  for (const { placeId, name, position } of places) {
    const metres = Math.round(distanceMetres(position, plot));
    if (metres < (nearest?.metres ?? Infinity))
      nearest = { placeId, name, metres, direction: directionOf(position, plot) };
  }
  return nearest;
}
