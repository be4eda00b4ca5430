/** Positions in PostgreSQL: what is known of the units heard from, and a whole batch kept in one statement. */
import { plainArray, textArray } from '../database/array-literal.ts';
import type { Executor } from '../database/pool.ts';
import type { Position, PositionInput } from '../domain/position.ts';
import { type Instant, rfc3339 } from '../domain/time.ts';
import type { Fix, PositionFlag, Track } from './positions.ts';

/** Fixes after the last used one among which the latest jump is looked for: a unit that only ever sends nonsense costs no more. */
const LOOKED_BACK = 16;

export const sql = {
  /** $1 units, $2 fixes not after. */
  tracks: {
    name: 'positions.tracks',
    text: `
      SELECT u.unit_id, u.lon, u.lat, u.position_at, d.lon AS doubted_lon, d.lat AS doubted_lat, d.at AS doubted_at
      FROM units u
      LEFT JOIN LATERAL (
        SELECT at, lon, lat
        FROM (SELECT at, lon, lat, flags FROM positions p
              WHERE p.unit_id = u.unit_id AND p.at > u.position_at AND p.at <= $2
              ORDER BY p.at DESC LIMIT ${LOOKED_BACK}) latest
        WHERE flags = '{jump}' ORDER BY at DESC LIMIT 1
      ) d ON true
      WHERE u.unit_id = ANY($1)`,
  },
  /**
   * Keeps every fix and moves the units, unless one was judged by a track that is no longer so: then nothing is done,
   * and a row says which. A unit that somebody is claiming just now is passed over: waiting for one row while holding
   * others is how deadlocks come about. `held` are those that were not, null where that is all. Beside them come the
   * units that are on their way, and where to. Pairwise: $1 units, $2 at, $3 heard at, $4 lon, $5 lat, $6 $7 $8 the same
   * as given, $9 speed, $10 heading, $11 flags, $12 whether the fix stands for its unit, one of each does: the one it
   * moves to, or any flagged one, $13 when the unit was where it was judged by; $14 how many units, $15 whether to do it
   * in any case. Times are milliseconds since the epoch.
   */
  keep: {
    name: 'positions.keep',
    text: `
      WITH heard AS MATERIALIZED (
        SELECT unit_id, to_timestamp(at / 1000) AS at, to_timestamp(heard_at / 1000) AS heard_at, lon, lat,
               jsonb_build_object('lon', given_lon, 'lat', given_lat, 'crs', crs) AS raw_position,
               speed, heading, flags::text[] AS flags, stands, to_timestamp(judged_by / 1000) AS judged_by
        FROM unnest($1::text[], $2::float8[], $3::float8[], $4::float8[], $5::float8[], $6::float8[], $7::float8[],
                    $8::text[], $9::real[], $10::real[], $11::text[], $12::boolean[], $13::float8[])
          AS h (unit_id, at, heard_at, lon, lat, given_lon, given_lat, crs, speed, heading, flags, stands, judged_by)
      ), held AS MATERIALIZED (
        SELECT u.unit_id, u.position_at IS NOT DISTINCT FROM h.judged_by AS fits,
               CASE WHEN u.status = 'en-route' THEN u.call_id END AS drives_to,
               h.lon, h.lat, h.raw_position, h.at, h.flags = '{}' AS believed
        FROM heard h JOIN units u ON u.unit_id = h.unit_id
        WHERE h.stands
        FOR NO KEY UPDATE OF u SKIP LOCKED
      ), verdict AS MATERIALIZED (
        SELECT $15::boolean OR coalesce(bool_and(fits), true) AS good FROM held
      ), kept AS (
        INSERT INTO positions (unit_id, at, heard_at, lon, lat, raw_position, speed, heading, flags)
        SELECT unit_id, at, heard_at, lon, lat, raw_position, speed, heading, flags FROM heard
        WHERE (SELECT good FROM verdict)
      ), moved AS (
        UPDATE units u SET lon = h.lon, lat = h.lat, raw_position = h.raw_position, position_at = h.at,
               changed = pg_current_xact_id()
        FROM held h
        WHERE u.unit_id = h.unit_id AND h.believed AND (u.position_at IS NULL OR u.position_at < h.at)
          AND (SELECT good FROM verdict)
      )
      SELECT counted.held, odd.*
      FROM (SELECT CASE WHEN count(*) < $14 THEN coalesce(array_agg(unit_id), '{}') END AS held FROM held) counted
      LEFT JOIN (
        SELECT h.unit_id, h.fits, c.call_id, c.lon, c.lat
        FROM held h LEFT JOIN calls c ON c.call_id = h.drives_to AND c.lon IS NOT NULL
        WHERE NOT h.fits OR c.call_id IS NOT NULL
      ) odd ON true`,
  },
  /** Moves one unit, waiting for its row. $1 unit, $2 lon, $3 lat, $4 as given, $5 at. */
  move: {
    name: 'positions.move',
    text: `
      UPDATE units SET lon = $2, lat = $3, raw_position = $4, position_at = $5, changed = pg_current_xact_id()
      WHERE unit_id = $1 AND (position_at IS NULL OR position_at < $5)`,
  },
  /** Locks the call as whoever changes it does. $1 call. */
  lockCall: {
    name: 'positions.lock-call',
    text: 'SELECT call_id FROM calls WHERE call_id = $1 FOR UPDATE',
  },
  /** Whether the unit is on its way to the call, and whether its arrival was suggested. $1 call, $2 unit. */
  suggestion: {
    name: 'positions.suggestion',
    text: `
      SELECT EXISTS (SELECT FROM units WHERE unit_id = $2 AND call_id = $1 AND status = 'en-route') AS on_its_way,
             EXISTS (SELECT FROM events
                     WHERE call_id = $1 AND type = 'time-point.suggested' AND data ->> 'unitId' = $2) AS suggested`,
  },
} as const;

/** A fix as it was heard. */
export interface HeardFix extends Fix {
  readonly unitId: string;
  readonly heardAt: Instant;
  readonly raw: PositionInput;
  /** Metres a second. */
  readonly speed: number | null;
  /** Degrees from north. */
  readonly heading: number | null;
}

export interface KeptFix {
  readonly fix: HeardFix;
  readonly flags: readonly PositionFlag[];
}

interface TrackRow {
  unit_id: string;
  lon: number | null;
  lat: number | null;
  position_at: Date | null;
  doubted_lon: number | null;
  doubted_lat: number | null;
  doubted_at: Date | null;
}

const fixOf = (lon: number | null, lat: number | null, at: Date | null): Fix | null =>
  lon === null || lat === null || at === null ? null : { position: { lon, lat, crs: 'wgs84' }, at: at.getTime() };

/** By unit; a unit that is not filed has none. Fixes of after `notAfter` are left out of account. */
export async function readTracks(
  db: Executor,
  unitIds: readonly string[],
  notAfter: Instant,
): Promise<Map<string, Track>> {
  const { rows } = await db.query<TrackRow>({ ...sql.tracks, values: [unitIds, rfc3339(notAfter)] });
  return new Map(
    rows.map((row) => [
      row.unit_id,
      {
        used: fixOf(row.lon, row.lat, row.position_at),
        doubted: fixOf(row.doubted_lon, row.doubted_lat, row.doubted_at),
      },
    ]),
  );
}

/** What a `real` column holds: PostgreSQL refuses a number too small for it, which a sensor at rest may send. */
const asReal = (value: number | null) => (value === null ? null : Math.fround(value));

/** A unit some fixes are of: what it was judged by, and which of the fixes stands for it (see `sql.keep`). */
export interface JudgedUnit {
  readonly unitId: string;
  readonly judgedBy: Fix | null;
  /** Place among the fixes. */
  readonly standing: number;
}

/** A unit on its way, and where to. */
export interface Drive {
  readonly unitId: string;
  readonly callId: string;
  readonly place: Position;
}

export type Kept = { readonly drives: readonly Drive[] } | { readonly judgedAmiss: readonly string[] };

/**
 * Keeps all of `fixes` and moves the units they are of, unless some got another position since they were judged:
 * nothing is done then, and these are named. With `inAnyCase` it is done all the same, where nothing newer is there.
 */
export async function keepPositions(
  db: Executor,
  fixes: readonly KeptFix[],
  units: readonly JudgedUnit[],
  inAnyCase: boolean,
): Promise<Kept> {
  const stands = new Array<boolean>(fixes.length).fill(false);
  const judgedBy = new Array<Instant | null>(fixes.length).fill(null);
  for (const unit of units) {
    stands[unit.standing] = true;
    judgedBy[unit.standing] = unit.judgedBy?.at ?? null;
  }
  const { rows } = await db.query<KeepRow>({
    ...sql.keep,
    values: [
      textArray(fixes.map(({ fix }) => fix.unitId)),
      plainArray(fixes.map(({ fix }) => fix.at)),
      plainArray(fixes.map(({ fix }) => fix.heardAt)),
      plainArray(fixes.map(({ fix }) => fix.position.lon)),
      plainArray(fixes.map(({ fix }) => fix.position.lat)),
      plainArray(fixes.map(({ fix }) => fix.raw.lon)),
      plainArray(fixes.map(({ fix }) => fix.raw.lat)),
      textArray(fixes.map(({ fix }) => fix.raw.crs)),
      plainArray(fixes.map(({ fix }) => asReal(fix.speed))),
      plainArray(fixes.map(({ fix }) => asReal(fix.heading))),
      textArray(fixes.map(({ flags }) => `{${flags.join(',')}}`)),
      plainArray(stands),
      plainArray(judgedBy),
      units.length,
      inAnyCase,
    ],
  });
  const judgedAmiss = rows.flatMap((row) => (row.fits === false && !inAnyCase ? [row.unit_id as string] : []));
  if (judgedAmiss.length > 0) return { judgedAmiss };
  const held = rows[0]?.held;
  if (held) await moveOneByOne(db, fixes, units, new Set(held));
  return {
    drives: rows.flatMap(({ unit_id: unitId, call_id: callId, lon, lat }) =>
      unitId === null || callId === null ? [] : [{ unitId, callId, place: { lon, lat, crs: 'wgs84' } }],
    ),
  };
}

interface KeepRow {
  held: string[] | null;
  unit_id: string | null;
  fits: boolean | null;
  call_id: string | null;
  lon: number;
  lat: number;
}

async function moveOneByOne(
  db: Executor,
  fixes: readonly KeptFix[],
  units: readonly JudgedUnit[],
  done: ReadonlySet<string>,
): Promise<void> {
  for (const { unitId, standing } of units) {
    const { fix, flags } = fixes[standing] as KeptFix;
    if (flags.length > 0 || done.has(unitId)) continue;
    const { lon, lat } = fix.position;
    await db.query({ ...sql.move, values: [unitId, lon, lat, JSON.stringify(fix.raw), rfc3339(fix.at)] });
  }
}

/** Locks the call to the end of the transaction, then looks whether arrival of the unit is to be suggested, or was. */
export async function lockForSuggestion(
  tx: Executor,
  callId: string,
  unitId: string,
): Promise<{ readonly onItsWay: boolean; readonly suggested: boolean }> {
  await tx.query({ ...sql.lockCall, values: [callId] });
  const { rows } = await tx.query<{ on_its_way: boolean; suggested: boolean }>({
    ...sql.suggestion,
    values: [callId, unitId],
  });
  return { onItsWay: rows[0]?.on_its_way ?? false, suggested: rows[0]?.suggested ?? false };
}
