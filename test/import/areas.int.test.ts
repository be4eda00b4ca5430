/** `npm run import:areas`: outlines all or none, and what is wrong with a file said by its place in it. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { readAreas } from '../../src/fleet/import-areas.ts';
import { callFrom } from '../support/people.ts';
import { freshDatabase } from '../support/postgres.ts';
import { serviceOn } from '../support/service.ts';
import { folder, run } from './support.ts';

t.setTimeout(170_000);
type Ring = number[][];
const square = (west: number, south: number, size = 0.01): Ring => [
  [west, south],
  [west + size, south],
  [west + size, south + size],
  [west, south + size],
  [west, south],
];
const feature = (adcode: string, rings: unknown, type = 'Polygon', name = '虚构街道') => ({
  type: 'Feature',
  properties: { name, adcode },
  geometry: { type, coordinates: rings },
});
const collection = (...features: unknown[]) => ({ type: 'FeatureCollection', features });
const good = feature('110102901', [square(116.34, 39.9)]);
const files = folder(t);

t.test('what is wrong with a file is said by its place in it', async (t) => {
  const cases: [name: string, geojson: unknown, field: string][] = [
    ['null', null, 'body'],
    ['a lone feature', good, 'features'],
    ['no features', collection(), 'features'],
    ['no adcode', collection(good, { ...good, properties: { name: 'x' } }), 'features[1].properties.adcode'],
    ['a short adcode', collection(feature('110102', [square(116, 39)])), 'features[0].properties.adcode'],
    [
      'an adcode as number',
      collection({ ...good, properties: { name: 'x', adcode: 110102901 } }),
      'features[0].properties.adcode',
    ],
    ['no name', collection({ ...good, properties: { adcode: '110102901' } }), 'features[0].properties.name'],
    ['an adcode twice', collection(good, good), 'features[1].properties.adcode'],
    [
      'a point',
      collection({ ...good, geometry: { type: 'Point', coordinates: [116, 39] } }),
      'features[0].geometry.type',
    ],
    ['no geometry', collection({ ...good, geometry: null }), 'features[0].geometry'],
    ['no rings', collection(feature('110102901', [])), 'features[0].geometry.coordinates'],
    ['an empty ring', collection(feature('110102901', [[]])), 'features[0].geometry'],
    ['a ring left open', collection(feature('110102901', [square(116, 39).slice(0, 4)])), 'features[0].geometry'],
    [
      'three points',
      collection(
        feature('110102901', [
          [
            [116, 39],
            [117, 39],
            [116, 39],
          ],
        ]),
      ),
      'features[0].geometry',
    ],
    ['latitude first', collection(feature('110102901', [square(39.9, 116.34)])), 'features[0].geometry'],
    [
      'words for numbers',
      collection(
        feature('110102901', [
          [
            ['a', 'b'],
            ['c', 'd'],
            ['e', 'f'],
            ['a', 'b'],
          ],
        ]),
      ),
      'features[0].geometry',
    ],
    [
      'a polygon called multi',
      collection(feature('110102901', [square(116, 39)], 'MultiPolygon')),
      'features[0].geometry',
    ],
    ['a multi called polygon', collection(feature('110102901', [[square(116, 39)]])), 'features[0].geometry'],
  ];
  for (const [name, geojson, field] of cases) {
    const read = readAreas(geojson);
    const named = 'problems' in read ? read.problems.map((problem) => problem.field) : [];
    t.ok(named.includes(field), `${name}: names ${field}, not ${named.join(', ')}`);
  }
  t.match(readAreas(collection(good)), { areas: [{ subdistrictCode: '110102901', name: '虚构街道', nameEn: null }] });
  const inBoth = { ...good, properties: { ...good.properties, 'name:en': 'Invented Sub-district' } };
  t.match(readAreas(collection(inBoth)), { areas: [{ nameEn: 'Invented Sub-district' }] });
});

t.test('a file that cannot be loaded is one line and exit 1, and loads nothing', async (t) => {
  const databaseUrl = await freshDatabase(t);
  const { db } = await serviceOn(t, databaseUrl);
  const collapsed = feature('110102902', [
    [
      [116.3, 39.9],
      [116.4, 39.9],
      [116.3, 39.9],
      [116.3, 39.9],
    ],
  ]);
  const cases: [name: string, content: string, says: RegExp][] = [
    ['cut off', '{"type": "FeatureCollection",\n "features": [\n', /is not JSON$/],
    [
      'a bad second area',
      JSON.stringify(collection(good, feature('x', [square(116, 39)]))),
      /^features\[1\]\.properties\.adcode: /,
    ],
    [
      'an outline without an inside',
      JSON.stringify(collection(good, collapsed)),
      /^110102902: the outline encloses nothing$/,
    ],
  ];
  const ended = await Promise.all(
    cases.map(([, content], i) => {
      const path = join(files, `bad-${i}.geojson`);
      writeFileSync(path, content);
      return run(t, 'import-areas', [path], databaseUrl);
    }),
  );
  for (const [i, [name, , says]] of cases.entries()) {
    t.equal(ended[i]?.code, 1, name);
    t.match(ended[i]?.stderr.trim(), says, name);
    t.equal(ended[i]?.stderr.trim().split('\n').length, 1, name);
  }
  t.equal((await db.query({ text: 'SELECT count(*) AS n FROM areas' })).rows[0]?.n, 0);
});

t.test('an outline that crosses itself is made valid; homes and calls are placed by it', async (t) => {
  const databaseUrl = await freshDatabase(t);
  const { ask, db } = await serviceOn(t, databaseUrl);
  const at = (lon: number, lat: number) => ({ position: { lon, lat, crs: 'wgs84' } });
  const person = { residentId: 'r-1', name: '王虚构', sex: 'male', birthDate: '1939-11-20', phones: ['13800138001'] };
  await ask('registry', 'PUT', '/v1/residents/r-1', { ...person, home: { address: '三里河', ...at(116.342, 39.905) } });

  // Two triangles that meet in the middle, drawn in one go.
  const bowTie: Ring = [
    [116.34, 39.9],
    [116.34, 39.91],
    [116.36, 39.9],
    [116.36, 39.91],
    [116.34, 39.9],
  ];
  const path = join(files, 'bow-tie.geojson');
  writeFileSync(
    path,
    JSON.stringify(
      collection(feature('110102901', [bowTie]), feature('110102902', [[square(116.4, 39.9)]], 'MultiPolygon')),
    ),
  );
  for (let time = 1; time <= 2; time++) {
    const { code, stdout, stderr } = await run(t, 'import-areas', [path], databaseUrl);
    t.equal(code, 0, stderr);
    t.match(stdout, '2 sub-districts loaded');
    t.equal(
      (await db.query({ text: 'SELECT count(*) AS n FROM areas WHERE ST_IsValid(outline)' })).rows[0]?.n,
      2,
      `run ${time}`,
    );
  }
  const { rows } = await db.query({ text: `SELECT subdistrict_code FROM residents` });
  t.same(rows, [{ subdistrict_code: '110102901' }], 'a home filed before its outline');
  for (const [lon, lat, code] of [
    [116.341, 39.905, '110102901'],
    [116.359, 39.905, '110102901'],
    [116.35, 39.909, null],
    [116.405, 39.905, '110102902'],
  ] as const) {
    const { body } = await ask('dispatcher', 'POST', '/v1/calls', callFrom({ location: at(lon, lat) }));
    t.equal(body.call.location.subdistrictCode, code, `${lon} ${lat}`);
  }
});

t.test('corrected outlines place homes and places anew, but for those whose sub-district was stated', async (t) => {
  const databaseUrl = await freshDatabase(t);
  const { ask, db } = await serviceOn(t, databaseUrl);
  const at = { address: '三里河', position: { lon: 116.345, lat: 39.905, crs: 'wgs84' } };
  const person = { name: '王虚构', sex: 'male', birthDate: '1939-11-20', phones: ['13800138001'] };
  const load = async (name: string, ...features: unknown[]) => {
    const path = join(files, `${name}.geojson`);
    writeFileSync(path, JSON.stringify(collection(...features)));
    t.match(await run(t, 'import-areas', [path], databaseUrl), { code: 0 });
  };
  await load('first', good);
  await ask('registry', 'PUT', '/v1/residents/r-found', { ...person, residentId: 'r-found', home: at });
  const stated = { ...person, residentId: 'r-stated', home: { ...at, subdistrictCode: '110102999' } };
  await ask('registry', 'PUT', '/v1/residents/r-stated', stated);
  const station = { placeId: 's-1', kind: 'station', name: '虚构站', position: at.position };
  t.equal((await ask('admin', 'PUT', '/v1/places/s-1', station)).body.subdistrictCode, '110102901');

  const codes = async () =>
    (
      await db.query({
        text: `SELECT resident_id AS id, subdistrict_code AS code FROM residents
               UNION SELECT place_id, subdistrict_code FROM places ORDER BY id`,
      })
    ).rows.map(({ id, code }) => `${id} ${code}`);
  t.same(await codes(), ['r-found 110102901', 'r-stated 110102999', 's-1 110102901']);
  await load(
    'shrunk',
    feature('110102901', [square(116.34, 39.9, 0.002)]),
    feature('110102902', [square(116.344, 39.9)]),
  );
  t.same(await codes(), ['r-found 110102902', 'r-stated 110102999', 's-1 110102902']);
  await load('gone', feature('110102902', [square(116.3, 39.9, 0.002)]));
  t.same(await codes(), ['r-found null', 'r-stated 110102999', 's-1 null']);
});
