/** A ringing phone becomes a matched history, a requirement and ranked units: two round trips, one transaction. */
import { createHash } from 'node:crypto';
import { type CallRecord, decisionContext, findFirstAnswer, intakeContext } from '../calls/accept.ts';
import { type Intake, readIntake } from '../calls/intake.ts';
import type { CallAnswer, CallInput, CallView } from '../calls/schema.ts';
import { HISTORY_UNAVAILABLE } from '../calls/store.ts';
import type { Deps } from '../deps.ts';
import { Problem, refuseField } from '../domain/errors.ts';
import { type Instant, rfc3339 } from '../domain/time.ts';
import { checkAnswers } from '../requirement/answers.ts';
import type { Facts } from '../requirement/facts.ts';
import { judgesAbout } from './ask-travel.ts';
import { type Judgement, type Judges, judgeCall, type Opened } from './judge-call.ts';
import { openCandidates } from './open-candidates.ts';

export interface Actor {
  readonly role: string;
  readonly subject: string;
}

/** What is kept, sealed, of each decision: enough to replay it and to show what the dispatcher saw. */
export interface DecisionRecord {
  readonly facts: Facts;
  /** Residents whose history went into it. */
  readonly historiesRead: readonly string[];
  readonly answer: Omit<CallAnswer, 'call' | 'seq'> & { readonly call: Omit<CallView, 'number'> };
}

export interface Received {
  readonly callId: string;
  /** The `CallAnswer` as JSON in UTF-8: what is kept and what is answered are written once. */
  readonly answer: Buffer;
  /** The call was accepted before under the same Idempotency-Key; this is the answer it got then. */
  readonly repeated: boolean;
}

/** Accepts a call. Throws a `Problem` for bad input or a database that does not answer; then nothing is stored. */
export async function receiveCall(
  deps: Deps,
  input: CallInput,
  actor: Actor,
  idempotencyKey: string | null,
): Promise<Received> {
  const now = deps.clock.now();
  const intake = readIntake(input, now, deps.config.serviceArea);
  checkAnswers(deps.protocol, input.complaint);

  const [opened, judges] = await Promise.all([openCandidates(deps, intake, now), judgesAbout(deps, intake.position)]);
  const { record, callJson, said } = writeUp(deps, judges, input, intake, opened, now, actor, idempotencyKey);
  const accepted = await deps.accept(record);
  if (!accepted) return repeatAnswer(deps, record);
  deps.live.nudge();
  const head = Buffer.from(`{"call":${callJson.slice(0, -1)},"number":${accepted.number}},"seq":${accepted.seq},`);
  return { callId: record.callId, answer: Buffer.concat([head, said]), repeated: false };
}

interface WrittenUp {
  readonly record: CallRecord;
  /** The `CallView`, but for its number. */
  readonly callJson: string;
  /** The rest of the answer, without its opening brace. */
  readonly said: Buffer;
}

/** Everything decided, written once for the database and the dispatcher; of files and facts nothing is held after it. */
function writeUp(
  deps: Deps,
  judges: Judges,
  input: CallInput,
  intake: Intake,
  opened: Opened | null,
  now: Instant,
  actor: Actor,
  idempotencyKey: string | null,
): WrittenUp {
  const judgement = judgeCall(judges, intake, input, opened, now);
  const { facts, historiesRead, recommendation } = judgement;
  const callId = deps.ids.next();
  const call = viewOf(callId, input, intake, judgement, deps.config.responseTargets[recommendation.priority]);
  const callJson = JSON.stringify(call);
  const said = Buffer.from(JSON.stringify(answerOf(judgement)).slice(1));
  const inputJson = Buffer.from(JSON.stringify(input));
  // A `DecisionRecord`.
  const decision = Buffer.concat([
    Buffer.from(
      `{"facts":${JSON.stringify(facts)},"historiesRead":${JSON.stringify(historiesRead)},"answer":{"call":${callJson},`,
    ),
    said,
    CLOSING_BRACE,
  ]);
  const record: CallRecord = {
    ...rowOf(call, intake, judgement, now),
    sealedIntake: deps.seal.closeBytes(inputJson, intakeContext(callId)),
    sealedDecision: deps.seal.closeBytes(decision, decisionContext(callId, 1)),
    eventData: eventOf(call, recommendation.basis),
    actor,
    historiesRead,
    idempotency:
      idempotencyKey === null
        ? null
        : { key: idempotencyKey, bodyHash: createHash('sha256').update(inputJson).digest() },
  };
  return { record, callJson, said };
}

/** The answer given before under this key; refused where the body was another. */
async function repeatAnswer(deps: Deps, { actor, idempotency }: CallRecord): Promise<Received> {
  const { key, bodyHash } = idempotency as NonNullable<typeof idempotency>;
  const first = await findFirstAnswer(deps.db, actor, key);
  if (!first) throw new Problem('database-unavailable'); // expired between the two statements: sending again stores it
  if (!first.bodyHash.equals(bodyHash))
    throw refuseField('Idempotency-Key', 'was used before with another body', 'idempotency-mismatch');
  const { callId, number, seq } = first;
  const { answer } = deps.seal.open<DecisionRecord>(first.decision, decisionContext(callId, 1));
  const again: CallAnswer = { ...answer, call: { ...answer.call, number }, seq };
  return { callId, answer: Buffer.from(JSON.stringify(again)), repeated: true };
}

const CLOSING_BRACE = Buffer.from('}');

/** What the dispatcher is told of a judgement, beside the call itself. */
export const answerOf = ({ matches, recommendation, units, howToGetIn, locateSuggestion }: Judgement) => ({
  matches,
  recommendation,
  units,
  howToGetIn,
  locateSuggestion,
});

function viewOf(
  callId: string,
  input: CallInput,
  intake: Intake,
  { recommendation, place }: Judgement,
  targetSeconds: number,
): Omit<CallView, 'number'> {
  return {
    callId,
    status: 'open',
    channel: input.channel,
    complaint: input.complaint.code,
    priority: recommendation.priority,
    vehicleType: recommendation.vehicleType,
    receivedAt: rfc3339(intake.receivedAt),
    responseDueAt: rfc3339(intake.receivedAt + targetSeconds * 1000),
    residentId: intake.residentId,
    location: {
      position: place.position,
      uncertaintyMetres: place.uncertaintyMetres,
      source: place.source,
      address: intake.address,
      subdistrictCode: place.subdistrictCode,
    },
    flags: recommendation.flags.includes(HISTORY_UNAVAILABLE)
      ? [...intake.flags, HISTORY_UNAVAILABLE]
      : [...intake.flags],
    timePoints: {},
  };
}

/** The plain columns of a call: what statistics and lists need, nothing that names a person. */
export function rowOf(
  call: Omit<CallView, 'number'>,
  intake: Intake,
  { recommendation }: Judgement,
  now: Instant,
): Omit<CallRecord, 'sealedIntake' | 'sealedDecision' | 'eventData' | 'actor' | 'historiesRead' | 'idempotency'> {
  return {
    callId: call.callId,
    status: call.status,
    channel: call.channel,
    complaint: call.complaint,
    priority: call.priority,
    vehicleType: call.vehicleType,
    receivedAt: call.receivedAt,
    responseDueAt: call.responseDueAt,
    decidedAt: rfc3339(now),
    residentId: call.residentId,
    lon: call.location.position?.lon ?? null,
    lat: call.location.position?.lat ?? null,
    rawPosition: intake.rawPosition,
    uncertaintyMetres: call.location.uncertaintyMetres,
    locationSource: call.location.source,
    subdistrictCode: call.location.subdistrictCode,
    flags: call.flags,
    protocolVersion: recommendation.protocolVersion,
  };
}

export const eventOf = (call: Omit<CallView, 'number'>, basis: string) => ({
  status: call.status,
  channel: call.channel,
  complaint: call.complaint,
  priority: call.priority,
  vehicleType: call.vehicleType,
  basis,
  receivedAt: call.receivedAt,
  responseDueAt: call.responseDueAt,
  position: call.location.position,
  subdistrictCode: call.location.subdistrictCode,
  flags: call.flags,
});
