/** Every siting problem against the best of all plans tried one by one, and larger ones against their own bound. */
import t from 'tap';
import { readySolver } from '../../../src/planning/siting/highs.ts';
import { flat, type Instance, instanceOf } from '../../../src/planning/siting/instance.ts';
import type { SitingRequest } from '../../../src/planning/siting/schema.ts';
import { solveSiting } from '../../../src/planning/siting/solve.ts';
import { type Best, nobodyWatches, randomFrom, type Watch } from '../../../src/planning/siting/watch.ts';

await readySolver();

type Random = () => number;
const whole = (random: Random, least: number, most: number) => least + Math.floor(random() * (most - least + 1));

/** A small request with some ties, some pairs out of reach and one existing site now and then. */
function smallRequest(random: Random, over: Partial<SitingRequest>): SitingRequest {
  const demands = whole(random, 3, 9);
  const sites = whole(random, 3, 7);
  const isWhole = random() < 0.5;
  const number = (most: number) => (isWhole ? whole(random, 1, most) : 0.5 + random() * most);
  return {
    problem: 'p-median',
    demand: Array.from({ length: demands }, (_, at) => ({ id: `d${at}`, weight: number(9) })),
    sites: Array.from({ length: sites }, (_, at) => ({
      id: `s${at}`,
      ...(at === 1 && random() < 0.4 ? { existing: true } : {}),
    })),
    travelSeconds: Array.from({ length: demands }, () =>
      Array.from({ length: sites }, () => (random() < 0.08 ? null : number(12))),
    ),
    p: whole(random, 1, sites),
    ...over,
  };
}

function instance(request: SitingRequest): Instance {
  const { demand = [], sites = [], travelSeconds = [], responderTravelSeconds } = request;
  return instanceOf(
    request,
    {
      demand,
      sites: sites as { id: string; existing?: boolean }[],
      counts: true,
      seconds: flat(travelSeconds),
      ...(responderTravelSeconds ? { responderSeconds: flat(responderTravelSeconds) } : {}),
    },
    60,
  );
}

/** Every set of sites with the existing ones in it. */
function* plans({ kept }: Instance, size: number | null): Generator<number[]> {
  for (let mask = 0; mask < 2 ** kept.length; mask++) {
    const chosen = [...kept.keys()].filter((site) => mask & (1 << site));
    if (
      (size === null || chosen.length === size) &&
      [...kept.keys()].every((site) => !kept[site] || chosen.includes(site))
    )
      yield chosen;
  }
}
const at = ({ seconds, kept }: Instance, point: number, site: number) => seconds[point * kept.length + site] as number;
const nearest = (one: Instance, point: number, chosen: readonly number[]) =>
  Math.min(Number.POSITIVE_INFINITY, ...chosen.map((site) => at(one, point, site)));
const total = (one: Instance, of: (point: number) => number) =>
  one.weights.reduce((sum, _, point) => sum + of(point), 0);
const weight = (one: Instance, point: number) => one.weights[point] as number;
const standardOf = (one: Instance) => one.standardSeconds ?? Number.POSITIVE_INFINITY;

const tried: Record<string, (one: Instance) => number> = {
  'p-median': (one) =>
    Math.min(
      ...[...plans(one, one.p)].map((chosen) =>
        total(one, (point) => weight(one, point) * nearest(one, point, chosen)),
      ),
    ),
  'p-center': (one) =>
    Math.min(
      ...[...plans(one, one.p)].map((chosen) =>
        Math.max(...one.weights.map((_, point) => nearest(one, point, chosen))),
      ),
    ),
  mclp: (one) =>
    Math.max(
      ...[...plans(one, one.p)].map((chosen) =>
        total(one, (point) => (nearest(one, point, chosen) <= standardOf(one) ? weight(one, point) : 0)),
      ),
    ),
  lscp: (one) =>
    Math.min(
      Number.POSITIVE_INFINITY,
      ...[...plans(one, null)]
        .filter((chosen) => one.weights.every((_, point) => nearest(one, point, chosen) <= standardOf(one)))
        .map((chosen) => chosen.length),
    ),
};

for (const [problem, best] of Object.entries(tried)) {
  t.test(`${problem}: 60 small requests against all plans`, async (t) => {
    const random = randomFrom(problem.length);
    let impossible = 0;
    for (let round = 0; round < 60; round++) {
      const request = smallRequest(random, { problem: problem as SitingRequest['problem'], standardSeconds: 7 });
      const one = instance(request);
      if (one.p < one.kept.reduce((sum, mark) => sum + mark, 0)) continue;
      const { status, result } = solveSiting(one, nobodyWatches);
      const expected = best(one);
      if (!Number.isFinite(expected)) {
        impossible++;
        t.equal(status, 'infeasible', `round ${round}`);
        continue;
      }
      t.equal(status, 'optimal', `round ${round}`);
      t.ok(Math.abs((result.objective ?? Number.NaN) - expected) < 1e-6, `${result.objective} is ${expected}`);
      t.ok(result.proven && result.gap === 0);
      const chosen = result.chosen.map((id) => one.siteIds.indexOf(id));
      t.ok(
        [...one.kept.keys()].every((site) => !one.kept[site] || chosen.includes(site)),
        'existing sites stay',
      );
      if (problem !== 'lscp') t.equal(new Set(chosen).size, one.p);
      for (const [point, id] of one.demandIds.entries()) {
        const near = nearest(one, point, chosen);
        const assigned = result.assignment[id];
        t.equal(assigned ? at(one, point, one.siteIds.indexOf(assigned)) : Number.POSITIVE_INFINITY, near, id);
        t.equal(result.uncovered.includes(id), near > 7 || !Number.isFinite(near), id);
      }
    }
    t.ok(impossible < 40, `${impossible} of the requests had no plan`);
  });
}

t.test('mexclp: small requests against all ways to place the units', async (t) => {
  const random = randomFrom(5);
  for (let round = 0; round < 40; round++) {
    const busyFraction = round % 5 === 0 ? 0 : 0.2 + 0.6 * random();
    const one = instance(
      smallRequest(random, { problem: 'mexclp', standardSeconds: 6, busyFraction, p: whole(random, 1, 4) }),
    );
    let best = 0;
    const place = (site: number, left: number, units: number[]) => {
      if (site === one.kept.length) {
        if (left > 0) return;
        const covered = total(one, (point) => {
          const reach = units.reduce((sum, count, each) => sum + (at(one, point, each) <= 6 ? count : 0), 0);
          return weight(one, point) * (1 - busyFraction ** reach);
        });
        best = Math.max(best, covered);
        return;
      }
      for (let count = one.kept[site] as number; count <= left; count++)
        place(site + 1, left - count, [...units, count]);
    };
    place(0, one.p, []);
    const { status, result } = solveSiting(one, nobodyWatches);
    t.equal(status, 'optimal');
    t.ok(Math.abs((result.objective ?? Number.NaN) - best) < 1e-6, `${result.objective} is ${best}`);
    t.equal(result.chosen.length, one.p, 'a site once for each unit');
  }
});

t.test('joint posts: small requests against all plans within the budget', async (t) => {
  const random = randomFrom(11);
  for (let round = 0; round < 25; round++) {
    const demands = whole(random, 2, 6);
    const sites = whole(random, 2, 4);
    const matrix = () =>
      Array.from({ length: demands }, () => Array.from({ length: sites }, () => whole(random, 1, 12)));
    const posts = {
      ambulance: { cost: 10, standardSeconds: 8 },
      responder: { cost: 4, standardSeconds: 4, weight: 0.5 + random() },
      jointCost: whole(random, 10, 13),
      budget: whole(random, 4, 30),
    };
    const one = instance({
      problem: 'joint',
      demand: Array.from({ length: demands }, (_, each) => ({ id: `d${each}`, weight: whole(random, 1, 9) })),
      sites: Array.from({ length: sites }, (_, each) => ({ id: `s${each}`, existing: each === 0 && round % 3 === 0 })),
      travelSeconds: matrix(),
      responderTravelSeconds: matrix(),
      posts,
    });
    const best = (joined: boolean) => {
      let most = 0;
      for (let mask = 0; mask < 4 ** sites; mask++) {
        const kind = (site: number) => Math.floor(mask / 4 ** site) % 4;
        const hasA = (site: number) => (kind(site) & 1) === 1 || one.kept[site] === 1;
        const hasR = (site: number) => (kind(site) & 2) === 2;
        let cost = 0;
        for (let site = 0; site < sites; site++) {
          if (hasA(site) && hasR(site)) cost += joined ? posts.jointCost : 14;
          else cost += hasA(site) ? 10 : hasR(site) ? 4 : 0;
          if (one.kept[site]) cost -= 10;
        }
        if (cost > posts.budget) continue;
        const near = (times: Float64Array, point: number, site: number) => times[point * sites + site] as number;
        const objective = total(one, (point) => {
          let help = 0;
          let ambulance = 0;
          for (let site = 0; site < sites; site++) {
            if (hasA(site) && near(one.seconds, point, site) <= 8) ambulance = 1;
            if (hasA(site) && near(one.seconds, point, site) <= 4) help = 1;
            if (hasR(site) && near(one.responderSeconds, point, site) <= 4) help = 1;
          }
          return weight(one, point) * (ambulance + help * posts.responder.weight);
        });
        most = Math.max(most, objective);
      }
      return most;
    };
    const { status, result } = solveSiting(one, nobodyWatches);
    t.equal(status, 'optimal');
    t.ok(Math.abs((result.objective ?? Number.NaN) - best(true)) < 1e-6, `${result.objective} is ${best(true)}`);
    t.ok(Math.abs((result.joint?.separate.objective ?? Number.NaN) - best(false)) < 1e-6);
    t.ok((result.joint?.cost ?? 99) <= posts.budget);
    for (const post of result.joint?.posts ?? [])
      if (post.kind === 'joint') t.ok((post.gain ?? -1) >= 0 && (post.gainBound ?? -1) >= (post.gain ?? 0) - 1e-9);
  }
});

const plane = (points: number, sites: number, seed: number) => {
  const random = randomFrom(seed);
  const place = () => [random() * 1_000, random() * 1_000] as const;
  const [from, to] = [Array.from({ length: points }, place), Array.from({ length: sites }, place)];
  return from.map(([x, y]) => to.map(([a, b]) => Math.round(Math.hypot(x - a, y - b))));
};
const large = (matrix: number[][], over: Partial<SitingRequest>) =>
  instance({
    problem: 'p-median',
    demand: matrix.map((_, each) => ({ id: `d${each}`, weight: 1 + (each % 7) })),
    sites: (matrix[0] ?? []).map((_, each) => ({ id: `s${each}` })),
    travelSeconds: matrix,
    ...over,
  });

t.test('larger ones are proven', async (t) => {
  for (const p of [5, 33]) {
    const { status, result } = solveSiting(large(plane(100, 100, p), { p }), nobodyWatches);
    t.match({ status, ...result }, { status: 'optimal', proven: true, gap: 0, bound: result.objective });
  }
  const mclp = solveSiting(large(plane(600, 100, 3), { problem: 'mclp', p: 12, standardSeconds: 150 }), nobodyWatches);
  t.equal(mclp.status, 'optimal');
  const center = solveSiting(large(plane(120, 60, 4), { problem: 'p-center', p: 8 }), nobodyWatches);
  t.equal(center.status, 'optimal');
});

t.test('stopped in the middle: the best so far, with a bound that holds', async (t) => {
  const requests: Partial<SitingRequest>[] = [
    { p: 10 },
    { problem: 'mclp', p: 6, standardSeconds: 200 },
    { problem: 'p-center', p: 6 },
    { problem: 'mexclp', p: 8, standardSeconds: 200, busyFraction: 0.4 },
    { problem: 'lscp', standardSeconds: 250 },
  ];
  for (const over of requests) {
    const one = large(plane(150, 50, 9), over);
    const optimum = solveSiting(one, nobodyWatches).result.objective as number;
    for (const looks of [1, 40, 400]) {
      let seen = 0;
      let last: Best | null = null;
      const watch: Watch = {
        stopped: () => ++seen > looks,
        secondsLeft: () => 60,
        report(best) {
          last = best ?? last;
        },
      };
      const { status, result } = solveSiting(one, watch);
      if (status === 'infeasible') {
        t.notOk(result.proven, 'nothing found yet is not proof that there is nothing');
        continue;
      }
      const sense = over.problem === 'mclp' || over.problem === 'mexclp' ? -1 : 1;
      const [objective, bound] = [result.objective as number, result.bound ?? -Infinity * sense];
      t.ok(sense * (objective - optimum) >= -1e-6, `${over.problem} ${looks}: no plan is better than the best`);
      t.ok(sense * (optimum - bound) >= -1e-6, `${over.problem} ${looks}: nor is the bound passed`);
      t.equal(status === 'optimal', result.proven);
    }
  }
});

t.test('demand nobody can reach is named', async (t) => {
  const request: SitingRequest = {
    problem: 'lscp',
    demand: [
      { id: 'near', weight: 1 },
      { id: 'far', weight: 1 },
    ],
    sites: [{ id: 's' }],
    travelSeconds: [[100], [700]],
    standardSeconds: 480,
  };
  t.match(solveSiting(instance(request), nobodyWatches), {
    status: 'infeasible',
    result: { proven: true, uncovered: ['far'], chosen: [] },
  });
  const cut = { ...request, problem: 'p-median', p: 1, travelSeconds: [[100], [null]] } as const;
  t.match(solveSiting(instance(cut as unknown as SitingRequest), nobodyWatches).result.uncovered, ['far']);
  const split = { ...request, problem: 'p-center', p: 1, sites: [{ id: 'a' }, { id: 'b' }] } as const;
  const both = {
    ...split,
    travelSeconds: [
      [1, null],
      [null, 1],
    ],
  } as unknown as SitingRequest;
  for (const problem of ['p-center', 'p-median'] as const)
    t.equal(
      solveSiting(instance({ ...both, problem }), nobodyWatches).status,
      'infeasible',
      `${problem}: one site cannot reach both`,
    );
});

t.test('what a plan wins', async (t) => {
  const one = instance({
    problem: 'p-median',
    demand: [
      { id: 'a', weight: 3 },
      { id: 'b', weight: 1 },
    ],
    sites: [{ id: 'old', existing: true }, { id: 'new' }],
    travelSeconds: [
      [100, 900],
      [600, 200],
    ],
    p: 2,
    standardSeconds: 480,
  });
  const { result } = solveSiting(one, nobodyWatches);
  t.match(result, {
    existing: { meanSeconds: 225, coveredShare: 0.75, longestSeconds: 600 },
    plan: { meanSeconds: 125, coveredShare: 1, longestSeconds: 200 },
    gain: { meanSeconds: 100, coveredShare: 0.25 },
  });
  const [least, most] = result.gain?.meanSecondsInterval ?? [0, 0];
  // Differences 0, 0, 0, 400: mean 100, standard error √(3·100² + 300²)/4.
  t.ok(Math.abs((most - least) / 2 - (1.959964 * Math.sqrt(120_000)) / 4) < 1e-6);
});
