/** Simulations over HTTP: run beside the service on what is filed, followed, cancelled, refused with the field at fault. */
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { simulationAssumptions } from '../../../src/demo/city.ts';
import { loadDistrict } from '../../../src/demo/load.ts';
import { Simulations } from '../../../src/operations/run-simulations.ts';
import { backends } from '../../support/backends.ts';
import { NOW, serviceOn } from '../../support/service.ts';

const WAIT_MS = 120_000;

for (const backend of backends) {
  t.test(backend.name, { timeout: 300_000 }, async (t) => {
    const { databaseUrl } = await backend.fresh(t);
    const connections = backend.name === 'embedded' ? 4 : 10;
    const { ask, deps, db, time } = await serviceOn(t, databaseUrl, connections);
    const post = (body: object, headers = {}) => ask('planner', 'POST', '/v1/simulations', body, headers);
    const settled = async (id: string) => {
      for (const until = Date.now() + WAIT_MS; Date.now() < until; await sleep(100)) {
        const { body } = await ask('planner', 'GET', `/v1/simulations/${id}`);
        if (body.status !== 'waiting' && body.status !== 'running') return body;
      }
      throw new Error('the simulation did not end');
    };

    /** Its first days are done. */
    const begun = async (id: string) => {
      for (const until = Date.now() + WAIT_MS; Date.now() < until; await sleep(100))
        if ((await ask('planner', 'GET', `/v1/simulations/${id}`)).body.progress > 0) return;
      throw new Error('the simulation did not begin');
    };

    await t.test('without anything filed it says what is missing', async (t) => {
      const { status, body } = await post({ days: 2, policy: 'closest-idle' });
      t.equal(status, 201);
      t.match(await settled(body.simulationId), {
        status: 'failed',
        problem: /^stations: none is filed/,
        report: null,
      });
      await ask('admin', 'PUT', '/v1/places/s-1', {
        placeId: 's-1',
        kind: 'station',
        name: '示范急救站',
        position: { lon: 116.36, lat: 39.91, crs: 'wgs84' },
      });
      const second = await post({ days: 2, policy: 'closest-idle' });
      t.match(await settled(second.body.simulationId), { status: 'failed', problem: /^units: none on duty/ });
      await ask('admin', 'PUT', '/v1/units/u-1', {
        unitId: 'u-1',
        vehicleType: 'basic',
        capabilities: ['transport'],
        status: 'available',
        stationId: 's-1',
      });
      const third = await post({ days: 2, policy: 'closest-idle' });
      t.match(await settled(third.body.simulationId), {
        status: 'failed',
        problem: /^demand: no past calls, and no resident/,
      });
      await db.query({ text: "DELETE FROM units; DELETE FROM places WHERE place_id = 's-1'" });
    });

    await t.test('calls brought in from elsewhere: residents nearby stand in, and history decides', async (t) => {
      t.ok(await loadDistrict(deps, NOW));
      const { body } = await post({ days: 60, policy: 'closest-idle', against: { policy: 'complaint-only' } });
      const { report } = await settled(body.simulationId);
      t.match(report, { demand: 'past-calls', histories: 'residents-nearby' });
      const { firstVehicleFitsShare } = report.difference;
      t.ok(firstVehicleFitsShare.value > 0 && firstVehicleFitsShare.real, JSON.stringify(firstVehicleFitsShare));
      t.ok(report.against.figures.firstVehicleFitsShare.value < 0.99, 'a stranger’s vehicle often is too little');
    });

    await t.test('two stations more, over the same days', async (t) => {
      await db.query({ text: 'DELETE FROM past_calls' }); // a centre that begins: its residents stand in for its past
      const addStations = [
        { stationId: 'new-1', position: { lon: 116.34, lat: 39.88, crs: 'wgs84' } },
        { stationId: 'new-2', position: { lon: 116.365, lat: 39.935, crs: 'gcj02' } },
      ];
      const { status, body, headers } = await post(
        { days: 4, policy: 'closest-idle', callsPerDay: 200, addStations, units: 26 },
        { 'idempotency-key': 'k-1' },
      );
      t.equal(status, 201);
      t.equal(headers.location, `/v1/simulations/${body.simulationId}`);
      const { report, status: end, progress } = await settled(body.simulationId);
      t.equal(end, 'done');
      t.equal(progress, 1);
      t.match(report, {
        demand: 'residents',
        histories: 'own',
        travel: 'straight-line',
        days: 4,
        seed: 1,
        plan: { policy: 'closest-idle', units: 26, stations: 10 },
        against: { policy: 'closest-idle', stations: 8 },
      });
      t.ok(report.plan.figures.perDay.calls > 150 && report.plan.figures.perDay.calls < 250);
      const { value, low, high, real } = report.difference.meanSeconds;
      t.ok(low <= value && value <= high);
      t.equal(real, low > 0 || high < 0);
      t.ok(value < 0, 'more stations and units are nearer');
      const again = await post(
        { days: 4, policy: 'closest-idle', callsPerDay: 200, addStations, units: 26 },
        { 'idempotency-key': 'k-1' },
      );
      t.equal(again.body.simulationId, body.simulationId);
      const other = await post({ days: 5, policy: 'closest-idle' }, { 'idempotency-key': 'k-1' });
      t.match(other, { status: 422, body: { code: 'idempotency-mismatch' } });
      const { rows } = await db.query<{ reads: number }>({
        text: "SELECT count(*) AS reads FROM access_log WHERE purpose = 'simulation'",
      });
      t.ok((rows[0]?.reads ?? 0) > 0, 'whose histories went in is in the access log');
    });

    await t.test('cancelled in the middle, and before it began', async (t) => {
      const long = await post({ days: 10_000, policy: 'expected-cover' });
      const waiting = await post({ days: 10_000, policy: 'dmexclp' });
      const cancel = (id: string) => ask('planner', 'DELETE', `/v1/simulations/${id}`);
      t.match(await cancel(waiting.body.simulationId), { status: 200, body: { status: 'cancelled' } });
      await begun(long.body.simulationId);
      const { body: ended } = await cancel(long.body.simulationId);
      t.match(ended, { status: 'cancelled', problem: null, report: { partial: true, daysAsked: 10_000, seed: 1 } });
      const { days, difference } = ended.report;
      t.ok(days >= 10 && days < 10_000, `${days} days until then`);
      t.ok(difference.meanSeconds.low < difference.meanSeconds.high, 'with their interval');
      const again = await cancel(long.body.simulationId);
      t.match(again, { status: 200, body: { status: 'cancelled', report: { days } } }, 'twice is once');
      const whole = await post({ days, policy: 'expected-cover' });
      const { partial, daysAsked, ...said } = (await settled(whole.body.simulationId)).report;
      t.same([partial, daysAsked], [false, days]);
      const { partial: _, daysAsked: __, ...saidThen } = ended.report;
      t.same(said, saidThen, 'what so many days say that were asked for');
      // Its thread is gone: the next one is not held up by 10,000 days.
      const next = await post({ days: 2, policy: 'nearest-any', against: { policy: 'complaint-only' } });
      t.equal((await settled(next.body.simulationId)).status, 'done');
      t.equal((await settled(long.body.simulationId)).status, 'cancelled');
      t.equal((await settled(waiting.body.simulationId)).status, 'cancelled');
      t.match(await cancel('nothing'), { status: 404 });
    });

    await t.test('one whose instance is gone is interrupted', async (t) => {
      await db.query({
        text: `INSERT INTO simulations (simulation_id, role, subject, body_hash, request, status, created_at, heard_at)
               VALUES ('gone', 'planner', 'x', '', '{"days":2,"policy":"dmexclp"}', 'running', $1, $1)`,
        values: [new Date(NOW)],
      });
      time.now = NOW + 30_000;
      t.equal((await ask('planner', 'GET', '/v1/simulations/gone')).body.status, 'running');
      time.now = NOW + 61_000;
      t.equal((await ask('planner', 'GET', '/v1/simulations/gone')).body.status, 'interrupted');
      time.now = NOW;
      const { body } = await ask('planner', 'GET', '/v1/simulations');
      t.ok(body.simulations.length >= 6);
    });

    await t.test('one whose service stops has what it has by then, and one that waits says so', async (t) => {
      const own = new Simulations(deps, simulationAssumptions);
      const actor = { role: 'planner', subject: 'x' };
      const running = await own.start({ days: 10_000, policy: 'closest-idle' }, actor, null);
      const waiting = await own.start({ days: 10_000, policy: 'dmexclp' }, actor, null);
      for (const until = Date.now() + WAIT_MS; (await own.read(running.simulationId)).progress === 0; await sleep(50))
        if (Date.now() > until) throw new Error('the simulation did not begin');
      await own.stop();
      const at = async (id: string) => (await ask('planner', 'GET', `/v1/simulations/${id}`)).body;
      const ended = await at(running.simulationId);
      t.match(ended, { status: 'interrupted', problem: 'the service stopped', report: { partial: true } });
      t.ok(ended.report.days >= 10 && ended.finishedAt !== null);
      t.match(await at(waiting.simulationId), { status: 'interrupted', report: null });
    });

    await t.test('bad input names its field and stores nothing', async (t) => {
      const count = async () =>
        (await db.query<{ n: number }>({ text: 'SELECT count(*) AS n FROM simulations' })).rows[0]?.n;
      const before = await count();
      const at = { lon: 116.36, lat: 39.9, crs: 'wgs84' };
      const bad: readonly (readonly [object, number, string])[] = [
        [{ policy: 'dmexclp' }, 400, 'days'],
        [{ days: 1, policy: 'dmexclp' }, 400, 'days'],
        [{ days: 0, policy: 'dmexclp' }, 400, 'days'],
        [{ days: 1_000_000, policy: 'dmexclp' }, 400, 'days'],
        [{ days: 2, policy: 'fastest' }, 400, 'policy'],
        [{ days: 2, policy: 'dmexclp', units: 0 }, 400, 'units'],
        [{ days: 2, policy: 'dmexclp', callsPerDay: 0 }, 400, 'callsPerDay'],
        [{ days: 2, policy: 'dmexclp', seed: -1 }, 400, 'seed'],
        [{ days: 2, policy: 'dmexclp', against: { policy: 'x' } }, 400, 'against.policy'],
        [{ days: 2, policy: 'dmexclp', other: 1 }, 400, 'other'],
        [
          { days: 2, policy: 'dmexclp', addStations: [{ stationId: 'a', position: { ...at, lat: 139 } }] },
          400,
          'addStations[0].position.lat',
        ],
        [
          {
            days: 2,
            policy: 'dmexclp',
            addStations: [
              { stationId: 'a', position: at },
              { stationId: 'a', position: at },
            ],
          },
          422,
          'addStations[1].stationId',
        ],
      ];
      for (const [body, status, field] of bad) {
        const answer = await post(body);
        t.equal(answer.status, status, JSON.stringify(body));
        t.ok(
          answer.body.fields?.some((each: { field: string }) => each.field.includes(field)),
          `${field}: ${JSON.stringify(answer.body.fields)}`,
        );
      }
      t.equal(await count(), before);
    });
  });
}
