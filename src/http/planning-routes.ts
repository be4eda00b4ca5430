/** What past calls tell planners, without a word about anybody. */
import { Type } from 'typebox';
import type { Deps } from '../deps.ts';
import { oneOf } from '../domain/vocabulary.ts';
import { LocateTimesView } from '../locate/schema.ts';
import { Grounds, readCoverage } from '../operations/coverage.ts';
import { readHexagons, readLateCalls, readLegs } from '../operations/read-planning.ts';
import { readResponseTimes } from '../operations/read-response-times.ts';
import { responseTimesCsv, TARGET_SECONDS } from '../planning/response-times.ts';
import {
  CoverageView,
  groupings,
  HexagonsView,
  LateCallsView,
  LegsView,
  ResponseTimesView,
} from '../planning/schema.ts';
import type { App } from './types.ts';

const Time = Type.String({ format: 'date-time' });

const Grouped = Type.Object(
  {
    from: Type.Optional(Time),
    to: Type.Optional(Time),
    groupBy: Type.Optional(oneOf(groupings, 'subdistrict where none is named')),
  },
  { additionalProperties: false },
);

export function registerPlanningRoutes(app: App, deps: Deps): void {
  app.get(
    '/v1/response-times',
    {
      config: { access: ['planner', 'dispatcher', 'admin'] },
      schema: {
        summary: 'Mean, median, P90 and share within 8 minutes by three clocks; missing and cancelled counted',
        tags: ['planning'],
        querystring: Type.Object(
          {
            ...Grouped.properties,
            histogram: Type.Optional(Type.Boolean({ description: 'with calls by minute for each group and clock' })),
          },
          { additionalProperties: false },
        ),
        response: { 200: Type.Object({ ...ResponseTimesView.properties, locate: LocateTimesView }) },
      },
    },
    ({ query: { groupBy = 'subdistrict', ...rest } }) => readResponseTimes(deps, { groupBy, ...rest }),
  );

  app.get(
    '/v1/response-times.csv',
    {
      config: { access: ['planner', 'dispatcher', 'admin'] },
      schema: {
        summary: 'The same figures as comma-separated values, one line a group and clock',
        tags: ['planning'],
        querystring: Grouped,
        produces: ['text/csv'],
        response: { 200: Type.String() },
      },
    },
    async ({ query: { groupBy = 'subdistrict', ...span } }, reply) => {
      const answer = await readResponseTimes(deps, { groupBy, ...span });
      reply
        .type('text/csv; charset=utf-8')
        .header('content-disposition', `attachment; filename="response-times-${groupBy}.csv"`);
      return responseTimesCsv(answer);
    },
  );

  app.get(
    '/v1/response-times/legs',
    {
      config: { access: ['planner', 'dispatcher', 'admin'] },
      schema: {
        summary: 'Where the minutes of late calls went, leg by leg, beside those in time',
        tags: ['planning'],
        querystring: Grouped,
        response: { 200: LegsView },
      },
    },
    ({ query: { groupBy = 'subdistrict', ...span } }) => readLegs(deps, { groupBy, ...span }),
  );

  app.get(
    '/v1/response-times/late-calls',
    {
      config: { access: ['planner', 'dispatcher', 'admin'] },
      schema: {
        summary: 'Late calls one by one with the seconds of each leg; nothing in it leads to anybody',
        tags: ['planning'],
        querystring: Type.Object(
          {
            ...Grouped.properties,
            key: Type.Optional(Type.String({ maxLength: 100, description: 'of one group; all where absent' })),
            limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
          },
          { additionalProperties: false },
        ),
        response: { 200: LateCallsView },
      },
    },
    ({ query: { groupBy = 'subdistrict', key, limit = 100, ...span } }) =>
      readLateCalls(deps, { groupBy, key: key ?? null, limit, ...span }),
  );

  app.get(
    '/v1/response-times/hexagons',
    {
      config: { access: ['planner', 'dispatcher', 'admin'] },
      schema: {
        summary: 'Response by hexagon (H3) as GeoJSON',
        tags: ['planning'],
        querystring: Type.Object(
          {
            from: Type.Optional(Time),
            to: Type.Optional(Time),
            resolution: Type.Optional(Type.Integer({ minimum: 6, maximum: 9, description: '8 where none is named' })),
          },
          { additionalProperties: false },
        ),
        response: { 200: HexagonsView },
      },
    },
    async ({ query: { resolution = 8, ...span } }, reply) => {
      reply.type('application/geo+json; charset=utf-8');
      return readHexagons(deps, { resolution, ...span });
    },
  );

  const grounds = new Grounds(deps);
  app.get(
    '/v1/coverage',
    {
      config: { access: ['planner', 'dispatcher', 'admin'] },
      schema: {
        summary: 'People and expected calls within the target by road: by free units as they stand, or by plan',
        tags: ['planning'],
        querystring: Type.Object(
          {
            basis: Type.Optional(oneOf(['now', 'plan'], 'now where none is named')),
            hour: Type.Optional(
              Type.Integer({ minimum: 0, maximum: 23, description: 'of the day in China; all where absent' }),
            ),
            standardSeconds: Type.Optional(
              Type.Integer({ minimum: 60, maximum: 7200, description: '480 where absent' }),
            ),
            hexagons: Type.Optional(Type.Boolean({ description: 'with the cover of each hexagon, as GeoJSON' })),
            byHour: Type.Optional(Type.Boolean({ description: 'with the cover by plan of each hour of the day' })),
          },
          { additionalProperties: false },
        ),
        response: { 200: CoverageView },
      },
    },
    ({ query: { basis = 'now', hour, standardSeconds = TARGET_SECONDS, hexagons = false, byHour = false } }) =>
      readCoverage(deps, grounds, { basis, hour: hour ?? null, standardSeconds, hexagons, byHour }),
  );
}
