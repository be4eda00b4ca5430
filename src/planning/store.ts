/** Clocks of calls taken here, counted in PostgreSQL by whole seconds in one pass over one index. */
import type { Executor } from '../database/pool.ts';
import { type Instant, rfc3339 } from '../domain/time.ts';
import { type ClockTally, states } from './clock-tally.ts';
import type { ClockName, Grouping } from './schema.ts';

const seconds = (from: string, to: string) => `
  CASE WHEN c.status = 'cancelled' THEN ${states.cancelled}
       WHEN ${to} >= ${from} THEN ceil(date_part('epoch', ${to} - ${from}))
       WHEN c.status = 'closed' THEN ${states.missing}
       ELSE ${states.missingLive} END`;

/**
 * $1 from, $2 to (not included). Sorting a million calls for each percentile takes seconds; counting them does not. OFFSET 0 hides from the planner how many distinct times a column has,
 * which is not how many seconds it spans: believing the former it would sort.
 */
const counted = (key: string, join = '') => `
  SELECT key::text, grouping(response, patient, travel) AS clock, coalesce(response, patient, travel) AS seconds,
         count(*) AS calls
  FROM (
    SELECT ${key} AS key, (${seconds('c.received_at', 'c.on_scene_at')})::int AS response,
           (${seconds('c.received_at', 'c.at_patient_at')})::int AS patient,
           (${seconds('c.en_route_at', 'c.on_scene_at')})::int AS travel
    FROM calls c ${join}
    WHERE c.received_at >= $1 AND c.received_at < $2 OFFSET 0
  ) timed
  GROUP BY GROUPING SETS ((key, response), (key, patient), (key, travel))`;

/** $3 targets by priority. */
const targeted = (key: string, join = '') => `
  SELECT key::text, count(*) AS measured, count(*) FILTER (WHERE seconds <= target) AS within
  FROM (
    SELECT ${key} AS key, ceil(date_part('epoch', c.on_scene_at - c.received_at)) AS seconds,
           ($3::int[])[c.priority] AS target
    FROM calls c ${join}
    WHERE c.received_at >= $1 AND c.received_at < $2 AND c.on_scene_at >= c.received_at AND c.status <> 'cancelled'
  ) timed
  GROUP BY key`;

/** One grouping: its key, and what has to be joined for it. */
export const groupingKeys = {
  subdistrict: ['c.subdistrict_code', ''],
  hour: [`date_part('hour', c.received_at AT TIME ZONE 'Asia/Shanghai')::smallint`, ''],
  station: ['u.station_id', 'LEFT JOIN units u ON u.unit_id = c.first_unit_id'],
  vehicleType: ['c.vehicle_type', ''],
  priority: ['c.priority', ''],
  week: [period('week'), ''],
  month: [period('month'), ''],
} as const satisfies Record<Grouping, readonly [string, string]>;

function period(unit: 'week' | 'month'): string {
  return `date_trunc('${unit}', c.received_at AT TIME ZONE 'Asia/Shanghai')::date`;
}

const statement = <const Name extends string>(name: Name, make: typeof counted, by: Grouping) => ({
  name: `planning.${name}-${by}` as const,
  text: make(...(groupingKeys[by] as readonly [string, string])),
});

export const sql = {
  /** Settings of this transaction: compiling the statement takes longer than running it, and counts shall stay in memory. */
  settings: {
    name: 'planning.settings',
    text: `
      SELECT set_config('jit', 'off', true), set_config('work_mem', '64MB', true),
             set_config('max_parallel_workers_per_gather', '0', true)`,
  },
  subdistrict: statement('by', counted, 'subdistrict'),
  hour: statement('by', counted, 'hour'),
  station: statement('by', counted, 'station'),
  vehicleType: statement('by', counted, 'vehicleType'),
  priority: statement('by', counted, 'priority'),
  week: statement('by', counted, 'week'),
  month: statement('by', counted, 'month'),
  // Shares within the target of each call's own priority.
  'within-subdistrict': statement('within', targeted, 'subdistrict'),
  'within-hour': statement('within', targeted, 'hour'),
  'within-station': statement('within', targeted, 'station'),
  'within-vehicleType': statement('within', targeted, 'vehicleType'),
  'within-priority': statement('within', targeted, 'priority'),
  'within-week': statement('within', targeted, 'week'),
  'within-month': statement('within', targeted, 'month'),
} as const satisfies Record<Grouping | `within-${Grouping}` | 'settings', { name: string; text: string }>;

/** `grouping()` sets the bit of each column that is not grouped by, the last column's lowest. */
const clockOf: Readonly<Record<number, ClockName>> = { 3: 'response', 5: 'patient', 6: 'travel' };

/** Adds calls taken here, received from `from` on and before `to`, to the tally. In a transaction. @param targets by priority, 1 first */
export async function tallyCalls(
  tx: Executor,
  tally: ClockTally,
  groupBy: Grouping,
  from: Instant,
  to: Instant,
  targets: readonly number[],
): Promise<void> {
  await tx.query(sql.settings);
  const span = [rfc3339(from), rfc3339(to)];
  const { rows } = await tx.query<{ key: string | null; clock: number; seconds: number; calls: number }>({
    ...sql[groupBy],
    values: span,
  });
  for (const { key, clock, seconds, calls } of rows) tally.group(key)[clockOf[clock] as ClockName].add(seconds, calls);
  const within = await tx.query<{ key: string | null; measured: number; within: number }>({
    ...sql[`within-${groupBy}`],
    values: [...span, targets],
  });
  for (const { key, measured, within: inTime } of within.rows) {
    const group = tally.group(key);
    group.measured += measured;
    group.within += inTime;
  }
}
