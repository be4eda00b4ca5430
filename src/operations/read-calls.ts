/** Looking at calls: the list, and one call with what was decided, its events, and the units as they stand now. */

import { decisionContext, intakeContext } from '../calls/accept.ts';
import { findSaid } from '../calls/clock-store.ts';
import { findAssignments, findReports, timePointsOf } from '../calls/run-view.ts';
import type { CallDetail, CallInput, ListedCall } from '../calls/schema.ts';
import { type CallRow, callView, findCall, findEvents, findUnitsOn, listCalls } from '../calls/store.ts';
import type { Deps } from '../deps.ts';
import { Problem } from '../domain/errors.ts';
import type { CallStatus } from '../domain/vocabulary.ts';
import { groupsOfPatient } from '../requirement/concepts.ts';
import { recordRead } from '../residents/access.ts';
import { judgesAbout } from './ask-travel.ts';
import { rankFor } from './judge-call.ts';
import type { Actor, DecisionRecord } from './receive-call.ts';

const addressOf = (deps: Deps, row: CallRow): string | null =>
  deps.seal.open<CallInput>(row.sealed, intakeContext(row.call_id)).location?.address ?? null;

export async function readCalls(
  deps: Deps,
  statuses: readonly CallStatus[] | null,
  atMost: number,
): Promise<ListedCall[]> {
  const rows = await listCalls(deps.db, statuses, atMost);
  const callIds = rows.map((row) => row.call_id);
  const running = rows.filter((row) => row.on_scene_at === null && row.ended_at === null).map((row) => row.call_id);
  const [reports, units, said] = await Promise.all([
    findReports(deps.db, callIds),
    findUnitsOn(deps.db, callIds),
    running.length > 0 ? findSaid(deps.db, running) : null,
  ]);
  return rows.map((row) => ({
    ...callView(row, addressOf(deps, row), timePointsOf(row.call_id, reports)),
    units: units.get(row.call_id) ?? [],
    onSceneAt: row.on_scene_at?.toISOString() ?? null,
    predictedOnSceneAt: row.predicted_on_scene_at?.toISOString() ?? null,
    said: said?.get(row.call_id) ?? [],
  }));
}

/** Throws `not-found`. Reasons tell of the history, so this is a read of it and is logged as one. */
export async function readCall(deps: Deps, callId: string, actor: Actor): Promise<CallDetail> {
  const row = await findCall(deps.db, callId);
  if (!row) throw new Problem('not-found');
  const now = deps.clock.now();
  const record = deps.seal.open<DecisionRecord>(row.decision, decisionContext(callId, row.revision));
  const [events, reports, assignments] = await Promise.all([
    findEvents(deps.db, callId),
    findReports(deps.db, [callId]),
    findAssignments(deps.db, callId),
    recordRead(deps.db, { at: now, ...actor, residentIds: record.historiesRead, callId, purpose: 'call' }),
    deps.lookUp({ keys: [], residentId: null, position: null, nearbyHomes: false }), // brings the roster up to date
  ]);
  const intake = deps.seal.open<CallInput>(row.sealed, intakeContext(callId));
  const call = callView(row, intake.location?.address ?? null, timePointsOf(callId, reports));
  const { matches, recommendation, howToGetIn = [], locateSuggestion = null } = record.answer;
  const units = rankFor(
    await judgesAbout(deps, call.location.position),
    row.priority,
    recommendation.capabilities,
    call.location.position,
    row.received_at.getTime(),
    now,
  );
  return {
    call,
    matches,
    recommendation,
    units,
    howToGetIn,
    locateSuggestion,
    intake,
    // The facts begin with those whose history was read, in the same order.
    histories: record.historiesRead.map((residentId, place) => ({
      residentId,
      riskGroups: [...groupsOfPatient(deps.protocol, record.facts.patients[place] ?? {}).groups.keys()],
    })),
    seq: events.at(-1)?.seq ?? 0,
    events,
    reports,
    assignments,
  };
}
