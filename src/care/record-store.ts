/** Care records in PostgreSQL: entries and attachments, sealed, added and never changed. */
import type { Executor } from '../database/pool.ts';
import type { Seal } from '../database/seal.ts';
import { type Instant, rfc3339 } from '../domain/time.ts';
import { type Entry, entryContext, type KeptEntry, type NewEntry } from './record.ts';
import type { Attachment, EntryKind } from './schema.ts';

interface Actor {
  readonly role: string;
  readonly subject: string;
}

export const sql = {
  /** Entries of calls in the order they were heard. $1 calls. */
  entries: {
    name: 'care.entries',
    text: `
      SELECT call_id, entry_id, kind, heard_at, role, subject, flags, sealed FROM care_entries
      WHERE call_id = ANY($1) ORDER BY place`,
  },
  /** $1 call, $2 entry, $3 kind, $4 at, $5 heard at, $6 role, $7 subject, $8 amends, $9 flags, $10 sealed. */
  addEntry: {
    name: 'care.add-entry',
    text: `
      INSERT INTO care_entries (call_id, entry_id, kind, at, heard_at, role, subject, amends, flags, sealed)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
  },
  /** What is attached, without the content. $1 call. */
  attachments: {
    name: 'care.attachments',
    text: `
      SELECT attachment_id, kind, media_type, bytes, at, heard_at, role, subject FROM care_attachments
      WHERE call_id = $1 ORDER BY at, attachment_id`,
  },
  /** $1 call, $2 attachment. */
  attachment: {
    name: 'care.attachment',
    text: 'SELECT media_type, content_token::text AS token, sealed FROM care_attachments WHERE call_id = $1 AND attachment_id = $2',
  },
  /** $1 call, $2 attachment, $3 kind, $4 media type, $5 bytes, $6 at, $7 heard at, $8 role, $9 subject, $10 token, $11 sealed. */
  addAttachment: {
    name: 'care.add-attachment',
    text: `
      INSERT INTO care_attachments
        (call_id, attachment_id, kind, media_type, bytes, at, heard_at, role, subject, content_token, sealed)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT DO NOTHING`,
  },
} as const;

/** By call; the order is the one they were heard in. */
export async function findEntries(
  db: Executor,
  seal: Seal,
  callIds: readonly string[],
): Promise<ReadonlyMap<string, KeptEntry[]>> {
  const { rows } = await db.query<{
    call_id: string;
    entry_id: string;
    kind: EntryKind;
    heard_at: Date;
    role: string;
    subject: string;
    flags: string[];
    sealed: Buffer;
  }>({ ...sql.entries, values: [callIds] });
  const found = new Map<string, KeptEntry[]>(callIds.map((callId) => [callId, []]));
  for (const row of rows)
    found.get(row.call_id)?.push({
      kind: row.kind,
      entry: seal.open<Entry>(row.sealed, entryContext(row.call_id, row.entry_id)),
      heardAt: row.heard_at.toISOString(),
      by: { role: row.role, subject: row.subject },
      flags: row.flags,
    });
  return found;
}

export async function addEntry(
  tx: Executor,
  seal: Seal,
  callId: string,
  { kind, entry }: NewEntry,
  heard: { readonly at: Instant; readonly by: Actor; readonly flags: readonly string[] },
): Promise<void> {
  await tx.query({
    ...sql.addEntry,
    values: [
      callId,
      entry.entryId,
      kind,
      entry.at,
      rfc3339(heard.at),
      heard.by.role,
      heard.by.subject,
      entry.amends ?? null,
      heard.flags,
      seal.close(entry, entryContext(callId, entry.entryId)),
    ],
  });
}

export async function findAttachments(db: Executor, callId: string): Promise<Attachment[]> {
  const { rows } = await db.query<{
    attachment_id: string;
    kind: Attachment['kind'];
    media_type: string;
    bytes: number;
    at: Date;
    heard_at: Date;
    role: string;
    subject: string;
  }>({ ...sql.attachments, values: [callId] });
  return rows.map((row) => ({
    attachmentId: row.attachment_id,
    kind: row.kind,
    mediaType: row.media_type,
    bytes: row.bytes,
    at: row.at.toISOString(),
    heardAt: row.heard_at.toISOString(),
    by: { role: row.role, subject: row.subject },
  }));
}

export interface StoredAttachment {
  readonly mediaType: string;
  readonly token: string;
  readonly sealed: Buffer;
}

export async function findAttachment(
  db: Executor,
  callId: string,
  attachmentId: string,
): Promise<StoredAttachment | null> {
  const { rows } = await db.query<{ media_type: string; token: string; sealed: Buffer }>({
    ...sql.attachment,
    values: [callId, attachmentId],
  });
  const row = rows[0];
  return row ? { mediaType: row.media_type, token: row.token, sealed: row.sealed } : null;
}

/** Whether it was new. */
export async function addAttachment(
  tx: Executor,
  callId: string,
  attachment: Attachment,
  token: string,
  sealed: Buffer,
): Promise<boolean> {
  const { attachmentId, kind, mediaType, bytes, at, heardAt, by } = attachment;
  const { rowCount } = await tx.query({
    ...sql.addAttachment,
    values: [callId, attachmentId, kind, mediaType, bytes, at, heardAt, by.role, by.subject, token, sealed],
  });
  return rowCount === 1;
}
