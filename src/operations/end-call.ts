/** Closing and cancelling: the call ends, its units are free again, and nothing of it is lost. */
import {
  activeUnits,
  endAssignment,
  endCallRow,
  keepReport,
  lockCall,
  responderArrived,
  setUnit,
} from '../calls/run-store.ts';
import { appendEvents } from '../database/events.ts';
import { type DoneOnce, type KeyedRequest, once } from '../database/once.ts';
import { type Executor, inTransaction } from '../database/pool.ts';
import type { Deps } from '../deps.ts';
import { Problem, refuseField } from '../domain/errors.ts';
import type { NewEvent } from '../domain/events.ts';
import { type Instant, rfc3339 } from '../domain/time.ts';
import type { Actor } from './receive-call.ts';
import { keepEndedCall } from './settle-patient.ts';
import { findOverdue, tellBreach } from './tell-breach.ts';

/** A reason is free text and may name people. */
export const endReasonContext = (callId: string) => `call:${callId}:end-reason`;

/** Throws `not-found`, `call-ended`. Units still on it are stood down: no status stays behind. */
export async function endCall(
  deps: Deps,
  callId: string,
  ending: 'closed' | 'cancelled',
  reason: string,
  actor: Actor,
  asked: KeyedRequest | null = null,
): Promise<DoneOnce<{ seq: number }>> {
  const now = deps.clock.now();
  const end = async (tx: Executor) => {
    const call = await lockCall(tx, callId);
    if (!call) throw new Problem('not-found');
    if (call.ended) throw new Problem('call-ended');
    const overdue = await findOverdue(tx, call, now);
    const events: NewEvent[] = overdue ? await tellBreach(tx, overdue, null, now) : [];
    for (const { unitId } of await activeUnits(tx, callId)) {
      await endAssignment(tx, callId, unitId, now, ending);
      await setUnit(tx, unitId, 'returning', null);
      events.push({ type: 'unit.stood-down', at: now, callId, data: { number: call.number, unitId, status: ending } });
      events.push({ type: 'unit.status', at: now, callId, data: { unitId, status: 'returning' } });
    }
    if (ending === 'cancelled')
      await keepReport(tx, {
        callId,
        unitId: null,
        point: 'cancelled',
        at: now,
        heardAt: now,
        actor,
        flags: [],
        counts: true,
      });
    await endCallRow(tx, callId, ending, now, deps.seal.close(reason, endReasonContext(callId)));
    events.push(...(await keepEndedCall(deps, tx, callId)));
    events.push({ type: 'call.closed', at: now, callId, data: { number: call.number, status: ending } });
    return { seq: await appendEvents(tx, events) };
  };
  const done = await inTransaction(deps.db, (tx) => once(tx, asked, now, () => end(tx)));
  deps.live.nudge();
  return done;
}

/** A fire crew, volunteer or defibrillator is with the patient: kept apart, it stops no clock. Throws `not-found`, and what is wrong with `at`. */
export async function reportResponder(
  deps: Deps,
  callId: string,
  responder: { readonly responderId: string; readonly kind: string; readonly at: Instant },
  asked: KeyedRequest | null = null,
): Promise<DoneOnce<{ seq: number | null }>> {
  const heardAt = deps.clock.now();
  const arrive = async (tx: Executor) => {
    const call = await lockCall(tx, callId);
    if (!call) throw new Problem('not-found');
    if (responder.at < call.receivedAt) throw refuseField('at', 'lies before the call', 'time-point-before-call');
    if (responder.at > heardAt + 60_000) throw refuseField('at', 'lies in the future', 'time-point-in-future');
    if (!(await responderArrived(tx, callId, { ...responder, heardAt }))) return { seq: null };
    const { responderId, kind, at } = responder;
    const seq = await appendEvents(tx, [
      {
        type: 'responder.arrived',
        at: heardAt,
        callId,
        data: { number: call.number, responderId, kind, reportedAt: rfc3339(at) },
      },
    ]);
    return { seq };
  };
  const done = await inTransaction(deps.db, (tx) => once(tx, asked, heardAt, () => arrive(tx)));
  if (done.answer.seq !== null) deps.live.nudge();
  return done;
}
