/**
 * The thread that keeps the roads current: looks for a newer graph and for what was learned, fetches, works out speeds by
 * the hour, and answers how far one gets. None of it holds up a call.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { openPool } from '../../database/pool.ts';
import { chinaHour } from '../travel.ts';
import { openGraph, type RoadGraph } from './graph.ts';
import { keptGraph } from './kept.ts';
import { learnedFactor } from './learned.ts';
import { readLearned } from './learned-store.ts';
import { customise, type Metric } from './metric.ts';
import { RoadNetwork } from './network.ts';
import { type Reach, type ReachRequest, reachByRoad } from './reach.ts';
import { speedsAt } from './speeds.ts';
import { newestGraph } from './store.ts';
import { type SweepMemory, sweepMemory } from './sweep.ts';

export interface RoadsWorkerData {
  readonly databaseUrl: string;
  readonly dataDir: string;
  readonly lookEveryMs: number;
}
export type RoadsRequest =
  | { readonly do: 'reach'; readonly id: number; readonly request: ReachRequest }
  | { readonly do: 'look'; readonly id: number }
  | { readonly do: 'stop' };
export type RoadsReply =
  /** A look is over that began after these asked for it, whatever it found. */
  | { readonly say: 'looked'; readonly ids: readonly number[] }
  | {
      readonly say: 'graph';
      readonly graphId: number;
      readonly memory: SharedArrayBuffer;
      readonly hour: number;
      readonly metric: Metric;
      readonly memoryToAnswer: SweepMemory;
    }
  | { readonly say: 'hour'; readonly hour: number; readonly metric: Metric; readonly keep: readonly number[] }
  | { readonly say: 'reach'; readonly id: number; readonly reach: Reach | null }
  | { readonly say: 'reach-failed'; readonly id: number; readonly message: string }
  | { readonly say: 'trouble'; readonly message: string };

/** Speeds of all hours where they fit into this, else of this hour and the next. */
const HOURS_BYTES = 160e6;
/** What was learned is worked in at most so often: a run changes little. */
const LEARN_EVERY_MS = 60_000;

const port = parentPort;
if (!port) throw new Error('roads.worker runs as a worker thread only');
const { databaseUrl, dataDir, lookEveryMs } = workerData as RoadsWorkerData;
const say = (reply: RoadsReply) => port.postMessage(reply);
const stopped = new AbortController();
/** Ends the sleep between two looks. */
let awake = new AbortController();
/** Who waits for the next look. */
let asked: number[] = [];
const db = openPool(databaseUrl, { max: 1 });

let graphId = 0;
let graph: RoadGraph | null = null;
let learned: { version: string; factor: ReturnType<typeof learnedFactor>; readAt: number } | null = null;
/** Hours worked out with what is learned now. */
let done = new Map<number, Metric>();

port.on('message', (message: RoadsRequest) => {
  if (message.do === 'look') {
    asked.push(message.id);
    return awake.abort();
  }
  if (message.do === 'stop') {
    stopped.abort();
    return awake.abort();
  }
  const { id, request } = message;
  try {
    if (!graph) throw new Error('there is no map yet');
    const known = graph;
    const network = new RoadNetwork(known, (hour) => done.get(hour) ?? speeds(known, hour));
    say({ say: 'reach', id, reach: reachByRoad(network, request) });
  } catch (error) {
    say({ say: 'reach-failed', id, message: (error as Error).message });
  }
});

async function look(): Promise<void> {
  const newest = await newestGraph(db);
  if (!newest) return;
  if (newest.graphId !== graphId) {
    const memory = await keptGraph(db, dataDir, newest);
    if (!memory) return; // replaced meanwhile: the next look finds the one that did
    graph = openGraph(memory);
    graphId = newest.graphId;
    done = new Map();
    await learn();
    const hour = chinaHour(Date.now());
    const metric = speeds(graph, hour);
    say({ say: 'graph', graphId, memory, hour, metric, memoryToAnswer: sweepMemory(graph) });
    done.set(hour, metric);
  } else if (!learned || Date.now() - learned.readAt >= LEARN_EVERY_MS) await learn();
  if (graph) await workOutHours(graph);
}

async function learn(): Promise<void> {
  const { version, cells } = await readLearned(db);
  if (version !== learned?.version) done = new Map();
  learned = {
    version,
    factor: version === learned?.version ? learned.factor : learnedFactor(cells),
    readAt: Date.now(),
  };
}

const speeds = (of: RoadGraph, hour: number) => customise(of, speedsAt(of, hour, learned?.factor ?? (() => 1)));

async function workOutHours(of: RoadGraph): Promise<void> {
  const now = chinaHour(Date.now());
  // A metric holds at most half of the arcs each way, in three figures; a quarter more than that is what it takes.
  const bytesAnHour = of.arcHead.length * 20 + of.nodeCount * 8 + of.edgeCount * 4;
  const hours = Math.min(24, Math.max(2, Math.floor(HOURS_BYTES / bytesAnHour)));
  const keep = Array.from({ length: hours }, (_, i) => (now + i) % 24);
  for (const hour of done.keys()) if (!keep.includes(hour)) done.delete(hour);
  for (const hour of keep) {
    if (done.has(hour) || stopped.signal.aborted) continue;
    const metric = speeds(of, hour);
    say({ say: 'hour', hour, metric, keep });
    done.set(hour, metric);
    await sleep(0); // a question about reach goes first
  }
}

while (!stopped.signal.aborted) {
  const ids = asked;
  asked = [];
  try {
    await look();
  } catch (error) {
    say({ say: 'trouble', message: (error as Error).message });
  }
  say({ say: 'looked', ids });
  if (asked.length > 0 || stopped.signal.aborted) continue;
  awake = new AbortController();
  await sleep(lookEveryMs, undefined, { signal: awake.signal }).catch(() => {});
}
await db.end();
port.close();
