/** Past calls by day in PostgreSQL, packed a column a value: read whole and counted here, packed anew where calls changed. */
import { setImmediate as takeTurns } from 'node:timers/promises';
import type pg from 'pg';
import { type Executor, inTransaction } from '../database/pool.ts';
import { rfc3339 } from '../domain/time.ts';
import type { ClockTally } from './clock-tally.ts';
import { DAY_MS, DAYS_AT_ONCE, int16, int32, packed2, packed4, quarters, sinceMidnight, startOf } from './columns.ts';
import { type Leg, legs } from './past-call.ts';
import { type LegCount, type PastDay, PastLegs, type PastSpan, tallyDay } from './past-days.ts';
import { type ClockName, clocks } from './schema.ts';

const names = `
  CASE $3::text WHEN 'subdistrict' THEN subdistricts WHEN 'station' THEN stations
                WHEN 'vehicleType' THEN vehicle_types END AS names,
  CASE $3::text WHEN 'subdistrict' THEN subdistrict WHEN 'station' THEN station
                WHEN 'vehicleType' THEN vehicle_type END AS name`;

export const sql = {
  /** Days from $1 to $2, keyed by grouping $3: what the clocks are counted from. */
  clocks: {
    name: 'past-days.clocks',
    text: `
      SELECT day::text, calls, ${names}, received, priority, response, patient, travel
      FROM past_days WHERE day BETWEEN $1 AND $2 ORDER BY day`,
  },
  /** The same for the legs. */
  legs: {
    name: 'past-days.legs',
    text: `
      SELECT day::text, calls, ${names}, received, priority, response, answer, dispatch, turnout, travel, reach
      FROM past_days WHERE day BETWEEN $1 AND $2 ORDER BY day`,
  },
  /**
   * Days whose calls changed, taken so that nobody changes them meanwhile; in the order in which they are marked. Apart
   * from packing: what was committed while this waited is seen by the next statement only. $1 at most.
   */
  take: {
    name: 'past-days.take',
    text: 'SELECT day::text FROM past_days WHERE calls IS NULL ORDER BY day LIMIT $1 FOR UPDATE',
  },
  /** Days from $1 to $2, so that nobody changes their calls until this has read them. In the same order. */
  hold: {
    name: 'past-days.hold',
    text: `
      SELECT day::text, calls IS NULL AS stale FROM past_days WHERE day BETWEEN $1 AND $2 ORDER BY day FOR UPDATE`,
  },
  /** All aggregates see the calls in one order. $1 days, $2 from, $3 to (not included): the span of those days. */
  pack: {
    name: 'past-days.pack',
    text: `
      WITH ranked AS (
        SELECT p.*, china_day(received_at) AS day, dense_rank() OVER subdistricts - 1 AS subdistrict,
               dense_rank() OVER stations - 1 AS station, dense_rank() OVER vehicle_types - 1 AS vehicle
        FROM past_calls p
        WHERE received_at >= $2 AND received_at < $3 AND china_day(received_at) = ANY($1::date[])
        WINDOW subdistricts AS (PARTITION BY china_day(received_at) ORDER BY subdistrict_code),
               stations AS (PARTITION BY china_day(received_at) ORDER BY station_id),
               vehicle_types AS (PARTITION BY china_day(received_at) ORDER BY vehicle_type)
      ), packed AS (
        SELECT day, count(*)::int AS calls,
               array_agg(DISTINCT subdistrict_code ORDER BY subdistrict_code) AS subdistricts,
               array_agg(DISTINCT station_id ORDER BY station_id) AS stations,
               array_agg(DISTINCT vehicle_type ORDER BY vehicle_type) AS vehicle_types,
               ${packed2('subdistrict')} AS subdistrict, ${packed2('station')} AS station,
               ${packed2('vehicle')} AS vehicle_type, ${packed2('coalesce(priority, 0)')} AS priority,
               ${packed4(sinceMidnight)} AS received,
               ${(['response', 'patient', 'travel'] as const)
                 .map(
                   (clock) =>
                     `${packed4(`CASE WHEN cancelled THEN -2 ELSE coalesce(${clock}_seconds, -1) END`)} AS ${clock}`,
                 )
                 .join(', ')},
               ${(['answer', 'dispatch', 'turnout', 'reach'] as const)
                 .map((leg) => `${packed4(`coalesce(${leg}_seconds, -1)`)} AS ${leg}`)
                 .join(', ')}
        FROM ranked GROUP BY day
      )
      UPDATE past_days d SET calls = coalesce(p.calls, 0), subdistricts = p.subdistricts, stations = p.stations,
             vehicle_types = p.vehicle_types, subdistrict = p.subdistrict, station = p.station,
             vehicle_type = p.vehicle_type, priority = p.priority, received = p.received, response = p.response,
             patient = p.patient, travel = p.travel, answer = p.answer, dispatch = p.dispatch, turnout = p.turnout,
             reach = p.reach
      FROM unnest($1::date[]) AS asked (day) LEFT JOIN packed p USING (day)
      WHERE d.day = asked.day`,
  },
} as const;

type Names<Column extends string> = {
  day: string;
  calls: number | null;
  names: (string | null)[] | null;
  name: Buffer | null;
} & Record<Column | 'received' | 'priority' | 'response', Buffer | null>;

/** Adds past calls brought in to the clocks' tally. */
export async function tallyPastClocks(db: pg.Pool, tally: ClockTally, span: PastSpan): Promise<void> {
  await eachDay(db, 'clocks', clocks, span, (day: PastDay<ClockName>) => tallyDay(tally, day, span));
}

/** Of past calls brought in: sums of the legs of late calls and of those in time. */
export async function sumPastLegs(db: pg.Pool, span: PastSpan): Promise<LegCount[]> {
  const summed = new PastLegs(span);
  await eachDay(db, 'legs', legs, span, (day: PastDay<Leg>) => summed.add(day));
  return summed.counts();
}

async function eachDay<Column extends ClockName | Leg>(
  db: pg.Pool,
  statement: 'clocks' | 'legs',
  columns: readonly Column[],
  { groupBy, from, to }: PastSpan,
  take: (day: PastDay<Column>) => void,
): Promise<void> {
  for (const [first, last] of quarters(from, to)) {
    for (const row of await readDays<Names<Column>>(db, statement, first, last, groupBy)) take(unpacked(row, columns));
    await takeTurns();
  }
}

/**
 * What was packed holds for as long as nobody changes a call, and who does says so in the same transaction. Days that hold
 * no longer are packed and read in one transaction that keeps others from changing them: an import under way, which may
 * touch every day again and again, delays this once and not for ever.
 */
async function readDays<Row extends { calls: number | null }>(
  db: pg.Pool,
  statement: 'clocks' | 'legs',
  first: string,
  last: string,
  groupBy: PastSpan['groupBy'],
): Promise<Row[]> {
  const query = { ...sql[statement], values: [first, last, groupBy] };
  const { rows } = await db.query<Row>(query);
  if (rows.every(({ calls }) => calls !== null)) return rows;
  return inTransaction(db, async (tx) => {
    const held = await tx.query<{ day: string; stale: boolean }>({ ...sql.hold, values: [first, last] });
    await pack(
      tx,
      held.rows.filter(({ stale }) => stale).map(({ day }) => day),
    );
    const { rows: fresh } = await tx.query<Row>(query);
    // A day that came into being since then has calls filed since then: it is in the next answer.
    return fresh.filter(({ calls }) => calls !== null);
  });
}

function unpacked<Column extends ClockName | Leg>(row: Names<Column>, columns: readonly Column[]): PastDay<Column> {
  return {
    start: startOf(row.day),
    calls: row.calls ?? 0,
    names: row.names ?? [],
    name: int16(row.name),
    priority: int16(row.priority),
    received: int32(row.received),
    seconds: Object.fromEntries(
      (['response', ...columns] as const).map((column) => [column, int32(row[column])]),
    ) as PastDay<Column>['seconds'],
  };
}

/** Packs all days whose calls changed, some at a time, for the planner who reads them first. */
export async function packPastDays(db: pg.Pool): Promise<void> {
  for (let left = true; left; await takeTurns())
    left = await inTransaction(db, async (tx) => {
      const { rows } = await tx.query<{ day: string }>({ ...sql.take, values: [DAYS_AT_ONCE] });
      await pack(
        tx,
        rows.map(({ day }) => day),
      );
      return rows.length === DAYS_AT_ONCE;
    });
}

/** @param days held by this transaction, ascending */
async function pack(tx: Executor, days: readonly string[]): Promise<void> {
  const [first, last] = [days[0], days.at(-1)];
  if (!first || !last) return;
  await tx.query({ ...sql.pack, values: [days, rfc3339(startOf(first)), rfc3339(startOf(last) + DAY_MS)] });
}
