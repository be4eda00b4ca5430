/** Gaps in cover that are open, so that each is told once when it opens and once when it closes. */
import type { Executor } from '../database/pool.ts';
import { type Instant, rfc3339 } from '../domain/time.ts';

export const sql = {
  gaps: { name: 'planning.gaps', text: 'SELECT cell FROM coverage_gaps' },
  /** No row where it was open. $1 area, $2 at. */
  open: {
    name: 'planning.open-gap',
    text: 'INSERT INTO coverage_gaps (cell, opened_at) VALUES ($1, $2) ON CONFLICT (cell) DO NOTHING RETURNING cell',
  },
  /** $1 area. */
  close: { name: 'planning.close-gap', text: 'DELETE FROM coverage_gaps WHERE cell = $1 RETURNING cell' },
} as const;

export async function openGaps(db: Executor): Promise<string[]> {
  return (await db.query<{ cell: string }>(sql.gaps)).rows.map(({ cell }) => cell);
}

/** Whether it is ours to tell: of several instances one finds it closed. */
export async function openGap(tx: Executor, area: string, at: Instant): Promise<boolean> {
  return (await tx.query({ ...sql.open, values: [area, rfc3339(at)] })).rowCount === 1;
}

export async function closeGap(tx: Executor, area: string): Promise<boolean> {
  return (await tx.query({ ...sql.close, values: [area] })).rowCount === 1;
}
