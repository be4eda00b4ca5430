/** A suggested move accepted or refused by a dispatcher, and the moves of late. */
import { appendEvents } from '../database/events.ts';
import { inTransaction } from '../database/pool.ts';
import type { Deps } from '../deps.ts';
import { Problem } from '../domain/errors.ts';
import type { NewEvent } from '../domain/events.ts';
import {
  decideSuggestion,
  findSuggestion,
  latestSuggestions,
  type RedeploymentRow,
  setOff,
} from '../planning/redeployment/store.ts';
import type { Actor } from './receive-call.ts';

const SHOWN_AT_MOST = 50;

export interface RedeploymentAnswer {
  readonly redeploymentId: string;
  readonly unitId: string;
  readonly fromStationId: string | null;
  readonly stationId: string;
  readonly status: RedeploymentRow['status'];
  readonly coverBefore: number;
  readonly coverAfter: number;
  readonly gain: number;
  readonly driveSeconds: number;
  readonly crewBusySeconds: number;
  readonly crewDriveSeconds: number;
  readonly crewMoves: number;
  readonly suggestedAt: string;
  readonly decidedAt: string | null;
}

export async function readRedeployments(deps: Deps): Promise<RedeploymentAnswer[]> {
  return (await latestSuggestions(deps.db, SHOWN_AT_MOST)).map(answerOf);
}

/**
 * Accepted, the unit is on its way: it counts as returning, so that it can be sent from wherever it is. The same answer
 * twice is one. Throws `not-found`, `suggestion-not-open`, `unit-not-available`.
 */
export async function decideRedeployment(
  deps: Deps,
  redeploymentId: string,
  decision: 'accepted' | 'refused',
  actor: Actor,
): Promise<RedeploymentAnswer> {
  const { db, clock } = deps;
  const now = clock.now();
  const told = await inTransaction(db, async (tx) => {
    const row = await findSuggestion(tx, redeploymentId);
    if (!row) throw new Problem('not-found');
    if (row.status === decision) return false;
    if (!(await decideSuggestion(tx, redeploymentId, decision, now, actor))) {
      // Two dispatchers decided the same at the same moment.
      if ((await findSuggestion(tx, redeploymentId))?.status === decision) return false;
      throw new Problem('suggestion-not-open');
    }
    const data = { redeploymentId, unitId: row.unit_id, stationId: row.station_id };
    const events: NewEvent[] = [{ type: `redeployment.${decision}`, at: now, callId: null, data }];
    if (decision === 'accepted') {
      if (!(await setOff(tx, row.unit_id))) throw new Problem('unit-not-available');
      events.push({ type: 'unit.status', at: now, callId: null, data: { unitId: row.unit_id, status: 'returning' } });
    }
    await appendEvents(tx, events);
    return true;
  });
  if (told) deps.live.nudge();
  return answerOf((await findSuggestion(db, redeploymentId)) as RedeploymentRow);
}

const answerOf = (row: RedeploymentRow): RedeploymentAnswer => ({
  redeploymentId: row.redeployment_id,
  unitId: row.unit_id,
  fromStationId: row.from_station_id,
  stationId: row.station_id,
  status: row.status,
  coverBefore: row.cover_before,
  coverAfter: row.cover_after,
  gain: row.cover_after - row.cover_before,
  driveSeconds: row.drive_seconds,
  crewBusySeconds: row.crew_busy_seconds,
  crewDriveSeconds: row.crew_drive_seconds,
  crewMoves: row.crew_moves,
  suggestedAt: row.suggested_at.toISOString(),
  decidedAt: row.decided_at?.toISOString() ?? null,
});
