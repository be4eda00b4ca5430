/** What a follow-up found, in PostgreSQL: sealed with the task that is done with it, read where a history is gathered. */
import type { Executor } from '../database/pool.ts';
import type { Seal } from '../database/seal.ts';
import { type Instant, rfc3339 } from '../domain/time.ts';
import type { FoundResult } from './lessons.ts';
import type { FollowUpResult } from './schema.ts';

export const resultContext = (followUpId: string) => `follow-up:${followUpId}:result`;

export const sql = {
  /** $1 id, $2 time, $3 role, $4 subject, $5 sealed result. */
  complete: {
    name: 'follow-ups.complete',
    text: `
      UPDATE follow_ups SET status = 'done', ended_at = $2, ended_role = $3, ended_subject = $4, sealed_result = $5
      WHERE follow_up_id = $1 AND status IN ('due', 'overdue')`,
  },
  /** What was found of a resident so far. $1 resident. */
  results: {
    name: 'follow-ups.results',
    text: `
      SELECT f.follow_up_id, f.call_id, c.number, f.ended_at, f.ended_subject, f.sealed_result
      FROM follow_ups f JOIN calls c USING (call_id)
      WHERE f.resident_id = $1 AND f.status = 'done' AND f.sealed_result IS NOT NULL ORDER BY f.ended_at`,
  },
} as const;

/** Whether it was open until now. */
export async function completeFollowUp(
  tx: Executor,
  seal: Seal,
  followUpId: string,
  result: FollowUpResult,
  by: { readonly role: string; readonly subject: string },
  at: Instant,
): Promise<boolean> {
  const { rowCount } = await tx.query({
    ...sql.complete,
    values: [followUpId, rfc3339(at), by.role, by.subject, seal.close(result, resultContext(followUpId))],
  });
  return rowCount === 1;
}

export async function findResults(db: Executor, seal: Seal, residentId: string): Promise<FoundResult[]> {
  const { rows } = await db.query<{
    follow_up_id: string;
    call_id: string;
    number: number;
    ended_at: Date;
    ended_subject: string | null;
    sealed_result: Buffer;
  }>({ ...sql.results, values: [residentId] });
  return rows.map((row) => ({
    followUpId: row.follow_up_id,
    callId: row.call_id,
    callNumber: row.number,
    endedAt: row.ended_at.toISOString(),
    by: row.ended_subject ?? '',
    result: seal.open<FollowUpResult>(row.sealed_result, resultContext(row.follow_up_id)),
  }));
}
