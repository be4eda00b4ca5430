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
