/** What planners ask of past calls, and what they are answered. */
import { Type } from 'typebox';

export const groupings = ['subdistrict', 'hour', 'station', 'vehicleType', 'priority'] as const;
/** By sub-district of the place, hour of the day in China, station of the first unit, recommended vehicle, priority. */
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
const Clocks = Type.Object({ response: ClockFigures, patient: ClockFigures, travel: ClockFigures });

export const ResponseTimesView = Type.Object({
  from: Type.String(),
  to: Type.String({ description: 'not included' }),
  groupBy: Type.String(),
  targetSeconds: Type.Integer(),
  groups: Type.Array(
    Type.Object({
      key: Type.Union([Type.String(), Type.Null()], { description: 'null: not known of these calls' }),
      clocks: Clocks,
    }),
  ),
  total: Clocks,
});
