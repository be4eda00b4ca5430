/** A first responder alerted, and what they answer: by the desk that heard it, or by the key in their own message. */
import { createHash, randomBytes } from 'node:crypto';
import { intakeContext } from '../calls/accept.ts';
import { lockCall } from '../calls/run-store.ts';
import type { CallInput } from '../calls/schema.ts';
import { findCall } from '../calls/store.ts';
import { appendEvents } from '../database/events.ts';
import { type Executor, inTransaction } from '../database/pool.ts';
import type { Deps } from '../deps.ts';
import { Problem, refuseField } from '../domain/errors.ts';
import type { EventType } from '../domain/events.ts';
import { distanceMetres, type Position } from '../domain/position.ts';
import { type Instant, rfc3339 } from '../domain/time.ts';
import { offerResponders } from '../fleet/responders.ts';
import type { AlertStatus, AlertView } from '../fleet/responders-schema.ts';
import {
  type AlertRow,
  alertsOfCall,
  answerAlert,
  beginAlert,
  findAlert,
  findAlertByAnswer,
  findResponder,
  insertOffer,
  putDelivery,
} from '../fleet/responders-store.ts';
import { reportResponder } from './end-call.ts';
import { type ResponderFile, responderContext } from './register-responder.ts';

export type ResponderAnswer = 'accept' | 'decline' | 'on-scene';
const KEY_BYTES = 24;
const hashOf = (key: string) => createHash('sha256').update(key).digest();
export const deliveryContext = (deliveryId: string) => `responder-delivery:${deliveryId}`;

/** What a message carries beside its words; sealed until it is sent. */
export interface ResponderMessage {
  readonly key: string | null;
  readonly callNumber: number;
  readonly alertId: string;
}

/** Everybody offered for a call or alerted to it, the soonest first. Throws `not-found`. */
export async function readCallResponders(deps: Deps, callId: string): Promise<AlertView[]> {
  if (!(await findCall(deps.db, callId))) throw new Problem('not-found');
  return (await alertsOfCall(deps.db, callId)).map((row) => viewOf(deps, row));
}

/**
 * Alerts one, offered before or not; asked twice it is done once. Throws `not-found`, `call-ended`, `unknown-responder`,
 * `responder-not-available`, and `invalid-field` for a defibrillator or a call nobody knows the place of.
 */
export async function alertResponder(deps: Deps, callId: string, responderId: string): Promise<AlertView> {
  const { db, clock, ids, seal } = deps;
  const responder = await findResponder(db, responderId);
  if (!responder) throw refuseField('responderId', 'is not registered', 'unknown-responder');
  if (responder.kind === 'defibrillator')
    throw refuseField('responderId', 'is a defibrillator: somebody has to fetch it');
  const row = await findCall(db, callId);
  if (!row) throw new Problem('not-found');
  if (row.lon === null || row.lat === null) throw refuseField('callId', 'has no known place yet');
  const place: Position = { lon: row.lon, lat: row.lat, crs: 'wgs84' };
  const key = randomBytes(KEY_BYTES).toString('base64url');
  const now = clock.now();
  const told = await inTransaction(db, async (tx) => {
    const call = await lockCall(tx, callId);
    if (!call) throw new Problem('not-found');
    if (call.ended) throw new Problem('call-ended');
    const before = (await alertsOfCall(tx, callId)).find((each) => each.responder_id === responderId);
    if (before && ['alerted', 'accepted', 'on-scene'].includes(before.status)) return null;
    if (!before) {
      const position: Position = { lon: responder.lon, lat: responder.lat, crs: 'wgs84' };
      const [offer] = offerResponders([{ responderId, kind: responder.kind, position }], place, deps.travel, now);
      const metres = offer?.distanceMetres ?? Math.round(distanceMetres(position, place));
      // Further than any would be offered: alerted all the same, because somebody asked for it.
      const seconds = offer?.predictedSeconds ?? metres;
      await insertOffer(
        tx,
        { alertId: ids.next(), callId, responderId, distanceMetres: metres, predictedSeconds: seconds },
        now,
      );
    }
    const alertId = await beginAlert(tx, callId, responderId, now, hashOf(key));
    if (!alertId) throw new Problem('responder-not-available');
    for (const channel of responder.channels) {
      const deliveryId = ids.next();
      const message: ResponderMessage = { key, callNumber: call.number, alertId };
      await putDelivery(
        tx,
        { deliveryId, alertId, kind: 'alert', channel, sealed: seal.close(message, deliveryContext(deliveryId)) },
        now,
      );
    }
    await tell(tx, 'responder.alerted', callId, call.number, responder, now);
    return alertId;
  }).catch((error: { code?: string }) => {
    // Two desks alerted the same responder at once: the index let one through.
    if (error.code === '23505') throw new Problem('responder-not-available', [], { cause: error });
    throw error;
  });
  if (told) deps.live.nudge();
  const view = (await readCallResponders(deps, callId)).find((each) => each.responderId === responderId);
  if (!view) throw new Problem('not-found');
  return view;
}

const from: Readonly<Record<ResponderAnswer, readonly AlertStatus[]>> = {
  accept: ['alerted'],
  decline: ['alerted', 'accepted'],
  'on-scene': ['alerted', 'accepted'],
};
const to: Readonly<Record<ResponderAnswer, AlertStatus>> = {
  accept: 'accepted',
  decline: 'declined',
  'on-scene': 'on-scene',
};
const eventOf: Readonly<Record<ResponderAnswer, EventType>> = {
  accept: 'responder.accepted',
  decline: 'responder.declined',
  'on-scene': 'responder.arrived',
};

/** The same answer twice is one. Throws `not-found`, `alert-not-open`, and what is wrong with `at`. */
export async function answerAsResponder(
  deps: Deps,
  alertId: string,
  answer: ResponderAnswer,
  at: Instant,
): Promise<AlertView> {
  const row = await findAlert(deps.db, alertId);
  if (!row) throw new Problem('not-found');
  const { call_id: callId, responder_id: responderId, kind } = row;
  if (row.status !== to[answer]) {
    if (!from[answer].includes(row.status)) throw new Problem('alert-not-open');
    // The arrival first: it says what is wrong with the time, and told again it is kept once.
    if (answer === 'on-scene') await reportResponder(deps, callId, { responderId, kind, at });
    const now = deps.clock.now();
    await inTransaction(deps.db, async (tx) => {
      const call = await lockCall(tx, callId);
      if (!call) throw new Problem('not-found');
      if (!(await answerAlert(tx, alertId, from[answer], to[answer], answer === 'on-scene' ? at : now)))
        throw new Problem('alert-not-open');
      if (answer !== 'on-scene') await tell(tx, eventOf[answer], callId, call.number, row, now);
    });
    deps.live.nudge();
  }
  return viewOf(deps, (await findAlert(deps.db, alertId)) as AlertRow);
}

/** What the key in a message opens: where to go, and the answer, if one is given with it. Throws `not-found`. */
export async function answerByKey(deps: Deps, key: string, answer: ResponderAnswer | null) {
  const alertId = await findAlertByAnswer(deps.db, hashOf(key));
  if (!alertId) throw new Problem('not-found');
  if (answer) await answerAsResponder(deps, alertId, answer, deps.clock.now());
  const alert = (await findAlert(deps.db, alertId)) as AlertRow;
  const call = await findCall(deps.db, alert.call_id);
  if (!call) throw new Problem('not-found');
  // Where the patient is concerns nobody who does not go there, or no longer.
  const goes = ['alerted', 'accepted', 'on-scene'].includes(alert.status);
  const intake = goes ? deps.seal.open<CallInput>(call.sealed, intakeContext(call.call_id)) : null;
  return {
    status: alert.status,
    callNumber: call.number,
    complaint: goes ? call.complaint : null,
    position:
      goes && call.lon !== null && call.lat !== null ? { lon: call.lon, lat: call.lat, crs: 'wgs84' as const } : null,
    address: intake?.location?.address ?? null,
  };
}

/** Throws `not-found`, `alert-not-open`. */
export async function standResponderDown(deps: Deps, alertId: string, why: 'desk' | 'call-over'): Promise<AlertView> {
  const row = await findAlert(deps.db, alertId);
  if (!row) throw new Problem('not-found');
  const { db, clock, ids, seal } = deps;
  const now = clock.now();
  const done = await inTransaction(db, async (tx) => {
    const call = await lockCall(tx, row.call_id);
    if (!call || !(await answerAlert(tx, alertId, ['alerted', 'accepted', 'on-scene'], 'stood-down', now)))
      return false;
    for (const channel of row.status === 'on-scene' ? [] : row.channels) {
      const deliveryId = ids.next();
      const message: ResponderMessage = { key: null, callNumber: call.number, alertId };
      await putDelivery(
        tx,
        { deliveryId, alertId, kind: 'over', channel, sealed: seal.close(message, deliveryContext(deliveryId)) },
        now,
      );
    }
    await tell(tx, 'responder.stood-down', row.call_id, call.number, row, now);
    return true;
  });
  if (!done && why === 'desk' && row.status !== 'stood-down') throw new Problem('alert-not-open');
  if (done) deps.live.nudge();
  return viewOf(deps, (await findAlert(db, alertId)) as AlertRow);
}

const tell = (
  tx: Executor,
  type: EventType,
  callId: string,
  number: number,
  responder: Pick<AlertRow, 'responder_id' | 'kind'>,
  now: Instant,
) =>
  appendEvents(tx, [
    { type, at: now, callId, data: { number, responderId: responder.responder_id, kind: responder.kind } },
  ]);

function viewOf({ seal }: Deps, row: AlertRow): AlertView {
  const { name, whereExactly } = seal.open<ResponderFile>(row.sealed, responderContext(row.responder_id));
  const time = (at: Date | null) => at?.toISOString() ?? null;
  return {
    alertId: row.alert_id,
    callId: row.call_id,
    responderId: row.responder_id,
    kind: row.kind,
    name,
    whereExactly,
    position: { lon: row.lon, lat: row.lat, crs: 'wgs84' },
    status: row.status,
    distanceMetres: row.distance_metres,
    predictedSeconds: row.predicted_seconds,
    predictedOnSceneAt: row.alerted_at && rfc3339(row.alerted_at.getTime() + row.predicted_seconds * 1000),
    channels: row.channels,
    alertedAt: time(row.alerted_at),
    answeredAt: time(row.answered_at),
    onSceneAt: time(row.on_scene_at),
    delivery: row.delivery,
  };
}
