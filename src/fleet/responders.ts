/** Which first responders could be with a patient before the ambulance, and when. Pure. */
import type { Position } from '../domain/position.ts';
import type { Instant } from '../domain/time.ts';
import type { ResponderKind } from './responders-schema.ts';
import type { Travel, TravelEstimate } from './travel.ts';

export interface Responder {
  readonly responderId: string;
  readonly kind: ResponderKind;
  readonly position: Position;
}

export interface OfferedResponder extends Responder {
  readonly distanceMetres: number;
  readonly predictedSeconds: number;
}

/** From the alert to the first step. An assumption to start from, to be replaced by measured alerts. */
const GETTING_READY_SECONDS: Readonly<Record<ResponderKind, number>> = {
  'micro-fire-station': 60,
  'fire-station': 60,
  volunteer: 60,
  defibrillator: 0,
};
/**
 * Metres a second along the way, assumed: a volunteer hurries on foot; people of a micro fire station have electric
 * bicycles; somebody runs for a defibrillator and back. A fire engine drives, so that the travel port says how long.
 */
const METRES_PER_SECOND: Readonly<Record<Exclude<ResponderKind, 'fire-station'>, number>> = {
  'micro-fire-station': 4,
  volunteer: 2,
  defibrillator: 2.5,
};
/** A responder who comes later than this is no first responder. */
const WORTH_ALERTING_SECONDS = 900;
const OFFERED_AT_MOST = 5;
const DEFIBRILLATORS_AT_MOST = 2;

/** From the alert to being with the patient. @param way as an ambulance would drive it */
export function arrivalSeconds(
  kind: ResponderKind,
  { seconds, metres }: Pick<TravelEstimate, 'seconds' | 'metres'>,
): number {
  const once = kind === 'fire-station' ? seconds : metres / METRES_PER_SECOND[kind];
  return GETTING_READY_SECONDS[kind] + (kind === 'defibrillator' ? 2 * once : once);
}

/** The soonest of those that are free, and the defibrillators that could be brought soonest, in that order. */
export function offerResponders(
  free: readonly Responder[],
  patient: Position,
  travel: Travel,
  now: Instant,
): OfferedResponder[] {
  const drives = travel.toOne(
    free.map(({ position }) => position),
    patient,
    now,
  );
  const offered = free.map((responder, i): OfferedResponder => {
    const way = drives.estimate(i);
    return {
      ...responder,
      distanceMetres: Math.round(way.metres),
      predictedSeconds: Math.round(arrivalSeconds(responder.kind, way)),
    };
  });
  const soonest = offered
    .filter(({ predictedSeconds }) => predictedSeconds <= WORTH_ALERTING_SECONDS)
    .sort((a, b) => a.predictedSeconds - b.predictedSeconds || (a.responderId < b.responderId ? -1 : 1));
  const isEquipment = ({ kind }: Responder) => kind === 'defibrillator';
  return [
    ...soonest.filter((each) => !isEquipment(each)).slice(0, OFFERED_AT_MOST),
    ...soonest.filter(isEquipment).slice(0, DEFIBRILLATORS_AT_MOST),
  ];
}

/** Minutes after midnight of `HH:MM`. */
export const minuteOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
export const timeOf = (minute: number): string =>
  `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;

/** The minute of the day in China. */
export const chinaMinute = (at: Instant): number => (Math.floor(at / 60_000) + 480) % 1440;
