/** Positions of units, from their crews or from a gateway that hears many. */
import { Type } from 'typebox';
import type { Deps } from '../deps.ts';
import { PositionInput } from '../domain/position.ts';
import { oneOf } from '../domain/vocabulary.ts';
import { positionFlags } from '../fleet/positions.ts';
import { Identifier } from '../fleet/schema.ts';
import { positionReports } from '../operations/report-positions.ts';
import { actorOf } from './access.ts';
import type { App } from './types.ts';

const BATCH_AT_MOST = 1_000;

const PositionReport = Type.Object(
  {
    unitId: Identifier,
    position: PositionInput,
    at: Type.String({ format: 'date-time', description: 'when the unit was there' }),
    speed: Type.Optional(Type.Number({ minimum: 0, maximum: 1_000, description: 'metres a second' })),
    heading: Type.Optional(Type.Number({ minimum: 0, maximum: 360, description: 'degrees from north' })),
  },
  { additionalProperties: false },
);
const PositionsAnswer = Type.Object({
  accepted: Type.Integer({ description: 'kept, the flagged ones among them' }),
  flagged: Type.Array(
    Type.Object({
      index: Type.Integer({ description: 'place in the batch, from 0' }),
      unitId: Type.String(),
      flags: Type.Array(oneOf(positionFlags)),
    }),
    { description: 'kept but not used for ranking; unknown-unit is not kept' },
  ),
});

export function registerPositionRoutes(app: App, deps: Deps): void {
  const report = positionReports(deps);
  app.post(
    '/v1/positions',
    {
      // A gateway that hears the whole fleet every second must not be limited with those who read.
      config: { access: ['crew', 'dispatcher', 'admin'], rateLimit: false },
      schema: {
        summary: 'Where units are; crews report their own, gateways any',
        tags: ['units'],
        body: Type.Array(PositionReport, { minItems: 1, maxItems: BATCH_AT_MOST }),
        response: { 200: PositionsAnswer },
      },
    },
    async (request) => {
      const { accepted, flagged } = await report(request.body, actorOf(request));
      return { accepted, flagged: flagged.map((one) => ({ ...one, flags: [...one.flags] })) };
    },
  );
}
