/** The status machine of a unit, and what the time points of a run say about it. Pure. */
import type { CallStatus, TimePoint, UnitStatus } from './vocabulary.ts';

/** Where a crew may go by itself. `notified` comes with an assignment only, and standing down is the dispatcher's. */
export const nextStatuses: Readonly<Record<UnitStatus, readonly UnitStatus[]>> = {
  available: ['off-duty'],
  notified: ['en-route'],
  'en-route': ['on-scene'],
  'on-scene': ['transporting', 'returning', 'available'],
  transporting: ['at-hospital'],
  'at-hospital': ['returning', 'available'],
  returning: ['available', 'off-duty'],
  'off-duty': ['available'],
};

/** Points of a unit's run, in the order of a run that goes as it should. */
export const runPoints = [
  'unit-notified',
  'unit-acknowledged',
  'en-route',
  'on-scene',
  'at-patient',
  'left-scene',
  'at-destination',
  'handed-over',
  'in-service',
] as const satisfies readonly TimePoint[];
export type RunPoint = (typeof runPoints)[number];

export const isRunPoint = (point: TimePoint): point is RunPoint => (runPoints as readonly TimePoint[]).includes(point);

/** The status a unit has once the point was passed. */
export const statusAfter: Readonly<Record<RunPoint, UnitStatus>> = {
  'unit-notified': 'notified',
  'unit-acknowledged': 'notified',
  'en-route': 'en-route',
  'on-scene': 'on-scene',
  'at-patient': 'on-scene',
  'left-scene': 'transporting',
  'at-destination': 'at-hospital',
  'handed-over': 'at-hospital',
  'in-service': 'available',
};

/** The point a change of status reports. A unit that returns can be sent again: it is in service. */
export const pointOfStatus: Partial<Readonly<Record<UnitStatus, RunPoint>>> = {
  'en-route': 'en-route',
  'on-scene': 'on-scene',
  transporting: 'left-scene',
  'at-hospital': 'at-destination',
  returning: 'in-service',
  available: 'in-service',
};

const callStatusAfter: Readonly<Record<RunPoint, CallStatus>> = {
  'unit-notified': 'assigned',
  'unit-acknowledged': 'assigned',
  'en-route': 'en-route',
  'on-scene': 'on-scene',
  'at-patient': 'with-patient',
  'left-scene': 'transporting',
  'at-destination': 'at-hospital',
  'handed-over': 'at-hospital',
  'in-service': 'at-hospital',
};

const order = (point: RunPoint) => runPoints.indexOf(point);

/** The last point of those passed, whatever order they were heard in. */
export function furthest(points: readonly RunPoint[]): RunPoint | null {
  return points.reduce<RunPoint | null>((far, point) => (far && order(far) >= order(point) ? far : point), null);
}

/** A call is as far as the unit that got furthest; without units on it, it is open. */
export function callStatusOf(pointsOfUnits: readonly (readonly RunPoint[])[]): CallStatus {
  const far = furthest(pointsOfUnits.map(furthest).filter((point) => point !== null));
  return far ? callStatusAfter[far] : 'open';
}
