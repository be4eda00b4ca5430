/** Applies `migrations/NNNN_name.sql` in order, once each; servers only check that it was done. */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import type { Executor } from './pool.ts';

const folder = fileURLToPath(new URL('../../migrations/', import.meta.url));
/** Any fixed number: two migrators at once take turns on it. */
const ADVISORY_LOCK = 8_120_120;

interface Migration {
  readonly name: string;
  readonly sql: string;
  readonly checksum: string;
}

async function migrations(): Promise<Migration[]> {
  const names = (await readdir(folder)).filter((name) => /^\d{4}_[a-z0-9_-]+\.sql$/.test(name)).sort();
  return Promise.all(
    names.map(async (name) => {
      const sql = await readFile(`${folder}${name}`, 'utf8');
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
    }),
  );
}

async function applied(db: Executor): Promise<Map<string, string>> {
  const { rows } = await db.query<{ name: string; checksum: string }>({
    text: 'SELECT name, checksum FROM migrations',
  });
  return new Map(rows.map((row) => [row.name, row.checksum]));
}

/** Brings the database at `url` to this version. Answers the names applied now; throws if an applied file was changed since. */
export async function migrate(url: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: url, application_name: 'precision-dispatch-migrate' });
  await client.connect();
  try {
    await client.query('SELECT pg_advisory_lock($1)', [ADVISORY_LOCK]);
    await client.query(
      'CREATE TABLE IF NOT EXISTS migrations (name text PRIMARY KEY, checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())',
    );
    const done = await applied(client);
    const now: string[] = [];
    for (const { name, sql, checksum } of await migrations()) {
      const before = done.get(name);
      if (before === checksum) continue;
      if (before) throw new Error(`migration ${name} was changed after it was applied; add a new one instead`);
      await client.query('BEGIN');
      try {
        await client.query(sql);
        await client.query('INSERT INTO migrations (name, checksum) VALUES ($1, $2)', [name, checksum]);
        await client.query('COMMIT');
      } catch (error) {
        await client.query('ROLLBACK');
        throw new Error(`migration ${name} failed`, { cause: error });
      }
      now.push(name);
    }
    return now;
  } finally {
    await client.end();
  }
}

/** Throws unless every migration of this version is applied: a server never changes the schema by itself. */
export async function checkMigrated(db: Executor): Promise<void> {
  const done = await applied(db).catch((error: { code?: string }) => {
    if (error.code === '42P01') return new Map<string, string>();
    throw error;
  });
  const missing = (await migrations()).filter(({ name }) => !done.has(name));
  if (missing.length > 0)
    throw new Error(`the database lacks ${missing.map((m) => m.name).join(', ')}: run npm run migrate`);
}
