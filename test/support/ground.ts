/** The servers one run of the tests stands on: started by the runner for all files, or by a file that runs by itself. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { migrate } from '../../src/database/migrate.ts';
import { type Server, startPostgres, startRedis } from './servers.ts';

/** Where the ground is written for the processes of one run to find. */
const FOLDER = 'TEST_FOLDER';
const POSTGRES = 'TEST_POSTGRES_URL';
const REDIS = 'TEST_REDIS_URL';
export const TEMPLATE = 'template_migrated';

const started: Server[] = [];

/** The run's own folder, made on first use. Whoever made it removes it at exit. */
export function testFolder(): string {
  const given = process.env[FOLDER];
  if (given) return given;
  const folder = mkdtempSync(join(tmpdir(), 'precision-dispatch-test-'));
  // PostgreSQL runs as another user when the tests run as root, and has to pass through.
  chmodSync(folder, 0o711);
  process.env[FOLDER] = folder;
  process.once('exit', () => {
    for (const server of started) server.kill();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });
  return folder;
}

async function once(name: string, start: () => Promise<Server>): Promise<string> {
  const given = process.env[name];
  if (given) return given;
  const server = await start();
  started.push(server);
  process.env[name] = server.url;
  return server.url;
}

export function databaseUrl(url: string, database: string): string {
  const parsed = new URL(url);
  parsed.pathname = `/${database}`;
  return parsed.href;
}

/** Runs one statement on its own connection, as CREATE and DROP DATABASE need. */
export async function execute(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

/** Several tests of one file may ask at once; they wait for the same start. */
function shared<T>(start: () => Promise<T>): () => Promise<T> {
  let pending: Promise<T> | undefined;
  return () => (pending ??= start());
}

/** URL of the run's PostgreSQL, which holds the migrated `TEMPLATE`. */
export const postgresUrl = shared(() =>
  once(POSTGRES, async () => {
    const server = await startPostgres(testFolder());
    await execute(server.url, `CREATE DATABASE ${TEMPLATE}`);
    await migrate(databaseUrl(server.url, TEMPLATE));
    return server;
  }),
);

/** URL of the run's Redis. */
export const redisUrl = shared(() => once(REDIS, () => startRedis(join(testFolder(), 'redis'))));

/** Ends what this process started, in the order that loses nothing. */
export async function stopGround(): Promise<void> {
  for (const server of started.splice(0)) await server.stop();
}
