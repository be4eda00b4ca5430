/** Which positions are believed: worked examples, and what must hold whatever a unit sends. */
import fc from 'fast-check';
import t from 'tap';
import { distanceMetres, type Position } from '../../src/domain/position.ts';
import { type Fix, judgeFix, metresOnScene, type Track } from '../../src/fleet/positions.ts';

const NOW = Date.parse('2026-03-02T10:00:00+08:00');
const beijing = { west: 115.4, south: 39.4, east: 117.6, north: 41.1 };
const at = (lon: number, lat: number): Position => ({ lon, lat, crs: 'wgs84' });
const xidan = at(116.37, 39.91);
const METRES_A_DEGREE = 111_195;
const north = (metres: number, from = xidan): Position => at(from.lon, from.lat + metres / METRES_A_DEGREE);
const nothing: Track = { used: null, doubted: null };
const usedAt = (ms: number, position = xidan): Track => ({ used: { position, at: ms }, doubted: null });

t.test('each oddity has its flag, and a flagged fix is not used', async (t) => {
  const cases: [name: string, track: Track, fix: Fix, flags: string[]][] = [
    ['the first one', nothing, { position: xidan, at: NOW }, []],
    ['half an hour old', nothing, { position: xidan, at: NOW - 1_800_000 }, []],
    ['older', nothing, { position: xidan, at: NOW - 1_800_001 }, ['late']],
    ['an hour old', usedAt(NOW - 7_200_000), { position: xidan, at: NOW - 3_600_000 }, ['late']],
    ['a minute ahead', nothing, { position: xidan, at: NOW + 60_000 }, []],
    ['further ahead', nothing, { position: xidan, at: NOW + 60_001 }, ['future']],
    ['0,0', nothing, { position: at(0, 0), at: NOW }, ['null-island']],
    ['0,0 from GCJ-02, as it would be shifted', nothing, { position: at(0.005, -0.003), at: NOW }, ['null-island']],
    ['Shanghai', nothing, { position: at(121.47, 31.23), at: NOW }, ['outside-service-area']],
    ['20 km in a second', usedAt(NOW - 1000), { position: north(20_000), at: NOW }, ['jump']],
    ['200 km/h for a minute', usedAt(NOW - 60_000), { position: north(3_333), at: NOW }, []],
    ['a little more, and more than receivers err', usedAt(NOW - 60_000), { position: north(3_370), at: NOW }, ['jump']],
    ['standing, and the receiver errs by 25 m', usedAt(NOW - 100), { position: north(25), at: NOW }, []],
    ['older than the last', usedAt(NOW - 1000), { position: north(20_000), at: NOW - 2000 }, ['out-of-order']],
    ['the last once more', usedAt(NOW - 1000), { position: xidan, at: NOW - 1000 }, ['repeated']],
    [
      'several at once',
      usedAt(NOW),
      { position: at(0, 0), at: NOW - 3_600_000 },
      ['late', 'null-island', 'out-of-order'],
    ],
  ];
  for (const [name, track, fix, flags] of cases) {
    const judged = judgeFix(track, fix, NOW, beijing);
    t.same(judged.flags, flags, name);
    t.same(judged.track.used, flags.length ? track.used : fix, `${name}: ${flags.length ? 'not ' : ''}used`);
  }
});

t.test('one wrong fix is passed over; two that fit each other are where the unit is', async (t) => {
  const far = north(20_000);
  let { track } = judgeFix(usedAt(NOW - 10_000), { position: far, at: NOW - 9_000 }, NOW, beijing);
  t.same(track.used?.position, xidan);
  t.same(judgeFix(track, { position: north(50), at: NOW - 8_000 }, NOW, beijing).flags, [], 'back where it was');
  t.same(
    judgeFix(track, { position: north(-20_000), at: NOW - 8_000 }, NOW, beijing).flags,
    ['jump'],
    'elsewhere again',
  );
  const older = judgeFix(track, { position: north(19_990), at: NOW - 9_500 }, NOW, beijing);
  t.same(older.flags, ['jump'], 'one from before the doubted one proves nothing');
  t.equal(older.track.doubted?.at, NOW - 9_000, 'and does not take its place');
  ({ track } = judgeFix(track, { position: north(20_020), at: NOW - 8_000 }, NOW, beijing));
  t.same(track, { used: { position: north(20_020), at: NOW - 8_000 }, doubted: null });
});

const anywhere = fc
  .record({ lon: fc.double({ min: -180, max: 180, noNaN: true }), lat: fc.double({ min: -90, max: 90, noNaN: true }) })
  .map(({ lon, lat }) => at(lon, lat));
const around = fc
  .record({
    lon: fc.double({ min: 115.5, max: 117.5, noNaN: true }),
    lat: fc.double({ min: 39.5, max: 41, noNaN: true }),
  })
  .map(({ lon, lat }) => at(lon, lat));
const whenever = fc.integer({ min: NOW - 4_000_000, max: NOW + 120_000 });
const someFix: fc.Arbitrary<Fix> = fc.record({ position: fc.oneof(anywhere, around), at: whenever });
const history = fc.array(someFix, { maxLength: 12 });
const trackAfter = (fixes: readonly Fix[]) =>
  fixes.reduce((track, fix) => judgeFix(track, fix, NOW, beijing).track, nothing);

t.test('whatever is sent', async (t) => {
  t.doesNotThrow(
    () =>
      fc.assert(
        fc.property(history, someFix, (before, fix) => {
          const track = trackAfter(before);
          const { flags, track: after } = judgeFix(track, fix, NOW, beijing);
          if (flags.length > 0) return after.used === track.used;
          return after.used === fix && fix.at > (track.used?.at ?? Number.NEGATIVE_INFINITY) && after.doubted === null;
        }),
        { seed: 1, numRuns: 2_000 },
      ),
    'a flagged fix changes nothing that is used; an unflagged one is newer than what it replaces',
  );
  t.doesNotThrow(
    () =>
      fc.assert(
        fc.property(history, around, fc.integer({ min: 1, max: 60 }), (before, position, seconds) => {
          const track = trackAfter(before);
          const last = Math.max(track.used?.at ?? 0, track.doubted?.at ?? 0, NOW - 1_000_000);
          const [first, second] = [last + 1, last + 1 + seconds * 1000];
          const [, end] = [first, second].reduce<[readonly string[], Track]>(
            ([, on], moment) => {
              const { flags, track } = judgeFix(on, { position, at: moment }, Math.max(NOW, moment), beijing);
              return [flags, track];
            },
            [[], track],
          );
          return end.used?.at === second;
        }),
        { seed: 2, numRuns: 2_000 },
      ),
    'no wrong fix shuts out the right ones: the second of two is used',
  );
});

t.test('on scene within 60 m of the place', async (t) => {
  t.equal(metresOnScene(north(61), xidan), null);
  t.ok((metresOnScene(north(59), xidan) ?? 0) > 58.9);
  t.equal(metresOnScene(xidan, xidan), 0);
  t.doesNotThrow(
    () =>
      fc.assert(
        fc.property(around, fc.double({ min: -50, max: 50, noNaN: true }), (place, metres) => {
          const unit = north(metres, place);
          return Math.abs((metresOnScene(unit, place) ?? Number.NaN) - distanceMetres(unit, place)) < 1e-6;
        }),
        { seed: 3 },
      ),
    'the same metres as everywhere in the engine',
  );
});
