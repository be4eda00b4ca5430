/** The call a crew is on, with what its tablet shows: where to, how to get in, what to be careful of; else where to wait. */
import { decisionContext, intakeContext } from '../calls/accept.ts';
import { countingPoints, findUnit } from '../calls/run-store.ts';
import type { CallInput, CrewCall } from '../calls/schema.ts';
import { callView, findCall } from '../calls/store.ts';
import type { Deps } from '../deps.ts';
import { Problem } from '../domain/errors.ts';
import { rfc3339 } from '../domain/time.ts';
import { findWaitingPlace } from '../planning/redeployment/store.ts';
import { recordRead } from '../residents/access.ts';
import type { Actor, DecisionRecord } from './receive-call.ts';

export interface CrewTask {
  readonly call: CrewCall | null;
  /** Between two calls; `moved` where an accepted move says so and not the unit's own station. */
  readonly waitsAt: { readonly placeId: string; readonly moved: boolean } | null;
}

/** What a unit's crew is to do now. */
export async function readCrewTask(deps: Deps, unitId: string, actor: Actor): Promise<CrewTask> {
  const call = await readCrewCall(deps, unitId, actor);
  return { call, waitsAt: call ? null : await findWaitingPlace(deps.db, unitId) };
}

/**
 * Null where the unit is on no call. A crew sees its own unit's call and nobody else's: `not-found` otherwise, and for a
 * unit there is not. The way to a door and who lives behind it are personal, so this is logged as a read.
 */
async function readCrewCall(deps: Deps, unitId: string, actor: Actor): Promise<CrewCall | null> {
  const unit = await findUnit(deps.db, unitId);
  if (!unit || (actor.role === 'crew' && actor.subject !== unitId)) throw new Problem('not-found');
  const row = unit.callId === null ? null : await findCall(deps.db, unit.callId);
  if (!row) return null;
  const callId = row.call_id;
  const { answer, historiesRead } = deps.seal.open<DecisionRecord>(row.decision, decisionContext(callId, row.revision));
  const input = deps.seal.open<CallInput>(row.sealed, intakeContext(callId));
  const points = await countingPoints(deps.db, callId, unitId);
  const now = deps.clock.now();
  await recordRead(deps.db, { at: now, ...actor, residentIds: historiesRead, callId, purpose: 'crew' });
  const { recommendation, matches, howToGetIn = [] } = answer;
  const { number, status, complaint, priority, receivedAt, responseDueAt, location } = callView(
    row,
    input.location?.address ?? null,
    {},
  );
  return {
    callId,
    number,
    status,
    complaint,
    priority,
    receivedAt,
    responseDueAt,
    location,
    unitStatus: unit.status,
    timePoints: Object.fromEntries(points.map(({ point, at }) => [point, rfc3339(at)])),
    callerPhone: input.caller?.phone ?? null,
    patients: matches
      .filter(({ residentId }) => historiesRead.includes(residentId))
      .map(({ residentId, name, ageYears, sex, grade, livesAlone }) => ({
        residentId,
        name,
        ageYears,
        sex,
        grade,
        livesAlone,
      })),
    cautions: recommendation.cautions,
    capabilities: recommendation.capabilities,
    hospitals: recommendation.hospitals,
    howToGetIn,
  };
}
