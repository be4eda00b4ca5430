/** The best plan of a serving problem, with proof: good plans, then a bound that fixes most of it, then branches or HiGHS on what is left. */
import { branch } from './branch.ts';
import { type Proof, searchCore } from './core.ts';
import { lagrange } from './lagrange.ts';
import type { Serving } from './serving.ts';
import { greedy, searchOn, substitute } from './substitution.ts';
import { randomFrom, type Watch } from './watch.ts';

const SEED = 8;
const KICKS = 30;
const ROUNDS = 4_000;
/**
 * Below, little is left and HiGHS closes it at once; above, its relaxation of the rest is as loose as ours, and each step
 * of it costs far more. Measured: 900 points on a plane, 10 sites and a gap of 0.03 % take it 54 s, the branches 3 s.
 */
const LOOSE = 0.0001;

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
    tryEvery: 10,
    stopped,
    onBetter: (best, bound) => onBetter({ best, bound, proven: false }, 0.2 + Math.min(0.3, ++rounds / 100)),
  });
  const proof = { best: bounded.best, bound: bounded.bound, proven: bounded.proven };
  if (proof.proven || watch.stopped()) return proof;
  onBetter(proof, 0.5);
  // A better plan makes the rest smaller: worth a second search before the exact one.
  const better = searchOn(problem, bounded.best, KICKS, random, stopped);
  if (better.cost < bounded.best.cost) bounded = { ...bounded, best: better };
  const gap = (bounded.best.cost - bounded.bound) / Math.max(Math.abs(bounded.best.cost), 1);
  const prove = gap > LOOSE ? branch : searchCore;
  return prove(problem, bounded, watch, (found) => onBetter(found, 0.6));
}
