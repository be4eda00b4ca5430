/** Reports that wait for a person: looked at with whom and which call they may be about, linked, put aside; a wrong link undone. */
import { lockCall } from '../calls/run-store.ts';
import { findCall } from '../calls/store.ts';
import { type Outcome, outcomeContext } from '../care/outcome.ts';
import { decideOutcome, findOutcome, listOutcomes, type StoredOutcome, takeOut } from '../care/outcome-store.ts';
import { findPatient, holdResidents, settlePatientRow, unsettlePatient } from '../care/patient-store.ts';
import type { Dismissal, OutcomeAnswer, OutcomeState, PatientIdentity } from '../care/schema.ts';
import { appendEvents } from '../database/events.ts';
import { inTransaction } from '../database/pool.ts';
import type { Deps } from '../deps.ts';
import { Problem, refuseField } from '../domain/errors.ts';
import type { NewEvent } from '../domain/events.ts';
import { recordRead } from '../residents/access.ts';
import { findResident } from '../residents/store.ts';
import { findCallsFor } from './find-call.ts';
import { rankResidents } from './link-outcome.ts';
import { UNIDENTIFIED } from './read-care.ts';
import type { Actor } from './receive-call.ts';
import { keepLinked, outcomeAnswer } from './receive-outcome.ts';
import { writeBack } from './write-back.ts';

const SHOWN = 10;

export interface ListedOutcome extends OutcomeAnswer {
  readonly hospitalId: string;
  readonly reportId: string | null;
  readonly corrects: string | null;
  readonly receivedAt: string;
  readonly arrivedAt: string | null;
  readonly disposition: string | null;
  /** Who the hospital says it was: what a person needs to find the call by. */
  readonly patient: PatientIdentity | null;
}

const openOutcome = (deps: Deps, stored: StoredOutcome) =>
  deps.seal.open<Outcome>(stored.sealed, outcomeContext(stored.outcomeId));

function listed(deps: Deps, stored: StoredOutcome): ListedOutcome {
  const outcome = openOutcome(deps, stored);
  return {
    ...outcomeAnswer(stored, null),
    hospitalId: stored.hospitalId,
    reportId: stored.reportId,
    corrects: stored.corrects,
    receivedAt: stored.receivedAt,
    arrivedAt: outcome.arrivedAt ?? null,
    disposition: outcome.disposition ?? null,
    patient: outcome.patient ?? null,
  };
}

const logReads = (deps: Deps, stored: readonly StoredOutcome[], actor: Actor, callId: string | null) =>
  recordRead(deps.db, {
    at: deps.clock.now(),
    ...actor,
    residentIds: [...new Set(stored.map((each) => each.residentId ?? UNIDENTIFIED))],
    callId,
    purpose: 'care',
  });

/** A hospital sees its own. */
export async function readOutcomes(
  deps: Deps,
  state: OutcomeState | null,
  atMost: number,
  actor: Actor,
): Promise<ListedOutcome[]> {
  const hospitalId = actor.role === 'hospital' ? actor.subject : null;
  const found = await listOutcomes(deps.db, { state, hospitalId }, atMost);
  await logReads(deps, found, actor, null);
  return found.map((stored) => listed(deps, stored));
}

export interface OutcomeDetail extends ListedOutcome {
  readonly outcome: Outcome;
  /** Calls and residents it may be about, the likeliest first; only of one that waits, and not for hospitals. */
  readonly candidates: {
    readonly calls: readonly {
      readonly callId: string;
      readonly callNumber: number;
      readonly receivedAt: string;
      readonly complaint: string;
      readonly residentId: string | null;
      readonly confidence: number;
      readonly evidence: readonly { readonly field: string; readonly agreement: string; readonly weight: number }[];
    }[];
    readonly residents: readonly {
      readonly residentId: string;
      readonly name: string;
      readonly birthDate: string;
      readonly confidence: number;
    }[];
  };
}

/** Throws `not-found`. */
export async function readOutcome(deps: Deps, outcomeId: string, actor: Actor): Promise<OutcomeDetail> {
  const stored = await findOutcome(deps.db, outcomeId);
  if (!stored || (actor.role === 'hospital' && stored.hospitalId !== actor.subject)) throw new Problem('not-found');
  await logReads(deps, [stored], actor, stored.callId);
  const outcome = openOutcome(deps, stored);
  const open = stored.state === 'unmatched' && actor.role !== 'hospital';
  const now = deps.clock.now();
  const calls = open ? await findCallsFor(deps, outcome, stored.hospitalId, Date.parse(stored.receivedAt)) : [];
  const residents = open && outcome.patient ? await rankResidents(deps, outcome.patient, now) : [];
  const seen = residents.slice(0, SHOWN);
  if (seen.length > 0)
    await recordRead(deps.db, {
      at: now,
      ...actor,
      residentIds: seen.map(({ file }) => file.residentId),
      callId: stored.callId,
      purpose: 'care',
    });
  const rounded = (value: number) => Math.floor(value * 1000) / 1000;
  return {
    ...listed(deps, stored),
    outcome,
    candidates: {
      calls: calls.slice(0, SHOWN).map(({ receivedAt, confidence, evidence, ...call }) => ({
        ...call,
        receivedAt: new Date(receivedAt).toISOString(),
        confidence: rounded(confidence),
        evidence: evidence.map(({ field, agreement, bits }) => ({
          field,
          agreement,
          weight: Math.round(bits * 10) / 10,
        })),
      })),
      residents: seen.map(({ file, confidence }) => ({
        residentId: file.residentId,
        name: file.name,
        birthDate: file.birthDate,
        confidence: rounded(confidence),
      })),
    },
  };
}

export interface LinkChoice {
  readonly callId?: string;
  /** `null`: the patient is nobody filed here. Left out: whoever the call is settled for. */
  readonly residentId?: string | null;
}

/**
 * A person says which call and whose history a report belongs to; also of one that was linked wrongly, whose history is
 * then gathered anew without it. Throws `not-found`, `outcome-superseded`, `unknown-resident`, and what is missing.
 */
export async function linkOutcome(
  deps: Deps,
  outcomeId: string,
  { callId, residentId }: LinkChoice,
): Promise<OutcomeAnswer> {
  const before = await findOutcome(deps.db, outcomeId);
  if (!before) throw new Problem('not-found');
  const target = callId ?? before.callId;
  if (!target) throw refuseField('callId', 'is needed: this report belongs to no call yet');
  const call = await findCall(deps.db, target);
  if (!call) throw refuseField('callId', 'is no call known here');
  if (residentId != null && !(await findResident(deps.db, deps.seal, residentId)))
    throw refuseField('residentId', 'is not filed', 'unknown-resident');
  const now = deps.clock.now();
  const outcome = openOutcome(deps, before);

  const answer = await inTransaction(deps.db, async (tx) => {
    // In the order of their ids, as whoever holds two calls does.
    for (const each of [...new Set([target, ...(before.callId ? [before.callId] : [])])].sort())
      await lockCall(tx, each);
    const stored = await findOutcome(tx, outcomeId);
    if (!stored || stored.state === 'superseded') throw new Problem('outcome-superseded');
    const settled = await findPatient(tx, target);
    const patient =
      residentId === undefined
        ? settled
        : residentId === null
          ? null
          : ({ residentId, how: 'person', confidence: 1 } as const);
    if (residentId === undefined && !patient)
      throw refuseField('residentId', 'is needed, or null for nobody filed: the patient of this call is not known');
    if (residentId === null) await unsettlePatient(tx, target);
    else if (patient && patient.how === 'person') await settlePatientRow(tx, target, patient, now);
    await holdResidents(tx, [patient?.residentId, stored.residentId, settled?.residentId]);
    await takeOut(tx, outcomeId);
    if (!(await decideOutcome(tx, outcomeId, { callId: target, state: 'matched', reason: null })))
      throw new Problem('outcome-superseded');

    const events: NewEvent[] = [resolved(stored, 'matched', target, call.number, now)];
    const cause = { callId: target, callNumber: call.number, source: 'correction', sourceId: outcomeId } as const;
    const told = { outcomeId, hospitalId: stored.hospitalId, outcome };
    events.push(...(await keepLinked(deps, tx, call, patient, told)));
    // Whoever had it, or the call, before is rid of it.
    for (const other of new Set([stored.residentId, settled?.residentId]))
      if (other && other !== patient?.residentId)
        events.push(...((await writeBack(deps, tx, other, cause))?.events ?? []));
    const seq = await appendEvents(tx, events);
    return outcomeAnswer((await findOutcome(tx, outcomeId)) as StoredOutcome, seq);
  });
  deps.live.nudge();
  return answer;
}

/** It is of no call here, or not to be used: kept, out of the list and out of every history. Throws `not-found`, `outcome-superseded`. */
export async function dismissOutcome(deps: Deps, outcomeId: string, reason: Dismissal): Promise<OutcomeAnswer> {
  const now = deps.clock.now();
  const answer = await inTransaction(deps.db, async (tx) => {
    const found = await findOutcome(tx, outcomeId);
    if (!found) throw new Problem('not-found');
    if (found.callId) await lockCall(tx, found.callId);
    const stored = (await findOutcome(tx, outcomeId)) ?? found;
    if (stored.state === 'superseded') throw new Problem('outcome-superseded');
    await takeOut(tx, outcomeId);
    if (!(await decideOutcome(tx, outcomeId, { callId: stored.callId, state: 'dismissed', reason })))
      throw new Problem('outcome-superseded');
    const events: NewEvent[] = [resolved(stored, 'dismissed', stored.callId, stored.callNumber, now)];
    if (stored.state === 'matched' && stored.residentId && stored.callId && stored.callNumber !== null) {
      const cause = {
        callId: stored.callId,
        callNumber: stored.callNumber,
        source: 'correction',
        sourceId: outcomeId,
      } as const;
      events.push(...((await writeBack(deps, tx, stored.residentId, cause))?.events ?? []));
    }
    const seq = await appendEvents(tx, events);
    return outcomeAnswer((await findOutcome(tx, outcomeId)) as StoredOutcome, seq);
  });
  deps.live.nudge();
  return answer;
}

const resolved = (
  { outcomeId, hospitalId }: StoredOutcome,
  state: OutcomeState,
  callId: string | null,
  number: number | null,
  at: number,
): NewEvent => ({ type: 'outcome.resolved', at, callId, data: { number, outcomeId, hospitalId, state } });
