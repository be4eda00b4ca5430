/** What runs taught, in PostgreSQL: one row a run that was looked at, one a zone, class and hour that was driven in. */
import type { Executor } from '../../database/pool.ts';
import { type Instant, rfc3339 } from '../../domain/time.ts';
import { isRoadClass, type LearnedCell } from './learned.ts';

/** Roads change: after so many days what a run said counts half. */
const HALF_LIFE_DAYS = 180;

export const sql = {
  /** Runs that have ended and were not looked at, with where the unit was when it left. $1 ended since, $2 at most. */
  unread: {
    name: 'roads.unread-runs',
    text: `
      SELECT a.assignment_id, a.call_id, a.unit_id, left_at.at AS en_route_at, there.at AS on_scene_at,
             c.lon AS to_lon, c.lat AS to_lat, fix.lon AS from_lon, fix.lat AS from_lat
      FROM assignments a
      JOIN calls c USING (call_id)
      JOIN time_points left_at
        ON left_at.call_id = a.call_id AND left_at.unit_id = a.unit_id AND left_at.point = 'en-route' AND left_at.counts
      JOIN time_points there
        ON there.call_id = a.call_id AND there.unit_id = a.unit_id AND there.point = 'on-scene' AND there.counts
      LEFT JOIN LATERAL (
        SELECT p.lon, p.lat FROM positions p
        WHERE p.unit_id = a.unit_id AND p.flags = '{}' AND p.at <= left_at.at + interval '30 s'
          AND p.at >= left_at.at - interval '3 min'
        ORDER BY p.at DESC LIMIT 1
      ) fix ON true
      WHERE a.ending IN ('completed', 'closed') AND a.ended_at >= $1::timestamptz AND left_at.at >= a.assigned_at AND there.at > left_at.at
        AND NOT EXISTS (SELECT FROM road_runs r WHERE r.assignment_id = a.assignment_id)
      ORDER BY a.assignment_id LIMIT $2`,
  },
  /** $1 assignment, $2 call, $3 unit, $4 en route, $5 predicted, $6 actual, $7 why it taught nothing. No row: another instance was first. */
  keepRun: {
    name: 'roads.keep-run',
    text: `
      INSERT INTO road_runs (assignment_id, call_id, unit_id, en_route_at, predicted_seconds, actual_seconds, left_out)
      VALUES ($1, $2, $3, $4::timestamptz, $5, $6, $7) ON CONFLICT DO NOTHING RETURNING assignment_id`,
  },
  /** Adds to cells, what was there before aged first. $1 zones, $2 classes, $3 hours, $4 weights, $5 sums, $6 now. */
  addCells: {
    name: 'roads.add-cells',
    text: `
      INSERT INTO road_speeds AS s (zone, road_class, hour, weight, log_sum, updated_at)
      SELECT i.*, $6::timestamptz FROM unnest($1::text[], $2::text[], $3::smallint[], $4::float8[], $5::float8[]) AS i
      ON CONFLICT (zone, road_class, hour) DO UPDATE SET
        weight = excluded.weight + s.weight * power(0.5,
          greatest(0, date_part('epoch', excluded.updated_at - s.updated_at)) / ${HALF_LIFE_DAYS * 86_400}),
        log_sum = excluded.log_sum + s.log_sum * power(0.5,
          greatest(0, date_part('epoch', excluded.updated_at - s.updated_at)) / ${HALF_LIFE_DAYS * 86_400}),
        updated_at = greatest(s.updated_at, excluded.updated_at)`,
  },
  /** Changes with every run learned from. */
  version: {
    name: 'roads.learned-version',
    text: `SELECT count(*) || ' ' || coalesce(sum(weight), 0) || ' ' || coalesce(max(updated_at)::text, '') AS version FROM road_speeds`,
  },
  cells: { name: 'roads.learned-cells', text: 'SELECT zone, road_class, hour, weight, log_sum FROM road_speeds' },
} as const;

export interface CompletedRun {
  readonly assignmentId: number;
  readonly callId: string;
  readonly unitId: string;
  readonly enRouteAt: Instant;
  readonly onSceneAt: Instant;
  readonly from: { readonly lon: number; readonly lat: number } | null;
  readonly to: { readonly lon: number; readonly lat: number } | null;
}

/** @param endedSince milliseconds since the epoch */
export async function unreadRuns(db: Executor, endedSince: Instant, atMost: number): Promise<CompletedRun[]> {
  const { rows } = await db.query<{
    assignment_id: number;
    call_id: string;
    unit_id: string;
    en_route_at: Date;
    on_scene_at: Date;
    to_lon: number | null;
    to_lat: number | null;
    from_lon: number | null;
    from_lat: number | null;
  }>({ ...sql.unread, values: [rfc3339(endedSince), atMost] });
  const place = (lon: number | null, lat: number | null) => (lon === null || lat === null ? null : { lon, lat });
  return rows.map((row) => ({
    assignmentId: row.assignment_id,
    callId: row.call_id,
    unitId: row.unit_id,
    enRouteAt: row.en_route_at.getTime(),
    onSceneAt: row.on_scene_at.getTime(),
    from: place(row.from_lon, row.from_lat),
    to: place(row.to_lon, row.to_lat),
  }));
}

/** Keeps that a run was looked at, and what it taught. In a transaction. */
export async function keepLesson(
  tx: Executor,
  run: CompletedRun,
  outcome: {
    readonly predictedSeconds: number | null;
    readonly leftOut: string | null;
    readonly cells: readonly LearnedCell[];
  },
  now: Instant,
): Promise<void> {
  const { assignmentId, callId, unitId, enRouteAt, onSceneAt } = run;
  const { predictedSeconds, leftOut, cells } = outcome;
  const { rows } = await tx.query({
    ...sql.keepRun,
    values: [
      assignmentId,
      callId,
      unitId,
      rfc3339(enRouteAt),
      predictedSeconds,
      (onSceneAt - enRouteAt) / 1000,
      leftOut,
    ],
  });
  if (rows.length === 0 || cells.length === 0) return;
  // In one order, so that two instances with runs over the same roads do not wait for each other.
  const sorted = [...cells].sort((a, b) => (`${a.zone} ${a.roadClass}` < `${b.zone} ${b.roadClass}` ? -1 : 1));
  await tx.query({
    ...sql.addCells,
    values: [
      sorted.map(({ zone }) => zone),
      sorted.map(({ roadClass }) => roadClass),
      sorted.map(({ hour }) => hour),
      sorted.map(({ weight }) => weight),
      sorted.map(({ logSum }) => logSum),
      rfc3339(now),
    ],
  });
}

export async function readLearned(db: Executor): Promise<{ version: string; cells: LearnedCell[] }> {
  const version = await db.query<{ version: string }>(sql.version);
  const { rows } = await db.query<{ zone: string; road_class: string; hour: number; weight: number; log_sum: number }>(
    sql.cells,
  );
  return {
    version: version.rows[0]?.version ?? '',
    cells: rows.flatMap(({ zone, road_class: roadClass, hour, weight, log_sum: logSum }) =>
      isRoadClass(roadClass) ? [{ zone, roadClass, hour, weight, logSum }] : [],
    ),
  };
}
