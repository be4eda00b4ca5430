/**
 * Between instances, over Redis: that something was committed, and where units are. Neither has to arrive: the event log is
 * read every second anyway, and the next position is a second away.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import type { Logger } from 'pino';
import type { LivePosition } from './port.ts';

export interface Bus {
  nudge(): void;
  positions(positions: readonly LivePosition[]): void;
  close(): void;
}

export interface BusListener {
  onNudge(): void;
  onPositions(positions: readonly LivePosition[]): void;
}

interface Word {
  readonly from: string;
  readonly positions?: readonly LivePosition[];
}

/** In a flood of commits. */
const TOGETHER_MS = 10;
const KEEP_ALIVE_MS = 10_000;
const ANSWER_WITHIN_MS = 2_000;

/** @param self tells this instance's words from the others' */
export function openBus(url: string, self: string, listener: BusListener, log: Pick<Logger, 'warn'>): Bus {
  let closing = false;
  const retryStrategy = (times: number) => (closing ? null : Math.min(times * 100, 2_000));
  const options = { retryStrategy, keepAlive: KEEP_ALIVE_MS };
  const speaker = new Redis(url, {
    ...options,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout: ANSWER_WITHIN_MS,
  });
  const hearer = new Redis(url, { ...options, maxRetriesPerRequest: null });
  // Channels know no database number, and two installations may share a server.
  const channel = `precision-dispatch:${hearer.options.db ?? 0}:live`;

  for (const connection of [speaker, hearer]) connection.on('error', () => {}); // the queues report the same outage
  hearer.subscribe(channel).catch((err: unknown) => {
    if (!closing) log.warn({ err }, 'nudges of other instances are not heard');
  });
  hearer.on('message', (_channel: string, text: string) => {
    const word = wordIn(text);
    if (word === null || word.from === self) return;
    if (word.positions) listener.onPositions(word.positions);
    else listener.onNudge();
  });

  const say = (word: Word) => speaker.publish(channel, JSON.stringify(word));
  let saying = false;
  let again = false;
  /** Nudges that come while one is on its way, or right after it, become one. */
  function nudge(): void {
    again = saying;
    if (saying) return;
    saying = true;
    say({ from: self })
      .catch(() => {})
      .then(() => sleep(TOGETHER_MS))
      .then(() => {
        saying = false;
        if (again && !closing) nudge();
      });
  }

  return {
    nudge,
    positions(positions) {
      say({ from: self, positions }).catch(() => {});
    },
    close() {
      closing = true;
      speaker.disconnect();
      hearer.disconnect();
    },
  };
}

/** Whoever else may publish on this Redis cannot break an instance with it. */
function wordIn(text: string): Word | null {
  try {
    return JSON.parse(text) as Word | null;
  } catch {
    return null;
  }
}
