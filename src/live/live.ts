/** Everything live of one instance: the feed that reads the log, the hub that sends it to consoles, the bus between instances. */
import type { Writable } from 'node:stream';
import type pg from 'pg';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { batched } from '../database/batch.ts';
import { lastSeq, readEvents } from '../database/events.ts';
import type { Clock, Ids } from '../domain/time.ts';
import type { Role } from '../domain/vocabulary.ts';
import { type Bus, openBus } from './bus.ts';
import { CrewLog } from './crews.ts';
import { type Feed, startFeed } from './feed.ts';
import { Hub, type HubSettings } from './hub.ts';
import type { LiveSocket } from './link.ts';
import { createLiveMetrics } from './metrics.ts';
import type { Live, LivePosition } from './port.ts';
import { Positions } from './positions.ts';
import type { Viewer } from './rooms.ts';
import { readStartingPoint } from './store.ts';
import { createTickets, type Tickets } from './tickets.ts';

export interface LiveSystem extends Live {
  /** Takes over an upgraded connection whose viewer is known; `since` as in the contract. */
  connect(socket: LiveSocket, wire: Writable, viewer: Viewer, since: number | null): void;
  readonly tickets: Tickets;
  /** Subjects of a role with a console on this instance. */
  subjectsOf(role: Role): string[];
  /** Reads the log and takes consoles from now on. Without Redis there is no other instance to hear of. */
  start(redisUrl: string | null): Promise<void>;
  /** Sends the consoles away to come back; may be called again. */
  close(): Promise<void>;
}

export interface LiveDeps {
  readonly db: pg.Pool;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Logger;
  readonly metrics: Registry;
}

export interface LiveSettings extends HubSettings {
  readonly pollMs: number;
  /** Of each unit at most one position in this time. */
  readonly positionsEveryMs: number;
  /** How often due positions are looked for. */
  readonly positionsTickMs: number;
}

const HOUR_MS = 3_600_000;
const REPLAY_PAGE = 500;

export const liveSettings: LiveSettings = {
  pollMs: 1_000,
  positionsEveryMs: 1_000,
  positionsTickMs: 250,
  bufferBytes: 1_000_000,
  framesPerSweep: 60,
  pingEveryMs: 15_000,
  longestMs: 12 * HOUR_MS,
  perSubject: 2_500,
  replayable: 100_000,
  recent: 2_000,
};

/** Opens nothing by itself; until `start` consoles are sent away and nudges go nowhere. */
export function createLive(
  { db, clock, ids, log, metrics }: LiveDeps,
  settings: LiveSettings = liveSettings,
): LiveSystem {
  const crews = new CrewLog(settings.replayable);
  // One read at a time, so that a thousand consoles coming back leave intake its connections.
  const read = batched(async ([seq]: readonly number[]) => [await readEvents(db, seq ?? 0, REPLAY_PAGE)], {
    atMost: 1,
  });
  const head = batched(async (asked: readonly null[]) => Array(asked.length).fill(await lastSeq(db)), {
    atMost: settings.perSubject,
  });
  const hub = new Hub(
    { crews, clock, log, metrics: createLiveMetrics(metrics), read, head: () => head(null) },
    settings,
  );
  const positions = new Positions(settings.positionsEveryMs);
  /** Heard here and not yet told to the other instances. */
  const outgoing = new Map<string, LivePosition>();
  let feed: Feed | undefined;
  let bus: Bus | undefined;
  let ticking: NodeJS.Timeout | undefined;

  function tick(): void {
    const due = positions.due(clock.now());
    if (due.length > 0) hub.positions(due);
    if (outgoing.size > 0) bus?.positions([...outgoing.values()]);
    outgoing.clear();
  }

  return {
    nudge() {
      feed?.nudge();
      bus?.nudge();
    },
    position(position) {
      if (!feed) return;
      positions.offer(position);
      if (bus) outgoing.set(position.unitId, position);
    },
    connect: (socket, wire, viewer, since) => hub.connect(socket, wire, viewer, since),
    tickets: createTickets(db, clock),
    subjectsOf: (role) => hub.subjectsOf(role),
    async start(redisUrl) {
      const point = await readStartingPoint(db, settings.recent, settings.replayable);
      crews.rebuild(point.assigning, point.open);
      hub.open(point.head, point.recent);
      const deliver = hub.deliver.bind(hub);
      const started = startFeed({ db, from: point.head, deliver, log, pollMs: settings.pollMs });
      feed = started;
      if (redisUrl) {
        const onPositions = (heard: readonly LivePosition[]) => {
          for (const position of heard) positions.offer(position);
        };
        bus = openBus(redisUrl, ids.next(), { onNudge: () => started.nudge(), onPositions }, log);
      }
      ticking = setInterval(tick, settings.positionsTickMs);
    },
    async close() {
      clearInterval(ticking);
      bus?.close();
      await feed?.close();
      await hub.close();
    },
  };
}
