/** What a planner asks to be simulated, and what is answered. */
import { type Static, Type } from 'typebox';
import { PositionInput } from '../../domain/position.ts';
import { oneOf, travelBases } from '../../domain/vocabulary.ts';
import { historySources } from './city.ts';
import { policyNames } from './policies.ts';
import { figureNames } from './report.ts';

const closed = { additionalProperties: false } as const;
const Identifier = Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$' });
export const UNITS_AT_MOST = 500;
export const DAYS_BY_ROUTE_AT_MOST = 10_000;

const units = Type.Optional(
  Type.Integer({ minimum: 1, maximum: UNITS_AT_MOST, description: 'as many units instead of those on file' }),
);
const addStations = Type.Optional(
  Type.Array(Type.Object({ stationId: Identifier, position: PositionInput }, closed), {
    maxItems: 50,
    description: 'stations there are not yet; units are shared out to them, further ones stand there',
  }),
);

export const SimulationInput = Type.Object(
  {
    days: Type.Integer({ minimum: 2, maximum: DAYS_BY_ROUTE_AT_MOST }),
    policy: oneOf(policyNames),
    seed: Type.Optional(Type.Integer({ minimum: 0, maximum: 2 ** 31 - 1, description: '1 where none is named' })),
    callsPerDay: Type.Optional(
      Type.Number({ exclusiveMinimum: 0, maximum: 5_000, description: 'instead of what past calls say' }),
    ),
    units,
    addStations,
    against: Type.Optional(
      Type.Object(
        { policy: Type.Optional(oneOf(policyNames)), units, addStations },
        { ...closed, description: 'the plan it is compared with; what is not named is as now' },
      ),
    ),
  },
  closed,
);
export type SimulationInput = Static<typeof SimulationInput>;

const Estimate = Type.Object({ value: Type.Number(), low: Type.Number(), high: Type.Number() });
const orNull = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) => Type.Union([schema, Type.Null()]);
const PlanReport = Type.Object({
  policy: oneOf(policyNames),
  units: Type.Integer(),
  stations: Type.Integer(),
  figures: Type.Object({
    ...Object.fromEntries(figureNames.map((name) => [name, orNull(Estimate)])),
    perDay: Type.Object({
      calls: Type.Number(),
      waited: Type.Number({ description: 'calls for which nobody was free at once' }),
      secondVehicles: Type.Number(),
      moves: Type.Number({ description: 'of idle units, the way home after a call apart' }),
      idleDriveHours: Type.Number({ description: 'of all units together' }),
      moveDriveHours: Type.Number({ description: 'of those, on moves' }),
    }),
    perShift: Type.Object(
      { busyHours: Type.Number(), moveDriveHours: Type.Number(), longestHours: Type.Number() },
      { description: 'hours of a crew in a shift of twelve: on calls, on moves; and of the longest shift of a day' },
    ),
    busyShare: Type.Number(),
  }),
});
export const SimulationReportView = Type.Object({
  city: Type.String(),
  demand: Type.String(),
  histories: Type.Optional(
    oneOf(
      historySources,
      'of the patients: their own; of filed residents who live nearby and are of their age; nobody’s, so that history decides nothing',
    ),
  ),
  travel: oneOf(travelBases),
  days: Type.Integer({ description: 'simulated: the first so many of those asked for' }),
  daysAsked: Type.Integer(),
  partial: Type.Boolean({ description: 'broken off, or not at its end; the intervals are of the days there are' }),
  seed: Type.Integer(),
  plan: PlanReport,
  against: PlanReport,
  difference: Type.Object(
    Object.fromEntries(
      figureNames.map((name) => [name, orNull(Type.Object({ ...Estimate.properties, real: Type.Boolean() }))]),
    ),
    {
      description: 'plan less against, 95 % intervals over the same days; real: the interval leaves out no difference',
    },
  ),
});

export const simulationStatuses = ['waiting', 'running', 'done', 'cancelled', 'failed', 'interrupted'] as const;
export const SimulationView = Type.Object({
  simulationId: Type.String(),
  status: oneOf(
    simulationStatuses,
    'interrupted: the instance that ran it is gone; what it had until then is in the report',
  ),
  progress: Type.Number({ minimum: 0, maximum: 1 }),
  request: SimulationInput,
  report: orNull(SimulationReportView),
  problem: orNull(Type.String()),
  createdAt: Type.String(),
  finishedAt: orNull(Type.String()),
});
