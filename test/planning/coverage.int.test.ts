/** Cover now and by plan, and the gap told when units leave and again when they are back. */
import t from 'tap';
import { readEvents } from '../../src/database/events.ts';
import { Grounds } from '../../src/operations/coverage.ts';
import { startCoverageWatch, watchCoverage } from '../../src/operations/watch-coverage.ts';
import { bestMove, coverageOf } from '../../src/planning/coverage.ts';
import { randomFrom } from '../../src/planning/siting/watch.ts';
import { backends } from '../support/backends.ts';
import { serviceOn } from '../support/service.ts';

t.test('counted by hand', async (t) => {
  const ground = { cells: ['a', 'b', 'c'], people: Float64Array.of(10, 5, 1), calls: Float64Array.of(1, 2, 4) };
  const [one, two] = [
    { id: 'one', units: 1, seconds: Float64Array.of(100, 480, 500) },
    { id: 'two', units: 1, seconds: Float64Array.of(200, 900, 900) },
  ];
  const cover = coverageOf(ground, [one, two], 480);
  t.same(cover.people, { total: 16, single: 15, double: 10 });
  t.same(cover.calls, { total: 7, single: 3, double: 1 });
  t.same([...cover.times], [2, 1, 0]);
  t.equal(cover.nearestSeconds[2], 500);
  t.same(coverageOf(ground, [{ ...one, units: 2 }], 480).people.double, 15, 'two units of one station cover twice');
  t.same(coverageOf(ground, [{ ...one, units: 0 }], 480).people.single, 0, 'a station without units covers nobody');
  const station = { id: 's', units: 0, seconds: Float64Array.of(900, 900, 60) };
  t.same(
    bestMove(ground, [one, two], [station], 480),
    { unitId: 'two', stationId: 's', gain: 4 },
    'the one not missed',
  );
  t.equal(bestMove(ground, [one, two], [], 480), null);
});

t.test('the best move is the best of all moves tried', async (t) => {
  const random = randomFrom(4);
  const reachers = (count: number, name: string, cells: number) =>
    Array.from({ length: count }, (_, each) => ({
      id: `${name}${each}`,
      units: 1,
      seconds: Float64Array.from({ length: cells }, () => 100 + random() * 900),
    }));
  for (let round = 0; round < 100; round++) {
    const cells = 12;
    const calls = Float64Array.from({ length: cells }, () => random());
    const ground = { cells: Array.from({ length: cells }, (_, each) => `c${each}`), people: calls, calls };
    const [units, stations] = [reachers(3, 'u', cells), reachers(3, 's', cells)];
    const now = coverageOf(ground, units, 480).calls.single;
    const gains = units.flatMap((unit) =>
      stations.map(
        (station) => coverageOf(ground, [...units.filter((one) => one !== unit), station], 480).calls.single - now,
      ),
    );
    t.ok(
      Math.abs((bestMove(ground, units, stations, 480)?.gain ?? 0) - Math.max(0, ...gains)) < 1e-9,
      `round ${round}`,
    );
  }
});

for (const backend of backends) {
  t.test(backend.name, async (t) => {
    const { databaseUrl } = await backend.fresh(t);
    const { ask, deps, time } = await serviceOn(t, databaseUrl, backend.name === 'embedded' ? 4 : 10);
    const place = { lon: 116.36, lat: 39.91, crs: 'wgs84' };
    const away = { lon: 116.9, lat: 39.6, crs: 'wgs84' };
    for (const each of [1, 2, 3])
      await ask('registry', 'PUT', `/v1/residents/r-${each}`, {
        residentId: `r-${each}`,
        name: '虚构',
        sex: 'female',
        birthDate: '1941-03-02',
        phones: ['13800138001'],
        home: { address: 'x', position: { ...place, lon: place.lon + each / 100_000 } },
      });
    await ask('admin', 'PUT', '/v1/places/st-1', { placeId: 'st-1', kind: 'station', name: '站', position: place });
    const unit = (position: unknown, status = 'available') =>
      ask('admin', 'PUT', '/v1/units/u-1', {
        unitId: 'u-1',
        vehicleType: 'basic',
        capabilities: ['transport'],
        status,
        stationId: 'st-1',
        position,
      });
    await unit(place);

    await t.test('now, by plan, by hour', async (t) => {
      const now = (await ask('planner', 'GET', '/v1/coverage?hexagons=true')).body;
      t.match(now, { basis: 'now', units: 1, people: { total: 3, single: 3, double: 0, singleShare: 1 } });
      const people = now.hexagons.features.map(
        ({ properties }: { properties: { people: number } }) => properties.people,
      );
      t.equal(
        people.reduce((a: number, b: number) => a + b, 0),
        3,
      );
      const plan = (await ask('planner', 'GET', '/v1/coverage?basis=plan&byHour=true')).body;
      t.equal(plan.hours.length, 24);
      t.match(plan, { units: 1, people: { singleShare: 1 }, calls: { total: 0, singleShare: null } });
      t.match(await ask('planner', 'GET', '/v1/coverage?hour=24'), {
        status: 400,
        body: { fields: [{ field: 'hour' }] },
      });
      t.match(await ask('planner', 'GET', '/v1/coverage?standardSeconds=60'), { body: { people: { single: 0 } } });
    });

    await t.test('a gap is told once when it opens and once when it closes', async (t) => {
      const watch = startCoverageWatch(new Grounds(deps));
      const other = startCoverageWatch(new Grounds(deps));
      const told = async () =>
        (await readEvents(deps.db, 0, 1_000))
          .filter(({ type }) => type.startsWith('coverage.'))
          .map(({ type, data }) => ({ type, data }));
      const look = () => Promise.all([watchCoverage(deps, watch), watchCoverage(deps, other)]);
      await look();
      t.same(await told(), [], 'all is covered');
      await unit(away);
      time.now += 1_000;
      await look();
      const [gap, ...more] = await told();
      t.same(more, [], 'two instances looked, one told');
      t.match(gap, { type: 'coverage.gap', data: { lostShare: 1, unitId: 'u-1', stationId: 'st-1', gainShare: 1 } });
      await look();
      t.equal((await told()).length, 1, 'it lasts, and is not told again');
      await unit(place);
      await look();
      t.same(
        (await told()).map(({ type }) => type),
        ['coverage.gap', 'coverage.restored'],
      );
    });
  });
}
