/** A city imported: what is taken, what is refused, that a second import replaces the first, and that a running service follows. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import t, { type Test } from 'tap';
import { openPool } from '../../src/database/pool.ts';
import type { PositionInput } from '../../src/domain/position.ts';
import { keepRoads } from '../../src/fleet/roads/keeper.ts';
import { LiveRoads } from '../../src/fleet/roads/live.ts';
import { readCity } from '../../src/fleet/roads/osm/read-city.ts';
import type { UnitInput } from '../../src/fleet/schema.ts';
import { listAreas, listPlaces, putPlace, putUnit } from '../../src/fleet/store.ts';
import { importCity } from '../../src/operations/import-city.ts';
import { asPbf, asXml, town } from '../support/osm.ts';
import { freshDatabase } from '../support/postgres.ts';
import { NOW, serviceOn } from '../support/service.ts';
import { folder, run } from './support.ts';

t.setTimeout(240_000);
const EXTRACT = fileURLToPath(new URL('../../../shared/data/geo/beijing-central-2013.osm.gz', import.meta.url));
const files = folder(t);
const file = (name: string, content: string | Buffer): string => {
  const path = join(files, name);
  writeFileSync(path, content);
  return path;
};
const options = { areaLevel: 8 };

async function ground(t: Test) {
  const databaseUrl = await freshDatabase(t);
  const db = openPool(databaseUrl, { max: 2 });
  t.teardown(() => db.end());
  const dataDir = folder(t);
  const count = async (table: string) =>
    Number((await db.query({ text: `SELECT count(*) AS n FROM ${table}` })).rows[0]?.n);
  const bring = (path: string) => importCity({ db, dataDir }, path, options, NOW);
  return { databaseUrl, db, dataDir, count, bring };
}

const unitAt = (position: PositionInput): UnitInput => ({
  unitId: 'u-1',
  vehicleType: 'basic',
  capabilities: ['transport'],
  status: 'available',
  position,
});

t.test('XML, gzip and PBF hold the same city', async (t) => {
  const xml = asXml(town());
  const [plain, zipped, pbf] = await Promise.all(
    [file('town.osm', xml), file('town.osm.gz', gzipSync(xml)), file('town.osm.pbf', asPbf(town()))].map((path) =>
      readCity(path, options),
    ),
  );
  t.same(zipped, plain);
  t.same(pbf, plain);
  t.match(plain?.report, {
    missingNodes: 4,
    clippedWays: 2,
    lostWays: 1,
    openAreas: ['半个街道'],
    placesWithoutPosition: 1,
  });
  t.same(
    plain?.places.map(({ placeId, kind }) => [placeId, kind]),
    [
      ['osm-n30', 'hospital'],
      ['osm-n31', 'defibrillator'],
      ['osm-w120', 'fire-station'],
    ],
  );
  t.match(plain?.addresses, [{ addressId: 'n32', text: '示范街7号' }]);
});

t.test('everything is put in place at once, and replaced at once', async (t) => {
  const { db, count, bring } = await ground(t);
  await putPlace(db, {
    placeId: 'own',
    kind: 'hospital',
    name: '自建',
    position: { lon: 116.35, lat: 39.9, crs: 'wgs84' },
  });
  const first = await bring(file('first.osm', asXml(town())));
  t.match(first, { resumed: false, areas: 1, addresses: 1, cutOff: { nodes: 2, edges: 1 } });
  t.same(
    (await listPlaces(db, null)).map(({ placeId, subdistrictCode }) => [placeId, subdistrictCode]),
    [
      ['osm-n31', 'osm-200'],
      ['osm-w120', 'osm-200'],
      ['osm-n30', 'osm-200'],
      ['own', 'osm-200'],
    ],
  );
  t.match(await listAreas(db), [{ subdistrictCode: 'osm-200', name: '示范街道', nameEn: 'Invented' }]);

  // Changed by hand, a place of the map is the centre's own from then on.
  await putPlace(db, {
    placeId: 'osm-n31',
    kind: 'defibrillator',
    name: '大厅',
    position: { lon: 116.36, lat: 39.91, crs: 'wgs84' },
  });
  const changed = town('改名医院');
  const smaller = { ...changed, ways: changed.ways.filter(([id]) => id !== 120) };
  const second = await bring(file('second.osm', asXml(smaller)));
  t.ok(second.graphId > first.graphId);
  t.equal(await count('road_graphs'), 1);
  t.same(
    (await listPlaces(db, null)).map(({ placeId, name }) => [placeId, name]),
    [
      ['osm-n31', '大厅'],
      ['osm-n30', '改名医院'],
      ['own', '自建'],
    ],
  );
  t.equal(await count('addresses'), 1);
});

t.test('what cannot be used is refused, says why, and changes nothing', async (t) => {
  const { db, count, bring } = await ground(t);
  const xml = asXml(town());
  const zipped = gzipSync(xml);
  const pbf = asPbf(town());
  const roadless = { ...town(), ways: [] };
  await bring(file('good.osm', xml));
  const refused: [name: string, content: string | Buffer, why: RegExp][] = [
    ['empty.osm', '', /empty/],
    ['cut.osm', xml.slice(0, xml.length / 2), /cut short or corrupt/],
    ['cut.osm.gz', zipped.subarray(0, zipped.length / 2), /cut short/],
    [
      'broken.osm.gz',
      Buffer.concat([zipped.subarray(0, 200), Buffer.alloc(50, 0xaa), zipped.subarray(250)]),
      /cut short|corrupt/,
    ],
    ['cut.osm.pbf', pbf.subarray(0, pbf.length - 20), /cut short/],
    [
      'broken.osm.pbf',
      Buffer.concat([pbf.subarray(0, 120), Buffer.alloc(60, 0xaa), pbf.subarray(180)]),
      /cut short|corrupt/,
    ],
    [
      'picture.png',
      readFileSync(new URL('../../src/console/pictures/call-in-hand.png', import.meta.url)),
      /not OpenStreetMap data/,
    ],
    ['page.html', '<html><body>no map</body></html>', /root element is html/],
    ['noroads.osm', asXml(roadless), /no roads/],
    ['noroads.osm.pbf', asPbf(roadless), /no roads/],
    [
      'onewayout.osm',
      asXml({ ...town(), ways: [[101, [1, 2], { highway: 'primary', oneway: 'yes' }]] }),
      /no road one can get to and away from/,
    ],
    ['nonodes.osm', asXml({ ...town(), nodes: [] }), /none of the roads/],
  ];
  for (const [name, content, why] of refused) await t.rejects(bring(file(name, content)), { message: why }, name);
  await t.rejects(bring(join(files, 'nowhere.osm')), /ENOENT/);
  await putUnit(db, unitAt({ lon: -73.98, lat: 40.75, crs: 'wgs84' }), NOW);
  await t.rejects(bring(file('elsewhere.osm', asXml(town('another')))), { message: /of another city than the fleet/ });
  t.equal(await count('road_graphs'), 1);
  t.equal(await count('places'), 3);
});

t.test('two imports at once: one after the other', async (t) => {
  const { count, bring } = await ground(t);
  const paths = ['a', 'b'].map((name) => file(`${name}.osm`, asXml(town(name))));
  await Promise.all(paths.map(bring));
  t.equal(await count('road_graphs'), 1);
  t.equal(await count("places WHERE kind = 'hospital'"), 1);
});

async function until(what: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!(await what())) {
    if (Date.now() > deadline) throw new Error('it did not come to that within a minute');
    await sleep(50);
  }
}

t.test('a running service takes a new city over, and answers by road from then on', async (t) => {
  const { databaseUrl, db, dataDir, bring } = await ground(t);
  const { ask, deps } = await serviceOn(t, databaseUrl);
  const keeper = keepRoads(deps.roads, { databaseUrl, dataDir, lookEveryMs: 100, log: deps.log });
  t.teardown(() => keeper.stop());
  await putUnit(db, unitAt({ lon: 116.3502, lat: 39.9003, crs: 'wgs84' }), NOW);
  const call = async (lon = 116.3565, lat = 39.9062) => {
    const { status, body } = await ask('dispatcher', 'POST', '/v1/calls', {
      channel: 'phone',
      location: { position: { lon, lat, crs: 'wgs84' } },
      complaint: { code: 'fall' },
    });
    t.equal(status, 201);
    return body;
  };
  await keeper.look();
  t.equal((await call()).units[0].travelBasis, 'straight-line', 'no map yet: a call is answered all the same');
  await bring(file('live.osm', asXml(town())));
  await until(() => deps.roads.network !== null);
  const byRoad = await call();
  t.equal(byRoad.units[0].travelBasis, 'road');
  t.notOk(byRoad.recommendation.flags.includes('far-from-road'));
  t.ok((await call(116.31, 39.9)).recommendation.flags.includes('far-from-road'), '3 km from any road');
  const far = await call(117.2, 39.1);
  t.equal(far.units[0].travelBasis, 'straight-line', 'off the map');

  const reach = await ask('planner', 'GET', '/v1/reach?unitId=u-1&minutes=3');
  t.match(reach.body, { type: 'Feature', properties: { travelBasis: 'road', minutes: 3 } });
  t.ok(reach.body.properties.squareMetres > 100_000 && reach.body.geometry.coordinates.length > 0);

  const before = deps.roads.network;
  const wider = town();
  await bring(file('wider.osm', asXml({ ...wider, ways: wider.ways.filter(([id]) => id !== 101) })));
  await until(() => deps.roads.network !== before);
  t.ok((deps.roads.network?.graph.edgeCount ?? 99) < (before?.graph.edgeCount ?? 0), 'replaced while it serves');
  t.equal((await call()).units[0].travelBasis, 'road');

  // A restart takes the map from the disk; one that is damaged there is fetched again.
  const [kept] = readdirSync(join(dataDir, 'roads')).filter((name) => name.endsWith('.graph'));
  writeFileSync(join(dataDir, 'roads', kept as string), Buffer.alloc(100, 1));
  const restarted = new LiveRoads((error) => t.error(error));
  const again = keepRoads(restarted, { databaseUrl, dataDir, log: deps.log });
  await again.look();
  t.equal(restarted.network?.graph.edgeCount, deps.roads.network?.graph.edgeCount);
  await again.stop();
});

t.test('roads that fail are answered for by the straight line', async (t) => {
  const errors: unknown[] = [];
  const roads = new LiveRoads((error) => errors.push(error));
  const { graph } = await import('../../src/fleet/roads/prepare/prepare.ts').then(async ({ prepareGraph }) =>
    prepareGraph((await readCity(file('fail.osm', asXml(town())), options)).roads),
  );
  roads.take(graph, 8, null as never);
  const [from, to] = [
    { lon: 116.351, lat: 39.901, crs: 'wgs84' },
    { lon: 116.356, lat: 39.904, crs: 'wgs84' },
  ] as const;
  t.equal(roads.toOne([from], to, NOW).estimate(0).basis, 'straight-line');
  t.ok(errors.length > 0, 'and somebody is told');
});

t.test('the command, on central Beijing', { skip: !existsSync(EXTRACT) && `no ${EXTRACT}` }, async (t) => {
  const { databaseUrl, dataDir } = await ground(t);
  const { code, stdout, stderr } = await run(t, 'import-osm', [EXTRACT], databaseUrl, [], { DATA_DIR: dataDir });
  t.equal(code, 0, stderr);
  t.match(stdout, /15\d{3} roads between 10\d{3} junctions/);
  t.match(stdout, /OpenStreetMap contributors/);
  const wrong = await run(t, 'import-osm', [file('x.osm', '<kml/>')], databaseUrl, [], { DATA_DIR: dataDir });
  t.equal(wrong.code, 1);
  t.match(wrong.stderr, /root element is kml/);
  t.equal((await run(t, 'import-osm', [], databaseUrl)).code, 1);
});
