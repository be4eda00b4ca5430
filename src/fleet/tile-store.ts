/** The base layer of every map, out of our own tables: one layer of one tile (Web Mercator, as slippy maps count them). */
import type { Geometry } from 'geojson';
import type { Executor } from '../database/pool.ts';
import { EXTENT, encodeTile } from './mvt.ts';

export const tileLayers = ['areas', 'places'] as const;
export type TileLayer = (typeof tileLayers)[number];

export interface TileAddress {
  readonly z: number;
  readonly x: number;
  readonly y: number;
}

/** Beyond the edge of a tile so many of its units are drawn, so that outlines and signs are not cut. */
const BUFFER = 64;

/** What is in a layer: a geometry in WGS-84 and its properties. */
const contents: Readonly<
  Record<TileLayer, { readonly from: string; readonly geometry: string; readonly columns: string }>
> = {
  areas: { from: 'areas', geometry: 'outline', columns: 'subdistrict_code, name, coalesce(name_en, name) AS name_en' },
  places: {
    from: 'places',
    geometry: 'ST_SetSRID(ST_MakePoint(lon, lat), 4326)',
    columns: 'place_id, kind, name, coalesce(name_en, name) AS name_en',
  },
};

/** $1 z, $2 x, $3 y. Only what the tile shows is transformed. */
const shown = (layer: TileLayer) => {
  const { from, geometry, columns } = contents[layer];
  return `
    tile AS (SELECT ST_TileEnvelope($1::int, $2::int, $3::int) AS box),
    wide AS (
      SELECT box, ST_Expand(box, (ST_XMax(box) - ST_XMin(box)) * ${BUFFER / EXTENT}) AS around FROM tile
    ),
    shown AS (
      SELECT ${columns}, ST_Transform(${geometry}, 3857) AS geom FROM ${from}, wide
      WHERE ${geometry} && ST_Transform(around, 4326)
    )`;
};

const asMvt = (layer: TileLayer) => ({
  name: `tiles.${layer}`,
  text: `
    WITH ${shown(layer)}
    SELECT ST_AsMVT(cut, '${layer}', ${EXTENT}, 'geom') AS tile
    FROM (SELECT ${columnNames(layer)}, ST_AsMVTGeom(geom, box, ${EXTENT}, ${BUFFER}, true) AS geom FROM shown, tile) cut
    WHERE geom IS NOT NULL`,
});

const asFeatures = (layer: TileLayer) => ({
  name: `tiles.${layer}-features`,
  text: `
    WITH ${shown(layer)}
    SELECT to_jsonb(cut) - 'geom' AS properties, ST_AsGeoJSON(geom, 0)::jsonb AS geometry
    FROM (
      SELECT ${columnNames(layer)}, ST_SnapToGrid(ST_TransScale(
        ST_ClipByBox2D(geom, around), -ST_XMin(box), -ST_YMax(box),
        ${EXTENT} / (ST_XMax(box) - ST_XMin(box)), -${EXTENT} / (ST_YMax(box) - ST_YMin(box))), 1) AS geom
      FROM shown, wide) cut
    WHERE NOT ST_IsEmpty(geom)`,
});

const columnNames = (layer: TileLayer) =>
  contents[layer].columns
    .split(/, (?![^(]*\))/)
    .map((column) => column.split(' AS ').at(-1))
    .join(', ');

export const sql = {
  /** One layer of a tile. $1 z, $2 x, $3 y. */
  areas: asMvt('areas'),
  places: asMvt('places'),
  /** The same as features in tile coordinates, for a PostGIS that makes no tiles. */
  'areas-features': asFeatures('areas'),
  'places-features': asFeatures('places'),
  /** Null where PostGIS was compiled without what ST_AsMVT needs. */
  protobuf: { name: 'tiles.protobuf', text: 'SELECT postgis_libprotobuf_version() AS version' },
} as const;

const canMakeTiles = new WeakMap<Executor, boolean>();

/** A vector tile; empty where nothing is to be seen. */
export async function readTile(db: Executor, layer: TileLayer, { z, x, y }: TileAddress): Promise<Uint8Array> {
  const values = [z, x, y];
  if (await makesTiles(db)) {
    const { rows } = await db.query<{ tile: Buffer }>({ ...sql[layer], values });
    return rows[0]?.tile ?? new Uint8Array();
  }
  const { rows } = await db.query<{ properties: Record<string, string | number | null>; geometry: Geometry }>({
    ...sql[`${layer}-features`],
    values,
  });
  return encodeTile(layer, rows);
}

async function makesTiles(db: Executor): Promise<boolean> {
  const known = canMakeTiles.get(db);
  if (known !== undefined) return known;
  const { rows } = await db.query<{ version: string | null }>(sql.protobuf);
  const able = typeof rows[0]?.version === 'string' && rows[0].version !== '';
  canMakeTiles.set(db, able);
  return able;
}
