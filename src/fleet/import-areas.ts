/** Sub-district outlines from GeoJSON: features with properties `name` and `adcode`, `name:en` where there is one, WGS-84. */
import { type Static, Type } from 'typebox';
import { compileCheck } from '../domain/check.ts';
import type { FieldProblem } from '../domain/errors.ts';
import type { Area } from './store.ts';

const AreaFeature = Type.Object({
  type: Type.Literal('Feature'),
  properties: Type.Object({
    name: Type.String({ minLength: 1 }),
    'name:en': Type.Optional(Type.String({ minLength: 1 })),
    adcode: Type.String({ pattern: '^\\d{9}$' }),
    source: Type.Optional(Type.String()),
  }),
  geometry: Type.Object({
    type: Type.Union([Type.Literal('Polygon'), Type.Literal('MultiPolygon')]),
    coordinates: Type.Array(Type.Unknown(), { minItems: 1 }),
  }),
});
const Collection = Type.Object({
  type: Type.Literal('FeatureCollection'),
  features: Type.Array(AreaFeature, { minItems: 1 }),
});
const check = compileCheck(Collection);

/** The areas of a parsed GeoJSON file, or what is wrong with it by its place in the file. */
export function readAreas(geojson: unknown): { areas: Area[] } | { problems: readonly FieldProblem[] } {
  const problems = check(geojson);
  if (problems.length) return { problems };
  const { features } = geojson as Static<typeof Collection>;
  const codes = features.map(({ properties }) => properties.adcode);
  const faults = features.flatMap(({ properties, geometry }, i): FieldProblem[] => {
    const outline = outlineFault(geometry);
    return [
      ...(outline ? [{ field: `features[${i}].geometry`, detail: outline }] : []),
      ...(codes.indexOf(properties.adcode) < i
        ? [{ field: `features[${i}].properties.adcode`, detail: 'is used before in this file' }]
        : []),
    ];
  });
  if (faults.length) return { problems: faults };
  return {
    areas: features.map(({ properties, geometry }) => ({
      subdistrictCode: properties.adcode,
      name: properties.name,
      nameEn: properties['name:en'] ?? null,
      outline: geometry,
      source: properties.source ?? null,
    })),
  };
}

/** What RFC 7946 asks of a polygon and the schema cannot say; a pair given as latitude and longitude shows here too. */
function outlineFault({ type, coordinates }: Static<typeof AreaFeature>['geometry']): string | null {
  for (const polygon of type === 'Polygon' ? [coordinates] : coordinates) {
    if (!Array.isArray(polygon) || polygon.length === 0) return 'has a polygon without a ring';
    for (const ring of polygon) {
      if (!Array.isArray(ring) || ring.length < 4) return 'has a ring of fewer than four points';
      if (!ring.every(isPoint)) return 'has a point that is not [longitude, latitude]';
      if (String(ring[0]) !== String(ring.at(-1))) return 'has a ring that does not end where it began';
    }
  }
  return null;
}

const isPoint = (point: unknown): boolean =>
  Array.isArray(point) &&
  point.length >= 2 &&
  point.every(Number.isFinite) &&
  Math.abs(point[0]) <= 180 &&
  Math.abs(point[1]) <= 90;
