/** Reading a care record and what is attached to it: crews their call's, hospitals their patients', doctors their residents'. */
import { wasAssigned } from '../calls/run-store.ts';
import { findCall } from '../calls/store.ts';
import { findHospitals } from '../care/patient-store.ts';
import { attachmentContext, recordView } from '../care/record.ts';
import { addAttachment, findAttachment, findAttachments, findEntries } from '../care/record-store.ts';
import type { Attachment, CareRecordView } from '../care/schema.ts';
import { appendEvents } from '../database/events.ts';
import { inTransaction } from '../database/pool.ts';
import type { Deps } from '../deps.ts';
import { Problem, refuseField } from '../domain/errors.ts';
import { rfc3339 } from '../domain/time.ts';
import { recordRead } from '../residents/access.ts';
import { findResident } from '../residents/store.ts';
import type { Actor } from './receive-call.ts';
import { settledOf } from './settle-patient.ts';

/** In the access log, whose history it was while nobody knows who the patient is. */
export const UNIDENTIFIED = 'unidentified';

/** Throws `not-found` for whoever the call is none of the business of, so that nobody learns that it is there. */
async function requireSight(deps: Deps, callId: string, actor: Actor): Promise<string | null> {
  const call = await findCall(deps.db, callId);
  if (!call) throw new Problem('not-found');
  const residentId = (await settledOf(deps, deps.db, call))?.residentId ?? null;
  switch (actor.role) {
    case 'admin':
    case 'dispatcher':
      return residentId;
    case 'crew':
      if (await wasAssigned(deps.db, callId, actor.subject)) return residentId;
      break;
    case 'hospital': {
      const hospitals = await findHospitals(deps.db, callId);
      if (hospitals.some(({ hospitalId }) => hospitalId === actor.subject)) return residentId;
      break;
    }
    case 'doctor': {
      const file = residentId === null ? null : await findResident(deps.db, deps.seal, residentId);
      if (file?.familyDoctorId === actor.subject) return residentId;
      break;
    }
  }
  throw new Problem('not-found');
}

const logRead = (deps: Deps, callId: string, residentId: string | null, actor: Actor) =>
  recordRead(deps.db, {
    at: deps.clock.now(),
    ...actor,
    residentIds: [residentId ?? UNIDENTIFIED],
    callId,
    purpose: 'care',
  });

/** Throws `not-found`. */
export async function readCare(deps: Deps, callId: string, actor: Actor): Promise<CareRecordView> {
  const residentId = await requireSight(deps, callId, actor);
  await logRead(deps, callId, residentId, actor);
  const entries = await findEntries(deps.db, deps.seal, [callId]);
  return recordView(callId, entries.get(callId) ?? [], await findAttachments(deps.db, callId));
}

/** Throws `not-found`. */
export async function readAttachment(deps: Deps, callId: string, attachmentId: string, actor: Actor) {
  const residentId = await requireSight(deps, callId, actor);
  const stored = await findAttachment(deps.db, callId, attachmentId);
  if (!stored) throw new Problem('not-found');
  await logRead(deps, callId, residentId, actor);
  return {
    mediaType: stored.mediaType,
    bytes: deps.seal.openBytes(stored.sealed, attachmentContext(callId, attachmentId)),
  };
}

export interface GivenAttachment {
  readonly attachmentId: string;
  readonly kind: Attachment['kind'];
  readonly mediaType: string;
  readonly at: string;
  readonly bytes: Buffer;
}

/** Sent again it is the same; other bytes under the same id are refused. Throws `not-found`, `forbidden`, `entry-changed`. */
export async function attach(
  deps: Deps,
  callId: string,
  given: GivenAttachment,
  actor: Actor,
): Promise<{ readonly attachment: Attachment; readonly created: boolean; readonly seq: number | null }> {
  const call = await findCall(deps.db, callId);
  if (!call) throw new Problem('not-found');
  if (actor.role === 'crew' && !(await wasAssigned(deps.db, callId, actor.subject))) throw new Problem('forbidden');
  const now = deps.clock.now();
  const { attachmentId, kind, mediaType, at, bytes } = given;
  const attachment: Attachment = {
    attachmentId,
    kind,
    mediaType,
    bytes: bytes.length,
    at,
    heardAt: rfc3339(now),
    by: actor,
  };
  const token = deps.seal.token('attachment', `${mediaType}|${bytes.toString('base64')}`);
  const sealed = deps.seal.closeBytes(bytes, attachmentContext(callId, attachmentId));
  const seq = await inTransaction(deps.db, async (tx) => {
    if (!(await addAttachment(tx, callId, attachment, token, sealed))) return null;
    const hospitals = await findHospitals(tx, callId);
    const data = {
      number: call.number,
      unitId: actor.role === 'crew' ? actor.subject : null,
      kinds: [kind],
      entries: 1,
      attachmentId,
      hospitalId: hospitals.at(-1)?.hospitalId ?? null,
    };
    return appendEvents(tx, [{ type: 'care.recorded', at: now, callId, data }]);
  });
  if (seq !== null) {
    deps.live.nudge();
    return { attachment, created: true, seq };
  }
  const there = (await findAttachments(deps.db, callId)).find((each) => each.attachmentId === attachmentId);
  const stored = await findAttachment(deps.db, callId, attachmentId);
  if (!there || stored?.token !== token)
    throw refuseField('attachmentId', 'stands for another attachment already', 'entry-changed');
  return { attachment: there, created: false, seq: null };
}
