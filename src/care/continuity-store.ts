/** How many calls' loops closed, counted from the calls themselves: outcome received, written back, followed up in time. */
import { type Static, Type } from 'typebox';
import type { Executor } from '../database/pool.ts';
import { type Instant, rfc3339 } from '../domain/time.ts';

export const continuityGroups = ['hospital', 'centre'] as const;
export type ContinuityGroup = (typeof continuityGroups)[number];

const seconds = (value: string) => `date_part('epoch', ${value})`;
const figures = (name: string, value: string) => `
  round(percentile_cont(0.5) WITHIN GROUP (ORDER BY ${value}))::int AS ${name}_median,
  round(percentile_cont(0.9) WITHIN GROUP (ORDER BY ${value}))::int AS ${name}_p90`;

/**
 * $1 from, $2 to (not included). A call counts once it has ended, was not cancelled, and a hospital comes into it: a crew
 * took somebody there, or an outcome came. `missing` tasks: nobody did them in time; `pending`: they are not late yet.
 */
const counted = (key: string) => `
  WITH looped AS (
    SELECT c.call_id, c.received_at, p.resident_id IS NOT NULL AS is_known, ${key} AS key,
           o.outcome_at, o.written_at, f.tasks, f.in_time, f.late, f.pending, f.first_done
    FROM calls c
    LEFT JOIN call_patients p USING (call_id)
    LEFT JOIN residents r ON r.resident_id = p.resident_id
    LEFT JOIN LATERAL (
      SELECT h.hospital_id FROM call_hospitals h WHERE h.call_id = c.call_id
      ORDER BY array_position(ARRAY['outcome', 'handover', 'destination', 'transfer'], h.how), h.since LIMIT 1) h ON true
    LEFT JOIN LATERAL (
      SELECT min(o.received_at) AS outcome_at, min(o.written_back_at) AS written_at
      FROM outcomes o WHERE o.call_id = c.call_id AND o.state IN ('matched', 'unmatched')) o ON true
    LEFT JOIN LATERAL (
      SELECT count(*) AS tasks, min(f.ended_at) AS first_done,
             count(*) FILTER (WHERE f.status = 'done' AND f.ended_at <= f.due_at) AS in_time,
             count(*) FILTER (WHERE f.status = 'overdue' OR f.ended_at > f.due_at) AS late,
             count(*) FILTER (WHERE f.status = 'due') AS pending
      FROM follow_ups f WHERE f.call_id = c.call_id AND f.status <> 'cancelled') f ON true
    WHERE c.received_at >= $1 AND c.received_at < $2 AND c.status = 'closed'
      AND (h.hospital_id IS NOT NULL OR o.outcome_at IS NOT NULL
           OR EXISTS (SELECT FROM time_points t WHERE t.call_id = c.call_id AND t.counts AND t.point = 'at-destination'))
  )
  SELECT key, grouping(key) = 1 AS is_total, count(*) AS calls, count(*) FILTER (WHERE is_known) AS identified,
         count(outcome_at) AS outcomes, count(written_at) AS written_back, coalesce(sum(tasks), 0) AS tasks,
         coalesce(sum(in_time), 0) AS in_time, coalesce(sum(late), 0) AS late, coalesce(sum(pending), 0) AS pending,
         count(*) FILTER (WHERE written_at IS NOT NULL AND tasks = in_time) AS closed,
         count(*) FILTER (WHERE written_at IS NOT NULL AND late = 0 AND pending > 0) AS under_way,
         ${figures('outcome', seconds('outcome_at - received_at'))},
         ${figures('written', seconds('written_at - outcome_at'))},
         ${figures('followed', seconds('first_done - outcome_at'))}
  FROM looped GROUP BY GROUPING SETS ((key), ())
  ORDER BY is_total, key NULLS LAST`;

export const sql = {
  hospital: { name: 'continuity.by-hospital', text: counted('h.hospital_id') },
  centre: { name: 'continuity.by-centre', text: counted('r.community_centre_id') },
} as const satisfies Record<ContinuityGroup, { name: string; text: string }>;

const Seconds = Type.Union([Type.Integer(), Type.Null()]);
const Times = Type.Object({ medianSeconds: Seconds, p90Seconds: Seconds });
export const ContinuityFigures = Type.Object({
  calls: Type.Integer({ description: 'ended, not cancelled, and a hospital came into it' }),
  identified: Type.Integer({ description: 'of those, whose patient is a filed resident' }),
  outcomes: Type.Integer({ description: 'of those, whose outcome was received' }),
  writtenBack: Type.Integer(),
  followUps: Type.Object({
    tasks: Type.Integer(),
    inTime: Type.Integer(),
    late: Type.Integer({ description: 'done late, or overdue' }),
    pending: Type.Integer({ description: 'not done and not late yet' }),
  }),
  closed: Type.Integer({ description: 'written back, and every follow-up done in time' }),
  underWay: Type.Integer({ description: 'written back, nothing late, something not due yet' }),
  closedShare: Type.Union([Type.Number(), Type.Null()], { description: 'closed of all but those under way' }),
  toOutcome: Times,
  toWriteBack: Times,
  toFollowUp: Times,
});
export type ContinuityFigures = Static<typeof ContinuityFigures>;

export interface Continuity {
  readonly groups: { readonly key: string | null; readonly figures: ContinuityFigures }[];
  readonly total: ContinuityFigures;
}

interface Row {
  [column: string]: unknown;
  key: string | null;
  is_total: boolean;
  calls: number;
  identified: number;
  outcomes: number;
  written_back: number;
  tasks: string;
  in_time: string;
  late: string;
  pending: string;
  closed: number;
  under_way: number;
  outcome_median: number | null;
  outcome_p90: number | null;
  written_median: number | null;
  written_p90: number | null;
  followed_median: number | null;
  followed_p90: number | null;
}

const figuresOf = (row: Row): ContinuityFigures => ({
  calls: row.calls,
  identified: row.identified,
  outcomes: row.outcomes,
  writtenBack: row.written_back,
  followUps: {
    tasks: Number(row.tasks),
    inTime: Number(row.in_time),
    late: Number(row.late),
    pending: Number(row.pending),
  },
  closed: row.closed,
  underWay: row.under_way,
  closedShare: row.calls > row.under_way ? row.closed / (row.calls - row.under_way) : null,
  toOutcome: { medianSeconds: row.outcome_median, p90Seconds: row.outcome_p90 },
  toWriteBack: { medianSeconds: row.written_median, p90Seconds: row.written_p90 },
  toFollowUp: { medianSeconds: row.followed_median, p90Seconds: row.followed_p90 },
});

export async function countContinuity(
  db: Executor,
  groupBy: ContinuityGroup,
  from: Instant,
  to: Instant,
): Promise<Continuity> {
  const { rows } = await db.query<Row>({ ...sql[groupBy], values: [rfc3339(from), rfc3339(to)] });
  const total = rows.find((row) => row.is_total) as Row;
  const groups = rows.filter((row) => !row.is_total);
  return { groups: groups.map((row) => ({ key: row.key, figures: figuresOf(row) })), total: figuresOf(total) };
}
