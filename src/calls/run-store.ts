/** Calls as they are lived through: units claimed and given back, reports kept, clocks and status brought up to date. */
import type { Executor } from '../database/pool.ts';
import type { Position } from '../domain/position.ts';
import { type Instant, rfc3339 } from '../domain/time.ts';
import type { CallStatus, Capability, TimePoint, UnitStatus } from '../domain/vocabulary.ts';

export const sql = {
  /** The call, locked: whoever changes a call or a unit on it comes through here first. $1 call. */
  lockCall: {
    name: 'run.lock-call',
    text: `
      SELECT call_id, number, status, priority, received_at, response_due_at, on_scene_at, lon, lat, revision
      FROM calls WHERE call_id = $1 FOR UPDATE`,
  },
  unit: {
    name: 'run.unit',
    text: 'SELECT unit_id, status, call_id, capabilities, lon, lat FROM units WHERE unit_id = $1',
  },
  /** The claim: of any number at once exactly one finds the unit free. $1 unit, $2 call. */
  claim: {
    name: 'run.claim',
    text: `
      UPDATE units SET status = 'notified', call_id = $2, changed = pg_current_xact_id()
      WHERE unit_id = $1 AND call_id IS NULL AND status IN ('available', 'returning')
      RETURNING unit_id`,
  },
  /** $1 call, $2 unit, $3 at, $4 role, $5 subject, $6 shortfalls, $7 sealed reason, $8 predicted on scene. */
  assign: {
    name: 'run.assign',
    text: `
      INSERT INTO assignments (call_id, unit_id, assigned_at, role, subject, shortfalls, sealed_reason, predicted_on_scene_at)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
  },
  /** Ends what a unit is doing on a call. $1 call, $2 unit, $3 at, $4 ending. */
  endAssignment: {
    name: 'run.end-assignment',
    text: `
      UPDATE assignments SET ended_at = $3, ending = $4
      WHERE call_id = $1 AND unit_id = $2 AND ended_at IS NULL RETURNING unit_id`,
  },
  /** $1 unit, $2 status, $3 call it is on from now, or null. */
  setUnit: {
    name: 'run.set-unit',
    text: 'UPDATE units SET status = $2, call_id = $3, changed = pg_current_xact_id() WHERE unit_id = $1',
  },
  /** Units on the call now, with the points that count for each. $1 call. */
  active: {
    name: 'run.active',
    text: `
      SELECT a.unit_id, coalesce(array_agg(t.point) FILTER (WHERE t.point IS NOT NULL), '{}') AS points
      FROM assignments a
      LEFT JOIN time_points t ON t.call_id = a.call_id AND t.unit_id = a.unit_id AND t.counts AND t.at >= a.assigned_at
      WHERE a.call_id = $1 AND a.ended_at IS NULL
      GROUP BY a.unit_id ORDER BY a.unit_id`,
  },
  /** Whether the unit was ever sent to the call. $1 call, $2 unit. */
  wasAssigned: {
    name: 'run.was-assigned',
    text: 'SELECT EXISTS (SELECT FROM assignments WHERE call_id = $1 AND unit_id = $2) AS was',
  },
  /** Points that count for a unit on a call. $1 call, $2 unit. */
  counting: {
    name: 'run.counting',
    text: 'SELECT point, at FROM time_points WHERE call_id = $1 AND unit_id = $2 AND counts',
  },
  /** $1 call, $2 unit or null, $3 point, $4 at, $5 heard at, $6 role, $7 subject, $8 flags, $9 counts. */
  report: {
    name: 'run.report',
    text: `
      INSERT INTO time_points (call_id, unit_id, point, at, heard_at, role, subject, flags, counts)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
  },
  /** A unit sent again to the same call starts anew; what it reported the first time is kept and no longer counts. $1 call, $2 unit. */
  discount: {
    name: 'run.discount',
    text: 'UPDATE time_points SET counts = false WHERE call_id = $1 AND unit_id = $2 AND counts',
  },
  /**
   * The clocks from the reports that count of qualifying units: the first of them on scene gives the response and its
   * own drive the travel; the first of them at the patient ends the patient's clock. $1 call, $2 status.
   */
  bringUpToDate: {
    name: 'run.bring-up-to-date',
    text: `
      WITH runs AS (
        SELECT t.unit_id, min(t.at) FILTER (WHERE t.point = 'en-route') AS en_route,
               min(t.at) FILTER (WHERE t.point = 'on-scene') AS on_scene,
               min(t.at) FILTER (WHERE t.point = 'at-patient') AS at_patient
        FROM time_points t
        WHERE t.call_id = $1 AND t.counts
          AND EXISTS (SELECT FROM assignments a
                      WHERE a.call_id = t.call_id AND a.unit_id = t.unit_id AND a.shortfalls = '{}')
        GROUP BY t.unit_id
      ), first AS (
        SELECT * FROM runs WHERE on_scene IS NOT NULL ORDER BY on_scene, unit_id LIMIT 1
      )
      UPDATE calls SET status = $2, on_scene_at = (SELECT on_scene FROM first), en_route_at = (SELECT en_route FROM first),
             first_unit_id = (SELECT unit_id FROM first), at_patient_at = (SELECT min(at_patient) FROM runs)
      WHERE call_id = $1`,
  },
  /** $1 call, $2 closed or cancelled, $3 at, $4 sealed reason. */
  endCall: {
    name: 'run.end-call',
    text: 'UPDATE calls SET status = $2, ended_at = $3, end_reason = $4 WHERE call_id = $1',
  },
  /** A fire or volunteer responder is there: recorded apart. $1 call, $2 responder, $3 kind, $4 at, $5 heard at. */
  responderArrived: {
    name: 'run.responder-arrived',
    text: `
      INSERT INTO responder_arrivals (call_id, responder_id, kind, at, heard_at) VALUES ($1, $2, $3, $4, $5)
      ON CONFLICT DO NOTHING`,
  },
} as const;

export interface LockedCall {
  readonly callId: string;
  readonly number: number;
  readonly status: CallStatus;
  readonly revision: number;
  readonly receivedAt: Instant;
  readonly dueAt: Instant;
  /** Null: nobody knows where yet. */
  readonly position: Position | null;
  /** A qualifying ambulance is or was there. */
  readonly reached: boolean;
  readonly ended: boolean;
}

export async function lockCall(tx: Executor, callId: string): Promise<LockedCall | null> {
  const { rows } = await tx.query<{
    call_id: string;
    number: number;
    status: CallStatus;
    received_at: Date;
    response_due_at: Date;
    on_scene_at: Date | null;
    lon: number | null;
    lat: number | null;
    revision: number;
  }>({
    ...sql.lockCall,
    values: [callId],
  });
  const row = rows[0];
  return row
    ? {
        callId,
        number: row.number,
        status: row.status,
        revision: row.revision,
        receivedAt: row.received_at.getTime(),
        dueAt: row.response_due_at.getTime(),
        position: row.lon === null || row.lat === null ? null : { lon: row.lon, lat: row.lat, crs: 'wgs84' },
        reached: row.on_scene_at !== null,
        ended: row.status === 'closed' || row.status === 'cancelled',
      }
    : null;
}

export interface UnitNow {
  readonly unitId: string;
  readonly status: UnitStatus;
  readonly callId: string | null;
  readonly capabilities: readonly Capability[];
}

export async function findUnit(tx: Executor, unitId: string): Promise<UnitNow | null> {
  const { rows } = await tx.query<{
    unit_id: string;
    status: UnitStatus;
    call_id: string | null;
    capabilities: Capability[];
  }>({
    ...sql.unit,
    values: [unitId],
  });
  const row = rows[0];
  return row ? { unitId, status: row.status, callId: row.call_id, capabilities: row.capabilities } : null;
}

/** Whether this transaction has the unit now. */
export async function claimUnit(tx: Executor, unitId: string, callId: string): Promise<boolean> {
  const { rowCount } = await tx.query({ ...sql.claim, values: [unitId, callId] });
  return rowCount === 1;
}

export interface NewAssignment {
  readonly callId: string;
  readonly unitId: string;
  readonly at: Instant;
  readonly actor: { readonly role: string; readonly subject: string };
  readonly shortfalls: readonly string[];
  readonly sealedReason: Buffer | null;
  readonly predictedOnSceneAt: Instant | null;
}

export async function insertAssignment(tx: Executor, assignment: NewAssignment): Promise<void> {
  const { callId, unitId, at, actor, shortfalls, sealedReason, predictedOnSceneAt } = assignment;
  const predicted = predictedOnSceneAt === null ? null : rfc3339(predictedOnSceneAt);
  await tx.query({
    ...sql.assign,
    values: [callId, unitId, rfc3339(at), actor.role, actor.subject, shortfalls, sealedReason, predicted],
  });
}

/** Whether the unit was on the call. */
export async function endAssignment(
  tx: Executor,
  callId: string,
  unitId: string,
  at: Instant,
  ending: 'stood-down' | 'completed' | 'closed' | 'cancelled',
): Promise<boolean> {
  const { rowCount } = await tx.query({ ...sql.endAssignment, values: [callId, unitId, rfc3339(at), ending] });
  return rowCount === 1;
}

export async function setUnit(tx: Executor, unitId: string, status: UnitStatus, callId: string | null): Promise<void> {
  await tx.query({ ...sql.setUnit, values: [unitId, status, callId] });
}

export interface ActiveUnit {
  readonly unitId: string;
  readonly points: readonly TimePoint[];
}

export async function activeUnits(tx: Executor, callId: string): Promise<ActiveUnit[]> {
  const { rows } = await tx.query<{ unit_id: string; points: TimePoint[] }>({ ...sql.active, values: [callId] });
  return rows.map((row) => ({ unitId: row.unit_id, points: row.points }));
}

export async function wasAssigned(tx: Executor, callId: string, unitId: string): Promise<boolean> {
  const { rows } = await tx.query<{ was: boolean }>({ ...sql.wasAssigned, values: [callId, unitId] });
  return rows[0]?.was ?? false;
}

export async function countingPoints(
  tx: Executor,
  callId: string,
  unitId: string,
): Promise<{ point: TimePoint; at: Instant }[]> {
  const { rows } = await tx.query<{ point: TimePoint; at: Date }>({ ...sql.counting, values: [callId, unitId] });
  return rows.map((row) => ({ point: row.point, at: row.at.getTime() }));
}

export interface KeptReport {
  readonly callId: string;
  readonly unitId: string | null;
  readonly point: TimePoint;
  readonly at: Instant;
  readonly heardAt: Instant;
  readonly actor: { readonly role: string; readonly subject: string };
  readonly flags: readonly string[];
  readonly counts: boolean;
}

export async function keepReport(tx: Executor, report: KeptReport): Promise<void> {
  const { callId, unitId, point, at, heardAt, actor, flags, counts } = report;
  await tx.query({
    ...sql.report,
    values: [callId, unitId, point, rfc3339(at), rfc3339(heardAt), actor.role, actor.subject, flags, counts],
  });
}

export async function discountReports(tx: Executor, callId: string, unitId: string): Promise<void> {
  await tx.query({ ...sql.discount, values: [callId, unitId] });
}

export async function bringUpToDate(tx: Executor, callId: string, status: CallStatus): Promise<void> {
  await tx.query({ ...sql.bringUpToDate, values: [callId, status] });
}

export async function endCallRow(
  tx: Executor,
  callId: string,
  status: 'closed' | 'cancelled',
  at: Instant,
  sealedReason: Buffer,
): Promise<void> {
  await tx.query({ ...sql.endCall, values: [callId, status, rfc3339(at), sealedReason] });
}

export async function responderArrived(
  tx: Executor,
  callId: string,
  responder: { readonly responderId: string; readonly kind: string; readonly at: Instant; readonly heardAt: Instant },
): Promise<boolean> {
  const { rowCount } = await tx.query({
    ...sql.responderArrived,
    values: [callId, responder.responderId, responder.kind, rfc3339(responder.at), rfc3339(responder.heardAt)],
  });
  return rowCount === 1;
}
