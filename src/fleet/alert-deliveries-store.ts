/** Messages to first responders in PostgreSQL, due until they were heard. */
import type { Executor } from '../database/pool.ts';
import { type Instant, rfc3339 } from '../domain/time.ts';
import type { ResponderChannel } from './responders-schema.ts';

export const sql = {
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
