/** A console that comes back: whatever breaks it off, it connects again to any instance and resumes from what it saw last. */
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../../bench/random.ts';
import { tokenOf } from './client.ts';
import type { ConsoleHistory } from './history.ts';

/** The client of `ws`, which brings no typings. */
interface ClientSocket {
  on(event: 'message', listener: (data: Buffer) => void): void;
  on(event: 'close' | 'error', listener: () => void): void;
  terminate(): void;
}
const WebSocket = createRequire(import.meta.url)('ws') as new (
  url: string,
  options: { readonly headers: Record<string, string>; readonly handshakeTimeout: number },
) => ClientSocket;

const HANDSHAKE_MS = 5_000;

export interface RecordedConsole {
  /** Breaks its connection, as a lost network would. */
  breakOff(): void;
  /** The last event seen, or where it began. */
  last(): number | null;
  close(): Promise<void>;
}

/** @param since where it begins; null: from now on */
export function openConsole(
  urls: readonly string[],
  history: ConsoleHistory,
  since: number | null,
  random: Random,
): RecordedConsole {
  let socket: ClientSocket | undefined;
  let closed = false;
  let last = since;

  async function connectOnce(url: string): Promise<void> {
    const authorization = `Bearer ${await tokenOf(history)}`;
    const asked = last;
    const opened = new WebSocket(`${url.replace('http', 'ws')}/v1/live${asked === null ? '' : `?since=${asked}`}`, {
      headers: { authorization },
      handshakeTimeout: HANDSHAKE_MS,
    });
    socket = opened;
    opened.on('message', (data) => {
      const message = JSON.parse(data.toString());
      if (message.type === 'hello') greeted(message, asked);
      else if (typeof message.seq === 'number' && message.type !== 'pong') {
        history.seen.push({ seq: message.seq, type: message.type, callId: message.callId ?? null });
        last = Math.max(last ?? 0, message.seq);
      }
    });
    opened.on('error', () => {});
    await new Promise<void>((resolve) => opened.on('close', resolve));
  }

  function greeted(
    { seq, reset = false }: { readonly seq: number; readonly reset?: boolean },
    asked: number | null,
  ): void {
    history.connections += 1;
    history.from ??= seq;
    if (asked !== null && (reset || seq !== asked)) history.lost.push({ since: asked, told: seq, reset });
    last ??= seq;
  }

  async function run(): Promise<void> {
    while (!closed) {
      await connectOnce(random.pick(urls));
      if (!closed) await sleep(50 + random.below(400));
    }
  }
  const running = run();

  return {
    breakOff: () => socket?.terminate(),
    last: () => last,
    close() {
      closed = true;
      socket?.terminate();
      return running;
    },
  };
}
