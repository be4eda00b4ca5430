/** A past call of another system: what a line says, and the seconds its clocks and legs took. Pure. */
import { latLngToCell } from 'h3-js';
import { type Static, Type } from 'typebox';
import { PositionInput, toWgs84 } from '../domain/position.ts';
import { chinaTime, type Instant } from '../domain/time.ts';
import { complaintCodes, oneOf, timePoints, vehicleTypes } from '../domain/vocabulary.ts';

const Time = Type.String({ format: 'date-time' });
const Id = Type.String({ minLength: 1, maxLength: 100 });
const closed = { additionalProperties: false } as const;

export const PastCall = Type.Object(
  {
    callId: Id,
    receivedAt: Time,
    answeredAt: Type.Optional(Time),
    timePoints: Type.Optional(
      Type.Object(Object.fromEntries(timePoints.map((point) => [point, Type.Optional(Time)])), closed),
    ),
    cancelled: Type.Optional(Type.Boolean()),
    position: Type.Optional(PositionInput),
    subdistrictCode: Type.Optional(Id),
    complaint: Type.Optional(oneOf(complaintCodes)),
    priority: Type.Optional(Type.Integer({ minimum: 1, maximum: 4 })),
    unitId: Type.Optional(Id),
    stationId: Type.Optional(Id),
    vehicleType: Type.Optional(oneOf(vehicleTypes)),
    ageYears: Type.Optional(Type.Integer({ minimum: 0, maximum: 130, description: 'of the patient' })),
  },
  { ...closed, description: 'timePoints: of the first qualifying ambulance' },
);
export type PastCall = Static<typeof PastCall>;

/** The legs of a call, in order; together they are the patient's clock. */
export const legs = ['answer', 'dispatch', 'turnout', 'travel', 'reach'] as const;
/** Received → answered → unit notified → en route → on scene → at the patient. */
export type Leg = (typeof legs)[number];

export interface FiledPastCall {
  readonly sourceId: string;
  readonly receivedAt: Instant;
  readonly hour: number;
  readonly priority: number | null;
  readonly cancelled: boolean;
  readonly responseSeconds: number | null;
  readonly patientSeconds: number | null;
  readonly legSeconds: Readonly<Record<Leg, number | null>>;
  readonly complaint: string | null;
  readonly vehicleType: string | null;
  readonly ageYears: number | null;
  readonly unitId: string | null;
  readonly stationId: string | null;
  readonly subdistrictCode: string | null;
  readonly lon: number | null;
  readonly lat: number | null;
  /** H3 index of resolution 9. */
  readonly cell: string | null;
}

export const PAST_CALL_RESOLUTION = 9;

/** A begun second counts, as everywhere; a time that lies before the one it follows contradicts it, and there is no figure. */
export function filePastCall(given: PastCall): FiledPastCall {
  const points = (given.timePoints ?? {}) as Partial<Record<(typeof timePoints)[number], string>>;
  const at = (text: string | undefined): Instant | null => (text === undefined ? null : Date.parse(text));
  const receivedAt = Date.parse(given.receivedAt);
  const answered = at(given.answeredAt);
  const notified = at(points['unit-notified']);
  const enRoute = at(points['en-route']);
  const onScene = at(points['on-scene']);
  const atPatient = at(points['at-patient']);
  const position = given.position ? toWgs84(given.position) : null;
  return {
    sourceId: given.callId,
    receivedAt,
    hour: chinaTime(receivedAt).getUTCHours(),
    priority: given.priority ?? null,
    cancelled: given.cancelled ?? points.cancelled !== undefined,
    responseSeconds: between(receivedAt, onScene),
    patientSeconds: between(receivedAt, atPatient),
    legSeconds: {
      answer: between(receivedAt, answered),
      // Where nobody wrote down when it was answered, the two legs are one.
      dispatch: between(answered ?? receivedAt, notified),
      turnout: between(notified, enRoute),
      travel: between(enRoute, onScene),
      reach: between(onScene, atPatient),
    },
    complaint: given.complaint ?? null,
    vehicleType: given.vehicleType ?? null,
    ageYears: given.ageYears ?? null,
    unitId: given.unitId ?? null,
    stationId: given.stationId ?? null,
    subdistrictCode: given.subdistrictCode ?? null,
    lon: position?.lon ?? null,
    lat: position?.lat ?? null,
    cell: position && latLngToCell(position.lat, position.lon, PAST_CALL_RESOLUTION),
  };
}

function between(from: Instant | null, to: Instant | null): number | null {
  if (from === null || to === null || to < from) return null;
  return Math.ceil((to - from) / 1000);
}
