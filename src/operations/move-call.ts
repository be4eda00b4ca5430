/** Another place for a call, and nothing else: where somebody is changes who is near, not what they need. */
import { decisionContext, intakeContext } from '../calls/accept.ts';
import { applyPatch, readIntake } from '../calls/intake.ts';
import type { CallInput } from '../calls/schema.ts';
import { type CallRow, callView, type Revision } from '../calls/store.ts';
import type { Deps } from '../deps.ts';
import type { PositionInput } from '../domain/position.ts';
import { rankFor } from './judge-call.ts';
import { type Actor, type DecisionRecord, eventOf } from './receive-call.ts';

/** A door somebody stood at. */
const CONFIRMED_METRES = 10;

/** The revision to write from `row.revision`: the destination of its crews and the order of its units follow it. */
export async function moveTo(
  deps: Deps,
  row: CallRow & { readonly decision: Buffer },
  given: PositionInput,
  actor: Actor,
): Promise<Revision> {
  const now = deps.clock.now();
  const callId = row.call_id;
  const receivedAt = row.received_at.getTime();
  const before = deps.seal.open<DecisionRecord>(row.decision, decisionContext(callId, row.revision));
  const location = { position: given, uncertaintyMetres: CONFIRMED_METRES, source: 'confirmed' } as const;
  const input = applyPatch(deps.seal.open<CallInput>(row.sealed, intakeContext(callId)), receivedAt, { location });
  const { position, flags, rawPosition, address } = readIntake(input, receivedAt, deps.config.serviceArea);
  const { subdistrictCode } = await deps.lookUp({ keys: [], residentId: null, position, nearbyHomes: false });
  const { recommendation } = before.answer;
  const units = rankFor(deps, row.priority, recommendation.capabilities, position, receivedAt, now);
  const call = {
    ...callView(row, address, before.answer.call.timePoints),
    location: { position, uncertaintyMetres: CONFIRMED_METRES, source: 'confirmed' as const, address, subdistrictCode },
    flags: [...flags],
  };
  const record: DecisionRecord = { ...before, answer: { ...before.answer, call, units } };
  return {
    callId,
    complaint: call.complaint,
    priority: call.priority,
    vehicleType: call.vehicleType,
    responseDueAt: call.responseDueAt,
    decidedAt: new Date(now).toISOString(),
    residentId: call.residentId,
    lon: position?.lon ?? null,
    lat: position?.lat ?? null,
    rawPosition,
    uncertaintyMetres: CONFIRMED_METRES,
    locationSource: 'confirmed',
    subdistrictCode,
    flags: call.flags,
    protocolVersion: recommendation.protocolVersion,
    sealedIntake: deps.seal.close(input, intakeContext(callId)),
    sealedDecision: deps.seal.close(record, decisionContext(callId, row.revision + 1)),
    eventTypes: ['call.updated'],
    eventData: eventOf(call, recommendation.basis),
    actor,
    historiesRead: [],
  };
}
