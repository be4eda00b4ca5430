/** Searches whose time is up, and those that are over because the call is: read with what is needed to go on. */
import type { Executor } from '../database/pool.ts';
import { type Instant, rfc3339 } from '../domain/time.ts';
import type { LocateReason, LocateStatus } from '../domain/vocabulary.ts';
import type { Ask, LadderStep } from './ladder.ts';

export const sql = {
  /** Searches whose deadline has passed; another instance's are passed over. $1 at, $2 at most. */
  due: {
    name: 'locate.due',
    text: `
      WITH due AS (
        SELECT * FROM locate_requests WHERE due_at <= $1 ORDER BY due_at LIMIT $2 FOR NO KEY UPDATE SKIP LOCKED
      )
      SELECT r.locate_request_id, r.call_id, c.number, r.reason, r.status, r.community_centre_id, r.due_at, r.ladder, r.step,
             r.holder_centre_id, r.lon, r.lat, r.subdistrict_code, r.centre_order, asks.centres,
             asks.duty, asks.declined, u.subdistrict_code AS on_duty
      FROM due r JOIN calls c USING (call_id)
      LEFT JOIN locate_duties u ON u.subdistrict_code = r.subdistrict_code
      CROSS JOIN LATERAL (
        SELECT coalesce(array_agg(a.target ORDER BY a.asked_at, a.target) FILTER (WHERE a.kind = 'centre'), '{}') AS centres,
               coalesce(bool_or(a.kind = 'subdistrict-duty'), false) AS duty,
               coalesce(bool_and(a.declined_at IS NOT NULL) FILTER (WHERE a.kind = 'centre'), false) AS declined
        FROM locate_asks a WHERE a.locate_request_id = r.locate_request_id) asks
      ORDER BY r.due_at`,
  },
  /** Several at once. $1 ids, $2 steps, $3 due (nullable). */
  climb: {
    name: 'locate.climb',
    text: `
      UPDATE locate_requests r SET status = 'escalated', step = i.step, due_at = i.due_at
      FROM unnest($1::text[], $2::int[], $3::timestamptz[]) AS i (id, step, due_at)
      WHERE r.locate_request_id = i.id`,
  },
  /** Asks several. $1 ids, $2 kinds, $3 targets, $4 steps, $5 at, $6 channels. */
  ask: {
    name: 'locate.ask',
    text: `
      WITH asks AS (
        SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::int[]) AS i (locate_request_id, kind, target, step)
      ), asked AS (
        INSERT INTO locate_asks (locate_request_id, kind, target, step, asked_at)
        SELECT locate_request_id, kind, target, step, $5::timestamptz FROM asks
        ON CONFLICT DO NOTHING
      )
      INSERT INTO locate_deliveries (delivery_id, locate_request_id, kind, target_kind, target, channel, created_at, due_at)
      SELECT concat_ws('/', a.locate_request_id, 'request', a.kind, a.target, c.channel), a.locate_request_id, 'request',
             a.kind, a.target, c.channel, $5::timestamptz, $5::timestamptz
      FROM asks a
      LEFT JOIN locate_desks d ON a.kind = 'centre' AND d.centre_id = a.target
      LEFT JOIN locate_duties u ON a.kind = 'subdistrict-duty' AND u.subdistrict_code = a.target
      CROSS JOIN LATERAL unnest(coalesce(d.channels, u.channels, '{}')) AS c (channel)
      WHERE c.channel = ANY($6::text[])
      ON CONFLICT DO NOTHING`,
  },
  /** Searches not closed although their call has ended, or somebody is at the patient. $1 at most. */
  over: {
    name: 'locate.over',
    text: `
      SELECT r.locate_request_id,
             CASE WHEN c.status IN ('closed', 'cancelled') THEN 'call-ended' ELSE 'at-patient' END AS because
      FROM locate_requests r JOIN calls c USING (call_id)
      WHERE r.status <> 'closed'
        AND (c.status IN ('closed', 'cancelled')
             OR EXISTS (SELECT FROM time_points t WHERE t.call_id = r.call_id AND t.point = 'at-patient' AND t.counts
                        AND t.heard_at >= r.raised_at))
      ORDER BY r.raised_at LIMIT $1`,
  },
} as const;

export interface DueRequest {
  readonly locateRequestId: string;
  readonly callId: string;
  readonly number: number;
  readonly reason: LocateReason;
  readonly status: LocateStatus;
  readonly communityCentreId: string | null;
  readonly dueAt: Instant;
  readonly ladder: readonly LadderStep[];
  readonly step: number;
  readonly held: boolean;
  readonly lon: number | null;
  readonly lat: number | null;
  readonly order: readonly string[];
  readonly asked: readonly string[];
  readonly dutyAsked: boolean;
  readonly allDeclined: boolean;
  /** The sub-district of the place, where somebody is on duty for it. */
  readonly onDuty: string | null;
}

export async function lockDue(tx: Executor, now: Instant, atMost: number): Promise<DueRequest[]> {
  const { rows } = await tx.query<{
    locate_request_id: string;
    call_id: string;
    number: number;
    reason: LocateReason;
    status: LocateStatus;
    community_centre_id: string | null;
    due_at: Date;
    ladder: LadderStep[];
    step: number;
    holder_centre_id: string | null;
    lon: number | null;
    lat: number | null;
    centre_order: string[];
    centres: string[];
    duty: boolean;
    declined: boolean;
    on_duty: string | null;
  }>({ ...sql.due, values: [rfc3339(now), atMost] });
  return rows.map((row) => ({
    locateRequestId: row.locate_request_id,
    callId: row.call_id,
    number: row.number,
    reason: row.reason,
    status: row.status,
    communityCentreId: row.community_centre_id,
    dueAt: row.due_at.getTime(),
    ladder: row.ladder,
    step: row.step,
    held: row.holder_centre_id !== null,
    lon: row.lon,
    lat: row.lat,
    order: row.centre_order,
    asked: row.centres,
    dutyAsked: row.duty,
    allDeclined: row.declined,
    onDuty: row.on_duty,
  }));
}

export interface Climb {
  readonly locateRequestId: string;
  readonly step: number;
  readonly dueAt: Instant | null;
  readonly ask: readonly Ask[];
}

/** All of them in two statements. */
export async function climbAll(
  tx: Executor,
  climbs: readonly Climb[],
  now: Instant,
  channels: readonly string[],
): Promise<void> {
  await tx.query({
    ...sql.climb,
    values: [
      climbs.map(({ locateRequestId }) => locateRequestId),
      climbs.map(({ step }) => step),
      climbs.map(({ dueAt }) => (dueAt === null ? null : rfc3339(dueAt))),
    ],
  });
  const asks = climbs.flatMap(({ locateRequestId, step, ask }) =>
    ask.map((each) => ({ locateRequestId, step, ...each })),
  );
  if (asks.length === 0) return;
  await tx.query({
    ...sql.ask,
    values: [
      asks.map(({ locateRequestId }) => locateRequestId),
      asks.map(({ kind }) => kind),
      asks.map(({ target }) => target),
      asks.map(({ step }) => step),
      rfc3339(now),
      channels,
    ],
  });
}

export async function findOver(
  db: Executor,
  atMost: number,
): Promise<{ readonly locateRequestId: string; readonly because: string }[]> {
  const { rows } = await db.query<{ locate_request_id: string; because: string }>({ ...sql.over, values: [atMost] });
  return rows.map((row) => ({ locateRequestId: row.locate_request_id, because: row.because }));
}
