/** First responders and their alerts in PostgreSQL. */
import type { Executor } from '../database/pool.ts';
import type { Position, PositionInput } from '../domain/position.ts';
import { type Instant, rfc3339 } from '../domain/time.ts';
import type { Responder } from './responders.ts';
import type { AlertStatus, ResponderChannel, ResponderKind } from './responders-schema.ts';

const alertColumns = `
  a.alert_id, a.call_id, a.responder_id, a.status, a.distance_metres, a.predicted_seconds, a.alerted_at, a.answered_at,
  a.on_scene_at, r.kind, r.sealed, r.channels, ST_X(r.place) AS lon, ST_Y(r.place) AS lat,
  (SELECT CASE WHEN count(*) = 0 THEN 'none' WHEN bool_or(d.delivered_at IS NOT NULL) THEN 'delivered'
               WHEN bool_and(d.failure IS NOT NULL) THEN 'failing' ELSE 'waiting' END
   FROM responder_deliveries d WHERE d.alert_id = a.alert_id AND d.kind = 'alert') AS delivery`;

export const sql = {
  /** $1 id, $2 kind, $3 lon, $4 lat, $5 as given, $6 on duty, $7 from, $8 to, $9 channels, $10 sealed, $11 now. */
  put: {
    name: 'responders.put',
    text: `
      INSERT INTO responders (responder_id, kind, place, raw_position, on_duty, from_minute, to_minute, channels, sealed, updated_at)
      VALUES ($1, $2, ST_SetSRID(ST_MakePoint($3, $4), 4326), $5, $6, $7, $8, $9, $10, $11)
      ON CONFLICT (responder_id) DO UPDATE SET
        kind = excluded.kind, place = excluded.place, raw_position = excluded.raw_position, on_duty = excluded.on_duty,
        from_minute = excluded.from_minute, to_minute = excluded.to_minute, channels = excluded.channels,
        sealed = excluded.sealed, updated_at = excluded.updated_at`,
  },
  list: {
    name: 'responders.list',
    text: `
      SELECT responder_id, kind, ST_X(place) AS lon, ST_Y(place) AS lat, on_duty, from_minute, to_minute, channels, sealed
      FROM responders ORDER BY kind, responder_id`,
  },
  /**
   * Those nearest to a place that are on duty now and on no call, some of the people and some of the equipment.
   * $1 lon, $2 lat, $3 minute of the day, $4 people at most, $5 defibrillators at most.
   */
  nearest: {
    name: 'responders.nearest',
    text: `
      SELECT n.* FROM (VALUES (true, $4::int), (false, $5::int)) AS asked (people, most), LATERAL (
        SELECT r.responder_id, r.kind, ST_X(r.place) AS lon, ST_Y(r.place) AS lat
        FROM responders r
        WHERE (r.kind <> 'defibrillator') = asked.people AND r.on_duty
          AND (r.from_minute IS NULL
               OR CASE WHEN r.from_minute <= r.to_minute THEN $3::int >= r.from_minute AND $3::int < r.to_minute
                       ELSE $3::int >= r.from_minute OR $3::int < r.to_minute END)
          AND NOT EXISTS (SELECT FROM responder_alerts b WHERE b.responder_id = r.responder_id
                          AND b.status IN ('alerted', 'accepted', 'on-scene'))
        ORDER BY r.place <-> ST_SetSRID(ST_MakePoint($1::float8, $2::float8), 4326) LIMIT asked.most
      ) n`,
  },
  /** Live calls somebody should be offered for and nobody was, where they are now: priority 1, or warned of. */
  unoffered: {
    name: 'responders.unoffered',
    text: `
      SELECT c.call_id, c.number, c.lon, c.lat FROM calls c LEFT JOIN responder_offers o USING (call_id)
      WHERE c.status NOT IN ('closed', 'cancelled') AND c.on_scene_at IS NULL AND c.lon IS NOT NULL
        AND (c.priority = 1 OR c.warnings <> '{}') AND (o.call_id IS NULL OR o.lon <> c.lon OR o.lat <> c.lat)
      ORDER BY c.received_at LIMIT 50`,
  },
  /** Ours to offer? No row where another instance was faster. $1 call, $2 lon, $3 lat, $4 now. */
  markOffered: {
    name: 'responders.mark-offered',
    text: `
      INSERT INTO responder_offers AS o (call_id, lon, lat, offered_at) VALUES ($1, $2, $3, $4)
      ON CONFLICT (call_id) DO UPDATE SET lon = excluded.lon, lat = excluded.lat, offered_at = excluded.offered_at
      WHERE o.lon <> excluded.lon OR o.lat <> excluded.lat RETURNING call_id`,
  },
  /** Offers nobody took up fall away before new ones are made. $1 call. */
  dropOffers: {
    name: 'responders.drop-offers',
    text: "DELETE FROM responder_alerts WHERE call_id = $1 AND status = 'offered'",
  },
  /** $1 alert, $2 call, $3 responder, $4 metres, $5 seconds, $6 now. */
  offer: {
    name: 'responders.offer',
    text: `
      INSERT INTO responder_alerts (alert_id, call_id, responder_id, status, distance_metres, predicted_seconds, offered_at)
      VALUES ($1, $2, $3, 'offered', $4, $5, $6) ON CONFLICT (call_id, responder_id) DO NOTHING`,
  },
  /** $1 responder. */
  byId: {
    name: 'responders.by-id',
    text: `
      SELECT responder_id, kind, ST_X(place) AS lon, ST_Y(place) AS lat, on_duty, from_minute, to_minute, channels, sealed
      FROM responders WHERE responder_id = $1`,
  },
  /** $1 call. */
  ofCall: {
    name: 'responders.of-call',
    text: `
      SELECT ${alertColumns} FROM responder_alerts a JOIN responders r USING (responder_id)
      WHERE a.call_id = $1 ORDER BY r.kind = 'defibrillator', a.predicted_seconds, a.responder_id`,
  },
  /** $1 alert. */
  alert: {
    name: 'responders.alert',
    text: `SELECT ${alertColumns} FROM responder_alerts a JOIN responders r USING (responder_id) WHERE a.alert_id = $1`,
  },
  /** $1 hash of the key. */
  byAnswer: {
    name: 'responders.by-answer',
    text: 'SELECT alert_id FROM responder_alerts WHERE answer_hash = $1',
  },
  /** Unless somebody else has them: the index on busy responders says so. $1 call, $2 responder, $3 now, $4 answer hash. */
  beginAlert: {
    name: 'responders.begin-alert',
    text: `
      UPDATE responder_alerts SET status = 'alerted', alerted_at = $3, answered_at = NULL, ended_at = NULL, answer_hash = $4
      WHERE call_id = $1 AND responder_id = $2 AND status IN ('offered', 'declined', 'stood-down')
        AND NOT EXISTS (SELECT FROM responder_alerts b WHERE b.responder_id = $2
                        AND b.status IN ('alerted', 'accepted', 'on-scene'))
      RETURNING alert_id`,
  },
  /** $1 alert, $2 from these, $3 to this, $4 at. */
  answer: {
    name: 'responders.answer',
    text: `
      UPDATE responder_alerts SET status = $3, answered_at = coalesce(answered_at, $4::timestamptz),
             on_scene_at = CASE WHEN $3 = 'on-scene' THEN $4::timestamptz ELSE on_scene_at END,
             ended_at = CASE WHEN $3 IN ('declined', 'stood-down') THEN $4::timestamptz END
      WHERE alert_id = $1 AND status = ANY($2) RETURNING call_id, responder_id`,
  },
  /** Alerts of calls that are over. */
  left: {
    name: 'responders.left',
    text: `
      SELECT a.alert_id, a.call_id FROM responder_alerts a JOIN calls c USING (call_id)
      WHERE a.status IN ('alerted', 'accepted', 'on-scene') AND c.status IN ('closed', 'cancelled') LIMIT 100`,
  },
  /** $1 delivery, $2 alert, $3 kind, $4 channel, $5 sealed, $6 now. */
  deliver: {
    name: 'responders.deliver',
    text: `
      INSERT INTO responder_deliveries AS d (delivery_id, alert_id, kind, channel, sealed, created_at, due_at)
      VALUES ($1, $2, $3, $4, $5, $6, $6)
      ON CONFLICT (alert_id, kind, channel) DO UPDATE SET sealed = excluded.sealed, created_at = excluded.created_at,
        due_at = excluded.due_at, attempts = 0, delivered_at = NULL, failure = NULL`,
  },
  /** Takes what is due; due again after a lease that grows with the attempts. $1 now, $2 at most. */
  take: {
    name: 'responders.take-deliveries',
    text: `
      WITH due AS (
        SELECT delivery_id FROM responder_deliveries WHERE due_at <= $1 ORDER BY due_at LIMIT $2 FOR UPDATE SKIP LOCKED
      )
      UPDATE responder_deliveries d SET attempts = d.attempts + 1,
             due_at = $1::timestamptz + least(60, 10 * 2 ^ least(d.attempts, 3)) * interval '1 second'
      FROM due, responder_alerts a JOIN responders r USING (responder_id)
      WHERE d.delivery_id = due.delivery_id AND a.alert_id = d.alert_id
      RETURNING d.delivery_id, d.kind, d.channel, d.sealed, d.created_at, d.attempts, r.responder_id, r.sealed AS contact`,
  },
  /** $1 delivery, $2 at. */
  delivered: {
    name: 'responders.delivered',
    text: 'UPDATE responder_deliveries SET delivered_at = $2, due_at = NULL, failure = NULL WHERE delivery_id = $1',
  },
  /** $1 delivery, $2 why, $3 whether for good. */
  failed: {
    name: 'responders.delivery-failed',
    text: `
      UPDATE responder_deliveries SET failure = $2, due_at = CASE WHEN $3 THEN NULL ELSE due_at END
      WHERE delivery_id = $1 AND delivered_at IS NULL`,
  },
} as const;

export interface ResponderRow {
  responder_id: string;
  kind: ResponderKind;
  lon: number;
  lat: number;
  on_duty: boolean;
  from_minute: number | null;
  to_minute: number | null;
  channels: ResponderChannel[];
  sealed: Buffer;
}

export interface AlertRow {
  alert_id: string;
  call_id: string;
  responder_id: string;
  status: AlertStatus;
  distance_metres: number;
  predicted_seconds: number;
  alerted_at: Date | null;
  answered_at: Date | null;
  on_scene_at: Date | null;
  kind: ResponderKind;
  sealed: Buffer;
  channels: ResponderChannel[];
  lon: number;
  lat: number;
  delivery: 'none' | 'waiting' | 'delivered' | 'failing';
}

export interface NewResponder {
  readonly responderId: string;
  readonly kind: ResponderKind;
  readonly position: Position;
  readonly raw: PositionInput;
  readonly onDuty: boolean;
  readonly fromMinute: number | null;
  readonly toMinute: number | null;
  readonly channels: readonly ResponderChannel[];
  readonly sealed: Buffer;
}

export async function putResponder(db: Executor, given: NewResponder, now: Instant): Promise<void> {
  const { responderId, kind, position, raw, onDuty, fromMinute, toMinute, channels, sealed } = given;
  await db.query({
    ...sql.put,
    values: [
      responderId,
      kind,
      position.lon,
      position.lat,
      JSON.stringify(raw),
      onDuty,
      fromMinute,
      toMinute,
      channels,
      sealed,
      rfc3339(now),
    ],
  });
}

export const listResponders = async (db: Executor): Promise<ResponderRow[]> =>
  (await db.query<ResponderRow>(sql.list)).rows;

export async function findResponder(db: Executor, responderId: string): Promise<ResponderRow | null> {
  return (await db.query<ResponderRow>({ ...sql.byId, values: [responderId] })).rows[0] ?? null;
}

const PEOPLE_LOOKED_AT = 20;
const EQUIPMENT_LOOKED_AT = 5;

export async function nearestResponders(db: Executor, { lon, lat }: Position, minute: number): Promise<Responder[]> {
  const { rows } = await db.query<{ responder_id: string; kind: ResponderKind; lon: number; lat: number }>({
    ...sql.nearest,
    values: [lon, lat, minute, PEOPLE_LOOKED_AT, EQUIPMENT_LOOKED_AT],
  });
  return rows.map((row) => ({
    responderId: row.responder_id,
    kind: row.kind,
    position: { lon: row.lon, lat: row.lat, crs: 'wgs84' },
  }));
}

export interface UnofferedCall {
  readonly callId: string;
  readonly number: number;
  readonly position: Position;
}

export async function unofferedCalls(db: Executor): Promise<UnofferedCall[]> {
  const { rows } = await db.query<{ call_id: string; number: number; lon: number; lat: number }>(sql.unoffered);
  return rows.map(({ call_id: callId, number, lon, lat }) => ({
    callId,
    number,
    position: { lon, lat, crs: 'wgs84' },
  }));
}

/** Whether it is ours to offer. */
export async function markOffered(
  tx: Executor,
  callId: string,
  { lon, lat }: Position,
  now: Instant,
): Promise<boolean> {
  const { rowCount } = await tx.query({ ...sql.markOffered, values: [callId, lon, lat, rfc3339(now)] });
  if (rowCount !== 1) return false;
  await tx.query({ ...sql.dropOffers, values: [callId] });
  return true;
}

export interface NewOffer {
  readonly alertId: string;
  readonly callId: string;
  readonly responderId: string;
  readonly distanceMetres: number;
  readonly predictedSeconds: number;
}

export async function insertOffer(tx: Executor, offer: NewOffer, now: Instant): Promise<void> {
  const { alertId, callId, responderId, distanceMetres, predictedSeconds } = offer;
  await tx.query({
    ...sql.offer,
    values: [alertId, callId, responderId, distanceMetres, predictedSeconds, rfc3339(now)],
  });
}

export async function alertsOfCall(db: Executor, callId: string): Promise<AlertRow[]> {
  return (await db.query<AlertRow>({ ...sql.ofCall, values: [callId] })).rows;
}

export async function findAlert(db: Executor, alertId: string): Promise<AlertRow | null> {
  return (await db.query<AlertRow>({ ...sql.alert, values: [alertId] })).rows[0] ?? null;
}

export async function findAlertByAnswer(db: Executor, hash: Buffer): Promise<string | null> {
  const { rows } = await db.query<{ alert_id: string }>({ ...sql.byAnswer, values: [hash] });
  return rows[0]?.alert_id ?? null;
}

/** The alert's id; null where the responder is on a call already. */
export async function beginAlert(
  tx: Executor,
  callId: string,
  responderId: string,
  now: Instant,
  answerHash: Buffer,
): Promise<string | null> {
  const { rows } = await tx.query<{ alert_id: string }>({
    ...sql.beginAlert,
    values: [callId, responderId, rfc3339(now), answerHash],
  });
  return rows[0]?.alert_id ?? null;
}

/** Whether it went from one of `from` to `to`. */
export async function answerAlert(
  tx: Executor,
  alertId: string,
  from: readonly AlertStatus[],
  to: AlertStatus,
  at: Instant,
): Promise<boolean> {
  return (await tx.query({ ...sql.answer, values: [alertId, from, to, rfc3339(at)] })).rowCount === 1;
}

export async function alertsLeft(db: Executor): Promise<{ readonly alertId: string; readonly callId: string }[]> {
  const { rows } = await db.query<{ alert_id: string; call_id: string }>(sql.left);
  return rows.map((row) => ({ alertId: row.alert_id, callId: row.call_id }));
}

export interface NewDelivery {
  readonly deliveryId: string;
  readonly alertId: string;
  readonly kind: 'alert' | 'over';
  readonly channel: ResponderChannel;
  readonly sealed: Buffer;
}

export async function putDelivery(tx: Executor, given: NewDelivery, now: Instant): Promise<void> {
  const { deliveryId, alertId, kind, channel, sealed } = given;
  await tx.query({ ...sql.deliver, values: [deliveryId, alertId, kind, channel, sealed, rfc3339(now)] });
}

export interface DueDelivery {
  delivery_id: string;
  kind: 'alert' | 'over';
  channel: ResponderChannel;
  sealed: Buffer;
  created_at: Date;
  attempts: number;
  responder_id: string;
  contact: Buffer;
}

export async function takeDeliveries(db: Executor, now: Instant, atMost: number): Promise<DueDelivery[]> {
  return (await db.query<DueDelivery>({ ...sql.take, values: [rfc3339(now), atMost] })).rows;
}

export async function markDelivered(db: Executor, deliveryId: string, at: Instant): Promise<void> {
  await db.query({ ...sql.delivered, values: [deliveryId, rfc3339(at)] });
}

export async function markFailed(db: Executor, deliveryId: string, why: string, forGood: boolean): Promise<void> {
  await db.query({ ...sql.failed, values: [deliveryId, why, forGood] });
}
