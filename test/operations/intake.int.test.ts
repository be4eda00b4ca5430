/** The main job, on both ways to run: a registered phone calls, and one answer says who, what, why and which units. */
import t from 'tap';
import { catchUpHistories } from '../../src/operations/catch-up-histories.ts';
import { backends } from '../support/backends.ts';
import { callFrom, chestPain, fleet, wang, zhang } from '../support/people.ts';
import { NOW, serviceOn } from '../support/service.ts';

for (const backend of backends) {
  t.test(backend.name, async (t) => {
    const { databaseUrl } = await backend.fresh(t);
    const service = await serviceOn(t, databaseUrl, backend.name === 'embedded' ? 4 : 10);
    const { ask, db, deps } = service;
    for (const unit of fleet) t.equal((await ask('admin', 'PUT', `/v1/units/${unit.unitId}`, unit)).status, 200);
    await ask('admin', 'PUT', '/v1/places/h-1', {
      placeId: 'h-1',
      kind: 'hospital',
      name: '示范医院',
      position: { lon: 116.35, lat: 39.92, crs: 'wgs84' },
      capabilities: ['emergency', 'chest-pain-centre'],
    });

    await t.test('filing answers the risk groups and the codes nothing claims; filing again replaces', async (t) => {
      const first = await ask('registry', 'PUT', '/v1/residents/r-1', zhang);
      t.equal(first.status, 201);
      t.ok(first.body.riskGroups.includes('ischaemic-heart-disease'), first.body.riskGroups.join(' '));
      t.same(
        first.body.unmapped.map((c: { code: string }) => c.code),
        ['Z99.9XX'],
      );
      t.same(first.body.phones, ['+861066551234', '+8613800138001'], 'phones are E.164');
      t.equal((await ask('registry', 'PUT', '/v1/residents/r-1', zhang)).status, 200);
      const codes = (await ask('registry', 'GET', '/v1/unmapped-codes')).body.codes;
      t.match(codes, [{ system: 'icd-10', code: 'Z99.9XX', times: 2 }]);
      const { rows } = await db.query({ text: 'SELECT count(*) AS keys FROM resident_keys' });
      const keys = rows[0].keys;
      await ask('registry', 'PUT', '/v1/residents/r-1', { ...zhang, phones: ['13800138001'] });
      const fewer = (await db.query({ text: 'SELECT count(*) AS keys FROM resident_keys' })).rows[0].keys;
      t.ok(fewer < keys, 'keys of a number given up are gone');
      await ask('registry', 'PUT', '/v1/residents/r-1', zhang);
    });

    await t.test('a registered phone: the history changes the vehicle, and the answer says why', async (t) => {
      const { status, body } = await ask('dispatcher', 'POST', '/v1/calls', callFrom());
      t.equal(status, 201);
      t.match(body.matches[0], { residentId: 'r-1', name: zhang.name, ageYears: 85, grade: 'match', livesAlone: true });
      t.ok(
        body.matches[0].evidence.some((e: { field: string; weight: number }) => e.field === 'phone' && e.weight > 0),
      );
      t.equal(body.recommendation.basis, 'history');
      t.equal(body.recommendation.vehicleType, 'intensive');
      t.ok(body.recommendation.capabilities.required.includes('defibrillator'));
      t.ok(
        body.recommendation.reasons.some((r: { fact: string }) => r.fact.includes('I25.2')),
        'a reason names the filed infarction',
      );
      t.ok(body.recommendation.cautions.length > 0);
      t.ok(body.recommendation.capabilities.required.includes('stair-chair'), 'fifth floor without a lift');
      t.same(
        body.recommendation.hospitals.map((h: { hospitalId: string }) => h.hospitalId),
        ['h-1'],
      );
      const [first, second, third] = body.units;
      t.match(first, { unitId: 'u-intensive', satisfies: true, shortfalls: [], travelBasis: 'straight-line' });
      t.equal(second.unitId, 'u-isolation');
      t.match(third, { unitId: 'u-basic', satisfies: false }, 'the nearest unit lacks what is needed and comes last');
      t.ok(third.etaSeconds < first.etaSeconds);
      t.equal(Date.parse(body.call.responseDueAt) - Date.parse(body.call.receivedAt), 480_000);
      t.equal(body.call.location.position.crs, 'wgs84');
    });

    await t.test('the same call without a match: as complete, by complaint only', async (t) => {
      const { status, body } = await ask(
        'dispatcher',
        'POST',
        '/v1/calls',
        callFrom({ caller: { phone: '13911112222' } }),
      );
      t.equal(status, 201);
      t.same(body.matches, []);
      t.equal(body.recommendation.basis, 'complaint-only');
      t.equal(body.recommendation.vehicleType, 'basic');
      t.equal(body.units[0].unitId, 'u-basic');
    });

    await t.test('two residents on one number: both shown, their requirements joined', async (t) => {
      await ask('registry', 'PUT', '/v1/residents/r-2', wang);
      const shared = callFrom({ caller: { phone: '010-66551234', relation: 'unknown' }, location: undefined });
      const { body } = await ask('dispatcher', 'POST', '/v1/calls', shared);
      t.same(body.matches.map((m: { residentId: string }) => m.residentId).sort(), ['r-1', 'r-2']);
      t.equal(body.recommendation.vehicleType, 'intensive', 'one of the two had an infarction');
      t.ok(body.recommendation.flags.includes('several-residents'));

      const { callId } = body.call;
      const confirmed = await ask('dispatcher', 'PATCH', `/v1/calls/${callId}`, { residentId: 'r-2' });
      t.equal(confirmed.status, 200);
      t.equal(confirmed.body.call.residentId, 'r-2');
      t.equal(confirmed.body.matches[0].residentId, 'r-2');
      t.equal(confirmed.body.recommendation.vehicleType, 'basic', 'it is the one without history');
      t.ok(confirmed.body.seq > body.seq);

      const worse = await ask('dispatcher', 'PATCH', `/v1/calls/${callId}`, {
        complaint: { answers: { breathing: 'absent' } },
      });
      t.equal(worse.body.recommendation.priority, 1);
      t.equal(worse.body.call.residentId, 'r-2', 'what was confirmed stays confirmed');
      const detail = await ask('dispatcher', 'GET', `/v1/calls/${callId}`);
      t.same(
        detail.body.events.map((e: { type: string }) => e.type),
        ['call.received', 'call.updated', 'recommendation.changed', 'call.updated', 'recommendation.changed'],
      );
      t.equal(detail.body.call.priority, 1);
    });

    await t.test('a one-key device without a word: its resident, at the registered home', async (t) => {
      const press = { channel: 'one-key', device: { deviceId: 'sos-17' }, complaint: { code: 'device-alarm' } };
      const { body } = await ask('dispatcher', 'POST', '/v1/calls', press);
      t.match(body.matches[0], { residentId: 'r-1', grade: 'match' });
      t.equal(body.call.location.source, 'registered');
      t.ok(body.call.location.position);
      t.equal(body.recommendation.priority, 1, 'nobody answered whether they breathe');
    });

    await t.test('Idempotency-Key: same body, same answer, one call; other body, refused', async (t) => {
      const before = (await ask('dispatcher', 'GET', '/v1/calls')).body.calls.length;
      const key = { 'idempotency-key': 'call-4711' };
      const both = await Promise.all([1, 2, 3].map(() => ask('dispatcher', 'POST', '/v1/calls', callFrom(), key)));
      const again = await ask('dispatcher', 'POST', '/v1/calls', callFrom(), key);
      t.equal(again.headers['idempotent-replayed'], 'true');
      for (const one of both) t.same(one.body, again.body);
      t.equal((await ask('dispatcher', 'GET', '/v1/calls')).body.calls.length, before + 1);
      const other = await ask('dispatcher', 'POST', '/v1/calls', callFrom({ complaint: { code: 'fall' } }), key);
      t.match(other, { status: 422, body: { code: 'idempotency-mismatch', fields: [{ field: 'Idempotency-Key' }] } });
      const someoneElse = await ask({ role: 'dispatcher', subject: 'another' }, 'POST', '/v1/calls', callFrom(), key);
      t.equal(someoneElse.status, 201);
      t.not(someoneElse.body.call.callId, again.body.call.callId, 'a key belongs to who used it');
    });

    await t.test('many at once: every call once, numbers and sequence without a gap', async (t) => {
      const head = async () => (await db.query({ text: 'SELECT seq FROM event_head' })).rows[0].seq as number;
      const before = await head();
      const answers = await Promise.all(
        Array.from({ length: 60 }, () => ask('dispatcher', 'POST', '/v1/calls', callFrom())),
      );
      t.ok(answers.every((a) => a.status === 201));
      t.equal(new Set(answers.map((a) => a.body.call.callId)).size, 60);
      const seqs = answers.map((a) => a.body.seq as number).sort((a, b) => a - b);
      t.same(
        seqs,
        Array.from({ length: 60 }, (_, i) => before + 1 + i),
      );
      t.equal(await head(), before + 60);
    });

    await t.test('the stored decision replays to the answer that was given', async (t) => {
      const { body } = await ask('dispatcher', 'POST', '/v1/calls', callFrom());
      const { decide } = await import('../../src/requirement/decide.ts');
      const { decisionContext } = await import('../../src/calls/accept.ts');
      const { rows } = await db.query({
        text: 'SELECT sealed, protocol_version FROM decisions WHERE call_id = $1',
        values: [body.call.callId],
      });
      const record = deps.seal.open<{ facts: Parameters<typeof decide>[1] }>(
        rows[0].sealed,
        decisionContext(body.call.callId, 1),
      );
      const replayed = decide(deps.protocol, record.facts);
      t.equal(rows[0].protocol_version, replayed.protocolVersion);
      t.same(replayed.requirement.required, body.recommendation.capabilities.required);
      t.same(replayed.reasons, body.recommendation.reasons);
      const { rows: kept } = await db.query({ text: 'SELECT version FROM protocols' });
      t.same(
        kept.map((row) => row.version),
        [replayed.protocolVersion],
        'and its protocol is kept',
      );
    });

    await t.test('every history read is in the access log, with who and for which call', async (t) => {
      const { body } = await ask({ role: 'dispatcher', subject: 'seat-7' }, 'POST', '/v1/calls', callFrom());
      await ask({ role: 'dispatcher', subject: 'seat-7' }, 'GET', '/v1/residents?phone=13800138001');
      await ask({ role: 'dispatcher', subject: 'seat-7' }, 'GET', `/v1/calls/${body.call.callId}`);
      await ask({ role: 'doctor', subject: 'd-1' }, 'GET', '/v1/residents/r-1');
      const { rows } = await db.query({
        text: `SELECT role, subject, resident_id, call_id, purpose FROM access_log
               WHERE subject IN ('seat-7', 'd-1') ORDER BY access_id`,
      });
      const { callId } = body.call;
      t.same(rows, [
        { role: 'dispatcher', subject: 'seat-7', resident_id: 'r-1', call_id: callId, purpose: 'intake' },
        { role: 'dispatcher', subject: 'seat-7', resident_id: 'r-1', call_id: null, purpose: 'look-up' },
        { role: 'dispatcher', subject: 'seat-7', resident_id: 'r-1', call_id: callId, purpose: 'call' },
        { role: 'doctor', subject: 'd-1', resident_id: 'r-1', call_id: null, purpose: 'registry' },
      ]);
      t.equal((await ask({ role: 'doctor', subject: 'd-2' }, 'GET', '/v1/residents/r-1')).status, 404);
    });

    await t.test('a dump of every table shows no phone, citizen number, device or name', async (t) => {
      const { rows: tables } = await db.query<{ name: string }>({
        text: `SELECT table_name AS name FROM information_schema.tables
               WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND table_name <> 'spatial_ref_sys'`,
      });
      let dump = '';
      for (const { name } of tables) {
        const { rows } = await db.query({ text: `SELECT t::text AS line FROM "${name}" t` });
        for (const row of rows) dump += `${row.line}\n`;
      }
      t.ok(dump.includes('r-1'), 'the dump is one');
      const hex = (text: string) => Buffer.from(text).toString('hex');
      for (const secret of [zhang.name, '13800138001', '66551234', zhang.idNumber, 'sos-17', '13900139001', '李虚构']) {
        t.notOk(dump.includes(secret), `not ${secret}`);
        t.notOk(dump.includes(hex(secret)), `nor its bytes`);
      }
    });

    await t.test('a registry that cannot be searched delays nothing and loses no call', async (t) => {
      await db.query({ text: 'ALTER TABLE resident_keys RENAME TO resident_keys_away' });
      t.teardown(() => {});
      const { status, body } = await ask('dispatcher', 'POST', '/v1/calls', callFrom());
      await db.query({ text: 'ALTER TABLE resident_keys_away RENAME TO resident_keys' });
      t.equal(status, 201);
      t.ok(body.recommendation.flags.includes('history-unavailable'));
      t.equal(body.recommendation.basis, 'complaint-only');
      t.ok(body.units.length > 0, 'units as last known');
      t.same(body.call.flags, ['history-unavailable']);
      const { callId, number } = body.call;
      t.equal((await ask('dispatcher', 'GET', `/v1/calls/${callId}`)).status, 200);

      // As soon as it can be searched again, the history decides: nobody has to think of asking.
      const ended = await ask('dispatcher', 'POST', '/v1/calls', callFrom());
      t.equal(ended.body.recommendation.basis, 'history');
      await catchUpHistories(service.deps);
      const { body: known } = await ask('dispatcher', 'GET', `/v1/calls/${callId}`);
      t.match(known, { call: { number, priority: ended.body.call.priority, flags: [] } });
      t.equal(known.recommendation.basis, 'history');
      t.same(known.recommendation.reasons, ended.body.recommendation.reasons);
      t.same(
        known.events.map(({ type }: { type: string }) => type),
        ['call.received', 'call.updated', 'recommendation.changed'],
      );
      await catchUpHistories(service.deps);
      const { body: again } = await ask('dispatcher', 'GET', `/v1/calls/${callId}`);
      t.equal(again.events.length, known.events.length, 'once');
    });

    // All embedded connections share one session, so there a lock holds up nobody but its own transaction.
    if (backend.name !== 'embedded')
      await t.test('a registry that hangs holds up a call for its budget, and no call after it', async (t) => {
        const { default: pg } = await import('pg');
        const other = new pg.Client({ connectionString: databaseUrl });
        await other.connect();
        await other.query('BEGIN; LOCK TABLE resident_keys IN ACCESS EXCLUSIVE MODE');
        const calls = await Promise.all([1, 2, 3].map(() => ask('dispatcher', 'POST', '/v1/calls', callFrom())));
        for (const { status, body } of calls) {
          t.equal(status, 201);
          t.ok(body.recommendation.flags.includes('history-unavailable'));
        }
        await other.query('ROLLBACK');
        await other.end();
        const after = await ask('dispatcher', 'POST', '/v1/calls', callFrom());
        t.equal(after.body.recommendation.basis, 'history');
      });

    await t.test('a unit that changed a moment ago is ranked as it is now', async (t) => {
      await ask('admin', 'PUT', '/v1/units/u-intensive', { ...fleet[1], status: 'off-duty' });
      const { body } = await ask('dispatcher', 'POST', '/v1/calls', callFrom());
      t.notOk(body.units.some((u: { unitId: string }) => u.unitId === 'u-intensive'));
      t.equal(body.units[0].unitId, 'u-isolation');
      await ask('admin', 'PUT', '/v1/units/u-intensive', fleet[1]);
      service.time.now = NOW + 31 * 60_000;
      const later = await ask('dispatcher', 'POST', '/v1/calls', callFrom({ complaint: chestPain }));
      t.ok(
        later.body.recommendation.flags.includes('no-unit-satisfies'),
        'positions of half an hour ago predict nothing',
      );
      service.time.now = NOW;
    });
  });
}
