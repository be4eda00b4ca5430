/** Whose call it was, which hospitals it concerns, and what was learned of the resident, in PostgreSQL. */
import type { Executor } from '../database/pool.ts';
import type { Seal } from '../database/seal.ts';
import { type Instant, rfc3339 } from '../domain/time.ts';
import { type Learned, learnedContext } from './learned.ts';
import type { CallSummary } from './outcome.ts';

export type SettledHow = 'confirmed' | 'matched' | 'outcome' | 'person';
export type HospitalHow = 'destination' | 'handover' | 'outcome' | 'transfer';

export const sql = {
  /** Who the patient of a call is. $1 call. */
  patient: {
    name: 'care.patient',
    text: 'SELECT resident_id, how, confidence FROM call_patients WHERE call_id = $1',
  },
  /** Says who it is, or says it anew. $1 call, $2 resident, $3 how, $4 confidence, $5 time. */
  settle: {
    name: 'care.settle',
    text: `
      INSERT INTO call_patients (call_id, resident_id, how, confidence, settled_at) VALUES ($1, $2, $3, $4, $5)
      ON CONFLICT (call_id) DO UPDATE SET resident_id = excluded.resident_id, how = excluded.how,
        confidence = excluded.confidence, settled_at = excluded.settled_at`,
  },
  /** Nobody filed, or nobody certain. $1 call. */
  unsettle: {
    name: 'care.unsettle',
    text: 'DELETE FROM call_patients WHERE call_id = $1',
  },
  /** Calls of a resident, oldest first. $1 resident. */
  callsOf: {
    name: 'care.calls-of',
    text: `
      SELECT c.call_id, c.number, c.received_at, c.complaint FROM call_patients p JOIN calls c USING (call_id)
      WHERE p.resident_id = $1 ORDER BY c.received_at, c.number`,
  },
  hospitals: {
    name: 'care.hospitals',
    text: 'SELECT hospital_id, how FROM call_hospitals WHERE call_id = $1 ORDER BY since, hospital_id',
  },
  /** $1 call, $2 hospital, $3 how, $4 since. */
  concernsHospital: {
    name: 'care.concerns-hospital',
    text: `
      INSERT INTO call_hospitals (call_id, hospital_id, how, since) VALUES ($1, $2, $3, $4)
      ON CONFLICT (call_id, hospital_id) DO NOTHING`,
  },
  /** A destination that was changed on the way concerns nobody any more. $1 call, $2 hospitals that stand. */
  dropDestinations: {
    name: 'care.drop-destinations',
    text: `DELETE FROM call_hospitals WHERE call_id = $1 AND how IN ('destination', 'handover') AND NOT hospital_id = ANY($2)`,
  },
  /** Who is responsible for a resident, held so that two write-backs take turns. $1 resident. */
  holdResident: {
    name: 'care.hold-resident',
    text: `
      SELECT family_doctor_id, community_centre_id, subdistrict_code, learned, sealed,
             ST_X(home) AS lon, ST_Y(home) AS lat
      FROM residents WHERE resident_id = $1 FOR NO KEY UPDATE`,
  },
  /** $1 resident, $2 sealed, or null where nothing is learned any more. */
  setLearned: {
    name: 'care.set-learned',
    text: 'UPDATE residents SET learned = $2 WHERE resident_id = $1',
  },
  /** Only of whom something was learned. $1 residents. */
  learned: {
    name: 'care.learned',
    text: 'SELECT resident_id, learned FROM residents WHERE resident_id = ANY($1) AND learned IS NOT NULL',
  },
} as const;

export interface Settled {
  readonly residentId: string;
  readonly how: SettledHow;
  readonly confidence: number;
}

export async function findPatient(db: Executor, callId: string): Promise<Settled | null> {
  const { rows } = await db.query<{ resident_id: string; how: SettledHow; confidence: number }>({
    ...sql.patient,
    values: [callId],
  });
  const row = rows[0];
  return row ? { residentId: row.resident_id, how: row.how, confidence: row.confidence } : null;
}

export async function settlePatientRow(tx: Executor, callId: string, settled: Settled, at: Instant): Promise<void> {
  await tx.query({
    ...sql.settle,
    values: [callId, settled.residentId, settled.how, settled.confidence, rfc3339(at)],
  });
}

export async function unsettlePatient(tx: Executor, callId: string): Promise<void> {
  await tx.query({ ...sql.unsettle, values: [callId] });
}

export async function findCallsOf(db: Executor, residentId: string): Promise<CallSummary[]> {
  const { rows } = await db.query<{ call_id: string; number: number; received_at: Date; complaint: string }>({
    ...sql.callsOf,
    values: [residentId],
  });
  return rows.map((row) => ({
    callId: row.call_id,
    callNumber: row.number,
    receivedAt: row.received_at.toISOString(),
    complaint: row.complaint,
  }));
}

export async function findHospitals(
  db: Executor,
  callId: string,
): Promise<{ readonly hospitalId: string; readonly how: HospitalHow }[]> {
  const { rows } = await db.query<{ hospital_id: string; how: HospitalHow }>({ ...sql.hospitals, values: [callId] });
  return rows.map((row) => ({ hospitalId: row.hospital_id, how: row.how }));
}

export async function concernsHospital(
  tx: Executor,
  callId: string,
  hospitalId: string,
  how: HospitalHow,
  since: Instant,
): Promise<void> {
  await tx.query({ ...sql.concernsHospital, values: [callId, hospitalId, how, rfc3339(since)] });
}

export async function dropDestinations(tx: Executor, callId: string, standing: readonly string[]): Promise<void> {
  await tx.query({ ...sql.dropDestinations, values: [callId, standing] });
}

export interface HeldResident {
  readonly familyDoctorId: string | null;
  readonly communityCentreId: string | null;
  readonly subdistrictCode: string | null;
  readonly home: { readonly lon: number; readonly lat: number; readonly crs: 'wgs84' } | null;
  readonly learned: Buffer | null;
  readonly sealed: Buffer;
}

/** `null`: nobody is filed by that id. */
export async function holdResident(tx: Executor, residentId: string): Promise<HeldResident | null> {
  const { rows } = await tx.query<{
    family_doctor_id: string | null;
    community_centre_id: string | null;
    subdistrict_code: string | null;
    learned: Buffer | null;
    sealed: Buffer;
    lon: number | null;
    lat: number | null;
  }>({ ...sql.holdResident, values: [residentId] });
  const row = rows[0];
  return row
    ? {
        familyDoctorId: row.family_doctor_id,
        communityCentreId: row.community_centre_id,
        subdistrictCode: row.subdistrict_code,
        home: row.lon === null || row.lat === null ? null : { lon: row.lon, lat: row.lat, crs: 'wgs84' },
        learned: row.learned,
        sealed: row.sealed,
      }
    : null;
}

/** Several, in the order of their ids: of two that write back to the same two people neither waits for the other. */
export async function holdResidents(tx: Executor, residentIds: readonly (string | null | undefined)[]): Promise<void> {
  const known = residentIds.filter((id) => id !== null && id !== undefined);
  for (const id of [...new Set(known)].sort()) await holdResident(tx, id);
}

export async function setLearned(tx: Executor, seal: Seal, residentId: string, learned: Learned | null): Promise<void> {
  const sealed = learned && seal.close(learned, learnedContext(residentId));
  await tx.query({ ...sql.setLearned, values: [residentId, sealed] });
}

/** By resident; who nothing was learned of is not in it. */
export async function findLearned(
  db: Executor,
  seal: Seal,
  residentIds: readonly string[],
): Promise<ReadonlyMap<string, Learned>> {
  const { rows } = await db.query<{ resident_id: string; learned: Buffer }>({ ...sql.learned, values: [residentIds] });
  return new Map(
    rows.map((row) => [row.resident_id, seal.open<Learned>(row.learned, learnedContext(row.resident_id))]),
  );
}
