/** Positions in PostgreSQL: what is known of the units heard from, and a whole batch kept in one statement. */
import type { Executor } from '../database/pool.ts';
import type { Position, PositionInput } from '../domain/position.ts';
import { type Instant, rfc3339 } from '../domain/time.ts';
import type { Fix, PositionFlag, Track } from './positions.ts';

/** Fixes after the last used one among which the latest jump is looked for: a unit that only ever sends nonsense costs no more. */
const LOOKED_BACK = 16;

export const sql = {
  /**
   * Tracks of units and, where one is on its way, the place it drives to, until arrival was suggested. The calls and
   * their events are read here on purpose: another round trip would be paid for every batch. $1 units, $2 not after.
   */
  tracks: {
    name: 'positions.tracks',
    text: `
      SELECT u.unit_id, u.lon, u.lat, u.position_at, d.lon AS doubted_lon, d.lat AS doubted_lat, d.at AS doubted_at,
             c.call_id, c.lon AS call_lon, c.lat AS call_lat
      FROM units u
      LEFT JOIN LATERAL (
        SELECT at, lon, lat
        FROM (SELECT at, lon, lat, flags FROM positions p
              WHERE p.unit_id = u.unit_id AND p.at > u.position_at AND p.at <= $2
              ORDER BY p.at DESC LIMIT ${LOOKED_BACK}) latest
        WHERE flags = '{jump}' ORDER BY at DESC LIMIT 1
      ) d ON true
      LEFT JOIN calls c ON c.call_id = u.call_id AND u.status = 'en-route' AND c.lon IS NOT NULL
        AND NOT EXISTS (SELECT FROM events e
                        WHERE e.call_id = u.call_id AND e.type = 'time-point.suggested' AND e.data ->> 'unitId' = u.unit_id)
      WHERE u.unit_id = ANY($1)`,
  },
  /**
   * Keeps every fix and moves the units. A unit that somebody is claiming just now is passed over and named by its
   * absence: waiting for one row while holding others is how deadlocks come about. $1 units, $2 at, $3 heard at, $4 lon,
   * $5 lat, $6 as given, $7 speed, $8 heading, $9 flags, pairwise; $10 units to move, $11 lon, $12 lat, $13 as given, $14 at.
   */
  keep: {
    name: 'positions.keep',
    text: `
      WITH kept AS (
        INSERT INTO positions (unit_id, at, heard_at, lon, lat, raw_position, speed, heading, flags)
        SELECT unit_id, at, heard_at, lon, lat, raw_position, speed, heading, flags::text[]
        FROM unnest($1::text[], $2::timestamptz[], $3::timestamptz[], $4::float8[], $5::float8[], $6::jsonb[],
                    $7::real[], $8::real[], $9::text[])
          AS p (unit_id, at, heard_at, lon, lat, raw_position, speed, heading, flags)
      ), held AS (
        SELECT unit_id FROM units WHERE unit_id = ANY($10) FOR NO KEY UPDATE SKIP LOCKED
      ), moved AS (
        UPDATE units u SET lon = m.lon, lat = m.lat, raw_position = m.raw_position, position_at = m.at,
               changed = pg_current_xact_id()
        FROM unnest($10::text[], $11::float8[], $12::float8[], $13::jsonb[], $14::timestamptz[])
          AS m (unit_id, lon, lat, raw_position, at)
        WHERE u.unit_id = m.unit_id AND u.unit_id IN (SELECT unit_id FROM held)
          AND (u.position_at IS NULL OR u.position_at < m.at)
      )
      SELECT unit_id FROM held`,
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
  /** Whether arrival is still to be suggested; asked under the call's lock. $1 call, $2 unit. */
  isSuggestible: {
    name: 'positions.is-suggestible',
    text: `
      SELECT EXISTS (SELECT FROM units WHERE unit_id = $2 AND call_id = $1 AND status = 'en-route')
         AND NOT EXISTS (SELECT FROM events
                         WHERE call_id = $1 AND type = 'time-point.suggested' AND data ->> 'unitId' = $2) AS suggestible`,
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

export interface KeptFix extends HeardFix {
  readonly flags: readonly PositionFlag[];
}

export interface UnitTrack extends Track {
  /** The call a unit on its way drives to, where its place is known and arrival was not suggested before. */
  readonly target: { readonly callId: string; readonly place: Position } | null;
}

interface TrackRow {
  unit_id: string;
  lon: number | null;
  lat: number | null;
  position_at: Date | null;
  doubted_lon: number | null;
  doubted_lat: number | null;
  doubted_at: Date | null;
  call_id: string | null;
  call_lon: number;
  call_lat: number;
}

const fixOf = (lon: number | null, lat: number | null, at: Date | null): Fix | null =>
  lon === null || lat === null || at === null ? null : { position: { lon, lat, crs: 'wgs84' }, at: at.getTime() };

/** By unit; a unit that is not filed has none. Fixes of after `notAfter` are left out of account. */
export async function readTracks(
  db: Executor,
  unitIds: readonly string[],
  notAfter: Instant,
): Promise<Map<string, UnitTrack>> {
  const { rows } = await db.query<TrackRow>({ ...sql.tracks, values: [unitIds, rfc3339(notAfter)] });
  return new Map(
    rows.map((row) => [
      row.unit_id,
      {
        used: fixOf(row.lon, row.lat, row.position_at),
        doubted: fixOf(row.doubted_lon, row.doubted_lat, row.doubted_at),
        target:
          row.call_id === null
            ? null
            : { callId: row.call_id, place: { lon: row.call_lon, lat: row.call_lat, crs: 'wgs84' } },
      },
    ]),
  );
}

/** What a `real` column holds: PostgreSQL refuses a number too small for it, which a sensor at rest may send. */
const asReal = (value: number | null) => (value === null ? null : Math.fround(value));

/** Keeps all of `fixes`; each of `moves`, one a unit, becomes its unit's position unless a newer one got there first. */
export async function keepPositions(
  db: Executor,
  fixes: readonly KeptFix[],
  moves: readonly HeardFix[],
): Promise<void> {
  const { rows } = await db.query<{ unit_id: string }>({
    ...sql.keep,
    values: [
      fixes.map((fix) => fix.unitId),
      fixes.map((fix) => rfc3339(fix.at)),
      fixes.map((fix) => rfc3339(fix.heardAt)),
      fixes.map((fix) => fix.position.lon),
      fixes.map((fix) => fix.position.lat),
      fixes.map((fix) => JSON.stringify(fix.raw)),
      fixes.map((fix) => asReal(fix.speed)),
      fixes.map((fix) => asReal(fix.heading)),
      fixes.map((fix) => `{${fix.flags.join(',')}}`),
      moves.map((fix) => fix.unitId),
      moves.map((fix) => fix.position.lon),
      moves.map((fix) => fix.position.lat),
      moves.map((fix) => JSON.stringify(fix.raw)),
      moves.map((fix) => rfc3339(fix.at)),
    ],
  });
  if (rows.length === moves.length) return;
  const held = new Set(rows.map((row) => row.unit_id));
  for (const fix of moves) {
    if (held.has(fix.unitId)) continue;
    const { lon, lat } = fix.position;
    await db.query({ ...sql.move, values: [fix.unitId, lon, lat, JSON.stringify(fix.raw), rfc3339(fix.at)] });
  }
}

/** Locks the call to the end of the transaction; answers whether arrival of the unit is to be suggested, once. */
export async function lockForSuggestion(tx: Executor, callId: string, unitId: string): Promise<boolean> {
  await tx.query({ ...sql.lockCall, values: [callId] });
  const { rows } = await tx.query<{ suggestible: boolean }>({ ...sql.isSuggestible, values: [callId, unitId] });
  return rows[0]?.suggestible ?? false;
}
