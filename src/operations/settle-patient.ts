/** Whose call it was: confirmed by a dispatcher, or matched by itself with certainty. Never guessed. */
import { decisionContext } from '../calls/accept.ts';
import type { CallRow } from '../calls/store.ts';
import { findPatient, type Settled, settlePatientRow } from '../care/patient-store.ts';
import type { Executor } from '../database/pool.ts';
import type { Deps } from '../deps.ts';
import type { DecisionRecord } from './receive-call.ts';

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
  const settled = await findPatient(tx, call.call_id);
  if (settled && (settled.how !== 'matched' || call.resident_id === null)) return settled;
  const found = patientOf(deps, call);
  if (found && found.residentId !== settled?.residentId)
    await settlePatientRow(tx, call.call_id, found, deps.clock.now());
  return found ?? settled;
}

/** The same without keeping it. */
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
