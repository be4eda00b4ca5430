/** The prepared road graph in PostgreSQL, in parts, with what came with it: places, addresses, sub-districts. */
import { createHash } from 'node:crypto';
import type { Executor } from '../../database/pool.ts';
import { type Instant, rfc3339 } from '../../domain/time.ts';
import { addressKeys } from '../address-keys.ts';
import type { OsmAddress, OsmArea, OsmPlace } from './osm/city.ts';

export const sql = {
  /** One import at a time: of two, the second replaces the first whole. */
  lock: { name: 'roads.lock', text: "SELECT pg_advisory_xact_lock(hashtextextended('road import', 0))" },
  /** A new graph. $1 when, $2 source, $3 checksum, $4 bytes, $5 report. */
  put: {
    name: 'roads.put',
    text: `
      INSERT INTO road_graphs (imported_at, source, checksum, bytes, report)
      VALUES ($1::timestamptz, $2, $3, $4, $5::jsonb) RETURNING graph_id`,
  },
  putPart: {
    name: 'roads.put-part',
    text: 'INSERT INTO road_graph_parts (graph_id, part, bytes) VALUES ($1, $2, $3)',
  },
  /** All but graph $1, with their parts. */
  dropOthers: { name: 'roads.drop-others', text: 'DELETE FROM road_graphs WHERE graph_id <> $1' },
  newest: {
    name: 'roads.newest',
    text: 'SELECT graph_id, checksum, bytes, source, imported_at, report FROM road_graphs ORDER BY graph_id DESC LIMIT 1',
  },
  /** Part $2 of graph $1. */
  part: { name: 'roads.part', text: 'SELECT bytes FROM road_graph_parts WHERE graph_id = $1 AND part = $2' },
  /** Places of an import, in parallel arrays; one changed by hand stands. $1 ids, kinds, names, English names, lon, lat, $7 capabilities (JSON each), $8 source. */
  putPlaces: {
    name: 'roads.put-places',
    text: `
      INSERT INTO places AS p (place_id, kind, name, name_en, lon, lat, capabilities, source)
      SELECT i.place_id, i.kind, i.name, i.name_en, i.lon, i.lat,
             ARRAY(SELECT jsonb_array_elements_text(i.capabilities)), $8
      FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::float8[], $6::float8[], $7::jsonb[])
        AS i (place_id, kind, name, name_en, lon, lat, capabilities)
      ON CONFLICT (place_id) DO UPDATE SET
        kind = excluded.kind, name = excluded.name, name_en = excluded.name_en, lon = excluded.lon, lat = excluded.lat,
        subdistrict_code = NULL, capabilities = excluded.capabilities, changed = pg_current_xact_id()
      WHERE p.source IS NOT NULL`,
  },
  /** Places of source $1 that are not among $2 any more. */
  dropPlaces: {
    name: 'roads.drop-places',
    text: 'DELETE FROM places WHERE source = $1 AND place_id <> ALL ($2::text[])',
  },
  clearAddresses: { name: 'roads.clear-addresses', text: 'DELETE FROM addresses' },
  /** $1 ids, $2 addresses, $3 lon, $4 lat, $5 keys with spaces between, $6 numbers. */
  putAddresses: {
    name: 'roads.put-addresses',
    text: `
      INSERT INTO addresses (address_id, address, lon, lat, keys, number)
      SELECT i.address_id, i.address, i.lon, i.lat, string_to_array(i.keys, ' '), i.number
      FROM unnest($1::text[], $2::text[], $3::float8[], $4::float8[], $5::text[], $6::integer[])
        AS i (address_id, address, lon, lat, keys, number)
      ON CONFLICT (address_id) DO NOTHING`,
  },
  /** Outlines of source $1, before those of a new import take their place. */
  dropAreas: { name: 'roads.drop-areas', text: 'DELETE FROM areas WHERE source = $1' },
  /**
   * An outline of the map, unless one of its code or name is filed from elsewhere; inner rings become holes.
   * $1 code, $2 name, $3 GeoJSON, $4 source, $5 name in English.
   */
  putArea: {
    name: 'roads.put-area',
    text: `
      WITH outline AS (
        SELECT ST_Multi(ST_CollectionExtract(ST_MakeValid(ST_BuildArea(ST_Boundary(
                 ST_SetSRID(ST_GeomFromGeoJSON($3), 4326)))), 3)) AS geom
      )
      INSERT INTO areas (subdistrict_code, name, outline, source, name_en)
      SELECT $1, $2, geom, $4, $5 FROM outline
      WHERE NOT ST_IsEmpty(geom) AND NOT EXISTS (SELECT FROM areas WHERE name = $2 OR subdistrict_code = $1)
      RETURNING subdistrict_code`,
  },
  /** Where the fleet is, for an extract of elsewhere to be refused. */
  unitPositions: {
    name: 'roads.unit-positions',
    text: 'SELECT lon, lat FROM units WHERE lon IS NOT NULL AND lat IS NOT NULL',
  },
} as const;

/** Small enough for any connection's memory, large enough that a municipality is a hundred of them. */
const PART_BYTES = 2 << 20;
/** Rows of one statement. */
const ROWS_TOGETHER = 5_000;

export async function lockRoads(tx: Executor): Promise<void> {
  await tx.query(sql.lock);
}

export interface StoredGraph {
  readonly graphId: number;
  readonly checksum: string;
  readonly bytes: number;
  readonly source: string;
  readonly importedAt: string;
  readonly report: unknown;
}

export const checksumOf = (memory: SharedArrayBuffer): string =>
  createHash('sha256').update(new Uint8Array(memory)).digest('hex');

/** Puts a graph in the place of all others. In a transaction. */
export async function putGraph(
  tx: Executor,
  graph: { readonly memory: SharedArrayBuffer; readonly source: string },
  report: unknown,
  now: Instant,
  progress: (share: number) => void = () => {},
): Promise<number> {
  const { memory, source } = graph;
  const { rows } = await tx.query<{ graph_id: number }>({
    ...sql.put,
    values: [rfc3339(now), source, checksumOf(memory), memory.byteLength, JSON.stringify(report)],
  });
  const graphId = (rows[0] as { graph_id: number }).graph_id;
  for (let part = 0; part * PART_BYTES < memory.byteLength; part++) {
    const at = part * PART_BYTES;
    const bytes = Buffer.from(new Uint8Array(memory, at, Math.min(PART_BYTES, memory.byteLength - at)));
    await tx.query({ ...sql.putPart, values: [graphId, part, bytes] });
    progress((at + bytes.length) / memory.byteLength);
  }
  await tx.query({ ...sql.dropOthers, values: [graphId] });
  return graphId;
}

export async function newestGraph(db: Executor): Promise<StoredGraph | null> {
  const { rows } = await db.query<{
    graph_id: number;
    checksum: string;
    bytes: number;
    source: string;
    imported_at: Date;
    report: unknown;
  }>(sql.newest);
  const row = rows[0];
  return row
    ? {
        graphId: row.graph_id,
        checksum: row.checksum,
        bytes: row.bytes,
        source: row.source,
        importedAt: row.imported_at.toISOString(),
        report: row.report,
      }
    : null;
}

/** The bytes of a graph; null where another import replaced it meanwhile. */
export async function fetchGraph(
  db: Executor,
  { graphId, bytes, checksum }: StoredGraph,
): Promise<SharedArrayBuffer | null> {
  const memory = new SharedArrayBuffer(bytes);
  const into = new Uint8Array(memory);
  for (let part = 0; part * PART_BYTES < bytes; part++) {
    const { rows } = await db.query<{ bytes: Buffer }>({ ...sql.part, values: [graphId, part] });
    if (!rows[0]) return null;
    into.set(rows[0].bytes, part * PART_BYTES);
  }
  if (checksumOf(memory) !== checksum) throw new Error('the road graph in the database is damaged: import it again');
  return memory;
}

/** Replaces the places an import brought before. In a transaction. */
export async function replacePlaces(tx: Executor, places: readonly OsmPlace[], source: string): Promise<void> {
  // One id twice in a statement is one it cannot write.
  const unique = [...new Map(places.map((place) => [place.placeId, place])).values()];
  await tx.query({ ...sql.dropPlaces, values: [source, unique.map(({ placeId }) => placeId)] });
  for (const some of inPieces(unique))
    await tx.query({
      ...sql.putPlaces,
      values: [
        some.map(({ placeId }) => placeId),
        some.map(({ kind }) => kind),
        some.map(({ name }) => name),
        some.map(({ nameEn }) => nameEn),
        some.map(({ lon }) => lon),
        some.map(({ lat }) => lat),
        some.map(({ capabilities }) => JSON.stringify(capabilities)),
        source,
      ],
    });
}

export async function replaceAddresses(tx: Executor, addresses: readonly OsmAddress[]): Promise<void> {
  await tx.query(sql.clearAddresses);
  for (const some of inPieces(addresses)) {
    const keys = some.map(({ text }) => addressKeys(text));
    await tx.query({
      ...sql.putAddresses,
      values: [
        some.map(({ addressId }) => addressId),
        some.map(({ text }) => text),
        some.map(({ lon }) => lon),
        some.map(({ lat }) => lat),
        keys.map(({ all }) => all.join(' ')),
        keys.map(({ number }) => number),
      ],
    });
  }
}

/** Answers how many were new: an outline filed from elsewhere stands. In a transaction. */
export async function replaceAreas(tx: Executor, areas: readonly OsmArea[], source: string): Promise<number> {
  await tx.query({ ...sql.dropAreas, values: [source] });
  let put = 0;
  for (const { code, relation, name, nameEn, outline } of areas) {
    const values = [code ?? `osm-${relation}`, name, JSON.stringify(outline), source, nameEn];
    put += (await tx.query({ ...sql.putArea, values })).rows.length;
  }
  return put;
}

export async function unitPositions(db: Executor): Promise<{ lon: number; lat: number }[]> {
  return (await db.query<{ lon: number; lat: number }>(sql.unitPositions)).rows;
}

function* inPieces<T>(rows: readonly T[]): Generator<readonly T[]> {
  for (let at = 0; at < rows.length; at += ROWS_TOGETHER) yield rows.slice(at, at + ROWS_TOGETHER);
}
