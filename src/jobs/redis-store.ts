/** Jobs in Redis. It may vanish and come back at any time: adding then fails at once, and working goes on by itself afterwards. */
import { isNotConnectionError, Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { type QueueLog, type QueueStore, QueuesUnavailable } from './port.ts';

export function openRedisStore(url: string, log: QueueLog): QueueStore {
  let closing = false;
  // BullMQ's own duplicates of a connection inherit this; without the null they would look for Redis for ever.
  const retryStrategy = (times: number) => (closing ? null : Math.min(times * 100, 2_000));
  // Whoever adds a job has something better to do than to wait: no offline queue, no second try, an answer in two seconds.
  const producer = new Redis(url, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout: 2_000,
    retryStrategy,
  });
  // Workers wait as long as it takes.
  const consumer = new Redis(url, { maxRetriesPerRequest: null, retryStrategy });
  const queues = new Map<string, Promise<Queue>>();
  const listeners: (() => void)[] = [];
  let away = false;

  producer.on('error', (err) => {
    if (!away) log.warn({ err }, 'redis does not answer');
    away = true;
  });
  producer.on('ready', () => {
    if (away) log.info('redis answers again');
    away = false;
    for (const listener of listeners) listener();
  });
  // The producer's connection reports the same outage.
  consumer.on('error', () => {});
  const report = (err: Error) => {
    if (isNotConnectionError(err)) log.warn({ err }, 'queue error');
  };

  async function open(name: string): Promise<Queue> {
    const queue = new Queue(name, { connection: producer });
    queue.on('error', report);
    await queue.waitUntilReady();
    return queue;
  }

  const assertReady = () => {
    if (producer.status !== 'ready') throw new QueuesUnavailable('redis does not answer');
  };

  return {
    async queue(name) {
      assertReady();
      const existing = queues.get(name);
      if (existing) return existing;
      const opening = open(name);
      queues.set(name, opening);
      // A queue whose first exchange failed stays broken; the next caller opens another.
      opening.catch(() => queues.delete(name));
      return opening;
    },
    worker(name, processor, options) {
      const worker = new Worker(name, processor, { ...options, connection: consumer });
      worker.on('error', report);
      return worker;
    },
    onReady(listener) {
      listeners.push(listener);
      if (producer.status === 'ready') listener();
    },
    async ping() {
      assertReady();
      await producer.ping();
    },
    async close() {
      closing = true;
      for (const queue of await Promise.allSettled(queues.values())) {
        if (queue.status === 'fulfilled') await queue.value.close();
      }
      producer.disconnect();
      consumer.disconnect();
    },
  };
}
