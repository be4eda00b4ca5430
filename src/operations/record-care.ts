/** The crew's care record: entries added as they come, also late and twice; nothing is overwritten. */
import { lockCall, wasAssigned } from '../calls/run-store.ts';
import { findCall } from '../calls/store.ts';
import { keepCallKeys } from '../care/candidate-store.ts';
import { concernsHospital, dropDestinations, findHospitals, findPatient } from '../care/patient-store.ts';
import { entriesOf, flagsOf, type KeptEntry, newEntries, recordView, standing } from '../care/record.ts';
import { addEntry, findAttachments, findEntries } from '../care/record-store.ts';
import type { CareRecordInput, CareRecordView, PatientIdentity } from '../care/schema.ts';
import { appendEvents } from '../database/events.ts';
import { type Executor, inTransaction } from '../database/pool.ts';
import type { Deps } from '../deps.ts';
import { Problem } from '../domain/errors.ts';
import type { NewEvent } from '../domain/events.ts';
import { rfc3339 } from '../domain/time.ts';
import { callKeys } from '../residents/keys.ts';
import type { PersonSaid } from '../residents/match/person.ts';
import { saidOf } from './link-outcome.ts';
import type { Actor } from './receive-call.ts';
import { settlePatient } from './settle-patient.ts';
import { writeBack } from './write-back.ts';

export interface Recorded {
  readonly record: CareRecordView;
  /** Entries that were not there before. */
  readonly added: number;
  readonly seq: number | null;
}

/** Throws `not-found`, `forbidden` for a crew never sent to the call, `entry-changed`, `invalid-field`. */
export async function recordCare(deps: Deps, callId: string, input: CareRecordInput, actor: Actor): Promise<Recorded> {
  const call = await findCall(deps.db, callId);
  if (!call) throw new Problem('not-found');
  const recorded = await inTransaction(deps.db, async (tx): Promise<Recorded> => {
    await lockCall(tx, callId);
    if (actor.role === 'crew' && !(await wasAssigned(tx, callId, actor.subject))) throw new Problem('forbidden');
    const heardAt = deps.clock.now();
    const kept = (await findEntries(tx, deps.seal, [callId])).get(callId) ?? [];
    const added = newEntries(entriesOf(input), kept);
    const times = { receivedAt: call.received_at.getTime(), endedAt: call.ended_at?.getTime() ?? null };
    for (const one of added) {
      const flags = flagsOf(one.entry, times, heardAt);
      await addEntry(tx, deps.seal, callId, one, { at: heardAt, by: actor, flags });
      kept.push({ kind: one.kind, entry: one.entry, heardAt: rfc3339(heardAt), by: actor, flags });
    }
    const record = recordView(callId, kept, await findAttachments(tx, callId));
    if (added.length === 0) return { record, added: 0, seq: null };

    const kinds = added.map(({ kind }) => kind);
    if (kinds.some((kind) => kind === 'destination' || kind === 'handover'))
      await keepHospitals(tx, callId, kept, heardAt);
    const hospitals = await findHospitals(tx, callId);
    const events: NewEvent[] = [
      {
        type: 'care.recorded',
        at: heardAt,
        callId,
        data: {
          number: call.number,
          unitId: actor.role === 'crew' ? actor.subject : null,
          kinds: [...new Set(kinds)].sort(),
          entries: added.length,
          hospitalId: hospitals.at(-1)?.hospitalId ?? null,
        },
      },
    ];
    await keepCallKeys(
      tx,
      callId,
      identitiesIn(added).flatMap((person) => callKeys(deps.seal, person)),
    );
    if (kinds.includes('history')) {
      const patient =
        (await findPatient(tx, callId)) ?? (await settlePatient(deps, tx, (await findCall(tx, callId)) ?? call));
      const cause = { callId, callNumber: call.number, source: 'care-record', sourceId: null } as const;
      if (patient) events.push(...((await writeBack(deps, tx, patient.residentId, cause))?.events ?? []));
    }
    return { record, added: added.length, seq: await appendEvents(tx, events) };
  });
  if (recorded.seq !== null) deps.live.nudge();
  return recorded;
}

/** Who the crew saw the patient to be. */
export const identitiesIn = (entries: readonly Pick<KeptEntry, 'kind' | 'entry'>[]): PersonSaid[] =>
  entries.flatMap(({ kind, entry }) =>
    kind === 'identity' && entry.patient ? [saidOf(entry.patient as PatientIdentity)] : [],
  );

/** The hospitals the standing entries name; a destination changed on the way concerns the old one no more. */
async function keepHospitals(tx: Executor, callId: string, kept: readonly KeptEntry[], at: number): Promise<void> {
  const named = (kind: 'destination' | 'handover') =>
    standing(kept).flatMap(({ kind: each, entry }) =>
      each === kind && typeof entry.hospitalId === 'string' ? [entry.hospitalId] : [],
    );
  const destination = named('destination').at(-1);
  const handovers = named('handover');
  await dropDestinations(tx, callId, [...(destination ? [destination] : []), ...handovers]);
  if (destination) await concernsHospital(tx, callId, destination, 'destination', at);
  for (const hospitalId of handovers) await concernsHospital(tx, callId, hospitalId, 'handover', at);
}
