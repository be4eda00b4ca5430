/** Follow-ups in PostgreSQL: due dates are rows; whoever looks takes what is due, and nobody takes it twice. */
import type { Executor } from '../database/pool.ts';
import { type Instant, rfc3339 } from '../domain/time.ts';
import type { FollowUpPlan, PlannedTask, Task } from './plan.ts';
import type { FollowUpStatus } from './schema.ts';

const columns = `
  f.follow_up_id, f.call_id, c.number, f.resident_id, f.rule, f.plan_version, f.task, f.community_centre_id, f.status,
  f.scheduled_at, f.remind_at, f.due_at, f.reminded_at, f.overdue_at, f.ended_at, f.ended_role, f.ended_subject,
  f.sealed_result, r.family_doctor_id`;
const joined = 'JOIN calls c USING (call_id) JOIN residents r ON r.resident_id = f.resident_id';
/** Whose business a task is: the family doctor's; the centre's where there is none, or once it is overdue. $1 doctor or null, $2 centre or null. */
const concerning = `
  ($1::text IS NULL OR r.family_doctor_id = $1)
  AND ($2::text IS NULL OR (f.community_centre_id = $2 AND (r.family_doctor_id IS NULL OR f.overdue_at IS NOT NULL)))`;

export const sql = {
  /** $1 version, $2 text, $3 time. */
  recordPlan: {
    name: 'follow-ups.record-plan',
    text: 'INSERT INTO follow_up_plans (version, text, first_used_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING',
  },
  /**
   * Scheduled, or scheduled anew where the date has moved or the task was cancelled; what is done stays done. No row
   * where nothing changes. $1 id, $2 call, $3 resident, $4 rule, $5 plan, $6 task, $7 centre, $8 now, $9 remind, $10 due.
   */
  schedule: {
    name: 'follow-ups.schedule',
    text: `
      INSERT INTO follow_ups AS f (follow_up_id, call_id, resident_id, rule, plan_version, task, community_centre_id, status,
                                   scheduled_at, remind_at, due_at)
      VALUES ($1, $2, $3, $4, $5, $6, $7, 'due', $8, $9, $10)
      ON CONFLICT (call_id, rule) DO UPDATE SET
        resident_id = excluded.resident_id, plan_version = excluded.plan_version, task = excluded.task,
        community_centre_id = excluded.community_centre_id, status = 'due', scheduled_at = excluded.scheduled_at,
        remind_at = excluded.remind_at, due_at = excluded.due_at, reminded_at = NULL, overdue_at = NULL, ended_at = NULL,
        ended_role = NULL, ended_subject = NULL, sealed_result = NULL
      WHERE f.status = 'cancelled'
         OR (f.status <> 'done' AND (f.due_at, f.resident_id) IS DISTINCT FROM (excluded.due_at, excluded.resident_id))
      RETURNING follow_up_id`,
  },
  /** Open tasks of a resident or of a call. $1 resident, $2 call. */
  openOf: {
    name: 'follow-ups.open-of',
    text: `SELECT ${columns} FROM follow_ups f ${joined} WHERE (f.resident_id = $1 OR f.call_id = $2) AND f.status IN ('due', 'overdue')`,
  },
  /** $1 ids, $2 time. */
  cancel: {
    name: 'follow-ups.cancel',
    text: `UPDATE follow_ups SET status = 'cancelled', ended_at = $2 WHERE follow_up_id = ANY($1) AND status IN ('due', 'overdue')`,
  },
  /** Tasks whose reminder is due, taken by whoever looks first. $1 now, $2 at most. */
  remind: {
    name: 'follow-ups.remind',
    text: `
      WITH taken AS (
        UPDATE follow_ups SET reminded_at = $1 WHERE follow_up_id IN (
          SELECT follow_up_id FROM follow_ups WHERE status = 'due' AND reminded_at IS NULL AND remind_at <= $1
          ORDER BY remind_at LIMIT $2 FOR UPDATE SKIP LOCKED)
        RETURNING follow_up_id)
      SELECT follow_up_id FROM taken`,
  },
  /** Tasks nobody did in time. $1 now, $2 at most. */
  expire: {
    name: 'follow-ups.expire',
    text: `
      WITH taken AS (
        UPDATE follow_ups SET status = 'overdue', overdue_at = $1, reminded_at = coalesce(reminded_at, $1)
        WHERE follow_up_id IN (
          SELECT follow_up_id FROM follow_ups WHERE status = 'due' AND due_at <= $1
          ORDER BY due_at LIMIT $2 FOR UPDATE SKIP LOCKED)
        RETURNING follow_up_id)
      SELECT follow_up_id FROM taken`,
  },
  byIds: {
    name: 'follow-ups.by-ids',
    text: `SELECT ${columns} FROM follow_ups f ${joined} WHERE f.follow_up_id = ANY($1)`,
  },
  lock: { name: 'follow-ups.lock', text: 'SELECT FROM follow_ups WHERE follow_up_id = $1 FOR UPDATE' },
  /** $1 doctor or null, $2 centre or null, $3 statuses or null, $4 calls or null, $5 at most. */
  list: {
    name: 'follow-ups.list',
    text: `
      SELECT ${columns} FROM follow_ups f ${joined}
      WHERE ${concerning} AND ($3::text[] IS NULL OR f.status = ANY($3)) AND ($4::text[] IS NULL OR f.call_id = ANY($4))
      ORDER BY (f.status IN ('due', 'overdue')) DESC, f.due_at, f.follow_up_id LIMIT $5`,
  },
} as const;

export interface FollowUp {
  readonly followUpId: string;
  readonly callId: string;
  readonly callNumber: number;
  readonly residentId: string;
  /** As filed now: a new family doctor takes over what is open. */
  readonly doctorId: string | null;
  readonly communityCentreId: string | null;
  readonly rule: string;
  readonly planVersion: string;
  readonly task: Task;
  readonly status: FollowUpStatus;
  readonly scheduledAt: string;
  readonly remindAt: string;
  readonly dueAt: string;
  readonly remindedAt: string | null;
  readonly overdueAt: string | null;
  readonly endedAt: string | null;
  readonly endedBy: { readonly role: string; readonly subject: string } | null;
  readonly sealedResult: Buffer | null;
}

interface Row {
  [column: string]: unknown;
  follow_up_id: string;
  call_id: string;
  number: number;
  resident_id: string;
  rule: string;
  plan_version: string;
  task: Task;
  community_centre_id: string | null;
  status: FollowUpStatus;
  scheduled_at: Date;
  remind_at: Date;
  due_at: Date;
  reminded_at: Date | null;
  overdue_at: Date | null;
  ended_at: Date | null;
  ended_role: string | null;
  ended_subject: string | null;
  sealed_result: Buffer | null;
  family_doctor_id: string | null;
}

const followUpOf = (row: Row): FollowUp => ({
  followUpId: row.follow_up_id,
  callId: row.call_id,
  callNumber: row.number,
  residentId: row.resident_id,
  doctorId: row.family_doctor_id,
  communityCentreId: row.community_centre_id,
  rule: row.rule,
  planVersion: row.plan_version,
  task: row.task,
  status: row.status,
  scheduledAt: row.scheduled_at.toISOString(),
  remindAt: row.remind_at.toISOString(),
  dueAt: row.due_at.toISOString(),
  remindedAt: row.reminded_at?.toISOString() ?? null,
  overdueAt: row.overdue_at?.toISOString() ?? null,
  endedAt: row.ended_at?.toISOString() ?? null,
  endedBy: row.ended_role && row.ended_subject ? { role: row.ended_role, subject: row.ended_subject } : null,
  sealedResult: row.sealed_result,
});

export async function recordPlan(tx: Executor, plan: FollowUpPlan, at: Instant): Promise<void> {
  await tx.query({ ...sql.recordPlan, values: [plan.version, plan.text, rfc3339(at)] });
}

export interface Scheduling {
  readonly followUpId: string;
  readonly callId: string;
  readonly residentId: string;
  readonly planVersion: string;
  readonly communityCentreId: string | null;
  readonly at: Instant;
}

/** The id it is scheduled under; `null` where it stands so already, or is done. */
export async function schedule(tx: Executor, planned: PlannedTask, to: Scheduling): Promise<string | null> {
  const { rows } = await tx.query<{ follow_up_id: string }>({
    ...sql.schedule,
    values: [
      to.followUpId,
      to.callId,
      to.residentId,
      planned.rule,
      to.planVersion,
      JSON.stringify(planned.task),
      to.communityCentreId,
      rfc3339(to.at),
      rfc3339(planned.remindAt),
      rfc3339(planned.dueAt),
    ],
  });
  return rows[0]?.follow_up_id ?? null;
}

async function many(db: Executor, statement: { name: string; text: string }, values: unknown[]): Promise<FollowUp[]> {
  const { rows } = await db.query<Row>({ ...statement, values });
  return rows.map(followUpOf);
}

export const findOpen = (tx: Executor, residentId: string, callId: string) =>
  many(tx, sql.openOf, [residentId, callId]);
export const findFollowUps = (db: Executor, ids: readonly string[]) => many(db, sql.byIds, [ids]);

export interface Concerning {
  readonly doctorId: string | null;
  readonly communityCentreId: string | null;
}

export const listFollowUps = (
  db: Executor,
  { doctorId, communityCentreId }: Concerning,
  filter: { readonly statuses: readonly FollowUpStatus[] | null; readonly callIds: readonly string[] | null },
  atMost: number,
) => many(db, sql.list, [doctorId, communityCentreId, filter.statuses, filter.callIds, atMost]);

export async function cancelFollowUps(tx: Executor, ids: readonly string[], at: Instant): Promise<void> {
  if (ids.length > 0) await tx.query({ ...sql.cancel, values: [ids, rfc3339(at)] });
}

/** Ids taken by this look. */
export async function takeDue(
  tx: Executor,
  which: 'remind' | 'expire',
  now: Instant,
  atMost: number,
): Promise<string[]> {
  const { rows } = await tx.query<{ follow_up_id: string }>({ ...sql[which], values: [rfc3339(now), atMost] });
  return rows.map((row) => row.follow_up_id);
}

/** One follow-up, held to the commit. */
export async function lockFollowUp(tx: Executor, followUpId: string): Promise<FollowUp | null> {
  await tx.query({ ...sql.lock, values: [followUpId] });
  return (await findFollowUps(tx, [followUpId]))[0] ?? null;
}
