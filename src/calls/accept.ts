/** Accepting calls: one statement for all that wait writes call, decision, event, access lines and idempotency key. */
import { plainArray, textArray } from '../database/array-literal.ts';
import { type Pile, pile } from '../database/pile.ts';
import type { Executor } from '../database/pool.ts';
import type { CallStatus } from '../domain/vocabulary.ts';

/** All that accepting a call writes. Times are RFC 3339. */
export interface CallRecord {
  readonly callId: string;
  readonly status: CallStatus;
  readonly channel: string;
  readonly complaint: string;
  readonly priority: number;
  readonly vehicleType: string;
  readonly receivedAt: string;
  readonly responseDueAt: string;
  readonly decidedAt: string;
  readonly residentId: string | null;
  readonly lon: number | null;
  readonly lat: number | null;
  readonly rawPosition: unknown;
  readonly uncertaintyMetres: number | null;
  readonly locationSource: string | null;
  readonly subdistrictCode: string | null;
  readonly flags: readonly string[];
  readonly protocolVersion: string;
  /** The intake as accepted. */
  readonly sealedIntake: Buffer;
  /** Facts, matches, recommendation and units shown. */
  readonly sealedDecision: Buffer;
  /** What the event says; nothing that names a person. */
  readonly eventData: unknown;
  readonly actor: { readonly role: string; readonly subject: string };
  /** Residents whose history the decision read. */
  readonly historiesRead: readonly string[];
  readonly idempotency: { readonly key: string; readonly bodyHash: Buffer } | null;
}

export interface Accepted {
  readonly number: number;
  readonly seq: number;
}

export const intakeContext = (callId: string) => `call:${callId}:intake`;
export const decisionContext = (callId: string, revision: number) => `call:${callId}:decision:${revision}`;
const actorName = (actor: CallRecord['actor']) => `${actor.role}:${actor.subject}`;

interface Piles {
  readonly intakes: Pile;
  readonly decisions: Pile;
}
type Column = readonly [
  name: string,
  type: string,
  of: (call: CallRecord, n: number, piles: Piles) => string | number | null | undefined,
];

/** Typed columns in the order of the parallel arrays; the one place that order is written. */
const columns: readonly Column[] = [
  ['call_id', 'text', (c) => c.callId],
  ['status', 'text', (c) => c.status],
  ['channel', 'text', (c) => c.channel],
  ['complaint', 'text', (c) => c.complaint],
  ['priority', 'smallint', (c) => c.priority],
  ['vehicle_type', 'text', (c) => c.vehicleType],
  ['received_at', 'timestamptz', (c) => c.receivedAt],
  ['response_due_at', 'timestamptz', (c) => c.responseDueAt],
  ['accepted_at', 'timestamptz', (c) => c.decidedAt],
  ['resident_id', 'text', (c) => c.residentId],
  ['lon', 'float8', (c) => c.lon],
  ['lat', 'float8', (c) => c.lat],
  ['raw_position', 'jsonb', (c) => (c.rawPosition ? JSON.stringify(c.rawPosition) : null)],
  ['uncertainty_metres', 'float8', (c) => c.uncertaintyMetres],
  ['location_source', 'text', (c) => c.locationSource],
  ['subdistrict_code', 'text', (c) => c.subdistrictCode],
  ['flags', 'text', (c) => `{${c.flags.join(',')}}`],
  ['sealed_start', 'int', (_, n, { intakes }) => intakes.starts[n]],
  ['sealed_length', 'int', (_, n, { intakes }) => intakes.lengths[n]],
  ['protocol_version', 'text', (c) => c.protocolVersion],
  ['decision_start', 'int', (_, n, { decisions }) => decisions.starts[n]],
  ['decision_length', 'int', (_, n, { decisions }) => decisions.lengths[n]],
  ['event_data', 'jsonb', (c) => JSON.stringify(c.eventData)],
  ['role', 'text', (c) => c.actor.role],
  ['subject', 'text', (c) => c.actor.subject],
  ['histories', 'text', (c) => `{${c.historiesRead.map((id) => JSON.stringify(id)).join(',')}}`],
  ['actor', 'text', (c) => actorName(c.actor)],
  ['key', 'text', (c) => c.idempotency?.key ?? null],
  ['body_hash', 'bytea', (c) => c.idempotency && `\\x${c.idempotency.bodyHash.toString('hex')}`],
];

const numeric = new Set(['smallint', 'int', 'float8']);
const literalOf = (type: string, values: readonly (string | number | null | undefined)[]) =>
  numeric.has(type) ? plainArray(values) : textArray(values as readonly (string | null | undefined)[]);

export const sql = {
  /** Accepts calls. $1 and $2 piles of intakes and decisions, then an array a column. A call whose Idempotency-Key was used before is left out of the answer. */
  accept: {
    name: 'calls.accept',
    text: `
      WITH input AS (
        SELECT i.*, substring($1::bytea FROM sealed_start FOR sealed_length) AS sealed,
               substring($2::bytea FROM decision_start FOR decision_length) AS decision
        FROM unnest(${columns.map(([, type], i) => `$${i + 3}::${type}[]`).join(', ')})
          WITH ORDINALITY AS i (${columns.map(([name]) => name).join(', ')}, n)
      ), claimed AS (
        INSERT INTO idempotency_keys (actor, key, body_hash, call_id, created_at)
        SELECT actor, key, body_hash, call_id, accepted_at FROM input WHERE key IS NOT NULL
        ORDER BY actor, key -- two instances claim in one order, or each would wait for the other
        ON CONFLICT DO NOTHING
        RETURNING call_id
      ), accepted AS (
        SELECT i.*, row_number() OVER (ORDER BY i.n) AS place
        FROM input i WHERE i.key IS NULL OR i.call_id IN (SELECT call_id FROM claimed)
      ), head AS (
        UPDATE event_head SET seq = seq + (SELECT count(*) FROM accepted)
        RETURNING seq - (SELECT count(*) FROM accepted) AS base
      ), stored AS (
        INSERT INTO calls (call_id, status, channel, complaint, priority, vehicle_type, received_at, response_due_at,
                           accepted_at, resident_id, lon, lat, raw_position, uncertainty_metres, location_source,
                           subdistrict_code, flags, sealed)
        SELECT call_id, status, channel, complaint, priority, vehicle_type, received_at, response_due_at, accepted_at,
               resident_id, lon, lat, raw_position, uncertainty_metres, location_source, subdistrict_code,
               flags::text[], sealed
        FROM accepted ORDER BY place
        RETURNING call_id, number
      ), decided AS (
        INSERT INTO decisions (call_id, revision, decided_at, protocol_version, sealed)
        SELECT call_id, 1, accepted_at, protocol_version, decision FROM accepted
      ), told AS (
        INSERT INTO events (seq, type, at, call_id, data)
        SELECT head.base + place, 'call.received', accepted_at, call_id,
               event_data || jsonb_build_object('number', s.number)
        FROM accepted JOIN stored s USING (call_id), head
      ), read AS (
        INSERT INTO access_log (at, role, subject, resident_id, call_id, purpose)
        SELECT accepted_at, role, subject, resident, call_id, 'intake'
        FROM accepted, unnest(histories::text[]) AS resident
      )
      SELECT a.call_id, s.number, head.base + a.place AS seq
      FROM accepted a JOIN stored s USING (call_id), head`,
  },
  /** The first answer given under an Idempotency-Key. $1 actor, $2 key. */
  firstAnswer: {
    name: 'calls.first-answer',
    text: `
      SELECT k.body_hash, c.call_id, c.number, d.sealed AS decision, e.seq
      FROM idempotency_keys k
      JOIN calls c USING (call_id)
      JOIN decisions d ON d.call_id = c.call_id AND d.revision = 1
      JOIN events e ON e.call_id = c.call_id AND e.type = 'call.received'
      WHERE k.actor = $1 AND k.key = $2`,
  },
} as const;

/** Accepts calls in one statement, which is one transaction. `null` where the Idempotency-Key was used before. */
export async function acceptCalls(db: Executor, calls: readonly CallRecord[]): Promise<readonly (Accepted | null)[]> {
  const piles: Piles = {
    intakes: pile(calls.map((call) => call.sealedIntake)),
    decisions: pile(calls.map((call) => call.sealedDecision)),
  };
  const { rows } = await db.query<{ call_id: string } & Accepted>({
    ...sql.accept,
    values: [
      piles.intakes.bytes,
      piles.decisions.bytes,
      ...columns.map(([, type, of]) =>
        literalOf(
          type,
          calls.map((call, n) => of(call, n, piles)),
        ),
      ),
    ],
  });
  const byId = new Map(rows.map((row) => [row.call_id, { number: row.number, seq: row.seq }]));
  return calls.map((call) => byId.get(call.callId) ?? null);
}

export interface FirstAnswer extends Accepted {
  readonly callId: string;
  readonly bodyHash: Buffer;
  readonly decision: Buffer;
}

export async function findFirstAnswer(
  db: Executor,
  actor: CallRecord['actor'],
  key: string,
): Promise<FirstAnswer | null> {
  const { rows } = await db.query<{
    body_hash: Buffer;
    call_id: string;
    number: number;
    decision: Buffer;
    seq: number;
  }>({ ...sql.firstAnswer, values: [actorName(actor), key] });
  const row = rows[0];
  return row
    ? { bodyHash: row.body_hash, callId: row.call_id, number: row.number, decision: row.decision, seq: row.seq }
    : null;
}
