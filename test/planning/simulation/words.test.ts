/** The report in words: whether a difference is real is said in both languages, and never of one that is not. */
import t from 'tap';
import { simulationInWords } from '../../../src/cli/simulate-words.ts';
import type { SimulationReport } from '../../../src/operations/simulate.ts';
import { differencesOf, figuresOf } from '../../../src/planning/simulation/report.ts';
import { fieldAt, WIDTH } from '../../../src/planning/simulation/tally.ts';

const days = (seconds: number, within: (day: number) => number) => {
  const rows = new Float64Array(20 * WIDTH);
  for (let day = 0; day < 20; day++) {
    rows[day * WIDTH + fieldAt.calls] = 100;
    rows[day * WIDTH + fieldAt.responseSeconds] = 100 * (seconds + (day % 3));
    rows[day * WIDTH + fieldAt.within8] = within(day);
    rows[day * WIDTH + fieldAt.firstFits] = 90;
  }
  return rows;
};

t.test('sooner for sure, as often in time as may be', async (t) => {
  const rows = days(400, (day) => 70 + (day % 2));
  const others = days(446, (day) => 70 + ((day + 1) % 2));
  const plan = (policy: 'expected-cover' | 'dmexclp', of: Float64Array) =>
    ({ policy, units: 24, stations: 8, figures: figuresOf(of, 24) }) as const;
  const report: SimulationReport = {
    city: 'a town',
    demand: 'past-calls',
    histories: 'residents-nearby',
    travel: 'road',
    daysAsked: 40,
    partial: true,
    days: 20,
    seed: 1,
    plan: plan('expected-cover', rows),
    against: plan('dmexclp', others),
    difference: differencesOf(rows, others),
  };
  const lines = simulationInWords(report).split('\n');
  const line = (begins: string) => lines.find((each) => each.startsWith(begins)) ?? '';
  t.match(
    line('Mean response:'),
    'Mean response: 46.0 s shorter with expected-cover than with dmexclp; the difference is real (95 % interval 46.0 to 46.0)',
  );
  t.match(line('平均反应时间'), '平均反应时间：expected-cover 比 dmexclp 短 46.0 秒，差异真实');
  t.match(line('Share within 8 minutes'), 'no difference shown between expected-cover and dmexclp');
  t.match(line('8 分钟内到达的比例'), '未显示出差异');
  t.notMatch(line('8 分钟内到达的比例'), '真实');
  t.match(line('Only the first'), 'Only the first 20 of 40 days');
  t.match(line('只模拟了'), '40 天中的前 20 天');
  t.ok(
    line('病史：').includes('建档居民') && line('Histories:').includes('filed residents'),
    'and whose histories decided',
  );
  t.match(line('priority 1, within'), '–', 'of what was not counted nothing is said');
});
