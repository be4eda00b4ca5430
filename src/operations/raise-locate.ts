/**
 * Raising a search: the centre of the place is found and asked in two round trips, which all that are raised together share.
 * What is known of where somebody is comes after: nobody waits for it before the centre's page rings.
 */
import { createHash } from 'node:crypto';
import type { CallRow } from '../calls/store.ts';
import type { Deps } from '../deps.ts';
import { Problem, refuseField } from '../domain/errors.ts';
import { type Instant, rfc3339 } from '../domain/time.ts';
import type { LocateReason } from '../domain/vocabulary.ts';
import { withStandIn } from '../locate/ladder.ts';
import { findExisting, type NewRequest, type Surroundings } from '../locate/raise-store.ts';
import { type Centre, type Place, type Route, routeTo } from '../locate/route.ts';
import type { LocateRequestView } from '../locate/schema.ts';
import { gatherAndKeep, sealedOf } from './locate-evidence.ts';
import { gatherSearch, nothingTried } from './locate-facts.ts';
import { readRequest, refuseUnlessOf, viewOf } from './read-locate.ts';
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
  const at = deps.clock.now();
  const unitId = actor.role === 'crew' ? actor.subject : null;
  const [found, around] = await Promise.all([
    deps.callOf({ callId, unitId }),
    deps.searches.centresAround({ callId, position: null }),
  ]);
  if (!found) throw new Problem('not-found');
  const { call, unitCallId } = found;
  if (unitId !== null) refuseUnlessOf(unitCallId, callId);
  const key = idempotencyKey === null ? null : keyOf(actor, idempotencyKey, callId, reason);
  // A call that has ended is refused, unless this is the same request again, which gets the same answer.
  const ended = call.status === 'closed' || call.status === 'cancelled';
  if (!ended) {
    const request = await routed(deps, call, around, { reason, actor, key, at });
    if ((await deps.searches.raise(request)) !== null) {
      deps.live.nudge();
      return { request: await firstView(deps, request, call), existing: false };
    }
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

interface Raising {
  readonly reason: LocateReason;
  readonly actor: Actor;
  readonly key: ReturnType<typeof keyOf> | null;
  readonly at: Instant;
}

/** By the place of the call. Only where that is not known, or there is nobody near it, the files are asked who it may be first. */
async function routed(deps: Deps, call: CallRow, around: Surroundings, raising: Raising): Promise<NewRequest> {
  const { lon, lat } = call;
  if (lon !== null && lat !== null && around.centres.length > 0) {
    const place = {
      position: { lon, lat, crs: 'wgs84' },
      subdistrictCode: call.subdistrict_code,
      filedCentreId: null,
    } as const;
    return requestTo(deps, call, place, around, raising);
  }
  const facts = await gatherSearch(deps, call, { ...nothingTried, reason: raising.reason }, raising.at);
  const there = await deps.searches.centresAround({ callId: call.call_id, position: facts.position });
  const request = requestTo(deps, call, facts, there, raising);
  return facts.registryAnswered ? { ...request, evidence: sealedOf(deps, request.locateRequestId, facts) } : request;
}

function requestTo(
  deps: Deps,
  call: CallRow,
  place: Omit<Place, 'heldBy'>,
  { centres, heldBy }: Surroundings,
  { reason, actor, key, at }: Raising,
): NewRequest {
  const { ladder } = deps.config.locate;
  const { centreId, flags, order } = routeTo({ ...place, heldBy }, centres);
  const asked = askedFirst({ centreId, order, flags }, centres);
  // With nobody to ask, the next step is due at once.
  const dueAt = at + (asked.length ? (ladder[0]?.waitSeconds ?? 0) * 1000 : 0);
  const locateRequestId = deps.ids.next();
  return {
    locateRequestId,
    callId: call.call_id,
    reason,
    at,
    actor,
    key,
    position: place.position,
    subdistrictCode: place.subdistrictCode,
    centreId,
    flags,
    dueAt: ladder.length > 1 ? dueAt : null,
    evidence: null,
    order,
    asked,
    eventData: {
      locateRequestId,
      reason,
      status: 'requested',
      communityCentreId: centreId,
      centreIds: asked,
      flags,
      dueAt: rfc3339(dueAt),
      by: actor.role,
    },
  };
}

function askedFirst({ centreId, order }: Route, centres: readonly Centre[]): string[] {
  const attended = new Set(centres.filter((centre) => centre.attended).map((centre) => centre.centreId));
  return centreId === null ? [] : withStandIn(order, attended);
}

/** As whoever raised it sees it, with what is known by now. */
async function firstView(deps: Deps, { locateRequestId, reason, evidence }: NewRequest, call: CallRow) {
  const search = evidence ? undefined : await gatherAndKeep(deps, locateRequestId, reason, async () => call);
  const row = await deps.searches.read(locateRequestId);
  if (!row) throw new Problem('not-found');
  return viewOf(deps, row, search);
}
