/**
 * What happens, as it happens: the websocket hears every event once and in order, and where it broke off it goes on by
 * itself with the last number seen. While it cannot be had, what a page reads is read again every two seconds.
 */
import { batch, effect, signal } from '@preact/signals';
import type { EventType } from '../../domain/events.ts';
import { ask, Refusal } from './api.ts';
import { hearTime } from './clock.ts';
import { session } from './session.ts';

/** As `GET /v1/live` sends them; `unit.position` has no `seq`. */
export interface LiveEvent {
  readonly type: EventType | 'unit.position';
  readonly seq?: number;
  readonly at: string;
  readonly callId?: string;
  // biome-ignore lint/suspicious/noExplicitAny: each type has fields of its own
  readonly data: any;
}

/**
 * `live`: every event arrives. `polled`: the service answers, but without a websocket. `lost`: nobody has answered
 * since `heardAt`, and what is shown is as old as that.
 */
export type Connection = 'connecting' | 'live' | 'polled' | 'lost';

/** As often it asks whether somebody is there; a connection that is silent for longer than two answers is given up. */
const PING_MS = 5_000;
const SILENT_MS = 11_000;
const RETRY_LEAST_MS = 500;
const RETRY_MOST_MS = 4_000;
const POLL_MS = 2_000;

/** The service refuses what this page is made of: whoever this is may not see it. */
export const forbidden = signal(false);
export const connection = signal<Connection>('connecting');
/** When the service was last heard, by this computer's clock, which `Date.now()` is compared with; 0: never. */
export const heardAt = signal(0);

type Listener = (event: LiveEvent) => void;
/** Reads anew what no event tells of. @throws what the reading threw: the connection is then lost */
type Reader = () => Promise<unknown>;

const listeners = new Set<Listener>();
const readers = new Set<Reader>();
/** Of these a page is made; without the others it lacks a part. */
const essential = new WeakSet<Reader>();

/** Hears every event; answers the way to stop. */
export function onEvent(listener: Listener): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/**
 * What a page shows besides events: read now, after every break, when `since` could not be resumed from, and every two
 * seconds while there is no websocket. Answers the way to stop.
 */
export function onCatchUp(reader: Reader, isEssential = false): () => void {
  readers.add(reader);
  if (isEssential) essential.add(reader);
  if (session.peek()) void catchUp([reader]);
  return () => void readers.delete(reader);
}

let socket: WebSocket | null = null;
/** The last event seen: the next connection goes on after it. */
let since: number | null = null;
let tries = 0;
let begunAt = 0;
/** As `heardAt`, without telling anybody: positions come hundreds of times a second. */
let lastHeard = 0;
/** Counts sessions, so that what belongs to the one before is not taken for this one's. */
let round = 0;
/** The timer of the next try; 0: none waits. */
let retry = 0;

const isForbidden = (error: unknown): boolean => error instanceof Refusal && error.status === 403;

async function catchUp(these: Iterable<Reader> = readers): Promise<void> {
  const mine = round;
  const asked = [...these];
  const results = await Promise.allSettled(asked.map((read) => read()));
  if (mine !== round) return;
  const isRefused = (result: PromiseSettledResult<unknown>, place: number) =>
    result.status === 'rejected' && isForbidden(result.reason) && essential.has(asked[place] as Reader);
  if (results.some(isRefused)) forbidden.value = true;
  const failed = results.find(
    (result) => result.status === 'rejected' && !(result.reason instanceof Refusal && result.reason.status < 500),
  );
  if (connection.peek() === 'live') return;
  if (failed) connection.value = 'lost';
  else if (results.length > 0) {
    heardAt.value = Date.now();
    if (connection.peek() !== 'connecting' || tries > 1) connection.value = 'polled';
  }
}

function broken(mine: number): void {
  if (mine !== round) return;
  const wasLive = connection.peek() === 'live';
  socket = null;
  // Not all at once: a room full of consoles comes back to a service that has just started.
  const wait = Math.min(RETRY_LEAST_MS * 2 ** tries, RETRY_MOST_MS) * (0.5 + Math.random() / 2);
  tries += 1;
  retry = window.setTimeout(() => void connect(mine), wait);
  if (!wasLive) return;
  heardAt.value = lastHeard;
  connection.value = 'connecting';
  void catchUp();
}

async function connect(mine: number): Promise<void> {
  retry = 0;
  let ticket: string;
  try {
    ({ ticket } = await ask<{ ticket: string }>('/v1/live-tickets', { method: 'POST' }));
  } catch (error) {
    if (mine !== round) return;
    if (!(error instanceof Refusal)) connection.value = 'lost';
    return broken(mine);
  }
  if (mine !== round) return;
  const query = new URLSearchParams({ ticket, ...(since === null ? {} : { since: String(since) }) });
  const made = new WebSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/v1/live?${query}`);
  socket = made;
  begunAt = Date.now();
  made.addEventListener('message', ({ data }) => {
    if (made === socket) hear(JSON.parse(data));
  });
  made.addEventListener('close', () => {
    if (made === socket) broken(mine);
  });
}

type Message = LiveEvent | { readonly type: 'hello' | 'pong'; readonly seq: number; readonly at: string };

const isEvent = (message: Message): message is LiveEvent => message.type !== 'hello' && message.type !== 'pong';

function hear(message: Message): void {
  if (isEvent(message)) {
    if (typeof message.seq === 'number') since = message.seq;
    batch(() => {
      for (const listener of listeners) listener(message);
    });
    lastHeard = Date.now();
    return;
  }
  hearTime(message.at);
  lastHeard = Date.now();
  heardAt.value = lastHeard;
  if (message.type !== 'hello') return;
  since = message.seq;
  tries = 0;
  connection.value = 'live';
  void catchUp();
}

function start(): void {
  round += 1;
  clearTimeout(retry);
  retry = 0;
  const old = socket;
  socket = null;
  since = null;
  tries = 0;
  connection.value = 'connecting';
  forbidden.value = false;
  old?.close();
  if (!session.peek()) return;
  void catchUp();
  void connect(round);
}

/** Follows the session: another role or subject sees other events, a renewed token the same. */
export function startLive(): void {
  let whose = '';
  effect(() => {
    const { role = '', subject = '' } = session.value ?? {};
    if (whose === `${role} ${subject}`) return;
    whose = `${role} ${subject}`;
    start();
  });
  // The computer itself knows when its network goes or comes: asked at once, the page need not wait for the silence to last.
  addEventListener('offline', () => {
    const cut = socket;
    if (connection.peek() === 'live') broken(round);
    else if (session.peek()) void catchUp();
    cut?.close();
  });
  addEventListener('online', () => {
    if (!retry) return;
    clearTimeout(retry);
    void connect(round);
    void catchUp();
  });
  setInterval(() => {
    if (!socket) return;
    if (Date.now() - Math.max(lastHeard, begunAt) > SILENT_MS) {
      const silent = socket;
      broken(round);
      silent.close();
    } else if (socket.readyState === WebSocket.OPEN) socket.send('ping');
  }, PING_MS);
  setInterval(() => {
    if (session.peek() && connection.peek() !== 'live') void catchUp();
  }, POLL_MS);
}
