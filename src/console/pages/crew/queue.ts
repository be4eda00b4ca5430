/**
 * What the crew said and the service has not confirmed: time points, entries of care records, pictures. Kept in the
 * tablet, so that a tunnel, a dead radio or a restart loses nothing; sent in the order it was said, each with the time it
 * happened and an id of its own, so that sent twice it is there once. A picture never holds up what is small.
 */
import { batch, effect, signal } from '@preact/signals';
import type { Entry } from '../../../care/record.ts';
import type { Attachment, CareRecordView, EntryList } from '../../../care/schema.ts';
import type { RunPoint } from '../../../domain/run.ts';
import { refusalText, tell } from '../../shell/actions.ts';
import { ask, pathOf, Refusal } from '../../shell/api.ts';
import { name, speak } from '../../shell/language.ts';
import { connection } from '../../shell/live.ts';
import { session } from '../../shell/session.ts';
import { forget, isKept, keep, readKept, survives } from './kept.ts';
import { words } from './words.ts';

const say = speak('crew', words);

export type Said =
  | { readonly kind: 'point'; readonly point: RunPoint }
  | { readonly kind: 'entry'; readonly list: EntryList; readonly entry: Entry }
  | {
      readonly kind: 'attachment';
      readonly attachment: Attachment['kind'];
      readonly mediaType: string;
      readonly bytes: ArrayBuffer;
    };

export interface Waiting {
  /** Of an entry or attachment the id the service knows it by. */
  readonly id: string;
  /** Grows from one to the next. */
  readonly place: number;
  readonly unitId: string;
  readonly callId: string;
  readonly callNumber: number;
  /** When it happened: RFC 3339, by the service's clock as far as the tablet knows it. */
  readonly at: string;
  readonly said: Said;
  /** The service would not take it; it stays until somebody has seen why. */
  readonly refused?: { readonly status: number; readonly problem: unknown };
}

const TRY_AGAIN_MS = 3_000;
const PICTURE_WITHIN_MS = 180_000;
const lanes = ['point', 'entry', 'attachment'] as const;
type Lane = (typeof lanes)[number];

/** In the order it was said. */
export const queue = signal<readonly Waiting[]>([]);
/** What is on its way right now. */
export const onItsWay = signal<ReadonlySet<string>>(new Set());

/** `crypto.randomUUID` exists only where the page came by TLS or from this machine. */
export const newId = (): string =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');

let place = 0;
const nextPlace = (): number => {
  place = Math.max(place + 1, Date.now());
  return place;
};

// Another tab of the same tablet has a hand in it, too.
const others = new BroadcastChannel('precision-dispatch.crew');
others.onmessage = () => void readAgain();

async function readAgain(): Promise<void> {
  const kept = await readKept<Waiting>();
  const known = new Set(kept.map(({ id }) => id));
  const unkept = queue.peek().filter(({ id }) => !known.has(id) && (writing.has(id) || !survives.peek()));
  queue.value = [...kept, ...unkept].sort((a, b) => a.place - b.place);
}
/** Said a moment ago, on its way into the tablet's database. */
const writing = new Map<string, Promise<void>>();
const loaded = readAgain();

function write(one: Waiting): Promise<void> {
  const written = keep(one).then(() => {
    writing.delete(one.id);
    others.postMessage('changed');
  });
  writing.set(one.id, written);
  return written;
}

/** Adds what was said; it is drawn at once, kept in the same moment, and sent as soon as somebody listens. */
export function add(one: Omit<Waiting, 'id' | 'place'> & { readonly id?: string }): void {
  const waiting: Waiting = { ...one, id: one.id ?? newId(), place: nextPlace() };
  queue.value = [...queue.peek(), waiting];
  // Sent once it is kept: the order holds, and a crash between the two loses nothing.
  void write(waiting).then(() => sendLane(one.unitId, one.said.kind));
}

function remove(id: string): void {
  queue.value = queue.peek().filter((each) => each.id !== id);
  void forget(id).then(() => others.postMessage('changed'));
}

/** What was refused is tried once more, unchanged. */
export function sendAgain(one: Waiting): void {
  const { refused: _, ...again } = one;
  queue.value = queue.peek().map((each) => (each.id === one.id ? again : each));
  void write(again).then(() => sendLane(one.unitId, one.said.kind));
}

/** Somebody saw why it was refused and does not want it. */
export const discard = ({ id }: Waiting): void => remove(id);

type SentListener = (one: Waiting, record: CareRecordView | null) => void;
const listeners = new Set<SentListener>();
/** Hears what the service has confirmed, with the record as it then was, in the moment it leaves the queue. */
export const onSent = (listener: SentListener): void => void listeners.add(listener);

async function send({ unitId, callId, at, id, said }: Waiting): Promise<CareRecordView | null> {
  switch (said.kind) {
    case 'point':
      await ask(pathOf('v1', 'units', unitId, 'time-points'), { body: { callId, point: said.point, at } });
      return null;
    case 'entry': {
      const body = { [said.list]: [said.entry] };
      const answer = await ask<{ record: CareRecordView }>(pathOf('v1', 'calls', callId, 'care-record'), {
        method: 'PUT',
        body,
      });
      return answer.record;
    }
    case 'attachment': {
      const query = new URLSearchParams({ kind: said.attachment, at });
      await ask(`${pathOf('v1', 'calls', callId, 'care-record', 'attachments', id)}?${query}`, {
        method: 'PUT',
        body: new Blob([said.bytes], { type: said.mediaType }),
        withinMs: PICTURE_WITHIN_MS,
      });
      return null;
    }
    default:
      return said satisfies never;
  }
}

/** What the service did not take for a reason of its own time, not of what was sent. */
const isPassing = (error: unknown): boolean =>
  !(error instanceof Refusal) || error.status >= 500 || [401, 408, 429].includes(error.status);

const next = (unitId: string, lane: Lane): Waiting | undefined =>
  queue.peek().find((each) => each.unitId === unitId && each.said.kind === lane && !each.refused);

const sending = new Set<Lane>();

/** Sends what waits, oldest first; what gets no answer stays. */
async function sendLane(unitId: string, lane: Lane): Promise<void> {
  if (sending.has(lane)) return;
  sending.add(lane);
  try {
    await loaded;
    for (let first = next(unitId, lane); first; first = next(unitId, lane)) {
      // Somebody else's token must not carry it.
      if (session.peek()?.subject !== unitId) return;
      await writing.get(first.id);
      if (!(await isKept(first.id))) {
        remove(first.id);
        continue;
      }
      onItsWay.value = new Set([...onItsWay.peek(), first.id]);
      try {
        const record = await send(first);
        const sent = first;
        batch(() => {
          for (const listener of listeners) listener(sent, record);
          remove(sent.id);
        });
      } catch (error) {
        if (isPassing(error)) {
          setTimeout(() => void sendLane(unitId, lane), TRY_AGAIN_MS);
          return;
        }
        refuse(first, error as Refusal);
      } finally {
        const rest = new Set(onItsWay.peek());
        rest.delete(first.id);
        onItsWay.value = rest;
      }
    }
  } finally {
    sending.delete(lane);
  }
}

/** A refused time point is said and gone, for the button is there to press again; what was written down stays. */
function refuse(one: Waiting, error: Refusal): void {
  const { said } = one;
  if (said.kind === 'point') {
    tell('refused', () => say('notTaken', { point: name('point', said.point), why: refusalText(error) }));
    remove(one.id);
    return;
  }
  const refused = { ...one, refused: { status: error.status, problem: error.problem } };
  queue.value = queue.peek().map((each) => (each.id === one.id ? refused : each));
  void write(refused);
  tell('refused', () => say('entryNotTaken', { why: refusalText(error) }));
}

/** Why the service would not take it, in the language of the moment. */
export const whyRefused = ({ refused }: Waiting): string =>
  refused ? refusalText(new Refusal(refused.status, refused.problem)) : '';

/** Sends what waits as soon as the service is there again. */
export function sendWhenBack(unitId: string): () => void {
  return effect(() => {
    if (connection.value !== 'live' && connection.value !== 'polled') return;
    for (const lane of lanes) void sendLane(unitId, lane);
  });
}
