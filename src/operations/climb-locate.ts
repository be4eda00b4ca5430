/** Looks at the deadlines of searches: whom nobody came forward for goes a step up the ladder, and what is over is closed. */
import { appendEvents } from '../database/events.ts';
import { inTransaction } from '../database/pool.ts';
import type { Deps } from '../deps.ts';
import type { NewEvent } from '../domain/events.ts';
import { type Instant, rfc3339 } from '../domain/time.ts';
import { findAttended } from '../locate/desk-store.ts';
import { eventOf, lockRequest } from '../locate/hold-store.ts';
import { nextStep } from '../locate/ladder.ts';
import { type Climb, climbAll, type DueRequest, findOver, lockDue } from '../locate/ladder-store.ts';
import { closeRequests } from './hold-locate.ts';
import { nearestFireStation } from './read-locate.ts';

/** Taken up together; a flood is worked off in several turns, so that each commits soon. */
const TOGETHER = 250;

/** One look. Any number of instances may look at once: each search is taken by one of them. */
export async function climbLadders(deps: Deps): Promise<void> {
  while ((await climbSome(deps)) === TOGETHER);
}

async function climbSome(deps: Deps): Promise<number> {
  const { channels } = deps.outbound;
  const due = await inTransaction(deps.db, async (tx) => {
    const now = deps.clock.now();
    const requests = await lockDue(tx, now, TOGETHER);
    if (requests.length === 0) return 0;
    const attended = await findAttended(tx, now, channels);
    const climbs: Climb[] = [];
    const events: NewEvent[] = [];
    for (const request of requests) {
      const { order, asked, onDuty, ladder, step, dutyAsked, locateRequestId } = request;
      const next = nextStep({ ladder, step, asked, dutyAsked }, { centres: order, attended, duty: onDuty }, now);
      climbs.push({ locateRequestId, step: next?.step ?? step, dueAt: next?.dueAt ?? null, ask: next?.ask ?? [] });
      events.push(escalated(deps, request, next, now));
    }
    await climbAll(tx, climbs, now, channels);
    await appendEvents(tx, events);
    return requests.length;
  });
  if (due > 0) deps.live.nudge();
  return due;
}

/** Why it goes on, whom it turns to now, and, at the end, whom the dispatcher can ring. */
function escalated(deps: Deps, request: DueRequest, next: ReturnType<typeof nextStep>, now: Instant): NewEvent {
  const { asked, held, allDeclined, lon, lat, dueAt } = request;
  const centres = (next?.ask ?? []).filter(({ kind }) => kind === 'centre').map(({ target }) => target);
  const position = lon === null || lat === null ? null : ({ lon, lat, crs: 'wgs84' } as const);
  const data = {
    status: 'escalated',
    why: held ? 'no-answer' : allDeclined ? 'declined' : 'nobody-accepted',
    step: next?.kind ?? null,
    asks: centres,
    subdistrictDuty: next?.kind === 'subdistrict-duty' ? request.onDuty : null,
    microFireStation: next?.kind === 'fire-and-police' && position ? nearestFireStation(deps, position) : null,
    wasDueAt: rfc3339(dueAt),
    dueAt: next?.dueAt ? rfc3339(next.dueAt) : null,
    ended: next === null || next.dueAt === null,
  };
  return {
    type: 'locate.escalated',
    at: now,
    callId: request.callId,
    data: eventOf(request, [...asked, ...centres], data),
  };
}

/** A call that ended, or a crew at the patient, ends the search: whoever was disturbed is told. One look; it may be had anywhere. */
export async function closeSearches(deps: Deps): Promise<void> {
  for (const { locateRequestId, because } of await findOver(deps.db, TOGETHER)) {
    await inTransaction(deps.db, async (tx) => {
      const now = deps.clock.now();
      const request = await lockRequest(tx, locateRequestId);
      if (!request || request.status === 'closed') return;
      await appendEvents(tx, await closeRequests(deps, tx, [request], because, now));
    });
    deps.live.nudge();
  }
}
