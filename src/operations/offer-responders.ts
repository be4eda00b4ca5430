/** First responders for calls that need them soon: offered once a place, never alerted by themselves, sent home when the call is over. */
import { appendEvents } from '../database/events.ts';
import { inTransaction } from '../database/pool.ts';
import type { Deps } from '../deps.ts';
import { rfc3339 } from '../domain/time.ts';
import { chinaMinute, offerResponders } from '../fleet/responders.ts';
import {
  alertsLeft,
  insertOffer,
  markOffered,
  nearestResponders,
  type UnofferedCall,
  unofferedCalls,
} from '../fleet/responders-store.ts';
import { standResponderDown } from './alert-responder.ts';

/** One look: calls of priority 1, and those whose clock warned. Any number of instances may look at once. */
export async function lookForResponders(deps: Deps): Promise<void> {
  let told = false;
  for (const call of await unofferedCalls(deps.db)) told = (await offerFor(deps, call)) || told;
  for (const { alertId } of await alertsLeft(deps.db)) await standResponderDown(deps, alertId, 'call-over');
  if (told) deps.live.nudge();
}

async function offerFor(deps: Deps, { callId, number, position }: UnofferedCall): Promise<boolean> {
  const { db, clock, ids, travel } = deps;
  const now = clock.now();
  const offered = offerResponders(await nearestResponders(db, position, chinaMinute(now)), position, travel, now);
  return inTransaction(db, async (tx) => {
    if (!(await markOffered(tx, callId, position, now))) return false;
    for (const { responderId, distanceMetres, predictedSeconds } of offered)
      await insertOffer(tx, { alertId: ids.next(), callId, responderId, distanceMetres, predictedSeconds }, now);
    if (offered.length === 0) return false;
    const responders = offered.map(({ responderId, kind, distanceMetres, predictedSeconds }) => ({
      responderId,
      kind,
      distanceMetres,
      predictedOnSceneAt: rfc3339(now + predictedSeconds * 1000),
    }));
    await appendEvents(tx, [{ type: 'responder.offered', at: now, callId, data: { number, responders } }]);
    return true;
  });
}
