/** Branch and bound over sites, each branch bounded by prices: the proof where the relaxation leaves much between plan and bound. */
import type { Proof } from './core.ts';
import { type Bounded, lagrange } from './lagrange.ts';
import { cutoffBelow, type Plan, type Serving } from './serving.ts';
import type { Watch } from './watch.ts';

const ROUNDS = 150;

/**
 * Opens a site in one branch and closes it in the other, the site the prices are least sure of; a branch starts with the
 * prices and the fixed sites of the one it came from, so that few rounds do. The branch with the least bound is next: what
 * is proven of all plans rises steadily, and an end before the last branch has a bound to show.
 */
export function branch(problem: Serving, root: Bounded, watch: Watch, onBetter: (proof: Proof) => void): Proof {
  let best: Plan = root.best;
  const open: Bounded[] = [root];
  for (;;) {
    const next = takeLeast(open);
    if (!next || next.bound > cutoffBelow(problem, best.cost)) return { best, bound: best.cost, proven: true };
    if (watch.stopped()) return { best, bound: next.bound, proven: false };
    onBetter({ best, bound: next.bound, proven: false });
    const site = leastSure(next);
    if (site < 0) continue; // all decided: its one plan is known
    for (const decision of ['forced', 'closed'] as const) {
      const from = { prices: next.prices, closed: next.closed, forced: next.forced };
      const decided = Uint8Array.from(from[decision]);
      decided[site] = 1;
      const found = lagrange(problem, best, {
        rounds: ROUNDS,
        from: { ...from, [decision]: decided },
        stopped: () => watch.stopped(),
        onBetter() {},
      });
      best = found.best;
      if (!found.proven) open.push({ ...found, bound: Math.max(found.bound, next.bound) });
    }
  }
}

function takeLeast(open: Bounded[]): Bounded | undefined {
  let least = 0;
  for (const [at, { bound }] of open.entries()) if (bound < (open[least] as Bounded).bound) least = at;
  return open.splice(least, 1)[0];
}

function leastSure({ closed, forced, share }: Bounded): number {
  let found = -1;
  let doubt = -1;
  for (const [site, its] of share.entries()) {
    if (closed[site] || forced[site]) continue;
    const here = 0.5 - Math.abs(its - 0.5);
    if (here <= doubt) continue;
    doubt = here;
    found = site;
  }
  return found;
}
