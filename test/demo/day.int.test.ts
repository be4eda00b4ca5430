/** The demonstration's day on both databases: calls lived through by crews that nobody tells what to do next. */
import t from 'tap';
import { Day } from '../../src/demo/day.ts';
import { loadDistrict } from '../../src/demo/load.ts';
import { listUnits } from '../../src/fleet/store.ts';
import { backends } from '../support/backends.ts';
import { NOW, serviceOn } from '../support/service.ts';

const fromWang = {
  channel: 'phone',
  caller: { phone: '+8613800010001', relation: 'self' },
  location: { position: { lon: 116.347364, lat: 39.913137, crs: 'gcj02' } },
  complaint: { code: 'chest-pain', answers: { conscious: 'yes', breathing: 'normal' } },
};
const inOrder = ['unit-notified', 'unit-acknowledged', 'en-route', 'on-scene', 'at-patient'];

for (const backend of backends)
  t.test(backend.name, async (t) => {
    const { databaseUrl } = await backend.fresh(t);
    const { ask, deps, db, day, time } = await serviceOn(t, databaseUrl);
    await loadDistrict(deps, NOW);
    const receive = async () => (await ask('dispatcher', 'POST', '/v1/calls', fromWang)).body;
    const detail = async (callId: string) => (await ask('dispatcher', 'GET', `/v1/calls/${callId}`)).body;
    const unit = async (unitId: string) => (await listUnits(db)).find((each) => each.unitId === unitId);
    /** Receives a call and sends the first unit that satisfies. */
    async function dispatch() {
      const { call, units } = await receive();
      const sent = await ask('dispatcher', 'POST', `/v1/calls/${call.callId}/assignments`, { unitId: units[0].unitId });
      t.equal(sent.status, 201);
      return { callId: call.callId as string, unitId: units[0].unitId as string };
    }
    /** Steps `by` every `everyMs` until `done`; fails after a thousand. */
    async function stepUntil(done: () => Promise<boolean>, everyMs = 1_000, by = day) {
      for (let step = 0; step < 1_000; step++) {
        if (await done()) return;
        time.now += everyMs;
        await by.step();
      }
      t.fail('it never came to that');
    }
    const closed = (callId: string) => async () => (await detail(callId)).call.status === 'closed';

    await t.test('the switch', async (t) => {
      const read = await ask('dispatcher', 'GET', '/v1/demo/day');
      t.match(read.body, { running: true, callsPerHour: 0, factor: 1, autopilot: false, seed: Number });
      t.match((await ask('admin', 'PUT', '/v1/demo/day', { factor: 60 })).body, { running: true, factor: 60 });
      for (const wrong of [{}, { factor: 0 }, { factor: 1.5 }, { callsPerHour: 1e9 }, { running: 'yes' }, { speed: 2 }])
        t.match(await ask('admin', 'PUT', '/v1/demo/day', wrong), { status: 400, body: { code: 'bad-request' } });
      t.equal(day.settings.factor, 60);
      t.equal((await ask('planner', 'PUT', '/v1/demo/day', { factor: 2 })).status, 403);
    });

    await t.test('from received to in service and home, seen by everybody on the way', async (t) => {
      const { callId, unitId } = await dispatch();
      const before = await unit(unitId);
      await stepUntil(closed(callId));
      const { call, assignments, reports } = await detail(callId);
      const points = Object.keys(call.timePoints);
      t.same(points.slice(0, 5), inOrder);
      t.equal(points.at(-1), 'in-service');
      t.match(assignments, [{ unitId, ending: 'completed' }]);
      t.same(
        reports.flatMap((report: { flags: string[] }) => report.flags),
        [],
        'nothing late, twice or out of order',
      );
      t.ok(time.now - NOW < 120_000, 'within two minutes, at sixty times the speed');
      await stepUntil(async () => (await unit(unitId))?.status === 'available');
      t.same((await unit(unitId))?.position, before?.position, 'back at its station');
      const { rows } = await db.query(
        `SELECT count(*) AS heard, count(*) FILTER (WHERE flags <> '{}') AS doubted FROM positions WHERE unit_id = '${unitId}'`,
      );
      t.ok(rows[0].heard > 4, 'its way was heard');
      t.equal(rows[0].doubted, 0, 'and believed');
    });

    await t.test('the hospital says what it was, and the family doctor hears of it', async (t) => {
      const outcomes = async (callId: string) =>
        (await db.query(`SELECT hospital_id, state FROM outcomes WHERE call_id = '${callId}'`)).rows;
      // Of four patients about one is treated where they are and taken nowhere.
      for (let tries = 0; tries < 12; tries++) {
        const { callId } = await dispatch();
        await stepUntil(closed(callId));
        if (!('handed-over' in (await detail(callId)).call.timePoints)) continue;
        const { hospitals } = (await detail(callId)).recommendation;
        t.same(await outcomes(callId), [], 'not at once');
        await stepUntil(async () => (await outcomes(callId)).length > 0);
        t.same(await outcomes(callId), [{ hospital_id: hospitals[0].hospitalId, state: 'matched' }]);
        await day.step();
        t.equal((await outcomes(callId)).length, 1, 'and says it once');
        const { followUps } = (await ask({ role: 'doctor', subject: 'demo-doctor-07' }, 'GET', '/v1/follow-ups')).body;
        t.ok(followUps.some((task: { callId: string }) => task.callId === callId));
        return;
      }
      t.fail('nobody was taken to a hospital');
    });

    await t.test('a service that was away: the next one goes on where the crews are', async (t) => {
      const { callId, unitId } = await dispatch();
      await stepUntil(async () => 'en-route' in (await detail(callId)).call.timePoints, 500);
      time.now += 10_000;
      const next = new Day(deps);
      next.change({ factor: 60 });
      await next.step();
      const { call } = await detail(callId);
      t.ok('on-scene' in call.timePoints, 'it drove on meanwhile');
      t.ok(Date.parse(call.timePoints['on-scene']) < time.now, 'and says when it was there');
      await stepUntil(closed(callId), 1_000, next);
      t.same(Object.keys((await detail(callId)).call.timePoints).slice(0, 5), inOrder, 'each point once');
      await stepUntil(async () => (await unit(unitId))?.status === 'available', 1_000, next);
    });

    await t.test('stood down on the way, the crew turns back', async (t) => {
      const { callId, unitId } = await dispatch();
      await stepUntil(async () => 'en-route' in (await detail(callId)).call.timePoints, 250);
      t.equal((await ask('dispatcher', 'DELETE', `/v1/calls/${callId}/assignments/${unitId}`)).status, 200);
      await stepUntil(async () => (await unit(unitId))?.status === 'available');
      t.match((await detail(callId)).call, { status: 'open' });
      await ask('dispatcher', 'POST', `/v1/calls/${callId}/cancel`, { reason: 'over' });
    });

    await t.test('not running, crews stay where they are and can still be ranked', async (t) => {
      day.change({ running: false });
      const { callId, unitId } = await dispatch();
      for (let minute = 0; minute < 40; minute++) {
        time.now += 60_000;
        await day.step();
      }
      t.same(Object.keys((await detail(callId)).call.timePoints), ['unit-notified']);
      t.equal((await unit(unitId))?.positionAt, time.now);
      t.match((await receive()).units[0], { satisfies: true, positionAgeSeconds: 0 });
      day.change({ running: true });
      for (const each of (await ask('dispatcher', 'GET', '/v1/calls')).body.calls)
        await ask('dispatcher', 'POST', `/v1/calls/${each.callId}/cancel`, { reason: 'over' });
    });

    await t.test('callers by themselves, and somebody who sends', async (t) => {
      const since = time.now;
      day.change({ callsPerHour: 20, autopilot: true, factor: 60, seed: 5 });
      for (let second = 0; second < 120; second++) {
        time.now += 1_000;
        await day.step();
      }
      day.change({ callsPerHour: 0 });
      const { calls } = (await ask('dispatcher', 'GET', '/v1/calls?limit=500')).body;
      const mine = calls.filter((call: { receivedAt: string }) => Date.parse(call.receivedAt) > since);
      t.ok(mine.length > 25 && mine.length < 75, `${mine.length} calls in two hours`);
      t.ok(
        mine.some((call: { status: string }) => call.status === 'closed'),
        'some are through already',
      );
      const { rows } = await db.query(
        `SELECT count(*) AS all, count(*) FILTER (WHERE shortfalls = '{}') AS satisfying FROM assignments WHERE subject = 'demo-autopilot'`,
      );
      t.ok(rows[0].all > 10);
      t.equal(rows[0].satisfying, rows[0].all, 'never a unit below the requirement');
    });

    await t.test('stops cleanly in the midst of it', async (t) => {
      day.change({ callsPerHour: 600 });
      await day.start();
      await day.stop();
      const { body } = await ask('dispatcher', 'GET', '/v1/calls?limit=500');
      await new Promise((resolve) => setTimeout(resolve, 1_200));
      t.equal((await ask('dispatcher', 'GET', '/v1/calls?limit=500')).body.calls.length, body.calls.length);
    });
  });
