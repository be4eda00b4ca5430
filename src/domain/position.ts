/** Positions: accepted in the three systems in use in China, kept as they came, worked with in WGS-84 only. */

import commonjs from 'gcoord';
import { type Static, Type } from 'typebox';
import { oneOf } from './vocabulary.ts';

export const coordinateSystems = ['wgs84', 'gcj02', 'bd09'] as const;
export type CoordinateSystem = (typeof coordinateSystems)[number];

export const PositionInput = Type.Object(
  {
    lon: Type.Number({ minimum: -180, maximum: 180, description: 'degrees east' }),
    lat: Type.Number({ minimum: -90, maximum: 90, description: 'degrees north' }),
    crs: oneOf(coordinateSystems, 'wgs84 (GPS), gcj02 (AMap, Tencent, telecom) or bd09 (Baidu)'),
  },
  { additionalProperties: false },
);
export type PositionInput = Static<typeof PositionInput>;

export const Position = Type.Object({
  lon: Type.Number(),
  lat: Type.Number(),
  crs: Type.Unsafe<'wgs84'>({ type: 'string', enum: ['wgs84'] }),
});
/** WGS-84 degrees; the only kind of position inside the engine. */
export interface Position {
  readonly lon: number;
  readonly lat: number;
  readonly crs: 'wgs84';
}

// gcoord's typings describe its ES build; Node loads the CommonJS one, whose exports are the default itself.
type Own = typeof commonjs extends { readonly default: infer Whole } ? Whole : typeof commonjs;
const gcoord = commonjs as unknown as Own;

const systems = { wgs84: gcoord.WGS84, gcj02: gcoord.GCJ02, bd09: gcoord.BD09 } as const;

/** Where GCJ-02 shifts at all (gcoord's own box; elsewhere it is WGS-84), less a rim wider than any shift on it (0.011°). */
const shifted = { west: 72.024, east: 137.8147, south: 0.8493, north: 55.8071 } as const;

/**
 * Converts once, at the edge; gcoord inverts iteratively, so a round trip errs by centimetres. On the box's rim its
 * iteration steps out of the box and back for ever, and one request would stop the service: there nothing is shifted.
 */
export function toWgs84(given: PositionInput): Position {
  if (given.crs === 'wgs84') return { lon: given.lon, lat: given.lat, crs: 'wgs84' };
  const [lon, lat] = gcoord.transform([given.lon, given.lat], systems[given.crs], gcoord.GCJ02);
  const { west, east, south, north } = shifted;
  if (!(lon > west && lon < east && lat > south && lat < north)) return { lon, lat, crs: 'wgs84' };
  const [wgsLon, wgsLat] = gcoord.transform([lon, lat], gcoord.GCJ02, gcoord.WGS84);
  return { lon: wgsLon, lat: wgsLat, crs: 'wgs84' };
}

const EARTH_RADIUS_METRES = 6_371_008.8;
const radians = (degrees: number) => (degrees * Math.PI) / 180;

/**
 * Great-circle distance in metres (haversine, IUGG mean radius).
 * Same formula and radius as turf's `distance`, without the object per call that 300 units times every call would pay.
 */
export function distanceMetres(a: Position, b: Position): number {
  const dLat = radians(b.lat - a.lat);
  const dLon = radians(b.lon - a.lon);
  const h = Math.sin(dLat / 2) ** 2 + Math.cos(radians(a.lat)) * Math.cos(radians(b.lat)) * Math.sin(dLon / 2) ** 2;
  return 2 * EARTH_RADIUS_METRES * Math.asin(Math.min(1, Math.sqrt(h)));
}

/** The box a centre serves, WGS-84 degrees. What lies outside is kept and flagged. */
export interface ServiceArea {
  readonly west: number;
  readonly south: number;
  readonly east: number;
  readonly north: number;
}

export const contains = (area: ServiceArea, { lon, lat }: Position): boolean =>
  lon >= area.west && lon <= area.east && lat >= area.south && lat <= area.north;
