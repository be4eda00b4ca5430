/** Searches in PostgreSQL: raised in one statement, then changed under the lock of their row. */
import type { Executor } from '../database/pool.ts';
import type { Position } from '../domain/position.ts';
import { type Instant, rfc3339 } from '../domain/time.ts';
import type { LocateReason, LocateStatus } from '../domain/vocabulary.ts';
import type { LadderStep } from './ladder.ts';
import type { Centre } from './route.ts';

export const searchContext = (id: string) => `locate:${id}:search`;
export const holderContext = (id: string) => `locate:${id}:holder`;
export const answerContext = (answerId: string) => `locate-answer:${answerId}`;

/** A desk page counts as open for this long after an instance last saw it. */
export const PRESENT_SECONDS = 30;

/** Deliveries to the targets in `asks` by the channels they have and this installation can use. */
const deliveries = (asks: string, kind: string, at: string, channels: string) => `
  INSERT INTO locate_deliveries (delivery_id, locate_request_id, kind, target_kind, target, channel, created_at, due_at)
  SELECT concat_ws('/', a.locate_request_id, ${kind}, a.kind, a.target, c.channel), a.locate_request_id, ${kind}, a.kind,
         a.target, c.channel, ${at}::timestamptz, ${at}::timestamptz
  FROM ${asks} a
  LEFT JOIN locate_desks d ON a.kind = 'centre' AND d.centre_id = a.target
  LEFT JOIN locate_duties u ON a.kind = 'subdistrict-duty' AND u.subdistrict_code = a.target
  CROSS JOIN LATERAL unnest(coalesce(d.channels, u.channels, '{}')) AS c (channel)
  WHERE c.channel = ANY(${channels}::text[])`;

export const sql = {
  /** Every centre as it stands to a point. $1 lon, $2 lat, $3 present since, $4 channels that can be used. */
  centres: {
    name: 'locate.centres',
    text: `
      SELECT p.place_id AS "centreId", p.lon, p.lat, p.subdistrict_code AS "subdistrictCode",
             ST_Covers(d.catchment, ST_SetSRID(ST_MakePoint($1::float8, $2::float8), 4326)) AS holds,
             ST_Area(d.catchment) AS "outlineArea",
             coalesce(s.seen_at >= $3::timestamptz, false) OR coalesce(d.channels && $4::text[], false) AS attended
      FROM places p
      LEFT JOIN locate_desks d ON d.centre_id = p.place_id
      LEFT JOIN locate_presence s ON s.centre_id = p.place_id
      WHERE p.kind = 'community-centre'`,
  },
  /** Centres where somebody would hear it. $1 present since, $2 channels that can be used. */
  attended: {
    name: 'locate.attended',
    text: `
      SELECT centre_id FROM locate_presence WHERE seen_at >= $1
      UNION SELECT centre_id FROM locate_desks WHERE channels && $2::text[]`,
  },
  /**
   * Raises a search unless the call has ended or is searched for already: no row then. $1 id, $2 call, $3 reason, $4 at,
   * $5 role, $6 subject, $7 key, $8 hash, $9 lon, $10 lat, $11 sub-district, $12 centre, $13 flags, $14 ladder, $15 due,
   * $16 sealed, $17 centres in order, $18 centres asked, $19 channels, $20 event data, $21 residents read.
   */
  raise: {
    name: 'locate.raise',
    text: `
      WITH live AS (
        SELECT call_id, number FROM calls WHERE call_id = $2 AND status NOT IN ('closed', 'cancelled') FOR SHARE
      ), raised AS (
        INSERT INTO locate_requests (locate_request_id, call_id, reason, status, raised_at, role, subject, raised_key,
                                     raised_hash, lon, lat, subdistrict_code, community_centre_id, flags, ladder, step,
                                     due_at, sealed, centre_order)
        SELECT $1, call_id, $3, 'requested', $4::timestamptz, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 0, $15, $16, $17
        FROM live
        ON CONFLICT DO NOTHING
        RETURNING locate_request_id, call_id
      ), asks AS (
        SELECT locate_request_id, 'centre' AS kind, target FROM raised, unnest($18::text[]) AS target
      ), asked AS (
        INSERT INTO locate_asks (locate_request_id, kind, target, step, asked_at)
        SELECT locate_request_id, kind, target, 0, $4::timestamptz FROM asks
      ), said AS (${deliveries('asks', "'request'", '$4', '$19')}
      ), read AS (
        INSERT INTO access_log (at, role, subject, resident_id, call_id, purpose)
        SELECT $4::timestamptz, $5, $6, resident, call_id, 'locate' FROM raised, unnest($21::text[]) AS resident
      ), head AS (
        UPDATE event_head SET seq = seq + 1 WHERE EXISTS (SELECT FROM raised) RETURNING seq
      ), told AS (
        INSERT INTO events (seq, type, at, call_id, data)
        SELECT head.seq, 'locate.requested', $4::timestamptz, r.call_id,
               $20::jsonb || jsonb_build_object('number', live.number)
        FROM head, raised r, live
      )
      SELECT seq FROM head`,
  },
  /** The search under way for a call, or the one raised under a key. $1 call, $2 key. */
  existing: {
    name: 'locate.existing',
    text: `
      SELECT locate_request_id, call_id, raised_key, raised_hash FROM locate_requests
      WHERE raised_key = $2 OR (call_id = $1 AND status IN ('requested', 'accepted', 'escalated'))
      ORDER BY (raised_key IS NOT DISTINCT FROM $2) DESC LIMIT 1`,
  },
  /** A search, locked, with whom it asked. $1 id. */
  lock: {
    name: 'locate.lock',
    text: `
      SELECT r.locate_request_id, r.call_id, c.number, r.reason, r.status, r.community_centre_id, r.due_at, r.ladder,
             r.step, r.holder_centre_id, r.sealed_holder, r.lon, r.lat, r.sealed, r.flags,
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
  /** $1 id, $2 at. */
  answered: {
    name: 'locate.answered',
    text: `
      UPDATE locate_requests SET status = 'answered', answered_at = coalesce(answered_at, $2), due_at = NULL
      WHERE locate_request_id = $1`,
  },
  /** $1 answer, $2 request, $3 at, $4 centre, $5 found, $6 stands, $7 flags, $8 sealed. */
  insertAnswer: {
    name: 'locate.insert-answer',
    text: `
      INSERT INTO locate_answers (answer_id, locate_request_id, at, centre_id, found, stands, flags, sealed)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
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

export async function findCentres(
  db: Executor,
  position: Position | null,
  now: Instant,
  channels: readonly string[],
): Promise<Centre[]> {
  const { rows } = await db.query<
    Omit<Centre, 'position'> & { readonly lon: number; readonly lat: number; readonly [column: string]: unknown }
  >({
    ...sql.centres,
    values: [position?.lon ?? null, position?.lat ?? null, presentSince(now), channels],
  });
  return rows.map(({ lon, lat, ...row }) => ({ ...row, position: { lon, lat, crs: 'wgs84' } }));
}

export async function findAttended(db: Executor, now: Instant, channels: readonly string[]): Promise<Set<string>> {
  const { rows } = await db.query<{ centre_id: string }>({ ...sql.attended, values: [presentSince(now), channels] });
  return new Set(rows.map((row) => row.centre_id));
}

const presentSince = (now: Instant) => rfc3339(now - PRESENT_SECONDS * 1000);

export interface NewRequest {
  readonly locateRequestId: string;
  readonly callId: string;
  readonly reason: LocateReason;
  readonly at: Instant;
  readonly actor: { readonly role: string; readonly subject: string };
  readonly key: { readonly name: string; readonly hash: Buffer } | null;
  readonly position: Position | null;
  readonly subdistrictCode: string | null;
  readonly centreId: string | null;
  readonly flags: readonly string[];
  readonly ladder: readonly LadderStep[];
  readonly dueAt: Instant | null;
  readonly sealed: Buffer;
  readonly order: readonly string[];
  readonly asked: readonly string[];
  readonly channels: readonly string[];
  readonly eventData: unknown;
  readonly historiesRead: readonly string[];
}

/** The event's number; null where the call has ended, or is searched for already. */
export async function insertRequest(db: Executor, request: NewRequest): Promise<number | null> {
  const { actor, key, position, dueAt } = request;
  const { rows } = await db.query<{ seq: number }>({
    ...sql.raise,
    values: [
      request.locateRequestId,
      request.callId,
      request.reason,
      rfc3339(request.at),
      actor.role,
      actor.subject,
      key?.name ?? null,
      key?.hash ?? null,
      position?.lon ?? null,
      position?.lat ?? null,
      request.subdistrictCode,
      request.centreId,
      request.flags,
      JSON.stringify(request.ladder),
      dueAt === null ? null : rfc3339(dueAt),
      request.sealed,
      request.order,
      request.asked,
      request.channels,
      JSON.stringify(request.eventData),
      request.historiesRead,
    ],
  });
  return rows[0]?.seq ?? null;
}

export interface Existing {
  readonly locateRequestId: string;
  readonly callId: string;
  /** Raised under this very key. */
  readonly sameKey: boolean;
  readonly hash: Buffer | null;
}

export async function findExisting(db: Executor, callId: string, key: string | null): Promise<Existing | null> {
  const { rows } = await db.query<{
    locate_request_id: string;
    call_id: string;
    raised_key: string | null;
    raised_hash: Buffer | null;
  }>({ ...sql.existing, values: [callId, key] });
  const row = rows[0];
  return row
    ? {
        locateRequestId: row.locate_request_id,
        callId: row.call_id,
        sameKey: key !== null && row.raised_key === key,
        hash: row.raised_hash,
      }
    : null;
}

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
  readonly sealed: Buffer;
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
    sealed: Buffer;
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
    sealed: row.sealed,
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
