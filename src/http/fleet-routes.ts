/** Units and places: what can be sent, from where, and where to. */
import { Type } from 'typebox';
import type { Deps } from '../deps.ts';
import { refuseField } from '../domain/errors.ts';
import { oneOf } from '../domain/vocabulary.ts';
import { Identifier, PlaceInput, PlaceView, placeKinds, type Unit, UnitInput, UnitView } from '../fleet/schema.ts';
import { listAreas, listPlaces, listUnits, putPlace, putUnit } from '../fleet/store.ts';
import type { App } from './types.ts';

const everyone = {
  access: ['dispatcher', 'centre', 'crew', 'hospital', 'doctor', 'registry', 'planner', 'admin'],
} as const;

const view = (unit: Unit) => ({
  ...unit,
  capabilities: [...unit.capabilities],
  positionAt: unit.positionAt === null ? null : new Date(unit.positionAt).toISOString(),
});

export function registerFleetRoutes(app: App, deps: Deps): void {
  app.put(
    '/v1/units/:unitId',
    {
      config: { access: ['admin'] },
      schema: {
        summary: 'Create or replace a unit',
        tags: ['units'],
        params: Type.Object({ unitId: Identifier }),
        body: UnitInput,
        response: { 200: UnitView },
      },
    },
    async (request) => {
      if (request.body.unitId !== request.params.unitId)
        throw refuseField('unitId', 'differs from the path', 'identifier-mismatch');
      return view(await putUnit(deps.db, request.body, deps.clock.now()));
    },
  );

  app.get(
    '/v1/units',
    {
      config: { access: ['dispatcher', 'crew', 'planner', 'admin'] },
      schema: {
        summary: 'All units',
        tags: ['units'],
        response: { 200: Type.Object({ units: Type.Array(UnitView) }) },
      },
    },
    async () => ({ units: (await listUnits(deps.db)).map(view) }),
  );

  app.put(
    '/v1/places/:placeId',
    {
      config: { access: ['admin'] },
      schema: {
        summary: 'Create or replace a hospital, station, community health centre or fire station',
        tags: ['places'],
        params: Type.Object({ placeId: Identifier }),
        body: PlaceInput,
        response: { 200: PlaceView },
      },
    },
    async (request) => {
      if (request.body.placeId !== request.params.placeId)
        throw refuseField('placeId', 'differs from the path', 'identifier-mismatch');
      const place = await putPlace(deps.db, request.body);
      return { ...place, capabilities: [...place.capabilities] };
    },
  );

  app.get(
    '/v1/places',
    {
      config: everyone,
      schema: {
        summary: 'Places, of one kind or all',
        tags: ['places'],
        querystring: Type.Object({ kind: Type.Optional(oneOf(placeKinds)) }, { additionalProperties: false }),
        response: { 200: Type.Object({ places: Type.Array(PlaceView) }) },
      },
    },
    async (request) => ({
      places: (await listPlaces(deps.db, request.query.kind ?? null)).map((place) => ({
        ...place,
        capabilities: [...place.capabilities],
      })),
    }),
  );

  app.get(
    '/v1/areas',
    {
      config: everyone,
      schema: {
        summary: 'Sub-districts with their outlines (GeoJSON, WGS-84)',
        tags: ['places'],
        response: {
          200: Type.Object({
            areas: Type.Array(
              Type.Object({
                subdistrictCode: Type.String(),
                name: Type.String(),
                nameEn: Type.Union([Type.String(), Type.Null()]),
                source: Type.Union([Type.String(), Type.Null()]),
                outline: Type.Unknown(),
              }),
            ),
          }),
        },
      },
    },
    async () => ({ areas: await listAreas(deps.db) }),
  );
}
