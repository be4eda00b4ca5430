/** Calls a report may be about, in PostgreSQL: by number, by resident, by what names the patient, and by time at its hospital. */
import type { Executor } from '../database/pool.ts';
import { type Instant, rfc3339 } from '../domain/time.ts';

export const sql = {
  /** $1 call, $2 tokens. */
  keepKeys: {
    name: 'care.keep-call-keys',
    text: 'INSERT INTO call_keys (token, call_id) SELECT token, $1 FROM unnest($2::bigint[]) AS t (token) ON CONFLICT DO NOTHING',
  },
  /**
   * $1 number or null, $2 residents, $3 earliest and $4 latest time of receipt for those, $5 hospital,
   * $6 earliest and $7 latest time of receipt of calls bound for it, or bound for nobody knows where, $8 at most,
   * $9 tokens of what names the patient, for calls of $3 to $4.
   */
  candidates: {
    name: 'care.candidates',
    text: `
      WITH near AS (
        SELECT c.call_id FROM calls c
        WHERE c.received_at BETWEEN $6 AND $7 AND c.status <> 'cancelled'
          AND (NOT EXISTS (SELECT FROM call_hospitals h WHERE h.call_id = c.call_id)
               OR EXISTS (SELECT FROM call_hospitals h WHERE h.call_id = c.call_id AND h.hospital_id = $5))
        ORDER BY c.received_at DESC LIMIT $8
      ), found AS (
        SELECT call_id FROM near
        UNION
        SELECT call_id FROM calls WHERE number = $1::bigint AND status <> 'cancelled'
        UNION
        SELECT c.call_id FROM call_patients p JOIN calls c USING (call_id)
        WHERE p.resident_id = ANY($2) AND c.received_at BETWEEN $3 AND $4 AND c.status <> 'cancelled'
        UNION
        (SELECT c.call_id FROM call_keys k JOIN calls c USING (call_id)
         WHERE k.token = ANY($9::bigint[]) AND c.received_at BETWEEN $3 AND $4 AND c.status <> 'cancelled'
         GROUP BY c.call_id ORDER BY count(*) DESC, c.received_at DESC LIMIT $8)
      )
      SELECT c.call_id, c.number, c.received_at, c.sealed, c.complaint, p.resident_id, r.sealed AS file, c.revision,
             -- of a call that has not ended nobody has settled whose it was
             (SELECT d.sealed FROM decisions d
              WHERE d.call_id = c.call_id AND d.revision = c.revision AND c.status <> 'closed') AS decision,
             (SELECT min(t.at) FROM time_points t
              WHERE t.call_id = c.call_id AND t.counts AND t.point = 'at-destination') AS at_destination,
             ARRAY(SELECT h.hospital_id FROM call_hospitals h WHERE h.call_id = c.call_id) AS hospitals
      FROM found JOIN calls c USING (call_id)
      LEFT JOIN call_patients p USING (call_id) LEFT JOIN residents r ON r.resident_id = p.resident_id
      ORDER BY c.received_at`,
  },
} as const;

/** Keeps what a call is found by; what is there stays. */
export async function keepCallKeys(tx: Executor, callId: string, keys: readonly string[]): Promise<void> {
  // In one order, so that two that keep the same for one call cannot deadlock.
  const tokens = [...new Set(keys)].sort();
  if (tokens.length > 0) await tx.query({ ...sql.keepKeys, values: [callId, tokens] });
}

export interface CandidateRow {
  readonly callId: string;
  readonly callNumber: number;
  readonly receivedAt: Instant;
  readonly complaint: string;
  readonly atDestination: Instant | null;
  readonly hospitalIds: readonly string[];
  readonly residentId: string | null;
  /** The settled resident's sealed file. */
  readonly file: Buffer | null;
  /** The sealed intake. */
  readonly intake: Buffer;
  readonly revision: number;
  /** The sealed decision of a call that has not ended. */
  readonly decision: Buffer | null;
}

export interface CandidateQuery {
  readonly callNumber: number | null;
  readonly residentIds: readonly string[];
  readonly keys: readonly string[];
  /** Calls of those residents, or under those keys, are taken from this span, calls of nobody known from the other. */
  readonly wide: readonly [from: Instant, to: Instant];
  readonly narrow: readonly [from: Instant, to: Instant];
  readonly hospitalId: string;
  readonly atMost: number;
}

export async function findCandidates(db: Executor, query: CandidateQuery): Promise<CandidateRow[]> {
  const { rows } = await db.query<{
    call_id: string;
    number: number;
    received_at: Date;
    complaint: string;
    at_destination: Date | null;
    hospitals: string[];
    resident_id: string | null;
    file: Buffer | null;
    sealed: Buffer;
    revision: number;
    decision: Buffer | null;
  }>({
    ...sql.candidates,
    values: [
      query.callNumber,
      query.residentIds,
      ...query.wide.map(rfc3339),
      query.hospitalId,
      ...query.narrow.map(rfc3339),
      query.atMost,
      query.keys,
    ],
  });
  return rows.map((row) => ({
    callId: row.call_id,
    callNumber: row.number,
    receivedAt: row.received_at.getTime(),
    complaint: row.complaint,
    atDestination: row.at_destination?.getTime() ?? null,
    hospitalIds: row.hospitals,
    residentId: row.resident_id,
    file: row.file,
    intake: row.sealed,
    revision: row.revision,
    decision: row.decision,
  }));
}
