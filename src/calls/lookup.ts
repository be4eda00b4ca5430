/**
 * Everything a decision needs from the database, for all calls that are waiting, in one round trip: credible residents,
 * the sub-district of the place, and what changed in the fleet since this instance last looked. It reads the tables of
 * several modules on purpose; splitting it would put a second round trip on the path of every call.
 */
import { plainArray, textArray } from '../database/array-literal.ts';
import type { Executor } from '../database/pool.ts';
import type { Position } from '../domain/position.ts';
import type { FleetRow, PlaceRow, Roster } from '../fleet/roster.ts';

/** Candidates opened for one call at most; a switchboard's hundred residents are cut to those most keys point to. */
export const CANDIDATES_AT_MOST = 64;
/**
 * The same where nothing was said about the person: then only where they live tells those on one number apart, and the
 * nearest are opened. A switchboard's callers would wait for three times as many files, of which none could be chosen.
 */
const UNDESCRIBED_AT_MOST = 24;
const NEAREST_HOMES = 16;
/** A caller is not kept waiting for the registry longer than this; the call is then answered by complaint alone. */
export const LOOKUP_BUDGET_MS = 1_500;

export interface LookupRequest {
  /** Blind tokens of everything that identifies. */
  readonly keys: readonly string[];
  readonly residentId: string | null;
  readonly position: Position | null;
  /** Whether who lives nearest can help: somebody was described, not just a place. */
  readonly nearbyHomes: boolean;
  /** False where nothing was said of the person: no name, age, sex or citizen number. */
  readonly described?: boolean;
}

export interface SealedResident {
  readonly residentId: string;
  readonly sealed: Buffer;
  /** What was learned of the resident since, sealed; null for nearly everybody. */
  readonly learned: Buffer | null;
  readonly subdistrictCode: string | null;
}

/** Where somebody was found before: a candidate of this call, or whoever called by this phone or device. */
export interface SealedPlace {
  readonly placeId: string;
  /** Null: known by phone or device alone. */
  readonly residentId: string | null;
  readonly centreId: string;
  /** RFC 3339. */
  readonly confirmedAt: string;
  readonly refutedAt: string | null;
  readonly sealed: Buffer;
}

export interface Found {
  readonly residents: readonly SealedResident[];
  readonly pastPlaces: readonly SealedPlace[];
  readonly subdistrictCode: string | null;
  /** How many residents are filed, about: the planner's estimate, which costs nothing to read. */
  readonly registrySize: number;
}

export const sql = {
  /**
   * $1 call index and $2 token, pairwise; $3 call index, $4 lon, $5 lat, $6 whether nearby homes are wanted;
   * $7 call index and $8 resident id, pairwise; $9 the roster's horizon; $10 calls that say who the person is.
   */
  lookup: {
    name: 'calls.lookup',
    text: `
      WITH points AS (
        SELECT call_index, nearby, ST_SetSRID(ST_MakePoint(lon, lat), 4326) AS point
        FROM unnest($3::int[], $4::float8[], $5::float8[], $6::boolean[]) AS p (call_index, lon, lat, nearby)
      ), hits AS (
        SELECT a.call_index, k.resident_ref, 1 AS weight
        FROM unnest($1::int[], $2::bigint[]) AS a (call_index, token),
             LATERAL (SELECT resident_ref FROM resident_keys WHERE token = a.token LIMIT ${CANDIDATES_AT_MOST}) k
        UNION ALL
        SELECT n.call_index, r.resident_ref, 1000
        FROM unnest($7::int[], $8::text[]) AS n (call_index, resident_id)
        JOIN residents r USING (resident_id)
        UNION ALL
        SELECT p.call_index, near.resident_ref, 0
        FROM points p,
             LATERAL (SELECT resident_ref FROM residents r ORDER BY r.home <-> p.point LIMIT ${NEAREST_HOMES}) near
        WHERE p.nearby
      ), ranked AS (
        SELECT h.call_index, h.resident_ref,
               row_number() OVER (PARTITION BY h.call_index
                                  ORDER BY h.weight DESC, r.home <-> p.point, h.resident_ref) AS place
        FROM (SELECT call_index, resident_ref, sum(weight) AS weight FROM hits GROUP BY call_index, resident_ref) h
        JOIN residents r USING (resident_ref) LEFT JOIN points p USING (call_index)
      ), candidates AS (
        SELECT call_index, resident_ref FROM ranked
        WHERE place <= CASE WHEN call_index = ANY ($10::int[]) THEN ${CANDIDATES_AT_MOST} ELSE ${UNDESCRIBED_AT_MOST} END
      )
      SELECT 'resident' AS kind, c.call_index, r.resident_id AS id, r.sealed, r.learned,
             to_json(r.subdistrict_code) AS data
      FROM candidates c JOIN residents r USING (resident_ref)
      UNION ALL
      SELECT 'past', found.call_index, p.place_id, p.sealed, NULL,
             json_build_object('residentId', r.resident_id, 'centreId', p.centre_id, 'confirmedAt', p.confirmed_at,
                               'refutedAt', p.refuted_at)
      FROM (SELECT c.call_index, p.place_id FROM candidates c JOIN confirmed_places p USING (resident_ref)
            UNION
            SELECT a.call_index, k.place_id FROM unnest($1::int[], $2::bigint[]) AS a (call_index, token)
            JOIN confirmed_place_keys k USING (token)) found
      JOIN confirmed_places p USING (place_id) LEFT JOIN residents r USING (resident_ref)
      UNION ALL
      SELECT 'area', p.call_index, a.subdistrict_code, NULL, NULL, NULL
      FROM points p,
           LATERAL (SELECT subdistrict_code FROM areas WHERE ST_Covers(outline, p.point)
                    ORDER BY subdistrict_code LIMIT 1) a
      UNION ALL
      SELECT 'unit', 0, unit_id, NULL, NULL, to_json(u) FROM units u WHERE changed >= $9::xid8
      UNION ALL
      SELECT 'place', 0, place_id, NULL, NULL, to_json(p) FROM places p WHERE changed >= $9::xid8
      UNION ALL
      SELECT 'horizon', 0, pg_snapshot_xmin(pg_current_snapshot())::text, NULL, NULL,
             (SELECT to_json(greatest(reltuples, 0)) FROM pg_class WHERE oid = 'residents'::regclass)`,
  },
} as const;

interface LookupRow {
  kind: 'resident' | 'past' | 'area' | 'unit' | 'place' | 'horizon';
  call_index: number;
  id: string;
  sealed: Buffer | null;
  learned: Buffer | null;
  data: unknown;
}

/** One statement for all `requests`; the roster takes in what changed. Batches must not overlap (see `batched`). */
export async function lookUp(
  db: Executor,
  roster: Roster,
  requests: readonly LookupRequest[],
): Promise<readonly Found[]> {
  const asked = requests.flatMap((request, i) => request.keys.map((token) => [i, token] as const));
  const placed = requests.flatMap((request, i) => (request.position ? [{ i, ...request.position, request }] : []));
  const named = requests.flatMap((request, i) => (request.residentId ? [[i, request.residentId] as const] : []));
  const { rows } = await db.query<LookupRow>({
    ...sql.lookup,
    // A look-up that hangs is given up with its connection, or every later call would wait behind it.
    query_timeout: LOOKUP_BUDGET_MS,
    values: [
      plainArray(asked.map(([i]) => i)),
      plainArray(asked.map(([, token]) => token)),
      plainArray(placed.map(({ i }) => i)),
      plainArray(placed.map(({ lon }) => lon)),
      plainArray(placed.map(({ lat }) => lat)),
      plainArray(placed.map(({ request }) => request.nearbyHomes)),
      plainArray(named.map(([i]) => i)),
      textArray(named.map(([, id]) => id)),
      roster.horizon,
      plainArray(requests.flatMap((request, i) => (request.described === false ? [] : [i]))),
    ],
  });

  const found = requests.map(() => ({
    residents: [] as SealedResident[],
    pastPlaces: [] as SealedPlace[],
    subdistrictCode: null as string | null,
    registrySize: 0,
  }));
  const units: FleetRow[] = [];
  const places: PlaceRow[] = [];
  let horizon = roster.horizon;
  for (const row of rows) {
    const call = found[row.call_index];
    switch (row.kind) {
      case 'resident':
        call?.residents.push({
          residentId: row.id,
          sealed: row.sealed as Buffer,
          learned: row.learned,
          subdistrictCode: row.data as string | null,
        });
        break;
      case 'past':
        call?.pastPlaces.push({
          placeId: row.id,
          sealed: row.sealed as Buffer,
          ...(row.data as Omit<SealedPlace, 'placeId' | 'sealed'>),
        });
        break;
      case 'area':
        if (call) call.subdistrictCode = row.id;
        break;
      case 'unit':
        units.push(row.data as FleetRow);
        break;
      case 'place':
        places.push(row.data as PlaceRow);
        break;
      case 'horizon':
        horizon = row.id;
        for (const call of found) call.registrySize = row.data as number;
        break;
      default:
        throw new Error(`unexpected row of kind ${row.kind satisfies never}`);
    }
  }
  roster.take(units, places, horizon);
  return found;
}
