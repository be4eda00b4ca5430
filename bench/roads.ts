/** Roads: one call, all units, beside Dijkstra on the same graph and beside pgRouting on the same graph; preparing, importing, taking over. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type pg from 'pg';
import { inTransaction, openPool } from '../src/database/pool.ts';
import { inventStreets } from '../src/demo/streets.ts';
import type { Position } from '../src/domain/position.ts';
import { acrossYard } from '../src/fleet/roads/between.ts';
import { AGAINST, ALONG, type RoadGraph } from '../src/fleet/roads/graph.ts';
import { keepRoads } from '../src/fleet/roads/keeper.ts';
import { LiveRoads } from '../src/fleet/roads/live.ts';
import type { Metric } from '../src/fleet/roads/metric.ts';
import { metricsHere, RoadNetwork } from '../src/fleet/roads/network.ts';
import { pointOn } from '../src/fleet/roads/on-road.ts';
import { readCity } from '../src/fleet/roads/osm/read-city.ts';
import { prepareGraph } from '../src/fleet/roads/prepare/prepare.ts';
import { OFF_ROAD_METRES_A_SECOND } from '../src/fleet/roads/speeds.ts';
import { putGraph } from '../src/fleet/roads/store.ts';
import { plainRoads, plainSeconds, plainSweep } from '../test/support/dijkstra.ts';
import { type Ground, SEED } from './ground.ts';
import { type Random, seededRandom } from './random.ts';
import { inventMunicipality } from './roads-city.ts';
import { judged, median, type ResultRow, round } from './rows.ts';

export interface RoadsSize {
  /** Blocks along each side of the invented municipality; 122 make a million junctions. */
  readonly side: number;
  readonly units: number;
  readonly rounds: number;
  /** Rounds of what takes long: Dijkstra over a municipality, pgRouting. */
  readonly slowRounds: number;
  readonly pairs: number;
}
export const roadsSize: RoadsSize = { side: 122, units: 300, rounds: 400, slowRounds: 15, pairs: 10_000 };

export const EXTRACT = fileURLToPath(new URL('../../shared/data/geo/beijing-central-2013.osm.gz', import.meta.url));
const AT = Date.parse('2026-03-02T10:00:00+08:00');
const shared = 'the machine was shared with other work';

const row = (figure: string, unit: string, value: number, conditions: string): ResultRow => ({
  benchmark: 'roads',
  figure,
  value: round(value),
  unit,
  conditions: `${conditions}; ${shared}`,
});
const beside = (figure: string, unit: string, value: number, floor: number, conditions: string): ResultRow => ({
  ...row(figure, unit, value, conditions),
  floor: round(floor),
  ratio: round(floor / value),
});

/** The extract where it is there, the demonstration's streets either way, and a municipality. */
export async function benchRoads(ground: Ground, size: RoadsSize): Promise<ResultRow[]> {
  const rows: ResultRow[] = [];
  if (existsSync(EXTRACT)) {
    const { graph } = prepareGraph((await readCity(EXTRACT, { areaLevel: 8 })).roads);
    rows.push(
      ...measure('central Beijing', graph, size, 1),
      ...(await besidePgRouting(ground, 'central Beijing', graph, size)),
    );
  } else console.log(`no ${EXTRACT}: central Beijing is not measured`);
  const streets = prepareGraph(inventStreets()).graph;
  rows.push(...measure('the demonstration’s streets', streets, size, 1));
  rows.push(...(await besidePgRouting(ground, 'the demonstration’s streets', streets, size)));
  rows.push(...(await municipality(ground, size)));
  return rows;
}

function somewhere({ bounds: { west, south, east, north } }: RoadGraph, random: Random): () => Position {
  return () => ({
    lon: west + random.next() * (east - west),
    lat: south + random.next() * (north - south),
    crs: 'wgs84',
  });
}

function measure(name: string, graph: RoadGraph, size: RoadsSize, targetMilliseconds: number): ResultRow[] {
  const random = seededRandom(SEED);
  const anywhere = somewhere(graph, random);
  const network = new RoadNetwork(graph);
  const metric = network.metricAt(AT);
  const fleet = () => Array.from({ length: size.units }, anywhere);
  const standing = fleet();
  const took = (work: () => unknown) => {
    const started = performance.now();
    work();
    return performance.now() - started;
  };
  for (let i = 0; i < size.rounds / 4; i++) network.toOne(standing, anywhere(), AT); // code is compiled then
  const stand = Array.from({ length: size.rounds }, () => took(() => network.toOne(standing, anywhere(), AT)));
  const moved = Array.from({ length: size.rounds }, () => {
    const units = fleet();
    return took(() => network.toOne(units, anywhere(), AT));
  });
  const plain = plainRoads(graph, metric.edgeSeconds);
  const rounds = graph.nodeCount > 100_000 ? size.slowRounds : size.rounds;
  const heap = Array.from({ length: rounds }, () => {
    const to = network.snap(anywhere(), 'place');
    return took(() => to && plainSweep(plain, to));
  });
  const figure = `${size.units} units to one caller, ${name}`;
  const conditions = `${graph.nodeCount} junctions and ${graph.edgeCount} roads; median of ${size.rounds} callers anywhere, snapping of the caller included`;
  return [
    judged(row(figure, 'ms', median(stand), conditions), { atMost: targetMilliseconds }),
    judged(row(`${figure}, all units moved since`, 'ms', median(moved), `${conditions}, and that of all units`), {
      atMost: targetMilliseconds,
    }),
    beside(
      `${figure}, beside Dijkstra`,
      'ms',
      median(stand),
      median(heap),
      `${conditions}; floor: Dijkstra with a binary heap over the same graph, whole; ratio: times faster`,
    ),
    worstDifference(name, network, plain, size.pairs, anywhere),
  ];
}

function worstDifference(
  name: string,
  network: RoadNetwork,
  plain: ReturnType<typeof plainRoads>,
  pairs: number,
  anywhere: () => Position,
): ResultRow {
  const from = Math.min(100, pairs);
  // Of a municipality one sweep takes a second: fewer callers, more units each.
  const callers = network.graph.nodeCount > 100_000 ? Math.min(10, pairs) : Math.ceil(pairs / from);
  const units = Math.ceil(pairs / callers);
  let worst = 0;
  for (let d = 0; d < callers; d++) {
    const destination = anywhere();
    const origins = Array.from({ length: units }, anywhere);
    const to = network.snap(destination, 'place');
    if (!to) continue;
    const sweep = plainSweep(plain, to);
    for (const [i, seconds] of network.toOne(origins, destination, AT).seconds.entries()) {
      const at = network.snap(origins[i] as Position, 'vehicle');
      if (!at) continue;
      const off = at.offMetres + to.offMetres;
      const across = acrossYard(origins[i] as Position, destination, off);
      const expected =
        Math.min(across, plainSeconds(plain, sweep, at, to) * OFF_ROAD_METRES_A_SECOND + off) /
        OFF_ROAD_METRES_A_SECOND;
      worst = Math.max(worst, Math.abs(expected - seconds));
    }
  }
  return judged(row(`largest difference to Dijkstra, ${name}`, 's', worst, `${callers * units} random pairs`), {
    atMost: 0.1,
  });
}

/** The same units, junctions and costs in the database beside the engine's, and the same answers. */
async function besidePgRouting(ground: Ground, name: string, graph: RoadGraph, size: RoadsSize): Promise<ResultRow[]> {
  const db = openPool(await ground.database(`roads_${graph.nodeCount}`), { max: 1 });
  try {
    const { rows } = await db.query({ text: `SELECT 1 FROM pg_available_extensions WHERE name = 'pgrouting'` });
    if (rows.length === 0) {
      console.log('no pgRouting on this PostgreSQL: not compared');
      return [];
    }
    const metric = metricsHere(graph)(10);
    await fillEdges(db, graph, metric);
    const random = seededRandom(SEED + 1);
    const node = () => Math.floor(random.next() * graph.nodeCount);
    const network = new RoadNetwork(graph, () => metric);
    const at = (n: number): Position =>
      pointOn(
        graph,
        graph.nodeEdge[graph.nodeFirst[n] as number] as number,
        graph.edgeTail[graph.nodeEdge[graph.nodeFirst[n] as number] as number] === n ? 0 : 1,
      );
    const theirs: number[] = [];
    const ours: number[] = [];
    const oursMoved: number[] = [];
    let worst = 0;
    // Given junctions, the database need not find where on the roads anybody is: here it is known of a fleet that stands.
    const units = Array.from({ length: size.units }, node);
    const positions = units.map(at);
    for (let i = 0; i < size.rounds / 4; i++) network.toOne(positions, at(node()), AT);
    for (let i = 0; i < size.slowRounds; i++) {
      const to = node();
      const started = performance.now();
      const answer = await db.query<{ start_vid: number; agg_cost: number }>({
        name: 'bench.pgrouting',
        text: `SELECT start_vid, agg_cost FROM pgr_dijkstraCost(
                 'SELECT id, source, target, cost, reverse_cost FROM bench_edges', $1::bigint[], $2::bigint, true)`,
        values: [units, to],
      });
      theirs.push(performance.now() - started);
      const place = at(to);
      const moved = Array.from({ length: size.units }, () => at(node()));
      const ourStart = performance.now();
      const { seconds } = network.toOne(positions, place, AT);
      ours.push(performance.now() - ourStart);
      const movedStart = performance.now();
      network.toOne(moved, place, AT);
      oursMoved.push(performance.now() - movedStart);
      const cost = new Map(answer.rows.map((each) => [Number(each.start_vid), each.agg_cost]));
      for (const [u, unit] of units.entries()) {
        if (unit === to) continue;
        worst = Math.max(worst, Math.abs((cost.get(unit) ?? Infinity) - (seconds[u] ?? 0)));
      }
    }
    const conditions = `${graph.nodeCount} junctions; the same units at junctions, standing there while callers differ, the same costs; answers differ by ${round(worst)} s at most; median of ${size.slowRounds}; floor: pgr_dijkstraCost over an indexed table in this run's PostgreSQL; ratio: times faster`;
    return [
      judged(
        beside(
          `${size.units} units to one caller, ${name}, beside pgRouting`,
          'ms',
          median(ours),
          median(theirs),
          conditions,
        ),
        { atLeast: 500 },
      ),
      beside(
        `${size.units} units to one caller, ${name}, all units moved since, beside pgRouting`,
        'ms',
        median(oursMoved),
        median(theirs),
        `${conditions}; here all units have to be found on the roads anew, there they are at junctions already`,
      ),
    ];
  } finally {
    await db.end();
  }
}

async function fillEdges(db: pg.Pool, graph: RoadGraph, { edgeSeconds }: Metric): Promise<void> {
  await db.query({ text: 'CREATE EXTENSION IF NOT EXISTS pgrouting CASCADE' });
  await db.query({
    text: `CREATE TABLE bench_edges (id bigint PRIMARY KEY, source bigint, target bigint, cost float8, reverse_cost float8)`,
  });
  const edges = Array.from(graph.edgeTail.keys());
  const cost = (direction: number) => (e: number) =>
    (graph.edgeDirections[e] as number) & direction ? (edgeSeconds[e] as number) : -1;
  await db.query({
    text: `INSERT INTO bench_edges SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::float8[], $5::float8[])`,
    values: [
      edges,
      Array.from(graph.edgeTail),
      Array.from(graph.edgeHead),
      edges.map(cost(ALONG)),
      edges.map(cost(AGAINST)),
    ],
  });
  await db.query({ text: 'ANALYZE bench_edges' });
}

const bytesOf = ({ edgeSeconds, up, down }: Metric): number =>
  [edgeSeconds, up.first, up.heads, down.first, down.heads].reduce((sum, each) => sum + each.byteLength, 0);

async function municipality(ground: Ground, size: RoadsSize): Promise<ResultRow[]> {
  const roads = inventMunicipality(size.side, SEED);
  const started = performance.now();
  const { graph } = prepareGraph(roads);
  const prepared = (performance.now() - started) / 1000;
  const name = `an invented municipality of ${graph.nodeCount} junctions`;
  const customised = performance.now();
  const metric = metricsHere(graph)(10);
  const anHour = (performance.now() - customised) / 1000;
  const sizes = `${graph.edgeCount} roads, ${graph.arcHead.length} arcs`;
  const rows = [
    judged(row(`preparing ${name}`, 's', prepared, sizes), { atMost: 180 }),
    judged(
      row(
        `graph and speeds of two hours, ${name}`,
        'MB',
        (graph.memory.byteLength + 2 * bytesOf(metric)) / 1e6,
        `${sizes}; the graph on disk has ${round(graph.memory.byteLength / 1e6)} MB`,
      ),
      { atMost: 400 },
    ),
    row(`speeds of one hour, ${name}`, 's', anHour, `${sizes}; in a thread of its own in the service`),
    ...measure(name, graph, size, 5),
    await takeOver(ground, name, graph, size.units),
  ];
  return rows;
}

/** What the thread that takes calls feels of a municipality being taken over while it answers for calls. */
async function takeOver(ground: Ground, name: string, graph: RoadGraph, units: number): Promise<ResultRow> {
  const databaseUrl = await ground.database(`roads_taken_over_${graph.nodeCount}`);
  const db = openPool(databaseUrl, { max: 1 });
  const dataDir = mkdtempSync(join(tmpdir(), 'precision-dispatch-bench-roads-'));
  await inTransaction(db, (tx) => putGraph(tx, graph, {}, AT));
  await db.end();
  const roads = new LiveRoads((error) => {
    throw error;
  });
  const anywhere = somewhere(graph, seededRandom(SEED));
  const fleet = Array.from({ length: units }, anywhere);
  const calls = setInterval(() => roads.toOne(fleet, anywhere(), AT), 10);
  const delay = monitorEventLoopDelay({ resolution: 1 });
  const longestDuring = async (work: () => Promise<unknown>): Promise<number> => {
    delay.reset();
    delay.enable();
    await work();
    delay.disable();
    return delay.max / 1e6;
  };
  const quiet = { info() {}, warn() {}, error() {} };
  const keeper = keepRoads(roads, { databaseUrl, dataDir, log: quiet });
  const started = performance.now();
  // With the first questions after it, which find nothing in the processor's caches.
  const longest = await longestDuring(() => keeper.look().then(() => sleep(500)));
  const seconds = (performance.now() - started) / 1000;
  if (!roads.network) throw new Error('the map was not taken over');
  const without = await longestDuring(() => sleep(seconds * 1000));
  clearInterval(calls);
  await keeper.stop();
  rmSync(dataDir, { recursive: true, force: true });
  return {
    ...row(
      `longest hold-up of the thread that takes calls while it takes over ${name}`,
      'ms',
      longest,
      `fetched from PostgreSQL, kept on disk and made ready in ${round(seconds)} s; meanwhile ${units} units to one caller a hundred times a second; floor: the same questions for as long, nothing taken over`,
    ),
    floor: round(without),
    ratio: round(longest / without),
  };
}
