/** What first responders answer: by the desk that heard it, or by the key in their own message; and nobody needed any more. */
import { intakeContext } from '../calls/accept.ts';
import { lockCall } from '../calls/run-store.ts';
import type { CallInput } from '../calls/schema.ts';
import { findCall } from '../calls/store.ts';
import { inTransaction } from '../database/pool.ts';
import type { Deps } from '../deps.ts';
import { Problem } from '../domain/errors.ts';
import type { EventType } from '../domain/events.ts';
import type { Instant } from '../domain/time.ts';
import { putDelivery } from '../fleet/alert-deliveries-store.ts';
import { type AlertRow, answerAlert, findAlert, findAlertByAnswer } from '../fleet/alerts-store.ts';
import type { AlertStatus, AlertView } from '../fleet/responders-schema.ts';
import { alertNext, alertView, deliveryContext, hashOf, type ResponderMessage, tell } from './alert-responder.ts';
import { reportResponder } from './end-call.ts';

export type ResponderAnswer = 'accept' | 'decline' | 'on-scene';

/** Who let an alert lapse may still come: late help is help, and the desk sees that it is. */
const from: Readonly<Record<ResponderAnswer, readonly AlertStatus[]>> = {
  accept: ['alerted', 'lapsed'],
  decline: ['alerted', 'accepted', 'lapsed'],
  'on-scene': ['alerted', 'accepted', 'lapsed'],
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

/**
 * The same answer twice is one. Throws `not-found`, `alert-not-open`, `responder-not-available` where an answer that comes
 * late finds them alerted to another call, and what is wrong with `at`.
 */
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
    const write = () =>
      inTransaction(deps.db, async (tx) => {
        const call = await lockCall(tx, callId);
        if (!call) throw new Problem('not-found');
        if (call.ended && answer === 'accept') throw new Problem('alert-not-open');
        if (!(await answerAlert(tx, alertId, from[answer], to[answer], answer === 'on-scene' ? at : now))) {
          // Two desks heard the same at the same moment.
          if ((await findAlert(tx, alertId))?.status === to[answer]) return;
          throw new Problem('alert-not-open');
        }
        if (answer === 'on-scene') return;
        const late = row.status === 'lapsed';
        await tell(tx, eventOf[answer], call, row, now, late ? { late } : {});
        if (answer === 'decline' && !late) await alertNext(deps, tx, call, responderId, now);
      });
    await write().catch((error: { code?: string }) => {
      if (error.code !== '23505') throw error;
      // Who was to be alerted next was taken by another call at that moment: tried again, there is one after them.
      if (answer === 'decline') return write();
      throw new Problem('responder-not-available', [], { cause: error });
    });
    deps.live.nudge();
  }
  return alertView(deps, (await findAlert(deps.db, alertId)) as AlertRow);
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

const open: readonly AlertStatus[] = ['alerted', 'accepted', 'on-scene', 'lapsed'];

/** Throws `not-found`, `alert-not-open`. */
export async function standResponderDown(deps: Deps, alertId: string, why: 'desk' | 'call-over'): Promise<AlertView> {
  const row = await findAlert(deps.db, alertId);
  if (!row) throw new Problem('not-found');
  const { db, clock, ids, seal } = deps;
  const now = clock.now();
  const done = await inTransaction(db, async (tx) => {
    const call = await lockCall(tx, row.call_id);
    if (!call || !(await answerAlert(tx, alertId, open, 'stood-down', now))) return false;
    for (const channel of row.status === 'on-scene' ? [] : row.channels) {
      const deliveryId = ids.next();
      const message: ResponderMessage = { key: null, callNumber: call.number, alertId };
      await putDelivery(
        tx,
        { deliveryId, alertId, kind: 'over', channel, sealed: seal.close(message, deliveryContext(deliveryId)) },
        now,
      );
    }
    await tell(tx, 'responder.stood-down', call, row, now);
    return true;
  });
  if (!done && why === 'desk' && row.status !== 'stood-down') throw new Problem('alert-not-open');
  if (done) deps.live.nudge();
  return alertView(deps, (await findAlert(db, alertId)) as AlertRow);
}
