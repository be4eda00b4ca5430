/** Where the minutes of late calls taken here went, leg by leg; late calls one by one and response by hexagon, of both sources. */
import type { Executor } from '../database/pool.ts';
import { type Instant, rfc3339 } from '../domain/time.ts';
import type { Leg } from './past-call.ts';
import type { LegCount } from './past-days.ts';
import type { Grouping } from './schema.ts';

/** A leg with a time missing, or times that contradict each other, has no seconds. */
const leg = (from: string, to: string) =>
  `CASE WHEN ${to} >= ${from} THEN ceil(date_part('epoch', ${to} - ${from}))::int END`;

/**
 * Calls taken here whose first qualifying ambulance is there, with their legs. Such a call was answered when its intake was
 * accepted. $1 from, $2 to, $3 targets by priority.
 */
const timed = `
  SELECT c.received_at, date_part('hour', c.received_at AT TIME ZONE 'Asia/Shanghai')::smallint AS hour, c.priority,
         c.subdistrict_code, u.station_id, c.vehicle_type, ($3::int[])[c.priority] AS target,
         ${leg('c.received_at', 'c.on_scene_at')} AS response, ${leg('c.received_at', 'c.accepted_at')} AS answer,
         ${leg('greatest(c.accepted_at, c.received_at)', 'n.at')} AS dispatch, ${leg('n.at', 'c.en_route_at')} AS turnout,
         ${leg('c.en_route_at', 'c.on_scene_at')} AS travel, ${leg('c.on_scene_at', 'c.at_patient_at')} AS reach
  FROM calls c
  LEFT JOIN units u ON u.unit_id = c.first_unit_id
  LEFT JOIN LATERAL (
    SELECT max(a.assigned_at) AS at FROM assignments a
    WHERE a.call_id = c.call_id AND a.unit_id = c.first_unit_id AND a.assigned_at <= c.on_scene_at
  ) n ON true
  WHERE c.received_at >= $1 AND c.received_at < $2 AND c.on_scene_at >= c.received_at AND c.status <> 'cancelled'`;

/** The same of both sources. */
const timedBoth = `${timed}
  UNION ALL
  SELECT p.received_at, p.hour, p.priority, p.subdistrict_code, p.station_id, p.vehicle_type,
         ($3::int[])[coalesce(p.priority, 1)], p.response_seconds, p.answer_seconds, p.dispatch_seconds,
         p.turnout_seconds, p.travel_seconds, p.reach_seconds
  FROM past_calls p
  WHERE p.received_at >= $1 AND p.received_at < $2 AND NOT p.cancelled AND p.response_seconds IS NOT NULL`;

const summed = (key: string) => `
  SELECT (${key})::text AS key, response > target AS late, count(*) AS calls,
         sum(answer) AS answer, count(answer) AS answer_calls, sum(dispatch) AS dispatch, count(dispatch) AS dispatch_calls,
         sum(turnout) AS turnout, count(turnout) AS turnout_calls, sum(travel) AS travel, count(travel) AS travel_calls,
         sum(reach) AS reach, count(reach) AS reach_calls
  FROM (${timed}) timed GROUP BY 1, 2`;

const period = (unit: string) => `date_trunc('${unit}', received_at AT TIME ZONE 'Asia/Shanghai')::date`;

export const sql = {
  subdistrict: { name: 'planning.legs-by-subdistrict', text: summed('subdistrict_code') },
  hour: { name: 'planning.legs-by-hour', text: summed('hour') },
  station: { name: 'planning.legs-by-station', text: summed('station_id') },
  vehicleType: { name: 'planning.legs-by-vehicle-type', text: summed('vehicle_type') },
  priority: { name: 'planning.legs-by-priority', text: summed('priority') },
  week: { name: 'planning.legs-by-week', text: summed(period('week')) },
  month: { name: 'planning.legs-by-month', text: summed(period('month')) },
  /** Late calls one by one, the latest first. $4 key's grouping, $5 key or null for all, $6 at most. */
  late: {
    name: 'planning.late-calls',
    text: `
      SELECT received_at, priority, subdistrict_code, station_id, vehicle_type, target, response, answer, dispatch,
             turnout, travel, reach
      FROM (${timedBoth}) timed
      WHERE response > target AND ($5::text IS NULL OR $5 = CASE $4::text
        WHEN 'subdistrict' THEN subdistrict_code WHEN 'hour' THEN hour::text WHEN 'station' THEN station_id
        WHEN 'vehicleType' THEN vehicle_type WHEN 'priority' THEN priority::text END)
      ORDER BY received_at DESC LIMIT $6`,
  },
  /** Response by H3 cell of resolution 9: measured calls, their seconds, those within the target of their priority, and all. */
  hexagons: {
    name: 'planning.by-hexagon',
    text: `
      SELECT to_hex(cell) AS cell, count(*) AS calls, count(seconds) AS measured, sum(seconds) AS seconds,
             count(*) FILTER (WHERE seconds <= 480) AS within8, count(*) FILTER (WHERE seconds <= target) AS within
      FROM (
        SELECT cc.cell, ($3::int[])[c.priority] AS target,
               CASE WHEN c.on_scene_at >= c.received_at AND c.status <> 'cancelled'
                    THEN ceil(date_part('epoch', c.on_scene_at - c.received_at))::int END AS seconds
        FROM calls c JOIN call_cells cc USING (call_id)
        WHERE c.received_at >= $1 AND c.received_at < $2
        UNION ALL
        SELECT p.cell, ($3::int[])[coalesce(p.priority, 1)], CASE WHEN NOT p.cancelled THEN p.response_seconds END
        FROM past_calls p
        WHERE p.received_at >= $1 AND p.received_at < $2 AND p.cell IS NOT NULL
      ) timed GROUP BY cell`,
  },
} as const satisfies Record<Grouping | 'late' | 'hexagons', { name: string; text: string }>;

export async function sumLegs(
  db: Executor,
  groupBy: Grouping,
  from: Instant,
  to: Instant,
  targets: readonly number[],
): Promise<LegCount[]> {
  const values = [rfc3339(from), rfc3339(to), targets];
  return (await db.query<LegCount>({ ...sql[groupBy], values })).rows;
}

export interface LateCall {
  readonly receivedAt: Instant;
  readonly priority: number | null;
  readonly subdistrictCode: string | null;
  readonly stationId: string | null;
  readonly vehicleType: string | null;
  readonly targetSeconds: number;
  readonly responseSeconds: number;
  readonly legs: Readonly<Record<Leg, number | null>>;
}

export interface LateFilter {
  readonly groupBy: Grouping;
  /** Null for all. */
  readonly key: string | null;
}

export async function findLateCalls(
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

export async function countHexagons(
  db: Executor,
  from: Instant,
  to: Instant,
  targets: readonly number[],
): Promise<HexagonCount[]> {
  const { rows } = await db.query<HexagonCount>({ ...sql.hexagons, values: [rfc3339(from), rfc3339(to), targets] });
  return rows;
}
