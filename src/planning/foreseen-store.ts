/** How well drives were foreseen by road, counted from completed runs. */
import type { Executor } from '../database/pool.ts';
import { type Instant, rfc3339 } from '../domain/time.ts';
import type { Grouping } from './schema.ts';
import { groupingKeys } from './store.ts';

/** By group, and over all (`whole`). $1 from, $2 to (not included). */
const foreseen = (by: Grouping) => {
  const [key, join] = groupingKeys[by];
  return {
    name: `planning.foreseen-by-${by}`,
    text: `
      SELECT key::text, grouping(key) = 1 AS whole, count(*) AS count, avg(error) AS mean,
             avg(abs(error)) AS mean_absolute, percentile_cont(0.9) WITHIN GROUP (ORDER BY abs(error)) AS p90_absolute
      FROM (
        SELECT ${key} AS key, r.actual_seconds - r.predicted_seconds AS error
        FROM road_runs r JOIN calls c USING (call_id) ${join}
        WHERE r.predicted_seconds IS NOT NULL AND r.left_out IS DISTINCT FROM 'implausible'
          AND c.received_at >= $1 AND c.received_at < $2
      ) run
      GROUP BY GROUPING SETS ((key), ())`,
  };
};

export const sql = {
  subdistrict: foreseen('subdistrict'),
  hour: foreseen('hour'),
  station: foreseen('station'),
  vehicleType: foreseen('vehicleType'),
  priority: foreseen('priority'),
  week: foreseen('week'),
  month: foreseen('month'),
} as const satisfies Record<Grouping, { name: string; text: string }>;

export interface ForeseenDrives {
  readonly count: number;
  /** Actual less foreseen: above 0, drives take longer than was foreseen. */
  readonly meanErrorSeconds: number | null;
  readonly meanAbsoluteErrorSeconds: number | null;
  readonly p90AbsoluteErrorSeconds: number | null;
}
export const nothingForeseen: ForeseenDrives = {
  count: 0,
  meanErrorSeconds: null,
  meanAbsoluteErrorSeconds: null,
  p90AbsoluteErrorSeconds: null,
};

/** How well drives were foreseen by road, each with what was known before it; by group and over all. */
export async function foreseenDrives(
  db: Executor,
  groupBy: Grouping,
  from: Instant,
  to: Instant,
): Promise<{ readonly groups: ReadonlyMap<string | null, ForeseenDrives>; readonly total: ForeseenDrives }> {
  const { rows } = await db.query<{
    key: string | null;
    whole: boolean;
    count: number;
    mean: number | null;
    mean_absolute: number | null;
    p90_absolute: number | null;
  }>({ ...sql[groupBy], values: [rfc3339(from), rfc3339(to)] });
  const whole = (seconds: number | null) => (seconds === null ? null : Math.round(seconds));
  const groups = new Map<string | null, ForeseenDrives>();
  let total = nothingForeseen;
  for (const row of rows) {
    const figures = {
      count: row.count,
      meanErrorSeconds: whole(row.mean),
      meanAbsoluteErrorSeconds: whole(row.mean_absolute),
      p90AbsoluteErrorSeconds: whole(row.p90_absolute),
    };
    if (row.whole) total = figures;
    else groups.set(row.key, figures);
  }
  return { groups, total };
}
