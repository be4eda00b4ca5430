/** Raising a search: everything known is put together, the centre of the place is found and asked, in four round trips. */
import { createHash } from 'node:crypto';
import { type CallRow, findCall } from '../calls/store.ts';
import type { Deps } from '../deps.ts';
import { Problem, refuseField } from '../domain/errors.ts';
import { type Instant, rfc3339 } from '../domain/time.ts';
import type { LocateReason } from '../domain/vocabulary.ts';
import { withStandIn } from '../locate/ladder.ts';
import { type Centre, type Route, routeTo } from '../locate/route.ts';
import type { LocateRequestView } from '../locate/schema.ts';
import { findCentres, findExisting, insertRequest, searchContext } from '../locate/store.ts';
import { gatherSearch, nothingTried, type Search, type SearchFacts } from './locate-facts.ts';
import { readRequest, refuseOtherCrews } from './read-locate.ts';
import type { Actor } from './receive-call.ts';

export interface Raised {
  readonly request: LocateRequestView;
  /** It was there before: raised under the same key, or by somebody else for the same call. */
  readonly existing: boolean;
}

/** Throws `not-found`, `call-ended`, `forbidden`, `idempotency-mismatch`. */
export async function raiseLocate(
  deps: Deps,
  callId: string,
  reason: LocateReason,
  actor: Actor,
  idempotencyKey: string | null,
): Promise<Raised> {
  const now = deps.clock.now();
  const row = await findCall(deps.db, callId);
  if (!row) throw new Problem('not-found');
  await refuseOtherCrews(deps, actor, callId);
  const key = idempotencyKey === null ? null : keyOf(actor, idempotencyKey, callId, reason);
  // A call that has ended is refused, unless this is the same request again, which gets the same answer.
  const ended = row.status === 'closed' || row.status === 'cancelled';
  const locateRequestId = ended ? null : await insert(deps, row, reason, actor, key, now);
  if (locateRequestId !== null) {
    deps.live.nudge();
    return { request: await readRequest(deps, locateRequestId, actor, false), existing: false };
  }
  const existing = await findExisting(deps.db, callId, key?.name ?? null);
  if (!existing || (ended && !existing.sameKey)) throw new Problem('call-ended');
  if (existing.sameKey && (existing.callId !== callId || !existing.hash?.equals(key?.hash ?? Buffer.alloc(0))))
    throw refuseField('Idempotency-Key', 'was used before with another body', 'idempotency-mismatch');
  return { request: await readRequest(deps, existing.locateRequestId, actor), existing: true };
}

function keyOf(actor: Actor, key: string, callId: string, reason: LocateReason) {
  const hash = createHash('sha256').update(`${callId}\0${reason}`).digest();
  return { name: `${actor.role}:${actor.subject}:${key}`, hash };
}

async function insert(
  deps: Deps,
  row: CallRow,
  reason: LocateReason,
  actor: Actor,
  key: ReturnType<typeof keyOf> | null,
  now: Instant,
): Promise<string | null> {
  const { ladder } = deps.config.locate;
  const { channels } = deps.outbound;
  const facts = await gatherSearch(deps, row, { ...nothingTried, reason }, now);
  const centres = await findCentres(deps.db, facts.position, now, channels);
  const route = routeTo(facts, centres);
  const asked = askedFirst(route, centres);
  // With nobody to ask, the next step is due at once.
  const dueAt = now + (asked.length ? (ladder[0]?.waitSeconds ?? 0) * 1000 : 0);
  const locateRequestId = deps.ids.next();
  const seq = await insertRequest(deps.db, {
    locateRequestId,
    callId: row.call_id,
    reason,
    at: now,
    actor,
    key,
    position: facts.position,
    subdistrictCode: facts.subdistrictCode,
    centreId: route.centreId,
    flags: route.flags,
    ladder,
    dueAt: ladder.length > 1 ? dueAt : null,
    sealed: deps.seal.close(searchOf(facts), searchContext(locateRequestId)),
    order: route.order,
    asked,
    channels,
    eventData: {
      locateRequestId,
      reason,
      status: 'requested',
      communityCentreId: route.centreId,
      centreIds: asked,
      flags: route.flags,
      dueAt: rfc3339(dueAt),
      by: actor.role,
    },
    historiesRead: facts.historiesRead,
  });
  return seq === null ? null : locateRequestId;
}

function askedFirst({ centreId, order }: Route, centres: readonly Centre[]): string[] {
  const attended = new Set(centres.filter((centre) => centre.attended).map((centre) => centre.centreId));
  return centreId === null ? [] : withStandIn(order, attended);
}

const searchOf = ({ person, howToGetIn, evidence, likelyPlaces }: SearchFacts): Search => ({
  person,
  howToGetIn,
  evidence,
  likelyPlaces,
});
