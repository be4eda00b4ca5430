/** The benchmark of roads, at its smallest: it measures what it says, and its answers are Dijkstra's and pgRouting's. */
import t from 'tap';
import { Ground } from '../../bench/ground.ts';
import { benchRoads } from '../../bench/roads.ts';
import { checkRows } from './support.ts';

t.setTimeout(150_000);
const ground = new Ground();
t.teardown(() => ground.stop());

t.test('roads', { timeout: 140_000 }, async (t) => {
  const rows = await benchRoads(ground, { side: 6, units: 10, rounds: 8, slowRounds: 2, pairs: 100 });
  checkRows(t, rows, 'roads');
  const differences = rows.filter(({ figure }) => figure.startsWith('largest difference'));
  t.ok(differences.length >= 2 && differences.every(({ met }) => met));
  const besideOthers = rows.filter(({ figure }) => figure.includes('pgRouting'));
  t.ok(besideOthers.length >= 1 && besideOthers.every(({ conditions }) => /differ by 0(\.00\d*)? s/.test(conditions)));
});
