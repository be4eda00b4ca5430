/**
 * Hands events from the log to the queues, in order and at least once. The place reached is a row and moves only after
 * the queues have taken the jobs; a job's id is its event's number, so that handing one over twice adds nothing. Several
 * instances therefore need no lock between them, and none is held while the queues are waited for: embedded, where all
 * connections share one session, a transaction held open here would keep the queues out of that very database.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { readEvents } from '../database/events.ts';
import type { Executor } from '../database/pool.ts';
import type { EventType } from '../domain/events.ts';
import type { Queues } from './port.ts';

export const sql = {
  /** How far $1 has got; it begins at the first event. */
  reached: {
    name: 'relay.reached',
    text: 'SELECT coalesce((SELECT seq FROM relay_cursors WHERE name = $1), 0) AS seq',
  },
  /** $1 has got to $2; never back, whichever instance says it last. */
  advance: {
    name: 'relay.advance',
    text: `
      INSERT INTO relay_cursors AS c (name, seq) VALUES ($1, $2)
      ON CONFLICT (name) DO UPDATE SET seq = excluded.seq WHERE c.seq < excluded.seq`,
  },
} as const;

/** The queue events go to: the job's name is the event's type, its data the event's number. */
export const EVENTS = 'events';

export interface RelayOptions {
  readonly db: Executor;
  readonly queues: Queues;
  readonly log: Pick<Logger, 'info' | 'warn'>;
  /** Types somebody handles; the others are passed over. */
  readonly types: ReadonlySet<EventType>;
  readonly pollMs?: number;
  /** Name of the place reached. */
  readonly name?: string;
}

export interface Relay {
  /** Resolves when it hands over no more. */
  close(): Promise<void>;
}

const PAGE = 200;
/** Jobs a turn at most: in a flood of calls their follow-ups wait a little, and the calls do not. */
const JOBS_A_TURN = 50;
const POLL_MS = 1_000;

export function startRelay({ db, queues, log, types, pollMs = POLL_MS, name = EVENTS }: RelayOptions): Relay {
  const stop = new AbortController();
  let stuck = false;

  /** One turn; answers whether there may be more to pass over at once. */
  async function handOver(): Promise<boolean> {
    const { rows } = await db.query<{ seq: number }>({ ...sql.reached, values: [name] });
    const events = await readEvents(db, rows[0]?.seq ?? 0, PAGE);
    let reached: number | undefined;
    let handed = 0;
    try {
      for (const { seq, type } of events) {
        if (types.has(type)) {
          if (handed === JOBS_A_TURN) break;
          await queues.add(EVENTS, type, { seq }, { jobId: String(seq) });
          handed++;
        }
        reached = seq;
      }
    } finally {
      if (reached !== undefined) await db.query({ ...sql.advance, values: [name, reached] });
    }
    return handed === 0 && events.length === PAGE;
  }

  async function run(): Promise<void> {
    while (!stop.signal.aborted) {
      let more = false;
      try {
        more = await handOver();
        if (stuck) log.info('events reach the queues again');
        stuck = false;
      } catch (err) {
        if (!stuck) log.warn({ err }, 'events cannot be handed to the queues; they wait in the log');
        stuck = true;
      }
      if (!more) await sleep(pollMs, undefined, { signal: stop.signal }).catch(() => {});
    }
  }
  const running = run();

  return {
    close() {
      stop.abort();
      return running;
    },
  };
}
