/** Sending a unit: claimed by one conditional update, so that of any number of dispatchers exactly one has it. */

import { decisionContext } from '../calls/accept.ts';
import {
  activeUnits,
  bringUpToDate,
  claimUnit,
  discountReports,
  endAssignment,
  findUnit,
  insertAssignment,
  keepReport,
  type LockedCall,
  lockCall,
  setUnit,
} from '../calls/run-store.ts';
import { type CallRow, findCall } from '../calls/store.ts';
import { appendEvents } from '../database/events.ts';
import { type KeyedRequest, once } from '../database/once.ts';
import { type Executor, inTransaction } from '../database/pool.ts';
import type { Deps } from '../deps.ts';
import { Problem, refuseField } from '../domain/errors.ts';
import { callStatusOf, isRunPoint } from '../domain/run.ts';
import { type Instant, rfc3339 } from '../domain/time.ts';
import type { CallStatus } from '../domain/vocabulary.ts';
import type { RankedUnit } from '../fleet/rank.ts';
import type { Unit } from '../fleet/schema.ts';
import { judgesAbout } from './ask-travel.ts';
import { rankFor } from './judge-call.ts';
import type { Actor, DecisionRecord } from './receive-call.ts';

/** Free text, sealed with its assignment: it may name people. */
const reasonContext = (callId: string, unitId: string) => `call:${callId}:override:${unitId}`;

export interface Assigned {
  readonly callId: string;
  readonly unitId: string;
  readonly assignedAt: string;
  readonly shortfalls: readonly string[];
  readonly predictedOnSceneAt: string | null;
  readonly seq: number;
}
export type AssignResult =
  | { readonly outcome: 'assigned'; readonly assignment: Assigned; readonly repeated: boolean }
  /** Somebody else was faster, or the unit is not free: who can be sent now. */
  | { readonly outcome: 'unit-not-available'; readonly units: readonly RankedUnit[] };

/** Throws `not-found`, `call-ended`, `unknown-unit`, `unit-below-requirement`, `idempotency-mismatch`. */
export async function assignUnit(
  deps: Deps,
  callId: string,
  { unitId, overrideReason }: { readonly unitId: string; readonly overrideReason?: string },
  actor: Actor,
  asked: KeyedRequest | null = null,
): Promise<AssignResult> {
  const row = await findCall(deps.db, callId);
  if (!row) throw new Problem('not-found');
  const { recommendation } = deps.seal.open<DecisionRecord>(row.decision, decisionContext(callId, row.revision)).answer;
  const { capabilities } = recommendation;
  const unit = await findUnit(deps.db, unitId);
  if (!unit) throw refuseField('unitId', 'is not a unit known here', 'unknown-unit');
  const shortfalls = capabilities.required.filter((capability) => !unit.capabilities.includes(capability));
  if (shortfalls.length && !overrideReason)
    throw refuseField('overrideReason', `is needed: the unit lacks ${shortfalls.join(', ')}`, 'unit-below-requirement');

  const now = deps.clock.now();
  const candidate = deps.roster.unit(unitId);
  const [ranked] = candidate ? await candidatesNow(deps, row, capabilities, now, [candidate]) : [];
  const predictedSeconds = ranked?.predictedResponseSeconds ?? null;
  const predictedOnSceneAt = predictedSeconds === null ? null : row.received_at.getTime() + predictedSeconds * 1000;

  const claim = async (tx: Executor): Promise<Assigned | null> => {
    const call = await lockCall(tx, callId);
    if (!call || call.ended) throw new Problem('call-ended');
    if (!(await claimUnit(tx, unitId, callId))) return null;
    const sealedReason = overrideReason ? deps.seal.close(overrideReason, reasonContext(callId, unitId)) : null;
    // Sent to the same call a second time it starts a new run; what it reported on the first no longer counts.
    await discountReports(tx, callId, unitId);
    await insertAssignment(tx, { callId, unitId, at: now, actor, shortfalls, sealedReason, predictedOnSceneAt });
    await keepReport(tx, {
      callId,
      unitId,
      point: 'unit-notified',
      at: now,
      heardAt: now,
      actor,
      flags: [],
      counts: true,
    });
    const status = await refreshCall(tx, call);
    const data = { number: call.number, unitId, status };
    const seq = await appendEvents(tx, [
      {
        type: 'unit.assigned',
        at: now,
        callId,
        data: {
          ...data,
          shortfalls,
          overridden: shortfalls.length > 0,
          predictedOnSceneAt: predictedOnSceneAt && rfc3339(predictedOnSceneAt),
        },
      },
      { type: 'unit.status', at: now, callId, data: { unitId, status: 'notified' } },
    ]);
    return {
      callId,
      unitId,
      assignedAt: rfc3339(now),
      shortfalls,
      predictedOnSceneAt: predictedOnSceneAt === null ? null : rfc3339(predictedOnSceneAt),
      seq,
    };
  };
  const { answer, repeated } = await inTransaction(deps.db, (tx) => once(tx, asked, now, () => claim(tx)));
  if (!answer) return { outcome: 'unit-not-available', units: await freshUnits(deps, row, capabilities, now) };
  deps.live.nudge();
  return { outcome: 'assigned', assignment: answer, repeated };
}

/** Takes a unit off a call before it is through. Throws `not-found` where it is not on it. */
export async function standDown(deps: Deps, callId: string, unitId: string, actor: Actor): Promise<{ seq: number }> {
  const now = deps.clock.now();
  const seq = await inTransaction(deps.db, async (tx) => {
    const call = await lockCall(tx, callId);
    if (!call || !(await endAssignment(tx, callId, unitId, now, 'stood-down'))) throw new Problem('not-found');
    await keepReport(tx, {
      callId,
      unitId,
      point: 'cancelled',
      at: now,
      heardAt: now,
      actor,
      flags: [],
      counts: false,
    });
    await setUnit(tx, unitId, 'returning', null);
    const status = await refreshCall(tx, call);
    return appendEvents(tx, [
      { type: 'unit.stood-down', at: now, callId, data: { number: call.number, unitId, status } },
      { type: 'unit.status', at: now, callId, data: { unitId, status: 'returning' } },
    ]);
  });
  deps.live.nudge();
  return { seq };
}

/** Status and clocks of a call from what its units reported; one that has ended keeps its status. */
export async function refreshCall(tx: Executor, { callId, ended, status: before }: LockedCall): Promise<CallStatus> {
  const units = await activeUnits(tx, callId);
  const status = ended ? before : callStatusOf(units.map((unit) => unit.points.filter(isRunPoint)));
  await bringUpToDate(tx, callId, status);
  return status;
}

type Capabilities = DecisionRecord['answer']['recommendation']['capabilities'];

const candidatesNow = async (
  deps: Deps,
  row: CallRow,
  capabilities: Capabilities,
  now: Instant,
  among: readonly Unit[],
): Promise<RankedUnit[]> => {
  const destination =
    row.lon === null || row.lat === null ? null : ({ lon: row.lon, lat: row.lat, crs: 'wgs84' } as const);
  return rankFor(
    await judgesAbout(deps, destination),
    row.priority,
    capabilities,
    destination,
    row.received_at.getTime(),
    now,
    among,
  );
};

async function freshUnits(
  deps: Deps,
  row: CallRow,
  capabilities: Capabilities,
  now: Instant,
): Promise<readonly RankedUnit[]> {
  await deps.lookUp({ keys: [], residentId: null, position: null, nearbyHomes: false });
  return candidatesNow(deps, row, capabilities, now, deps.roster.units);
}
