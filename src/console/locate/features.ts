/** Clues and doors as a map draws them: radii are metres on the ground, doors carry their rank and how sure they are. */
import type { Feature, FeatureCollection, Position as Point } from 'geojson';
import { percent, worthGoing } from './names.ts';
import type { Clue, LikelyPlaces, Place } from './types.ts';

const CIRCLE_STEPS = 48;
const METRES_PER_DEGREE = 111_195;

export const collection = (features: FeatureCollection['features']): FeatureCollection => ({
  type: 'FeatureCollection',
  features,
});

export function circle(lon: number, lat: number, metres: number): Point[][] {
  const wide = Math.cos((lat * Math.PI) / 180);
  return [
    Array.from({ length: CIRCLE_STEPS + 1 }, (_, i) => {
      const turn = (2 * Math.PI * i) / CIRCLE_STEPS;
      const degrees = metres / METRES_PER_DEGREE;
      return [lon + (Math.cos(turn) * degrees) / wide, lat + Math.sin(turn) * degrees];
    }),
  ];
}

export const pointOf = ({ lon, lat }: Place, properties: Record<string, unknown> = {}): Feature => ({
  type: 'Feature',
  properties,
  geometry: { type: 'Point', coordinates: [lon, lat] },
});

export const radiiOf = (evidence: readonly Clue[]): FeatureCollection =>
  collection(
    evidence.flatMap(({ position: at, radiusMetres }) =>
      at && radiusMetres
        ? [
            {
              type: 'Feature',
              properties: {},
              geometry: { type: 'Polygon', coordinates: circle(at.lon, at.lat, radiusMetres) },
            },
          ]
        : [],
    ),
  );

export const doorsOf = (places: LikelyPlaces['places']): FeatureCollection =>
  collection(
    worthGoing(places).flatMap(({ position: at, confidence }, i) =>
      at ? [pointOf(at, { confidence, label: `${i + 1} · ${percent(confidence)}` })] : [],
    ),
  );
