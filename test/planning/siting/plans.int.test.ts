/** `/v1/siting-plans` on both ways to run: made, watched, cancelled, left behind by an instance that is gone, refused by name. */
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { randomFrom } from '../../../src/planning/siting/watch.ts';
import { backends } from '../../support/backends.ts';
import { serviceOn } from '../../support/service.ts';

const small = {
  problem: 'p-median',
  p: 1,
  demand: [
    { id: 'a', weight: 2 },
    { id: 'b', weight: 1 },
  ],
  sites: [{ id: 'x' }, { id: 'y' }],
  travelSeconds: [
    [10, 500],
    [400, 20],
  ],
};

/** Demand and sites strewn over a square: hard enough to be still under way when somebody looks. */
function strewn(points: number, p: number) {
  const random = randomFrom(3);
  const at = Array.from({ length: points }, () => [random() * 9_000, random() * 9_000] as const);
  return {
    problem: 'p-median',
    p,
    demand: at.map((_, each) => ({ id: `d${each}`, weight: 1 + random() })),
    sites: at.map((_, each) => ({ id: `s${each}` })),
    travelSeconds: at.map(([x, y]) => at.map(([u, v]) => Math.hypot(x - u, y - v))),
    timeLimitSeconds: 600,
  };
}

for (const backend of backends) {
  t.test(backend.name, async (t) => {
    const { databaseUrl } = await backend.fresh(t);
    const { ask, db, time } = await serviceOn(t, databaseUrl, backend.name === 'embedded' ? 4 : 10);
    const start = (body: unknown, headers = {}) => ask('planner', 'POST', '/v1/siting-plans', body, headers);
    const read = (planId: string) => ask('planner', 'GET', `/v1/siting-plans/${planId}`);
    const until = async (planId: string, done: (plan: Record<string, unknown>) => boolean) => {
      for (;;) {
        const { body } = await read(planId);
        if (done(body)) return body;
        await sleep(50);
      }
    };
    const ended = (planId: string) => until(planId, (plan) => plan.endedAt !== null);

    await t.test('a plan from question to proof', async (t) => {
      const { status, body, headers } = await start(small);
      t.equal(status, 201);
      t.equal(headers.location, `/v1/siting-plans/${body.planId}`);
      const plan = await ended(body.planId);
      t.match(plan, {
        problem: 'p-median',
        status: 'optimal',
        progress: 1,
        objective: 420,
        bound: 420,
        gap: 0,
        proven: true,
        chosen: ['x'],
        assignment: { a: 'x', b: 'x' },
        uncovered: [],
      });
      const { body: list } = await ask('planner', 'GET', '/v1/siting-plans');
      t.match(list.plans[0], { planId: body.planId, status: 'optimal', assignment: {} });
    });

    await t.test('the same key and body, the same plan; another body is refused', async (t) => {
      const headers = { 'idempotency-key': 'k-1' };
      const [one, two] = await Promise.all([start(small, headers), start(small, headers)]);
      t.same([one.status, two.status], [201, 201]);
      t.equal(one.body.planId, two.body.planId);
      const other = await start({ ...small, p: 2 }, headers);
      t.match(other, { status: 422, body: { code: 'idempotency-mismatch' } });
      await ended(one.body.planId);
    });

    await t.test('two at once; one cancelled in the middle answers its best with its gap', async (t) => {
      const [long, short] = await Promise.all([start(strewn(260, 9)), start(small)]);
      const { planId } = long.body;
      // A quick machine may have proven it by now.
      const under = await until(planId, ({ status, objective }) => status !== 'waiting' && objective !== null);
      if (under.status === 'running') t.equal(under.proven, false);
      t.equal((under.chosen as string[]).length, 9);
      const asked = await ask('planner', 'DELETE', `/v1/siting-plans/${planId}`);
      t.equal(asked.status, 200);
      const plan = await ended(planId);
      t.ok(['cancelled', 'optimal'].includes(plan.status as string), String(plan.status));
      if (plan.status === 'cancelled') {
        t.equal(plan.proven, false);
        t.ok((plan.gap as number) > 0 && (plan.bound as number) < (plan.objective as number));
      }
      t.equal((plan.chosen as string[]).length, 9);
      t.equal((await ended(short.body.planId)).status, 'optimal', 'the other one is not touched');
      const again = await ask('planner', 'DELETE', `/v1/siting-plans/${planId}`);
      t.same([again.status, again.body.status], [200, plan.status], 'cancelled again it stays what it is');
    });

    await t.test('a plan whose instance is gone keeps its best', async (t) => {
      const row = (planId: string, more: string, values: unknown[]) =>
        db.query({
          text: `INSERT INTO siting_plans (plan_id, role, subject, body_hash, status, progress, asked, result, created_at, seen_at, cancel_asked)
                 VALUES ($1, 'planner', 'p', '', 'running', 0.5, $2, $3, $4, $4, ${more})`,
          values: [planId, ...values],
        });
      const asked = { problem: 'lscp', p: null, standardSeconds: 480, busyFraction: null, demandFrom: 'request' };
      const best = { objective: 7, bound: 6, gap: 1 / 7, proven: false, chosen: ['s1'] };
      const at = new Date(time.now).toISOString();
      await row('gone', 'false', [JSON.stringify(asked), JSON.stringify(best), at]);
      await row('unwanted', 'true', [JSON.stringify(asked), JSON.stringify(best), at]);
      t.equal((await read('gone')).body.status, 'running', 'it may only be slow');
      time.now += 60_000;
      t.match((await read('gone')).body, { status: 'interrupted', objective: 7, bound: 6, proven: false, endedAt: at });
      t.equal((await read('unwanted')).body.status, 'cancelled');
    });

    await t.test('an infeasible standard names its demand', async (t) => {
      const { body } = await start({ ...small, problem: 'lscp', standardSeconds: 15 });
      t.match(await ended(body.planId), { status: 'infeasible', proven: true, uncovered: ['b'], chosen: [] });
      if (backend.name === 'embedded') return; // what follows is the solver's: the database makes no odds
      for (const problem of ['p-median', 'p-center']) {
        const cut = {
          ...small,
          problem,
          travelSeconds: [
            [10, 500],
            [null, null],
          ],
        };
        const { planId } = (await start(cut)).body;
        t.match(await ended(planId), { status: 'infeasible', uncovered: ['b'] }, `${problem}: demand nobody can reach`);
      }
      const most = {
        ...small,
        problem: 'mclp',
        standardSeconds: 15,
        travelSeconds: [
          [10, 500],
          [null, null],
        ],
      };
      const { planId } = (await start(most)).body;
      t.match(await ended(planId), { status: 'optimal', objective: 2, uncovered: ['b'], assignment: { a: 'x' } });
    });

    await t.test('what cannot be planned is refused by name and leaves nothing', async (t) => {
      const count = async () => (await db.query('SELECT count(*)::int AS plans FROM siting_plans')).rows[0].plans;
      const before = await count();
      const refused = async (body: unknown, status: number, field: string) => {
        const answer = await start(body);
        t.match(answer, { status, body: { fields: [{ field }] } }, `${field}: ${answer.body.detail}`);
      };
      await refused({ ...small, p: 3 }, 422, 'p');
      await refused({ ...small, p: 0 }, 400, 'p');
      await refused({ ...small, p: undefined }, 422, 'p');
      await refused({ ...small, travelSeconds: [[10, 500]] }, 422, 'travelSeconds');
      await refused({ ...small, travelSeconds: [[10, 500], [400]] }, 422, 'travelSeconds[1]');
      await refused(
        {
          ...small,
          travelSeconds: [
            [10, -5],
            [400, 20],
          ],
        },
        400,
        'travelSeconds[0][1]',
      );
      await refused(
        {
          ...small,
          demand: [
            { id: 'a', weight: 0 },
            { id: 'b', weight: 1 },
          ],
        },
        400,
        'demand[0].weight',
      );
      await refused(
        {
          ...small,
          demand: [
            { id: 'a', weight: -1 },
            { id: 'b', weight: 1 },
          ],
        },
        400,
        'demand[0].weight',
      );
      await refused(
        {
          ...small,
          demand: [
            { id: 'a', weight: 1 },
            { id: 'a', weight: 1 },
          ],
        },
        422,
        'demand[1].id',
      );
      await refused({ ...small, problem: 'mclp' }, 422, 'standardSeconds');
      await refused({ ...small, problem: 'mexclp', standardSeconds: 9 }, 422, 'busyFraction');
      await refused({ ...small, problem: 'mexclp', standardSeconds: 9, busyFraction: 1 }, 400, 'busyFraction');
      await refused({ ...small, problem: 'joint' }, 422, 'posts');
      await refused({ ...small, travelSeconds: undefined }, 422, 'demand[0].position');
      await refused(
        {
          ...small,
          sites: [
            { id: 'x', existing: true },
            { id: 'y', existing: true },
          ],
        },
        422,
        'p',
      );
      const post = { cost: 3, standardSeconds: 60 };
      const posts = { ambulance: { ...post, cost: 9 }, responder: post, jointCost: 8, budget: 9 };
      await refused({ ...small, problem: 'joint', posts }, 422, 'posts.jointCost');
      await refused({ ...small, posts: { ...posts, jointCost: 10 } }, 422, 'posts');
      await refused({ ...small, problem: 'joint', posts: { ...posts, budget: -1 } }, 400, 'posts.budget');
      await refused({ ...small, standardSeconds: 0 }, 400, 'standardSeconds');
      await refused(
        {
          ...small,
          travelSeconds: [
            [10, 500],
            [400, 20],
            [1, 1],
          ],
        },
        422,
        'travelSeconds',
      );
      await refused({ ...small, responderTravelSeconds: [[1]] }, 422, 'responderTravelSeconds');
      await refused({ ...small, demand: [] }, 400, 'demand');
      await refused({ ...small, timeLimitSeconds: 3_601 }, 400, 'timeLimitSeconds');
      await refused({ ...small, more: 1 }, 400, 'more');
      await refused({ problem: 'p-median', p: 2 }, 422, 'demand');
      await refused('{', 400, 'body');
      await refused(undefined, 400, 'body');
      t.equal((await start(small, { 'idempotency-key': 'a b' })).status, 400);
      t.equal((await ask('planner', 'GET', '/v1/siting-plans/none')).status, 404);
      t.equal((await ask('planner', 'DELETE', '/v1/siting-plans/none')).status, 404);
      t.equal(await count(), before);
    });

    await t.test(
      'without times, demand or sites: by road, from residents by risk, from the places there are',
      async (t) => {
        const home = (lon: number, lat: number) => ({ address: 'x', position: { lon, lat, crs: 'wgs84' } });
        for (const [each, lon, lat] of [
          [1, 116.34, 39.9],
          [2, 116.37, 39.92],
          [3, 116.36, 39.94],
        ] as const)
          await ask('registry', 'PUT', `/v1/residents/r-${each}`, {
            residentId: `r-${each}`,
            name: '虚构',
            sex: 'female',
            birthDate: '1941-03-02',
            phones: ['13800138001'],
            home: home(lon, lat),
          });
        const station = {
          placeId: 'st-1',
          kind: 'station',
          name: '站',
          position: { lon: 116.36, lat: 39.9, crs: 'wgs84' },
        };
        await ask('admin', 'PUT', '/v1/places/st-1', station);
        const { status, body } = await start({ problem: 'mclp', p: 2, standardSeconds: 300 });
        t.equal(status, 201);
        const plan = await ended(body.planId);
        t.match(plan, { status: 'optimal', demandFrom: 'residents', gain: { meanSecondsInterval: null } });
        t.ok((plan.chosen as string[]).includes('st-1'), 'the existing station stays');
        const places = plan.places as { name: string | null; near: { place: object | null } | null }[];
        t.equal(places.length, 2);
        t.match(places.find(({ name }) => name === '站')?.near ?? null, null, 'what has a name needs no other');
        t.match(places.find(({ name }) => name === null)?.near, {
          subdistrictCode: null,
          address: null,
          place: { placeId: 'st-1', name: '站', metres: Number, direction: /^(north|south|east|west)/ },
        });
        t.ok((plan.gain as { meanSeconds: number }).meanSeconds > 0);
        const [win] = plan.wins as { siteId: string; demandShare: number; savedSeconds: number }[];
        t.ok(win && (plan.chosen as string[]).includes(win.siteId) && win.savedSeconds > 0 && win.demandShare > 0);
        const map = (await ask('planner', 'GET', `/v1/siting-plans/${body.planId}/map`)).body;
        t.match(map.type, 'FeatureCollection');
        const features = map.features as { id: string; properties: Record<string, unknown> }[];
        t.match(features.find(({ id }) => id === win?.siteId)?.properties, {
          role: 'site',
          existing: false,
          chosen: true,
          savedSeconds: win?.savedSeconds,
        });
        t.equal(
          features.filter(({ properties }) => properties.role === 'uncovered').length,
          (plan.uncovered as string[]).length,
          'each hexagon beyond the standard is drawn',
        );
        t.equal((await ask('planner', 'GET', '/v1/siting-plans/none/map')).status, 404);
        t.match(await start({ problem: 'mclp', p: 2, standardSeconds: 300, demandFrom: 'calls' }), {
          status: 422,
          body: { fields: [{ field: 'demandFrom' }] },
        });
      },
    );
  });
}
