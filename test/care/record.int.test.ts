/** The crew's care record over HTTP: series merged by time, sent twice, amended, odd values flagged, attachments with a limit. */
import t from 'tap';
import type { LocalKey } from '../../src/auth-key.ts';
import { readConfig } from '../../src/config.ts';
import { issueToken } from '../../src/http/auth.ts';
import { callFrom, fleet, zhang } from '../support/people.ts';
import { freshDatabase } from '../support/postgres.ts';
import { NOW, serviceOn, testEnv } from '../support/service.ts';

t.test('care record', async (t) => {
  const { ask, app, db, time } = await serviceOn(t, await freshDatabase(t));
  for (const unit of fleet) await ask('admin', 'PUT', `/v1/units/${unit.unitId}`, unit);
  await ask('registry', 'PUT', '/v1/residents/r-1', zhang);
  const stranger = { caller: { phone: '13911112222' } };
  const receive = async (over = {}) =>
    (await ask('dispatcher', 'POST', '/v1/calls', callFrom(over))).body.call.callId as string;
  const crew = { role: 'crew', subject: 'u-intensive' } as const;
  const callId = await receive();
  await ask('dispatcher', 'POST', `/v1/calls/${callId}/assignments`, { unitId: 'u-intensive' });
  time.now = NOW + 40 * 60_000;
  const at = (minutes: number) => new Date(NOW + minutes * 60_000).toISOString();
  const url = `/v1/calls/${callId}/care-record`;
  const put = (body: unknown, as: Parameters<typeof ask>[0] = crew) => ask(as, 'PUT', url, body);
  const count = async () =>
    (await db.query({ text: 'SELECT (SELECT count(*) FROM care_entries) + (SELECT seq FROM event_head) AS n' })).rows[0]
      .n;

  await t.test('two tablets, out of order and twice: each entry once, by time', async (t) => {
    const first = { vitals: [{ entryId: 'v-2', at: at(20), heartRate: 92, systolicMmHg: 130, diastolicMmHg: 80 }] };
    t.match(await put(first), { status: 200, body: { added: 1, seq: Number } });
    const late = { vitals: [{ entryId: 'v-1', at: at(10), heartRate: 110 }, ...first.vitals] };
    t.match(await put(late), { body: { added: 1 } });
    const again = await put(late);
    t.match(again, { status: 200, body: { added: 0, seq: null } }, 'sent again it adds nothing');
    t.same(
      again.body.record.vitals.map((each: { entryId: string }) => each.entryId),
      ['v-1', 'v-2'],
    );
    const before = await count();
    const other = await put({ vitals: [{ entryId: 'v-1', at: at(10), heartRate: 60 }] });
    t.match(other, { status: 409, body: { code: 'entry-changed', fields: [{ field: 'vitals[0].entryId' }] } });
    t.equal(await count(), before, 'nothing is overwritten');
    const both = await Promise.all(
      ['v-9', 'v-9', 'v-9'].map((entryId) => put({ vitals: [{ entryId, at: at(25), heartRate: 80 }] })),
    );
    t.equal(both.filter(({ body }) => body.added === 1).length, 1, 'at the same time it is still one');
  });

  await t.test('outside life: kept and flagged', async (t) => {
    const { body } = await put({
      vitals: [
        { entryId: 'v-3', at: at(21), heartRate: 1200, temperatureCelsius: 3, diastolicMmHg: 90, systolicMmHg: 60 },
      ],
    });
    const kept = body.record.vitals.find((each: { entryId: string }) => each.entryId === 'v-3');
    const { limits, signature, medications } = (await ask(crew, 'GET', '/v1/care-kit')).body;
    t.ok(1200 > limits.heartRate.most && 3 < limits.temperatureCelsius.least, 'the tablet is told the same limits');
    t.equal(signature, null, 'and that nobody has signed the list');
    t.match(medications[0], { coded: { system: 'atc' }, routes: [String], sources: [String] });
    t.same(kept.flags, ['outside-life:heartRate', 'outside-life:temperatureCelsius', 'diastolic-above-systolic']);
    t.equal(kept.heartRate, 1200);
  });

  await t.test('an amendment keeps the original, and a withdrawal says so', async (t) => {
    const amended = await put({
      vitals: [{ entryId: 'v-4', at: at(21), amends: 'v-3', reason: 'slip', heartRate: 120 }],
    });
    const vitals = amended.body.record.vitals as { entryId: string; amendedBy?: string; heartRate: number }[];
    t.match(
      vitals.find((each) => each.entryId === 'v-3'),
      { amendedBy: 'v-4', heartRate: 1200 },
    );
    t.equal((await put({ vitals: [{ entryId: 'v-5', at: at(21), amends: 'v-4', withdrawn: true }] })).status, 200);
    for (const [what, entry, field] of [
      ['amends nothing', { entryId: 'w-1', at: at(1), amends: 'none', heartRate: 1 }, 'vitals[0].amends'],
      ['amends itself', { entryId: 'w-2', at: at(1), amends: 'w-2', heartRate: 1 }, 'vitals[0].amends'],
      ['says nothing', { entryId: 'w-3', at: at(1) }, 'vitals[0]'],
      ['withdraws nothing', { entryId: 'w-4', at: at(1), withdrawn: true }, 'vitals[0].withdrawn'],
    ] as const)
      t.match(await put({ vitals: [entry] }), { status: 422, body: { fields: [{ field }] } }, what);
    const round = {
      vitals: [
        { entryId: 'x-1', at: at(1), amends: 'x-2', heartRate: 1 },
        { entryId: 'x-2', at: at(1), amends: 'x-1', heartRate: 2 },
      ],
    };
    t.equal((await put(round)).status, 422, 'in a circle');
    const turned = {
      notes: [
        { entryId: 'n-2', at: at(2), amends: 'n-1', text: 'b' },
        { entryId: 'n-1', at: at(1), text: 'a' },
      ],
    };
    t.match(await put(turned), { status: 200, body: { added: 2 } }, 'an original may come behind its amendment');
  });

  await t.test('whose it is', async (t) => {
    t.equal(
      (await put({ notes: [{ entryId: 'n-9', at: at(1), text: 'x' }] }, { role: 'crew', subject: 'u-basic' })).status,
      403,
    );
    t.equal(
      (await ask(crew, 'PUT', '/v1/calls/none/care-record', { notes: [{ entryId: 'n', at: at(1), text: 'x' }] }))
        .status,
      404,
    );
    const get = async (as: Parameters<typeof ask>[0]) => (await ask(as, 'GET', url)).status;
    t.equal(await get({ role: 'hospital', subject: 'h-1' }), 404, 'not bound for it');
    await put({ destinations: [{ entryId: 'd-1', at: at(22), hospitalId: 'h-1' }] });
    t.equal(await get({ role: 'hospital', subject: 'h-1' }), 200);
    await put({ destinations: [{ entryId: 'd-2', at: at(24), hospitalId: 'h-2' }] });
    t.equal(await get({ role: 'hospital', subject: 'h-1' }), 404, 'taken elsewhere on the way');
    t.equal(await get({ role: 'hospital', subject: 'h-2' }), 200);
    t.equal(await get({ role: 'crew', subject: 'u-basic' }), 404);
    t.equal(await get(crew), 200);
    await ask('dispatcher', 'PATCH', `/v1/calls/${callId}`, { residentId: 'r-1' });
    t.equal(await get({ role: 'doctor', subject: 'd-1' }), 200, 'the family doctor');
    t.equal(await get({ role: 'doctor', subject: 'd-2' }), 404, 'another');
    const { rows } = await db.query({
      text: `SELECT role, resident_id FROM access_log WHERE purpose = 'care' ORDER BY access_id DESC LIMIT 1`,
    });
    t.same(rows[0], { role: 'doctor', resident_id: 'r-1' });
    const sealed = await db.query({
      text: `SELECT count(*) AS n FROM care_entries WHERE position('heartRate'::bytea in sealed) > 0`,
    });
    t.equal(sealed.rows[0].n, 0, 'nothing of it lies open');
  });

  await t.test('attachments', async (t) => {
    const local = readConfig({ ...testEnv }).auth.local as LocalKey;
    const send = async (id: string, payload: Buffer, type = 'image/png', unitId = 'u-intensive') => {
      const claims = { role: 'crew', subject: unitId, ttlSeconds: 600 } as const;
      return app.inject({
        method: 'PUT',
        url: `${url}/attachments/${id}?kind=twelve-lead-ecg&at=${encodeURIComponent(at(12))}`,
        headers: {
          authorization: `Bearer ${await issueToken(local, claims, { now: () => time.now })}`,
          'content-type': type,
        },
        payload,
      });
    };
    const ecg = Buffer.from('an invented electrocardiogram');
    t.equal((await send('ecg-1', ecg)).statusCode, 201);
    t.equal((await send('ecg-1', ecg)).statusCode, 200, 'again');
    t.equal((await send('ecg-1', Buffer.from('another'))).statusCode, 409);
    t.equal((await send('ecg-2', Buffer.alloc(20 * 1024 ** 2))).statusCode, 413, '20 MB');
    t.equal((await send('ecg-3', ecg, 'text/html')).statusCode, 415);
    t.equal((await send('ecg-4', ecg, 'image/png', 'u-basic')).statusCode, 403);
    t.match((await ask(crew, 'GET', url)).body.attachments, [{ attachmentId: 'ecg-1', bytes: ecg.length }]);
    const { rows } = await db.query({ text: 'SELECT sealed FROM care_attachments' });
    t.notOk(rows[0].sealed.includes('electrocardiogram'));
  });

  await t.test('what the family told becomes part of the history', async (t) => {
    const told = { entryId: 't-1', at: at(15), list: 'allergies', coded: { system: 'text', code: '青霉素过敏' } };
    t.equal((await put({ history: [told] })).status, 200);
    const { body } = await ask('registry', 'GET', '/v1/residents/r-1');
    t.match(body.learned.allergies, [
      { code: '青霉素过敏', from: { source: 'care-record', sourceId: 't-1', callId, by: 'u-intensive' } },
    ]);
    t.notOk(body.history.allergies, 'the file stays as it was filed');
    await put({ history: [{ entryId: 't-2', at: at(16), amends: 't-1', withdrawn: true, reason: 'misheard' }] });
    const { learned } = (await ask('registry', 'GET', '/v1/residents/r-1')).body;
    t.same([learned.allergies, learned.encounters.length], [[], 1], 'withdrawn: nothing is left of it but the call');
  });

  await t.test('nobody identified: kept all the same', async (t) => {
    const other = await receive(stranger);
    t.equal(
      (
        await ask('admin', 'PUT', `/v1/calls/${other}/care-record`, {
          history: [{ entryId: 'a', at: at(1), list: 'conditions', coded: { system: 'icd-10', code: 'I10' } }],
        })
      ).status,
      200,
    );
  });
});
