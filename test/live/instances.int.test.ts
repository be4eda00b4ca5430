/** Several instances on one database: what is committed on one reaches the consoles of all, with Redis at once and without it all the same. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { testFolder } from '../support/ground.ts';
import { freshDatabase } from '../support/postgres.ts';
import { freshRedis } from '../support/redis.ts';
import { freePort, type Server, startRedis } from '../support/servers.ts';
import { commit, event, instanceOn, range } from './support.ts';

/** Longer than any test: what arrives was nudged. */
const NEVER_MS = 3_600_000;

t.test('committed on one, seen on the other, by a nudge alone', async (t) => {
  const ground = { databaseUrl: await freshDatabase(t), redisUrl: await freshRedis(t) };
  const settings = { pollMs: NEVER_MS };
  const [a, b] = [await instanceOn(t, ground, { settings }), await instanceOn(t, ground, { settings })];
  const [onA, onB] = [await a.open('dispatcher'), await b.open('crew', 'u-1')];
  await Promise.all([onA.greeted(), onB.greeted()]);
  // A subscription that is not there yet hears nothing; positions are repeated until one is heard.
  const position = { lon: 116.3, lat: 39.9, crs: 'wgs84' as const };
  while (!onB.messages.some(({ type }) => type === 'unit.position')) {
    a.live.position({ unitId: 'u-1', at: Date.now(), position });
    await sleep(100);
  }
  while (!onA.messages.some(({ type, data }) => type === 'unit.position' && data.unitId === 'u-2')) {
    b.live.position({ unitId: 'u-2', at: Date.now(), position });
    await sleep(100);
  }
  t.notOk(
    onB.messages.some(({ data }) => data?.unitId === 'u-2'),
    'rooms hold for what other instances tell',
  );

  for (const round of range(1, 20)) {
    const last = await commit(a.db, event('unit.status', null, { unitId: 'u-1', round }));
    (round % 2 ? a : b).live.nudge();
    await Promise.all([onA.reaches(last), onB.reaches(last)]);
  }
  t.same(onA.seqs, range(1, 20));
  t.same(onB.seqs, range(1, 20));

  await t.test('an instance that is a moment behind takes a console of one ahead', async (t) => {
    const head = await commit(a.db, event('unit.status')); // not nudged: neither has read it
    const resumed = await (await b.open('dispatcher', undefined, head)).greeted();
    t.match(resumed.messages[0], { type: 'hello', seq: head, head });
    t.equal(resumed.messages[0]?.reset, undefined);
    const next = await commit(a.db, event('unit.status'));
    b.live.nudge();
    await resumed.reaches(next);
    t.same(resumed.seqs, [next], 'what it had seen elsewhere is not sent again');
  });
});

t.test('Redis is killed and comes back under open consoles', async (t) => {
  const folder = join(testFolder(), 'redis-of-consoles');
  mkdirSync(folder);
  const port = await freePort();
  let redis: Server = await startRedis(folder, port);
  t.teardown(() => redis.stop());
  const unhandled: unknown[] = [];
  const note = (error: unknown) => void unhandled.push(error);
  process.on('unhandledRejection', note);
  t.teardown(() => process.off('unhandledRejection', note));

  const ground = { databaseUrl: await freshDatabase(t), redisUrl: redis.url };
  const [a, b] = [await instanceOn(t, ground), await instanceOn(t, ground)];
  const [onA, onB] = [await a.open('dispatcher'), await b.open('dispatcher')];
  await Promise.all([onA.greeted(), onB.greeted()]);
  const say = async (count: number) => {
    for (const _ of range(1, count)) {
      await commit(a.db, event('unit.status'));
      a.live.nudge();
      a.live.position({ unitId: 'u-1', at: Date.now(), position: { lon: 116.3, lat: 39.9, crs: 'wgs84' } });
    }
  };
  await say(5);
  process.kill(redis.pid, 'SIGKILL');
  await say(20);
  await Promise.all([onA.reaches(25), onB.reaches(25)]);
  t.same(onB.seqs, range(1, 25), 'polled, without Redis');

  redis = await startRedis(folder, port);
  await say(5);
  await Promise.all([onA.reaches(30), onB.reaches(30)]);
  t.same(onA.seqs, range(1, 30));
  t.same(onB.seqs, range(1, 30));
  // Told by A after the outage, shown on B: the bus is whole again.
  const back = Date.now();
  while (!onB.messages.some(({ type, at }) => type === 'unit.position' && Date.parse(at) > back)) {
    await say(1);
    await sleep(100);
  }
  t.equal(onA.code, undefined);
  t.equal(onB.code, undefined);
  t.strictSame(unhandled, []);
});
