/** What planners ask of past calls, and what they are answered. */
import { type Static, Type } from 'typebox';
import { oneOf } from '../domain/vocabulary.ts';

export const groupings = ['subdistrict', 'hour', 'station', 'vehicleType', 'priority', 'week', 'month'] as const;
/**
 * By sub-district of the place, hour of the day in China, station of the first unit, recommended vehicle, priority; for
 * trends by the week's Monday or the month's first day in China.
 */
export type Grouping = (typeof groupings)[number];

export const clocks = ['response', 'patient', 'travel'] as const;
/** `response`: received → first qualifying ambulance on scene. `patient`: received → at the patient. `travel`: en route → on scene. */
export type ClockName = (typeof clocks)[number];

const Seconds = Type.Union([Type.Integer(), Type.Null()]);
const ClockFigures = Type.Object({
  count: Type.Integer({ description: 'calls measured; with missing and cancelled, all calls' }),
  missing: Type.Integer({
    description: 'calls not cancelled that lack a time point, or whose points contradict each other',
  }),
  live: Type.Integer({ description: 'those of the missing that have not ended, and may yet be measured' }),
  cancelled: Type.Integer({ description: 'calls cancelled, whatever was reported before' }),
  meanSeconds: Seconds,
  medianSeconds: Seconds,
  p90Seconds: Seconds,
  within8Share: Type.Union([Type.Number(), Type.Null()], {
    description: 'of the measured, the share of 480 s or less',
  }),
});
/** Calls by whole minutes, 0:00–1:00 first; the last one holds all that took longer. */
export const HISTOGRAM_MINUTES = 31;
const Histogram = Type.Array(Type.Integer(), { description: 'calls by minute begun; the last holds all longer ones' });
const Histograms = Type.Object({ response: Histogram, patient: Histogram, travel: Histogram });
const Clocks = Type.Object({ response: ClockFigures, patient: ClockFigures, travel: ClockFigures });

const TravelPrediction = Type.Object(
  {
    count: Type.Integer({ description: 'drives foreseen by road and then measured' }),
    meanErrorSeconds: Type.Union([Type.Integer(), Type.Null()], { description: 'actual less foreseen' }),
    meanAbsoluteErrorSeconds: Seconds,
    p90AbsoluteErrorSeconds: Seconds,
  },
  {
    description: 'each drive (en route → on scene) foreseen with the speeds learned before it, beside how long it took',
  },
);

export const ResponseTimesView = Type.Object({
  from: Type.String(),
  to: Type.String({ description: 'not included' }),
  groupBy: Type.String(),
  targetSeconds: Type.Integer(),
  groups: Type.Array(
    Type.Object({
      key: Type.Union([Type.String(), Type.Null()], { description: 'null: not known of these calls' }),
      clocks: Clocks,
      withinTargetShare: Type.Union([Type.Number(), Type.Null()], {
        description: 'response clock: the share within the target of each call’s own priority',
      }),
      histograms: Type.Optional(Histograms),
      travelPrediction: TravelPrediction,
    }),
  ),
  total: Clocks,
  withinTargetShare: Type.Union([Type.Number(), Type.Null()]),
  histograms: Type.Optional(Histograms),
  travelPrediction: TravelPrediction,
});

export type ResponseTimesView = Static<typeof ResponseTimesView>;

const Mean = Type.Union([Type.Number(), Type.Null()]);
const Legs = Type.Object({ answer: Mean, dispatch: Mean, turnout: Mean, travel: Mean, reach: Mean });
const LegGroup = Type.Object({
  key: Type.Union([Type.String(), Type.Null()]),
  late: Type.Integer({ description: 'calls whose ambulance came after their target' }),
  inTime: Type.Integer(),
  lateLegs: Type.Object({ ...Legs.properties }, { description: 'mean seconds a late call spent in each leg' }),
  inTimeLegs: Legs,
});
/** Where the minutes of late calls went, beside those in time. */
export const LegsView = Type.Object({
  from: Type.String(),
  to: Type.String(),
  groupBy: Type.String(),
  targetSeconds: Type.Array(Type.Integer(), { description: 'by priority, 1 first' }),
  groups: Type.Array(LegGroup),
  total: LegGroup,
});
export type LegsView = Static<typeof LegsView>;

const Whole = Type.Union([Type.Integer(), Type.Null()]);
/** Late calls one by one, the latest first; nothing in it leads to anybody. */
export const LateCallsView = Type.Object({
  calls: Type.Array(
    Type.Object({
      receivedAt: Type.String(),
      priority: Whole,
      subdistrictCode: Type.Union([Type.String(), Type.Null()]),
      stationId: Type.Union([Type.String(), Type.Null()]),
      vehicleType: Type.Union([Type.String(), Type.Null()]),
      responseSeconds: Type.Integer(),
      targetSeconds: Type.Integer(),
      legs: Type.Object({ answer: Whole, dispatch: Whole, turnout: Whole, travel: Whole, reach: Whole }),
    }),
  ),
});
export type LateCallsView = Static<typeof LateCallsView>;

const Share = Type.Union([Type.Number(), Type.Null()]);
const feature = <T extends Parameters<typeof Type.Object>[0]>(properties: T) =>
  Type.Object({
    type: oneOf(['Feature']),
    id: Type.String({ description: 'H3 index' }),
    geometry: Type.Object({
      type: oneOf(['Polygon']),
      coordinates: Type.Array(Type.Array(Type.Array(Type.Number()))),
    }),
    properties: Type.Object(properties),
  });
export const HexagonsView = Type.Object({
  type: oneOf(['FeatureCollection']),
  features: Type.Array(
    feature({
      cell: Type.String(),
      calls: Type.Integer({ description: 'all, cancelled ones as well' }),
      measured: Type.Integer(),
      meanSeconds: Whole,
      within8Share: Share,
      withinTargetShare: Share,
    }),
  ),
});
export type HexagonsView = Static<typeof HexagonsView>;

const Cover = Type.Object({
  total: Type.Number(),
  single: Type.Number(),
  double: Type.Number({ description: 'reached in time by two units at least' }),
  singleShare: Share,
  doubleShare: Share,
});
export const CoverageView = Type.Object({
  basis: oneOf(['now', 'plan']),
  at: Type.String(),
  hour: Whole,
  standardSeconds: Type.Number({ description: 'turnout and drive by road within it are cover' }),
  units: Type.Integer({ description: 'now: that could be sent; plan: that belong to stations' }),
  people: Cover,
  calls: { ...Cover, description: 'expected in an hour' },
  hours: Type.Optional(
    Type.Array(Type.Object({ hour: Type.Integer(), people: Cover, calls: Cover }), { description: 'by plan' }),
  ),
  hexagons: Type.Optional(
    Type.Object({
      type: oneOf(['FeatureCollection']),
      features: Type.Array(
        feature({
          cell: Type.String(),
          people: Type.Number(),
          callsPerHour: Type.Number(),
          cover: Type.Integer({ minimum: 0, maximum: 2 }),
          nearestSeconds: Whole,
        }),
      ),
    }),
  ),
});
export type CoverageView = Static<typeof CoverageView>;
