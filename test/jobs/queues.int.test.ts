/** Both places jobs are kept in behave alike; and Redis may be killed and come back. */

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import t, { type Test } from 'tap';
import { keepHouse } from '../../src/jobs/housekeeping.ts';
import type { Job, Queues } from '../../src/jobs/port.ts';
import { openQueues, type QueueSettings } from '../../src/jobs/queues.ts';
import { backends } from '../support/backends.ts';
import { testFolder } from '../support/ground.ts';
import { freePort, type Server, startRedis } from '../support/servers.ts';

const log = pino({ level: 'silent' });
const retries = { attempts: 3, backoffMs: 50 };

/** Collects jobs and lets a test wait for the number it needs; the test's own timeout is the limit. */
function collector() {
  const jobs: Job[] = [];
  return {
    jobs,
    handler: async (job: Job) => void jobs.push(job),
    async reaches(count: number): Promise<Job[]> {
      while (jobs.length < count) await sleep(10);
      return jobs;
    },
  };
}

for (const backend of backends) {
  t.test(backend.name, async (t) => {
    const ground = await backend.fresh(t);
    const settings: QueueSettings = ground.redisUrl
      ? { redisUrl: ground.redisUrl }
      : { databaseUrl: ground.databaseUrl };
    const open = async (t: Test): Promise<Queues> => {
      const queues = await openQueues(settings, log, retries);
      t.teardown(() => queues.close());
      while (
        !(await queues.ping().then(
          () => true,
          () => false,
        ))
      )
        await sleep(10);
      return queues;
    };

    await t.test('a job runs once, with its ids', async (t) => {
      const queues = await open(t);
      const seen = collector();
      queues.work('once', seen.handler);
      await queues.add('once', 'wake', { callId: 'c-1', seq: 7 }, { jobId: '7' });
      await queues.add('once', 'wake', { callId: 'c-2', seq: 8 }, { jobId: 'call:8' });
      const jobs = await seen.reaches(2);
      t.strictSame(
        [...jobs].sort((a, b) => a.id.localeCompare(b.id)),
        [
          { id: '7', name: 'wake', data: { callId: 'c-1', seq: 7 }, attempt: 1 },
          { id: 'call:8', name: 'wake', data: { callId: 'c-2', seq: 8 }, attempt: 1 },
        ],
      );
    });

    await t.test('the same id twice runs once, before and after it ran', async (t) => {
      const queues = await open(t);
      const seen = collector();
      await queues.add('same', 'first', {}, { jobId: '1' });
      await queues.add('same', 'second', {}, { jobId: '1' });
      queues.work('same', seen.handler, 1);
      await seen.reaches(1);
      await queues.add('same', 'third', {}, { jobId: '1' });
      await queues.add('same', 'other', {}, { jobId: '2' });
      t.strictSame(
        (await seen.reaches(2)).map((job) => job.name),
        ['first', 'other'],
      );
    });

    await t.test('a delayed job waits its time, and one without delay does not wait for it', async (t) => {
      const queues = await open(t);
      const seen = collector();
      queues.work('delayed', seen.handler, 1);
      const addedAt = Date.now();
      let ranAt = 0;
      queues.work('delayed-clock', async () => {
        ranAt = Date.now();
      });
      await queues.add('delayed-clock', 'clock', {}, { jobId: 'clock', delayMs: 300 });
      await queues.add('delayed', 'later', {}, { jobId: 'later', delayMs: 300 });
      await queues.add('delayed', 'now', {}, { jobId: 'now' });
      t.strictSame(
        (await seen.reaches(2)).map((job) => job.name),
        ['now', 'later'],
      );
      while (ranAt === 0) await sleep(10);
      t.ok(ranAt - addedAt >= 300, 'never early');
    });

    await t.test('a failing job is tried again with back-off, then left', async (t) => {
      const queues = await open(t);
      const attempts: { attempt: number; at: number }[] = [];
      queues.work('failing', async (job) => {
        attempts.push({ attempt: job.attempt, at: Date.now() });
        throw new Error('not today');
      });
      await queues.add('failing', 'hopeless', {}, { jobId: 'x' });
      while (attempts.length < 3) await sleep(10);
      const [first, second, third] = attempts;
      t.strictSame(
        attempts.map(({ attempt }) => attempt),
        [1, 2, 3],
      );
      t.ok(second && first && second.at - first.at >= 50, 'the first pause');
      t.ok(third && second && third.at - second.at >= 100, 'twice as long the second time');
      const seen = collector();
      queues.work('after', seen.handler);
      await queues.add('after', 'fine', {}, { jobId: 'y' });
      await seen.reaches(1);
      t.equal(attempts.length, 3);
    });

    await t.test('jobs outlive the client that added them', async (t) => {
      const before = await openQueues(settings, log, retries);
      while (
        !(await before.ping().then(
          () => true,
          () => false,
        ))
      )
        await sleep(10);
      await before.add('kept', 'waiting', {}, { jobId: 'a' });
      await before.add('kept', 'delayed', {}, { jobId: 'b', delayMs: 100 });
      await before.close();
      const seen = collector();
      const after = await open(t);
      after.work('kept', seen.handler, 1);
      t.strictSame((await seen.reaches(2)).map((job) => job.name).sort(), ['delayed', 'waiting']);
    });

    await t.test('housekeeping recurs, once for two instances', async (t) => {
      let rounds = 0;
      const [a, b] = [await open(t), await open(t)];
      const from = Date.now();
      for (const queues of [a, b]) await keepHouse(queues, async () => void rounds++, 200);
      while (rounds < 4) await sleep(10);
      t.ok(Date.now() - from >= 300, 'four rounds of two instances take more than one and a half intervals');
    });
  });
}

t.test('redis goes and comes back', async (t) => {
  const folder = join(testFolder(), 'redis-that-dies');
  mkdirSync(folder);
  const port = await freePort();
  let redis: Server | undefined;
  t.teardown(() => redis?.stop());
  const unhandled: unknown[] = [];
  const note = (error: unknown) => void unhandled.push(error);
  process.on('unhandledRejection', note);
  t.teardown(() => process.off('unhandledRejection', note));

  const queues = await openQueues({ redisUrl: `redis://127.0.0.1:${port}` }, log, retries);
  const seen = collector();
  let rounds = 0;
  queues.work('events', seen.handler);
  await keepHouse(queues, async () => void rounds++, 100);
  await t.rejects(
    queues.add('events', 'e', {}, { jobId: '0' }),
    { code: 'queues-unavailable' },
    'not there at the start',
  );
  await t.rejects(queues.ping());

  const comesBack = async () => {
    redis = await startRedis(folder, port);
    while (
      !(await queues.ping().then(
        () => true,
        () => false,
      ))
    )
      await sleep(10);
  };
  await comesBack();
  await queues.add('events', 'e', {}, { jobId: '1' });
  await seen.reaches(1);

  process.kill((redis as Server | undefined)?.pid ?? 0, 'SIGKILL');
  while (
    await queues.ping().then(
      () => true,
      () => false,
    )
  )
    await sleep(10);
  await t.rejects(queues.add('events', 'e', {}, { jobId: '2' }), 'adding fails instead of waiting');

  await comesBack();
  const roundsBefore = rounds;
  await queues.add('events', 'e', {}, { jobId: '3' });
  t.strictSame(
    (await seen.reaches(2)).map((job) => job.id),
    ['1', '3'],
  );
  while (rounds <= roundsBefore) await sleep(10);
  t.pass('the recurring job is there again');

  await redis?.stop();
  redis = undefined;
  await queues.close();
  t.strictSame(unhandled, []);
});
