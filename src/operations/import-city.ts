/** A city's roads, places, outlines and addresses from an OpenStreetMap extract: prepared first, then put in place at once. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import type pg from 'pg';
import { inTransaction } from '../database/pool.ts';
import type { Instant } from '../domain/time.ts';
import { type Bounds, GRAPH_VERSION, openGraph } from '../fleet/roads/graph.ts';
import { dropDraft, keepDraft, keepGraph, readDraft } from '../fleet/roads/kept.ts';
import type { City, OsmReport } from '../fleet/roads/osm/city.ts';
import { OsmFileError } from '../fleet/roads/osm/elements.ts';
import { PASSES, readCity } from '../fleet/roads/osm/read-city.ts';
import { prepareGraph } from '../fleet/roads/prepare/prepare.ts';
import {
  lockRoads,
  putGraph,
  replaceAddresses,
  replaceAreas,
  replacePlaces,
  unitPositions,
} from '../fleet/roads/store.ts';
import { placeAnew } from '../fleet/store.ts';

export interface ImportDeps {
  readonly db: pg.Pool;
  /** Where what was prepared is kept until it is stored, so that a broken-off import goes on from there. */
  readonly dataDir: string;
}

export type ImportStep = 'read' | 'prepare' | 'store';

export interface ImportOptions {
  /** `admin_level` of the outlines to take as sub-districts. */
  readonly areaLevel: number;
  /** How far a step is, 0 to 1. */
  readonly progress?: (step: ImportStep, share: number) => void;
}

export interface CityReport extends OsmReport {
  readonly file: string;
  readonly graphId: number;
  readonly bounds: Bounds;
  /** Junctions and roads one cannot get to and away from: islands, courtyards, clipped ends. */
  readonly cutOff: { readonly nodes: number; readonly edges: number };
  readonly places: Readonly<Record<string, number>>;
  readonly addresses: number;
  readonly areas: number;
  /** Outlines of a name or code that is filed from elsewhere already. */
  readonly areasKept: number;
  readonly graphBytes: number;
  /** What was prepared by an earlier import of the same file was used. */
  readonly resumed: boolean;
}

/** What an earlier import left on disk. */
type Rest = Omit<City, 'roads'> & { readonly cutOff: CityReport['cutOff'] };

const SOURCE = 'openstreetmap';
/** Units this far from the extract are of another city. */
const ELSEWHERE_METRES = 100_000;

/** Throws `OsmFileError` for a file that cannot be used: nothing is stored then. Run again, it replaces what it brought. */
export async function importCity(
  { db, dataDir }: ImportDeps,
  file: string,
  { areaLevel, progress = () => {} }: ImportOptions,
  now: Instant,
): Promise<CityReport> {
  const key = await keyOf(file, areaLevel);
  const units = await unitPositions(db);
  const found = (box: Bounds) => refuseElsewhere(box, units);
  const draft = await readDraft<Rest>(dataDir, key);
  let rest: Rest;
  let memory: SharedArrayBuffer;
  if (draft) {
    ({ rest, memory } = draft);
    found(rest.bounds);
  } else {
    const { size } = await stat(file);
    let read = 0;
    const { roads, ...city } = await readCity(file, {
      areaLevel,
      found,
      progress: (bytes) => {
        read += bytes;
        progress('read', Math.min(1, read / (PASSES * size)));
      },
    });
    found(city.bounds);
    progress('read', 1);
    const prepared = prepareGraph(roads, (_step, share) => progress('prepare', share));
    memory = prepared.graph.memory;
    rest = { ...city, cutOff: prepared.cutOff };
    // Should storing it fail, the next attempt begins there; a disk that is full costs only that.
    await keepDraft(dataDir, key, { memory, rest }).catch(() => {});
  }
  progress('prepare', 1);
  const { places, addresses, areas, bounds, cutOff, report } = rest;
  const kinds: Record<string, number> = {};
  for (const { kind } of places) kinds[kind] = (kinds[kind] ?? 0) + 1;
  const summary = { ...report, bounds, cutOff, places: kinds, addresses: addresses.length, areas: areas.length };
  const stored = await inTransaction(db, async (tx) => {
    await lockRoads(tx);
    const graph = openGraph(memory);
    const graphId = await putGraph(tx, graph, summary, now, (share) => progress('store', share));
    await replacePlaces(tx, places, SOURCE);
    const put = await replaceAreas(tx, areas, SOURCE);
    await replaceAddresses(tx, addresses);
    await placeAnew(tx);
    return { graphId, areasKept: areas.length - put };
  });
  await keepGraph(dataDir, memory).catch(() => {});
  await dropDraft(dataDir, key);
  return { ...summary, ...stored, file, graphBytes: memory.byteLength, resumed: draft !== null };
}

async function keyOf(file: string, areaLevel: number): Promise<string> {
  const hash = createHash('sha256').update(`${GRAPH_VERSION} ${areaLevel} `);
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

/** An extract of another continent is said to be one before an hour was spent on it. */
function refuseElsewhere({ west, south, east, north }: Bounds, units: readonly { lon: number; lat: number }[]): void {
  if (units.length === 0) return;
  const beyond = (value: number, least: number, most: number) => Math.max(least - value, value - most, 0) * 111_195;
  const nearest = Math.min(
    ...units.map(({ lon, lat }) =>
      Math.hypot(beyond(lon, west, east) * Math.cos((lat * Math.PI) / 180), beyond(lat, south, north)),
    ),
  );
  if (nearest <= ELSEWHERE_METRES) return;
  const place = `${((south + north) / 2).toFixed(2)}, ${((west + east) / 2).toFixed(2)}`;
  throw new OsmFileError(
    `this extract lies about latitude and longitude ${place}, ${Math.round(nearest / 1000)} km from the nearest unit: it is of another city than the fleet`,
  );
}
