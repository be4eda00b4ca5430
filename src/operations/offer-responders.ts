/** First responders for calls that need them soon: offered once a place, the first alerted by the desk alone, sent home when the call is over. */
import { appendEvents } from '../database/events.ts';
import { inTransaction } from '../database/pool.ts';
import type { Deps } from '../deps.ts';
import { rfc3339 } from '../domain/time.ts';
import { alertsLeft, insertOffer, markOffered, type UnofferedCall, unofferedCalls } from '../fleet/alerts-store.ts';
import { chinaMinute, offerResponders } from '../fleet/responders.ts';
import { nearestResponders } from '../fleet/responders-store.ts';
import { lapseAlerts } from './alert-responder.ts';
import { standResponderDown } from './answer-responder.ts';

/** One look: calls of priority 1 and those whose clock warned, alerts nobody answered, calls that are over. Any number of instances may look at once. */
export async function lookForResponders(deps: Deps): Promise<void> {
  let told = await lapseAlerts(deps);
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
