/** Sub-district outlines from GeoJSON: features with properties `name` and `adcode`, WGS-84. */
import { type Static, Type } from 'typebox';
import { compileCheck } from '../domain/check.ts';
import type { FieldProblem } from '../domain/errors.ts';
import type { Area } from './store.ts';

const AreaFeature = Type.Object({
  type: Type.Literal('Feature'),
  properties: Type.Object({
    name: Type.String({ minLength: 1 }),
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
  return {
    areas: (geojson as Static<typeof Collection>).features.map(({ properties, geometry }) => ({
      subdistrictCode: properties.adcode,
      name: properties.name,
      outline: geometry,
      source: properties.source ?? null,
    })),
  };
}
