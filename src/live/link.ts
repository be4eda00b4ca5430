/** One console's connection: frames out as long as it reads them, small pings in and nothing else. */
import type { Writable } from 'node:stream';
import { closeCodes, frameOf } from './messages.ts';
import type { Viewer } from './rooms.ts';

/** What is used of a `ws` socket on the server's side. */
export interface LiveSocket {
  readonly readyState: number;
  readonly bufferedAmount: number;
  close(code: number, reason: string): void;
  terminate(): void;
  ping(): void;
  on(event: 'message', listener: (data: Buffer, isBinary: boolean) => void): unknown;
  on(event: 'ping' | 'pong', listener: () => void): unknown;
  on(event: 'close', listener: (code: number) => void): unknown;
}

export interface LinkListener {
  /** The console asks whether somebody is there. */
  onPing(): void;
  /** It is sent away from this side; the end may take a while if it does not read. */
  onCut(cause: CutCause): void;
  /** It is gone. */
  onEnd(): void;
}

export type CutCause = 'slow' | 'silent' | 'misuse' | 'restarting' | 'expired';

export interface LinkLimits {
  /** More unread bytes than this, and the console is cut off. */
  readonly bufferBytes: number;
  /** Frames a console may send between two of our pings. */
  readonly framesPerSweep: number;
}

const OPEN = 1;
const MISSED_PINGS = 2;
const PING = /^(?:ping|\{\s*"type"\s*:\s*"ping"\s*\})$/;

export class Link {
  readonly viewer: Viewer;
  readonly openedAt: number;
  readonly #socket: LiveSocket;
  readonly #wire: Writable;
  readonly #limits: LinkLimits;
  #unanswered = 0;
  #frames = 0;
  readonly #listener: LinkListener;

  /** @param wire the connection under the socket: frames are written to it as they are, ready made for all consoles */
  constructor(
    viewer: Viewer,
    socket: LiveSocket,
    wire: Writable,
    limits: LinkLimits,
    openedAt: number,
    listener: LinkListener,
  ) {
    this.viewer = viewer;
    this.openedAt = openedAt;
    this.#socket = socket;
    this.#wire = wire;
    this.#limits = limits;
    this.#listener = listener;
    this.#listen();
  }

  #listen(): void {
    const heard = () => {
      this.#unanswered = 0;
      this.#frames += 1;
      if (this.#frames > this.#limits.framesPerSweep) this.cut('misuse', closeCodes.misuse, 'too many frames');
    };
    this.#socket.on('pong', heard);
    this.#socket.on('ping', heard);
    this.#socket.on('message', (data, isBinary) => {
      heard();
      if (isBinary) return this.cut('misuse', closeCodes.notText, 'text only');
      if (!PING.test(data.toString('latin1'))) return this.cut('misuse', closeCodes.misuse, 'only pings are read here');
      this.#listener.onPing();
    });
    this.#socket.on('close', () => this.#listener.onEnd());
  }

  get isOpen(): boolean {
    return this.#socket.readyState === OPEN;
  }

  send(text: string): void {
    this.write(frameOf(text));
  }

  /** Writes whole frames; a console that reads too slowly is cut off instead, and may resume. */
  write(frames: Buffer): void {
    if (!this.isOpen) return;
    if (this.#socket.bufferedAmount > this.#limits.bufferBytes) this.cut('slow', closeCodes.slow, 'slow');
    else this.#wire.write(frames);
  }

  /** As `write`, and resolves when the bytes have left or the connection has. */
  async flush(frames: Buffer): Promise<void> {
    if (!this.isOpen) return;
    await new Promise<void>((resolve) => this.#wire.write(frames, () => resolve()));
  }

  cut(cause: CutCause, code: number, reason: string): void {
    if (!this.isOpen) return;
    this.#socket.close(code, reason);
    this.#listener.onCut(cause);
  }

  /** Once an interval: asks for a sign of life, and gives up on a console that owes two. */
  sweep(): void {
    this.#frames = 0;
    if (this.#unanswered >= MISSED_PINGS) {
      if (this.isOpen) this.#listener.onCut('silent');
      this.#socket.terminate();
    } else if (this.isOpen) {
      this.#socket.ping();
    }
    this.#unanswered += 1;
  }

  terminate(): void {
    this.#socket.terminate();
  }
}
