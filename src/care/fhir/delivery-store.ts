/** Deliveries in PostgreSQL: each a row with its state and due time, those of one resident one after the other. */
import type { Bundle } from '@medplum/fhirtypes';
import type { Executor } from '../../database/pool.ts';
import type { Seal } from '../../database/seal.ts';
import { type Instant, rfc3339 } from '../../domain/time.ts';
import type { DeliveryState } from './delivery.ts';

const context = (seq: number) => `delivery:${seq}`;
/** Nothing of the same resident before it that is not through. */
const first = `NOT EXISTS (SELECT FROM platform_deliveries e
  WHERE e.resident_id = d.resident_id AND e.seq < d.seq AND e.state IN ('pending', 'dead'))`;

export const sql = {
  /** Whether the log holds anything that was not gone through. */
  behind: {
    name: 'deliveries.behind',
    text: `
      SELECT h.seq > coalesce((SELECT c.seq FROM relay_cursors c WHERE c.name = 'platform'), 0) AS behind
      FROM event_head h`,
  },
  /** How far the log was gone through, held until the transaction ends. */
  reached: {
    name: 'deliveries.reached',
    text: `
      INSERT INTO relay_cursors AS c (name, seq) VALUES ('platform', 0)
      ON CONFLICT (name) DO UPDATE SET seq = c.seq RETURNING seq`,
  },
  /** $1 seq. */
  advance: { name: 'deliveries.advance', text: `UPDATE relay_cursors SET seq = $1 WHERE name = 'platform'` },
  /** What was last to be sent of a call. $1 resident, $2 call. */
  lastOf: {
    name: 'deliveries.last-of',
    text: `
      SELECT seq, sealed FROM platform_deliveries
      WHERE resident_id = $1 AND call_id = $2 AND state <> 'discarded' ORDER BY seq DESC LIMIT 1`,
  },
  /** Whom the platform was told to be the patient of a call. $1 call. */
  toldOf: {
    name: 'deliveries.told-of',
    text: `SELECT DISTINCT resident_id FROM platform_deliveries WHERE call_id = $1 AND state <> 'discarded' ORDER BY 1`,
  },
  /** $1 seq, $2 resident, $3 call, $4 cause, $5 sealed, $6 time. */
  add: {
    name: 'deliveries.add',
    text: `
      INSERT INTO platform_deliveries (seq, resident_id, call_id, cause, state, sealed, created_at, due_at)
      VALUES ($1, $2, $3, $4, 'pending', $5, $6, $6) ON CONFLICT DO NOTHING`,
  },
  /** What may be tried now. $1 time, $2 at most. */
  due: {
    name: 'deliveries.due',
    text: `
      SELECT seq, attempts FROM platform_deliveries d
      WHERE state = 'pending' AND due_at <= $1 AND ${first} ORDER BY due_at LIMIT $2`,
  },
  /** Taken by one, and nobody else's until $3. $1 seq, $2 time. */
  claim: {
    name: 'deliveries.claim',
    text: `
      UPDATE platform_deliveries d SET attempts = attempts + 1, last_attempt_at = $2, due_at = $3
      WHERE seq = $1 AND state = 'pending' AND due_at <= $2 AND ${first}
      RETURNING resident_id, call_id, attempts, sealed`,
  },
  /** $1 seq, $2 attempt, $3 time. Answers what of the same resident may go next. */
  delivered: {
    name: 'deliveries.delivered',
    text: `
      WITH done AS (
        UPDATE platform_deliveries SET state = 'delivered', ended_at = $3, last_failure = NULL
        WHERE seq = $1 AND state = 'pending' AND attempts = $2 RETURNING resident_id, seq
      )
      SELECT n.seq, n.attempts FROM done, LATERAL (
        SELECT seq, attempts, state FROM platform_deliveries d
        WHERE d.resident_id = done.resident_id AND d.seq > done.seq AND d.state IN ('pending', 'dead')
        ORDER BY d.seq LIMIT 1) n
      WHERE n.state = 'pending'`,
  },
  /** $1 seq, $2 attempt, $3 state, $4 due, $5 what failed. */
  failed: {
    name: 'deliveries.failed',
    text: `
      UPDATE platform_deliveries SET state = $3, due_at = $4, last_failure = $5
      WHERE seq = $1 AND state = 'pending' AND attempts = $2`,
  },
  /** A person has it tried from the beginning. $1 seq, $2 time. */
  replay: {
    name: 'deliveries.replay',
    text: `
      UPDATE platform_deliveries SET state = 'pending', attempts = 0, due_at = $2
      WHERE seq = $1 AND state = 'dead' RETURNING seq`,
  },
  /** A person lets those behind it go. $1 seq, $2 time, $3 role, $4 subject. */
  discard: {
    name: 'deliveries.discard',
    text: `
      UPDATE platform_deliveries SET state = 'discarded', ended_at = $2, ended_role = $3, ended_subject = $4
      WHERE seq = $1 AND state = 'dead' RETURNING seq`,
  },
  /** Latest first. $1 state or null, $2 resident or null, $3 before this one or null, $4 at most. */
  list: {
    name: 'deliveries.list',
    text: `
      SELECT d.*, (state = 'pending' AND NOT ${first}) AS held_back FROM platform_deliveries d
      WHERE ($1::text IS NULL OR state = $1) AND ($2::text IS NULL OR resident_id = $2) AND ($3::bigint IS NULL OR seq < $3)
      ORDER BY seq DESC LIMIT $4`,
  },
  byId: {
    name: 'deliveries.by-id',
    text: `SELECT d.*, (state = 'pending' AND NOT ${first}) AS held_back FROM platform_deliveries d WHERE seq = $1`,
  },
  counts: {
    name: 'deliveries.counts',
    text: 'SELECT state, count(*) AS times, min(created_at) AS oldest FROM platform_deliveries GROUP BY state',
  },
} as const;

/** Without holding anything: asked every second. */
export async function isBehind(db: Executor): Promise<boolean> {
  return (await db.query<{ behind: boolean }>(sql.behind)).rows[0]?.behind ?? false;
}

export async function holdCursor(tx: Executor): Promise<number> {
  const { rows } = await tx.query<{ seq: number }>(sql.reached);
  return rows[0]?.seq ?? 0;
}

export async function advanceCursor(tx: Executor, seq: number): Promise<void> {
  await tx.query({ ...sql.advance, values: [seq] });
}

export async function findLastOf(db: Executor, seal: Seal, residentId: string, callId: string): Promise<Bundle | null> {
  const { rows } = await db.query<{ seq: number; sealed: Buffer }>({ ...sql.lastOf, values: [residentId, callId] });
  const row = rows[0];
  return row ? seal.open<Bundle>(row.sealed, context(row.seq)) : null;
}

export async function findToldOf(db: Executor, callId: string): Promise<string[]> {
  const { rows } = await db.query<{ resident_id: string }>({ ...sql.toldOf, values: [callId] });
  return rows.map((row) => row.resident_id);
}

export interface NewDelivery {
  readonly seq: number;
  readonly residentId: string;
  readonly callId: string;
  readonly cause: string;
  readonly bundle: Bundle;
  readonly at: Instant;
}

export async function addDelivery(tx: Executor, seal: Seal, given: NewDelivery): Promise<void> {
  const { seq, residentId, callId, cause, bundle, at } = given;
  const sealed = seal.close(bundle, context(seq));
  await tx.query({ ...sql.add, values: [seq, residentId, callId, cause, sealed, rfc3339(at)] });
}

/** A delivery and how often it was tried: together they name one attempt. */
export interface Attempt {
  readonly seq: number;
  readonly attempts: number;
}

export async function findDue(db: Executor, now: Instant, atMost: number): Promise<Attempt[]> {
  return (await db.query<{ seq: number; attempts: number }>({ ...sql.due, values: [rfc3339(now), atMost] })).rows;
}

export interface Claimed {
  readonly residentId: string;
  readonly callId: string | null;
  readonly attempt: number;
  readonly bundle: Bundle;
}

/** `null`: not due, not the first of its resident, or somebody else has it. */
export async function claimDelivery(
  db: Executor,
  seal: Seal,
  seq: number,
  now: Instant,
  until: Instant,
): Promise<Claimed | null> {
  const { rows } = await db.query<{ resident_id: string; call_id: string | null; attempts: number; sealed: Buffer }>({
    ...sql.claim,
    values: [seq, rfc3339(now), rfc3339(until)],
  });
  const row = rows[0];
  return row
    ? {
        residentId: row.resident_id,
        callId: row.call_id,
        attempt: row.attempts,
        bundle: seal.open<Bundle>(row.sealed, context(seq)),
      }
    : null;
}

/** What of the same resident may go next; `null` where nothing waits. */
export async function markDelivered(db: Executor, seq: number, attempt: number, at: Instant): Promise<Attempt | null> {
  const { rows } = await db.query<{ seq: number; attempts: number }>({
    ...sql.delivered,
    values: [seq, attempt, rfc3339(at)],
  });
  return rows[0] ?? null;
}

export async function markFailed(
  db: Executor,
  seq: number,
  attempt: number,
  to: { readonly state: DeliveryState; readonly dueAt: Instant; readonly failure: string },
): Promise<void> {
  await db.query({ ...sql.failed, values: [seq, attempt, to.state, rfc3339(to.dueAt), to.failure] });
}

/** Whether it was dead. */
export async function replayDelivery(db: Executor, seq: number, at: Instant): Promise<boolean> {
  return (await db.query({ ...sql.replay, values: [seq, rfc3339(at)] })).rowCount === 1;
}

export async function discardDelivery(
  db: Executor,
  seq: number,
  at: Instant,
  by: { readonly role: string; readonly subject: string },
): Promise<boolean> {
  return (await db.query({ ...sql.discard, values: [seq, rfc3339(at), by.role, by.subject] })).rowCount === 1;
}

export interface Delivery {
  readonly deliveryId: number;
  readonly residentId: string;
  readonly callId: string | null;
  readonly cause: string;
  readonly state: DeliveryState;
  readonly heldBack: boolean;
  readonly attempts: number;
  readonly createdAt: string;
  readonly dueAt: string;
  readonly lastAttemptAt: string | null;
  readonly lastFailure: string | null;
  readonly endedAt: string | null;
}

interface Row {
  seq: number;
  resident_id: string;
  call_id: string | null;
  cause: string;
  state: DeliveryState;
  held_back: boolean;
  attempts: number;
  created_at: Date;
  due_at: Date;
  last_attempt_at: Date | null;
  last_failure: string | null;
  ended_at: Date | null;
  sealed: Buffer;
}

const viewOf = (row: Row): Delivery => ({
  deliveryId: row.seq,
  residentId: row.resident_id,
  callId: row.call_id,
  cause: row.cause,
  state: row.state,
  heldBack: row.held_back,
  attempts: row.attempts,
  createdAt: row.created_at.toISOString(),
  dueAt: row.due_at.toISOString(),
  lastAttemptAt: row.last_attempt_at?.toISOString() ?? null,
  lastFailure: row.last_failure,
  endedAt: row.ended_at?.toISOString() ?? null,
});

export interface DeliveryQuery {
  readonly state: DeliveryState | null;
  readonly residentId: string | null;
  readonly before: number | null;
  readonly atMost: number;
}

export async function listDeliveries(db: Executor, query: DeliveryQuery): Promise<Delivery[]> {
  const { rows } = await db.query<Row & { [column: string]: unknown }>({
    ...sql.list,
    values: [query.state, query.residentId, query.before, query.atMost],
  });
  return rows.map(viewOf);
}

export async function findDelivery(
  db: Executor,
  seal: Seal,
  seq: number,
): Promise<{ readonly delivery: Delivery; readonly bundle: Bundle } | null> {
  const { rows } = await db.query<Row & { [column: string]: unknown }>({ ...sql.byId, values: [seq] });
  const row = rows[0];
  return row ? { delivery: viewOf(row), bundle: seal.open<Bundle>(row.sealed, context(seq)) } : null;
}

export interface DeliveryCount {
  readonly state: DeliveryState;
  readonly times: number;
  readonly oldest: string;
}

export async function countDeliveries(db: Executor): Promise<DeliveryCount[]> {
  const { rows } = await db.query<{ state: DeliveryState; times: number; oldest: Date }>(sql.counts);
  return rows.map(({ state, times, oldest }) => ({ state, times, oldest: oldest.toISOString() }));
}
