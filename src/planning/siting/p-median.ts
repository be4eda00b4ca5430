/** The best plan of a serving problem, with proof: good plans, then a bound that fixes most of it, then HiGHS on what is left. */
import { type Proof, searchCore } from './core.ts';
import { lagrange } from './lagrange.ts';
import type { Serving } from './serving.ts';
import { greedy, searchOn, substitute } from './substitution.ts';
import { randomFrom, type Watch } from './watch.ts';

const SEED = 8;
const KICKS = 30;
const ROUNDS = 4_000;

export function solveServing(problem: Serving, watch: Watch, onBetter: (proof: Proof, share: number) => void): Proof {
  const stopped = () => watch.stopped();
  const random = randomFrom(SEED);
  const start = substitute(problem, greedy(problem), null, stopped);
  onBetter({ best: start, bound: Number.NEGATIVE_INFINITY, proven: false }, 0.05);
  const good = searchOn(problem, start, KICKS, random, stopped);
  onBetter({ best: good, bound: Number.NEGATIVE_INFINITY, proven: false }, 0.2);
  let rounds = 0;
  let bounded = lagrange(problem, good, {
    rounds: ROUNDS,
    stopped,
    onBetter: (best, bound) => onBetter({ best, bound, proven: false }, 0.2 + Math.min(0.3, ++rounds / 100)),
  });
  const proof = { best: bounded.best, bound: bounded.bound, proven: bounded.proven };
  if (proof.proven || watch.stopped()) return proof;
  onBetter(proof, 0.5);
  // A better plan makes the rest smaller: worth a second search before the exact one.
  const better = searchOn(problem, bounded.best, KICKS, random, stopped);
  if (better.cost < bounded.best.cost) bounded = { ...bounded, best: better };
  return searchCore(problem, bounded, watch, (found) => onBetter(found, 0.6));
}
