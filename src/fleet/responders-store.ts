/** The register of first responders in PostgreSQL. */
import type { Executor } from '../database/pool.ts';
import type { Position, PositionInput } from '../domain/position.ts';
import { type Instant, rfc3339 } from '../domain/time.ts';
import type { Responder } from './responders.ts';
import type { ResponderChannel, ResponderKind } from './responders-schema.ts';

export const sql = {
  /** $1 id, $2 kind, $3 lon, $4 lat, $5 as given, $6 on duty, $7 from, $8 to, $9 channels, $10 sealed, $11 now. */
  put: {
    name: 'responders.put',
    text: `
      INSERT INTO responders (responder_id, kind, place, raw_position, on_duty, from_minute, to_minute, channels, sealed, updated_at)
      VALUES ($1, $2, ST_SetSRID(ST_MakePoint($3, $4), 4326), $5, $6, $7, $8, $9, $10, $11)
      ON CONFLICT (responder_id) DO UPDATE SET
        kind = excluded.kind, place = excluded.place, raw_position = excluded.raw_position, on_duty = excluded.on_duty,
        from_minute = excluded.from_minute, to_minute = excluded.to_minute, channels = excluded.channels,
        sealed = excluded.sealed, updated_at = excluded.updated_at`,
  },
  list: {
    name: 'responders.list',
    text: `
      SELECT responder_id, kind, ST_X(place) AS lon, ST_Y(place) AS lat, on_duty, from_minute, to_minute, channels, sealed
      FROM responders ORDER BY kind, responder_id`,
  },
  /**
   * Those nearest to a place that are on duty now and on no call, some of the people and some of the equipment.
   * $1 lon, $2 lat, $3 minute of the day, $4 people at most, $5 defibrillators at most.
   */
  nearest: {
    name: 'responders.nearest',
    text: `
      SELECT n.* FROM (VALUES (true, $4::int), (false, $5::int)) AS asked (people, most), LATERAL (
        SELECT r.responder_id, r.kind, ST_X(r.place) AS lon, ST_Y(r.place) AS lat
        FROM responders r
        WHERE (r.kind <> 'defibrillator') = asked.people AND r.on_duty
          AND (r.from_minute IS NULL
               OR CASE WHEN r.from_minute <= r.to_minute THEN $3::int >= r.from_minute AND $3::int < r.to_minute
                       ELSE $3::int >= r.from_minute OR $3::int < r.to_minute END)
          AND NOT EXISTS (SELECT FROM responder_alerts b WHERE b.responder_id = r.responder_id
                          AND b.status IN ('alerted', 'accepted', 'on-scene'))
        ORDER BY r.place <-> ST_SetSRID(ST_MakePoint($1::float8, $2::float8), 4326) LIMIT asked.most
      ) n`,
  },
  /** $1 responder. */
  byId: {
    name: 'responders.by-id',
    text: `
      SELECT responder_id, kind, ST_X(place) AS lon, ST_Y(place) AS lat, on_duty, from_minute, to_minute, channels, sealed
      FROM responders WHERE responder_id = $1`,
  },
} as const;

export interface ResponderRow {
  responder_id: string;
  kind: ResponderKind;
  lon: number;
  lat: number;
  on_duty: boolean;
  from_minute: number | null;
  to_minute: number | null;
  channels: ResponderChannel[];
  sealed: Buffer;
}

export interface NewResponder {
  readonly responderId: string;
  readonly kind: ResponderKind;
  readonly position: Position;
  readonly raw: PositionInput;
  readonly onDuty: boolean;
  readonly fromMinute: number | null;
  readonly toMinute: number | null;
  readonly channels: readonly ResponderChannel[];
  readonly sealed: Buffer;
}

export async function putResponder(db: Executor, given: NewResponder, now: Instant): Promise<void> {
  const { responderId, kind, position, raw, onDuty, fromMinute, toMinute, channels, sealed } = given;
  await db.query({
    ...sql.put,
    values: [
      responderId,
      kind,
      position.lon,
      position.lat,
      JSON.stringify(raw),
      onDuty,
      fromMinute,
      toMinute,
      channels,
      sealed,
      rfc3339(now),
    ],
  });
}

export const listResponders = async (db: Executor): Promise<ResponderRow[]> =>
  (await db.query<ResponderRow>(sql.list)).rows;

export async function findResponder(db: Executor, responderId: string): Promise<ResponderRow | null> {
  return (await db.query<ResponderRow>({ ...sql.byId, values: [responderId] })).rows[0] ?? null;
}

const PEOPLE_LOOKED_AT = 20;
const EQUIPMENT_LOOKED_AT = 5;

export async function nearestResponders(db: Executor, { lon, lat }: Position, minute: number): Promise<Responder[]> {
  const { rows } = await db.query<{ responder_id: string; kind: ResponderKind; lon: number; lat: number }>({
    ...sql.nearest,
    values: [lon, lat, minute, PEOPLE_LOOKED_AT, EQUIPMENT_LOOKED_AT],
  });
  return rows.map((row) => ({
    responderId: row.responder_id,
    kind: row.kind,
    position: { lon: row.lon, lat: row.lat, crs: 'wgs84' },
  }));
}
