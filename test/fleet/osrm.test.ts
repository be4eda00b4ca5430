/** Another router over HTTP: asked rightly, given a moment, left alone when it fails, and never the reason for no answer. */
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import type { Position } from '../../src/domain/position.ts';
import { Osrm } from '../../src/fleet/osrm.ts';
import { straightLineTravel } from '../../src/fleet/travel.ts';

const AT = Date.parse('2026-03-02T10:00:00+08:00');
const at = (lon: number, lat: number): Position => ({ lon, lat, crs: 'wgs84' });
const place = at(116.36, 39.91);
const hospitals = [at(116.4, 39.9)];

async function listening(t: Test, answer: RequestListener) {
  const asked: URL[] = [];
  const server = createServer((request, response) => {
    asked.push(new URL(request.url ?? '', 'http://osrm'));
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  const warnings: unknown[] = [];
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    asked,
    warnings,
    osrm: new Osrm(url, straightLineTravel, { warn: (...args: unknown[]) => warnings.push(args) } as never),
  };
}

/** As OSRM's table service answers: seconds are the source's number times 100 plus the destination's. */
const table: RequestListener = (request, response) => {
  const { searchParams } = new URL(request.url ?? '', 'http://osrm');
  const indices = (name: string) => (searchParams.get(name) ?? '').split(';').map(Number);
  const cells = (scale: number) =>
    indices('sources').map((s) => indices('destinations').map((d) => (s * 100 + d) * scale));
  response.end(JSON.stringify({ code: 'Ok', durations: cells(1), distances: cells(10) }));
};

t.test('units to the place, the place to hospitals, in pieces it accepts', async (t) => {
  const { osrm, asked } = await listening(t, table);
  const units = Array.from({ length: 150 }, (_, i) => at(116.3 + i / 1000, 39.9));
  const travel = await osrm.about(place, units, hospitals);
  t.equal(asked.length, 3, '99 units, 51 units, the hospital');
  t.match(asked[0]?.pathname, /^\/table\/v1\/driving\/116\.360000,39\.910000;116\.300000,39\.900000;/);
  const drives = travel.toOne(units, place, AT);
  t.match(drives.estimate(0), { seconds: 100, metres: 1000, basis: 'road' });
  t.match(drives.estimate(149), { seconds: 5100, basis: 'road' });
  t.same([drives.seconds[0], drives.seconds[149]], [100, 5100]);
  t.match(travel.fromOne(place, hospitals, AT).estimate(0), { seconds: 1, metres: 10, basis: 'road' });
  const others = travel.toOne([at(116.9, 39.9), units[0] as Position], place, AT);
  t.same(
    [0, 1].map((i) => others.estimate(i).basis),
    ['straight-line', 'road'],
    'a unit it was not asked about',
  );
  t.equal(travel.toOne(units, hospitals[0] as Position, AT).estimate(0).basis, 'straight-line', 'another place');
});

t.test('no way between two: the roads here answer for it', async (t) => {
  const { osrm } = await listening(t, (_, response) =>
    response.end(JSON.stringify({ code: 'Ok', durations: [[null]], distances: [[null]] })),
  );
  const travel = await osrm.about(place, [at(116.3, 39.9)], []);
  t.equal(travel.toOne([at(116.3, 39.9)], place, AT).estimate(0).basis, 'straight-line');
});

for (const [name, answer] of Object.entries({
  'an error': (_, response) => response.writeHead(500).end('{}'),
  'no table': (_, response) => response.end('{"code":"Ok"}'),
  'no JSON': (_, response) => response.end('<html>'),
  silence: () => {},
} satisfies Record<string, RequestListener>))
  t.test(`${name}: answered all the same, and after three times it is left alone`, async (t) => {
    const { osrm, asked, warnings } = await listening(t, answer);
    const units = [at(116.3, 39.9)];
    for (let n = 1; n <= 5; n++) {
      const travel = await osrm.about(place, units, []);
      t.equal(travel.toOne(units, place, AT).estimate(0).basis, 'straight-line');
    }
    t.equal(asked.length, 3);
    t.equal(warnings.length, 5);
  });

t.test('nobody there', async (t) => {
  const osrm = new Osrm('http://127.0.0.1:1', straightLineTravel, { warn: () => {} } as never);
  const travel = await osrm.about(place, [], hospitals);
  t.equal(travel.fromOne(place, hospitals, AT).estimate(0).basis, 'straight-line');
});
