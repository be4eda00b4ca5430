/** Past calls brought in: late ones one by one, and response by hexagon. */
import type { Executor } from '../database/pool.ts';
import { type Instant, rfc3339 } from '../domain/time.ts';
import type { LateCall, LateFilter } from './late-calls.ts';
import type { Leg } from './past-call.ts';

export const sql = {
  /** Late calls one by one, the latest first. $4 key's grouping, $5 key or null for all, $6 at most. */
  late: {
    name: 'planning.past-late-calls',
    text: `
      SELECT received_at, priority, subdistrict_code, station_id, vehicle_type, target, response, answer, dispatch,
             turnout, travel, reach
      FROM (
        SELECT received_at, hour, priority, subdistrict_code, station_id, vehicle_type,
               ($3::int[])[coalesce(priority, 1)] AS target, response_seconds AS response, answer_seconds AS answer,
               dispatch_seconds AS dispatch, turnout_seconds AS turnout, travel_seconds AS travel,
               reach_seconds AS reach
        FROM past_calls
        WHERE received_at >= $1 AND received_at < $2 AND NOT cancelled AND response_seconds IS NOT NULL
      ) timed
      WHERE response > target AND ($5::text IS NULL OR $5 = CASE $4::text
        WHEN 'subdistrict' THEN subdistrict_code WHEN 'hour' THEN hour::text WHEN 'station' THEN station_id
        WHEN 'vehicleType' THEN vehicle_type WHEN 'priority' THEN priority::text END)
      ORDER BY received_at DESC LIMIT $6`,
  },
  /** Response by H3 cell of resolution 9: measured calls, their seconds, those within the target of their priority, and all. */
  hexagons: {
    name: 'planning.past-by-hexagon',
    text: `
      SELECT to_hex(cell) AS cell, count(*) AS calls, count(seconds) AS measured, sum(seconds) AS seconds,
             count(*) FILTER (WHERE seconds <= 480) AS within8, count(*) FILTER (WHERE seconds <= target) AS within
      FROM (
        SELECT cell, ($3::int[])[coalesce(priority, 1)] AS target,
               CASE WHEN NOT cancelled THEN response_seconds END AS seconds
        FROM past_calls
        WHERE received_at >= $1 AND received_at < $2 AND cell IS NOT NULL
      ) timed GROUP BY cell`,
  },
} as const;

export async function findPastLateCalls(
  db: Executor,
  from: Instant,
  to: Instant,
  targets: readonly number[],
  { groupBy, key }: LateFilter,
  atMost: number,
): Promise<LateCall[]> {
  const { rows } = await db.query<
    Record<Leg, number | null> & {
      received_at: Date;
      priority: number | null;
      subdistrict_code: string | null;
      station_id: string | null;
      vehicle_type: string | null;
      target: number;
      response: number;
    }
  >({ ...sql.late, values: [rfc3339(from), rfc3339(to), targets, groupBy, key, atMost] });
  return rows.map((row) => ({
    receivedAt: row.received_at.getTime(),
    priority: row.priority,
    subdistrictCode: row.subdistrict_code,
    stationId: row.station_id,
    vehicleType: row.vehicle_type,
    targetSeconds: row.target,
    responseSeconds: row.response,
    legs: { answer: row.answer, dispatch: row.dispatch, turnout: row.turnout, travel: row.travel, reach: row.reach },
  }));
}

export interface HexagonCount {
  /** H3 index of resolution 9. */
  readonly cell: string;
  readonly calls: number;
  readonly measured: number;
  readonly seconds: number | null;
  readonly within8: number;
  readonly within: number;
}

export async function countPastHexagons(
  db: Executor,
  from: Instant,
  to: Instant,
  targets: readonly number[],
): Promise<HexagonCount[]> {
  const { rows } = await db.query<HexagonCount>({ ...sql.hexagons, values: [rfc3339(from), rfc3339(to), targets] });
  return rows;
}
