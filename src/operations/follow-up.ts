/** Follow-ups as time passes: reminded of, handed to the centre when overdue, done with findings that go into the history. */
import { lockCall } from '../calls/run-store.ts';
import { canonical } from '../care/canonical.ts';
import { completeFollowUp, resultContext } from '../care/follow-up-result-store.ts';
import { type FollowUp, findFollowUps, lockFollowUp, takeDue } from '../care/follow-up-store.ts';
import { holdResident } from '../care/patient-store.ts';
import type { FollowUpResult } from '../care/schema.ts';
import { appendEvents } from '../database/events.ts';
import { inTransaction } from '../database/pool.ts';
import type { Deps } from '../deps.ts';
import { Problem } from '../domain/errors.ts';
import { followUpEvent } from './plan-follow-ups.ts';
import type { Actor } from './receive-call.ts';
import { writeBack } from './write-back.ts';

const TAKEN_AT_ONCE = 200;

/** One look at what is due: reminders, and what nobody did in time. Any number of instances may look at once. */
export async function watchFollowUps(deps: Deps): Promise<void> {
  for (const [which, type] of [
    ['remind', 'follow-up.due'],
    ['expire', 'follow-up.overdue'],
  ] as const) {
    for (let taken = TAKEN_AT_ONCE; taken === TAKEN_AT_ONCE; ) {
      const now = deps.clock.now();
      taken = await inTransaction(deps.db, async (tx) => {
        const ids = await takeDue(tx, which, now, TAKEN_AT_ONCE);
        const found = await findFollowUps(tx, ids);
        if (found.length > 0)
          await appendEvents(
            tx,
            found.map((each) => followUpEvent(type, each, now)),
          );
        return ids.length;
      });
      if (taken > 0) deps.live.nudge();
    }
  }
}

/** Whether a task is this actor's business; the same rule as the list's. */
const isBusinessOf = ({ role, subject }: Actor, followUp: FollowUp): boolean =>
  role === 'admin' ||
  (role === 'doctor' && followUp.doctorId === subject) ||
  (role === 'centre' &&
    followUp.communityCentreId === subject &&
    (followUp.doctorId === null || followUp.overdueAt !== null));

/** Done, with what was found, which is part of the history at once. Sent again it is the same. Throws `not-found`, `follow-up-ended`. */
export async function completeFollowUpTask(
  deps: Deps,
  followUpId: string,
  result: FollowUpResult,
  actor: Actor,
): Promise<{ readonly followUp: FollowUp; readonly seq: number | null }> {
  const found = (await findFollowUps(deps.db, [followUpId]))[0];
  if (!found || !isBusinessOf(actor, found)) throw new Problem('not-found');
  const now = deps.clock.now();
  if (result.at !== undefined && Date.parse(result.at) > now + 60_000)
    throw new Problem('invalid-field', [{ field: 'at', detail: 'lies in the future' }]);
  const seq = await inTransaction(deps.db, async (tx) => {
    // The call, then the resident, then the task: the order of everybody who writes back.
    await lockCall(tx, found.callId);
    // Whose call it is may have been settled anew until the call was ours.
    const [current] = await findFollowUps(tx, [followUpId]);
    if (!current || !isBusinessOf(actor, current)) throw new Problem('not-found');
    const { residentId } = current;
    await holdResident(tx, residentId);
    const before = await lockFollowUp(tx, followUpId);
    if (!before) throw new Problem('not-found');
    if (before.status === 'done' && before.sealedResult) {
      const same = canonical(deps.seal.open(before.sealedResult, resultContext(followUpId))) === canonical(result);
      if (same && before.endedBy?.subject === actor.subject) return null;
    }
    if (!(await completeFollowUp(tx, deps.seal, followUpId, result, actor, now))) throw new Problem('follow-up-ended');
    const cause = {
      callId: found.callId,
      callNumber: found.callNumber,
      source: 'follow-up',
      sourceId: followUpId,
    } as const;
    const written = await writeBack(deps, tx, residentId, cause);
    const [after] = (await findFollowUps(tx, [followUpId])) as [FollowUp];
    return appendEvents(tx, [...(written?.events ?? []), followUpEvent('follow-up.completed', after, now)]);
  });
  if (seq !== null) deps.live.nudge();
  return { followUp: (await findFollowUps(deps.db, [followUpId]))[0] as FollowUp, seq };
}
