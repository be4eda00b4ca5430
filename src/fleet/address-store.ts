/** Tagged addresses of the imported map, found by what a caller says. */
import type { Executor } from '../database/pool.ts';
import type { Position } from '../domain/position.ts';
import { addressKeys } from './address-keys.ts';

export const sql = {
  /**
   * $1 keys of names, of which at least $2 have to be there, $3 all keys, $4 number. What has most of what was said
   * comes first, then the nearest number, then what says least beside it.
   */
  find: {
    name: 'addresses.find',
    text: `
      SELECT f.address, f.lon, f.lat,
             (SELECT subdistrict_code FROM areas
              WHERE ST_Covers(outline, ST_SetSRID(ST_MakePoint(f.lon, f.lat), 4326)) LIMIT 1) AS subdistrict_code
      FROM (
        SELECT a.*,
               (SELECT count(*) FROM unnest(a.keys) AS k WHERE k = ANY ($1::text[])) AS named,
               (SELECT count(*) FROM unnest(a.keys) AS k WHERE k = ANY ($3::text[])) AS shared
        FROM addresses AS a
        WHERE a.keys && $1::text[]
      ) AS f
      WHERE f.named >= $2::integer
      ORDER BY f.shared DESC, abs(f.number - $4::integer) NULLS LAST, cardinality(f.keys), f.address_id
      LIMIT 5`,
  },
} as const;

export interface FoundAddress {
  readonly address: string;
  readonly position: Position;
  readonly subdistrictCode: string | null;
}

interface FoundRow {
  readonly address: string;
  readonly lon: number;
  readonly lat: number;
  readonly subdistrict_code: string | null;
}

/** The likeliest first, five at most; none where nothing of a name was said. */
export async function findAddresses(db: Executor, said: string): Promise<FoundAddress[]> {
  const { names, all, number } = addressKeys(said);
  if (names.length === 0) return [];
  const values = [names, Math.ceil(names.length / 2), all, number];
  const { rows } = await db.query<FoundRow>({ ...sql.find, values });
  return rows.map(({ address, lon, lat, subdistrict_code }) => ({
    address,
    position: { lon, lat, crs: 'wgs84' },
    subdistrictCode: subdistrict_code,
  }));
}
