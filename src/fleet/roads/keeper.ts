/** Keeps the live roads current through a thread of its own, which is started again should it end. */
import { Worker } from 'node:worker_threads';
import type { Logger } from 'pino';
import { openGraph } from './graph.ts';
import type { LiveRoads } from './live.ts';
import type { Reach, ReachRequest } from './reach.ts';
import type { RoadsReply, RoadsRequest, RoadsWorkerData } from './roads.worker.ts';

export interface KeeperOptions extends Partial<RoadsWorkerData> {
  readonly databaseUrl: string;
  readonly dataDir: string;
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
  /** Told when another map has been taken over: places came with it. */
  readonly replaced?: () => unknown;
}

export interface RoadKeeper {
  /** Looks now. Resolves when that look is over: by then a map that was there is in use. */
  look(): Promise<void>;
  stop(): Promise<void>;
}

const LOOK_EVERY_MS = 5_000;
const START_AGAIN_MS = 10_000;
/** Beyond, whoever asked is answered from this thread. */
const REACH_WITHIN_MS = 20_000;

export function keepRoads(roads: LiveRoads, options: KeeperOptions): RoadKeeper {
  const { log, databaseUrl, dataDir, lookEveryMs = LOOK_EVERY_MS } = options;
  let stopping = false;
  let worker: Worker;
  let again: NodeJS.Timeout | undefined;
  let questions = 0;
  const asked = new Map<number, { resolve(reach: Reach | null): void; reject(error: Error): void }>();
  const looking = new Map<number, () => void>();

  const hear = (reply: RoadsReply) => {
    switch (reply.say) {
      case 'looked':
        for (const id of reply.ids) {
          looking.get(id)?.();
          looking.delete(id);
        }
        return;
      case 'graph': {
        const graph = openGraph(reply.memory);
        roads.take(graph, reply.hour, reply.metric, reply.memoryToAnswer);
        log.info({ graphId: reply.graphId, junctions: graph.nodeCount, roads: graph.edgeCount }, 'roads taken over');
        return void options.replaced?.();
      }
      case 'hour':
        return roads.takeHour(reply.hour, reply.metric, reply.keep);
      case 'reach':
        asked.get(reply.id)?.resolve(reply.reach);
        return void asked.delete(reply.id);
      case 'reach-failed':
        asked.get(reply.id)?.reject(new Error(reply.message));
        return void asked.delete(reply.id);
      case 'trouble':
        return log.warn({ trouble: reply.message }, 'the roads could not be looked at; tried again');
      default:
        return reply satisfies never;
    }
  };
  const start = () => {
    worker = startWorker({ databaseUrl, dataDir, lookEveryMs });
    worker.on('message', hear);
    worker.on('error', (err) =>
      log.error({ err }, 'the thread that keeps the roads broke; the roads stay as they are'),
    );
    worker.on('exit', () => {
      for (const { reject } of asked.values()) reject(new Error('the thread that keeps the roads ended'));
      asked.clear();
      for (const over of looking.values()) over();
      looking.clear();
      if (!stopping) again = setTimeout(start, START_AGAIN_MS);
    });
  };
  start();
  roads.reachWith(
    (request: ReachRequest) =>
      new Promise((resolve, reject) => {
        const id = ++questions;
        const timer = setTimeout(() => {
          asked.delete(id);
          reject(new Error('reach took too long'));
        }, REACH_WITHIN_MS);
        const done =
          <T>(settle: (value: T) => void) =>
          (value: T) => {
            clearTimeout(timer);
            settle(value);
          };
        asked.set(id, { resolve: done(resolve), reject: done(reject) });
        worker.postMessage({ do: 'reach', id, request } satisfies RoadsRequest);
      }),
  );
  return {
    look: () =>
      new Promise((resolve) => {
        const id = ++questions;
        looking.set(id, resolve);
        worker.postMessage({ do: 'look', id } satisfies RoadsRequest);
      }),
    async stop() {
      stopping = true;
      clearTimeout(again);
      roads.reachWith(null);
      const ended = new Promise((resolve) => worker.once('exit', resolve));
      worker.postMessage({ do: 'stop' } satisfies RoadsRequest);
      const impatient = setTimeout(() => void worker.terminate(), 5_000);
      await ended;
      clearTimeout(impatient);
    },
  };
}

/** From the build the worker is JavaScript; from the sources it needs tsx, which Node 20 does not hand down to threads. */
function startWorker(workerData: RoadsWorkerData): Worker {
  if (!import.meta.url.endsWith('.ts'))
    return new Worker(new URL('./roads.worker.js', import.meta.url), { workerData });
  const [tsx, file] = [import.meta.resolve('tsx/esm/api'), import.meta.resolve('./roads.worker.ts')].map((url) =>
    JSON.stringify(url),
  );
  const load = `import(${tsx}).then(({ register }) => { register(); return import(${file}); })`;
  return new Worker(load, { workerData, eval: true });
}
