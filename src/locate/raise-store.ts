/** Raising searches: all that wait together go in one statement, which is one transaction. */
import { plainArray, textArray } from '../database/array-literal.ts';
import { type Pile, pile } from '../database/pile.ts';
import type { Executor } from '../database/pool.ts';
import type { Position } from '../domain/position.ts';
import { type Instant, rfc3339 } from '../domain/time.ts';
import type { LocateReason } from '../domain/vocabulary.ts';
import { presentSince } from './desk-store.ts';
import type { LadderStep } from './ladder.ts';
import type { Centre } from './route.ts';

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
  readonly dueAt: Instant | null;
  /** What is known, where routing needed it; else it is gathered once this is stored. */
  readonly evidence: { readonly sealed: Buffer; readonly historiesRead: readonly string[] } | null;
  readonly order: readonly string[];
  readonly asked: readonly string[];
  readonly eventData: unknown;
}

type Column = readonly [
  name: string,
  type: string,
  of: (request: NewRequest, n: number, sealed: Pile) => string | number | null | undefined,
];
const list = (values: readonly string[]) => textArray(values);

/** Typed columns in the order of the parallel arrays; the one place that order is written. */
const columns: readonly Column[] = [
  ['locate_request_id', 'text', (r) => r.locateRequestId],
  ['call_id', 'text', (r) => r.callId],
  ['reason', 'text', (r) => r.reason],
  ['raised_at', 'timestamptz', (r) => rfc3339(r.at)],
  ['role', 'text', (r) => r.actor.role],
  ['subject', 'text', (r) => r.actor.subject],
  ['raised_key', 'text', (r) => r.key?.name],
  ['raised_hash', 'bytea', (r) => r.key && `\\x${r.key.hash.toString('hex')}`],
  ['lon', 'float8', (r) => r.position?.lon],
  ['lat', 'float8', (r) => r.position?.lat],
  ['subdistrict_code', 'text', (r) => r.subdistrictCode],
  ['centre_id', 'text', (r) => r.centreId],
  ['flags', 'text', (r) => list(r.flags)],
  ['due_at', 'timestamptz', (r) => (r.dueAt === null ? null : rfc3339(r.dueAt))],
  ['sealed_start', 'int', (r, n, sealed) => (r.evidence ? sealed.starts[n] : null)],
  ['sealed_length', 'int', (r, n, sealed) => (r.evidence ? sealed.lengths[n] : null)],
  ['histories', 'text', (r) => list(r.evidence?.historiesRead ?? [])],
  ['centre_order', 'text', (r) => list(r.order)],
  ['asked', 'text', (r) => list(r.asked)],
  ['event_data', 'jsonb', (r) => JSON.stringify(r.eventData)],
];
const numeric = new Set(['int', 'float8']);

export const sql = {
  /**
   * Every centre as it stands to the places of calls, or to others where they are given. $1 calls, $2 lon, $3 lat
   * (pairwise, nullable), $4 present since, $5 channels that can be used.
   */
  centres: {
    name: 'locate.centres',
    text: `
      WITH covering AS (
        SELECT d.centre_id, array_agg(i.call_id) AS calls
        FROM unnest($1::text[], $2::float8[], $3::float8[]) AS i (call_id, lon, lat)
        JOIN calls c USING (call_id)
        JOIN locate_desks d
          ON ST_Covers(d.catchment, ST_SetSRID(ST_MakePoint(coalesce(i.lon, c.lon), coalesce(i.lat, c.lat)), 4326))
        GROUP BY d.centre_id
      )
      SELECT p.place_id AS "centreId", p.lon, p.lat, p.subdistrict_code AS "subdistrictCode",
             ST_Area(d.catchment) AS "outlineArea", coalesce(covering.calls, '{}') AS held,
             coalesce(s.seen_at >= $4::timestamptz, false) OR coalesce(d.channels && $5::text[], false) AS attended
      FROM places p
      LEFT JOIN locate_desks d ON d.centre_id = p.place_id
      LEFT JOIN locate_presence s ON s.centre_id = p.place_id
      LEFT JOIN covering ON covering.centre_id = p.place_id
      WHERE p.kind = 'community-centre'`,
  },
  /**
   * Raises searches; one whose call has ended or is searched for already is left out of the answer. $1 pile of what is
   * known, $2 ladder, $3 channels, then an array a column.
   */
  raise: {
    name: 'locate.raise',
    text: `
      WITH input AS (
        SELECT * FROM unnest(${columns.map(([, type], i) => `$${i + 4}::${type}[]`).join(', ')})
          WITH ORDINALITY AS i (${columns.map(([name]) => name).join(', ')}, n)
      ), live AS (
        -- in one order, or of two instances each would wait for the other
        SELECT call_id, number FROM calls
        WHERE call_id IN (SELECT call_id FROM input) AND status NOT IN ('closed', 'cancelled')
        ORDER BY call_id FOR SHARE
      ), raised AS (
        INSERT INTO locate_requests (locate_request_id, call_id, reason, status, raised_at, role, subject, raised_key,
                                     raised_hash, lon, lat, subdistrict_code, community_centre_id, flags, ladder, step,
                                     due_at, sealed, centre_order)
        SELECT locate_request_id, call_id, reason, 'requested', raised_at, role, subject, raised_key, raised_hash, lon, lat,
               subdistrict_code, centre_id, flags::text[], $2::jsonb, 0, due_at,
               substring($1::bytea FROM sealed_start FOR sealed_length), centre_order::text[]
        FROM input JOIN live USING (call_id) ORDER BY call_id, n
        ON CONFLICT DO NOTHING
        RETURNING locate_request_id
      ), there AS (
        SELECT i.*, live.number, row_number() OVER (ORDER BY i.n) AS place
        FROM input i JOIN raised USING (locate_request_id) JOIN live USING (call_id)
      ), asks AS (
        SELECT locate_request_id, raised_at, 'centre' AS kind, target FROM there, unnest(asked::text[]) AS target
      ), asked AS (
        INSERT INTO locate_asks (locate_request_id, kind, target, step, asked_at)
        SELECT locate_request_id, kind, target, 0, raised_at FROM asks
      ), said AS (
        INSERT INTO locate_deliveries (delivery_id, locate_request_id, kind, target_kind, target, channel, created_at, due_at)
        SELECT concat_ws('/', a.locate_request_id, 'request', a.kind, a.target, c.channel), a.locate_request_id, 'request',
               a.kind, a.target, c.channel, a.raised_at, a.raised_at
        FROM asks a JOIN locate_desks d ON d.centre_id = a.target CROSS JOIN LATERAL unnest(d.channels) AS c (channel)
        WHERE c.channel = ANY($3::text[])
      ), read AS (
        INSERT INTO access_log (at, role, subject, resident_id, call_id, purpose)
        SELECT raised_at, role, subject, resident, call_id, 'locate' FROM there, unnest(histories::text[]) AS resident
      ), head AS (
        UPDATE event_head SET seq = seq + (SELECT count(*) FROM there) WHERE EXISTS (SELECT FROM there)
        RETURNING seq - (SELECT count(*) FROM there) AS base
      ), told AS (
        INSERT INTO events (seq, type, at, call_id, data)
        SELECT head.base + place, 'locate.requested', raised_at, call_id,
               event_data || jsonb_build_object('number', number)
        FROM there, head
      )
      SELECT locate_request_id AS id, head.base + place AS seq FROM there, head`,
  },
  /** The search under way for a call, or the one raised under a key. $1 call, $2 key. */
  existing: {
    name: 'locate.existing',
    text: `
      SELECT locate_request_id, call_id, raised_key, raised_hash FROM locate_requests
      WHERE raised_key = $2 OR (call_id = $1 AND status IN ('requested', 'accepted', 'escalated'))
      ORDER BY (raised_key IS NOT DISTINCT FROM $2) DESC LIMIT 1`,
  },
} as const;

export interface Around {
  readonly callId: string;
  /** Another place than the call's. */
  readonly position: Position | null;
}

/** The centres as they stand to a place. */
export interface Surroundings {
  readonly centres: readonly Centre[];
  /** Those whose outline holds it. */
  readonly heldBy: ReadonlySet<string>;
}

/** For each, in one statement; the centres are the same for all. */
export async function findCentres(
  db: Executor,
  asked: readonly Around[],
  now: Instant,
  channels: readonly string[],
): Promise<readonly Surroundings[]> {
  const { rows } = await db.query<
    Omit<Centre, 'position'> & { readonly lon: number; readonly lat: number; readonly held: string[] } & {
      readonly [column: string]: unknown;
    }
  >({
    ...sql.centres,
    values: [
      asked.map(({ callId }) => callId),
      asked.map(({ position }) => position?.lon ?? null),
      asked.map(({ position }) => position?.lat ?? null),
      presentSince(now),
      channels,
    ],
  });
  const centres = rows.map(({ lon, lat, held, ...centre }) => ({
    ...centre,
    position: { lon, lat, crs: 'wgs84' as const },
  }));
  const held = rows.map(({ centreId, held }) => ({ centreId, calls: new Set(held) })).filter(({ calls }) => calls.size);
  return asked.map(({ callId }) => ({
    centres,
    heldBy: new Set(held.flatMap(({ centreId, calls }) => (calls.has(callId) ? [centreId] : []))),
  }));
}

/** The event's number of each; null where the call has ended, or is searched for already. */
export async function raiseRequests(
  db: Executor,
  requests: readonly NewRequest[],
  ladder: readonly LadderStep[],
  channels: readonly string[],
): Promise<readonly (number | null)[]> {
  const sealed = pile(requests.map(({ evidence }) => evidence?.sealed ?? Buffer.alloc(0)));
  const arrays = columns.map(([, type, of]) => {
    const values = requests.map((request, n) => of(request, n, sealed));
    return numeric.has(type) ? plainArray(values) : textArray(values as (string | null | undefined)[]);
  });
  const { rows } = await db.query<{ id: string; seq: number }>({
    ...sql.raise,
    values: [sealed.bytes, JSON.stringify(ladder), channels, ...arrays],
  });
  const seqs = new Map(rows.map(({ id, seq }) => [id, seq]));
  return requests.map(({ locateRequestId }) => seqs.get(locateRequestId) ?? null);
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
