/** How far one gets where there is no map: a circle, at the straight line's speed. */
import { circle } from '@turf/turf';
import { straightLineTravel } from '../travel.ts';
import type { Reach, ReachRequest } from './reach.ts';

export function reachStraight({ from, seconds, at }: ReachRequest): Reach {
  const east = { ...from, lon: from.lon + 0.01 };
  const there = straightLineTravel.route(from, east, at);
  // `metres` are of road: how much longer it is than the line is in them, and in the seconds for the same line.
  const lineMetres = 0.01 * 111_195 * Math.cos((from.lat * Math.PI) / 180);
  const radius = (lineMetres / there.seconds) * seconds;
  const round = circle([from.lon, from.lat], Math.max(radius, 1), { units: 'meters', steps: 64 });
  return {
    area: { type: 'MultiPolygon', coordinates: [round.geometry.coordinates] },
    basis: 'straight-line',
    squareMetres: Math.PI * radius ** 2,
    roadMetres: null,
  };
}
