/** Who has a search: accepted by one person of one centre, declined, taken over by a colleague, hurried on, closed. */
import { appendEvents } from '../database/events.ts';
import { type Executor, inTransaction } from '../database/pool.ts';
import type { Deps } from '../deps.ts';
import { Problem } from '../domain/errors.ts';
import type { NewEvent } from '../domain/events.ts';
import { type Instant, rfc3339 } from '../domain/time.ts';
import { eventOf, holderContext, type LockedRequest, lockRequest, sql } from '../locate/hold-store.ts';
import type { LocateRequestView } from '../locate/schema.ts';
import { readRequest } from './read-locate.ts';
import type { Actor } from './receive-call.ts';

/** Whoever holds it: at a centre, by name where one was given. */
export interface Holder {
  readonly person: string | null;
}

/** Throws `not-found`, and `forbidden` to a centre that was not asked. */
export async function lockFor(tx: Executor, id: string, actor: Actor): Promise<LockedRequest> {
  const request = await lockRequest(tx, id);
  if (!request) throw new Problem('not-found');
  if (actor.role === 'centre' && !request.asked.includes(actor.subject)) throw new Problem('forbidden');
  return request;
}

export function holderOf({ seal }: Pick<Deps, 'seal'>, request: LockedRequest): (Holder & { centreId: string }) | null {
  const { holder, locateRequestId } = request;
  return holder && { centreId: holder.centreId, ...seal.open<Holder>(holder.sealed, holderContext(locateRequestId)) };
}

/**
 * The first to come has it, of any number at once. Whoever holds it and does not answer in time keeps it until somebody
 * else accepts. Throws `locate-over`, `locate-held`, `forbidden`, `not-found`.
 */
export async function acceptLocate(
  deps: Deps,
  id: string,
  { person = null, takeOver = false }: { readonly person?: string | null; readonly takeOver?: boolean },
  actor: Actor,
): Promise<LocateRequestView> {
  await change(deps, id, actor, async (tx, request, now) => {
    const held = holderOf(deps, request);
    const own = held?.centreId === actor.subject;
    if (request.status === 'closed') throw new Problem('locate-over');
    if (own && held.person === person) return []; // pressed twice, or a lost answer asked for again
    const free = request.status === 'requested' || request.status === 'escalated';
    if (request.status === 'answered' || (own ? !takeOver : !free)) throw new Problem('locate-held');
    const dueAt = now + deps.config.locate.answerSeconds * 1000;
    const sealed = deps.seal.close({ person } satisfies Holder, holderContext(id));
    await tx.query({ ...sql.hold, values: [id, actor.subject, sealed, rfc3339(now), rfc3339(dueAt)] });
    await tx.query({ ...sql.sayTaken, values: [id, actor.subject, rfc3339(now), deps.outbound.channels] });
    const data = { status: 'accepted', centreId: actor.subject, from: held?.centreId ?? null, dueAt: rfc3339(dueAt) };
    return [{ type: 'locate.accepted', at: now, callId: request.callId, data: eventOf(request, request.asked, data) }];
  });
  return readRequest(deps, id, actor);
}

/** A holder gives it back, or a centre that was asked cannot help: with nobody left the ladder goes on at once. */
export async function declineLocate(
  deps: Deps,
  id: string,
  { person = null }: { readonly person?: string | null },
  actor: Actor,
): Promise<LocateRequestView> {
  await change(deps, id, actor, async (tx, request, now) => {
    const held = holderOf(deps, request);
    const own = held?.centreId === actor.subject;
    if (request.status === 'closed') throw new Problem('locate-over');
    if (request.status === 'answered') throw new Problem('locate-held');
    if (own && held.person !== person) throw new Problem('locate-held');
    const { rows } = await tx.query<{ left: number }>({ ...sql.decline, values: [id, actor.subject, rfc3339(now)] });
    if (own) await tx.query({ ...sql.letGo, values: [id, rfc3339(now)] });
    else if (!held && rows[0]?.left === 0) await tx.query({ ...sql.hurry, values: [id, rfc3339(now)] });
    const data = { status: own ? 'escalated' : request.status, centreId: actor.subject, held: own };
    return [{ type: 'locate.declined', at: now, callId: request.callId, data: eventOf(request, request.asked, data) }];
  });
  return readRequest(deps, id, actor);
}

/** The dispatcher does not wait for the deadline, or searches on after somebody was not there. */
export async function searchOn(deps: Deps, id: string, actor: Actor): Promise<LocateRequestView> {
  await change(deps, id, actor, async (tx, request, now) => {
    if (request.status === 'closed') throw new Problem('locate-over');
    if (request.status === 'answered') await tx.query({ ...sql.letGo, values: [id, rfc3339(now)] });
    else await tx.query({ ...sql.hurry, values: [id, rfc3339(now)] });
    return [];
  });
  return readRequest(deps, id, actor);
}

/** It is over; everybody who was asked is told. A centre may close only what it holds. Closing twice is closing once. */
export async function closeLocate(deps: Deps, id: string, actor: Actor): Promise<LocateRequestView> {
  await change(deps, id, actor, async (tx, request, now) => {
    if (request.status === 'closed') return [];
    if (actor.role === 'centre' && request.holder?.centreId !== actor.subject) throw new Problem('locate-not-held');
    return closeRequests(
      deps,
      tx,
      [request],
      actor.role === 'centre' ? 'closed-by-centre' : 'closed-by-dispatcher',
      now,
    );
  });
  return readRequest(deps, id, actor);
}

/** Closes locked requests and has everybody told. Answers the events to write. */
export async function closeRequests(
  deps: Pick<Deps, 'outbound'>,
  tx: Executor,
  requests: readonly LockedRequest[],
  because: string,
  now: Instant,
): Promise<NewEvent[]> {
  const at = rfc3339(now);
  for (const { locateRequestId } of requests) await tx.query({ ...sql.close, values: [locateRequestId, at, because] });
  await tx.query({
    ...sql.sayOver,
    values: [requests.map(({ locateRequestId }) => locateRequestId), at, deps.outbound.channels],
  });
  return requests.map((request) => ({
    type: 'locate.closed',
    at: now,
    callId: request.callId,
    data: eventOf(request, request.asked, { status: 'closed', because }),
  }));
}

/** One transaction under the lock of the request; its events last. */
async function change(
  deps: Deps,
  id: string,
  actor: Actor,
  work: (tx: Executor, request: LockedRequest, now: Instant) => Promise<NewEvent[]>,
): Promise<void> {
  const now = deps.clock.now();
  const told = await inTransaction(deps.db, async (tx) => {
    const request = await lockFor(tx, id, actor);
    const events = await work(tx, request, now);
    if (events.length) await appendEvents(tx, events);
    return events.length > 0;
  });
  if (told) deps.live.nudge();
}
