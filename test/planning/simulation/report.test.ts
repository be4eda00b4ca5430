/** Intervals that hold what they should: of no difference they say so, and in 95 of 100 studies they hold the truth. */
import t from 'tap';
import { dayStream } from '../../../src/planning/simulation/random.ts';
import { differencesOf, figuresOf } from '../../../src/planning/simulation/report.ts';
import { fieldAt, WIDTH } from '../../../src/planning/simulation/tally.ts';

/** Days of so many calls, each of which took so long. */
function rowsOf(
  days: readonly { readonly calls: number; readonly seconds: number; readonly within: number }[],
): Float64Array {
  const rows = new Float64Array(days.length * WIDTH);
  days.forEach(({ calls, seconds, within }, day) => {
    rows[day * WIDTH + fieldAt.calls] = calls;
    rows[day * WIDTH + fieldAt.responseSeconds] = calls * seconds;
    rows[day * WIDTH + fieldAt.within8] = within;
  });
  return rows;
}

t.test('the mean is over calls, not over days', async (t) => {
  const rows = rowsOf([
    { calls: 10, seconds: 100, within: 10 },
    { calls: 30, seconds: 200, within: 15 },
  ]);
  const figures = figuresOf(rows, 3);
  t.equal(figures.meanSeconds?.value, 175);
  t.equal(figures.within8Share?.value, 25 / 40);
  t.equal(figures.perDay.calls, 20);
  t.equal(figures.priority1MeanSeconds, null, 'of nothing counted there is no figure');
});

t.test('a plan against itself differs by nothing, and that is not real', async (t) => {
  const rows = rowsOf([
    { calls: 10, seconds: 100, within: 10 },
    { calls: 30, seconds: 200, within: 15 },
  ]);
  t.match(differencesOf(rows, rows).meanSeconds, { value: 0, low: 0, high: 0, real: false });
});

t.test('days differ far more than plans: pairing them shows the plans all the same', async (t) => {
  const days = Array.from({ length: 30 }, (_, i) => ({
    calls: 100 + (i % 7) * 20,
    seconds: 300 + (i % 5) * 60,
    within: 50,
  }));
  const one = rowsOf(days);
  const other = rowsOf(days.map((day, i) => ({ ...day, seconds: day.seconds + 4 + (i % 2) })));
  const difference = differencesOf(one, other).meanSeconds;
  t.ok(difference?.real && difference.high < -4 && difference.low > -5);
  const alone = figuresOf(one, 1).meanSeconds;
  t.ok(alone && alone.high - alone.low > 40, 'where each by itself could be anywhere');
});

t.test('the interval of one day is endless, of two already finite', async (t) => {
  const day = { calls: 10, seconds: 100, within: 10 };
  t.equal(figuresOf(rowsOf([day, { ...day, seconds: 110 }]), 1).meanSeconds?.high === Infinity, false);
  t.notOk(differencesOf(rowsOf([day]), rowsOf([{ ...day, seconds: 50 }])).meanSeconds?.real, 'one day shows nothing');
});

t.test('of 1,000 studies some 950 intervals hold the truth', async (t) => {
  let held = 0;
  for (let study = 0; study < 1000; study++) {
    const random = dayStream(study, 1);
    const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    const days = Array.from({ length: 12 }, () => ({ calls: 100, seconds: 300 + 40 * normal(), within: 0 }));
    const estimate = figuresOf(rowsOf(days), 1).meanSeconds;
    if (estimate && estimate.low <= 300 && estimate.high >= 300) held++;
  }
  t.ok(held > 930 && held < 970, `${held} of 1,000`);
});
