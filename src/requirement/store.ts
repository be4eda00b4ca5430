/** Protocols that decisions were made with, kept so that a stored decision can be replayed after the next one came. */
import type { Executor } from '../database/pool.ts';
import { type Instant, rfc3339 } from '../domain/time.ts';
import type { Protocol } from './load.ts';

export const sql = {
  /** A version never names two contents (it carries their hash), so the first to write it is right. $1 version, $2 files by name, $3 time. */
  record: {
    name: 'protocols.record',
    text: `
      INSERT INTO protocols (version, files, first_used_at) VALUES ($1, $2, $3)
      ON CONFLICT (version) DO NOTHING`,
  },
} as const;

export async function recordProtocol(db: Executor, protocol: Protocol, at: Instant): Promise<void> {
  await db.query({ ...sql.record, values: [protocol.version, JSON.stringify(protocol.texts), rfc3339(at)] });
}
