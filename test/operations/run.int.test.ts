/** A call lived through, on both ways to run: claimed once, followed point by point, ended with nothing left behind. */
import t from 'tap';
import { backends } from '../support/backends.ts';
import { callFrom, fleet, zhang } from '../support/people.ts';
import { NOW, serviceOn } from '../support/service.ts';

for (const backend of backends) {
  t.test(backend.name, async (t) => {
    const { databaseUrl } = await backend.fresh(t);
    const service = await serviceOn(t, databaseUrl, backend.name === 'embedded' ? 4 : 10);
    const { ask, db, time } = service;
    // Time never runs backwards here: each story begins an hour after the one before.
    let start = NOW - 3_600_000;
    const minutes = (n: number) => new Date(start + n * 60_000).toISOString();
    t.beforeEach(() => {
      start += 3_600_000;
      time.now = start;
    });
    for (const unit of fleet) await ask('admin', 'PUT', `/v1/units/${unit.unitId}`, unit);
    await ask('registry', 'PUT', '/v1/residents/r-1', zhang);
    const receive = async (over = {}) =>
      (await ask('dispatcher', 'POST', '/v1/calls', callFrom(over))).body.call.callId as string;
    const stranger = { caller: { phone: '13911112222' } };
    const crew = (unitId: string) => ({ role: 'crew' as const, subject: unitId });
    const assign = (callId: string, unitId: string, more = {}) =>
      ask('dispatcher', 'POST', `/v1/calls/${callId}/assignments`, { unitId, ...more });
    const statusOf = async (unitId: string) =>
      (await ask('dispatcher', 'GET', '/v1/units')).body.units.find((u: { unitId: string }) => u.unitId === unitId)
        .status;
    const detail = async (callId: string) => (await ask('dispatcher', 'GET', `/v1/calls/${callId}`)).body;

    await t.test('from received to in service', async (t) => {
      const callId = await receive();
      const sent = await assign(callId, 'u-intensive');
      t.match(sent, { status: 201, body: { unitId: 'u-intensive', shortfalls: [], predictedOnSceneAt: String } });
      t.equal((await detail(callId)).call.status, 'assigned');
      const refitted = fleet.find((unit) => unit.unitId === 'u-intensive');
      const filedAnew = await ask('admin', 'PUT', '/v1/units/u-intensive', { ...refitted, status: 'available' });
      t.match(filedAnew, { status: 200, body: { status: 'notified' } }, 'filed anew on a call, it is on it still');
      const report = async (status: string, at: number) => {
        time.now = start + at * 60_000;
        return (await ask(crew('u-intensive'), 'POST', '/v1/units/u-intensive/status', { status, at: minutes(at) }))
          .body;
      };
      t.match(await report('en-route', 1), { status: 'en-route', callId, flags: [] });
      t.match(await report('on-scene', 6), { status: 'on-scene' });
      time.now = start + 8 * 60_000;
      await ask(crew('u-intensive'), 'POST', '/v1/units/u-intensive/time-points', {
        callId,
        point: 'at-patient',
        at: minutes(8),
      });
      t.equal((await detail(callId)).call.status, 'with-patient');
      await report('transporting', 20);
      await report('at-hospital', 30);
      t.match(await report('available', 45), { status: 'available', callId: null });
      const { call, assignments, events } = await detail(callId);
      t.equal(call.status, 'closed', 'the last unit is through');
      t.match(call.timePoints, {
        'unit-notified': minutes(0),
        'en-route': minutes(1),
        'on-scene': minutes(6),
        'at-patient': minutes(8),
        'left-scene': minutes(20),
        'at-destination': minutes(30),
        'in-service': minutes(45),
      });
      t.match(assignments, [{ unitId: 'u-intensive', ending: 'completed', overridden: false }]);
      t.equal(events.at(-1).type, 'call.closed');
      const { rows } = await db.query({
        text: 'SELECT on_scene_at, en_route_at, at_patient_at, first_unit_id FROM calls WHERE call_id = $1',
        values: [callId],
      });
      t.same(rows[0], {
        on_scene_at: new Date(minutes(6)),
        en_route_at: new Date(minutes(1)),
        at_patient_at: new Date(minutes(8)),
        first_unit_id: 'u-intensive',
      });
    });

    await t.test('of many dispatchers one has the unit; the others get who can be sent now', async (t) => {
      const calls = await Promise.all(Array.from({ length: 8 }, () => receive(stranger)));
      const results = await Promise.all(calls.map((callId) => assign(callId, 'u-intensive')));
      const won = results.filter((r) => r.status === 201);
      t.equal(won.length, 1);
      for (const lost of results.filter((r) => r.status !== 201)) {
        t.match(lost, { status: 409, body: { code: 'unit-not-available' } });
        t.ok(lost.body.units.length > 0);
        t.notOk(lost.body.units.some((u: { unitId: string }) => u.unitId === 'u-intensive'));
      }
      const winner = won[0]?.body.callId;
      const again = await assign(winner, 'u-intensive');
      t.equal(again.status, 409, 'nor can the winner claim it twice');
      t.equal((await ask('dispatcher', 'DELETE', `/v1/calls/${winner}/assignments/u-intensive`)).status, 200);
      t.equal(await statusOf('u-intensive'), 'returning');
      t.equal((await detail(winner)).call.status, 'open');
      t.equal((await ask('dispatcher', 'DELETE', `/v1/calls/${winner}/assignments/u-intensive`)).status, 404);
    });

    await t.test(
      'below the requirement only with a reason, which is kept sealed and qualifies for no clock',
      async (t) => {
        const callId = await receive();
        t.match(await assign(callId, 'u-basic'), {
          status: 422,
          body: { code: 'unit-below-requirement', fields: [{ field: 'overrideReason' }] },
        });
        const sent = await assign(callId, 'u-basic', { overrideReason: '最近的一辆，张女士的邻居在场' });
        t.equal(sent.status, 201);
        t.ok(sent.body.shortfalls.includes('defibrillator'));
        const { rows } = await db.query({
          text: 'SELECT sealed_reason FROM assignments WHERE call_id = $1',
          values: [callId],
        });
        t.notOk(rows[0].sealed_reason.includes('张女士'));
        await assign(callId, 'u-intensive');
        for (const [unit, at] of [
          ['u-basic', 3],
          ['u-intensive', 7],
        ] as const) {
          time.now = start + at * 60_000;
          await ask(crew(unit), 'POST', `/v1/units/${unit}/time-points`, {
            callId,
            point: 'on-scene',
            at: minutes(at),
          });
        }
        const clocks = await db.query({
          text: 'SELECT on_scene_at, first_unit_id FROM calls WHERE call_id = $1',
          values: [callId],
        });
        t.same(clocks.rows[0], { on_scene_at: new Date(minutes(7)), first_unit_id: 'u-intensive' });
        const fire = await ask('dispatcher', 'POST', `/v1/calls/${callId}/responder-arrivals`, {
          responderId: 'f-1',
          kind: 'micro-fire-station',
          at: minutes(2),
        });
        t.equal(fire.status, 200);
        t.same(
          (await db.query({ text: 'SELECT on_scene_at FROM calls WHERE call_id = $1', values: [callId] })).rows[0]
            .on_scene_at,
          new Date(minutes(7)),
          'fire first stops no clock',
        );
        t.equal((await ask('dispatcher', 'POST', `/v1/calls/${callId}/close`, { reason: 'both there' })).status, 200);
        for (const unit of ['u-basic', 'u-intensive'])
          t.equal(await statusOf(unit), 'returning', 'no status stays behind');
        t.equal(
          (await ask('dispatcher', 'POST', `/v1/calls/${callId}/close`, { reason: 'again' })).body.code,
          'call-ended',
        );
        t.equal((await assign(callId, 'u-isolation')).body.code, 'call-ended');
      },
    );

    await t.test('late, repeated, contradicting and out-of-order reports are all kept', async (t) => {
      const callId = await receive(stranger);
      await assign(callId, 'u-isolation');
      time.now = start + 30 * 60_000;
      const point = (name: string, at: number) =>
        ask(crew('u-isolation'), 'POST', '/v1/units/u-isolation/time-points', { callId, point: name, at: minutes(at) });
      t.match((await point('at-patient', 10)).body, { status: 'on-scene', flags: ['late'] });
      t.match((await point('on-scene', 7)).body, { status: 'on-scene', flags: ['late'] });
      t.match((await point('on-scene', 7)).body, { flags: ['late', 'repeated'] });
      t.match((await point('on-scene', 9)).body, { flags: ['late', 'contradicts-earlier'] });
      t.match((await point('en-route', 8)).body, { flags: ['late', 'out-of-order'] });
      const { reports, call } = await detail(callId);
      t.equal(reports.length, 6, 'five and the notification');
      t.equal(call.timePoints['on-scene'], minutes(7), 'the first heard of a point counts');
      t.equal(call.status, 'with-patient');
      const close = await ask('dispatcher', 'POST', `/v1/calls/${callId}/close`, { reason: 'done' });
      t.equal(close.status, 200);
      t.match(
        (await point('left-scene', 20)).body,
        { flags: ['late', 'after-end'], callId: null },
        'even after the end',
      );
      t.equal((await detail(callId)).call.status, 'closed');
    });

    await t.test('refused, and nothing stored: before the call, the future, somebody else, a jump', async (t) => {
      const callId = await receive(stranger);
      await assign(callId, 'u-isolation');
      const count = async () =>
        (await db.query({ text: 'SELECT (SELECT count(*) FROM time_points) + (SELECT seq FROM event_head) AS n' }))
          .rows[0].n;
      const before = await count();
      const body = { callId, point: 'on-scene', at: minutes(-1) };
      const at = '/v1/units/u-isolation/time-points';
      t.match(await ask(crew('u-isolation'), 'POST', at, body), {
        status: 422,
        body: { code: 'time-point-before-call' },
      });
      t.match(await ask(crew('u-isolation'), 'POST', at, { ...body, at: minutes(2) }), {
        status: 422,
        body: { code: 'time-point-in-future' },
      });
      t.equal((await ask(crew('u-basic'), 'POST', at, { ...body, at: minutes(0) })).status, 403);
      const other = await receive(stranger);
      const eventsOfOther = await count();
      t.equal((await ask(crew('u-isolation'), 'POST', at, { ...body, callId: other, at: minutes(0) })).status, 403);
      t.equal((await ask(crew('u-isolation'), 'POST', at, { ...body, callId: 'no-such', at: minutes(0) })).status, 404);
      const jump = await ask(crew('u-isolation'), 'POST', '/v1/units/u-isolation/status', { status: 'at-hospital' });
      t.match(jump, { status: 409, body: { code: 'status-not-allowed', allowed: ['en-route'] } });
      t.equal(await count(), eventsOfOther);
      t.equal(eventsOfOther, before + 1, 'the other call alone was stored');
      await ask('dispatcher', 'POST', `/v1/calls/${callId}/cancel`, { reason: 'false alarm' });
      t.match((await detail(callId)).call, { status: 'cancelled' });
    });

    await t.test('property of the whole: no unit was ever on two calls at once', async (t) => {
      const { rows } = await db.query({
        text: `SELECT count(*) AS overlaps FROM assignments a JOIN assignments b
               ON a.unit_id = b.unit_id AND a.assignment_id < b.assignment_id AND a.call_id <> b.call_id
               AND (a.ended_at IS NULL OR a.ended_at > b.assigned_at)
               AND (b.ended_at IS NULL OR b.ended_at > a.assigned_at)`,
      });
      t.equal(rows[0].overlaps, 0);
    });
  });
}
