/** The family doctor's list: which of my residents called, what happened, what is due. */

import { resultContext } from '../care/follow-up-result-store.ts';
import { type Concerning, type FollowUp, listFollowUps } from '../care/follow-up-store.ts';
import { learnedContext } from '../care/learned.ts';
import { listResidentCalls } from '../care/resident-call-store.ts';
import type { Encounter, FollowUpResult, FollowUpStatus, Learned } from '../care/schema.ts';
import type { Deps } from '../deps.ts';
import { ageInYears, type Instant } from '../domain/time.ts';
import { recordRead } from '../residents/access.ts';
import type { FiledResident } from '../residents/file.ts';
import { findResidents, residentContext } from '../residents/store.ts';
import type { Actor } from './receive-call.ts';

/** Whom a task or a call is about, as far as somebody who has to go there needs it. */
export interface Person {
  readonly residentId: string;
  readonly name: string;
  readonly ageYears: number;
  readonly sex: string;
  readonly phones: string[];
  readonly address: string | null;
  readonly livesAlone: boolean | null;
}

const personOf = (file: FiledResident, now: Instant): Person => ({
  residentId: file.residentId,
  name: file.name,
  ageYears: ageInYears(file.birthDate, now),
  sex: file.sex,
  phones: [...file.phones],
  address: file.home?.address ?? null,
  livesAlone: file.livesAlone ?? null,
});

export type FollowUpView = Omit<FollowUp, 'sealedResult' | 'task'> &
  FollowUp['task'] & { readonly result: FollowUpResult | null };

export function viewFollowUp(deps: Pick<Deps, 'seal'>, { sealedResult, task, ...rest }: FollowUp): FollowUpView {
  const result = sealedResult && deps.seal.open<FollowUpResult>(sealedResult, resultContext(rest.followUpId));
  return { ...rest, ...task, result };
}

/** A doctor sees their residents', a centre those without a doctor and those overdue, an administrator all. */
const concerning = ({ role, subject }: Actor): Concerning => ({
  doctorId: role === 'doctor' ? subject : null,
  communityCentreId: role === 'centre' ? subject : null,
});

const logRead = (deps: Deps, residentIds: readonly string[], actor: Actor) =>
  recordRead(deps.db, {
    at: deps.clock.now(),
    ...actor,
    residentIds: [...new Set(residentIds)],
    callId: null,
    purpose: 'follow-up',
  });

export async function readFollowUps(
  deps: Deps,
  status: FollowUpStatus | null,
  atMost: number,
  actor: Actor,
): Promise<(FollowUpView & { readonly resident: Person | null })[]> {
  const filter = { statuses: status ? [status] : null, callIds: null };
  const found = await listFollowUps(deps.db, concerning(actor), filter, atMost);
  const ids = found.map((each) => each.residentId);
  await logRead(deps, ids, actor);
  const files = await findResidents(deps.db, deps.seal, ids);
  const now = deps.clock.now();
  return found.map((each) => {
    const file = files.get(each.residentId);
    return { ...viewFollowUp(deps, each), resident: file ? personOf(file, now) : null };
  });
}

export interface ResidentCall {
  readonly callId: string;
  readonly callNumber: number;
  readonly receivedAt: string;
  readonly status: string;
  readonly complaint: string;
  readonly priority: number;
  readonly resident: Person;
  /** How it is known that it was this resident, and how surely. */
  readonly settled: { readonly how: string; readonly confidence: number };
  /** What the hospital said of it so far; null before it has. */
  readonly encounter: Encounter | null;
  /** What it taught: codes with their words. */
  readonly learned: { readonly list: string; readonly code: string; readonly display: string | null }[];
  readonly followUps: FollowUpView[];
}

/** Latest first; `before` pages on. */
export async function readResidentCalls(
  deps: Deps,
  before: Instant,
  atMost: number,
  actor: Actor,
): Promise<ResidentCall[]> {
  const rows = await listResidentCalls(deps.db, concerning(actor), before, atMost);
  await logRead(
    deps,
    rows.map((row) => row.resident_id),
    actor,
  );
  const callIds = rows.map((row) => row.call_id);
  const tasks = await listFollowUps(deps.db, concerning(actor), { statuses: null, callIds }, 20 * atMost);
  const now = deps.clock.now();
  return rows.map((row) => {
    const learned = row.learned && deps.seal.open<Learned>(row.learned, learnedContext(row.resident_id));
    const encounter = learned?.encounters.find((each) => each.callId === row.call_id) ?? null;
    return {
      callId: row.call_id,
      callNumber: row.number,
      receivedAt: row.received_at.toISOString(),
      status: row.status,
      complaint: row.complaint,
      priority: row.priority,
      resident: personOf(deps.seal.open<FiledResident>(row.sealed, residentContext(row.resident_id)), now),
      settled: { how: row.how, confidence: Math.floor(row.confidence * 1000) / 1000 },
      encounter: encounter && encounter.outcomeIds.length > 0 ? encounter : null,
      learned: learned ? taughtBy(learned, row.call_id) : [],
      followUps: tasks.filter((each) => each.callId === row.call_id).map((each) => viewFollowUp(deps, each)),
    };
  });
}

const taughtBy = (learned: Learned, callId: string) =>
  (['conditions', 'procedures', 'medications', 'allergies'] as const).flatMap((list) =>
    learned[list]
      .filter(({ from }) => from.callId === callId)
      .map(({ code, display }) => ({ list, code, display: display ?? null })),
  );
