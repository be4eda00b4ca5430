/**
 * Hands events from the log to the queues, in order and at least once. The place reached is a row and moves only after
 * the queues have taken the jobs; a job's id is its event's number, so that handing one over twice adds nothing. Several
 * instances therefore need no lock between them, and none is held while the queues are waited for: embedded, where all
 * connections share one session, a transaction held open here would keep the queues out of that very database.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Executor } from '../database/pool.ts';
import type { EventType } from '../domain/events.ts';
import type { Queues } from './port.ts';

export const sql = {
  /**
   * The next events of types $2 after the place $1 has reached, $3 at most, and the head of the log: in one look, so that
   * nothing up to the head is missing. Those nobody handles are passed over where they lie.
   */
  next: {
    name: 'relay.next',
    text: `
      SELECT next.seq, next.type, head.seq AS head, coalesce(c.seq, 0) AS reached
      FROM event_head head
      LEFT JOIN relay_cursors c ON c.name = $1
      LEFT JOIN LATERAL (
        SELECT e.seq, e.type FROM events e
        WHERE e.seq > coalesce(c.seq, 0) AND e.seq <= head.seq AND e.type = ANY ($2::text[])
        ORDER BY e.seq LIMIT $3
      ) next ON true`,
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

/** Jobs a turn at most: in a flood their follow-ups wait a little, and calls do not. */
const JOBS_A_TURN = 200;
const POLL_MS = 1_000;

export function startRelay({ db, queues, log, types, pollMs = POLL_MS, name = EVENTS }: RelayOptions): Relay {
  const stop = new AbortController();
  let stuck = false;

  /** One turn; answers whether there is more to hand over at once. */
  async function handOver(): Promise<boolean> {
    const { rows } = await db.query<{ seq: number | null; type: EventType; head: number; reached: number }>({
      ...sql.next,
      values: [name, [...types], JOBS_A_TURN],
    });
    const [first] = rows;
    if (!first) return false;
    const more = rows.length === JOBS_A_TURN;
    let { reached } = first;
    try {
      for (const { seq, type } of rows) {
        if (seq === null) continue;
        await queues.add(EVENTS, type, { seq }, { jobId: String(seq) });
        reached = seq;
      }
      if (!more) reached = first.head;
    } finally {
      if (reached > first.reached) await db.query({ ...sql.advance, values: [name, reached] });
    }
    return more;
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
