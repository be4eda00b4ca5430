/** A hospital's report comes in: kept as it is, matched to its call, written into the history, all in one transaction. */
import { lockCall } from '../calls/run-store.ts';
import { findCall } from '../calls/store.ts';
import { keepCallKeys } from '../care/candidate-store.ts';
import { canonical } from '../care/canonical.ts';
import { checkOutcome, deathIn, type Outcome } from '../care/outcome.ts';
import {
  addOutcome,
  admitWaiting,
  findOutcome,
  findOutcomeByContent,
  findOutcomeByKey,
  findOutcomeByReport,
  type StoredOutcome,
  supersedeOutcome,
  takeTurns,
} from '../care/outcome-store.ts';
import { concernsHospital, holdResidents, type Settled, settlePatientRow } from '../care/patient-store.ts';
import type { LooseOutcomeInput, OutcomeAnswer } from '../care/schema.ts';
import { appendEvents } from '../database/events.ts';
import { type Executor, inTransaction } from '../database/pool.ts';
import type { Deps } from '../deps.ts';
import { Problem, refuseField } from '../domain/errors.ts';
import type { NewEvent } from '../domain/events.ts';
import { groupsOfPatient } from '../requirement/concepts.ts';
import { callKeys } from '../residents/keys.ts';
import { countUnmapped } from '../residents/store.ts';
import { saidOf } from './link-outcome.ts';
import { type Linked, linkReport } from './link-report.ts';
import type { Actor } from './receive-call.ts';
import { type DecidedCall, settledOf, settlePatient } from './settle-patient.ts';
import { writeBack } from './write-back.ts';

export interface ReceiveOptions {
  readonly idempotencyKey?: string | null;
  readonly source?: 'json' | 'fhir';
}
export type ReceivedOutcome = OutcomeAnswer & {
  /** The same report came before; this is the answer it has now. */
  readonly repeated: boolean;
};

/** What a report is about is found before anything is locked; where that has changed since, it is found anew. */
const ATTEMPTS = 5;

/**
 * Receives a report, or a part of one, or a correction. With `callId` it is about that call or about none; with a number,
 * or neither, the call is found. Throws `not-found` for a call id nobody has, `forbidden` for a call bound for another
 * hospital, `idempotency-mismatch`, and what is wrong with the report; then nothing is stored.
 */
export async function receiveOutcome(
  deps: Deps,
  input: LooseOutcomeInput,
  actor: Actor,
  { idempotencyKey = null, source = 'json' }: ReceiveOptions = {},
): Promise<ReceivedOutcome> {
  const now = deps.clock.now();
  checkOutcome(input, now);
  const { hospitalId: named, ...outcome } = input;
  if (actor.role === 'hospital' && named !== undefined && named !== actor.subject) throw new Problem('forbidden');
  const hospitalId = named ?? actor.subject;
  const contentToken = deps.seal.token('outcome', `${hospitalId}|${canonical(outcome)}`);
  const turn = outcome.reportId ? deps.seal.token('outcome-report', `${hospitalId}|${outcome.reportId}`) : contentToken;

  const receive = async (tx: Executor, linked: Linked): Promise<ReceivedOutcome | null> => {
    const { wait } = linked;
    const callId = linked.call?.call_id ?? null;
    const call = callId === null ? null : await holdAsLinked(deps, tx, callId, linked);
    if (call === 'changed') return null;
    await takeTurns(tx, turn);
    const before = await findRepeated(tx, outcome, { hospitalId, contentToken, actor, idempotencyKey });
    if (before) return { ...outcomeAnswer(before, null), repeated: true };
    const corrected = await findCorrected(tx, outcome, hospitalId);
    if (corrected && !(await supersedeOutcome(tx, corrected.outcomeId)))
      throw refuseField('corrects', 'was corrected before: correct that one');

    const outcomeId = deps.ids.next();
    const stored = await addOutcome(tx, deps.seal, {
      outcomeId,
      hospitalId,
      callId,
      state: wait ? 'unmatched' : 'matched',
      reason: wait,
      corrects: corrected?.outcomeId ?? null,
      receivedAt: now,
      actor,
      source,
      idempotencyKey,
      contentToken,
      outcome,
      disposition: deathIn(outcome, '') === null ? (outcome.disposition ?? null) : 'died',
    });
    // Another request used the key a moment ago: asked again, this one is a repetition.
    if (!stored) throw new Problem('database-unavailable');
    await countUnmapped(tx, unmappedIn(deps, outcome));
    const state = wait ? 'unmatched' : 'matched';
    const corrects = corrected?.outcomeId ?? null;
    const events: NewEvent[] = [
      {
        type: 'outcome.received',
        at: now,
        callId,
        data: { number: call?.number ?? null, outcomeId, hospitalId, state, reason: wait, corrects },
      },
    ];
    await holdResidents(tx, [linked.patient?.residentId, corrected?.residentId]);
    if (call) events.push(...(await keepLinked(deps, tx, call, linked.patient, { outcomeId, hospitalId, outcome })));
    // A correction may be about another call than what it corrects: that one's history is rid of it.
    if (corrected?.residentId && corrected.callId !== callId) events.push(...(await takeBack(deps, tx, corrected)));
    const seq = await appendEvents(tx, events);
    return { ...outcomeAnswer((await findOutcome(tx, outcomeId)) as StoredOutcome, seq), repeated: false };
  };
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const linked = await linkReport(deps, outcome, hospitalId, actor);
    const received = await inTransaction(deps.db, (tx) => receive(tx, linked));
    if (received && !received.repeated) deps.live.nudge();
    if (received) return received;
  }
  throw new Problem('call-changed');
}

/** The call, held as it is now; `changed` where it was cancelled, or settled for somebody else, since it was linked. */
async function holdAsLinked(
  deps: Deps,
  tx: Executor,
  callId: string,
  { settledFor }: Linked,
): Promise<DecidedCall | 'changed'> {
  await lockCall(tx, callId);
  const call = await findCall(tx, callId);
  if (!call || call.status === 'cancelled') return 'changed';
  const settled = await settledOf(deps, tx, call);
  return (settled?.residentId ?? null) === settledFor ? call : 'changed';
}

export function outcomeAnswer(stored: StoredOutcome, seq: number | null): OutcomeAnswer {
  const { outcomeId, state, reason, callId, callNumber, residentId, writtenBackAt } = stored;
  return {
    outcomeId,
    state,
    reason,
    callId,
    callNumber,
    residentId: writtenBackAt ? residentId : null,
    writtenBackAt,
    seq,
  };
}

interface Asked {
  readonly hospitalId: string;
  readonly contentToken: string;
  readonly actor: Actor;
  readonly idempotencyKey: string | null;
}

/** The report as it came before, by key, by the hospital's own id and the same content, or by content alone. */
async function findRepeated(tx: Executor, outcome: Outcome, asked: Asked): Promise<StoredOutcome | null> {
  const { hospitalId, contentToken, actor, idempotencyKey } = asked;
  if (idempotencyKey !== null) {
    const first = await findOutcomeByKey(tx, actor.role, actor.subject, idempotencyKey);
    if (first && first.contentToken !== contentToken)
      throw refuseField('Idempotency-Key', 'was used before with another body', 'idempotency-mismatch');
    if (first) return first;
  }
  const before = outcome.reportId
    ? await findOutcomeByReport(tx, hospitalId, outcome.reportId)
    : await findOutcomeByContent(tx, hospitalId, contentToken);
  return before?.contentToken === contentToken ? before : null;
}

/** What the report replaces: named by `corrects`, or another version under the same `reportId`. */
async function findCorrected(tx: Executor, outcome: Outcome, hospitalId: string): Promise<StoredOutcome | null> {
  if (outcome.corrects !== undefined) {
    const corrected = await findOutcome(tx, outcome.corrects);
    if (!corrected || corrected.hospitalId !== hospitalId)
      throw refuseField('corrects', 'is no report of this hospital');
    if (corrected.state === 'superseded') throw refuseField('corrects', 'was corrected before: correct that one');
    return corrected;
  }
  return outcome.reportId ? findOutcomeByReport(tx, hospitalId, outcome.reportId) : null;
}

const unmappedIn = (deps: Deps, { diagnoses = [], procedures = [], allergies = [], medications = [] }: Outcome) =>
  groupsOfPatient(deps.protocol, { conditions: [...diagnoses, ...procedures], allergies, medications }).unmapped;

interface Told {
  readonly outcomeId: string;
  readonly hospitalId: string;
  readonly outcome: Pick<Outcome, 'transferredTo' | 'patient'>;
}

/** A report whose call is certain: its hospital may see the call, and where the patient is certain too, the history has it now. */
export async function keepLinked(
  deps: Deps,
  tx: Executor,
  call: DecidedCall,
  patient: Settled | null,
  { outcomeId, hospitalId, outcome }: Told,
): Promise<NewEvent[]> {
  const now = deps.clock.now();
  await concernsHospital(tx, call.call_id, hospitalId, 'outcome', now);
  if (outcome.transferredTo) await concernsHospital(tx, call.call_id, outcome.transferredTo, 'transfer', now);
  await keepCallKeys(tx, call.call_id, callKeys(deps.seal, saidOf(outcome.patient)));
  if (!patient) return [];
  const settled = await settlePatient(deps, tx, call);
  if (settled && settled.residentId !== patient.residentId) throw new Problem('call-changed');
  if (!settled) await settlePatientRow(tx, call.call_id, patient, now);
  await admitWaiting(tx, call.call_id);
  const cause = { callId: call.call_id, callNumber: call.number, source: 'outcome', sourceId: outcomeId } as const;
  return [...((await writeBack(deps, tx, patient.residentId, cause))?.events ?? [])];
}

/** The history of whoever a report was about is gathered anew without it. */
export async function takeBack(deps: Deps, tx: Executor, taken: StoredOutcome): Promise<NewEvent[]> {
  const { callId, callNumber, residentId, outcomeId } = taken;
  if (callId === null || callNumber === null || residentId === null) return [];
  const cause = { callId, callNumber, source: 'correction', sourceId: outcomeId } as const;
  return [...((await writeBack(deps, tx, residentId, cause))?.events ?? [])];
}
