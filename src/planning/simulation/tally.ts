/** What is counted of a simulated day: sums only, so that days and workers add up exactly. */

export const tallyFields = [
  'calls',
  /** Call received → first qualifying ambulance on scene. */
  'responseSeconds',
  'within8',
  /** Call received → first qualifying crew at the patient. */
  'patientSeconds',
  'patientWithin8',
  /** Call received → first vehicle of any kind on scene. */
  'firstSeconds',
  /** The first vehicle had what the patient needed. */
  'firstFits',
  'priority1',
  'priority1Seconds',
  'priority1Within8',
  /** Nobody could be sent at once. */
  'waited',
  /** A second vehicle was needed. */
  'seconds',
  /** Moves of idle units other than the way home after a call, and what all drives of idle units took. */
  'moves',
  'idleDriveSeconds',
  'busySeconds',
  /** What drives of those moves alone took, and the most counted hours of one crew in one shift of the day. */
  'moveDriveSeconds',
  'longestShiftSeconds',
] as const;
export type TallyField = (typeof tallyFields)[number];

export const WIDTH = tallyFields.length;
export const fieldAt = Object.fromEntries(tallyFields.map((field, i) => [field, i])) as Readonly<
  Record<TallyField, number>
>;

export const sumOf = (rows: Float64Array, field: TallyField): number => {
  let sum = 0;
  for (let i = fieldAt[field]; i < rows.length; i += WIDTH) sum += rows[i] as number;
  return sum;
};
