/** What came back of a resident's calls becomes part of the history, in the transaction that stored it: the next call sees it. */

import { canonical } from '../care/canonical.ts';
import { findResults } from '../care/follow-up-result-store.ts';
import { gather, type Learned, learnedContext } from '../care/learned.ts';
import { lessonOfResult, lessonsOfRecord } from '../care/lessons.ts';
import { encounterOf, lessonOf } from '../care/outcome.ts';
import { findCounting, markWrittenBack } from '../care/outcome-store.ts';
import { findCallsOf, type HeldResident, holdResident, setLearned } from '../care/patient-store.ts';
import { findEntries } from '../care/record-store.ts';
import type { Executor } from '../database/pool.ts';
import type { Deps } from '../deps.ts';
import type { NewEvent } from '../domain/events.ts';
import { dropFollowUps, planFollowUps } from './plan-follow-ups.ts';

export interface WrittenBack {
  readonly resident: HeldResident;
  readonly learned: Learned | null;
  readonly events: readonly NewEvent[];
}

/** What made the write-back necessary: named in its event. */
export interface Cause {
  readonly callId: string;
  readonly callNumber: number;
  readonly source: 'call' | 'care-record' | 'outcome' | 'follow-up' | 'correction';
  readonly sourceId: string | null;
}

/**
 * Gathers anew all that was learned of a resident from what counts now, so that a repetition changes nothing and a
 * correction leaves nothing behind. Holds the resident's row to the commit. `null`: nobody is filed by that id.
 */
export async function writeBack(
  deps: Pick<Deps, 'seal' | 'clock' | 'ids' | 'followUps' | 'roster'>,
  tx: Executor,
  residentId: string,
  { callId, callNumber, source, sourceId }: Cause,
): Promise<WrittenBack | null> {
  const resident = await holdResident(tx, residentId);
  if (!resident) return null;
  const calls = await findCallsOf(tx, residentId);
  const callIds = calls.map((call) => call.callId);
  const outcomes = await findCounting(tx, deps.seal, callIds);
  const entries = await findEntries(tx, deps.seal, callIds);
  const numbers = new Map(calls.map((call) => [call.callId, call.callNumber]));
  const results = await findResults(tx, deps.seal, residentId);
  const lessons = [
    ...results.map(lessonOfResult),
    ...outcomes.map((outcome) => lessonOf(outcome, numbers.get(outcome.callId) ?? 0)),
    ...calls.flatMap((call) => lessonsOfRecord(call, entries.get(call.callId) ?? [])),
  ];
  const encounters = calls.map((call) =>
    encounterOf(
      call,
      outcomes.filter((outcome) => outcome.callId === call.callId),
    ),
  );
  const learned = gather(lessons, encounters);

  const before =
    resident.learned === null ? null : deps.seal.open<Learned>(resident.learned, learnedContext(residentId));
  const written = await markWrittenBack(tx, callIds, deps.clock.now());
  const events: NewEvent[] = [];
  if (canonical(before) !== canonical(learned) || written.length > 0) {
    await setLearned(tx, deps.seal, residentId, learned);
    const data = {
      number: callNumber,
      source,
      sourceId,
      outcomeIds: written,
      doctorId: resident.familyDoctorId,
      // The centre's own only where no doctor is.
      communityCentreId: resident.familyDoctorId === null ? resident.communityCentreId : null,
    };
    events.push({ type: 'record.written-back', at: deps.clock.now(), callId, data });
  }
  const held = { ...resident, residentId };
  // A death, or its correction, touches what every other call asked for.
  const isDeathNews = canonical(before?.death) !== canonical(learned?.death);
  for (const call of calls.filter((each) => isDeathNews || each.callId === callId))
    events.push(...(await planFollowUps(deps, tx, held, learned, call, outcomes)));
  if (!callIds.includes(callId)) events.push(...(await dropFollowUps(deps, tx, residentId, callId)));
  return { resident, learned, events };
}
