/**
 * What serves the consoles of the benchmark: with a database an instance as production builds it, without one the floor, a
 * bare `ws` broadcast of the same messages. Both hand out events at a steady rate on request and say when each was committed.
 */
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import Fastify from 'fastify';
import { buildApp } from '../src/app.ts';
import { readConfig } from '../src/config.ts';
import { appendEvents } from '../src/database/events.ts';
import { inTransaction, openPool } from '../src/database/pool.ts';
import { createDeps } from '../src/deps.ts';
import { createAuthenticator } from '../src/http/auth.ts';
import { createLog } from '../src/http/log.ts';
import { createMetrics } from '../src/http/metrics.ts';
import type { App } from '../src/http/types.ts';
import { loadProtocol } from '../src/requirement/load.ts';
import { systemClock, systemIds } from '../src/system.ts';

/** An event of ordinary size, as `unit.status` is. */
const data = { unitId: 'bench-unit-0017', status: 'en-route', callStatus: 'en-route' };
const callId = systemIds.next();

const now = () => performance.timeOrigin + performance.now();

interface Teller {
  readonly app: App;
  /** Commits one event, and has told consoles of it or will; answers its number and when it was committed. */
  tell(): Promise<{ seq: number; at: number }>;
}

async function engine(): Promise<Teller> {
  const config = readConfig({ ...process.env, LOG_LEVEL: 'warn' });
  const db = openPool(process.env.DATABASE_URL as string);
  const deps = createDeps({
    config,
    db,
    clock: systemClock,
    ids: systemIds,
    log: createLog('warn'),
    metrics: createMetrics(),
    auth: createAuthenticator(config.auth, systemClock),
    protocol: loadProtocol(),
    dependencies: [],
  });
  const app = await buildApp(deps);
  await deps.live.start(config.redisUrl);
  app.addHook('onClose', () => db.end());
  return {
    app,
    async tell() {
      const event = { type: 'unit.status', at: systemClock.now(), callId, data } as const;
      const seq = await inTransaction(db, (tx) => appendEvents(tx, [event]));
      const at = now();
      deps.live.nudge();
      return { seq, at };
    },
  };
}

interface Bare {
  readonly clients: Set<{ readonly readyState: number; send(text: string): void }>;
}

async function floor(): Promise<Teller> {
  const app = Fastify() as unknown as App;
  const { WebSocketServer } = createRequire(import.meta.url)('ws') as {
    WebSocketServer: new (options: object) => Bare;
  };
  const { clients } = new WebSocketServer({ server: app.server, perMessageDeflate: false });
  let seq = 0;
  return {
    app,
    async tell() {
      seq += 1;
      const at = now();
      const text = JSON.stringify({ seq, type: 'unit.status', at: new Date().toISOString(), callId, data });
      for (const client of clients) if (client.readyState === 1) client.send(text);
      return { seq, at };
    },
  };
}

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

const { app, tell } = process.env.DATABASE_URL ? await engine() : await floor();
const config = { access: 'public', rateLimit: false } as const;
app.post<{ Querystring: { events: string; perSecond: string } }>('/bench/tell', { config }, async ({ query }) => {
  const started = now();
  const told: { seq: number; at: number }[] = [];
  const pending: Promise<unknown>[] = [];
  for (let n = 0; n < Number(query.events); n++) {
    await sleep(Math.max(0, started + (n * 1000) / Number(query.perSecond) - now()));
    pending.push(tell().then((each) => told.push(each)));
  }
  await Promise.all(pending);
  return { told };
});
app.post('/bench/memory', { config }, async () => {
  collect();
  collect();
  const { rss, heapUsed, external } = process.memoryUsage();
  return { resident: rss, held: heapUsed + external };
});
await app.listen({ host: '127.0.0.1', port: 0 });
console.log(`live ready on http://127.0.0.1:${(app.server.address() as AddressInfo).port}`);
process.once('SIGTERM', () => process.exit(0));
