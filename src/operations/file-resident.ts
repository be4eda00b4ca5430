/** Filing one resident, and reading what is filed; every read leaves a line in the access log. */
import { isLive } from '../calls/store.ts';
import { type Conflict, conflictsOf, type Learned, withLearned } from '../care/learned.ts';
import { findLearned } from '../care/patient-store.ts';
import { inTransaction } from '../database/pool.ts';
import type { Deps } from '../deps.ts';
import type { Coded } from '../domain/coded.ts';
import { Problem, refuseField } from '../domain/errors.ts';
import { normalisePhone } from '../domain/phone.ts';
import { groupsOfPatient } from '../requirement/concepts.ts';
import type { Protocol } from '../requirement/load.ts';
import { recordRead } from '../residents/access.ts';
import { type FiledResident, fileResident } from '../residents/file.ts';
import { lookupKeys } from '../residents/keys.ts';
import type { CallerFacts } from '../residents/match/decide.ts';
import type { Resident } from '../residents/schema.ts';
import { countUnmapped, fileResidents, findResident, findResidentsByKeys, sealBatch } from '../residents/store.ts';
import type { Actor } from './receive-call.ts';

const FOUND_AT_MOST = 20;

/** A filed resident as read: with the risk groups the decision sees, and the codes it does not understand. */
export interface ResidentView {
  readonly resident: FiledResident;
  readonly riskGroups: string[];
  readonly unmapped: Coded[];
  /** From earlier calls, with where each came from; the file itself stays as it was filed. */
  readonly learned: Learned | null;
  /** Filed as one thing and learned as the other. */
  readonly conflicts: Conflict[];
}

function viewResident(protocol: Protocol, resident: FiledResident, learned: Learned | null): ResidentView {
  const filed = resident.history ?? {};
  const { groups, unmapped } = groupsOfPatient(protocol, learned ? withLearned(filed, learned) : filed);
  const conflicts = learned ? conflictsOf(filed, learned) : [];
  return { resident, riskGroups: [...groups.keys()], unmapped: [...unmapped], learned, conflicts };
}

/** The same of several, in their order. */
async function viewResidents(deps: Deps, residents: readonly FiledResident[]): Promise<ResidentView[]> {
  const learned = await findLearned(
    deps.db,
    deps.seal,
    residents.map((resident) => resident.residentId),
  );
  return residents.map((resident) => viewResident(deps.protocol, resident, learned.get(resident.residentId) ?? null));
}

/** Files or replaces. Throws a `Problem` that names each field at fault. */
export async function putResident(
  deps: Deps,
  residentId: string,
  given: Resident,
): Promise<ResidentView & { created: boolean }> {
  if (given.residentId !== residentId) throw refuseField('residentId', 'differs from the path', 'identifier-mismatch');
  const resident = fileResident(given, deps.clock.now());
  const [view] = (await viewResidents(deps, [resident])) as [ResidentView];
  const { created } = await inTransaction(deps.db, async (tx) => {
    await countUnmapped(tx, groupsOfPatient(deps.protocol, resident.history ?? {}).unmapped);
    return fileResidents(tx, sealBatch(deps.seal, [resident]));
  });
  return { ...view, created: created > 0 };
}

/** One resident. A dispatcher reads during a live call, a family doctor their own; `not-found` hides all others. */
export async function readResident(
  deps: Deps,
  residentId: string,
  actor: Actor,
  callId: string | null,
): Promise<ResidentView> {
  if (actor.role === 'dispatcher') await requireLiveCall(deps, callId);
  const resident = await findResident(deps.db, deps.seal, residentId);
  if (!resident || (actor.role === 'doctor' && resident.familyDoctorId !== actor.subject))
    throw new Problem('not-found');
  await logRead(deps, [resident], actor, callId);
  return ((await viewResidents(deps, [resident])) as [ResidentView])[0];
}

/** Residents by phone, or by name, citizen number or device, during a live call. */
export async function searchResidents(
  deps: Deps,
  query: { readonly phone?: string; readonly q?: string; readonly callId?: string },
  actor: Actor,
): Promise<ResidentView[]> {
  const callId = query.callId ?? null;
  await requireLiveCall(deps, callId);
  const phone = query.phone === undefined ? null : normalisePhone(query.phone);
  if (query.phone !== undefined && !phone) throw refuseField('phone', 'is not a valid phone number', 'bad-phone');
  if (phone === null && query.q === undefined) throw refuseField('q', 'or phone is needed');
  const words = query.q?.trim() ?? null;
  const keys = [
    ...tokensFor(deps, { phone }),
    ...(words
      ? [
          ...tokensFor(deps, { name: words }),
          ...tokensFor(deps, { idNumber: words.toUpperCase() }),
          ...tokensFor(deps, { deviceId: words }),
        ]
      : []),
  ];
  const found = await findResidentsByKeys(deps.db, deps.seal, keys, FOUND_AT_MOST);
  await logRead(deps, found, actor, callId);
  return viewResidents(deps, found);
}

const nobody: CallerFacts = {
  phone: null,
  deviceId: null,
  idNumber: null,
  residentId: null,
  name: null,
  ageYears: null,
  sex: null,
  address: null,
  position: null,
  uncertaintyMetres: null,
  relation: 'unknown',
};
const tokensFor = (deps: Deps, known: Partial<CallerFacts>) =>
  lookupKeys(deps.seal, { ...nobody, ...known }, deps.clock.now());

async function requireLiveCall(deps: Deps, callId: string | null): Promise<void> {
  if (!(await isLive(deps.db, callId))) throw new Problem('no-live-call');
}

const logRead = (deps: Deps, residents: readonly FiledResident[], actor: Actor, callId: string | null) =>
  recordRead(deps.db, {
    at: deps.clock.now(),
    role: actor.role,
    subject: actor.subject,
    residentIds: residents.map((resident) => resident.residentId),
    callId,
    purpose: actor.role === 'dispatcher' ? 'look-up' : 'registry',
  });
