/** Contents of attachments on their way to the record platform: which are still to go, one at a time. */
import type { Executor } from '../../database/pool.ts';
import type { Seal } from '../../database/seal.ts';
import { type Instant, rfc3339 } from '../../domain/time.ts';
import { attachmentContext } from '../record.ts';

export const sql = {
  /** $1 call. */
  unsent: {
    name: 'contents.unsent',
    text: `
      SELECT a.attachment_id FROM care_attachments a
      WHERE a.call_id = $1 AND NOT EXISTS (SELECT FROM platform_contents p
                                           WHERE p.call_id = a.call_id AND p.attachment_id = a.attachment_id)
      ORDER BY a.at, a.attachment_id`,
  },
  /** $1 call, $2 attachment. */
  content: {
    name: 'contents.content',
    text: 'SELECT media_type, sealed FROM care_attachments WHERE call_id = $1 AND attachment_id = $2',
  },
  /** $1 call, $2 attachment, $3 time. */
  sent: {
    name: 'contents.sent',
    text: 'INSERT INTO platform_contents (call_id, attachment_id, sent_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING',
  },
} as const;

export async function findUnsent(db: Executor, callId: string): Promise<string[]> {
  const { rows } = await db.query<{ attachment_id: string }>({ ...sql.unsent, values: [callId] });
  return rows.map((row) => row.attachment_id);
}

/** Opened: up to 10 MB. `null` where it is gone. */
export async function findContent(
  db: Executor,
  seal: Seal,
  callId: string,
  attachmentId: string,
): Promise<{ readonly mediaType: string; readonly bytes: Buffer } | null> {
  const { rows } = await db.query<{ media_type: string; sealed: Buffer }>({
    ...sql.content,
    values: [callId, attachmentId],
  });
  const row = rows[0];
  if (!row) return null;
  return { mediaType: row.media_type, bytes: seal.openBytes(row.sealed, attachmentContext(callId, attachmentId)) };
}

export async function markSent(db: Executor, callId: string, attachmentId: string, at: Instant): Promise<void> {
  await db.query({ ...sql.sent, values: [callId, attachmentId, rfc3339(at)] });
}
