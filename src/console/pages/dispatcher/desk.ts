/**
 * The call being worked on. While the caller speaks it is a draft: every word asks what a call would be answered, and
 * nothing is filed. Filed it goes on in the same place: what is heard from then on changes the call.
 */
import { effect, type Signal, signal } from '@preact/signals';
import type { CallAnswer, CallDetail, CallInput, CallPreview, PreviewInput } from '../../../calls/schema.ts';
import { attempt } from '../../shell/actions.ts';
import { ask, pathOf, Refusal } from '../../shell/api.ts';
import { serverNow } from '../../shell/clock.ts';
import { speak } from '../../shell/language.ts';
import { type Fields, fieldsOf, isFindable, noFields, patchOf, previewOf } from './fields.ts';
import { words } from './words.ts';

const say = speak('dispatcher', words);

/** The part of an answer the desk shows; a preview and a filed call both have it. */
export interface Shown extends Pick<CallAnswer, 'matches' | 'units' | 'howToGetIn' | 'locateSuggestion'> {
  readonly recommendation: CallAnswer['recommendation'] | null;
  readonly location: CallAnswer['call']['location'];
  readonly flags: readonly string[];
  readonly histories: CallPreview['histories'];
  /** Where the address that was typed may be; of a draft only. */
  readonly addresses: CallPreview['addresses'];
  readonly residentId: string | null;
  readonly targetSeconds: number;
}

export interface Desk {
  /** The Idempotency-Key of the call this becomes: sent twice, it is filed once. */
  readonly key: string;
  /** When the phone was answered, by the service's clock. */
  readonly answeredAt: number;
  readonly fields: Signal<Fields>;
  readonly shown: Signal<Shown | null>;
  /** By field, as the service names it: what it does not accept. */
  readonly faults: Signal<Readonly<Record<string, string>>>;
  /** Null until it is filed. */
  readonly call: Signal<{ readonly callId: string; readonly number: number } | null>;
  readonly events: Signal<CallDetail['events']>;
  /** What the service has of the fields; the rest is on its way, or not accepted. */
  readonly confirmed: Signal<Fields>;
  /** The body of a filing that got no answer: sent again as it was. */
  unanswered: CallInput | null;
  stop: () => void;
}

const PREVIEW_AFTER_MS = 120;
const PATCH_AFTER_MS = 350;
/** A history that could not be read in time is asked for again. */
const HISTORY_AGAIN_MS = 2_000;

/** What is on the desk; calls put aside before they were filed wait in `aside`. */
export const desk = signal<Desk | null>(null);
export const aside = signal<readonly Desk[]>([]);

/** `crypto.randomUUID` exists only where the page came by TLS or from this machine; control rooms have neither at times. */
const randomKey = (): string =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');

function makeDesk(fields: Fields, answeredAt: number): Desk {
  const made: Desk = {
    key: randomKey(),
    answeredAt,
    fields: signal(fields),
    shown: signal(null),
    faults: signal({}),
    call: signal(null),
    events: signal([]),
    confirmed: signal(noFields),
    unanswered: null,
    stop: () => {},
  };
  made.stop = follow(made);
  return made;
}

/** Asks anew whenever something was said, and never shows an older answer after a newer one. */
function follow(made: Desk): () => void {
  let timer = 0;
  let asking: AbortController | null = null;
  const stop = effect(() => {
    const fields = made.fields.value;
    const filed = made.call.value;
    clearTimeout(timer);
    timer = window.setTimeout(
      () => {
        asking?.abort();
        asking = new AbortController();
        void (filed ? amend(made, filed.callId) : preview(made, fields, asking.signal));
      },
      filed ? PATCH_AFTER_MS : PREVIEW_AFTER_MS,
    );
  });
  return () => {
    stop();
    clearTimeout(timer);
    asking?.abort();
  };
}

async function preview(made: Desk, fields: Fields, signal: AbortSignal): Promise<void> {
  if (!isFindable(fields)) {
    made.shown.value = null;
    return;
  }
  const input: PreviewInput = { ...previewOf(fields), receivedAt: new Date(made.answeredAt).toISOString() };
  try {
    const answer = await ask<CallPreview>('/v1/call-previews', { body: input, signal });
    if (signal.aborted || made.call.peek()) return;
    made.faults.value = {};
    made.shown.value = { ...answer, residentId: fields.residentId };
    if (answer.recommendation?.flags.includes('history-unavailable'))
      window.setTimeout(() => !signal.aborted && void preview(made, fields, signal), HISTORY_AGAIN_MS);
  } catch (error) {
    if (!signal.aborted) made.faults.value = faultsOf(error);
  }
}

/** Changes of a filed call; what was refused stays in its field, marked. */
async function amend(made: Desk, callId: string): Promise<void> {
  const fields = made.fields.peek();
  const patch = patchOf(made.confirmed.peek(), fields);
  if (!patch) return;
  try {
    const answer = await ask<CallAnswer>(pathOf('v1', 'calls', callId), { method: 'PATCH', body: patch });
    made.confirmed.value = fields;
    made.faults.value = {};
    showAnswer(made, answer);
  } catch (error) {
    made.faults.value = faultsOf(error);
    if (!(error instanceof Refusal)) window.setTimeout(() => void amend(made, callId), 2_000);
  }
}

function faultsOf(error: unknown): Record<string, string> {
  if (!(error instanceof Refusal)) return {};
  const errors: { field?: string; detail?: string }[] = error.problem.fields ?? [];
  return Object.fromEntries(
    errors.length
      ? errors.map(({ field = '', detail = '' }) => [field, detail])
      : [['', error.problem.detail ?? error.code]],
  );
}

/** The histories an answer does not repeat stay as they were read. */
function showAnswer(made: Desk, answer: CallAnswer & Partial<Pick<CallDetail, 'histories'>>): void {
  const { call } = answer;
  made.shown.value = {
    matches: answer.matches,
    units: answer.units,
    howToGetIn: answer.howToGetIn,
    locateSuggestion: answer.locateSuggestion,
    recommendation: answer.recommendation,
    location: call.location,
    flags: call.flags,
    addresses: [],
    histories: answer.histories ?? made.shown.peek()?.histories ?? [],
    residentId: call.residentId,
    targetSeconds: (Date.parse(call.responseDueAt) - Date.parse(call.receivedAt)) / 1000,
  };
}

/** Puts what is on the desk aside, if it is a draft with something in it, or away. */
function clear(): void {
  const before = desk.peek();
  if (!before) return;
  if (!before.call.peek() && before.fields.peek() !== noFields && isBegun(before.fields.peek()))
    aside.value = [...aside.peek().filter((each) => each !== before), before];
  else before.stop();
  desk.value = null;
}
const isBegun = (fields: Fields) => JSON.stringify(fields) !== JSON.stringify(noFields);

/** A new call: the phone was answered now. */
export function answerPhone(fields: Partial<Fields> = {}): Desk {
  clear();
  const made = makeDesk({ ...noFields, ...fields }, serverNow());
  desk.value = made;
  return made;
}

/** Back to a call that was put aside. */
export function takeUp(one: Desk): void {
  clear();
  aside.value = aside.peek().filter((each) => each !== one);
  desk.value = one;
}

/** A draft that was no call. */
export function discard(one: Desk): void {
  one.stop();
  aside.value = aside.peek().filter((each) => each !== one);
  if (desk.peek() === one) desk.value = null;
}

export const closeDesk = clear;

/** Opens a filed call. */
export async function open(callId: string): Promise<void> {
  if (desk.peek()?.call.peek()?.callId === callId) return;
  const answer = await attempt(
    `open ${callId}`,
    () => say('openingCall'),
    () => ask<CallDetail>(pathOf('v1', 'calls', callId)),
  );
  if (!answer) return;
  clear();
  const fields = fieldsOf(answer.intake);
  const made = makeDesk(fields, Date.parse(answer.call.receivedAt));
  made.confirmed.value = fields;
  made.call.value = { callId, number: answer.call.number };
  made.events.value = answer.events;
  showAnswer(made, answer);
  desk.value = made;
}

/** The opened call as it is now; what is typed into it stays. */
export async function readAgain(callId: string): Promise<void> {
  const made = desk.peek();
  if (made?.call.peek()?.callId !== callId) return;
  const answer = await ask<CallDetail>(pathOf('v1', 'calls', callId));
  made.events.value = answer.events;
  showAnswer(made, answer);
}

/** Files the call on the desk. Answers its id, or null where it was refused or nobody answered. */
export async function file(made: Desk): Promise<string | null> {
  const filed = made.call.peek();
  if (filed) return filed.callId;
  const fields = made.fields.peek();
  const input = made.unanswered ?? inputOf(made, fields);
  if (!input) {
    made.faults.value = { complaint: say('complaintNeeded') };
    return null;
  }
  const answer = await attempt(
    `file ${made.key}`,
    () => say('filing'),
    async () => {
      made.unanswered = input;
      return ask<CallAnswer>('/v1/calls', { body: input, headers: { 'idempotency-key': made.key } });
    },
    (refusal) => {
      made.unanswered = null;
      made.faults.value = faultsOf(refusal);
      return Object.keys(made.faults.peek()).length > 0;
    },
  );
  if (!answer) return null;
  made.unanswered = null;
  made.confirmed.value = fieldsOf(input);
  made.call.value = { callId: answer.call.callId, number: answer.call.number };
  showAnswer(made, answer);
  return answer.call.callId;
}

function inputOf(made: Desk, fields: Fields): CallInput | null {
  const { complaint, channel, ...rest } = previewOf(fields);
  return complaint
    ? { ...rest, channel: channel ?? 'phone', complaint, receivedAt: new Date(made.answeredAt).toISOString() }
    : null;
}

/** A call whose filing got no answer is filed when the service is there again. */
export function fileUnanswered(): void {
  for (const each of [desk.peek(), ...aside.peek()]) if (each?.unanswered && !each.call.peek()) void file(each);
}
