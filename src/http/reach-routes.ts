/** How far one gets: for planners who ask where a station is missing, and dispatchers who ask whom a unit could still reach. */
import { Type } from 'typebox';
import type { Deps } from '../deps.ts';
import { coordinateSystems, Position } from '../domain/position.ts';
import { oneOf, travelBases } from '../domain/vocabulary.ts';
import { Identifier } from '../fleet/schema.ts';
import { findReach } from '../operations/find-reach.ts';
import type { App } from './types.ts';

const Ring = Type.Array(Type.Array(Type.Number(), { minItems: 2, maxItems: 2 }));
const ReachView = Type.Object({
  type: Type.Unsafe<'Feature'>({ type: 'string', enum: ['Feature'] }),
  geometry: Type.Object({
    type: Type.Unsafe<'MultiPolygon'>({ type: 'string', enum: ['MultiPolygon'] }),
    coordinates: Type.Array(Type.Array(Ring)),
  }),
  properties: Type.Object({
    from: Position,
    minutes: Type.Number(),
    travelBasis: oneOf(travelBases),
    squareMetres: Type.Integer(),
    roadMetres: Type.Union([Type.Integer(), Type.Null()], { description: 'each direction once; null without a map' }),
  }),
});

export function registerReachRoutes(app: App, deps: Deps): void {
  app.get(
    '/v1/reach',
    {
      config: { access: ['dispatcher', 'planner', 'admin'] },
      schema: {
        summary: 'The area reachable by road in some minutes, under lights, from a unit, a place or a point (GeoJSON)',
        tags: ['planning'],
        querystring: Type.Object(
          {
            unitId: Type.Optional(Identifier),
            placeId: Type.Optional(Identifier),
            lon: Type.Optional(Type.Number({ minimum: -180, maximum: 180 })),
            lat: Type.Optional(Type.Number({ minimum: -90, maximum: 90 })),
            crs: Type.Optional(oneOf(coordinateSystems, 'of lon and lat; wgs84 where none is named')),
            minutes: Type.Optional(Type.Number({ minimum: 1, maximum: 30, description: '8 where none is named' })),
          },
          { additionalProperties: false },
        ),
        response: { 200: ReachView },
      },
    },
    async ({ query }) => {
      const { area, basis, squareMetres, roadMetres, from, minutes } = await findReach(deps, query);
      return {
        type: 'Feature' as const,
        geometry: { type: 'MultiPolygon' as const, coordinates: area.coordinates },
        properties: {
          from,
          minutes,
          travelBasis: basis,
          squareMetres: Math.round(squareMetres),
          roadMetres: roadMetres === null ? null : Math.round(roadMetres),
        },
      };
    },
  );
}
