/** Calls of the residents somebody is responsible for, in PostgreSQL: the doctor's list and the centre's. */
import type { Executor } from '../database/pool.ts';
import { type Instant, rfc3339 } from '../domain/time.ts';
import type { Concerning } from './follow-up-store.ts';

export const sql = {
  /**
   * Calls of residents somebody is responsible for, latest first. $1 doctor or null, $2 centre or null, $3 before, $4 at most.
   */
  residentCalls: {
    name: 'follow-ups.resident-calls',
    text: `
      SELECT c.call_id, c.number, c.status, c.complaint, c.priority, c.received_at, p.resident_id, p.how, p.confidence,
             r.sealed, r.learned
      FROM call_patients p JOIN calls c USING (call_id) JOIN residents r ON r.resident_id = p.resident_id
      WHERE ($1::text IS NULL OR r.family_doctor_id = $1)
        AND ($2::text IS NULL OR (r.community_centre_id = $2 AND r.family_doctor_id IS NULL)
             OR EXISTS (SELECT FROM follow_ups f WHERE f.call_id = c.call_id AND f.community_centre_id = $2
                        AND (r.family_doctor_id IS NULL OR f.overdue_at IS NOT NULL)))
        AND c.received_at < $3
      ORDER BY c.received_at DESC, c.number DESC LIMIT $4`,
  },
} as const;

export interface ResidentCallRow {
  [column: string]: unknown;
  call_id: string;
  number: number;
  status: string;
  complaint: string;
  priority: number;
  received_at: Date;
  resident_id: string;
  how: string;
  confidence: number;
  sealed: Buffer;
  learned: Buffer | null;
}

export async function listResidentCalls(
  db: Executor,
  { doctorId, communityCentreId }: Concerning,
  before: Instant,
  atMost: number,
): Promise<ResidentCallRow[]> {
  const { rows } = await db.query<ResidentCallRow>({
    ...sql.residentCalls,
    values: [doctorId, communityCentreId, rfc3339(before), atMost],
  });
  return rows;
}
