/** Events reach the queues in order, none lost: by several instances at once, on both databases, over an outage of Redis. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import t from 'tap';
import { appendEvents } from '../../src/database/events.ts';
import { inTransaction, openPool } from '../../src/database/pool.ts';
import type { EventType } from '../../src/domain/events.ts';
import { startHandlers } from '../../src/jobs/handlers.ts';
import type { Queues } from '../../src/jobs/port.ts';
import { openQueues } from '../../src/jobs/queues.ts';
import { EVENTS, startRelay } from '../../src/jobs/relay.ts';
import { backends } from '../support/backends.ts';
import { testFolder } from '../support/ground.ts';
import { freshDatabase } from '../support/postgres.ts';
import { freePort, type Server, startRedis } from '../support/servers.ts';

const log = pino({ level: 'silent' });
const retries = { attempts: 3, backoffMs: 50 };
const types = new Set<EventType>(['call.received', 'call.closed']);
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

const write = (db: ReturnType<typeof openPool>, ...given: EventType[]) =>
  inTransaction(db, (tx) =>
    appendEvents(
      tx,
      given.map((type) => ({ type, at: Date.now(), callId: 'c-1', data: {} })),
    ),
  );

async function answering(queues: Queues): Promise<void> {
  while (
    !(await queues.ping().then(
      () => true,
      () => false,
    ))
  )
    await sleep(10);
}

for (const backend of backends) {
  t.test(backend.name, async (t) => {
    const ground = await backend.fresh(t);
    const db = openPool(ground.databaseUrl, { max: 3 });
    t.teardown(() => db.end());
    const settings = ground.redisUrl ? { redisUrl: ground.redisUrl } : { databaseUrl: ground.databaseUrl };
    const queues = await openQueues(settings, log, retries);
    t.teardown(() => queues.close());
    await answering(queues);

    await t.test('each event somebody handles becomes one job, though two relays hand it over', async (t) => {
      const jobs: number[] = [];
      queues.work(EVENTS, async ({ data }) => void jobs.push(Number(data.seq)), 1);
      const relays = [0, 1].map(() => startRelay({ db, queues, log, types, pollMs: 20 }));
      for (const _ of range(1, 20)) await write(db, 'call.received', 'unit.status');
      const last = await write(db, 'call.closed');
      while (!jobs.includes(last)) await sleep(10);
      await Promise.all(relays.map((relay) => relay.close()));
      await sleep(100);
      t.same(jobs, [...range(1, 20).map((n) => 2 * n - 1), last], 'once each, in order, the others passed over');
      const { rows } = await db.query({ text: 'SELECT seq FROM relay_cursors' });
      t.same(rows, [{ seq: last }]);
    });

    await t.test('a relay that starts again goes on where it stopped', async (t) => {
      const added: string[] = [];
      const noting: Queues = { ...queues, add: async (_queue, name, data) => void added.push(`${name} ${data.seq}`) };
      const seq = await write(db, 'call.received');
      const relay = startRelay({ db, queues: noting, log, types, pollMs: 20 });
      while (added.length === 0) await sleep(10);
      await relay.close();
      t.same(added, [`call.received ${seq}`]);
    });
  });
}

t.test('what follows from an event is done though Redis is away when it happens, and dies in between', async (t) => {
  const folder = join(testFolder(), 'redis-of-relay');
  mkdirSync(folder);
  const port = await freePort();
  const db = openPool(await freshDatabase(t));
  t.teardown(() => db.end());
  const queues = await openQueues({ redisUrl: `redis://127.0.0.1:${port}` }, log, retries);
  let redis: Server | undefined;
  t.teardown(async () => {
    await queues.close();
    await redis?.stop();
  });
  const done: number[] = [];
  const handled = startHandlers(db, queues, { 'call.closed': async ({ seq }) => void done.push(seq) });
  const relay = startRelay({ db, queues, log, types: handled, pollMs: 20 });
  t.teardown(() => relay.close());
  t.same([...handled], ['call.closed']);

  const first = await write(db, 'call.closed', 'call.received');
  await sleep(100);
  t.equal(
    (await db.query({ text: 'SELECT * FROM relay_cursors' })).rows.length,
    0,
    'without Redis the place does not move',
  );
  redis = await startRedis(folder, port);
  while (done.length < 1) await sleep(10);
  process.kill(redis.pid, 'SIGKILL');
  const second = await write(db, 'call.closed');
  redis = await startRedis(folder, port);
  while (!done.includes(second)) await sleep(10);
  // A job whose end Redis had not written down when it was killed is done again: handlers may be called twice.
  t.same([...new Set(done)], [first - 1, second]);
});
