/** Positions are thinned out: never more than one an interval, never an older after a newer, never the last one lost. */
import fc from 'fast-check';
import t from 'tap';
import { Positions } from '../../src/live/positions.ts';

const where = (unitId: string, at: number) => ({
  unitId,
  at,
  position: { lon: 116.3, lat: 39.9, crs: 'wgs84' as const },
});

t.test('the latest at once, the next a second later', async (t) => {
  const positions = new Positions(1_000);
  positions.offer(where('u-1', 10));
  positions.offer(where('u-1', 20));
  positions.offer(where('u-2', 5));
  t.same(
    positions.due(0).map(({ unitId, at }) => [unitId, at]),
    [
      ['u-1', 20],
      ['u-2', 5],
    ],
  );
  positions.offer(where('u-1', 30));
  t.same(positions.due(999), []);
  t.same(
    positions.due(1_000).map(({ at }) => at),
    [30],
  );
  positions.offer(where('u-1', 25));
  t.same(positions.due(9_000), [], 'where it was before is not told');
});

t.test('over any stream', async (t) => {
  const stream = fc.array(fc.record({ wait: fc.nat(700), unit: fc.constantFrom('a', 'b'), at: fc.nat(10_000) }), {
    maxLength: 60,
  });
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(stream, (offers) => {
        const positions = new Positions(1_000);
        const told: { unit: string; on: number; at: number }[] = [];
        let now = 0;
        const tell = () => told.push(...positions.due(now).map(({ unitId, at }) => ({ unit: unitId, on: now, at })));
        for (const { wait, unit, at } of offers) {
          now += wait;
          positions.offer(where(unit, at));
          tell();
        }
        now += 1_000;
        tell();
        for (const unit of ['a', 'b']) {
          const mine = told.filter((each) => each.unit === unit);
          const latest = Math.max(...offers.filter((offer) => offer.unit === unit).map(({ at }) => at));
          if (offers.some((offer) => offer.unit === unit) && mine.at(-1)?.at !== latest) return false;
          for (const [i, each] of mine.entries()) {
            const before = mine[i - 1];
            if (before && (each.on - before.on < 1_000 || each.at < before.at)) return false;
          }
        }
        return true;
      }),
    ),
  );
});
