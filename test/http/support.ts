/** The service as it is built for production, on a database that does not answer, with a clock the test sets. */
import { createServer } from 'node:net';
import { Writable } from 'node:stream';
import type { Test } from 'tap';
import { buildApp } from '../../src/app.ts';
import { type Config, readConfig } from '../../src/config.ts';
import { openPool } from '../../src/database/pool.ts';
import { Day } from '../../src/demo/day.ts';
import { createDeps, type Foundation } from '../../src/deps.ts';
import type { Role } from '../../src/domain/vocabulary.ts';
import { createAuthenticator, issueToken } from '../../src/http/auth.ts';
import { databaseDependency } from '../../src/http/health-routes.ts';
import { createLog } from '../../src/http/log.ts';
import { createMetrics } from '../../src/http/metrics.ts';
import { loadProtocol } from '../../src/requirement/load.ts';
import { systemIds } from '../../src/system.ts';

export const NOW = Date.parse('2026-03-02T08:00:00+08:00');
export const SECRET = 'an invented secret for tests only, never used elsewhere';

export const testEnv = {
  AUTH_KEY: SECRET,
  IDENTITY_KEY: Buffer.alloc(32, 7).toString('base64'),
  LOG_LEVEL: 'info',
} as const;

const protocol = loadProtocol();

/** A port of this machine that nobody listens on. */
export async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export async function serviceWithoutDatabase(
  t: Test,
  env: Record<string, string> = {},
  more: Partial<Foundation> = {},
) {
  const config: Config = readConfig({ ...testEnv, ...env });
  const time = { now: NOW };
  const clock = { now: () => time.now };
  const lines: string[] = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  });
  const db = openPool(`postgres://nobody@127.0.0.1:${await closedPort()}/none`);
  const deps = createDeps({
    protocol,
    config,
    db,
    clock,
    ids: systemIds,
    log: createLog(config.logLevel, stream),
    metrics: createMetrics(),
    auth: createAuthenticator(config.auth, clock),
    dependencies: [databaseDependency(db)],
    ...more,
  });
  const app = await buildApp(deps, new Day(deps));
  t.teardown(async () => {
    await app.close();
    await db.end();
  });
  const bearer = async (role: Role, subject: string = role) => {
    const key = config.auth.local;
    if (!key) throw new Error('this service has no local key');
    return { authorization: `Bearer ${await issueToken(key, { role, subject, ttlSeconds: 3600 }, clock)}` };
  };
  return { app, deps, time, lines, bearer };
}
