/** Reports of hospitals in PostgreSQL: each kept as it came, a correction beside what it corrects. */
import type { Executor } from '../database/pool.ts';
import type { Seal } from '../database/seal.ts';
import { type Instant, rfc3339 } from '../domain/time.ts';
import { type CountingOutcome, type Outcome, outcomeContext } from './outcome.ts';
import type { Disposition, OutcomeState } from './schema.ts';

const columns = `
  o.outcome_id, o.hospital_id, o.report_id, o.call_id, o.state, o.reason, o.corrects, o.disposition, o.arrived_at,
  o.received_at, o.written_back_at, o.role, o.subject, o.source, o.idempotency_key, o.content_token::text AS content_token,
  o.sealed, c.number, p.resident_id`;
const joined = 'FROM outcomes o LEFT JOIN calls c USING (call_id) LEFT JOIN call_patients p USING (call_id)';

export const sql = {
  /** Reports of one name or one content take turns. $1 number that stands for it. */
  takeTurns: {
    name: 'outcomes.take-turns',
    text: 'SELECT pg_advisory_xact_lock($1::bigint)',
  },
  byId: { name: 'outcomes.by-id', text: `SELECT ${columns} ${joined} WHERE o.outcome_id = $1` },
  /** $1 role, $2 subject, $3 key. */
  byKey: {
    name: 'outcomes.by-key',
    text: `SELECT ${columns} ${joined} WHERE o.role = $1 AND o.subject = $2 AND o.idempotency_key = $3`,
  },
  /** The report that stands under a hospital's own name for it. $1 hospital, $2 report. */
  byReport: {
    name: 'outcomes.by-report',
    text: `SELECT ${columns} ${joined} WHERE o.hospital_id = $1 AND o.report_id = $2 AND o.state <> 'superseded'`,
  },
  /** The same content from the same hospital. $1 hospital, $2 content. */
  byContent: {
    name: 'outcomes.by-content',
    text: `
      SELECT ${columns} ${joined}
      WHERE o.hospital_id = $1 AND o.content_token = $2::bigint AND o.state <> 'superseded'
      ORDER BY o.place LIMIT 1`,
  },
  /** What counts of some calls, in the order it came. $1 calls. */
  counting: {
    name: 'outcomes.counting',
    text: `
      SELECT outcome_id, call_id, hospital_id, received_at, sealed FROM outcomes
      WHERE call_id = ANY($1) AND state = 'matched' ORDER BY place`,
  },
  /** Reports whose call is certain, of some calls. $1 calls. */
  told: {
    name: 'outcomes.told',
    text: `
      SELECT outcome_id, call_id, hospital_id, received_at, sealed FROM outcomes
      WHERE call_id = ANY($1) AND state IN ('matched', 'unmatched') ORDER BY place`,
  },
  /** $1 id, $2 hospital, $3 report, $4 call, $5 state, $6 reason, $7 corrects, $8 disposition, $9 arrived, $10 received, $11 role, $12 subject, $13 source, $14 key, $15 content, $16 sealed. */
  add: {
    name: 'outcomes.add',
    text: `
      INSERT INTO outcomes (outcome_id, hospital_id, report_id, call_id, state, reason, corrects, disposition, arrived_at,
                            received_at, role, subject, source, idempotency_key, content_token, sealed)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15::bigint, $16)
      ON CONFLICT (role, subject, idempotency_key) WHERE idempotency_key IS NOT NULL DO NOTHING`,
  },
  supersede: {
    name: 'outcomes.supersede',
    text: `UPDATE outcomes SET state = 'superseded' WHERE outcome_id = $1 AND state <> 'superseded'`,
  },
  /** A person says which call it is; not of what was corrected meanwhile. $1 outcome, $2 call or null, $3 state, $4 reason. */
  decide: {
    name: 'outcomes.decide',
    text: `
      UPDATE outcomes SET call_id = $2, state = $3, reason = $4 WHERE outcome_id = $1 AND state <> 'superseded'`,
  },
  /** The patient of the call is known now: reports that waited for that count from now on. $1 call. */
  admitWaiting: {
    name: 'outcomes.admit-waiting',
    text: `UPDATE outcomes SET state = 'matched', reason = NULL WHERE call_id = $1 AND state = 'unmatched'`,
  },
  /** $1 calls, $2 time. */
  writtenBack: {
    name: 'outcomes.written-back',
    text: `
      UPDATE outcomes SET written_back_at = $2
      WHERE call_id = ANY($1) AND state = 'matched' AND written_back_at IS NULL RETURNING outcome_id`,
  },
  /** Not in the history of anybody any more. $1 outcome. */
  takenOut: {
    name: 'outcomes.taken-out',
    text: 'UPDATE outcomes SET written_back_at = NULL WHERE outcome_id = $1',
  },
  /** Latest first. $1 state or null, $2 hospital or null, $3 at most. */
  list: {
    name: 'outcomes.list',
    text: `
      SELECT ${columns} ${joined}
      WHERE ($1::text IS NULL OR o.state = $1) AND ($2::text IS NULL OR o.hospital_id = $2)
      ORDER BY o.received_at DESC, o.place DESC LIMIT $3`,
  },
} as const;

/** A report as stored, with the call's number and the resident it was settled to be about. */
export interface StoredOutcome {
  readonly outcomeId: string;
  readonly hospitalId: string;
  readonly reportId: string | null;
  readonly callId: string | null;
  readonly callNumber: number | null;
  readonly residentId: string | null;
  readonly state: OutcomeState;
  readonly reason: string | null;
  readonly corrects: string | null;
  readonly receivedAt: string;
  readonly writtenBackAt: string | null;
  readonly source: 'json' | 'fhir';
  readonly contentToken: string;
  readonly sealed: Buffer;
}

interface Row {
  outcome_id: string;
  hospital_id: string;
  report_id: string | null;
  call_id: string | null;
  number: number | null;
  resident_id: string | null;
  state: OutcomeState;
  reason: string | null;
  corrects: string | null;
  received_at: Date;
  written_back_at: Date | null;
  source: 'json' | 'fhir';
  content_token: string;
  sealed: Buffer;
}

const stored = (row: Row): StoredOutcome => ({
  outcomeId: row.outcome_id,
  hospitalId: row.hospital_id,
  reportId: row.report_id,
  callId: row.call_id,
  callNumber: row.number,
  residentId: row.resident_id,
  state: row.state,
  reason: row.reason,
  corrects: row.corrects,
  receivedAt: row.received_at.toISOString(),
  writtenBackAt: row.written_back_at?.toISOString() ?? null,
  source: row.source,
  contentToken: row.content_token,
  sealed: row.sealed,
});

async function one(
  db: Executor,
  statement: { name: string; text: string },
  values: unknown[],
): Promise<StoredOutcome | null> {
  const { rows } = await db.query<Row & { [column: string]: unknown }>({ ...statement, values });
  return rows[0] ? stored(rows[0]) : null;
}

export async function takeTurns(tx: Executor, token: string): Promise<void> {
  await tx.query({ ...sql.takeTurns, values: [token] });
}
export const findOutcome = (db: Executor, outcomeId: string) => one(db, sql.byId, [outcomeId]);
export const findOutcomeByKey = (db: Executor, role: string, subject: string, key: string) =>
  one(db, sql.byKey, [role, subject, key]);
export const findOutcomeByReport = (db: Executor, hospitalId: string, reportId: string) =>
  one(db, sql.byReport, [hospitalId, reportId]);
export const findOutcomeByContent = (db: Executor, hospitalId: string, token: string) =>
  one(db, sql.byContent, [hospitalId, token]);

export const findCounting = (db: Executor, seal: Seal, callIds: readonly string[]) =>
  outcomesOf(db, seal, sql.counting, callIds);

/** The same with those that wait to be told whose call it was: of their call itself nobody doubts. */
export const findTold = (db: Executor, seal: Seal, callIds: readonly string[]) =>
  outcomesOf(db, seal, sql.told, callIds);

async function outcomesOf(
  db: Executor,
  seal: Seal,
  statement: { name: string; text: string },
  callIds: readonly string[],
): Promise<CountingOutcome[]> {
  const { rows } = await db.query<{
    outcome_id: string;
    call_id: string;
    hospital_id: string;
    received_at: Date;
    sealed: Buffer;
  }>({ ...statement, values: [callIds] });
  return rows.map((row) => ({
    outcomeId: row.outcome_id,
    callId: row.call_id,
    hospitalId: row.hospital_id,
    receivedAt: row.received_at.toISOString(),
    outcome: seal.open<Outcome>(row.sealed, outcomeContext(row.outcome_id)),
  }));
}

export interface NewOutcome {
  readonly outcomeId: string;
  readonly hospitalId: string;
  readonly callId: string | null;
  readonly state: OutcomeState;
  readonly reason: string | null;
  readonly corrects: string | null;
  readonly receivedAt: Instant;
  readonly actor: { readonly role: string; readonly subject: string };
  readonly source: 'json' | 'fhir';
  readonly idempotencyKey: string | null;
  readonly contentToken: string;
  readonly outcome: Outcome;
  readonly disposition: Disposition | null;
}

/** Whether it was stored; false where its Idempotency-Key was used before. */
export async function addOutcome(tx: Executor, seal: Seal, given: NewOutcome): Promise<boolean> {
  const { rowCount } = await tx.query({
    ...sql.add,
    values: [
      given.outcomeId,
      given.hospitalId,
      given.outcome.reportId ?? null,
      given.callId,
      given.state,
      given.reason,
      given.corrects,
      given.disposition,
      given.outcome.arrivedAt ?? null,
      rfc3339(given.receivedAt),
      given.actor.role,
      given.actor.subject,
      given.source,
      given.idempotencyKey,
      given.contentToken,
      seal.close(given.outcome, outcomeContext(given.outcomeId)),
    ],
  });
  return rowCount === 1;
}

/** Whether it stood until now. */
export async function supersedeOutcome(tx: Executor, outcomeId: string): Promise<boolean> {
  return (await tx.query({ ...sql.supersede, values: [outcomeId] })).rowCount === 1;
}

/** Whether it stood until now. */
export async function decideOutcome(
  tx: Executor,
  outcomeId: string,
  decided: { readonly callId: string | null; readonly state: OutcomeState; readonly reason: string | null },
): Promise<boolean> {
  const values = [outcomeId, decided.callId, decided.state, decided.reason];
  return (await tx.query({ ...sql.decide, values })).rowCount === 1;
}

export async function admitWaiting(tx: Executor, callId: string): Promise<void> {
  await tx.query({ ...sql.admitWaiting, values: [callId] });
}

/** Outcomes that are part of a history from now on. */
export async function markWrittenBack(tx: Executor, callIds: readonly string[], at: Instant): Promise<string[]> {
  const { rows } = await tx.query<{ outcome_id: string }>({ ...sql.writtenBack, values: [callIds, rfc3339(at)] });
  return rows.map((row) => row.outcome_id);
}

export async function takeOut(tx: Executor, outcomeId: string): Promise<void> {
  await tx.query({ ...sql.takenOut, values: [outcomeId] });
}

export async function listOutcomes(
  db: Executor,
  filter: { readonly state: OutcomeState | null; readonly hospitalId: string | null },
  atMost: number,
): Promise<StoredOutcome[]> {
  const { rows } = await db.query<Row & { [column: string]: unknown }>({
    ...sql.list,
    values: [filter.state, filter.hospitalId, atMost],
  });
  return rows.map(stored);
}
