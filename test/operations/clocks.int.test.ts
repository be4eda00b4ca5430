/** The clock warns while something can still be done, speaks once, and only where nobody who qualifies is there. */
import t from 'tap';
import { startWatch, watchClocks } from '../../src/operations/watch-clocks.ts';
import { backends } from '../support/backends.ts';
import { callFrom, fleet, zhang } from '../support/people.ts';
import { NOW, serviceOn } from '../support/service.ts';

for (const backend of backends) {
  t.test(backend.name, async (t) => {
    const { databaseUrl } = await backend.fresh(t);
    const connections = backend.name === 'embedded' ? 4 : 10;
    const one = await serviceOn(t, databaseUrl, connections);
    const two = await serviceOn(t, databaseUrl, connections);
    const { ask, time, db } = one;
    const watches = [startWatch(), startWatch()] as const;
    const look = async (at: number) => {
      time.now = two.time.now = at;
      await Promise.all([watchClocks(one.deps, watches[0]), watchClocks(two.deps, watches[1])]);
    };
    const put = (unitId: string, over: object) => {
      const unit = fleet.find((u) => u.unitId === unitId);
      return ask('admin', 'PUT', `/v1/units/${unitId}`, { ...unit, ...over });
    };
    const far = { position: { lon: 116.5, lat: 40.05, crs: 'wgs84' } };
    await ask('admin', 'PUT', '/v1/places/f-1', {
      placeId: 'f-1',
      kind: 'micro-fire-station',
      name: '示范微型消防站',
      position: { lon: 116.3412, lat: 39.9101, crs: 'wgs84' },
    });
    await ask('registry', 'PUT', '/v1/residents/r-1', zhang);
    for (const unit of fleet) await put(unit.unitId, far);
    const told = async (callId: string) => {
      const { rows } = await db.query({
        text: `SELECT type, data FROM events WHERE call_id = $1 AND type ~ '^(clock|unit.offered)' ORDER BY seq`,
        values: [callId],
      });
      return rows;
    };
    const receive = async (over = {}) =>
      (await ask('dispatcher', 'POST', '/v1/calls', callFrom(over))).body.call.callId as string;
    const assign = (callId: string, unitId: string) =>
      ask('dispatcher', 'POST', `/v1/calls/${callId}/assignments`, { unitId, overrideReason: 'test' });

    await t.test(
      'predicted too late: said at once, with what can still be done; then at 6:00; then at 8:00 with the leg',
      async (t) => {
        const callId = await receive();
        await assign(callId, 'u-intensive');
        await look(NOW + 5_000);
        const [first, ...none] = await told(callId);
        t.same(none, [], 'once, though two instances look');
        t.match(first, {
          type: 'clock.warning',
          data: { why: 'predicted', canStill: { microFireStation: { placeId: 'f-1' } } },
        });
        t.ok(first && first.data.canStill.microFireStation.distanceMetres < 100);
        await look(NOW + 6_000);
        t.equal((await told(callId)).length, 1);

        await look(NOW + 359_000);
        t.equal((await told(callId)).length, 1);
        await look(NOW + 360_000);
        t.match((await told(callId))[1], { type: 'clock.warning', data: { why: 'time' } });
        time.now = two.time.now = NOW + 400_000;
        await ask({ role: 'crew', subject: 'u-intensive' }, 'POST', '/v1/units/u-intensive/status', {
          status: 'en-route',
        });
        await look(NOW + 479_000);
        await look(NOW + 700_000);
        await look(NOW + 701_000);
        const all = await told(callId);
        t.same(
          all.map((e) => e.type),
          ['clock.warning', 'clock.warning', 'clock.breached'],
          'late counts, never does not',
        );
        t.match(all[2], {
          data: { longestLeg: 'turnout', legs: { dispatchSeconds: 0, turnoutSeconds: 400, travelSeconds: 300 } },
        });
        await ask('dispatcher', 'POST', `/v1/calls/${callId}/close`, { reason: 'test' });
      },
    );

    await t.test('a qualifying ambulance on scene stops the clock; one below the requirement does not', async (t) => {
      time.now = two.time.now = NOW + 3_600_000;
      for (const unit of fleet) await put(unit.unitId, { status: 'available' });
      const callId = await receive();
      await assign(callId, 'u-basic');
      const there = (unitId: string) =>
        ask({ role: 'crew', subject: unitId }, 'POST', `/v1/units/${unitId}/time-points`, {
          callId,
          point: 'on-scene',
          at: new Date(time.now).toISOString(),
        });
      time.now = two.time.now = NOW + 3_600_000 + 120_000;
      await there('u-basic');
      await look(NOW + 3_600_000 + 361_000);
      t.same(
        (await told(callId)).map((e) => e.type),
        ['clock.warning'],
        'somebody is there, but not who is needed',
      );
      await assign(callId, 'u-intensive');
      await there('u-intensive');
      await look(NOW + 3_600_000 + 481_000);
      t.same(
        (await told(callId)).map((e) => e.type),
        ['clock.warning'],
      );
      await ask('dispatcher', 'POST', `/v1/calls/${callId}/close`, { reason: 'test' });
    });

    await t.test('nobody looked when it was due: the late arrival, or the close, says so itself, once', async (t) => {
      const begin = NOW + 5_400_000;
      const received = async () => {
        time.now = two.time.now = begin;
        const callId = await receive();
        for (const unit of fleet) await put(unit.unitId, { status: 'available', ...far });
        await assign(callId, 'u-intensive');
        return callId;
      };
      const arrive = (callId: string, atSeconds: number, heardSeconds: number) => {
        time.now = two.time.now = begin + heardSeconds * 1_000;
        return ask({ role: 'crew', subject: 'u-intensive' }, 'POST', '/v1/units/u-intensive/time-points', {
          callId,
          point: 'on-scene',
          at: new Date(begin + atSeconds * 1_000).toISOString(),
        });
      };
      const close = (callId: string, atSeconds: number) => {
        time.now = two.time.now = begin + atSeconds * 1_000;
        return ask('dispatcher', 'POST', `/v1/calls/${callId}/close`, { reason: 'test' });
      };
      const types = async (callId: string) => (await told(callId)).map((event) => event.type);

      const late = await received();
      await arrive(late, 500, 501);
      const [breach, ...none] = await told(late);
      t.same(none, []);
      t.match(breach, { type: 'clock.breached', data: { legs: { turnoutSeconds: 500, travelSeconds: 0 } } });
      await close(late, 600);

      const unreached = await received();
      await close(unreached, 490);

      const inTime = await received();
      await arrive(inTime, 470, 500);
      await close(inTime, 600);

      const overBefore = await received();
      await close(overBefore, 470);

      await look(begin + 700_000);
      t.same(await types(late), ['clock.breached']);
      t.same(await types(unreached), ['clock.breached']);
      t.same(await types(inTime), [], 'there in time, though it was heard late');
      t.same(await types(overBefore), []);
    });

    await t.test(
      'a nearer unit that became free is offered, and one on its way to priority 4 for priority 1: never done by itself',
      async (t) => {
        const begin = NOW + 7_200_000;
        time.now = two.time.now = begin;
        await put('u-intensive', far);
        await put('u-isolation', { status: 'off-duty', position: { lon: 116.3412, lat: 39.9105, crs: 'wgs84' } });
        await put('u-basic', far);
        const callId = await receive();
        await assign(callId, 'u-intensive');
        await look(begin + 1_000);
        t.notOk((await told(callId)).some((e) => e.type === 'unit.offered'));
        await put('u-isolation', { status: 'available' });
        await look(begin + 2_000);
        await look(begin + 3_000);
        const offers = (await told(callId)).filter((e) => e.type === 'unit.offered');
        t.ok(offers.length >= 1);
        for (const offer of offers) t.match(offer.data, { kind: 're-assignment', unitId: 'u-isolation' });
        const listed = (await ask('dispatcher', 'GET', '/v1/calls?live=true')).body.calls;
        const { said } = listed.find((each: { callId: string }) => each.callId === callId);
        t.same(said, await told(callId), 'whoever opens a console now is told the same');
        t.match(
          (await ask('dispatcher', 'GET', '/v1/units')).body.units.find(
            (u: { unitId: string }) => u.unitId === 'u-isolation',
          ),
          { status: 'available' },
        );

        // The near unit goes to something that is not urgent; then a second cardiac call comes from next door.
        const trifle = await receive({
          caller: { phone: '13911112222' },
          complaint: { code: 'transfer', answers: { conscious: 'yes', breathing: 'normal' } },
        });
        const { rows } = await db.query({ text: 'SELECT priority FROM calls WHERE call_id = $1', values: [trifle] });
        t.equal(rows[0].priority, 4);
        await assign(trifle, 'u-isolation');
        const urgent = await receive();
        await look(begin + 4_000);
        t.match(
          (await told(urgent)).find((e) => e.type === 'unit.offered'),
          { data: { kind: 'pre-emption', unitId: 'u-isolation', fromCallId: trifle } },
        );
      },
    );
  });
}
