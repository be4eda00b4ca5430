/** The service as production builds it, in this process, on a database of the test's own and with a clock the test sets. */
import type { DestinationStream } from 'pino';
import type { Test } from 'tap';
import { buildApp } from '../../src/app.ts';
import { readConfig } from '../../src/config.ts';
import { openPool } from '../../src/database/pool.ts';
import { Day } from '../../src/demo/day.ts';
import { createDeps } from '../../src/deps.ts';
import type { Role } from '../../src/domain/vocabulary.ts';
import { createAuthenticator, issueToken } from '../../src/http/auth.ts';
import { databaseDependency } from '../../src/http/health-routes.ts';
import { createLog } from '../../src/http/log.ts';
import { createMetrics } from '../../src/http/metrics.ts';
import { loadProtocol } from '../../src/requirement/load.ts';
import { recordProtocol } from '../../src/requirement/store.ts';
import { systemIds } from '../../src/system.ts';

export const NOW = Date.parse('2026-03-02T10:00:00+08:00');
export const testEnv = {
  AUTH_KEY: 'an invented secret for tests only, never used elsewhere',
  IDENTITY_KEY: Buffer.alloc(32, 7).toString('base64'),
  LOG_LEVEL: 'silent',
} as const;

const protocol = loadProtocol();

export interface ServiceOptions {
  /** Settings beside or instead of the usual ones. */
  readonly env?: Readonly<Record<string, string>>;
  /** Where log lines go; set LOG_LEVEL too. */
  readonly logTo?: DestinationStream;
}

/** A service on the database at `databaseUrl`; closed when `t` ends. `time.now` may be set. */
export async function serviceOn(t: Test, databaseUrl: string, max = 10, { env, logTo }: ServiceOptions = {}) {
  const config = readConfig({ ...testEnv, ...env });
  const time = { now: NOW };
  const clock = { now: () => time.now };
  const db = openPool(databaseUrl, { max });
  const deps = createDeps({
    config,
    db,
    clock,
    ids: systemIds,
    log: createLog(config.logLevel, logTo),
    metrics: createMetrics(),
    auth: createAuthenticator(config.auth, clock),
    protocol,
    dependencies: [databaseDependency(db)],
  });
  await recordProtocol(db, protocol, time.now);
  // The demonstration's day: nothing happens in it until it is stepped.
  const day = new Day(deps);
  const app = await buildApp(deps, day);
  t.teardown(async () => {
    await app.close();
    await db.end();
  });
  const key = config.auth.local;
  if (!key) throw new Error('the test settings have a local key');

  /** One request as a role; `body` goes as JSON. Answers status and parsed body. */
  async function ask(
    role: Role | { readonly role: Role; readonly subject: string },
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    url: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ) {
    const actor = typeof role === 'string' ? { role, subject: `${role}-1` } : role;
    const token = await issueToken(key as NonNullable<typeof key>, { ...actor, ttlSeconds: 3600 }, clock);
    const response = await app.inject({
      method,
      url,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { payload: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    // biome-ignore lint/suspicious/noExplicitAny: answers are looked into by the tests, field by field
    const parsed: any = response.body ? JSON.parse(response.body) : null;
    return { status: response.statusCode, body: parsed, headers: response.headers };
  }
  return { app, deps, day, db, time, ask };
}
