/** New answers, another place or a confirmed patient: the call is decided anew, and nobody's change is overwritten. */

import { decisionContext, intakeContext } from '../calls/accept.ts';
import { applyPatch, readIntake } from '../calls/intake.ts';
import { findReports, timePointsOf } from '../calls/run-view.ts';
import type { CallAnswer, CallInput, CallPatch } from '../calls/schema.ts';
import { type CallRow, callView, findCall, reviseCall } from '../calls/store.ts';
import type { Deps } from '../deps.ts';
import { Problem, refuseField } from '../domain/errors.ts';
import { rfc3339 } from '../domain/time.ts';
import { checkAnswers } from '../requirement/answers.ts';
import { judgesAbout } from './ask-travel.ts';
import { judgeCall } from './judge-call.ts';
import { openCandidates } from './open-candidates.ts';
import { type Actor, answerOf, type DecisionRecord, eventOf, rowOf } from './receive-call.ts';

/** Two dispatchers on one call: whoever comes second decides from what the first wrote. */
const ATTEMPTS = 5;

/** Throws `not-found`, `call-ended`, or what is wrong with the change. */
export async function updateCall(deps: Deps, callId: string, patch: CallPatch, actor: Actor): Promise<CallAnswer> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const row = await findCall(deps.db, callId);
    if (!row) throw new Problem('not-found');
    if (row.status === 'closed' || row.status === 'cancelled') throw new Problem('call-ended');
    const answer = await decideAnew(deps, row, patch, actor);
    if (answer) return answer;
  }
  throw new Problem('call-changed');
}

/** `null` where the call changed while it was being decided. */
async function decideAnew(
  deps: Deps,
  row: CallRow & { decision: Buffer },
  patch: CallPatch,
  actor: Actor,
): Promise<CallAnswer | null> {
  const now = deps.clock.now();
  const callId = row.call_id;
  const receivedAt = row.received_at.getTime();
  const before = deps.seal.open<DecisionRecord>(row.decision, decisionContext(callId, row.revision));
  const input = applyPatch(deps.seal.open<CallInput>(row.sealed, intakeContext(callId)), receivedAt, patch);
  const intake = readIntake(input, receivedAt, deps.config.serviceArea);
  checkAnswers(deps.protocol, input.complaint);

  const opened = await openCandidates(deps, intake, now);
  // Deciding without the history that was there before could lower the requirement: better to be asked again.
  if (!opened) throw new Problem('database-unavailable');
  if (patch.residentId && !opened.residents.some(({ file }) => file.residentId === patch.residentId))
    throw refuseField('residentId', 'is not filed', 'unknown-resident');
  const judgement = judgeCall(await judgesAbout(deps, intake.position), intake, input, opened, now);

  const { recommendation, facts, historiesRead, place } = judgement;
  const call: CallAnswer['call'] = {
    ...callView(row, intake.address, timePointsOf(callId, await findReports(deps.db, [callId]))),
    complaint: input.complaint.code,
    priority: recommendation.priority,
    vehicleType: recommendation.vehicleType,
    responseDueAt: rfc3339(receivedAt + deps.config.responseTargets[recommendation.priority] * 1000),
    residentId: intake.residentId,
    location: { ...place, address: intake.address },
    flags: [...intake.flags],
  };
  const changed = JSON.stringify(recommendation) !== JSON.stringify(before.answer.recommendation);
  const said = answerOf(judgement);
  const record: DecisionRecord = { facts, historiesRead, answer: { call, ...said } };
  const seq = await reviseCall(deps.db, row.revision, {
    ...rowOf(call, intake, judgement, now),
    sealedIntake: deps.seal.close(input, intakeContext(callId)),
    sealedDecision: deps.seal.close(record, decisionContext(callId, row.revision + 1)),
    eventData: eventOf(call, recommendation.basis),
    eventTypes: changed ? ['call.updated', 'recommendation.changed'] : ['call.updated'],
    actor,
    historiesRead,
  });
  if (seq === null) return null;
  deps.live.nudge();
  return { call, ...said, seq };
}
