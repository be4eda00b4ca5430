/** Positions on both ways to run: all kept, odd ones flagged and unused, arrival suggested once, nobody reports for others. */
import t from 'tap';
import { backends } from '../support/backends.ts';
import { callFrom, fleet } from '../support/people.ts';
import { NOW, serviceOn } from '../support/service.ts';

const iso = (at: number) => new Date(at).toISOString();
const place = { lon: 116.3467, lat: 39.9115, crs: 'wgs84' } as const;
const METRES_A_DEGREE = 111_195;
const north = (metres: number) => ({ ...place, lat: place.lat + metres / METRES_A_DEGREE });

for (const backend of backends) {
  t.test(backend.name, async (t) => {
    const { databaseUrl } = await backend.fresh(t);
    const { ask, db, time } = await serviceOn(t, databaseUrl, backend.name === 'embedded' ? 4 : 10);
    for (const unit of fleet) await ask('admin', 'PUT', `/v1/units/${unit.unitId}`, unit);
    time.now = NOW + 600_000;
    const report = (reports: unknown, role: Parameters<typeof ask>[0] = 'dispatcher') =>
      ask(role, 'POST', '/v1/positions', reports);
    const one = (unitId: string, position: object, at = time.now, more = {}) => ({
      unitId,
      position,
      at: iso(at),
      ...more,
    });
    const unit = async (unitId: string) =>
      (await ask('admin', 'GET', '/v1/units')).body.units.find((u: { unitId: string }) => u.unitId === unitId);
    const stored = async (unitId: string) =>
      (await db.query({ text: 'SELECT * FROM positions WHERE unit_id = $1 ORDER BY heard_at, at', values: [unitId] }))
        .rows;

    await t.test('a batch: believed ones move their units, odd ones are kept with their flags', async (t) => {
      const far = { ...place, lat: place.lat + 0.18 };
      const { status, body } = await report([
        one('u-basic', { lon: 116.3529, lat: 39.9129, crs: 'gcj02' }, time.now - 2000, { speed: 12.5, heading: 90 }),
        one('u-basic', far, time.now - 1000),
        one('u-basic', north(20)),
        one('u-intensive', { lon: 0, lat: 0, crs: 'wgs84' }),
        one('u-intensive', place, time.now - 3_600_000),
        one('u-nobody', place),
        one('u-isolation', { lon: 121.47, lat: 31.23, crs: 'wgs84' }),
      ]);
      t.equal(status, 200);
      t.same(body, {
        accepted: 6,
        flagged: [
          { index: 1, unitId: 'u-basic', flags: ['jump'] },
          { index: 3, unitId: 'u-intensive', flags: ['null-island'] },
          { index: 4, unitId: 'u-intensive', flags: ['late', 'out-of-order'] },
          { index: 5, unitId: 'u-nobody', flags: ['unknown-unit'] },
          { index: 6, unitId: 'u-isolation', flags: ['outside-service-area'] },
        ],
      });
      const moved = await unit('u-basic');
      t.match(moved, { position: north(20), positionAt: iso(time.now) });
      t.same((await unit('u-intensive')).position, fleet[1]?.position, 'nothing believed, nothing moved');
      const rows = await stored('u-basic');
      t.same(
        rows.map((row) => row.flags),
        [[], ['jump'], []],
      );
      t.ok(
        rows.every((row) => row.heard_at.getTime() === time.now),
        'when it was heard is kept beside when it was',
      );
      t.match(rows[0], { speed: 12.5, heading: 90, raw_position: { lon: 116.3529, lat: 39.9129, crs: 'gcj02' } });
      t.ok(Math.abs(rows[0].lon - 116.3467) < 0.001, 'kept in WGS-84');
      t.same(
        (await stored('u-intensive')).map((row) => row.flags),
        [['late', 'out-of-order'], ['null-island']],
      );
      t.same(await stored('u-nobody'), []);
    });

    await t.test('a second fix that fits a jump, in another batch, moves the unit after all', async (t) => {
      time.now += 1000;
      const away = { ...place, lat: place.lat + 0.1 };
      t.same((await report([one('u-basic', away)])).body.flagged, [{ index: 0, unitId: 'u-basic', flags: ['jump'] }]);
      time.now += 1000;
      t.same((await report([one('u-basic', { lon: 0, lat: 0, crs: 'wgs84' })])).body.flagged[0].flags, ['null-island']);
      time.now += 1000;
      t.same((await report([one('u-basic', away)])).body, { accepted: 1, flagged: [] });
      t.match(await unit('u-basic'), { position: away, positionAt: iso(time.now) });
      t.same((await report([one('u-basic', place, time.now - 60_000)])).body.flagged[0].flags, ['out-of-order']);
      t.same((await report([one('u-basic', away)])).body.flagged[0].flags, ['repeated']);
      t.match(await unit('u-basic'), { position: away });
    });

    await t.test('ranking goes by what is believed', async (t) => {
      time.now += 60_000;
      await report([one('u-intensive', north(100)), one('u-isolation', { lon: 0, lat: 0, crs: 'wgs84' })]);
      const taken = await ask('dispatcher', 'POST', '/v1/calls', callFrom({ location: { position: place } }));
      const { body } = await ask('dispatcher', 'GET', `/v1/calls/${taken.body.call.callId}`);
      const ranked = body.units.find((u: { unitId: string }) => u.unitId === 'u-intensive');
      t.equal(Math.round(ranked.distanceMetres / 10), 13, '100 m by straight line, 1.3 times that by road');
      t.equal(ranked.positionAgeSeconds, 0);
    });

    await t.test('batches at once: every position is kept, the newest is used', async (t) => {
      const before = (await stored('u-isolation')).length;
      const start = time.now;
      time.now += 30_000;
      const answers = await Promise.all(
        Array.from({ length: 24 }, (_, i) =>
          report([one('u-isolation', north(i), start + i * 1000), one('u-nobody', place)]),
        ),
      );
      t.same(
        answers.map(({ status, body }) => [status, body.accepted]),
        Array(24).fill([200, 1]),
      );
      t.equal((await stored('u-isolation')).length - before, 24);
      t.equal((await unit('u-isolation')).positionAt, iso(start + 23_000));
    });

    await t.test('a unit being claimed is waited for, the others are not held up by it', async (t) => {
      time.now += 10_000;
      const claim = await db.connect();
      await claim.query('BEGIN');
      await claim.query("UPDATE units SET status = 'notified' WHERE unit_id = 'u-isolation'");
      const reported = report([one('u-isolation', north(5)), one('u-intensive', north(90))]);
      if (backend.name === 'embedded')
        await claim.query('COMMIT'); // its transactions take turns anyway
      else {
        while ((await unit('u-intensive')).positionAt !== iso(time.now))
          await new Promise((resolve) => setTimeout(resolve, 5));
        t.not((await unit('u-isolation')).positionAt, iso(time.now));
        await claim.query('COMMIT');
      }
      claim.release();
      t.same((await reported).body, { accepted: 2, flagged: [] });
      t.match(await unit('u-isolation'), { positionAt: iso(time.now), status: 'notified' });
    });

    await t.test('at the place of its call: suggested once a unit and call, never set', async (t) => {
      const { body } = await ask('dispatcher', 'POST', '/v1/calls', callFrom({ location: { position: place } }));
      const { callId } = body.call;
      const put = (status: string) =>
        db.query({
          text: 'UPDATE units SET status = $1, call_id = $2, changed = pg_current_xact_id() WHERE unit_id = $3',
          values: [status, callId, 'u-intensive'],
        });
      const suggested = async () =>
        (await ask('dispatcher', 'GET', `/v1/calls/${callId}`)).body.events
          .filter((e: { type: string }) => e.type === 'time-point.suggested')
          .map((e: { data: unknown }) => e.data);
      const next = async (metres: number) => {
        time.now += 20_000;
        t.same((await report([one('u-intensive', north(metres))])).body.flagged, []);
      };
      await put('notified');
      await next(10);
      t.same(await suggested(), [], 'not on its way yet');
      await put('en-route');
      await next(400);
      t.same(await suggested(), [], 'too far');
      await next(40);
      await next(30);
      t.same(await suggested(), [{ unitId: 'u-intensive', point: 'on-scene', distanceMetres: 40 }]);
      const { rows } = await db.query({ text: 'SELECT on_scene_at FROM calls WHERE call_id = $1', values: [callId] });
      t.equal(rows[0].on_scene_at, null);
      t.equal((await unit('u-intensive')).status, 'en-route');
    });

    await t.test('crews report their own unit; bad batches are refused whole and store nothing', async (t) => {
      time.now += 60_000;
      const crew = { role: 'crew', subject: 'u-basic' } as const;
      t.equal((await report([one('u-basic', north(11_000))], crew)).status, 200);
      const count = async () => (await db.query({ text: 'SELECT count(*) AS n FROM positions' })).rows[0].n;
      const before = await count();
      time.now += 1000;
      const refused = async (
        reports: unknown,
        status: number,
        code: string,
        field: string,
        role: Parameters<typeof ask>[0] = 'admin',
      ) => {
        const answer = await report(reports, role);
        t.match(answer, { status, body: { code, fields: [{ field }] } }, `${field} ${status}`);
      };
      await refused([one('u-basic', place), one('u-intensive', place)], 403, 'forbidden', '[1].unitId', crew);
      await refused([one('u-nobody', place)], 422, 'unknown-unit', '[0].unitId');
      await refused([one('u-basic', place), { unitId: 'u-basic', position: place }], 400, 'bad-request', '[1].at');
      await refused(
        [one('u-basic', place), one('u-basic', { ...place, lat: 91 })],
        400,
        'bad-request',
        '[1].position.lat',
      );
      await refused([one('u-basic', { ...place, crs: 'mercator' })], 400, 'bad-request', '[0].position.crs');
      await refused([{ ...one('u-basic', place), at: '2026-03-02 10:00' }], 400, 'bad-request', '[0].at');
      await refused([one('u-basic', place, time.now, { speed: -1 })], 400, 'bad-request', '[0].speed');
      await refused([one('u-basic', place, time.now, { colour: 'red' })], 400, 'bad-request', '[0].colour');
      await refused([], 400, 'bad-request', 'body');
      await refused(Array(1001).fill(one('u-basic', place)), 400, 'bad-request', 'body');
      await refused({ unitId: 'u-basic' }, 400, 'bad-request', 'body');
      t.equal(await count(), before);
      t.equal(
        (await report(Array(1000).fill(one('u-basic', north(11_010))))).body.accepted,
        1000,
        'a thousand are a batch',
      );
    });
  });
}
