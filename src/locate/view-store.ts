/** Searches as they are read: with whom they asked, what was answered, and how far messages got. */
import type { Executor } from '../database/pool.ts';
import type { LocateReason, LocateStatus } from '../domain/vocabulary.ts';
import type { LadderStep } from './ladder.ts';

/** A search with whom it asked, what was answered and how far messages got. */
const whole = `
      SELECT r.*, c.number,
             (SELECT coalesce(json_agg(json_build_object(
                'kind', a.kind, 'target', a.target, 'name', coalesce(p.name, ar.name), 'nameEn', p.name_en, 'step', a.step,
                'askedAt', a.asked_at, 'declinedAt', a.declined_at,
                'deliveries', (SELECT coalesce(json_agg(json_build_object(
                    'channel', d.channel, 'kind', d.kind, 'attempts', d.attempts, 'failure', d.failure,
                    'state', CASE WHEN d.delivered_at IS NOT NULL THEN 'delivered' WHEN d.due_at IS NULL THEN 'given-up'
                             ELSE 'waiting' END) ORDER BY d.created_at, d.delivery_id), '[]')
                  FROM locate_deliveries d
                  WHERE d.locate_request_id = a.locate_request_id AND d.target_kind = a.kind AND d.target = a.target)
              ) ORDER BY a.asked_at, a.step, a.target), '[]')
              FROM locate_asks a
              LEFT JOIN places p ON a.kind = 'centre' AND p.place_id = a.target
              LEFT JOIN areas ar ON a.kind = 'subdistrict-duty' AND ar.subdistrict_code = a.target
              WHERE a.locate_request_id = r.locate_request_id) AS asked,
             (SELECT coalesce(json_agg(json_build_object(
                'answerId', w.answer_id, 'at', w.at, 'centreId', w.centre_id, 'found', w.found, 'stands', w.stands,
                'flags', w.flags, 'sealed', encode(w.sealed, 'base64'), 'placeId', cp.place_id,
                'refuted', cp.refuted_at IS NOT NULL) ORDER BY w.at, w.answer_id), '[]')
              FROM locate_answers w LEFT JOIN confirmed_places cp USING (answer_id)
              WHERE w.locate_request_id = r.locate_request_id) AS answers,
             (SELECT u.sealed FROM locate_duties u WHERE u.subdistrict_code = r.subdistrict_code) AS duty
      FROM locate_requests r JOIN calls c USING (call_id)
`;

export const sql = {
  /** Several searches. $1 ids, $2 a centre that was asked, or null. */
  byIds: {
    name: 'locate.by-ids',
    text: `${whole} WHERE r.locate_request_id = ANY($1::text[]) AND ($2::text IS NULL OR EXISTS (
             SELECT FROM locate_asks a WHERE a.locate_request_id = r.locate_request_id AND a.kind = 'centre' AND a.target = $2))`,
  },
  /** The searches of one call, latest first. $1 call, $2 status or null, $3 a centre that was asked, or null, $4 at most. */
  byCall: {
    name: 'locate.by-call',
    text: `${whole} WHERE r.call_id = $1 AND ($2::text IS NULL OR r.status = $2) AND ($3::text IS NULL OR EXISTS (
             SELECT FROM locate_asks a WHERE a.locate_request_id = r.locate_request_id AND a.kind = 'centre' AND a.target = $3))
      ORDER BY r.raised_at DESC, r.locate_request_id LIMIT $4`,
  },
  /** Those a centre was asked in, latest first. $1 centre, $2 status or null, $3 at most. */
  byCentre: {
    name: 'locate.by-centre',
    text: `${whole} WHERE r.locate_request_id IN (
             SELECT a.locate_request_id FROM locate_asks a JOIN locate_requests o USING (locate_request_id)
             WHERE a.kind = 'centre' AND a.target = $1 AND ($2::text IS NULL OR o.status = $2)
             ORDER BY a.asked_at DESC LIMIT $3)
      ORDER BY r.status = 'closed', r.raised_at DESC, r.locate_request_id`,
  },
  /** Latest first, those that are over last. $1 status or null, $2 at most. */
  latest: {
    name: 'locate.latest',
    text: `${whole} WHERE r.locate_request_id IN (
             SELECT locate_request_id FROM locate_requests WHERE $1::text IS NULL OR status = $1
             ORDER BY raised_at DESC LIMIT $2)
      ORDER BY r.status = 'closed', r.raised_at DESC, r.locate_request_id`,
  },
  /** Seconds from raised to accepted, answered and at the patient, counted by centre and reason. $1 from, $2 to. */
  durations: {
    name: 'locate.durations',
    text: `
      SELECT community_centre_id AS centre, reason,
             ceil(extract(epoch FROM accepted_at - raised_at))::float8 AS accept,
             ceil(extract(epoch FROM answered_at - raised_at))::float8 AS answer,
             ceil(extract(epoch FROM patient.at - raised_at))::float8 AS "atPatient", count(*) AS requests
      FROM locate_requests r
      LEFT JOIN LATERAL (SELECT min(t.at) AS at FROM time_points t WHERE t.call_id = r.call_id AND t.point = 'at-patient'
                         AND t.counts AND t.at >= r.raised_at) patient ON true
      WHERE raised_at >= $1 AND raised_at < $2
      GROUP BY 1, 2, 3, 4, 5`,
  },
} as const;

export interface RequestRow {
  readonly locate_request_id: string;
  readonly call_id: string;
  readonly number: number;
  readonly reason: LocateReason;
  readonly status: LocateStatus;
  readonly raised_at: Date;
  readonly role: string;
  readonly subject: string;
  readonly lon: number | null;
  readonly lat: number | null;
  readonly subdistrict_code: string | null;
  readonly community_centre_id: string | null;
  readonly flags: string[];
  readonly ladder: LadderStep[];
  readonly step: number;
  readonly due_at: Date | null;
  readonly holder_centre_id: string | null;
  readonly sealed_holder: Buffer | null;
  readonly held_at: Date | null;
  readonly accepted_at: Date | null;
  readonly answered_at: Date | null;
  readonly closed_at: Date | null;
  readonly closed_because: string | null;
  /** Null: nobody put it together yet. */
  readonly sealed: Buffer | null;
  readonly asked: readonly AskRow[];
  readonly answers: readonly AnswerRow[];
  readonly duty: Buffer | null;
  readonly [column: string]: unknown;
}

export interface AskRow {
  readonly kind: 'centre' | 'subdistrict-duty';
  readonly target: string;
  readonly name: string | null;
  readonly nameEn: string | null;
  readonly step: number;
  readonly askedAt: string;
  readonly declinedAt: string | null;
  readonly deliveries: readonly {
    readonly channel: 'webhook' | 'email' | 'sms';
    readonly kind: 'request' | 'taken' | 'over';
    readonly state: 'waiting' | 'delivered' | 'given-up';
    readonly attempts: number;
    readonly failure: string | null;
  }[];
}

export interface AnswerRow {
  readonly answerId: string;
  readonly at: string;
  readonly centreId: string;
  readonly found: boolean;
  readonly stands: boolean;
  readonly flags: string[];
  /** Base64. */
  readonly sealed: string;
  readonly placeId: string | null;
  readonly refuted: boolean;
}

type Query = { readonly name: string; readonly text: string };
const rowsOf = async (db: Executor, query: Query, values: unknown[]): Promise<RequestRow[]> =>
  (await db.query<RequestRow>({ ...query, values })).rows;

/** @param centreId only where that centre was asked */
export async function findRequest(
  db: Executor,
  id: string,
  centreId: string | null = null,
): Promise<RequestRow | null> {
  return (await rowsOf(db, sql.byIds, [[id], centreId]))[0] ?? null;
}

/** In the order asked for; null where there is none. */
export async function findRequests(db: Executor, ids: readonly string[]): Promise<readonly (RequestRow | null)[]> {
  const found = new Map((await rowsOf(db, sql.byIds, [ids, null])).map((row) => [row.locate_request_id, row]));
  return ids.map((id) => found.get(id) ?? null);
}

export interface RequestFilter {
  readonly callId: string | null;
  readonly status: LocateStatus | null;
  /** Only where that centre was asked. */
  readonly centreId: string | null;
  readonly atMost: number;
}

export function listRequests(db: Executor, { callId, status, centreId, atMost }: RequestFilter): Promise<RequestRow[]> {
  if (callId !== null) return rowsOf(db, sql.byCall, [callId, status, centreId, atMost]);
  if (centreId !== null) return rowsOf(db, sql.byCentre, [centreId, status, atMost]);
  return rowsOf(db, sql.latest, [status, atMost]);
}

export interface DurationRow {
  readonly centre: string | null;
  readonly reason: LocateReason;
  readonly accept: number | null;
  readonly answer: number | null;
  readonly atPatient: number | null;
  readonly requests: number;
  readonly [column: string]: unknown;
}

export async function countDurations(db: Executor, from: string, to: string): Promise<DurationRow[]> {
  const { rows } = await db.query<DurationRow>({ ...sql.durations, values: [from, to] });
  return rows;
}
