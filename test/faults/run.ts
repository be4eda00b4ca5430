/**
 * `npm run faults [-- --rounds N --seed S]`: breaks things under load N times and checks that nothing was lost, doubled or
 * out of order. `npm run faults -- --searches 1000`: the same while so many searches are raised at once.
 */
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Fault } from './chaos.ts';
import { runFaults } from './harness.ts';
import { floodSearches } from './searches.ts';

const SHOWN = 5;
const { values } = parseArgs({
  options: {
    rounds: { type: 'string' },
    seed: { type: 'string', default: '1' },
    searches: { type: 'string', default: '0' },
  },
});
const searches = Number(values.searches);
// Searches are over in less than a minute, in which each kind of thing is to be broken once.
const rounds = Number(values.rounds ?? (searches ? 6 : 50));
const seed = Number(values.seed);
if (
  !Number.isInteger(rounds) ||
  rounds < 1 ||
  rounds > 1_000 ||
  !Number.isInteger(seed) ||
  !(searches >= 0 && searches <= 5_000)
) {
  console.error('usage: npm run faults [-- --rounds 1…1000 --seed WHOLE-NUMBER --searches 1…5000]');
  process.exit(2);
}
// What was started is ended when this process exits.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

const named = (fault: Fault) =>
  [fault.kind, 'instance' in fault ? fault.instance + 1 : '', 'how' in fault ? fault.how : '']
    .filter(Boolean)
    .join(' ');

const run = (options: Parameters<typeof runFaults>[0]) =>
  searches ? floodSearches({ ...options, searches }) : runFaults(options);
const started = Date.now();
const { violations, counts, history, facts } = await run({
  rounds,
  seed,
  onRound: (number, { faults, downMs }) =>
    console.log(`${number}/${rounds}  ${faults.map(named).join(' + ')}  for ${(downMs / 1000).toFixed(1)} s`),
});

const table = { ...counts, violations: violations.length, seconds: Math.round((Date.now() - started) / 1000), seed };
const width = Math.max(...Object.keys(table).map((name) => name.length));
console.log(
  `\n${Object.entries(table)
    .map(([name, value]) => `${name.padEnd(width)}  ${value}`)
    .join('\n')}`,
);

if (violations.length > 0) {
  for (const { rule, what, evidence } of violations.slice(0, SHOWN))
    console.error(`\n✗ ${rule}: ${what}\n${JSON.stringify(evidence, null, 2)}`);
  const file = join(tmpdir(), `precision-dispatch-faults-${seed}-${started}.json`);
  writeFileSync(file, JSON.stringify({ seed, rounds, violations, history, facts }));
  console.error(`\n${violations.length} violations, seed ${seed}; the whole history is in ${file}`);
}
process.exit(violations.length === 0 ? 0 : 1);
