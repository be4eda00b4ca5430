/** Branches alone, from a bound too loose to fix anything: the best of all plans, and stopped on the way a bound that holds. */
import t from 'tap';
import { branch } from '../../../src/planning/siting/branch.ts';
import type { Proof } from '../../../src/planning/siting/core.ts';
import type { Bounded } from '../../../src/planning/siting/lagrange.ts';
import { type Plan, planOf, type Serving, serving } from '../../../src/planning/siting/serving.ts';
import { nobodyWatches, randomFrom } from '../../../src/planning/siting/watch.ts';

function someProblem(random: () => number): Serving {
  const [clients, sites] = [14, 9];
  const whole = random() < 0.5;
  const costs = Array.from({ length: clients * sites }, () => (whole ? Math.ceil(random() * 20) : random() * 20));
  const kept = new Uint8Array(sites);
  if (random() < 0.3) kept[2] = 1;
  return serving(
    clients,
    kept,
    2 + Math.floor(random() * 4),
    (client, site) => (random() < 0.05 ? Number.POSITIVE_INFINITY : (costs[client * sites + site] as number)),
    () => 500,
  );
}

/** Some clients are covered at no cost, the others stay outside. */
function someCover(random: () => number): Serving {
  const [clients, sites] = [30, 12];
  return serving(
    clients,
    new Uint8Array(sites),
    2 + Math.floor(random() * 3),
    () => (random() < 0.2 ? 0 : Number.POSITIVE_INFINITY),
    () => 1 + Math.floor(random() * 2),
  );
}

/** Nothing is known but a poor plan. */
function rootOf(problem: Serving, best: Plan): Bounded {
  return {
    best,
    bound: Number.NEGATIVE_INFINITY,
    prices: new Float64Array(problem.clients),
    share: new Float64Array(problem.sites),
    closed: new Uint8Array(problem.sites),
    forced: problem.kept,
    reach: new Float64Array(problem.clients).fill(Number.POSITIVE_INFINITY),
    proven: false,
  };
}

function* allPlans({ sites, p, kept }: Serving): Generator<number[]> {
  for (let mask = 0; mask < 2 ** sites; mask++) {
    const open = Array.from({ length: sites }, (_, site) => site).filter((site) => mask & (1 << site));
    if (open.length === p && [...kept.keys()].every((site) => !kept[site] || open.includes(site))) yield open;
  }
}

t.test('small problems against all plans', async (t) => {
  const random = randomFrom(17);
  let branched = 0;
  for (let round = 0; round < 120; round++) {
    const problem = (round % 2 ? someCover : someProblem)(random);
    const plans = [...allPlans(problem)].map((open) => planOf(problem, open));
    const optimum = Math.min(...plans.map(({ cost }) => cost));
    const poor = plans.reduce((worst, plan) => (plan.cost > worst.cost ? plan : worst));
    const root = rootOf(problem, poor);
    const bounds: number[] = [];
    // As in earnest, where a branch often ends as soon as it is looked at, or so few that bounds stay loose.
    const rounds = round < 80 ? undefined : 12 + (round % 7);
    const watched = ({ best, bound }: Proof) => {
      bounds.push(bound);
      t.ok(best.cost >= optimum - 1e-9);
    };
    const proof = branch(problem, root, nobodyWatches, watched, rounds);
    branched += bounds.length;
    t.ok(
      proof.proven && Math.abs(proof.best.cost - optimum) < 1e-9,
      `round ${round}: ${proof.best.cost} is ${optimum}`,
    );
    t.ok(
      bounds.every((bound, at) => bound <= optimum + 1e-9 && bound >= (bounds[at - 1] ?? bound)),
      'bounds rise and hold',
    );
    for (const looks of [1, 3, 30]) {
      let seen = 0;
      const stopping = { ...nobodyWatches, stopped: () => ++seen > looks };
      const cut = branch(problem, root, stopping, () => {}, rounds);
      t.ok(cut.bound <= optimum + 1e-9 && cut.best.cost >= optimum - 1e-9);
      if (cut.proven) t.ok(Math.abs(cut.best.cost - optimum) < 1e-9);
    }
  }
  t.ok(branched > 60, `${branched} branches were looked at`);
});
