/** Who has a search: read and changed under the lock of its row; whoever was disturbed is told. */
import type { Executor } from '../database/pool.ts';
import type { Position } from '../domain/position.ts';
import type { Instant } from '../domain/time.ts';
import type { LocateReason, LocateStatus } from '../domain/vocabulary.ts';
import type { LadderStep } from './ladder.ts';

export const holderContext = (id: string) => `locate:${id}:holder`;

export const sql = {
  /** A search, locked, with whom it asked. $1 id. */
  lock: {
    name: 'locate.lock',
    text: `
      SELECT r.locate_request_id, r.call_id, c.number, r.reason, r.status, r.community_centre_id, r.due_at, r.ladder,
             r.step, r.holder_centre_id, r.sealed_holder, r.lon, r.lat, r.flags,
             (SELECT coalesce(array_agg(a.target ORDER BY a.asked_at, a.target), '{}') FROM locate_asks a
              WHERE a.locate_request_id = r.locate_request_id AND a.kind = 'centre') AS asked
      FROM locate_requests r JOIN calls c USING (call_id)
      WHERE r.locate_request_id = $1 FOR NO KEY UPDATE OF r`,
  },
  /** $1 id, $2 centre, $3 sealed person, $4 at, $5 due. */
  hold: {
    name: 'locate.hold',
    text: `
      UPDATE locate_requests SET status = 'accepted', holder_centre_id = $2, sealed_holder = $3, held_at = $4,
             accepted_at = coalesce(accepted_at, $4), due_at = $5
      WHERE locate_request_id = $1`,
  },
  /** Nobody holds it any more; the ladder goes on at once. $1 id, $2 at. */
  letGo: {
    name: 'locate.let-go',
    text: `
      UPDATE locate_requests SET status = 'escalated', holder_centre_id = NULL, sealed_holder = NULL, held_at = NULL, due_at = $2
      WHERE locate_request_id = $1`,
  },
  /** The ladder goes on at once. $1 id, $2 at. */
  hurry: {
    name: 'locate.hurry',
    text: 'UPDATE locate_requests SET due_at = least(due_at, $2) WHERE locate_request_id = $1 AND due_at IS NOT NULL',
  },
  /** $1 id, $2 centre, $3 at. Answers how many of those asked have not declined. */
  decline: {
    name: 'locate.decline',
    text: `
      WITH declined AS (
        UPDATE locate_asks SET declined_at = coalesce(declined_at, $3)
        WHERE locate_request_id = $1 AND kind = 'centre' AND target = $2
      )
      SELECT count(*) AS left FROM locate_asks
      WHERE locate_request_id = $1 AND kind = 'centre' AND target <> $2 AND declined_at IS NULL`,
  },
  /** $1 id, $2 at, $3 because. */
  close: {
    name: 'locate.close',
    text: `
      UPDATE locate_requests SET status = 'closed', closed_at = $2, closed_because = $3, due_at = NULL
      WHERE locate_request_id = $1`,
  },
  /** Requests that wait to be said are not said any more, and whoever was told is told that it is over. $1 ids, $2 at, $3 channels. */
  sayOver: {
    name: 'locate.say-over',
    text: `
      WITH dropped AS (
        UPDATE locate_deliveries SET due_at = NULL, given_up = 'over'
        WHERE locate_request_id = ANY($1::text[]) AND kind <> 'over' AND due_at IS NOT NULL
      ), disturbed AS (
        SELECT DISTINCT locate_request_id, target_kind AS kind, target, channel FROM locate_deliveries
        WHERE locate_request_id = ANY($1::text[]) AND kind = 'request' AND attempts > 0
      )
      INSERT INTO locate_deliveries (delivery_id, locate_request_id, kind, target_kind, target, channel, created_at, due_at)
      SELECT concat_ws('/', locate_request_id, 'over', kind, target, channel), locate_request_id, 'over', kind, target, channel,
             $2::timestamptz, $2::timestamptz
      FROM disturbed WHERE channel = ANY($3::text[])
      ON CONFLICT DO NOTHING`,
  },
  /** The other centres need not look any more; systems of theirs are told. $1 id, $2 the centre that has it, $3 at, $4 channels. */
  sayTaken: {
    name: 'locate.say-taken',
    text: `
      INSERT INTO locate_deliveries (delivery_id, locate_request_id, kind, target_kind, target, channel, created_at, due_at)
      SELECT concat_ws('/', locate_request_id, 'taken', target_kind, target, channel), locate_request_id, 'taken', target_kind,
             target, channel, $3::timestamptz, $3::timestamptz
      FROM locate_deliveries
      WHERE locate_request_id = $1 AND kind = 'request' AND channel = 'webhook' AND target <> $2 AND channel = ANY($4::text[])
      ON CONFLICT DO NOTHING`,
  },
} as const;

export interface LockedRequest {
  readonly locateRequestId: string;
  readonly callId: string;
  readonly number: number;
  readonly reason: LocateReason;
  readonly status: LocateStatus;
  readonly communityCentreId: string | null;
  readonly dueAt: Instant | null;
  readonly ladder: readonly LadderStep[];
  readonly step: number;
  readonly holder: { readonly centreId: string; readonly sealed: Buffer } | null;
  readonly position: Position | null;
  readonly flags: readonly string[];
  /** Centres, in the order in which they were asked. */
  readonly asked: readonly string[];
}

export async function lockRequest(tx: Executor, id: string): Promise<LockedRequest | null> {
  const { rows } = await tx.query<{
    call_id: string;
    number: number;
    reason: LocateReason;
    status: LocateStatus;
    community_centre_id: string | null;
    due_at: Date | null;
    ladder: LadderStep[];
    step: number;
    holder_centre_id: string | null;
    sealed_holder: Buffer | null;
    lon: number | null;
    lat: number | null;
    flags: string[];
    asked: string[];
  }>({ ...sql.lock, values: [id] });
  const row = rows[0];
  if (!row) return null;
  return {
    locateRequestId: id,
    callId: row.call_id,
    number: row.number,
    reason: row.reason,
    status: row.status,
    communityCentreId: row.community_centre_id,
    dueAt: row.due_at?.getTime() ?? null,
    ladder: row.ladder,
    step: row.step,
    holder:
      row.holder_centre_id !== null && row.sealed_holder
        ? { centreId: row.holder_centre_id, sealed: row.sealed_holder }
        : null,
    position: row.lon === null || row.lat === null ? null : { lon: row.lon, lat: row.lat, crs: 'wgs84' },
    flags: row.flags,
    asked: row.asked,
  };
}

/** What each event of a search carries; it names nobody. */
export const eventOf = (
  request: Pick<LockedRequest, 'locateRequestId' | 'number' | 'reason' | 'communityCentreId'>,
  centreIds: readonly string[],
  more: Readonly<Record<string, unknown>>,
) => ({
  number: request.number,
  locateRequestId: request.locateRequestId,
  reason: request.reason,
  communityCentreId: request.communityCentreId,
  centreIds,
  ...more,
});
