/** Protocols ever decided with, kept whole so that a stored decision can be replayed after the protocol was replaced. */
import type { Executor } from '../database/pool.ts';
import { type Instant, rfc3339 } from '../domain/time.ts';
import type { ProtocolTexts } from './files.ts';
import type { Protocol } from './load.ts';

export const sql = {
  /** Keeps a protocol's files on its first use. $1 version, $2 files (name → text), $3 time. */
  record: {
    name: 'protocols.record',
    text: `INSERT INTO protocols (version, files, first_used_at) VALUES ($1, $2::jsonb, $3::timestamptz)
      ON CONFLICT (version) DO NOTHING`,
  },
  /** The files of one version. $1 version. */
  byVersion: { name: 'protocols.by-version', text: 'SELECT files FROM protocols WHERE version = $1' },
} as const;

export async function recordProtocol(db: Executor, protocol: Protocol, at: Instant): Promise<void> {
  await db.query({ ...sql.record, values: [protocol.version, JSON.stringify(protocol.texts), rfc3339(at)] });
}

/** Files of a version once used, for `protocolFrom`; null where it never was. */
export async function findProtocolTexts(db: Executor, version: string): Promise<ProtocolTexts | null> {
  const { rows } = await db.query<{ files: ProtocolTexts }>({ ...sql.byVersion, values: [version] });
  return rows[0]?.files ?? null;
}
