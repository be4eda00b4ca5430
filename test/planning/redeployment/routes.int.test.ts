/** Moves suggested to a dispatcher: when they gain, once, never done by themselves, accepted or refused by one request. */
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { lookForMoves, startRedeployment } from '../../../src/operations/suggest-redeployment.ts';
import { backends } from '../../support/backends.ts';
import { callFrom } from '../../support/people.ts';
import { NOW, serviceOn } from '../../support/service.ts';

const west = { lon: 116.33, lat: 39.91, crs: 'wgs84' } as const;
const east = { lon: 116.4, lat: 39.91, crs: 'wgs84' } as const;
const equipped = ['transport', 'monitoring', 'advanced-airway', 'ventilator', 'defibrillator', 'twelve-lead-ecg'];

for (const backend of backends) {
  t.test(backend.name, { timeout: 300_000 }, async (t) => {
    const { databaseUrl } = await backend.fresh(t);
    const connections = backend.name === 'embedded' ? 4 : 10;
    const one = await serviceOn(t, databaseUrl, connections);
    const two = await serviceOn(t, databaseUrl, connections);
    const { ask, db, time } = one;
    let watches = [startRedeployment(), startRedeployment()] as const;
    const look = async (at: number) => {
      time.now = two.time.now = at;
      await Promise.all([
        patiently(() => lookForMoves(one.deps, watches[0])),
        patiently(() => lookForMoves(two.deps, watches[1])),
      ]);
    };
    /** As the service's own loop: where a loaded machine did not answer in time, it looks again. */
    const patiently = async (work: () => Promise<void>): Promise<void> => {
      for (let left = 20; ; left--) {
        try {
          await work();
          return;
        } catch (error) {
          if (left === 0 || !/timeout/i.test((error as Error).message)) throw error;
          await sleep(250);
        }
      }
    };
    const list = async () => (await ask('dispatcher', 'GET', '/v1/redeployments')).body.redeployments;
    const put = (unitId: string, over: object = {}) =>
      ask('admin', 'PUT', `/v1/units/${unitId}`, {
        unitId,
        vehicleType: 'intensive',
        capabilities: equipped,
        status: 'available',
        position: west,
        stationId: 'west',
        ...over,
      });
    const told = async () =>
      (
        await db.query<{ type: string }>({
          text: "SELECT type FROM events WHERE type LIKE 'redeployment.%' ORDER BY seq",
        })
      ).rows.map(({ type }) => type);
    const decide = (id: string, what: 'accept' | 'refuse', service = one) =>
      service.ask('dispatcher', 'POST', `/v1/redeployments/${id}/${what}`);

    await t.test('without stations, demand or units nothing is suggested', async (t) => {
      await look(NOW);
      for (const [placeId, position] of Object.entries({ west, east }))
        await ask('admin', 'PUT', `/v1/places/${placeId}`, { placeId, kind: 'station', name: '示范急救站', position });
      await look(NOW + 1);
      await db.query({
        text: `INSERT INTO residents (resident_id, sealed, keys, home, filed_at)
               SELECT 'r-' || i, '', '{}', ST_SetSRID(ST_MakePoint(CASE WHEN i % 2 = 0 THEN 116.33 ELSE 116.4 END, 39.91), 4326), now()
               FROM generate_series(1, 100) i`,
      });
      await look(NOW + 2);
      t.same(await list(), []);
    });

    await t.test('all units in the west: one is asked to wait in the east, by one of two instances', async (t) => {
      for (const unitId of ['u-1', 'u-2', 'u-3']) await put(unitId);
      await look(NOW + 10_000);
      await look(NOW + 15_000);
      const [suggested, ...none] = await list();
      t.same(none, []);
      t.match(suggested, {
        fromStationId: 'west',
        stationId: 'east',
        status: 'suggested',
        crewBusySeconds: 0,
        crewDriveSeconds: 0,
        crewMoves: 0,
      });
      t.ok(suggested.gain > 0.1 && Math.abs(suggested.coverAfter - suggested.coverBefore - suggested.gain) < 1e-9);
      t.ok(suggested.driveSeconds > 600, 'six kilometres in the morning');
      t.same(await told(), ['redeployment.suggested']);
      const units = (await ask('dispatcher', 'GET', '/v1/units')).body.units;
      t.ok(
        units.every((unit: { status: string }) => unit.status === 'available'),
        'and nobody moves',
      );
      t.equal((await ask('planner', 'POST', `/v1/redeployments/${suggested.redeploymentId}/accept`)).status, 403);
    });

    await t.test('refused: not asked again for half an hour, and another unit may be', async (t) => {
      const [suggested] = await list();
      t.equal((await decide(suggested.redeploymentId, 'refuse')).body.status, 'refused');
      t.equal((await decide(suggested.redeploymentId, 'refuse')).body.status, 'refused', 'twice is once');
      t.match(await decide(suggested.redeploymentId, 'accept'), { status: 409, body: { code: 'suggestion-not-open' } });
      t.equal((await decide('nothing', 'accept')).status, 404);
      await look(NOW + 20_000);
      const next = (await list()).find((each: { status: string }) => each.status === 'suggested');
      t.notOk(next && next.unitId === suggested.unitId, 'not the same again');
      if (next) await decide(next.redeploymentId, 'refuse');
    });

    await t.test('accepted by two at once: once, the unit is on its way, and from there it can be sent', async (t) => {
      const at = NOW + 45 * 60_000;
      time.now = two.time.now = at;
      for (const unitId of ['u-1', 'u-2', 'u-3']) await put(unitId);
      watches = [startRedeployment(), startRedeployment()];
      await look(at);
      const suggested = (await list()).find((each: { status: string }) => each.status === 'suggested');
      const both = await Promise.all([
        decide(suggested.redeploymentId, 'accept'),
        decide(suggested.redeploymentId, 'accept', two),
      ]);
      t.same(
        both.map(({ status }) => status),
        [200, 200],
        'they agree',
      );
      t.equal((await told()).filter((type) => type === 'redeployment.accepted').length, 1);
      const units = (await ask('dispatcher', 'GET', '/v1/units')).body.units;
      t.equal(units.find((unit: { unitId: string }) => unit.unitId === suggested.unitId).status, 'returning');
      const task = async (unitId: string) =>
        (await ask({ role: 'crew', subject: unitId }, 'GET', `/v1/units/${unitId}/call`)).body;
      t.match(await task(suggested.unitId), { call: null, waitsAt: { placeId: suggested.stationId, moved: true } });
      const other = ['u-1', 'u-2', 'u-3'].find((unitId) => unitId !== suggested.unitId) ?? '';
      t.match(
        await task(other),
        { call: null, waitsAt: { placeId: 'west', moved: false } },
        'others stay where they are',
      );
      await look(at + 5_000);
      t.notOk(
        (await list()).some((each: { status: string }) => each.status === 'suggested'),
        'two there and one here is well',
      );
      const call = await ask('dispatcher', 'POST', '/v1/calls', callFrom());
      const sent = await ask('dispatcher', 'POST', `/v1/calls/${call.body.call.callId}/assignments`, {
        unitId: suggested.unitId,
        overrideReason: 'test',
      });
      t.equal(sent.status, 201);
      await ask('dispatcher', 'POST', `/v1/calls/${call.body.call.callId}/close`, { reason: 'test' });
    });

    await t.test('one accepts while the other refuses: one of them is told that it is decided', async (t) => {
      const at = NOW + 75 * 60_000;
      time.now = two.time.now = at;
      await db.query({ text: 'DELETE FROM redeployments' });
      for (const unitId of ['u-1', 'u-2', 'u-3']) await put(unitId);
      await look(at);
      const [{ redeploymentId, unitId }] = await list();
      const answers = await Promise.all([decide(redeploymentId, 'accept'), decide(redeploymentId, 'refuse', two)]);
      const [won] = answers.filter(({ status }) => status === 200);
      t.match(
        answers.find((each) => each !== won),
        { status: 409, body: { code: 'suggestion-not-open' } },
      );
      const [now] = await list();
      t.equal(now.status, won?.body.status);
      const { units } = (await ask('dispatcher', 'GET', '/v1/units')).body;
      t.equal(
        units.find((unit: { unitId: string }) => unit.unitId === unitId).status,
        now.status === 'accepted' ? 'returning' : 'available',
        'and it goes only if that was accepted',
      );
    });

    await t.test('the unit is sent to a call meanwhile: it is not moved, and the question is withdrawn', async (t) => {
      const at = NOW + 90 * 60_000;
      time.now = two.time.now = at;
      await db.query({ text: 'DELETE FROM redeployments' });
      for (const unitId of ['u-1', 'u-2', 'u-3']) await put(unitId);
      await look(at);
      const [{ redeploymentId, unitId }] = await list();
      const call = await ask('dispatcher', 'POST', '/v1/calls', callFrom());
      const { callId } = call.body.call;
      const assigned = await two.ask('dispatcher', 'POST', `/v1/calls/${callId}/assignments`, {
        unitId,
        overrideReason: 'test',
      });
      t.equal(assigned.status, 201);
      t.match(await decide(redeploymentId, 'accept'), { status: 409, body: { code: 'unit-not-available' } });
      const { units } = (await ask('dispatcher', 'GET', '/v1/units')).body;
      t.equal(units.find((unit: { unitId: string }) => unit.unitId === unitId).status, 'notified', 'its call goes on');
      await look(at + 5_000);
      const after = (await list()).find((each: { redeploymentId: string }) => each.redeploymentId === redeploymentId);
      t.equal(after.status, 'withdrawn');
      t.ok((await told()).includes('redeployment.withdrawn'));
      t.match(await decide(redeploymentId, 'accept'), { status: 409, body: { code: 'suggestion-not-open' } });
      await ask('dispatcher', 'POST', `/v1/calls/${callId}/close`, { reason: 'test' });
    });

    await t.test('the unit goes off duty meanwhile: the question is withdrawn', async (t) => {
      const at = NOW + 100 * 60_000;
      time.now = two.time.now = at;
      await db.query({ text: 'DELETE FROM redeployments' });
      for (const unitId of ['u-1', 'u-2', 'u-3']) await put(unitId);
      await look(at);
      const suggested = (await list()).find((each: { status: string }) => each.status === 'suggested');
      await put(suggested.unitId, { status: 'off-duty' });
      t.match(await decide(suggested.redeploymentId, 'accept'), { status: 409, body: { code: 'unit-not-available' } });
      await look(at + 5_000);
      const after = await list();
      t.equal(
        after.find((each: { redeploymentId: string }) => each.redeploymentId === suggested.redeploymentId).status,
        'withdrawn',
      );
      t.match(after[0], { status: 'suggested', stationId: 'east' }, 'and asked of another');
      t.not(after[0].unitId, suggested.unitId);
    });

    await t.test(
      'drives of moves count as hours, cut short by a call; a crew whose hours are spent is left where it is',
      async (t) => {
        const at = NOW + 130 * 60_000;
        time.now = two.time.now = at;
        const { rows: sent } = await db.query<{ at: Date }>('SELECT max(assigned_at) AS at FROM assignments');
        const since = (sent[0]?.at.getTime() ?? 0) + 60_000; // moves after the last call of anybody
        const drove = (unitId: string, from: number, seconds: number) =>
          db.query({
            text: `INSERT INTO redeployments (redeployment_id, unit_id, station_id, status, cover_before, cover_after,
                   drive_seconds, crew_busy_seconds, crew_moves, suggested_at, decided_at)
                 VALUES ($1, $2, 'west', 'accepted', 0.5, 0.6, $3, 0, 0, $4, $4)`,
            values: [`${unitId}-${from}`, unitId, seconds, new Date(from)],
          });
        await db.query({ text: 'DELETE FROM redeployments' });
        for (const unitId of ['u-1', 'u-2', 'u-3']) await put(unitId);
        for (const unitId of ['u-1', 'u-2', 'u-3']) await drove(unitId, since, 480);
        await drove('u-2', at - 60_000, 9_000);
        watches = [startRedeployment(), startRedeployment()];
        await look(at);
        const suggested = (await list()).find((each: { status: string }) => each.status === 'suggested');
        const driven = suggested.unitId === 'u-2' ? 540 : 480;
        t.match(suggested, { stationId: 'east', crewDriveSeconds: driven }, 'what is not driven yet does not count');
        await drove(suggested.unitId, at - 11 * 3_600_000, 9 * 3600);
        await look(at + 5_000);
        const all = await list();
        const before = all.find((each: { redeploymentId: string }) => each.redeploymentId === suggested.redeploymentId);
        t.equal(before.status, 'withdrawn', 'its hours are spent by now');
        const next = all.find((each: { status: string }) => each.status === 'suggested');
        t.ok(next && next.unitId !== suggested.unitId, 'another is asked');
      },
    );

    await t.test('a crew that was on calls all night is left where it is', async (t) => {
      const at = NOW + 160 * 60_000;
      time.now = two.time.now = at;
      await db.query({ text: 'DELETE FROM redeployments' });
      for (const unitId of ['u-1', 'u-2', 'u-3']) await put(unitId);
      await db.query({
        text: `INSERT INTO assignments (call_id, unit_id, assigned_at, role, subject, shortfalls, ended_at, ending)
               SELECT (SELECT call_id FROM calls LIMIT 1), u.unit_id, $1::timestamptz - interval '11 hours', 'dispatcher', 'x', '{}',
                      $1::timestamptz - interval '1 hour', 'completed' FROM units u`,
        values: [new Date(at)],
      });
      await look(at);
      t.notOk((await list()).some((each: { status: string }) => each.status === 'suggested'));
    });
  });
}
