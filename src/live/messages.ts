/** What consoles are sent, and how it is put on the wire: one message, one frame, built once for all who see it. */
import type { EventType, StoredEvent } from '../domain/events.ts';
import { rfc3339 } from '../domain/time.ts';
import type { LivePosition } from './port.ts';

export type LiveType = EventType | 'unit.position';

/** Why a connection was closed. Below 4000 as RFC 6455 has them. 1009 (a frame too large) and 1002 come from the protocol. */
export const closeCodes = {
  /** Binary frames mean nothing here. */
  notText: 1003,
  /** Text that is no ping, or far too many of them. */
  misuse: 1008,
  /** The service stops; another instance, or this one in a moment, goes on. */
  restarting: 1012,
  /** Not ready: try again. */
  later: 1013,
  /** Too much waits to be read; connect again with `since`. */
  slow: 4008,
  /** No ticket or token, a bad, used or expired one, or a connection older than a shift. */
  unauthenticated: 4401,
  /** This subject has too many connections. */
  tooMany: 4429,
} as const;

export interface Hello {
  /** What follows begins after it: a console that breaks off right now resumes with this. */
  readonly seq: number;
  /** The last event there is; up to here it is replay. */
  readonly head: number;
  readonly at: string;
  /** `since` cannot be resumed from (too long ago, or never given out): read the calls anew. */
  readonly reset?: true;
}

export const helloMessage = (hello: Hello): string => JSON.stringify({ type: 'hello', ...hello });

/** Answers a console's own ping. `seq`: all up to it has been sent. */
export const pongMessage = (seq: number, at: string): string => JSON.stringify({ type: 'pong', seq, at });

export const eventMessage = ({ seq, type, at, callId }: StoredEvent, data: StoredEvent['data']): string =>
  JSON.stringify({ seq, type, at, ...(callId === null ? {} : { callId }), data });

export const positionMessage = ({ at, ...data }: LivePosition): string =>
  JSON.stringify({ type: 'unit.position', at: rfc3339(at), data });

const FINAL_TEXT = 0x81;

/** A message as one unmasked frame (RFC 6455, 5.2), to be written as it is to every console that sees it. */
export function frameOf(text: string): Buffer {
  const size = Buffer.byteLength(text);
  const start = size < 126 ? 2 : size < 65_536 ? 4 : 10;
  const frame = Buffer.allocUnsafeSlow(start + size);
  frame[0] = FINAL_TEXT;
  if (start === 2) frame[1] = size;
  else if (start === 4) {
    frame[1] = 126;
    frame.writeUInt16BE(size, 2);
  } else {
    frame[1] = 127;
    frame.writeBigUInt64BE(BigInt(size), 2);
  }
  frame.write(text, start);
  return frame;
}
