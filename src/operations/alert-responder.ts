/** A first responder alerted: by the desk, or in place of one who cannot come or does not answer. */
import { createHash, randomBytes } from 'node:crypto';
import { type LockedCall, lockCall } from '../calls/run-store.ts';
import { findCall } from '../calls/store.ts';
import { appendEvents } from '../database/events.ts';
import { type Executor, inTransaction } from '../database/pool.ts';
import type { Deps } from '../deps.ts';
import { Problem, refuseField } from '../domain/errors.ts';
import type { EventType } from '../domain/events.ts';
import { distanceMetres, type Position } from '../domain/position.ts';
import { type Instant, rfc3339 } from '../domain/time.ts';
import { putDelivery } from '../fleet/alert-deliveries-store.ts';
import {
  type AlertRow,
  alertsOfCall,
  beginAlert,
  findAlert,
  insertOffer,
  lapseAlert,
  overdueAlerts,
} from '../fleet/alerts-store.ts';
import { chinaMinute, offerResponders } from '../fleet/responders.ts';
import type { AlertView } from '../fleet/responders-schema.ts';
import { findResponder, nearestResponders, type ResponderRow } from '../fleet/responders-store.ts';
import { type ResponderFile, responderContext } from './register-responder.ts';

const KEY_BYTES = 24;
export const hashOf = (key: string) => createHash('sha256').update(key).digest();
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
  return (await alertsOfCall(deps.db, callId)).map((row) => alertView(deps, row));
}

/**
 * Alerts one, offered before or not; asked twice it is done once. Throws `not-found`, `call-ended`, `unknown-responder`,
 * `responder-not-available`, and `invalid-field` for a defibrillator or a call nobody knows the place of.
 */
export async function alertResponder(deps: Deps, callId: string, responderId: string): Promise<AlertView> {
  const { db, clock, ids } = deps;
  const responder = await findResponder(db, responderId);
  if (!responder) throw refuseField('responderId', 'is not registered', 'unknown-responder');
  if (responder.kind === 'defibrillator')
    throw refuseField('responderId', 'is a defibrillator: somebody has to fetch it');
  const row = await findCall(db, callId);
  if (!row) throw new Problem('not-found');
  if (row.lon === null || row.lat === null) throw refuseField('callId', 'has no known place yet');
  const place: Position = { lon: row.lon, lat: row.lat, crs: 'wgs84' };
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
      const predictedSeconds = offer?.predictedSeconds ?? metres;
      await insertOffer(
        tx,
        { alertId: ids.next(), callId, responderId, distanceMetres: metres, predictedSeconds },
        now,
      );
    }
    const alertId = await begin(deps, tx, call, responder, now);
    if (!alertId) throw new Problem('responder-not-available');
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

/** Marks the alert of somebody offered, with messages on their way and a time to answer by; null where they are on a call. */
async function begin(
  { ids, seal, config }: Deps,
  tx: Executor,
  call: LockedCall,
  responder: ResponderRow,
  now: Instant,
  insteadOf?: string,
): Promise<string | null> {
  const key = randomBytes(KEY_BYTES).toString('base64url');
  const { responder_id: responderId, channels } = responder;
  const answerDueAt = now + config.responderAnswerSeconds * 1000;
  const alertId = await beginAlert(tx, call.callId, responderId, now, hashOf(key), answerDueAt);
  if (!alertId) return null;
  for (const channel of channels) {
    const deliveryId = ids.next();
    const message: ResponderMessage = { key, callNumber: call.number, alertId };
    const sealed = seal.close(message, deliveryContext(deliveryId));
    await putDelivery(tx, { deliveryId, alertId, kind: 'alert', channel, sealed }, now);
  }
  await tell(tx, 'responder.alerted', call, responder, now, {
    answerDueAt: rfc3339(answerDueAt),
    ...(insteadOf ? { insteadOf } : {}),
  });
  return alertId;
}

/**
 * Somebody alerted cannot come, or does not answer: the desk wanted one, so the next nearest who can be told is alerted in
 * their place, unless another is alerted or comes. Who has no channel is for the desk to ring, and stays offered. Answers
 * the responder, if any. In the transaction that locked the call.
 */
export async function alertNext(
  deps: Deps,
  tx: Executor,
  call: LockedCall,
  insteadOf: string,
  now: Instant,
): Promise<string | null> {
  const known = await alertsOfCall(tx, call.callId);
  if (call.ended || call.reached || !call.position) return null;
  if (known.some(({ status }) => ['alerted', 'accepted', 'on-scene'].includes(status))) return null;
  const tried = new Set(known.filter(({ status }) => status !== 'offered').map((each) => each.responder_id));
  const free = await nearestResponders(tx, call.position, chinaMinute(now));
  const people = offerResponders(free, call.position, deps.travel, now).filter(
    ({ responderId, kind }) => kind !== 'defibrillator' && !tried.has(responderId),
  );
  for (const { responderId, distanceMetres, predictedSeconds } of people) {
    const responder = await findResponder(tx, responderId);
    if (!responder || responder.channels.length === 0) continue;
    const offer = { alertId: deps.ids.next(), callId: call.callId, responderId, distanceMetres, predictedSeconds };
    await insertOffer(tx, offer, now);
    if (await begin(deps, tx, call, responder, now, insteadOf)) return responderId;
  }
  return null;
}

/** One look at alerts nobody answered in time. Any number of instances may look at once. Answers whether there was any. */
export async function lapseAlerts(deps: Deps): Promise<boolean> {
  const { db, clock } = deps;
  const now = clock.now();
  let any = false;
  for (const { alertId, callId } of await overdueAlerts(db, now)) {
    const lapsed = await inTransaction(db, async (tx) => {
      const call = await lockCall(tx, callId);
      if (!call || !(await lapseAlert(tx, alertId, now))) return false;
      const row = (await findAlert(tx, alertId)) as AlertRow;
      const next = await alertNext(deps, tx, call, row.responder_id, now);
      await tell(tx, 'responder.lapsed', call, row, now, { next });
      return true;
    }).catch(unlessTaken);
    any ||= lapsed === true;
  }
  return any;
}

/** Somebody alerted the same responder to another call at once, and the index let one through: looked at again in a second. */
function unlessTaken(error: { code?: string }): null {
  if (error.code !== '23505') throw error;
  return null;
}

/** An event about a responder of a call. It names nobody. */
export const tell = (
  tx: Executor,
  type: EventType,
  { callId, number }: Pick<LockedCall, 'callId' | 'number'>,
  { responder_id: responderId, kind }: Pick<AlertRow, 'responder_id' | 'kind'>,
  now: Instant,
  more: Readonly<Record<string, unknown>> = {},
) => appendEvents(tx, [{ type, at: now, callId, data: { number, responderId, kind, ...more } }]);

export function alertView({ seal }: Pick<Deps, 'seal'>, row: AlertRow): AlertView {
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
    answerDueAt: row.status === 'alerted' ? time(row.answer_due_at) : null,
    answeredAt: time(row.answered_at),
    onSceneAt: time(row.on_scene_at),
    delivery: row.delivery,
  };
}
