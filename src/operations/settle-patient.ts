/** Whose call it was: confirmed by a dispatcher, or matched by itself with certainty. Never guessed. */
import { decisionContext, intakeContext } from '../calls/accept.ts';
import type { CallInput } from '../calls/schema.ts';
import { type CallRow, findCall } from '../calls/store.ts';
import { keepCallKeys } from '../care/candidate-store.ts';
import { findPatient, holdResidents, type Settled, settlePatientRow } from '../care/patient-store.ts';
import type { Executor } from '../database/pool.ts';
import type { Deps } from '../deps.ts';
import type { NewEvent } from '../domain/events.ts';
import { callKeys } from '../residents/keys.ts';
import { spokenOf } from './link-outcome.ts';
import type { DecisionRecord } from './receive-call.ts';
import { writeBack } from './write-back.ts';

/** A call with its latest decision, as `findCall` reads it. */
export type DecidedCall = CallRow & { readonly decision: Buffer };

/**
 * Who the call is about, as settled before, as a dispatcher confirmed, or as the only resident the call was decided for
 * as a match; `null` where several are possible or nobody is. Kept for the next who asks.
 */
export async function settlePatient(
  deps: Pick<Deps, 'seal' | 'clock'>,
  tx: Executor,
  call: DecidedCall,
): Promise<Settled | null> {
  const before = await findPatient(tx, call.call_id);
  const found = await settledOf(deps, tx, call);
  if (found && (found.residentId !== before?.residentId || found.how !== before.how))
    await settlePatientRow(tx, call.call_id, found, deps.clock.now());
  return found;
}

/** The same without keeping it. What a dispatcher confirmed overrules what was matched, and nothing what a person settled. */
export async function settledOf(deps: Pick<Deps, 'seal'>, db: Executor, call: DecidedCall): Promise<Settled | null> {
  const settled = await findPatient(db, call.call_id);
  if (settled && (settled.how !== 'matched' || call.resident_id === null)) return settled;
  return patientOf(deps, call) ?? settled;
}

/** What the call itself says. */
export function patientOf(deps: Pick<Deps, 'seal'>, call: DecidedCall): Settled | null {
  const record = deps.seal.open<DecisionRecord>(call.decision, decisionContext(call.call_id, call.revision));
  // A dispatcher may confirm an id nobody filed; then there is no history to write to.
  const filed = new Set(record.answer.matches.map(({ residentId }) => residentId));
  if (call.resident_id !== null)
    return filed.has(call.resident_id) ? { residentId: call.resident_id, how: 'confirmed', confidence: 1 } : null;
  const [match, ...others] = record.answer.matches.filter(({ grade }) => grade === 'match');
  return match && others.length === 0
    ? { residentId: match.residentId, how: 'matched', confidence: match.confidence }
    : null;
}

/**
 * A call that has ended is found by what its caller said of the patient, is part of the patient's history, and the family
 * doctor hears that it was.
 */
export async function keepEndedCall(deps: Deps, tx: Executor, callId: string): Promise<NewEvent[]> {
  const call = await findCall(tx, callId);
  if (!call) return [];
  const spoken = spokenOf(deps.seal.open<CallInput>(call.sealed, intakeContext(callId)));
  await keepCallKeys(tx, callId, callKeys(deps.seal, spoken));
  const before = await findPatient(tx, callId);
  const settled = await settlePatient(deps, tx, call);
  if (!settled) return [];
  await holdResidents(tx, [settled.residentId, before?.residentId]);
  const cause = { callId, callNumber: call.number, source: 'call', sourceId: null } as const;
  const written = await writeBack(deps, tx, settled.residentId, cause);
  if (!written) return [];
  const { familyDoctorId: doctorId, communityCentreId } = written.resident;
  const data = { number: call.number, doctorId, communityCentreId: doctorId === null ? communityCentreId : null };
  const events: NewEvent[] = [{ type: 'resident.called', at: deps.clock.now(), callId, data }, ...written.events];
  if (before && before.residentId !== settled.residentId)
    events.push(...((await writeBack(deps, tx, before.residentId, cause))?.events ?? []));
  return events;
}
