/** Tagged addresses of the imported map, found by what a caller says. */
import type { Executor } from '../database/pool.ts';
import type { Position } from '../domain/position.ts';
import { addressKeys } from './address-keys.ts';

/** More are not looked at for one question: a word that half a city's addresses have finds none of them. */
const LOOKED_AT = 2_000;

/** What has most of what was said comes first, then the nearest number, then what says least beside it. */
const best = (looked: string) => `
  SELECT f.address, f.lon, f.lat,
         (SELECT subdistrict_code FROM areas
          WHERE ST_Covers(outline, ST_SetSRID(ST_MakePoint(f.lon, f.lat), 4326)) LIMIT 1) AS subdistrict_code
  FROM (
    SELECT l.*,
           (SELECT count(*) FROM unnest(l.keys) AS k WHERE k = ANY ($1::text[])) AS named,
           (SELECT count(*) FROM unnest(l.keys) AS k WHERE k = ANY ($2::text[])) AS shared
    FROM (SELECT * FROM addresses WHERE ${looked} LIMIT ${LOOKED_AT}) AS l
  ) AS f
  WHERE f.named >= $4::integer
  ORDER BY f.shared DESC, abs(f.number - $3::integer) NULLS LAST, cardinality(f.keys), f.address_id
  LIMIT 5`;

export const sql = {
  /** Those that have all of $1. $2 all keys said, $3 number said, $4 how many of $1 there are at least. */
  having: { name: 'addresses.having', text: best('keys @> $1::text[]') },
  /** Those that have $4 of $1: a name misheard or written otherwise. $2 all keys said, $3 number said. */
  like: { name: 'addresses.like', text: best('keys && $1::text[]') },
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
  const numbers = all.filter((key) => key.startsWith('#'));
  for (const [statement, wanted, atLeast] of [
    [sql.having, [...names, ...numbers], names.length],
    [sql.having, names, names.length],
    [sql.like, names, Math.ceil(names.length / 2)],
  ] as const) {
    const { rows } = await db.query<FoundRow>({ ...statement, values: [wanted, all, number, atLeast] });
    if (rows.length > 0) return rows.map(viewOf);
  }
  return [];
}

const viewOf = ({ address, lon, lat, subdistrict_code }: FoundRow): FoundAddress => ({
  address,
  position: { lon, lat, crs: 'wgs84' },
  subdistrictCode: subdistrict_code,
});
