/** `npm run faults [-- --rounds N --seed S]`: breaks things under load N times and checks that nothing was lost, doubled or out of order. */
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Fault } from './chaos.ts';
import { runFaults } from './harness.ts';

const SHOWN = 5;
const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '50' }, seed: { type: 'string', default: '1' } },
});
const rounds = Number(values.rounds);
const seed = Number(values.seed);
if (!Number.isInteger(rounds) || rounds < 1 || rounds > 1_000 || !Number.isInteger(seed)) {
  console.error('usage: npm run faults [-- --rounds 1…1000 --seed WHOLE-NUMBER]');
  process.exit(2);
}
// What was started is ended when this process exits.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

const named = (fault: Fault) =>
  [fault.kind, 'instance' in fault ? fault.instance + 1 : '', 'how' in fault ? fault.how : '']
    .filter(Boolean)
    .join(' ');

const started = Date.now();
const { violations, counts, history, facts } = await runFaults({
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
