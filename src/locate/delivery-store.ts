/** Messages on their way out: taken for a while by one instance, marked when they were heard. */
import type { Executor } from '../database/pool.ts';
import { type Instant, rfc3339 } from '../domain/time.ts';
import type { ChannelName } from './channels/port.ts';

export const sql = {
  /**
   * Takes what is due, so that no other instance sends it meanwhile: due again after a lease that grows with the attempts.
   * $1 at, $2 at most.
   */
  take: {
    name: 'locate.take-deliveries',
    text: `
      WITH due AS (
        SELECT delivery_id FROM locate_deliveries WHERE due_at <= $1 ORDER BY due_at LIMIT $2 FOR UPDATE SKIP LOCKED
      )
      UPDATE locate_deliveries d
      SET attempts = d.attempts + 1,
          due_at = $1::timestamptz + least(60, greatest(15, 2 ^ least(d.attempts, 6))) * interval '1 second'
      FROM due WHERE d.delivery_id = due.delivery_id
      RETURNING d.delivery_id, d.locate_request_id, d.kind, d.target_kind, d.target, d.channel, d.attempts, d.created_at,
        (SELECT sealed FROM locate_desks k WHERE d.target_kind = 'centre' AND k.centre_id = d.target) AS desk,
        (SELECT sealed FROM locate_duties u WHERE d.target_kind = 'subdistrict-duty' AND u.subdistrict_code = d.target) AS duty`,
  },
  /** $1 delivery, $2 at. */
  delivered: {
    name: 'locate.delivered',
    text: 'UPDATE locate_deliveries SET delivered_at = $2, due_at = NULL, failure = NULL WHERE delivery_id = $1',
  },
  /** Unless it was given up meanwhile. $1 delivery, $2 failure, $3 due again. */
  failed: {
    name: 'locate.delivery-failed',
    text: `
      UPDATE locate_deliveries SET failure = $2, due_at = CASE WHEN due_at IS NULL THEN NULL ELSE $3::timestamptz END
      WHERE delivery_id = $1 AND delivered_at IS NULL`,
  },
  /** $1 delivery, $2 why. */
  giveUp: {
    name: 'locate.give-up-delivery',
    text: `
      UPDATE locate_deliveries SET due_at = NULL, failure = $2, given_up = $2
      WHERE delivery_id = $1 AND delivered_at IS NULL`,
  },
} as const;

export interface Delivery {
  readonly deliveryId: string;
  readonly locateRequestId: string;
  readonly kind: 'request' | 'taken' | 'over';
  readonly targetKind: 'centre' | 'subdistrict-duty';
  readonly target: string;
  readonly channel: ChannelName;
  readonly attempts: number;
  readonly createdAt: Instant;
  readonly desk: Buffer | null;
  readonly duty: Buffer | null;
}

export async function takeDeliveries(db: Executor, now: Instant, atMost: number): Promise<Delivery[]> {
  const { rows } = await db.query<{
    delivery_id: string;
    locate_request_id: string;
    kind: Delivery['kind'];
    target_kind: Delivery['targetKind'];
    target: string;
    channel: ChannelName;
    attempts: number;
    created_at: Date;
    desk: Buffer | null;
    duty: Buffer | null;
  }>({ ...sql.take, values: [rfc3339(now), atMost] });
  return rows.map((row) => ({
    deliveryId: row.delivery_id,
    locateRequestId: row.locate_request_id,
    kind: row.kind,
    targetKind: row.target_kind,
    target: row.target,
    channel: row.channel,
    attempts: row.attempts,
    createdAt: row.created_at.getTime(),
    desk: row.desk,
    duty: row.duty,
  }));
}

export async function markDelivered(db: Executor, deliveryId: string, at: Instant): Promise<void> {
  await db.query({ ...sql.delivered, values: [deliveryId, rfc3339(at)] });
}

export async function markFailed(db: Executor, deliveryId: string, failure: string, again: Instant): Promise<void> {
  await db.query({ ...sql.failed, values: [deliveryId, failure, rfc3339(again)] });
}

export async function giveUp(db: Executor, deliveryId: string, why: string): Promise<void> {
  await db.query({ ...sql.giveUp, values: [deliveryId, why] });
}
