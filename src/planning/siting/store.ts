/** Siting plans in PostgreSQL: what was asked, how far it is, the best so far. */
import type { Executor } from '../../database/pool.ts';
import type { Position } from '../../domain/position.ts';
import { type Instant, rfc3339 } from '../../domain/time.ts';
import type { Near } from './near.ts';
import type { PostKind, SitingProblem, SitingResult, SitingStatus } from './schema.ts';

const columns = `plan_id, role, subject, body_hash, status, progress, asked, result, places, created_at, ended_at`;

export const sql = {
  /** No row where the Idempotency-Key was used before. $1 plan, $2 role, $3 subject, $4 key or null, $5 body hash, $6 asked, $7 at. */
  insert: {
    name: 'siting.insert',
    text: `
      INSERT INTO siting_plans (plan_id, role, subject, idempotency_key, body_hash, status, asked, created_at, seen_at)
      VALUES ($1, $2, $3, $4, $5, 'queued', $6, $7, $7)
      ON CONFLICT (role, subject, idempotency_key) WHERE idempotency_key IS NOT NULL DO NOTHING
      RETURNING plan_id`,
  },
  /** $1 role, $2 subject, $3 key. */
  byKey: {
    name: 'siting.by-key',
    text: `SELECT ${columns} FROM siting_plans WHERE role = $1 AND subject = $2 AND idempotency_key = $3`,
  },
  /** $1 plan. */
  byId: { name: 'siting.by-id', text: `SELECT ${columns} FROM siting_plans WHERE plan_id = $1` },
  /** The latest plans, without their assignments. $1 at most. */
  list: {
    name: 'siting.list',
    text: `
      SELECT plan_id, role, subject, body_hash, status, progress, asked, result - 'assignment' AS result, places,
             created_at, ended_at
      FROM siting_plans ORDER BY created_at DESC LIMIT $1`,
  },
  /** Still at it; whether somebody asked for its end. $1 plan, $2 status, $3 progress, $4 result or null, $5 at. */
  progress: {
    name: 'siting.progress',
    text: `
      UPDATE siting_plans SET status = $2, progress = greatest(progress, $3), result = coalesce($4, result), seen_at = $5
      WHERE plan_id = $1 AND ended_at IS NULL RETURNING cancel_asked`,
  },
  /** $1 plan, $2 places. */
  places: { name: 'siting.places', text: 'UPDATE siting_plans SET places = $2 WHERE plan_id = $1' },
  /** $1 plan, $2 status, $3 result or null, $4 at. */
  end: {
    name: 'siting.end',
    text: `
      UPDATE siting_plans SET status = $2, progress = 1, result = coalesce($3, result), ended_at = $4, seen_at = $4
      WHERE plan_id = $1 AND ended_at IS NULL`,
  },
  /** $1 plan. */
  cancel: {
    name: 'siting.cancel',
    text: 'UPDATE siting_plans SET cancel_asked = true WHERE plan_id = $1 AND ended_at IS NULL',
  },
  /** Plans whose instance has not been seen since $1: it is gone, and what it had is the answer. */
  abandon: {
    name: 'siting.abandon',
    text: `
      UPDATE siting_plans SET status = CASE WHEN cancel_asked THEN 'cancelled' ELSE 'interrupted' END, ended_at = seen_at
      WHERE ended_at IS NULL AND seen_at < $1`,
  },
} as const;

/** A request without its numbers. */
export interface Asked {
  readonly problem: SitingProblem;
  readonly p: number | null;
  readonly standardSeconds: number | null;
  readonly busyFraction: number | null;
  readonly demand: number | null;
  readonly sites: number | null;
  /** Where demand came from: the request, past calls, or residents by risk. */
  readonly demandFrom: 'request' | 'calls' | 'residents';
  /** How times were found. */
  readonly travelFrom: 'request' | 'road' | 'straight-line' | null;
}

export interface PlanPlace {
  readonly siteId: string;
  readonly name: string | null;
  /** Of a plot without a name. */
  readonly near?: Near | null;
  readonly position: Position;
  readonly existing: boolean;
  /** Joint posts: what an existing one is. */
  readonly kind?: PostKind | null;
}

export interface PlanRow {
  readonly planId: string;
  readonly bodyHash: Buffer;
  readonly status: SitingStatus;
  readonly progress: number;
  readonly asked: Asked;
  readonly result: SitingResult | null;
  readonly places: readonly PlanPlace[] | null;
  readonly createdAt: Instant;
  readonly endedAt: Instant | null;
}

interface Row {
  plan_id: string;
  body_hash: Buffer;
  status: SitingStatus;
  progress: number;
  asked: Asked;
  result: SitingResult | null;
  places: PlanPlace[] | null;
  created_at: Date;
  ended_at: Date | null;
}

const planOf = (row: Row): PlanRow => ({
  planId: row.plan_id,
  bodyHash: row.body_hash,
  status: row.status,
  progress: row.progress,
  asked: row.asked,
  result: row.result,
  places: row.places,
  createdAt: row.created_at.getTime(),
  endedAt: row.ended_at?.getTime() ?? null,
});

export interface NewPlan {
  readonly planId: string;
  readonly role: string;
  readonly subject: string;
  readonly key: string | null;
  readonly bodyHash: Buffer;
  readonly asked: Asked;
  readonly at: Instant;
}

/** False where its Idempotency-Key was used before. */
export async function insertPlan(db: Executor, plan: NewPlan): Promise<boolean> {
  const { planId, role, subject, key, bodyHash, asked, at } = plan;
  const values = [planId, role, subject, key, bodyHash, JSON.stringify(asked), rfc3339(at)];
  return (await db.query({ ...sql.insert, values })).rowCount === 1;
}

export async function findPlanByKey(db: Executor, role: string, subject: string, key: string): Promise<PlanRow | null> {
  const { rows } = await db.query<Row>({ ...sql.byKey, values: [role, subject, key] });
  return rows[0] ? planOf(rows[0]) : null;
}

export async function findPlan(db: Executor, planId: string): Promise<PlanRow | null> {
  const { rows } = await db.query<Row>({ ...sql.byId, values: [planId] });
  return rows[0] ? planOf(rows[0]) : null;
}

export async function listPlans(db: Executor, atMost: number): Promise<PlanRow[]> {
  const { rows } = await db.query<Row>({ ...sql.list, values: [atMost] });
  return rows.map(planOf);
}

/** Null where the plan has ended already; else whether it shall end. */
export async function tellProgress(
  db: Executor,
  planId: string,
  status: 'queued' | 'running',
  progress: number,
  result: SitingResult | null,
  at: Instant,
): Promise<boolean | null> {
  const values = [planId, status, progress, result && JSON.stringify(result), rfc3339(at)];
  const { rows } = await db.query<{ cancel_asked: boolean }>({ ...sql.progress, values });
  return rows[0]?.cancel_asked ?? null;
}

export async function setPlaces(db: Executor, planId: string, places: readonly PlanPlace[]): Promise<void> {
  await db.query({ ...sql.places, values: [planId, JSON.stringify(places)] });
}

export async function endPlan(
  db: Executor,
  planId: string,
  status: SitingStatus,
  result: SitingResult | null,
  at: Instant,
): Promise<void> {
  await db.query({ ...sql.end, values: [planId, status, result && JSON.stringify(result), rfc3339(at)] });
}

export async function askCancel(db: Executor, planId: string): Promise<void> {
  await db.query({ ...sql.cancel, values: [planId] });
}

export async function abandonPlans(db: Executor, seenBefore: Instant): Promise<void> {
  await db.query({ ...sql.abandon, values: [rfc3339(seenBefore)] });
}
