/** Units, places and sub-district outlines in PostgreSQL. Whoever changes a row stamps it with the transaction (see `Roster`). */
import type { Executor } from '../database/pool.ts';
import { toWgs84 } from '../domain/position.ts';
import { type Instant, rfc3339 } from '../domain/time.ts';
import { type FleetRow, type PlaceRow, placeOf, unitOf } from './roster.ts';
import type { Place, PlaceInput, PlaceKind, Unit, UnitInput } from './schema.ts';

export const sql = {
  /**
   * Creates or replaces a unit. Without a position its last one stands, and on a call the status its run gave it: one
   * written over it would have the unit ranked as free and its crew's next report refused. $1 id … in the order of the columns.
   */
  putUnit: {
    name: 'units.put',
    text: `
      INSERT INTO units AS u (unit_id, vehicle_type, capabilities, status, station_id, lon, lat, raw_position, position_at)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
      ON CONFLICT (unit_id) DO UPDATE SET
        vehicle_type = excluded.vehicle_type, capabilities = excluded.capabilities,
        status = CASE WHEN u.call_id IS NULL THEN excluded.status ELSE u.status END,
        station_id = excluded.station_id, lon = coalesce(excluded.lon, u.lon), lat = coalesce(excluded.lat, u.lat),
        raw_position = coalesce(excluded.raw_position, u.raw_position),
        position_at = coalesce(excluded.position_at, u.position_at), changed = pg_current_xact_id()
      RETURNING to_json(u) AS unit`,
  },
  listUnits: {
    name: 'units.list',
    text: 'SELECT to_json(u) AS unit FROM units u ORDER BY unit_id',
  },
  /** $1 id, $2 kind, $3 name, $4 English name, $5 lon, $6 lat, $7 sub-district (else by outline), $8 capabilities. */
  putPlace: {
    name: 'places.put',
    text: `
      INSERT INTO places AS p (place_id, kind, name, name_en, lon, lat, subdistrict_code, subdistrict_stated, capabilities)
      VALUES ($1, $2, $3, $4, $5, $6,
              coalesce($7::text, (SELECT subdistrict_code FROM areas
                                  WHERE ST_Covers(outline, ST_SetSRID(ST_MakePoint($5, $6), 4326))
                                  ORDER BY subdistrict_code LIMIT 1)),
              $7::text IS NOT NULL, $8)
      ON CONFLICT (place_id) DO UPDATE SET
        kind = excluded.kind, name = excluded.name, name_en = excluded.name_en, lon = excluded.lon, lat = excluded.lat,
        subdistrict_code = excluded.subdistrict_code, subdistrict_stated = excluded.subdistrict_stated,
        capabilities = excluded.capabilities, source = NULL,
        changed = pg_current_xact_id()
      RETURNING to_json(p) AS place`,
  },
  /** $1 kind, or null for all. */
  listPlaces: {
    name: 'places.list',
    text: 'SELECT to_json(p) AS place FROM places p WHERE $1::text IS NULL OR kind = $1 ORDER BY kind, place_id',
  },
  /** Makes valid what crosses itself; says whether anything is left. $1 code, $2 name, $3 GeoJSON, $4 source, $5 in English. */
  putArea: {
    name: 'areas.put',
    text: `
      INSERT INTO areas (subdistrict_code, name, outline, source, name_en)
      SELECT $1, $2, ST_Multi(ST_CollectionExtract(ST_MakeValid(ST_SetSRID(ST_GeomFromGeoJSON($3), 4326)), 3)), $4, $5
      ON CONFLICT (subdistrict_code) DO UPDATE SET
        name = excluded.name, outline = excluded.outline, source = excluded.source, name_en = excluded.name_en
      RETURNING ST_IsEmpty(outline) AS empty`,
  },
  /**
   * Outlines come first, homes and places after, or the other way round, or corrected later: all end the same. What was
   * stated stands.
   */
  placeAnew: {
    name: 'areas.place-anew',
    text: `
      WITH homes AS (
        SELECT r.resident_ref,
               (SELECT subdistrict_code FROM areas WHERE ST_Covers(outline, r.home)
                ORDER BY subdistrict_code LIMIT 1) AS code
        FROM residents r WHERE NOT r.subdistrict_stated AND r.home IS NOT NULL
      ), moved AS (
        UPDATE residents r SET subdistrict_code = h.code
        FROM homes h WHERE h.resident_ref = r.resident_ref AND r.subdistrict_code IS DISTINCT FROM h.code
      ), stood AS (
        SELECT p.place_id,
               (SELECT subdistrict_code FROM areas WHERE ST_Covers(outline, ST_SetSRID(ST_MakePoint(p.lon, p.lat), 4326))
                ORDER BY subdistrict_code LIMIT 1) AS code
        FROM places p WHERE NOT p.subdistrict_stated
      )
      UPDATE places p SET subdistrict_code = s.code, changed = pg_current_xact_id()
      FROM stood s WHERE s.place_id = p.place_id AND p.subdistrict_code IS DISTINCT FROM s.code`,
  },
  listAreas: {
    name: 'areas.list',
    text: `
      SELECT subdistrict_code, name, name_en, source, ST_AsGeoJSON(outline, 6)::json AS outline FROM areas
      ORDER BY subdistrict_code`,
  },
} as const;

export async function putUnit(db: Executor, unit: UnitInput, now: Instant): Promise<Unit> {
  const position = unit.position && toWgs84(unit.position);
  const { rows } = await db.query<{ unit: FleetRow }>({
    ...sql.putUnit,
    values: [
      unit.unitId,
      unit.vehicleType,
      unit.capabilities,
      unit.status,
      unit.stationId ?? null,
      position?.lon ?? null,
      position?.lat ?? null,
      unit.position ? JSON.stringify(unit.position) : null,
      position ? rfc3339(now) : null,
    ],
  });
  return unitOf((rows[0] as { unit: FleetRow }).unit);
}

export async function listUnits(db: Executor): Promise<Unit[]> {
  const { rows } = await db.query<{ unit: FleetRow }>(sql.listUnits);
  return rows.map((row) => unitOf(row.unit));
}

export async function putPlace(db: Executor, place: PlaceInput): Promise<Place> {
  const { lon, lat } = toWgs84(place.position);
  const { rows } = await db.query<{ place: PlaceRow }>({
    ...sql.putPlace,
    values: [
      place.placeId,
      place.kind,
      place.name,
      place.nameEn ?? null,
      lon,
      lat,
      place.subdistrictCode ?? null,
      place.capabilities ?? [],
    ],
  });
  return placeOf((rows[0] as { place: PlaceRow }).place);
}

export async function listPlaces(db: Executor, kind: PlaceKind | null): Promise<Place[]> {
  const { rows } = await db.query<{ place: PlaceRow }>({ ...sql.listPlaces, values: [kind] });
  return rows.map((row) => placeOf(row.place));
}

export interface Area {
  readonly subdistrictCode: string;
  readonly name: string;
  /** Null or absent where nobody says. */
  readonly nameEn?: string | null;
  readonly outline: unknown;
  readonly source: string | null;
}

/** False where the outline encloses nothing once it is made valid; whoever asked has to roll back. */
export async function putArea(tx: Executor, area: Area): Promise<boolean> {
  const { rows } = await tx.query<{ empty: boolean }>({
    ...sql.putArea,
    values: [area.subdistrictCode, area.name, JSON.stringify(area.outline), area.source, area.nameEn ?? null],
  });
  return rows[0]?.empty === false;
}

/** Gives homes and places the sub-district whose outline they lie in now, but for those whose sub-district was stated. */
export async function placeAnew(tx: Executor): Promise<void> {
  await tx.query(sql.placeAnew);
}

export async function listAreas(db: Executor): Promise<Required<Area>[]> {
  const { rows } = await db.query<{
    subdistrict_code: string;
    name: string;
    name_en: string | null;
    source: string | null;
    outline: unknown;
  }>(sql.listAreas);
  return rows.map((row) => ({
    subdistrictCode: row.subdistrict_code,
    name: row.name,
    nameEn: row.name_en,
    outline: row.outline,
    source: row.source,
  }));
}
