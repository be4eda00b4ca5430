/**
 * What changed a record goes to the external record platform: collected from the event log in the order of commit, then
 * sent one after the other for each resident, until it is there or a person has to look at it.
 */
import type { Binary } from '@medplum/fhirtypes';
import { canonical } from '../care/canonical.ts';
import { findResidentOf } from '../care/fhir/chart-store.ts';
import { findContent, findUnsent, markSent } from '../care/fhir/content-store.ts';
import { afterFailure, type Failure, failureText } from '../care/fhir/delivery.ts';
import {
  type Attempt,
  addDelivery,
  advanceCursor,
  type Claimed,
  claimDelivery,
  countDeliveries,
  type Delivery,
  type DeliveryCount,
  type DeliveryQuery,
  discardDelivery,
  findDelivery,
  findLastOf,
  findToldOf,
  holdCursor,
  isBehind,
  listDeliveries,
  markDelivered,
  markFailed,
  replayDelivery,
} from '../care/fhir/delivery-store.ts';
import type { Send } from '../care/fhir/platform.ts';
import { contentsIn, searchesOf, transactionOf } from '../care/fhir/transaction.ts';
import { documentIdOf } from '../care/fhir/write-care.ts';
import { readEvents } from '../database/events.ts';
import { type Executor, inTransaction } from '../database/pool.ts';
import type { Deps } from '../deps.ts';
import { Problem } from '../domain/errors.ts';
import type { EventType } from '../domain/events.ts';
import { recordRead } from '../residents/access.ts';
import { gatherChart } from './read-fhir.ts';
import type { Actor } from './receive-call.ts';

type DeliverDeps = Pick<Deps, 'db' | 'seal' | 'clock'>;

/** What changes a record others keep as well. */
const causes: ReadonlySet<EventType> = new Set([
  'record.written-back',
  'follow-up.scheduled',
  'follow-up.overdue',
  'follow-up.completed',
  'care.recorded',
]);

const EVENTS_A_TURN = 200;

/** One turn through the log; answers whether there may be more. Of several instances one at a time goes through it. */
export async function collectDeliveries(deps: DeliverDeps): Promise<boolean> {
  if (!(await isBehind(deps.db))) return false;
  return inTransaction(deps.db, async (tx) => {
    const reached = await holdCursor(tx);
    const events = await readEvents(tx, reached, EVENTS_A_TURN);
    const last = events.at(-1);
    if (!last) return false;
    for (const { seq, type, callId } of events) {
      if (!causes.has(type) || callId === null) continue;
      // While the crew writes, its record goes with the call; what it writes, or attaches, afterwards goes too.
      if (type === 'care.recorded' && (await findToldOf(tx, callId)).length === 0) continue;
      const news = await newsOf(deps, tx, callId);
      if (news) await addDelivery(tx, deps.seal, { seq, ...news, callId, cause: type, at: deps.clock.now() });
    }
    await advanceCursor(tx, last.seq);
    return events.length === EVENTS_A_TURN;
  });
}

/**
 * What the platform was not told of a call yet: of its patient, else of somebody who was taken for the patient before and
 * is to be rid of it there as well. Whoever is settled anew brings an event for each of the two, so each gets a turn.
 */
async function newsOf(deps: Pick<Deps, 'seal'>, tx: Executor, callId: string) {
  const patient = await findResidentOf(tx, callId);
  const told = await findToldOf(tx, callId);
  const others = told.filter((residentId) => residentId !== patient);
  let isAnothers: ReadonlySet<string> = new Set();
  for (const residentId of patient === null ? others : [patient, ...others]) {
    const chart = await gatherChart(deps, tx, residentId);
    if (!chart) continue;
    const earlier = await findLastOf(tx, deps.seal, residentId, callId);
    const wasAnothers = residentId === patient && others.length > 0;
    const bundle = transactionOf(chart, callId, { earlier, wasAnothers, isAnothers });
    // A follow-up planned with the outcome that asked for it is on its way with that already.
    if (!earlier || canonical(earlier) !== canonical(bundle)) return { residentId, bundle };
    if (residentId === patient) isAnothers = searchesOf(bundle);
  }
  return null;
}

/** What to try next, and when. */
export interface TryNext extends Attempt {
  readonly afterMs: number;
}

export interface Sending {
  readonly send: Send;
  /** How long `send` takes at most. */
  readonly answerSeconds: number;
}

/** Tries one; answers what to try next: the same again, later, or what waited behind it. */
export async function deliver(
  deps: DeliverDeps,
  { send, answerSeconds }: Sending,
  seq: number,
): Promise<TryNext | null> {
  const now = deps.clock.now();
  // One who died in the middle of it holds a delivery for twice as long as an answer may take; then another takes it up.
  const claimed = await claimDelivery(deps.db, deps.seal, seq, now, now + 2 * answerSeconds * 1000);
  if (!claimed) return null;
  const { attempt, bundle } = claimed;
  const failure = (await sendContents(deps, { send, answerSeconds }, claimed)) ?? (await send(bundle));
  if (!failure) {
    const next = await markDelivered(deps.db, seq, attempt, deps.clock.now());
    return next && { ...next, afterMs: 0 };
  }
  const next = afterFailure(attempt, failure, spreadOf(seq, attempt));
  const afterMs = next.state === 'pending' ? next.afterMs : 0;
  const dueAt = deps.clock.now() + afterMs;
  await markFailed(deps.db, seq, attempt, { state: next.state, dueAt, failure: failureText(failure) });
  return next.state === 'pending' ? { seq, attempts: attempt, afterMs } : null;
}

/**
 * What the documents of a transaction show goes before it, each by itself, once. Where that takes longer than one answer
 * may, the rest goes with the next attempt.
 */
async function sendContents(
  { db, seal, clock }: DeliverDeps,
  { send, answerSeconds }: Sending,
  { callId, bundle }: Pick<Claimed, 'callId' | 'bundle'>,
): Promise<Failure | null> {
  const shown = new Set(contentsIn(bundle));
  if (callId === null || shown.size === 0) return null;
  const until = clock.now() + answerSeconds * 1000;
  for (const attachmentId of await findUnsent(db, callId)) {
    const id = documentIdOf(callId, attachmentId);
    const content = shown.has(id) ? await findContent(db, seal, callId, attachmentId) : null;
    if (!content) continue;
    if (clock.now() > until) break;
    const { mediaType, bytes } = content;
    const binary: Binary = { resourceType: 'Binary', id, contentType: mediaType, data: bytes.toString('base64') };
    const failure = await send(binary);
    if (failure) return failure;
    await markSent(db, callId, attachmentId, clock.now());
  }
  // The claim holds for two answers: the transaction needs one of them.
  return clock.now() > until ? { status: null, kind: 'timeout' } : null;
}

/** From 0 to 1, the same for the same attempt and unlike its neighbours' (Knuth's multiplicative hash). */
const spreadOf = (seq: number, attempt: number): number => (((seq * 31 + attempt) * 2_654_435_761) % 1_000) / 1_000;

export interface DeliveryList {
  readonly counts: DeliveryCount[];
  readonly deliveries: Delivery[];
}

export async function readDeliveries({ db }: Pick<Deps, 'db'>, query: DeliveryQuery): Promise<DeliveryList> {
  return { counts: await countDeliveries(db), deliveries: await listDeliveries(db, query) };
}

/** One delivery with what is sent: a read of a history, and logged as one. */
export async function readDelivery(deps: DeliverDeps, deliveryId: number, actor: Actor) {
  const found = await findDelivery(deps.db, deps.seal, deliveryId);
  if (!found) throw new Problem('not-found');
  const { residentId, callId } = found.delivery;
  const at = deps.clock.now();
  await recordRead(deps.db, { at, ...actor, residentIds: [residentId], callId, purpose: 'registry' });
  return found;
}

/** A dead letter is tried again from the beginning, or put aside so that those behind it can go. Throws `delivery-not-dead`. */
export async function settleDelivery(
  deps: DeliverDeps,
  deliveryId: number,
  how: 'replay' | 'discard',
  actor: Actor,
): Promise<Delivery> {
  const now = deps.clock.now();
  const settled =
    how === 'replay'
      ? await replayDelivery(deps.db, deliveryId, now)
      : await discardDelivery(deps.db, deliveryId, now, actor);
  const found = await findDelivery(deps.db, deps.seal, deliveryId);
  if (!found) throw new Problem('not-found');
  if (!settled) throw new Problem('delivery-not-dead');
  return found.delivery;
}
