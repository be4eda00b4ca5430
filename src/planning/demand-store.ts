/** Where calls came from, counted by hexagon in PostgreSQL: of calls taken here and of past calls brought in. */
import type { Executor } from '../database/pool.ts';
import { type Instant, rfc3339 } from '../domain/time.ts';

export const sql = {
  /** Calls by H3 cell of resolution 9, cancelled ones as well: somebody needed help. $1 from, $2 to, $3 hour or null. */
  byCell: {
    name: 'planning.demand-by-cell',
    text: `
      SELECT to_hex(cell) AS cell, sum(calls)::int AS calls FROM (
        SELECT cell, count(*) AS calls FROM past_calls
        WHERE received_at >= $1 AND received_at < $2 AND cell IS NOT NULL AND ($3::int IS NULL OR hour = $3) GROUP BY cell
        UNION ALL
        SELECT cc.cell, count(*) FROM calls c JOIN call_cells cc USING (call_id)
        WHERE c.received_at >= $1 AND c.received_at < $2
          AND ($3::int IS NULL OR date_part('hour', c.received_at AT TIME ZONE 'Asia/Shanghai') = $3) GROUP BY cc.cell
      ) counted GROUP BY cell ORDER BY cell`,
  },
  /** When the first call with a place was received. $1 from, $2 to. */
  first: {
    name: 'planning.first-call',
    text: `
      SELECT least((SELECT min(received_at) FROM past_calls WHERE received_at >= $1 AND received_at < $2),
                   (SELECT min(received_at) FROM calls WHERE received_at >= $1 AND received_at < $2)) AS at`,
  },
} as const;

export interface CellCalls {
  /** H3 index, as h3-js writes it. */
  readonly cell: string;
  readonly calls: number;
}

/** @param hour of the day in China, or null for all */
export async function countByCell(
  db: Executor,
  from: Instant,
  to: Instant,
  hour: number | null = null,
): Promise<CellCalls[]> {
  const { rows } = await db.query<{ cell: string; calls: number }>({
    ...sql.byCell,
    values: [rfc3339(from), rfc3339(to), hour],
  });
  return rows;
}

/** When the first call of a span was received; null where there is none. */
export async function firstCall(db: Executor, from: Instant, to: Instant): Promise<Instant | null> {
  const { rows } = await db.query<{ at: Date | null }>({ ...sql.first, values: [rfc3339(from), rfc3339(to)] });
  return rows[0]?.at?.getTime() ?? null;
}
