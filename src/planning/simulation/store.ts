/** Simulations planners asked for, in PostgreSQL. */
import type { Executor } from '../../database/pool.ts';
import { type Instant, rfc3339 } from '../../domain/time.ts';
import type { SimulationInput } from './schema.ts';

export const sql = {
  /** None where the key was used before. $1 id, $2 role, $3 subject, $4 key, $5 hash, $6 request, $7 now. */
  create: {
    name: 'simulations.create',
    text: `
      INSERT INTO simulations (simulation_id, role, subject, idempotency_key, body_hash, request, status, created_at, heard_at)
      VALUES ($1, $2, $3, $4, $5, $6, 'waiting', $7, $7) ON CONFLICT DO NOTHING RETURNING *`,
  },
  /** $1 role, $2 subject, $3 key. */
  byKey: {
    name: 'simulations.by-key',
    text: 'SELECT * FROM simulations WHERE role = $1 AND subject = $2 AND idempotency_key = $3',
  },
  byId: { name: 'simulations.by-id', text: 'SELECT * FROM simulations WHERE simulation_id = $1' },
  latest: { name: 'simulations.latest', text: 'SELECT * FROM simulations ORDER BY created_at DESC LIMIT $1' },
  /** Says that these are still worked on; answers those that were cancelled. $1 ids, $2 now, $3 progress of each. */
  alive: {
    name: 'simulations.alive',
    text: `
      WITH said AS (
        UPDATE simulations s SET heard_at = $2, progress = g.progress
        FROM unnest($1::text[], $3::float8[]) AS g (id, progress)
        WHERE s.simulation_id = g.id AND s.status IN ('waiting', 'running')
      )
      SELECT simulation_id FROM simulations WHERE simulation_id = ANY($1) AND status = 'cancelled'`,
  },
  /** What is known so far, for when its instance is gone. $1 id, $2 report. */
  soFar: {
    name: 'simulations.so-far',
    text: "UPDATE simulations SET report = $2 WHERE simulation_id = $1 AND status = 'running'",
  },
  /** $1 id. */
  begin: {
    name: 'simulations.begin',
    text: `
      UPDATE simulations SET status = 'running' WHERE simulation_id = $1 AND status = 'waiting' RETURNING simulation_id`,
  },
  /** What was cancelled stays cancelled, and has its report. $1 id, $2 how it ended, $3 report, $4 problem, $5 now. */
  finish: {
    name: 'simulations.finish',
    text: `
      UPDATE simulations SET status = CASE WHEN status = 'cancelled' THEN status ELSE $2 END,
             report = coalesce($3, report), problem = CASE WHEN status = 'cancelled' THEN NULL ELSE $4 END,
             finished_at = coalesce(finished_at, $5), heard_at = $5,
             progress = CASE WHEN $2 = 'done' THEN 1 ELSE progress END
      WHERE simulation_id = $1 AND status IN ('waiting', 'running', 'cancelled')`,
  },
  /** $1 id, $2 now. */
  cancel: {
    name: 'simulations.cancel',
    text: `
      UPDATE simulations SET status = 'cancelled', finished_at = $2
      WHERE simulation_id = $1 AND status IN ('waiting', 'running')`,
  },
} as const;

export interface SimulationRow {
  simulation_id: string;
  body_hash: Buffer;
  request: SimulationInput;
  status: 'waiting' | 'running' | 'done' | 'cancelled' | 'interrupted' | 'failed';
  progress: number;
  report: unknown;
  problem: string | null;
  created_at: Date;
  heard_at: Date;
  finished_at: Date | null;
}

export interface NewSimulation {
  readonly simulationId: string;
  readonly actor: { readonly role: string; readonly subject: string };
  readonly key: string | null;
  readonly bodyHash: Buffer;
  readonly request: SimulationInput;
  readonly now: Instant;
}

/** Null where this key was used before. */
export async function createSimulation(db: Executor, given: NewSimulation): Promise<SimulationRow | null> {
  const { simulationId, actor, key, bodyHash, request, now } = given;
  const { rows } = await db.query<SimulationRow>({
    ...sql.create,
    values: [simulationId, actor.role, actor.subject, key, bodyHash, JSON.stringify(request), rfc3339(now)],
  });
  return rows[0] ?? null;
}

export async function findSimulationByKey(
  db: Executor,
  actor: NewSimulation['actor'],
  key: string,
): Promise<SimulationRow | null> {
  const { rows } = await db.query<SimulationRow>({ ...sql.byKey, values: [actor.role, actor.subject, key] });
  return rows[0] ?? null;
}

export async function findSimulation(db: Executor, simulationId: string): Promise<SimulationRow | null> {
  const { rows } = await db.query<SimulationRow>({ ...sql.byId, values: [simulationId] });
  return rows[0] ?? null;
}

export async function latestSimulations(db: Executor, atMost: number): Promise<SimulationRow[]> {
  return (await db.query<SimulationRow>({ ...sql.latest, values: [atMost] })).rows;
}

/** Those of `running` that were cancelled. */
export async function sayAlive(db: Executor, running: ReadonlyMap<string, number>, now: Instant): Promise<string[]> {
  const { rows } = await db.query<{ simulation_id: string }>({
    ...sql.alive,
    values: [[...running.keys()], rfc3339(now), [...running.values()]],
  });
  return rows.map((row) => row.simulation_id);
}

/** False where it was cancelled before it began. */
export async function beginSimulation(db: Executor, simulationId: string): Promise<boolean> {
  return (await db.query({ ...sql.begin, values: [simulationId] })).rowCount === 1;
}

export interface SimulationEnd {
  readonly status: 'done' | 'interrupted' | 'failed';
  readonly report: unknown;
  readonly problem: string | null;
}

export async function finishSimulation(
  db: Executor,
  simulationId: string,
  { status, report, problem }: SimulationEnd,
  now: Instant,
): Promise<void> {
  await db.query({
    ...sql.finish,
    values: [simulationId, status, report === null ? null : JSON.stringify(report), problem, rfc3339(now)],
  });
}

/** Keeps what a simulation has by now. */
export async function keepSoFar(db: Executor, simulationId: string, report: unknown): Promise<void> {
  await db.query({ ...sql.soFar, values: [simulationId, JSON.stringify(report)] });
}

export async function cancelSimulation(db: Executor, simulationId: string, now: Instant): Promise<void> {
  await db.query({ ...sql.cancel, values: [simulationId, rfc3339(now)] });
}
