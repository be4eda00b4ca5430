/** Travel times by road are those of plain Dijkstra, on invented streets and on a real city where its extract is there. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import t from 'tap';
import { seededRandom } from '../../../src/demo/random.ts';
import { distanceMetres, type Position } from '../../../src/domain/position.ts';
import { acrossYard } from '../../../src/fleet/roads/between.ts';
import { openGraph, type RoadGraph } from '../../../src/fleet/roads/graph.ts';
import { RoadNetwork } from '../../../src/fleet/roads/network.ts';
import { readCity } from '../../../src/fleet/roads/osm/read-city.ts';
import { prepareGraph } from '../../../src/fleet/roads/prepare/prepare.ts';
import { OFF_ROAD_METRES_A_SECOND } from '../../../src/fleet/roads/speeds.ts';
import { plainRoads, plainSeconds, plainSweep } from '../../support/dijkstra.ts';
import { inventedRoads, SOUTH, STEP, WEST } from '../../support/roads.ts';

const AT = Date.parse('2026-03-02T08:30:00+08:00');
const EXTRACT = fileURLToPath(new URL('../../../../shared/data/geo/beijing-central-2013.osm.gz', import.meta.url));

/** More often than it takes for all of a hundred. */
const ASKED_AGAIN = 12;

/** Compares `pairs` random pairs; answers the largest difference. */
function largestDifference(graph: RoadGraph, pairs: number, seed: number) {
  const random = seededRandom(seed);
  const { west, south, east, north } = graph.bounds;
  const somewhere = (): Position => ({
    lon: west + random.next() * (east - west),
    lat: south + random.next() * (north - south),
    crs: 'wgs84',
  });
  const network = new RoadNetwork(graph);
  const plain = plainRoads(graph, network.metricAt(AT).edgeSeconds);
  const worst = { seconds: 0, metres: 0, ways: 0 };
  for (let d = 0; d < pairs / 100; d++) {
    const destination = somewhere();
    const origins = Array.from({ length: 100 }, somewhere);
    const to = network.snap(destination, 'place');
    if (!to) throw new Error('a place within the bounds has a road near it');
    const sweep = plainSweep(plain, to);
    // Asked again and again, those that stand are answered by what is kept of them: first some, then all.
    const asked = Array.from({ length: ASKED_AGAIN }, (_, time) => {
      const drives = network.toOne(origins, destination, AT);
      const within = drives.seconds[time] as number;
      return { within, drives, near: network.toOne(origins, destination, AT, within) };
    });
    for (const [i, origin] of origins.entries()) {
      const from = network.snap(origin, 'vehicle');
      if (!from) throw new Error('a unit within the bounds has a road near it');
      const off = from.offMetres + to.offMetres;
      const byRoad = plainSeconds(plain, sweep, from, to) + off / OFF_ROAD_METRES_A_SECOND;
      const expected = Math.min(byRoad, acrossYard(origin, destination, off) / OFF_ROAD_METRES_A_SECOND);
      const wrongBy = (seconds = Infinity) => Math.abs(expected - seconds);
      for (const { within, drives, near } of asked) {
        const isHidden = near.seconds[i] === Infinity && expected > within - 0.1;
        worst.seconds = Math.max(worst.seconds, wrongBy(drives.seconds[i]), isHidden ? 0 : wrongBy(near.seconds[i]));
      }
      const [found, again] = [asked[0], asked.at(-1)].map((each) => each?.drives.estimate(i));
      worst.seconds = Math.max(worst.seconds, wrongBy(found?.seconds), wrongBy(again?.seconds));
      worst.metres = Math.max(worst.metres, Math.abs((found?.metres ?? 0) - (again?.metres ?? Infinity)));
      if (i > 0) continue;
      const route = network.route(origin, destination, AT);
      worst.ways = Math.max(worst.ways, Math.abs(route.seconds - expected));
      worst.metres = Math.max(worst.metres, Math.abs(route.metres - (found?.metres ?? Infinity)));
      const atOrigin = network.snap(origin, 'place');
      if (!atOrigin || atOrigin.edge !== from.edge || atOrigin.along !== from.along) continue;
      for (let ask = 0; ask < 3; ask++) {
        const [back] = network.fromOne(origin, [destination], AT).seconds;
        worst.seconds = Math.max(worst.seconds, wrongBy(back));
      }
    }
  }
  return worst;
}

t.test('property: on invented streets, every time is Dijkstra’s, and so is the way', async () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 24 }),
      fc.integer({ min: 2, max: 24 }),
      fc.integer(),
      (columns, rows, seed) => {
        const { graph } = prepareGraph(inventedRoads(columns, rows, seed));
        const worst = largestDifference(graph, 200, seed);
        return worst.seconds < 0.1 && worst.ways < 0.1;
      },
    ),
    // A way that begins or ends on a loop road once went round it the wrong way.
    { numRuns: 40, examples: [[20, 18, -2010845415]] },
  );
});

t.test('10,000 random pairs in central Beijing', { skip: !existsSync(EXTRACT) && `no ${EXTRACT}` }, async (t) => {
  const { roads } = await readCity(EXTRACT, { areaLevel: 8 });
  const { graph, cutOff } = prepareGraph(roads);
  t.ok(cutOff.nodes / roads.nodeCount < 0.08, 'the largest strongly connected part holds nearly all');
  const worst = largestDifference(graph, 10_000, 1);
  t.comment(worst);
  t.ok(worst.seconds < 0.1, `differs by ${worst.seconds} s at most`);
  t.ok(worst.ways < 0.1, 'the way takes as long as it is said to');
  t.ok(worst.metres < 1, `and is as long: ${worst.metres} m`);
});

const small = () => prepareGraph(inventedRoads(12, 12, 7)).graph;
const at = (column: number, row: number): Position => ({
  lon: WEST + column * STEP,
  lat: SOUTH + row * STEP,
  crs: 'wgs84',
});

t.test('a way is a line from door to door, never back in time', async (t) => {
  const network = new RoadNetwork(small());
  const [from, to] = [at(1.3, 1.4), at(9.2, 8.7)];
  const route = network.route(from, to, AT);
  t.same([route.points[0], route.points.at(-1)], [from, to]);
  t.equal(route.secondsAt.at(-1), route.seconds);
  t.ok(route.secondsAt.every((seconds, i) => i === 0 || seconds >= (route.secondsAt[i - 1] ?? 0) - 1e-9));
  const drawn = route.points
    .slice(1)
    .reduce((sum, point, i) => sum + distanceMetres(route.points[i] as Position, point), 0);
  t.ok(Math.abs(drawn - route.metres) / drawn < 0.02, `${drawn} m drawn, ${route.metres} m said`);
  t.same(network.route(from, from, AT).points.length > 0, true);
});

t.test('off the roads: the way to the nearest one counts, and is told; off the map: straight', async (t) => {
  const graph = small();
  const network = new RoadNetwork(graph);
  const unit = at(5, 5);
  t.ok(network.offRoadMetres(at(6, 6)) < 300);
  t.equal(network.toOne([unit], at(-3, 0.5), AT).estimate(0).basis, 'road');
  t.ok(network.offRoadMetres(at(-3, 0.5)) > 250, 'nobody gets off the island: its road does not count');
  const far = network.toOne([unit, at(0, -14)], at(-18, 5), AT);
  t.ok(network.offRoadMetres(at(-18, 5)) > 2_900, '3 km from any road');
  t.ok((far.seconds[0] ?? 0) > 2_900 / OFF_ROAD_METRES_A_SECOND);
  const shanghai: Position = { lon: 121.5, lat: 31.2, crs: 'wgs84' };
  t.equal(network.toOne([unit], shanghai, AT).estimate(0).basis, 'straight-line');
  t.equal(network.offRoadMetres(shanghai), Infinity);
  const stray = network.toOne([unit, shanghai], at(6, 6), AT);
  t.same(
    [0, 1].map((i) => stray.estimate(i).basis),
    ['road', 'straight-line'],
    'one unit far away spoils nothing for the others',
  );
  t.equal(network.route(unit, shanghai, AT).basis, 'straight-line');
});

t.test('in one yard nobody goes back to the road', async (t) => {
  const network = new RoadNetwork(small());
  const door = at(-18, 5);
  const halfway = at(-9, 5);
  const [whole, half] = [network.route(at(0, 5), door, AT), network.route(halfway, door, AT)];
  t.ok(half.seconds < whole.seconds, 'half the way over the field is half the way');
  t.ok(Math.abs(half.metres - distanceMetres(halfway, door)) < 1);
  t.ok(Math.abs((network.toOne([halfway], door, AT).seconds[0] ?? 0) - half.seconds) < 0.01);
});

t.test('rush hour is slower than night', async (t) => {
  const network = new RoadNetwork(small());
  const seconds = (hour: string) =>
    network.route(at(1, 1), at(10, 10), Date.parse(`2026-03-02T${hour}:00:00+08:00`)).seconds;
  t.ok(seconds('08') > seconds('03') * 1.1);
});

t.test('what is prepared is kept as it is, and nothing else is taken for it', async (t) => {
  const graph = small();
  const copy = new SharedArrayBuffer(graph.memory.byteLength);
  new Uint8Array(copy).set(new Uint8Array(graph.memory));
  const again = openGraph(copy);
  t.same(again.edgeHead, graph.edgeHead);
  t.same([again.bounds, again.zones, again.source], [graph.bounds, graph.zones, graph.source]);
  t.throws(() => openGraph(copy.slice(0, copy.byteLength - 64) as SharedArrayBuffer), /cut short/);
  t.throws(() => openGraph(new SharedArrayBuffer(16)), /not a prepared road graph/);
});
