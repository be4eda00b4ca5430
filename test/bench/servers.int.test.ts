/** The benchmarks that need servers, at their smallest: they start their own, measure what they say, and leave nothing. */
import { existsSync } from 'node:fs';
import t from 'tap';
import { Ground } from '../../bench/ground.ts';
import { benchImport } from '../../bench/import.ts';
import { benchLoad } from '../../bench/load.ts';
import { benchMatch } from '../../bench/match.ts';
import { checkRows } from './support.ts';

// A build, a fleet and a second of rest after each round take their time on a busy machine.
t.setTimeout(150_000);
const residents = 300;
const ground = new Ground();
t.teardown(() => ground.stop());

t.test('import', { timeout: 120_000 }, async (t) => {
  const rows = await benchImport(ground, { residents });
  checkRows(t, rows, 'import');
  t.equal((await ground.registry(residents)).filing.filed, residents);
});

t.test('match', { timeout: 120_000 }, async (t) => {
  const rows = await benchMatch(ground, { registries: [100, residents], rounds: 1, callsPerRound: 20 });
  checkRows(t, rows, 'match');
  t.equal(rows.filter(({ target }) => target).length, 2, 'the largest registry is judged beside the smallest');
});

t.test('load', { timeout: 120_000 }, async (t) => {
  const size = { residents, units: 5, connections: 2, firstCalls: 20, rounds: 1, secondsPerRound: 1, perSecond: 20 };
  const rows = await benchLoad(ground, size);
  checkRows(t, rows, 'load');
  t.match(
    rows.map(({ figure, target }) => [figure, target]),
    [
      ['throughput', '≥ 0.6'],
      ['processor time of the server', undefined],
      ['median', undefined],
      ['p99', '≤ 3'],
      ['resident memory', '≤ 300'],
    ],
  );
});

t.test('what was started is ended', async (t) => {
  const { pid } = await ground.postgres();
  await ground.stop();
  t.notOk(existsSync(`/proc/${pid}`), 'PostgreSQL is gone');
});
