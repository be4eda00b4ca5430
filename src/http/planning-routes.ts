/** What past calls tell planners, without a word about anybody. */
import { Type } from 'typebox';
import type { Deps } from '../deps.ts';
import { oneOf } from '../domain/vocabulary.ts';
import { LocateTimesView } from '../locate/schema.ts';
import { readResponseTimes } from '../operations/read-response-times.ts';
import { groupings, ResponseTimesView } from '../planning/schema.ts';
import type { App } from './types.ts';

const Time = Type.String({ format: 'date-time' });

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
            from: Type.Optional(Time),
            to: Type.Optional(Time),
            groupBy: Type.Optional(oneOf(groupings, 'subdistrict where none is named')),
          },
          { additionalProperties: false },
        ),
        response: { 200: Type.Object({ ...ResponseTimesView.properties, locate: LocateTimesView }) },
      },
    },
    async ({ query: { groupBy = 'subdistrict', ...span } }) => {
      const answer = await readResponseTimes(deps, { groupBy, ...span });
      return { ...answer, groups: [...answer.groups] };
    },
  );
}
