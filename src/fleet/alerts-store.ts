/** Who was offered for a call, alerted, and what came of it, in PostgreSQL. */
import type { Executor } from '../database/pool.ts';
import type { Position } from '../domain/position.ts';
import { type Instant, rfc3339 } from '../domain/time.ts';
import type { AlertStatus, ResponderChannel, ResponderKind } from './responders-schema.ts';

const alertColumns = `
  a.alert_id, a.call_id, a.responder_id, a.status, a.distance_metres, a.predicted_seconds, a.alerted_at,
  a.answer_due_at, a.answered_at, a.on_scene_at, r.kind, r.sealed, r.channels, ST_X(r.place) AS lon, ST_Y(r.place) AS lat,
  (SELECT CASE WHEN count(*) = 0 THEN 'none' WHEN bool_or(d.delivered_at IS NOT NULL) THEN 'delivered'
               WHEN bool_and(d.failure IS NOT NULL) THEN 'failing' ELSE 'waiting' END
   FROM responder_deliveries d WHERE d.alert_id = a.alert_id AND d.kind = 'alert') AS delivery`;

export const sql = {
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
  /** Unless somebody else has them: the index on busy responders says so. $1 call, $2 responder, $3 now, $4 answer hash, $5 answer due. */
  beginAlert: {
    name: 'responders.begin-alert',
    text: `
      UPDATE responder_alerts SET status = 'alerted', alerted_at = $3, answer_due_at = $5, answered_at = NULL,
             ended_at = NULL, answer_hash = $4
      WHERE call_id = $1 AND responder_id = $2 AND status IN ('offered', 'declined', 'stood-down', 'lapsed')
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
  /** Alerts whose answer is overdue. $1 now. */
  overdue: {
    name: 'responders.overdue',
    text: `
      SELECT alert_id, call_id FROM responder_alerts WHERE status = 'alerted' AND answer_due_at <= $1
      ORDER BY answer_due_at LIMIT 100`,
  },
  /** No row where it was answered meanwhile, or another instance was faster. $1 alert, $2 now. */
  lapse: {
    name: 'responders.lapse',
    text: `
      UPDATE responder_alerts SET status = 'lapsed', ended_at = $2
      WHERE alert_id = $1 AND status = 'alerted' AND answer_due_at <= $2 RETURNING alert_id`,
  },
  /** Alerts of calls that are over. */
  left: {
    name: 'responders.left',
    text: `
      SELECT a.alert_id, a.call_id FROM responder_alerts a JOIN calls c USING (call_id)
      WHERE a.status IN ('alerted', 'accepted', 'on-scene', 'lapsed') AND c.status IN ('closed', 'cancelled') LIMIT 100`,
  },
} as const;

export interface AlertRow {
  alert_id: string;
  call_id: string;
  responder_id: string;
  status: AlertStatus;
  distance_metres: number;
  predicted_seconds: number;
  alerted_at: Date | null;
  answer_due_at: Date | null;
  answered_at: Date | null;
  on_scene_at: Date | null;
  kind: ResponderKind;
  sealed: Buffer;
  channels: ResponderChannel[];
  lon: number;
  lat: number;
  delivery: 'none' | 'waiting' | 'delivered' | 'failing';
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
  answerDueAt: Instant,
): Promise<string | null> {
  const { rows } = await tx.query<{ alert_id: string }>({
    ...sql.beginAlert,
    values: [callId, responderId, rfc3339(now), answerHash, rfc3339(answerDueAt)],
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

interface OpenAlert {
  readonly alertId: string;
  readonly callId: string;
}

export async function overdueAlerts(db: Executor, now: Instant): Promise<OpenAlert[]> {
  const { rows } = await db.query<{ alert_id: string; call_id: string }>({ ...sql.overdue, values: [rfc3339(now)] });
  return rows.map((row) => ({ alertId: row.alert_id, callId: row.call_id }));
}

/** Whether it lapsed now, and by us. */
export async function lapseAlert(tx: Executor, alertId: string, now: Instant): Promise<boolean> {
  return (await tx.query({ ...sql.lapse, values: [alertId, rfc3339(now)] })).rowCount === 1;
}

export async function alertsLeft(db: Executor): Promise<OpenAlert[]> {
  const { rows } = await db.query<{ alert_id: string; call_id: string }>(sql.left);
  return rows.map((row) => ({ alertId: row.alert_id, callId: row.call_id }));
}
