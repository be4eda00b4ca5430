/** A deadline that ran out is told once, by whatever comes first: a look at the clocks, or the arrival or close that ends the wait. */
import { legsOf } from '../calls/clock.ts';
import { findWaiting, markBreached, type WaitingCall } from '../calls/clock-store.ts';
import type { LockedCall } from '../calls/run-store.ts';
import type { Executor } from '../database/pool.ts';
import type { NewEvent } from '../domain/events.ts';
import { type Instant, rfc3339 } from '../domain/time.ts';

/** The call as it waits, where its time is up and that was not told. Read before a change that may end the wait. */
export async function findOverdue(tx: Executor, call: LockedCall, now: Instant): Promise<WaitingCall | null> {
  if (call.ended || call.reached || call.dueAt > now) return null;
  const [waiting] = await findWaiting(tx, { callId: call.callId });
  return waiting && !waiting.breached ? waiting : null;
}

/** The event to write in this transaction; none where another told it, or where the change shows that the call was not late. */
export async function tellBreach(
  tx: Executor,
  call: WaitingCall,
  predicted: Instant | null,
  now: Instant,
): Promise<NewEvent[]> {
  const { callId, number, dueAt } = call;
  const until = await markBreached(tx, callId, now);
  if (until === null) return [];
  const { legs, longest } = legsOf(call, until);
  const predictedOnSceneAt = predicted && rfc3339(predicted);
  const data = { number, dueAt: rfc3339(dueAt), predictedOnSceneAt, legs, longestLeg: longest };
  return [{ type: 'clock.breached', at: now, callId, data }];
}
