/** The sub-district a plot lies in and a door near it, as the map has them. */
import type { Executor } from '../../database/pool.ts';
import type { Position } from '../../domain/position.ts';
import type { Near } from './near.ts';

export const sql = {
  /** In the order of $1 longitudes, $2 latitudes. A door is near within some 250 m. */
  around: {
    name: 'siting.around',
    text: `
      SELECT (SELECT a.subdistrict_code FROM areas a
              WHERE ST_Covers(a.outline, ST_SetSRID(ST_MakePoint(i.lon, i.lat), 4326))
              ORDER BY a.subdistrict_code LIMIT 1) AS subdistrict_code,
             (SELECT d.address FROM addresses d
              WHERE d.lon BETWEEN i.lon - 0.003 AND i.lon + 0.003 AND d.lat BETWEEN i.lat - 0.0023 AND i.lat + 0.0023
              ORDER BY ((d.lon - i.lon) * cos(radians(i.lat))) ^ 2 + (d.lat - i.lat) ^ 2, d.address_id LIMIT 1) AS address
      FROM unnest($1::float8[], $2::float8[]) WITH ORDINALITY AS i (lon, lat, place) ORDER BY place`,
  },
} as const;

export async function findAround(
  db: Executor,
  plots: readonly Position[],
): Promise<Pick<Near, 'subdistrictCode' | 'address'>[]> {
  const { rows } = await db.query<{ subdistrict_code: string | null; address: string | null }>({
    ...sql.around,
    values: [plots.map(({ lon }) => lon), plots.map(({ lat }) => lat)],
  });
  return rows.map((row) => ({ subdistrictCode: row.subdistrict_code, address: row.address }));
}
