/** Jobs in the database, in BullMQ's own schema beside ours: for a service without Redis. */
import { createPostgresBackend, type Queue, runMigrations, type Worker, withBackend } from 'bullmq';
import pg from 'pg';
import type { QueueLog, QueueStore } from './port.ts';

const SCHEMA = 'bullmq';
const backend = withBackend(createPostgresBackend);

export async function openPostgresStore(databaseUrl: string, log: QueueLog): Promise<QueueStore> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await runMigrations(client, SCHEMA);
  } finally {
    await client.end();
  }
  const connection = { connectionString: databaseUrl, schema: SCHEMA, max: 2 };
  const queues = new Map<string, Queue>();
  const report = (err: Error) => log.warn({ err }, 'queue error');

  const queue = (name: string): Queue => {
    let opened = queues.get(name);
    if (!opened) {
      opened = new backend.Queue(name, { connection }) as unknown as Queue;
      opened.on('error', report);
      queues.set(name, opened);
    }
    return opened;
  };

  return {
    queue: async (name) => queue(name),
    worker(name, processor, options) {
      const worker = new backend.Worker(name, processor, { ...options, connection }) as unknown as Worker;
      worker.on('error', report);
      return worker;
    },
    onReady: (listener) => listener(),
    ping: () => queue('ping').count(),
    async close() {
      await Promise.all([...queues.values()].map((each) => each.close()));
    },
  };
}
