/** What the runner writes is what clients of `results.json` are promised, and a target missed says so. */
import t from 'tap';
import { benchDecide } from '../../bench/decide.ts';
import { benchQuality } from '../../bench/quality.ts';
import { formatTable, judged, median, quantile, type ResultRow } from '../../bench/rows.ts';
import { checkRows } from './support.ts';

t.test('rows of a benchmark have the promised shape', async (t) => {
  const decided = benchDecide({ decisions: 200 });
  checkRows(t, decided, 'decide');
  t.equal(decided[0]?.target, '≤ 50');
  const quality = benchQuality({ residents: 500, calls: 200, seed: 1 });
  checkRows(t, quality, 'match-quality');
  for (const row of quality.filter(({ unit }) => unit === 'share')) t.ok(row.value > 0 && row.value <= 1, row.figure);
});

t.test('a target is judged by the ratio where there is one, else by the value', async (t) => {
  const row: ResultRow = { benchmark: 'b', figure: 'f', value: 10, unit: 'ms', conditions: '' };
  t.match(judged(row, { atMost: 10 }), { target: '≤ 10', met: true });
  t.match(judged(row, { atLeast: 11 }), { target: '≥ 11', met: false });
  const slow = judged({ ...row, floor: 5, ratio: 2 }, { atMost: 1.5 });
  t.equal(slow.met, false);
  t.match(formatTable([slow]).split('\n')[1], /^b +f +10 ms +5 ms +2 +≤ 1\.5 +MISSED$/);
});

t.test('quantiles are values that were measured', async (t) => {
  const values = Array.from({ length: 100 }, (_, i) => 100 - i);
  t.equal(median(values), 50);
  t.equal(quantile(values, 0.99), 99);
  t.equal(quantile([7], 0.99), 7);
  t.throws(() => median([]), RangeError);
});
