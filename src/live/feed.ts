/** The one reader of the event log in an instance: it hands on each event once, in order, and no failure makes it skip one. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { readEvents } from '../database/events.ts';
import type { Executor } from '../database/pool.ts';
import type { StoredEvent } from '../domain/events.ts';

export interface FeedOptions {
  readonly db: Executor;
  /** The first event handed on is the one after it. */
  readonly from: number;
  /** Gets what was read, in order; a page at a time. */
  deliver(events: readonly StoredEvent[]): void;
  readonly log: Pick<Logger, 'info' | 'warn'>;
  /** Without a nudge it looks this often, so that nothing depends on nudges arriving. */
  readonly pollMs: number;
}

export interface Feed {
  /** Something was committed: read on now. */
  nudge(): void;
  /** Resolves when it reads no more. */
  close(): Promise<void>;
}

const PAGE = 500;
/** In a flood what is committed within so long is read together: alone each event would cost ten times as much. */
const TOGETHER_MS = 10;
/** While the database is away nudges are not listened to. */
const RETRY_MS = 250;

export function startFeed({ db, from, deliver, log, pollMs }: FeedOptions): Feed {
  let seq = from;
  let closed = false;
  let nudged = false;
  let away = false;
  let wake = () => {};

  const pause = (ms: number) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });

  async function read(): Promise<readonly StoredEvent[] | null> {
    try {
      const events = await readEvents(db, seq, PAGE);
      if (away) log.info('the event log is read again');
      away = false;
      return events;
    } catch (err) {
      if (!away) log.warn({ err }, 'the event log cannot be read; it is tried again');
      away = true;
      return null;
    }
  }

  async function run(): Promise<void> {
    while (!closed) {
      nudged = false;
      const readAt = performance.now();
      const events = await read();
      if (closed) return;
      const last = events?.at(-1);
      if (events && last) {
        seq = last.seq;
        deliver(events);
      }
      if (events?.length === PAGE) continue;
      if (!nudged || away) await pause(away ? RETRY_MS : pollMs);
      const early = TOGETHER_MS - (performance.now() - readAt);
      if (early > 0 && !closed) await sleep(early);
    }
  }
  const running = run();

  return {
    nudge() {
      nudged = true;
      if (!away) wake();
    },
    close() {
      closed = true;
      wake();
      return running;
    },
  };
}
