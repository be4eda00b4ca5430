/** The access log: every read of a history leaves a line. Intake writes its lines with the call itself. */
import type { Executor } from '../database/pool.ts';
import { type Instant, rfc3339 } from '../domain/time.ts';

/** Who saw whose history, when, why, and for which call. */
export interface HistoryRead {
  readonly at: Instant;
  readonly role: string;
  readonly subject: string;
  readonly residentIds: readonly string[];
  readonly callId: string | null;
  readonly purpose:
    | 'look-up'
    | 'call'
    | 'registry'
    | 'care'
    | 'follow-up'
    | 'simulation'
    | 'locate'
    | 'preview'
    | 'crew';
}

export const sql = {
  /** $1 at, $2 role, $3 subject, $4 resident ids, $5 call, $6 purpose. */
  record: {
    name: 'access.record',
    text: `
      INSERT INTO access_log (at, role, subject, resident_id, call_id, purpose)
      SELECT $1::timestamptz, $2, $3, resident_id, $5, $6 FROM unnest($4::text[]) AS r (resident_id)`,
  },
} as const;

/** Written before the history is shown: no line, no answer. */
export async function recordRead(db: Executor, read: HistoryRead): Promise<void> {
  if (read.residentIds.length === 0) return;
  await db.query({
    ...sql.record,
    values: [rfc3339(read.at), read.role, read.subject, read.residentIds, read.callId, read.purpose],
  });
}
