/** Packs calls taken here by day, once the day is over: what planners ask of a million of them is a few columns then. */
import { setImmediate as takeTurns } from 'node:timers/promises';
import type pg from 'pg';
import { inTransaction } from '../database/pool.ts';
import { type Instant, rfc3339 } from '../domain/time.ts';
import { findCells } from './call-cells.ts';
import { states } from './clock-tally.ts';
import { DAY_MS, dayOf, packed2, packed4, sinceMidnight, startOf } from './columns.ts';
import { legs } from './past-call.ts';
import { clocks } from './schema.ts';

/** A tenth of a statement's time where a city has a thousand calls a day. */
const DAYS_AT_ONCE = 31;

/** A time missing, or times that contradict each other, are no seconds. A begun one counts. */
const seconds = (from: string, to: string) =>
  `CASE WHEN ${to} >= ${from} THEN ceil(date_part('epoch', ${to} - ${from}))::int END`;
export const ended = `status IN ('closed', 'cancelled')`;
const clock = (from: string, to: string) => `
  CASE WHEN c.status = 'cancelled' THEN ${states.cancelled}
       ELSE coalesce(${seconds(from, to)}, CASE WHEN c.status = 'closed' THEN ${states.missing} ELSE ${states.missingLive} END)
  END`;

/** What is counted of calls `c`, each with the time its first unit was notified. A call was answered when it was accepted. */
export const counted = `
  c.call_id, c.received_at, china_day(c.received_at) AS day, c.priority, c.subdistrict_code, c.first_unit_id, c.vehicle_type,
  to_hex((SELECT cell FROM call_cells cc WHERE cc.call_id = c.call_id)) AS cell,
  ${clock('c.received_at', 'c.on_scene_at')} AS response, ${clock('c.received_at', 'c.at_patient_at')} AS patient,
  ${clock('c.en_route_at', 'c.on_scene_at')} AS travel,
  coalesce(${seconds('c.received_at', 'c.accepted_at')}, -1) AS answer,
  coalesce(${seconds('greatest(c.accepted_at, c.received_at)', 'n.at')}, -1) AS dispatch,
  coalesce(${seconds('n.at', 'c.en_route_at')}, -1) AS turnout,
  coalesce(${seconds('c.on_scene_at', 'c.at_patient_at')}, -1) AS reach`;
export const notified = `
  LEFT JOIN LATERAL (
    SELECT max(a.assigned_at) AS at FROM assignments a
    WHERE a.call_id = c.call_id AND a.unit_id = c.first_unit_id AND a.assigned_at <= c.on_scene_at
  ) n ON true`;
export const foreseen = `r.predicted_seconds IS NOT NULL AND r.left_out IS DISTINCT FROM 'implausible'`;
export const isFresh = 'NOT EXISTS (SELECT FROM call_days_changed x WHERE x.day = d.day)';

const columns = [
  ['subdistricts', 'units', 'vehicle_types', 'cells', 'calls'],
  ['subdistrict', 'unit', 'vehicle_type', 'cell', 'priority', 'received', 'response', 'patient', 'travel'],
  ['answer', 'dispatch', 'turnout', 'reach', 'drive_call', 'drive_error'],
].flat();

export const sql = {
  /** Days from $1 to $2 with a call before or on them that are not packed, or no longer hold. $3 at most. */
  stale: {
    name: 'call-days.stale',
    text: `
      WITH first AS (SELECT china_day(min(received_at)) AS day FROM calls)
      SELECT asked.day::date::text AS day
      FROM first, generate_series(greatest($1::date, first.day), $2::date, interval '1 day') AS asked (day)
      WHERE first.day IS NOT NULL AND NOT EXISTS (SELECT FROM call_days d WHERE d.day = asked.day AND ${isFresh})
      ORDER BY 1 LIMIT $3`,
  },
  /** Of days $1 those nobody is changing now: nobody can until this transaction ends. */
  take: {
    name: 'call-days.take',
    text: `
      SELECT day::text FROM unnest($1::date[]) AS d (day)
      WHERE pg_try_advisory_xact_lock(46, day - date '2000-01-01') ORDER BY day`,
  },
  /** $1 days taken, $2 from, $3 to (not included): the span of those days. */
  pack: {
    name: 'call-days.pack',
    text: `
      WITH timed AS MATERIALIZED (
        SELECT ${counted} FROM calls c ${notified}
        WHERE c.received_at >= $2 AND c.received_at < $3 AND c.${ended} AND china_day(c.received_at) = ANY ($1::date[])
      ), ranked AS (
        SELECT timed.*, dense_rank() OVER subdistricts - 1 AS subdistrict, dense_rank() OVER units - 1 AS unit,
               dense_rank() OVER vehicle_types - 1 AS vehicle, dense_rank() OVER cells - 1 AS place,
               row_number() OVER (PARTITION BY day ORDER BY received_at, call_id) - 1 AS n
        FROM timed
        WINDOW subdistricts AS (PARTITION BY day ORDER BY subdistrict_code),
               units AS (PARTITION BY day ORDER BY first_unit_id),
               vehicle_types AS (PARTITION BY day ORDER BY vehicle_type),
               cells AS (PARTITION BY day ORDER BY cell)
      ), packed AS (
        SELECT day, count(*)::int AS calls, ${packed2('subdistrict')} AS subdistrict, ${packed2('unit')} AS unit,
               ${packed2('vehicle')} AS vehicle_type, ${packed2('place')} AS cell, ${packed2('priority')} AS priority,
               ${packed4(sinceMidnight)} AS received,
               ${[...clocks, ...legs.filter((leg) => leg !== 'travel')].map((each) => `${packed4(each)} AS ${each}`).join(', ')}
        FROM (SELECT * FROM ranked ORDER BY day, n) in_order GROUP BY day
      ), named AS ( -- apart: an aggregate that sorts would change the order of the columns above
        SELECT day, array_agg(DISTINCT subdistrict_code ORDER BY subdistrict_code) AS subdistricts,
               array_agg(DISTINCT first_unit_id ORDER BY first_unit_id) AS units,
               array_agg(DISTINCT vehicle_type ORDER BY vehicle_type) AS vehicle_types,
               array_agg(DISTINCT cell ORDER BY cell) AS cells
        FROM ranked GROUP BY day
      ), drives AS (
        SELECT day, ${packed4('n')} AS call, string_agg(float4send(error), '') AS error
        FROM (
          SELECT day, n, r.actual_seconds - r.predicted_seconds AS error
          FROM ranked JOIN road_runs r USING (call_id) WHERE ${foreseen} ORDER BY day, n, assignment_id
        ) in_order GROUP BY day
      ), held AS (DELETE FROM call_days_changed WHERE day = ANY ($1::date[]))
      INSERT INTO call_days (day, ${columns.join(', ')})
      SELECT asked.day, subdistricts, units, vehicle_types, cells, coalesce(p.calls, 0), p.subdistrict, p.unit,
             p.vehicle_type, p.cell, p.priority, p.received, p.response, p.patient, p.travel, p.answer, p.dispatch,
             p.turnout, p.reach, r.call, r.error
      FROM unnest($1::date[]) AS asked (day)
      LEFT JOIN packed p USING (day) LEFT JOIN named USING (day) LEFT JOIN drives r USING (day)
      ON CONFLICT (day) DO UPDATE SET ${columns.map((name) => `${name} = excluded.${name}`).join(', ')}`,
  },
} as const;

export interface PackSpan {
  readonly from: Instant;
  /** Not included. */
  readonly to: Instant;
  /** Days before this one's are over. */
  readonly now: Instant;
}

/** Packs the days of a span that are over and not packed, or changed since. */
export async function packCallDays(db: pg.Pool, { from, to, now }: PackSpan): Promise<void> {
  const last = Math.min(to - 1, startOf(dayOf(now)) - 1);
  for (let first = from; first <= last; await takeTurns()) {
    const values = [dayOf(first), dayOf(last), DAYS_AT_ONCE];
    const { rows } = await db.query<{ day: string }>({ ...sql.stale, values });
    const end = rows.at(-1)?.day;
    if (end === undefined) return;
    await findCells(db, startOf((rows[0] as { day: string }).day), startOf(end) + DAY_MS);
    await inTransaction(db, async (tx) => {
      const taken = await tx.query<{ day: string }>({ ...sql.take, values: [rows.map(({ day }) => day)] });
      const days = taken.rows.map(({ day }) => day);
      const [early, late] = [days[0], days.at(-1)];
      if (early && late)
        await tx.query({ ...sql.pack, values: [days, rfc3339(startOf(early)), rfc3339(startOf(late) + DAY_MS)] });
    });
    first = startOf(end) + DAY_MS;
  }
}
