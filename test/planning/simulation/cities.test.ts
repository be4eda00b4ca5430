/** Our policy on two cities, over the same days as closest-idle and DMEXCLP: better in the share within 8 minutes, and no worse in the mean. */
import { existsSync } from 'node:fs';
import t, { type Test } from 'tap';
import { readManhattan } from '../../../bench/manhattan.ts';
import { daysOf, MANHATTAN } from '../../../bench/simulate.ts';
import { demoCity } from '../../../src/demo/city.ts';
import { straightLineTravel } from '../../../src/fleet/travel.ts';
import type { City } from '../../../src/planning/simulation/city.ts';
import { differencesOf, figuresOf } from '../../../src/planning/simulation/report.ts';
import { sumOf } from '../../../src/planning/simulation/tally.ts';
import { loadProtocol } from '../../../src/requirement/load.ts';

const NOW = Date.parse('2026-01-05T00:00:00+08:00');

function compare(t: Test, city: City, days: number) {
  const [closest, dmexclp, ours] = daysOf(city, { days, seed: 11 });
  if (!closest || !dmexclp || !ours) throw new Error('three policies were asked for');
  for (const other of [closest, dmexclp]) {
    t.equal(sumOf(ours.rows, 'calls'), sumOf(other.rows, 'calls'), 'the same calls');
    const { within8Share, meanSeconds } = differencesOf(ours.rows, other.rows);
    t.ok(
      within8Share?.real && within8Share.value > 0,
      `${other.name}: within 8 minutes ${JSON.stringify(within8Share)}`,
    );
    t.ok(meanSeconds && meanSeconds.value <= 0, `${other.name}: mean ${JSON.stringify(meanSeconds)}`);
  }
  return { closest, dmexclp, ours };
}

t.test('the demonstration', { timeout: 300_000 }, async (t) => {
  const city = await demoCity(loadProtocol(), straightLineTravel, NOW);
  t.equal(city.units.length, 24);
  compare(t, city, 15);
  const [precise, any] = daysOf(city, { days: 5, seed: 2 }, ['closest-idle', 'nearest-any']).map(({ rows }) =>
    figuresOf(rows, 24),
  );
  t.ok((precise?.firstVehicleFitsShare?.value ?? 0) > 0.98, 'history decides the vehicle: the first one fits');
  t.ok((any?.firstVehicleFitsShare?.value ?? 1) < 0.8, 'whoever is nearest often does not');
  t.ok(
    (any?.firstVehicleMeanSeconds?.value ?? 0) < (precise?.firstVehicleMeanSeconds?.value ?? 0),
    'though somebody is there sooner',
  );
  t.ok((any?.meanSeconds?.value ?? 0) > (precise?.meanSeconds?.value ?? 0));
});

const absent = existsSync(MANHATTAN)
  ? false
  : 'no data at ../shared/data/ems/jemss_manhattan: that a policy is better on a second city was not tested';

t.test('Manhattan', { skip: absent, timeout: 300_000 }, async (t) => {
  const city = readManhattan(MANHATTAN);
  t.equal(city.stations.length, 8);
  t.equal(city.hospitals.length, 10);
  t.equal(city.units.length, 12);
  const drives = city.seconds.filter((seconds) => Number.isFinite(seconds));
  t.equal(drives.length, city.seconds.length, 'every place is reached from every other');
  const longest = drives.reduce((most, each) => Math.max(most, each), 0);
  t.ok(longest < 3600 && longest > 1200, 'from end to end in some half hour');
  compare(t, city, 100);
});
