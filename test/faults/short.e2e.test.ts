/** Four rounds of faults under load: what was acknowledged is there, once, and consoles missed nothing. `npm run faults` is the long form. */
import t from 'tap';
import { runFaults } from './harness.ts';

const SEED = 23;
const ROUNDS = 4; // with this seed every kind of thing is broken in as many, two of them at once

t.test('instances, Redis, its links and PostgreSQL are killed under load', { timeout: 600_000 }, async (t) => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
  const { violations, counts } = await runFaults({ rounds: ROUNDS, seed: SEED });
  t.comment(JSON.stringify({ seed: SEED, ...counts }));
  t.strictSame(violations, []);
  for (const done of ['calls', 'assignments', 'time points', 'closes'])
    t.ok((counts[`${done} acknowledged`] ?? 0) > 0, `${done} were acknowledged`);
  for (const broken of ['instances killed', 'Redis killed', 'PostgreSQL killed', 'Redis links cut'])
    t.ok((counts[broken] ?? 0) > 0, broken);
  for (const done of ['searches acknowledged', 'searches held', 'steps of ladders taken'])
    t.ok((counts[done] ?? 0) > 0, done);
  for (const done of ['care records', 'outcomes', 'filings'])
    t.ok((counts[`${done} acknowledged`] ?? 0) > 0, `${done} were acknowledged`);
  for (const done of ['write-backs', 'follow-ups scheduled', 'transactions applied there', 'responders alerted'])
    t.ok((counts[done] ?? 0) > 0, done);
  t.ok((counts['deadlines fired'] ?? 0) > 0, 'deadlines fired');
  t.ok((counts['events seen by consoles'] ?? 0) > 0, 'consoles were watching');
});
