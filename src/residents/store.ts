/** Residents in PostgreSQL: filed in batches, found through blind keys, opened only when read. */
import { type Pile, pile } from '../database/pile.ts';
import type { Executor } from '../database/pool.ts';
import type { Seal } from '../database/seal.ts';
import type { Coded } from '../domain/coded.ts';
import { type Instant, rfc3339 } from '../domain/time.ts';
import type { FiledResident } from './file.ts';
import { filingKeys } from './keys.ts';

/** What is authenticated with a sealed file, so that one resident's file cannot be passed off as another's. */
export const residentContext = (residentId: string) => `resident:${residentId}`;

export const sql = {
  /** Whoever replaces a file holds it first, so that nobody waits for its keys while others wait for the file. $1 resident ids. */
  hold: {
    name: 'residents.hold',
    text: 'SELECT FROM residents WHERE resident_id = ANY($1::text[]) ORDER BY resident_id FOR NO KEY UPDATE',
  },
  /** Keys of files about to be replaced go first. $1 resident ids. */
  dropKeys: {
    name: 'residents.drop-keys',
    text: `
      DELETE FROM resident_keys k USING residents r
      WHERE r.resident_id = ANY($1::text[]) AND k.token = ANY(r.keys) AND k.resident_ref = r.resident_ref`,
  },
  /**
   * Files or replaces. $1 pile of sealed files, then parallel arrays: ids, starts and lengths in the pile, keys (as
   * bigint[] literals), lon, lat, sub-district, centre, doctor, filed, confirmed.
   */
  file: {
    name: 'residents.file',
    text: `
      WITH input AS (
        SELECT i.*, substring($1::bytea FROM start FOR length) AS sealed
        FROM unnest($2::text[], $3::int[], $4::int[], $5::text[], $6::float8[], $7::float8[], $8::text[], $9::text[],
                    $10::text[], $11::timestamptz[], $12::timestamptz[])
          AS i (resident_id, start, length, keys, lon, lat, subdistrict_code, centre, doctor, filed_at, confirmed_at)
      ), filed AS (
        INSERT INTO residents AS r (resident_id, sealed, keys, home, subdistrict_code, subdistrict_stated,
                                    community_centre_id, family_doctor_id, filed_at, confirmed_at)
        SELECT i.resident_id, i.sealed, i.keys::bigint[], point.home,
               coalesce(i.subdistrict_code, (SELECT a.subdistrict_code FROM areas a
                                             WHERE ST_Covers(a.outline, point.home)
                                             ORDER BY a.subdistrict_code LIMIT 1)),
               i.subdistrict_code IS NOT NULL, i.centre, i.doctor, i.filed_at, i.confirmed_at
        FROM input i,
             LATERAL (SELECT ST_SetSRID(ST_MakePoint(i.lon, i.lat), 4326) AS home) point
        ON CONFLICT (resident_id) DO UPDATE SET
          sealed = excluded.sealed, keys = excluded.keys, home = excluded.home,
          subdistrict_code = excluded.subdistrict_code, subdistrict_stated = excluded.subdistrict_stated,
          community_centre_id = excluded.community_centre_id,
          family_doctor_id = excluded.family_doctor_id, filed_at = excluded.filed_at, confirmed_at = excluded.confirmed_at
        RETURNING r.resident_ref, r.keys, (r.xmax = 0) AS created
      ), keyed AS (
        INSERT INTO resident_keys (token, resident_ref)
        SELECT unnest(keys), resident_ref FROM filed
        ON CONFLICT DO NOTHING
      )
      SELECT count(*) FILTER (WHERE created) AS created, count(*) AS filed FROM filed`,
  },
  /** Files about to be changed by what they hold: nobody else changes them until the transaction ends. $1 resident ids. */
  held: {
    name: 'residents.held',
    text: 'SELECT resident_id, sealed FROM residents WHERE resident_id = ANY($1::text[]) ORDER BY resident_id FOR NO KEY UPDATE',
  },
  /** Places of homes alone, in order of filing. $1 after, $2 at most. */
  homes: {
    name: 'residents.homes',
    text: `
      SELECT resident_ref, ST_X(home) AS lon, ST_Y(home) AS lat FROM residents
      WHERE resident_ref > $1 AND home IS NOT NULL ORDER BY resident_ref LIMIT $2`,
  },
  /** Files with a home that has a place, in order of filing, for sums over all of them. $1 after, $2 at most. */
  withHome: {
    name: 'residents.with-home',
    text: `
      SELECT resident_ref, resident_id, sealed, ST_X(home) AS lon, ST_Y(home) AS lat FROM residents
      WHERE resident_ref > $1 AND home IS NOT NULL ORDER BY resident_ref LIMIT $2`,
  },
  /** One file by its id. $1 resident id. */
  byId: {
    name: 'residents.by-id',
    text: 'SELECT resident_id, sealed, subdistrict_code, family_doctor_id FROM residents WHERE resident_id = $1',
  },
  /** $1 resident ids. */
  byIds: {
    name: 'residents.by-ids',
    text: 'SELECT resident_id, sealed, subdistrict_code, family_doctor_id FROM residents WHERE resident_id = ANY($1)',
  },
  /** Files under any of some blind keys, for a look-up by hand. $1 tokens, $2 at most. */
  byKeys: {
    name: 'residents.by-keys',
    text: `
      SELECT r.resident_id, r.sealed, r.subdistrict_code, r.family_doctor_id
      FROM residents r
      WHERE r.resident_ref IN (SELECT k.resident_ref FROM resident_keys k WHERE k.token = ANY($1::bigint[]) LIMIT $2)
      ORDER BY r.resident_id`,
  },
  /** Adds to the count of codes no risk group claims. $1 systems, $2 codes, $3 displays. */
  countUnmapped: {
    name: 'residents.count-unmapped',
    text: `
      INSERT INTO unmapped_codes AS u (system, code, display, times)
      SELECT system, code, max(display), count(*) FROM unnest($1::text[], $2::text[], $3::text[]) AS i (system, code, display)
      GROUP BY system, code ORDER BY system, code
      ON CONFLICT (system, code) DO UPDATE SET times = u.times + excluded.times, display = coalesce(u.display, excluded.display)`,
  },
  /** How far an import of a file got. $1 hash of the file. */
  findImport: {
    name: 'residents.find-import',
    text: 'SELECT lines_done FROM imports WHERE file_hash = $1',
  },
  /** Written with each batch. $1 hash, $2 lines done, $3 time. */
  markImport: {
    name: 'residents.mark-import',
    text: `
      INSERT INTO imports (file_hash, lines_done, updated_at) VALUES ($1, $2, $3)
      ON CONFLICT (file_hash) DO UPDATE SET lines_done = excluded.lines_done, updated_at = excluded.updated_at`,
  },
  /** A finished import may be run again from its first line. $1 hash. */
  forgetImport: {
    name: 'residents.forget-import',
    text: 'DELETE FROM imports WHERE file_hash = $1',
  },
  /** The commonest unmapped codes. $1 at most. */
  unmapped: {
    name: 'residents.unmapped',
    text: 'SELECT system, code, display, times FROM unmapped_codes ORDER BY times DESC, system, code LIMIT $1',
  },
} as const;

/** Residents sealed and keyed, ready to be stored. */
export interface Batch {
  readonly residents: readonly FiledResident[];
  readonly sealed: Pile;
  readonly keys: readonly (readonly string[])[];
}

/** The work filing costs this process, so that an import does it while the batch before is being stored. */
export function sealBatch(seal: Seal, given: readonly FiledResident[]): Batch {
  const residents = [...new Map(given.map((r) => [r.residentId, r])).values()].sort((a, b) =>
    a.residentId < b.residentId ? -1 : 1,
  );
  return {
    residents,
    sealed: pile(residents.map((r) => seal.close(r, residentContext(r.residentId)))),
    keys: residents.map((r) => filingKeys(seal, r)),
  };
}

/**
 * Files a batch (call it inside a transaction). Of one resident twice in a batch the later stands. Batches are held and
 * written in the order of ids, so two imports at once cannot deadlock. Two that file the same new resident at the same
 * instant may leave a key of the one that lost; it only adds a candidate, which matching then judges by the file itself.
 */
export async function fileResidents(
  tx: Executor,
  { residents, sealed, keys }: Batch,
): Promise<{ filed: number; created: number }> {
  const ids = residents.map((r) => r.residentId);
  await tx.query({ ...sql.hold, values: [ids] });
  await tx.query({ ...sql.dropKeys, values: [ids] });
  const { rows } = await tx.query<{ filed: number; created: number }>({
    ...sql.file,
    values: [
      sealed.bytes,
      ids,
      sealed.starts,
      sealed.lengths,
      keys.map((each) => `{${each.join(',')}}`),
      residents.map((r) => r.home?.position?.lon ?? null),
      residents.map((r) => r.home?.position?.lat ?? null),
      residents.map((r) => r.home?.subdistrictCode ?? null),
      residents.map((r) => r.communityCentreId ?? null),
      residents.map((r) => r.familyDoctorId ?? null),
      residents.map((r) => r.filedAt),
      residents.map((r) => r.confirmedAt ?? null),
    ],
  });
  return rows[0] ?? { filed: 0, created: 0 };
}

interface ResidentRow {
  resident_id: string;
  sealed: Buffer;
  subdistrict_code: string | null;
  family_doctor_id: string | null;
}

const openRow = (seal: Seal, row: ResidentRow) =>
  seal.open<FiledResident>(row.sealed, residentContext(row.resident_id));

export async function findResident(db: Executor, seal: Seal, residentId: string): Promise<FiledResident | null> {
  const { rows } = await db.query<ResidentRow>({ ...sql.byId, values: [residentId] });
  return rows[0] ? openRow(seal, rows[0]) : null;
}

/** Held in the order of ids, as filing does, so that two that change several files at once cannot deadlock. By resident id. */
export async function holdResidents(
  tx: Executor,
  seal: Seal,
  residentIds: readonly string[],
): Promise<ReadonlyMap<string, FiledResident>> {
  const { rows } = await tx.query<ResidentRow>({ ...sql.held, values: [residentIds] });
  return new Map(rows.map((row) => [row.resident_id, openRow(seal, row)]));
}

/** By id; who is not filed is not in it. */
export async function findResidents(
  db: Executor,
  seal: Seal,
  residentIds: readonly string[],
): Promise<ReadonlyMap<string, FiledResident>> {
  const { rows } = await db.query<ResidentRow>({ ...sql.byIds, values: [[...new Set(residentIds)]] });
  return new Map(rows.map((row) => [row.resident_id, openRow(seal, row)]));
}

export async function findResidentsByKeys(
  db: Executor,
  seal: Seal,
  tokens: readonly string[],
  atMost: number,
): Promise<FiledResident[]> {
  const { rows } = await db.query<ResidentRow>({ ...sql.byKeys, values: [tokens, atMost] });
  return rows.map((row) => openRow(seal, row));
}

/** A page of the places people live at, and nothing else of them. */
export async function homesWithPlace(
  db: Executor,
  after: number,
  atMost: number,
): Promise<{ readonly residentRef: number; readonly lon: number; readonly lat: number }[]> {
  const { rows } = await db.query<{ resident_ref: number; lon: number; lat: number }>({
    ...sql.homes,
    values: [after, atMost],
  });
  return rows.map(({ resident_ref, lon, lat }) => ({ residentRef: resident_ref, lon, lat }));
}

export interface ResidentHome {
  readonly residentRef: number;
  readonly residentId: string;
  readonly sealed: Buffer;
  readonly lon: number;
  readonly lat: number;
}

/** A page of all files with a home; the next one begins after the last `residentRef`. */
export async function residentsWithHome(db: Executor, after: number, atMost: number): Promise<ResidentHome[]> {
  const { rows } = await db.query<{
    resident_ref: number;
    resident_id: string;
    sealed: Buffer;
    lon: number;
    lat: number;
  }>({ ...sql.withHome, values: [after, atMost] });
  return rows.map(({ resident_ref, resident_id, ...rest }) => ({
    residentRef: resident_ref,
    residentId: resident_id,
    ...rest,
  }));
}

/** Counts codes no risk group claims, so that the concept map can be mended where it matters most. */
export async function countUnmapped(tx: Executor, codes: readonly Coded[]): Promise<void> {
  if (codes.length === 0) return;
  await tx.query({
    ...sql.countUnmapped,
    values: [codes.map((c) => c.system), codes.map((c) => c.code), codes.map((c) => c.display ?? null)],
  });
}

export interface UnmappedCode {
  readonly system: string;
  readonly code: string;
  readonly display: string | null;
  readonly times: number;
}

export async function listUnmapped(db: Executor, atMost: number): Promise<UnmappedCode[]> {
  const { rows } = await db.query<UnmappedCode & { [column: string]: unknown }>({ ...sql.unmapped, values: [atMost] });
  return rows;
}

export async function findImport(db: Executor, fileHash: string): Promise<number> {
  const { rows } = await db.query<{ lines_done: number }>({ ...sql.findImport, values: [fileHash] });
  return rows[0]?.lines_done ?? 0;
}

export async function markImport(tx: Executor, fileHash: string, linesDone: number, at: Instant): Promise<void> {
  await tx.query({ ...sql.markImport, values: [fileHash, linesDone, rfc3339(at)] });
}

export async function forgetImport(db: Executor, fileHash: string): Promise<void> {
  await db.query({ ...sql.forgetImport, values: [fileHash] });
}
