/** How centres and the duties of sub-districts want to be asked: outlines in the open, numbers and addresses sealed. */
import type { Executor } from '../database/pool.ts';
import { type Instant, rfc3339 } from '../domain/time.ts';

export const deskContext = (centreId: string) => `locate-desk:${centreId}`;
export const dutyContext = (subdistrictCode: string) => `locate-duty:${subdistrictCode}`;

/** What is sealed of a desk. */
export interface Desk {
  readonly webhook: { readonly url: string; readonly secret: string } | null;
  readonly emails: readonly string[];
  readonly phones: readonly string[];
}
/** What is sealed of a sub-district's duty. */
export interface Duty {
  readonly name?: string;
  readonly phone?: string;
  readonly emails?: readonly string[];
  readonly policeName?: string;
  readonly policePhone?: string;
}

export const sql = {
  /** $1 centre, $2 GeoJSON or null, $3 sealed, $4 channels. Says whether the outline encloses anything. */
  putDesk: {
    name: 'locate.put-desk',
    text: `
      INSERT INTO locate_desks (centre_id, catchment, sealed, channels)
      SELECT $1, ST_Multi(ST_CollectionExtract(ST_MakeValid(ST_SetSRID(ST_GeomFromGeoJSON($2::text), 4326)), 3)), $3, $4
      ON CONFLICT (centre_id) DO UPDATE SET
        catchment = excluded.catchment, sealed = excluded.sealed, channels = excluded.channels
      RETURNING catchment IS NULL OR (NOT ST_IsEmpty(catchment)
        AND catchment @ ST_MakeEnvelope(-180, -90, 180, 90, 4326)) AS sound`,
  },
  desk: {
    name: 'locate.desk',
    text: 'SELECT centre_id, ST_AsGeoJSON(catchment, 6)::json AS catchment, sealed FROM locate_desks WHERE centre_id = $1',
  },
  /** $1 sub-district, $2 sealed, $3 channels. */
  putDuty: {
    name: 'locate.put-duty',
    text: `
      INSERT INTO locate_duties (subdistrict_code, sealed, channels) VALUES ($1, $2, $3)
      ON CONFLICT (subdistrict_code) DO UPDATE SET sealed = excluded.sealed, channels = excluded.channels`,
  },
  duty: {
    name: 'locate.duty',
    text: 'SELECT sealed FROM locate_duties WHERE subdistrict_code = $1',
  },
  /** Centres whose desk page is open on this instance. $1 centres, $2 at. */
  present: {
    name: 'locate.present',
    text: `
      INSERT INTO locate_presence AS p (centre_id, seen_at) SELECT centre, $2::timestamptz FROM unnest($1::text[]) AS centre
      ORDER BY centre
      ON CONFLICT (centre_id) DO UPDATE SET seen_at = greatest(p.seen_at, excluded.seen_at)`,
  },
  /** Centres where somebody would hear it. $1 present since, $2 channels that can be used. */
  attended: {
    name: 'locate.attended',
    text: `
      SELECT centre_id FROM locate_presence WHERE seen_at >= $1
      UNION SELECT centre_id FROM locate_desks WHERE channels && $2::text[]`,
  },
} as const;

/** False where the outline encloses nothing, or lies outside the world; whoever asked has to roll back. */
export async function putDesk(
  tx: Executor,
  centreId: string,
  catchment: unknown,
  sealed: Buffer,
  channels: readonly string[],
): Promise<boolean> {
  const outline = catchment == null ? null : JSON.stringify(catchment);
  const { rows } = await tx.query<{ sound: boolean }>({
    ...sql.putDesk,
    values: [centreId, outline, sealed, channels],
  });
  return rows[0]?.sound ?? false;
}

export async function findDesk(
  db: Executor,
  centreId: string,
): Promise<{ readonly catchment: unknown; readonly sealed: Buffer } | null> {
  const { rows } = await db.query<{ catchment: unknown; sealed: Buffer }>({ ...sql.desk, values: [centreId] });
  return rows[0] ?? null;
}

export async function putDuty(
  db: Executor,
  subdistrictCode: string,
  sealed: Buffer,
  channels: readonly string[],
): Promise<void> {
  await db.query({ ...sql.putDuty, values: [subdistrictCode, sealed, channels] });
}

export async function findDuty(db: Executor, subdistrictCode: string): Promise<Buffer | null> {
  const { rows } = await db.query<{ sealed: Buffer }>({ ...sql.duty, values: [subdistrictCode] });
  return rows[0]?.sealed ?? null;
}

export async function markPresent(db: Executor, centreIds: readonly string[], now: Instant): Promise<void> {
  if (centreIds.length) await db.query({ ...sql.present, values: [centreIds, rfc3339(now)] });
}

export async function findAttended(db: Executor, now: Instant, channels: readonly string[]): Promise<Set<string>> {
  const { rows } = await db.query<{ centre_id: string }>({ ...sql.attended, values: [presentSince(now), channels] });
  return new Set(rows.map((row) => row.centre_id));
}

/** A desk page counts as open for this long after an instance last saw it. */
const PRESENT_SECONDS = 30;
export const presentSince = (now: Instant) => rfc3339(now - PRESENT_SECONDS * 1000);
