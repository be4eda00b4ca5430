/** Somebody says where they are: the crew's destination moves with the answer, and the place is kept for next time. */
import { intakeContext } from '../calls/accept.ts';
import { lockCall } from '../calls/run-store.ts';
import type { CallInput } from '../calls/schema.ts';
import { type CallRow, findCall, reviseCall } from '../calls/store.ts';
import { appendEvents } from '../database/events.ts';
import { type Executor, inTransaction } from '../database/pool.ts';
import type { Deps } from '../deps.ts';
import { Problem } from '../domain/errors.ts';
import type { NewEvent } from '../domain/events.ts';
import { normalisePhone } from '../domain/phone.ts';
import { type Position, toWgs84 } from '../domain/position.ts';
import { type Instant, rfc3339 } from '../domain/time.ts';
import { answerContext, sql } from '../locate/answer-store.ts';
import { eventOf, type LockedRequest, lockRequest } from '../locate/hold-store.ts';
import { type AnswerJudgement, FAR_METRES, judgeAnswer, metresFromKnown } from '../locate/judge-answer.ts';
import { keepPlace, lockPlace, refutePlaceRow } from '../locate/place-store.ts';
import type { AnswerInput, LocateRequestView } from '../locate/schema.ts';
import { holderOf, lockFor } from './hold-locate.ts';
import { type FoundAt, placeContext } from './how-to-get-in.ts';
import { moveTo } from './move-call.ts';
import { type AnswerRecord, readRequest } from './read-locate.ts';
import type { Actor } from './receive-call.ts';

/** Others change the call at the same moment: decided again from what they wrote. */
const ATTEMPTS = 5;

/** Throws `not-found`, `forbidden`, `locate-over`, `locate-not-held`, `locate-far`, `call-changed`. */
export async function answerLocate(
  deps: Deps,
  id: string,
  input: AnswerInput,
  actor: Actor,
): Promise<LocateRequestView> {
  const before = await readRequest(deps, id, actor, false).catch((error: unknown) => {
    // A centre that was not asked learns no more than that it may not.
    if (error instanceof Problem && error.code === 'not-found' && actor.role === 'centre') return null;
    throw error;
  });
  const callId = before?.callId ?? (await findCallOf(deps, id));
  if (!before) throw new Problem('forbidden');
  const answerId = deps.ids.next();
  const placeId = deps.ids.next();
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const row = await findCall(deps.db, callId);
    if (!row) throw new Problem('not-found');
    const now = deps.clock.now();
    const moved = input.position && input.found ? await moveTo(deps, row, input.position, actor) : null;
    const done = await inTransaction(deps.db, async (tx) => {
      // The call before the request, as whoever ends a call does.
      const call = await lockCall(tx, callId);
      const request = await lockFor(tx, id, actor);
      if (!call || call.ended) throw new Problem('locate-over');
      const { judgement, flags } = judge(deps, request, row, before, input, actor);
      if (judgement === 'stands' && moved && call.revision !== row.revision) return false;
      const given = { answerId, placeId, input, actor, judgement, flags, now };
      await keepAnswer(deps, tx, request, row, before.person?.residentId ?? null, given);
      if (judgement === 'stands') await tx.query({ ...sql.answered, values: [id, rfc3339(now)] });
      if (judgement === 'stands' && moved && (await reviseCall(tx, row.revision, moved)) === null)
        throw new Problem('call-changed');
      await appendEvents(tx, [answerEvent(request, judgement, input, flags, actor, now)]);
      return true;
    });
    if (done) {
      deps.live.nudge();
      return readRequest(deps, id, actor);
    }
  }
  throw new Problem('call-changed');
}

async function findCallOf(deps: Deps, id: string): Promise<string> {
  const request = await lockRequest(deps.db, id);
  if (!request) throw new Problem('not-found');
  return request.callId;
}

/** Throws what it is refused for. */
function judge(
  deps: Deps,
  request: LockedRequest,
  row: CallRow,
  known: LocateRequestView,
  input: AnswerInput,
  actor: Actor,
) {
  const judgement = judgeAnswer({
    status: request.status,
    holder: holderOf(deps, request),
    by: { centreId: actor.subject, person: input.person ?? null },
  });
  if (judgement === 'over') throw new Problem('locate-over');
  if (judgement === 'not-held') throw new Problem('locate-not-held');
  const flags: string[] = [];
  const metres = input.position ? farFrom(known, row, toWgs84(input.position)) : null;
  if (metres !== null && metres > FAR_METRES) {
    if (!input.confirmFar)
      throw new Problem(
        'locate-far',
        [{ field: 'position', detail: `is ${Math.round(metres)} m from all that is known` }],
        {
          extra: { distanceMetres: Math.round(metres) },
        },
      );
    flags.push('far-from-evidence');
  }
  return { judgement, flags };
}

function farFrom(request: LocateRequestView, row: CallRow, position: Position): number | null {
  const at: Position | null =
    row.lon === null || row.lat === null ? null : { lon: row.lon, lat: row.lat, crs: 'wgs84' };
  const known = [...request.evidence, ...request.likelyPlaces.places, { position: request.position }, { position: at }];
  return metresFromKnown(position, known);
}

interface Given {
  readonly answerId: string;
  readonly placeId: string;
  readonly input: AnswerInput;
  readonly actor: Actor;
  readonly judgement: AnswerJudgement;
  readonly flags: readonly string[];
  readonly now: Instant;
}

async function keepAnswer(
  deps: Deps,
  tx: Executor,
  request: LockedRequest,
  row: CallRow,
  likelyResident: string | null,
  given: Given,
): Promise<void> {
  const { answerId, placeId, input, actor, judgement, flags, now } = given;
  const found: FoundAt = {
    position: input.position ? toWgs84(input.position) : null,
    building: input.building ?? null,
    unit: input.unit ?? null,
    floor: input.floor ?? null,
    room: input.room ?? null,
    entryNotes: input.entryNotes ?? null,
    person: input.person ?? null,
  };
  const record: AnswerRecord = {
    ...found,
    contact: input.contact ?? null,
    tryInstead: input.tryInstead ?? null,
    dwellingId: input.dwellingId ?? null,
  };
  const stands = judgement === 'stands';
  const values = [answerId, request.locateRequestId, rfc3339(now), actor.subject, input.found, stands, flags];
  await tx.query({ ...sql.insertAnswer, values: [...values, deps.seal.close(record, answerContext(answerId))] });
  const isPlace = found.position !== null || found.room !== null || found.building !== null;
  if (!stands || !input.found || !isPlace) return;
  const call = deps.seal.open<CallInput>(row.sealed, intakeContext(row.call_id));
  const residentId = row.resident_id ?? likelyResident;
  await keepPlace(tx, {
    placeId,
    answerId,
    residentId,
    at: now,
    centreId: actor.subject,
    sealed: deps.seal.close(found, placeContext(placeId)),
    tokens: keysOf(deps, call, residentId !== null),
  });
}

/** A device is one person's; a telephone may be a whole house's, so it is a key only where nobody is known to be the patient. */
function keysOf({ seal }: Deps, { device, caller }: CallInput, known: boolean): string[] {
  const phone = !known && caller?.phone ? normalisePhone(caller.phone) : null;
  return [...(device ? [seal.token('device', device.deviceId)] : []), ...(phone ? [seal.token('phone', phone)] : [])];
}

function answerEvent(
  request: LockedRequest,
  judgement: AnswerJudgement,
  input: AnswerInput,
  flags: readonly string[],
  actor: Actor,
  now: Instant,
): NewEvent {
  const stands = judgement === 'stands';
  const data = {
    status: 'answered',
    centreId: actor.subject,
    found: input.found,
    // The call's own events say where it is; of a door nothing is said here.
    position: stands && input.found && input.position ? toWgs84(input.position) : null,
    flags,
  };
  return {
    type: stands ? 'locate.answered' : 'locate.commented',
    at: now,
    callId: request.callId,
    data: eventOf(request, request.asked, data),
  };
}

/** A place that was wrong is never brought up again. Throws `not-found`, `forbidden`. Refuting twice is refuting once. */
export async function refutePlace(deps: Deps, placeId: string, actor: Actor): Promise<{ seq: number | null }> {
  const now = deps.clock.now();
  const seq = await inTransaction(deps.db, async (tx) => {
    const place = await lockPlace(tx, placeId);
    if (!place) throw new Problem('not-found');
    const request = await lockFor(tx, place.locateRequestId, actor);
    if (place.refuted) return null;
    await refutePlaceRow(tx, placeId, now, `${actor.role}:${actor.subject}`);
    const data = { status: request.status, placeId, by: actor.role };
    return appendEvents(tx, [
      { type: 'locate.refuted', at: now, callId: request.callId, data: eventOf(request, request.asked, data) },
    ]);
  });
  if (seq !== null) deps.live.nudge();
  return { seq };
}
