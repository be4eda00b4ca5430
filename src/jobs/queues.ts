/**
 * Opens the queues: BullMQ keeps jobs in Redis in production and in the database when embedded. Losing them loses no
 * truth: what has to happen is a row with a due time.
 */
import type { Job as BullJob, JobsOptions, Worker } from 'bullmq';
import { type Job, type JobData, type QueueLog, type Queues, QueuesUnavailable } from './port.ts';
import { openPostgresStore } from './postgres-store.ts';
import { openRedisStore } from './redis-store.ts';

export type QueueSettings = { readonly redisUrl: string } | { readonly databaseUrl: string };

export interface RetryOptions {
  /** Attempts in all. */
  readonly attempts: number;
  /** Before the second attempt; doubled for each further one. */
  readonly backoffMs: number;
}
const RETRIES: RetryOptions = { attempts: 6, backoffMs: 1_000 };

const DAY_SECONDS = 86_400;
const CLOSE_WITHIN_MS = 5_000;

/** Does not wait for Redis; with `databaseUrl` it brings BullMQ's own schema up to date first. */
export async function openQueues(
  settings: QueueSettings,
  log: QueueLog,
  retries: RetryOptions = RETRIES,
): Promise<Queues> {
  const store =
    'redisUrl' in settings
      ? openRedisStore(settings.redisUrl, log)
      : await openPostgresStore(settings.databaseUrl, log);
  const workers: Worker[] = [];
  const recurring = new Map<string, () => Promise<void>>();
  const defaults: JobsOptions = {
    attempts: retries.attempts,
    backoff: { type: 'exponential', delay: retries.backoffMs },
    removeOnComplete: { age: DAY_SECONDS, count: 10_000 },
    removeOnFail: { age: 7 * DAY_SECONDS, count: 10_000 },
  };

  store.onReady(() => {
    for (const [job, set] of recurring) {
      set().catch((err: unknown) =>
        log.warn({ err, job }, 'a recurring job could not be set; it will be when the queues answer again'),
      );
    }
  });

  return {
    async add(queue, name, data, { jobId, delayMs }) {
      const target = await store.queue(queue);
      await target.add(name, data, { ...defaults, jobId: storedId(jobId), ...(delayMs ? { delay: delayMs } : {}) });
    },
    async every(queue, name, everyMs) {
      const set = async () => {
        const target = await store.queue(queue);
        await target.upsertJobScheduler(name, { every: everyMs }, { name, data: {}, opts: defaults });
      };
      recurring.set(`${queue}/${name}`, set);
      await set().catch((err: unknown) => {
        if (!(err instanceof QueuesUnavailable)) throw err;
      });
    },
    work(queue, handler, concurrency = 4) {
      const worker = store.worker(queue, (job) => handler(published(job)), { concurrency });
      worker.on('failed', (job, err) => {
        const last = !job || job.attemptsMade >= (job.opts.attempts ?? 1);
        log[last ? 'error' : 'warn'](
          { err, queue, job: job?.name, id: job?.id, attempt: job?.attemptsMade },
          'job failed',
        );
      });
      workers.push(worker);
    },
    async ping() {
      await store.ping();
    },
    async close() {
      // A worker cut off from Redis would wait for it for ever, and a running job's lock lapses by itself.
      const cutOff = await store.ping().then(
        () => false,
        () => true,
      );
      await within(CLOSE_WITHIN_MS, Promise.allSettled(workers.map((worker) => worker.close(cutOff))));
      await store.close();
    },
  };
}

/** BullMQ refuses ids that are numbers or hold a colon. */
const storedId = (jobId: string) => `id-${encodeURIComponent(jobId)}`;

function published(job: BullJob): Job {
  const id = job.id ?? '';
  return {
    id: id.startsWith('id-') ? decodeURIComponent(id.slice(3)) : id,
    name: job.name,
    data: job.data as JobData,
    attempt: job.attemptsMade + 1,
  };
}

async function within(ms: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work, late]);
  clearTimeout(timer);
}
