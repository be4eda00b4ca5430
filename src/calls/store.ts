/** Calls in PostgreSQL after they were accepted: read, listed, decided anew. */
import type { Executor } from '../database/pool.ts';
import type { Position, PositionInput } from '../domain/position.ts';
import { rfc3339 } from '../domain/time.ts';
import type { CallStatus, Channel, LocationSource, Priority, UnitStatus, VehicleType } from '../domain/vocabulary.ts';
import type { CallRecord } from './accept.ts';
import type { CallView, UnitOnCall } from './schema.ts';

export interface CallRow {
  call_id: string;
  number: number;
  status: CallStatus;
  revision: number;
  channel: Channel;
  complaint: string;
  priority: Priority;
  vehicle_type: VehicleType;
  received_at: Date;
  response_due_at: Date;
  accepted_at: Date;
  resident_id: string | null;
  lon: number | null;
  lat: number | null;
  raw_position: PositionInput | null;
  uncertainty_metres: number | null;
  location_source: LocationSource | null;
  subdistrict_code: string | null;
  flags: string[];
  sealed: Buffer;
  /** First qualifying unit on scene: what stops the response clock. */
  on_scene_at: Date | null;
  /** Of the first qualifying unit on its way, as last looked at. */
  predicted_on_scene_at: Date | null;
  ended_at: Date | null;
}

export interface CallEvent {
  readonly seq: number;
  readonly type: string;
  readonly at: string;
  readonly data: unknown;
}

/** Marks a call decided without the history, until it is decided with it. */
export const HISTORY_UNAVAILABLE = 'history-unavailable';

export const sql = {
  /** A call with its latest decision. $1 call id. */
  byId: {
    name: 'calls.by-id',
    text: 'SELECT c.*, d.sealed AS decision FROM calls c JOIN decisions d USING (call_id, revision) WHERE c.call_id = $1',
  },
  /** Calls decided without the history, $1 at most; in no order, so that one that cannot be read holds up no other. */
  withoutHistory: {
    name: 'calls.without-history',
    text: `
      SELECT call_id FROM calls
      WHERE '${HISTORY_UNAVAILABLE}' = ANY(flags) AND status NOT IN ('closed', 'cancelled') ORDER BY random() LIMIT $1`,
  },
  /** $1 the call's number, as it is told by radio and telephone. */
  byNumber: {
    name: 'calls.by-number',
    text: 'SELECT c.*, d.sealed AS decision FROM calls c JOIN decisions d USING (call_id, revision) WHERE c.number = $1',
  },
  /** Several calls, each beside the call a unit is on now. $1 calls, $2 units or null, pairwise. */
  several: {
    name: 'calls.several',
    text: `
      SELECT c.*, i.n, u.call_id AS unit_call_id
      FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS i (call_id, unit_id, n)
      JOIN calls c USING (call_id) LEFT JOIN units u ON u.unit_id = i.unit_id`,
  },
  /** All decisions of a call, latest first. $1 call id. */
  decisions: {
    name: 'calls.decisions',
    text: 'SELECT revision, decided_at, sealed FROM decisions WHERE call_id = $1 ORDER BY revision DESC LIMIT 50',
  },
  /** Events of a call in order. $1 call id. */
  events: {
    name: 'calls.events',
    text: 'SELECT seq, type, at, data FROM events WHERE call_id = $1 ORDER BY seq',
  },
  /** Latest calls. $1 statuses, or null for all; $2 at most. */
  list: {
    name: 'calls.list',
    text: `
      SELECT * FROM calls
      WHERE $1::text[] IS NULL OR status = ANY($1)
      ORDER BY received_at DESC, number DESC LIMIT $2`,
  },
  /** Units on these calls now, first sent first. $1 calls. */
  unitsOn: {
    name: 'calls.units-on',
    text: `
      SELECT a.call_id, a.unit_id, u.status, a.predicted_on_scene_at
      FROM assignments a JOIN units u USING (unit_id)
      WHERE a.call_id = ANY($1) AND a.ended_at IS NULL ORDER BY a.assignment_id`,
  },
  /** Whether any call, or the one named, is live. $1 call id or null. */
  anyLive: {
    name: 'calls.any-live',
    text: `
      SELECT EXISTS (SELECT FROM calls
                     WHERE status NOT IN ('closed', 'cancelled') AND ($1::text IS NULL OR call_id = $1)) AS live`,
  },
  /**
   * A call decided anew, unless somebody else did first or it has ended: no row then. $1 call, $2 revision it was
   * decided from, $3…$12 the columns in the order written here, $13 sealed intake, $14 protocol version,
   * $15 sealed decision, $16 time, $17 event types, $18 event data, $19 role, $20 subject, $21 residents read, $22 flags, $23 response due at.
   */
  revise: {
    name: 'calls.revise',
    text: `
      WITH revised AS (
        UPDATE calls SET revision = revision + 1, complaint = $3, priority = $4, vehicle_type = $5, resident_id = $6,
               lon = $7, lat = $8, raw_position = $9, uncertainty_metres = $10, location_source = $11,
               subdistrict_code = $12, flags = $22, sealed = $13,
               response_due_at = $23
        WHERE call_id = $1 AND revision = $2 AND status NOT IN ('closed', 'cancelled')
        RETURNING call_id, revision, number
      ), head AS (
        UPDATE event_head SET seq = seq + cardinality($17::text[]) WHERE EXISTS (SELECT FROM revised)
        RETURNING seq - cardinality($17::text[]) AS base
      ), decided AS (
        INSERT INTO decisions (call_id, revision, decided_at, protocol_version, sealed)
        SELECT call_id, revision, $16::timestamptz, $14, $15 FROM revised
      ), told AS (
        INSERT INTO events (seq, type, at, call_id, data)
        SELECT head.base + t.place, t.type, $16::timestamptz, r.call_id,
               $18::jsonb || jsonb_build_object('number', r.number)
        FROM revised r, head, unnest($17::text[]) WITH ORDINALITY AS t (type, place)
      ), read AS (
        INSERT INTO access_log (at, role, subject, resident_id, call_id, purpose)
        SELECT $16::timestamptz, $19, $20, resident, r.call_id, 'intake' FROM revised r, unnest($21::text[]) AS resident
      )
      SELECT r.revision, head.base + cardinality($17::text[]) AS seq FROM revised r, head`,
  },
  /** Drops idempotency keys older than $1: a client that retries does so within minutes. */
  expireKeys: {
    name: 'calls.expire-keys',
    text: 'DELETE FROM idempotency_keys WHERE created_at < $1',
  },
} as const;

export async function findCall(db: Executor, callId: string): Promise<(CallRow & { decision: Buffer }) | null> {
  const { rows } = await db.query<CallRow & { decision: Buffer }>({ ...sql.byId, values: [callId] });
  return rows[0] ?? null;
}

export async function findWithoutHistory(db: Executor, atMost: number): Promise<string[]> {
  const { rows } = await db.query<{ call_id: string }>({ ...sql.withoutHistory, values: [atMost] });
  return rows.map((row) => row.call_id);
}

export interface CallToSearch {
  readonly call: CallRow;
  /** The call the unit asked about is on. */
  readonly unitCallId: string | null;
}

/** In the order asked for; null where there is none. */
export async function findCalls(
  db: Executor,
  asked: readonly { readonly callId: string; readonly unitId: string | null }[],
): Promise<readonly (CallToSearch | null)[]> {
  const { rows } = await db.query<CallRow & { n: number; unit_call_id: string | null }>({
    ...sql.several,
    values: [asked.map(({ callId }) => callId), asked.map(({ unitId }) => unitId)],
  });
  const found = new Map(rows.map((row) => [row.n, { call: row, unitCallId: row.unit_call_id }]));
  return asked.map((_, i) => found.get(i + 1) ?? null);
}

export async function findCallByNumber(db: Executor, number: number): Promise<(CallRow & { decision: Buffer }) | null> {
  const { rows } = await db.query<CallRow & { decision: Buffer }>({ ...sql.byNumber, values: [number] });
  return rows[0] ?? null;
}

/** Earliest first, of the last fifty. */
export async function findDecisions(
  db: Executor,
  callId: string,
): Promise<{ readonly revision: number; readonly decidedAt: number; readonly sealed: Buffer }[]> {
  const { rows } = await db.query<{ revision: number; decided_at: Date; sealed: Buffer }>({
    ...sql.decisions,
    values: [callId],
  });
  return rows
    .map((row) => ({ revision: row.revision, decidedAt: row.decided_at.getTime(), sealed: row.sealed }))
    .reverse();
}

export async function findEvents(db: Executor, callId: string): Promise<CallEvent[]> {
  const { rows } = await db.query<{ seq: number; type: string; at: Date; data: unknown }>({
    ...sql.events,
    values: [callId],
  });
  return rows.map((row) => ({ ...row, at: row.at.toISOString() }));
}

export async function listCalls(
  db: Executor,
  statuses: readonly CallStatus[] | null,
  atMost: number,
): Promise<CallRow[]> {
  const { rows } = await db.query<CallRow>({ ...sql.list, values: [statuses, atMost] });
  return rows;
}

/** By call; a call without units is not in it. */
export async function findUnitsOn(
  db: Executor,
  callIds: readonly string[],
): Promise<ReadonlyMap<string, UnitOnCall[]>> {
  const { rows } = await db.query<{
    call_id: string;
    unit_id: string;
    status: UnitStatus;
    predicted_on_scene_at: Date | null;
  }>({ ...sql.unitsOn, values: [callIds] });
  const byCall = new Map<string, UnitOnCall[]>();
  for (const row of rows) {
    const predictedOnSceneAt = row.predicted_on_scene_at?.toISOString() ?? null;
    const unit = { unitId: row.unit_id, status: row.status, predictedOnSceneAt };
    byCall.set(row.call_id, [...(byCall.get(row.call_id) ?? []), unit]);
  }
  return byCall;
}

export async function isLive(db: Executor, callId: string | null): Promise<boolean> {
  const { rows } = await db.query<{ live: boolean }>({ ...sql.anyLive, values: [callId] });
  return rows[0]?.live ?? false;
}

/** What a call carries after a change; `flags` last, as the statement has it. */
export type Revision = Omit<CallRecord, 'idempotency' | 'status' | 'channel' | 'receivedAt'> & {
  readonly eventTypes: readonly string[];
};

/** The sequence number of the last event written, or null where the call changed or ended in between. */
export async function reviseCall(db: Executor, from: number, to: Revision): Promise<number | null> {
  const { rows } = await db.query<{ revision: number; seq: number }>({
    ...sql.revise,
    values: [
      to.callId,
      from,
      to.complaint,
      to.priority,
      to.vehicleType,
      to.residentId,
      to.lon,
      to.lat,
      to.rawPosition ? JSON.stringify(to.rawPosition) : null,
      to.uncertaintyMetres,
      to.locationSource,
      to.subdistrictCode,
      to.sealedIntake,
      to.protocolVersion,
      to.sealedDecision,
      to.decidedAt,
      to.eventTypes,
      JSON.stringify(to.eventData),
      to.actor.role,
      to.actor.subject,
      to.historiesRead,
      to.flags,
      to.responseDueAt,
    ],
  });
  return rows[0]?.seq ?? null;
}

export async function expireIdempotencyKeys(db: Executor, before: number): Promise<number> {
  const { rowCount } = await db.query({ ...sql.expireKeys, values: [rfc3339(before)] });
  return rowCount ?? 0;
}

/** A row as the API shows it; the address comes from the sealed intake. */
export function callView(row: CallRow, address: string | null, timePoints: Record<string, string>): CallView {
  const position: Position | null =
    row.lon === null || row.lat === null ? null : { lon: row.lon, lat: row.lat, crs: 'wgs84' };
  return {
    callId: row.call_id,
    number: row.number,
    status: row.status,
    channel: row.channel,
    complaint: row.complaint,
    priority: row.priority,
    vehicleType: row.vehicle_type,
    receivedAt: row.received_at.toISOString(),
    responseDueAt: row.response_due_at.toISOString(),
    residentId: row.resident_id,
    location: {
      position,
      uncertaintyMetres: row.uncertainty_metres,
      source: row.location_source,
      address,
      subdistrictCode: row.subdistrict_code,
    },
    flags: row.flags,
    timePoints,
  };
}
