/** Looking at searches: a centre sees those it was asked in, a crew those of its call, the desk all of them. */
import { findUnit } from '../calls/run-store.ts';
import type { Deps } from '../deps.ts';
import { Problem } from '../domain/errors.ts';
import { distanceMetres, type Position } from '../domain/position.ts';
import { rfc3339 } from '../domain/time.ts';
import type { LocateStatus } from '../domain/vocabulary.ts';
import { answerContext } from '../locate/answer-store.ts';
import { type Duty, dutyContext } from '../locate/desk-store.ts';
import { holderContext } from '../locate/hold-store.ts';
import type { LocateAnswerView, LocateRequestView } from '../locate/schema.ts';
import { type AnswerRow, findRequest, listRequests, type RequestRow } from '../locate/view-store.ts';
import { recordRead } from '../residents/access.ts';
import type { FoundAt } from './how-to-get-in.ts';
import { openSearch } from './locate-evidence.ts';
import type { Search } from './locate-facts.ts';
import type { Actor } from './receive-call.ts';

/** What is sealed of an answer. */
export interface AnswerRecord extends FoundAt {
  readonly contact: string | null;
  readonly tryInstead: string | null;
  /** The likely place that was looked at in vain. */
  readonly dwellingId: string | null;
}

const SHOWN_AT_MOST = 200;

/** A crew speaks for the call it is on. Throws `forbidden`. */
export async function refuseOtherCrews(deps: Pick<Deps, 'db'>, actor: Actor, callId: string): Promise<void> {
  if (actor.role !== 'crew') return;
  const unit = await findUnit(deps.db, actor.subject);
  refuseUnlessOf(unit?.callId ?? null, callId);
}

/** Throws `forbidden` unless the call is the one the unit is on. */
export function refuseUnlessOf(unitCallId: string | null, callId: string): void {
  if (unitCallId !== callId) throw notOfThisUnit();
}

const notOfThisUnit = () => new Problem('forbidden', [{ field: 'callId', detail: 'is not the call of this unit' }]);

/** Latest first, those that are over last. A crew that names no call asks for its own. Throws `forbidden` where it is another's. */
export async function readRequests(
  deps: Deps,
  actor: Actor,
  { callId: asked = null, status = null }: { readonly callId?: string | null; readonly status?: LocateStatus | null },
): Promise<LocateRequestView[]> {
  let callId = asked;
  if (actor.role === 'crew') {
    const own = (await findUnit(deps.db, actor.subject))?.callId ?? null;
    if (asked !== null && asked !== own) throw notOfThisUnit();
    if (own === null) return [];
    callId = own;
  }
  const centreId = actor.role === 'centre' ? actor.subject : null;
  const rows = await listRequests(deps.db, { callId, status, centreId, atMost: SHOWN_AT_MOST });
  const views = await Promise.all(rows.map((row) => viewOf(deps, row)));
  await recordReads(deps, views, actor);
  return views;
}

/** Throws `not-found`, also where it is not the asker's. `logged`: false where it is read for a purpose of the service's own. */
export async function readRequest(deps: Deps, id: string, actor: Actor, logged = true): Promise<LocateRequestView> {
  const centreId = actor.role === 'centre' ? actor.subject : null;
  const row = await findRequest(deps.db, id, centreId);
  if (!row) throw new Problem('not-found');
  await refuseOtherCrews(deps, actor, row.call_id);
  const view = await viewOf(deps, row);
  if (logged) await recordReads(deps, [view], actor);
  return view;
}

async function recordReads({ db, clock }: Deps, views: readonly LocateRequestView[], actor: Actor): Promise<void> {
  for (const { howToGetIn, callId } of views) {
    const residentIds = howToGetIn.flatMap(({ residentId }) => (residentId === null ? [] : [residentId]));
    await recordRead(db, { at: clock.now(), ...actor, residentIds, callId, purpose: 'locate' });
  }
}

/** A request as everybody concerned sees it. `search`: where it was just put together. */
export async function viewOf(deps: Deps, row: RequestRow, search?: Search): Promise<LocateRequestView> {
  const { locate_request_id: locateRequestId, call_id: callId, reason, sealed } = row;
  return requestView(deps, row, search ?? (await openSearch(deps, { locateRequestId, callId, reason, sealed })));
}

function requestView(deps: Deps, row: RequestRow, search: Search): LocateRequestView {
  const { seal, clock, config } = deps;
  const id = row.locate_request_id;
  const now = clock.now();
  const raisedAt = row.raised_at.getTime();
  const position: Position | null =
    row.lon === null || row.lat === null ? null : { lon: row.lon, lat: row.lat, crs: 'wgs84' };
  const duty = row.duty && row.subdistrict_code ? seal.open<Duty>(row.duty, dutyContext(row.subdistrict_code)) : null;
  return {
    locateRequestId: id,
    callId: row.call_id,
    callNumber: row.number,
    reason: row.reason,
    status: row.status,
    communityCentreId: row.community_centre_id,
    raisedAt: rfc3339(raisedAt),
    raisedBy: { role: row.role, subject: row.subject },
    dueAt: row.due_at?.toISOString() ?? null,
    ladder: row.ladder.map(({ kind, waitSeconds }) => ({ kind, waitSeconds })),
    step: row.step,
    flags: row.flags,
    position: position && { ...position },
    subdistrictCode: row.subdistrict_code,
    holder:
      row.holder_centre_id !== null && row.sealed_holder
        ? {
            centreId: row.holder_centre_id,
            person: seal.open<{ person: string | null }>(row.sealed_holder, holderContext(id)).person,
            heldAt: row.held_at?.toISOString() ?? '',
          }
        : null,
    acceptedAt: row.accepted_at?.toISOString() ?? null,
    answeredAt: row.answered_at?.toISOString() ?? null,
    closedAt: row.closed_at?.toISOString() ?? null,
    closedBecause: row.closed_because,
    person: search.person,
    // Evidence grows old while it is looked at.
    evidence: search.evidence.map((each) => ({
      ...each,
      ageSeconds: each.at === null ? null : Math.max(0, Math.round((now - Date.parse(each.at)) / 1000)),
    })),
    likelyPlaces: search.likelyPlaces,
    howToGetIn: [...search.howToGetIn],
    asked: row.asked.map(({ deliveries, askedAt, declinedAt, ...ask }) => ({
      ...ask,
      askedAt: rfc3339(Date.parse(askedAt)),
      declinedAt: declinedAt === null ? null : rfc3339(Date.parse(declinedAt)),
      deliveries: [...deliveries],
    })),
    answers: row.answers.map((answer) => answerView(seal, answer)),
    toRing: {
      microFireStation: position && nearestFireStation(deps, position),
      police: { name: duty?.policeName ?? null, phone: duty?.policePhone ?? config.locate.policePhone },
      duty: duty && { name: duty.name ?? null, phone: duty.phone ?? null },
    },
  };
}

function answerView(seal: Deps['seal'], { sealed, at, ...answer }: AnswerRow): LocateAnswerView {
  const { dwellingId: _, ...said } = seal.open<AnswerRecord>(
    Buffer.from(sealed, 'base64'),
    answerContext(answer.answerId),
  );
  return { ...answer, at: rfc3339(Date.parse(at)), ...said, position: said.position && { ...said.position } };
}

/** Its people could walk there; null where no station is known. */
export function nearestFireStation({ roster }: Pick<Deps, 'roster'>, position: Position) {
  const stations = roster.placesOf('micro-fire-station').map(({ placeId, name, nameEn, position: at }) => ({
    placeId,
    name,
    nameEn,
    distanceMetres: Math.round(distanceMetres(at, position)),
  }));
  return stations.sort((a, b) => a.distanceMetres - b.distanceMetres)[0] ?? null;
}
