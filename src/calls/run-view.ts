/** A run as it is read: who was sent, and every report as it was heard. */
import type { Executor } from '../database/pool.ts';
import type { TimePoint } from '../domain/vocabulary.ts';

export const sql = {
  /** Every report on one call or several, earliest first. $1 calls. */
  reports: {
    name: 'run-view.reports',
    text: `
      SELECT call_id, unit_id, point, at, heard_at, flags, counts FROM time_points
      WHERE call_id = ANY($1) ORDER BY at, report_id`,
  },
  /** All that were ever sent. $1 call. */
  assignments: {
    name: 'run-view.assignments',
    text: `
      SELECT unit_id, assigned_at, shortfalls, sealed_reason IS NOT NULL AS overridden, predicted_on_scene_at, ended_at, ending
      FROM assignments WHERE call_id = $1 ORDER BY assignment_id`,
  },
  /** What this very asker was answered when they sent the unit, while it is on the call. $1 call, $2 unit, $3 role, $4 subject. */
  ownAssignment: {
    name: 'run-view.own-assignment',
    text: `
      SELECT a.assigned_at, a.shortfalls, a.predicted_on_scene_at,
             (SELECT max(e.seq) + 1 FROM events e
              WHERE e.call_id = a.call_id AND e.type = 'unit.assigned' AND e.data->>'unitId' = a.unit_id) AS seq
      FROM assignments a
      WHERE a.call_id = $1 AND a.unit_id = $2 AND a.role = $3 AND a.subject = $4 AND a.ended_at IS NULL`,
  },
} as const;

export interface HeardReport {
  readonly callId: string;
  readonly unitId: string | null;
  readonly point: TimePoint;
  readonly at: string;
  readonly heardAt: string;
  readonly flags: string[];
  readonly counts: boolean;
}

/** All that was reported on these calls, by the time it is said to have happened. */
export async function findReports(db: Executor, callIds: readonly string[]): Promise<HeardReport[]> {
  const { rows } = await db.query<{
    call_id: string;
    unit_id: string | null;
    point: TimePoint;
    at: Date;
    heard_at: Date;
    flags: string[];
    counts: boolean;
  }>({ ...sql.reports, values: [callIds] });
  return rows.map((row) => ({
    callId: row.call_id,
    unitId: row.unit_id,
    point: row.point,
    at: row.at.toISOString(),
    heardAt: row.heard_at.toISOString(),
    flags: row.flags,
    counts: row.counts,
  }));
}

/** The first of each point that counts, whichever unit reported it. */
export function timePointsOf(callId: string, reports: readonly HeardReport[]): Record<string, string> {
  const points: Record<string, string> = {};
  for (const report of reports) if (report.callId === callId && report.counts) points[report.point] ??= report.at;
  return points;
}

export interface AssignmentView {
  readonly unitId: string;
  readonly assignedAt: string;
  readonly shortfalls: string[];
  readonly overridden: boolean;
  readonly predictedOnSceneAt: string | null;
  readonly endedAt: string | null;
  readonly ending: string | null;
}

export async function findAssignments(db: Executor, callId: string): Promise<AssignmentView[]> {
  const { rows } = await db.query<{
    unit_id: string;
    assigned_at: Date;
    shortfalls: string[];
    overridden: boolean;
    predicted_on_scene_at: Date | null;
    ended_at: Date | null;
    ending: string | null;
  }>({ ...sql.assignments, values: [callId] });
  return rows.map((row) => ({
    unitId: row.unit_id,
    assignedAt: row.assigned_at.toISOString(),
    shortfalls: row.shortfalls,
    overridden: row.overridden,
    predictedOnSceneAt: row.predicted_on_scene_at?.toISOString() ?? null,
    endedAt: row.ended_at?.toISOString() ?? null,
    ending: row.ending,
  }));
}

export interface OwnAssignment {
  readonly assignedAt: string;
  readonly shortfalls: string[];
  readonly predictedOnSceneAt: string | null;
  readonly seq: number;
}

/** The asker's own claim, so that asking again after a lost answer gets the answer that was lost. */
export async function findOwnAssignment(
  db: Executor,
  callId: string,
  unitId: string,
  actor: { readonly role: string; readonly subject: string },
): Promise<OwnAssignment | null> {
  const { rows } = await db.query<{
    assigned_at: Date;
    shortfalls: string[];
    predicted_on_scene_at: Date | null;
    seq: number;
  }>({ ...sql.ownAssignment, values: [callId, unitId, actor.role, actor.subject] });
  const row = rows[0];
  return row
    ? {
        assignedAt: row.assigned_at.toISOString(),
        shortfalls: row.shortfalls,
        predictedOnSceneAt: row.predicted_on_scene_at?.toISOString() ?? null,
        seq: row.seq,
      }
    : null;
}
