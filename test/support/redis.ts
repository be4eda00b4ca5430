/** A Redis database of one's own on the run's Redis. */
import { Redis } from 'ioredis';
import type { Test } from 'tap';
import { redisUrl } from './ground.ts';

/** The key that hands out database numbers; it lives in number 0, which no test gets. */
const COUNTER = 'test:database';
const DATABASES = 255;

/** URL of an empty Redis database, emptied again when `t` ends. */
export async function freshRedis(t: Test): Promise<string> {
  const server = await redisUrl();
  const counter = new Redis(server, { lazyConnect: true });
  await counter.connect();
  const number = (((await counter.incr(COUNTER)) - 1) % DATABASES) + 1;
  await counter.select(number);
  await counter.flushdb();
  t.teardown(async () => {
    await counter.flushdb();
    await counter.quit();
  });
  return `${server}/${number}`;
}
