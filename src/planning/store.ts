/** Clocks of past calls in PostgreSQL, counted by whole seconds in one pass over one index. */
import type { Executor } from '../database/pool.ts';
import { type Instant, rfc3339 } from '../domain/time.ts';
import { type Bin, states } from './response-times.ts';
import type { ClockName, Grouping } from './schema.ts';

const seconds = (from: string, to: string) => `
  CASE WHEN c.status = 'cancelled' THEN ${states.cancelled}
       WHEN ${to} >= ${from} THEN ceil(date_part('epoch', ${to} - ${from}))
       WHEN c.status = 'closed' THEN ${states.missing}
       ELSE ${states.missingLive} END`;

/**
 * $1 from, $2 to (not included). Sorting a million calls for each percentile takes seconds; counting them does not.
 * OFFSET 0 hides from the planner how many distinct times a column has, which is not how many seconds it spans:
 * believing the former it would sort.
 */
const counted = (key: string, join = '') => `
  SELECT key::text, grouping(response, patient, travel) AS clock, coalesce(response, patient, travel) AS seconds,
         count(*) AS calls
  FROM (
    SELECT ${key} AS key, ${seconds('c.received_at', 'c.on_scene_at')} AS response,
           ${seconds('c.received_at', 'c.at_patient_at')} AS patient, ${seconds('c.en_route_at', 'c.on_scene_at')} AS travel
    FROM calls c ${join}
    WHERE c.received_at >= $1 AND c.received_at < $2 OFFSET 0
  ) timed
  GROUP BY GROUPING SETS ((key, response), (key, patient), (key, travel))`;

export const sql = {
  /** Settings of this transaction: compiling the statement takes longer than running it, and counts shall stay in memory. */
  settings: {
    name: 'planning.settings',
    text: `
      SELECT set_config('jit', 'off', true), set_config('work_mem', '64MB', true),
             set_config('max_parallel_workers_per_gather', '0', true)`,
  },
  subdistrict: { name: 'planning.by-subdistrict', text: counted('c.subdistrict_code') },
  hour: { name: 'planning.by-hour', text: counted(`date_part('hour', c.received_at AT TIME ZONE 'Asia/Shanghai')`) },
  station: {
    name: 'planning.by-station',
    text: counted('u.station_id', 'LEFT JOIN units u ON u.unit_id = c.first_unit_id'),
  },
  vehicleType: { name: 'planning.by-vehicle-type', text: counted('c.vehicle_type') },
  priority: { name: 'planning.by-priority', text: counted('c.priority') },
} as const satisfies Record<Grouping | 'settings', { name: string; text: string }>;

/** `grouping()` sets the bit of each column that is not grouped by, the last column's lowest. */
const clockOf: Readonly<Record<number, ClockName>> = { 3: 'response', 5: 'patient', 6: 'travel' };

/** Calls received from `from` on and before `to`, counted by group, clock and whole seconds. In a transaction. */
export async function countCalls(tx: Executor, groupBy: Grouping, from: Instant, to: Instant): Promise<Bin[]> {
  await tx.query(sql.settings);
  const { rows } = await tx.query<{ key: string | null; clock: number; seconds: number; calls: number }>({
    ...sql[groupBy],
    values: [rfc3339(from), rfc3339(to)],
  });
  return rows.map((row) => ({ ...row, clock: clockOf[row.clock] as ClockName }));
}
