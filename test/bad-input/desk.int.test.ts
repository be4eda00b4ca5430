/** Keys, tokens, changes and look-ups as no console should send them: refused, nothing stored, nobody's history read. */
import { createHmac } from 'node:crypto';
import t from 'tap';
import type { ProblemCode } from '../../src/domain/errors.ts';
import type { Role } from '../../src/domain/vocabulary.ts';
import { callFrom, zhang } from '../support/people.ts';
import { NOW, testEnv } from '../support/service.ts';
import { ago, openDesk } from './desk.ts';
import { digestOf, refused } from './support.ts';

const { app, db, ask, bearer, send, post } = await openDesk(t);

t.test('Idempotency-Key: another body under the same key, and keys that are none', async (t) => {
  const key = { 'idempotency-key': 'k-1' };
  t.equal((await post(JSON.stringify(callFrom()), key)).statusCode, 201);
  const before = await digestOf(db);
  const other = await post(JSON.stringify(callFrom({ complaint: { code: 'fall' } })), key);
  refused(t, 'another body', other, { status: 422, code: 'idempotency-mismatch', field: 'Idempotency-Key' });
  for (const bad of ['', 'two words', 'ключ', 'x'.repeat(201), 'tab\there'])
    refused(t, JSON.stringify(bad), await post(JSON.stringify(callFrom()), { 'idempotency-key': bad }), {
      code: 'bad-request',
      field: 'idempotency-key',
    });
  t.same(await digestOf(db), before, 'nothing was stored');
});

t.test('tokens that open nothing', async (t) => {
  const before = await digestOf(db);
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = { sub: 'dispatcher-1', role: 'dispatcher', iss: 'precision-dispatch', exp: NOW / 1000 + 3_600 };
  const hs256 = (payload: object, secret: string = testEnv.AUTH_KEY, header: object = { alg: 'HS256' }) => {
    const signed = `${part(header)}.${part(payload)}`;
    return `Bearer ${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
  };
  t.equal(
    (await post(JSON.stringify(callFrom()), { authorization: hs256(claims) })).statusCode,
    201,
    'made well, such a token opens',
  );
  const after = await digestOf(db);
  t.notSame(after, before);
  const tokens: Record<string, string> = {
    'no token': '',
    'not a token': 'Bearer dispatcher',
    Basic: `Basic ${Buffer.from('dispatcher:dispatcher').toString('base64')}`,
    'alg none': `Bearer ${part({ alg: 'none' })}.${part(claims)}.`,
    'alg none with a signature': hs256(claims, testEnv.AUTH_KEY, { alg: 'none' }),
    'alg None': `Bearer ${part({ alg: 'None' })}.${part(claims)}.`,
    'alg HS512 in name': hs256(claims, testEnv.AUTH_KEY, { alg: 'HS512' }),
    'no alg': hs256(claims, testEnv.AUTH_KEY, {}),
    'an unknown critical header': hs256(claims, testEnv.AUTH_KEY, { alg: 'HS256', crit: ['x'], x: 1 }),
    'another key': hs256(claims, 'another secret of thirty-two bytes at least'),
    'signature cut off': hs256(claims).replace(/[^.]+$/, ''),
    'other claims under a good signature': hs256(claims).replace(
      /\.[^.]+\./,
      `.${part({ ...claims, role: 'admin' })}.`,
    ),
    expired: await bearer('dispatcher', -1),
    'no expiry': hs256({ ...claims, exp: undefined }),
    'not yet': hs256({ ...claims, nbf: NOW / 1000 + 600 }),
    'another issuer': hs256({ ...claims, iss: 'https://elsewhere.example' }),
    'no subject': hs256({ ...claims, sub: undefined }),
    'an empty subject': hs256({ ...claims, sub: '' }),
    'a subject of 200 characters': hs256({ ...claims, sub: 'x'.repeat(200) }),
    'a role nobody has': hs256({ ...claims, role: 'emperor' }),
    'no role': hs256({ ...claims, role: undefined }),
    'two roles': hs256({ ...claims, role: ['dispatcher', 'admin'] }),
  };
  for (const [name, authorization] of Object.entries(tokens)) {
    const answer = await post(JSON.stringify(callFrom()), { authorization });
    refused(t, name, answer, { status: 401, code: 'unauthenticated' });
    t.equal(answer.headers['www-authenticate'], 'Bearer', name);
  }
  for (const role of ['centre', 'crew', 'hospital', 'doctor', 'registry', 'planner'] as const)
    refused(t, role, await post(JSON.stringify(callFrom()), { authorization: await bearer(role) }), {
      status: 403,
      code: 'forbidden',
    });
  t.same(await digestOf(db), after, 'nothing was stored');
});

t.test('changes no call can take', async (t) => {
  const { body } = await ask('dispatcher', 'POST', '/v1/calls', callFrom({ patient: { name: zhang.name } }));
  const url = `/v1/calls/${body.call.callId}`;
  const before = await digestOf(db);
  const patch = (change: unknown, to = url) =>
    send('PATCH', to, typeof change === 'string' ? change : JSON.stringify(change));
  const some = { complaint: { answers: { breathing: 'absent' } } };
  refused(t, 'an unknown call', await patch(some, '/v1/calls/nobody-knows-it'), { status: 404, code: 'not-found' });
  refused(t, 'a NUL in the path', await patch(some, '/v1/calls/%00'), { status: 400, code: 'bad-request' });
  refused(t, 'half a character in the path', await patch(some, '/v1/calls/%ff'), { status: 400, code: 'bad-request' });
  refused(t, 'a very long id', await patch(some, `/v1/calls/${'x'.repeat(100)}`), {
    status: 400,
    code: 'bad-request',
    field: 'callId',
  });
  refused(t, 'an empty change', await patch({}), { status: 400, code: 'bad-request', field: 'body' });
  refused(t, 'nothing', await patch(''), { status: 400, code: 'bad-request', field: 'body' });
  const cases: [unknown, ProblemCode, string][] = [
    [{ residentId: 'r-unknown' }, 'unknown-resident', 'residentId'],
    [{ residentId: '' }, 'bad-request', 'residentId'],
    [{ residentId: "r-1' OR true --" }, 'bad-request', 'residentId'],
    [{ residentId: 'r\0' }, 'bad-request', 'residentId'],
    [{ channel: 'app' }, 'bad-request', 'channel'],
    [{ receivedAt: ago(0) }, 'bad-request', 'receivedAt'],
    [{ device: { deviceId: 'sos-17' } }, 'bad-request', 'device'],
    [{ callId: 'x' }, 'bad-request', 'callId'],
    [{ complaint: { code: 'ennui' } }, 'bad-request', 'complaint.code'],
    [{ complaint: { answers: { conscious: 'perhaps' } } }, 'invalid-field', 'complaint.answers.conscious'],
    [
      { complaint: { code: 'fall', answers: { pregnant: 'yes', favouriteColour: 'red' } } },
      'invalid-field',
      'complaint.answers.favouriteColour',
    ],
    [{ location: { position: { lon: 116, lat: 139, crs: 'wgs84' } } }, 'bad-request', 'location.position.lat'],
    [{ patient: { idNumber: '110102194103020024' } }, 'bad-citizen-number', 'patient.idNumber'],
    [{ patient: { ageYears: '5' } }, 'bad-request', 'patient.ageYears'],
    [{ caller: { phone: 'anonymous' } }, 'bad-request', 'caller.phone'],
  ];
  for (const [change, code, field] of cases) refused(t, JSON.stringify(change), await patch(change), { code, field });
  t.same(await digestOf(db), before, 'nothing was stored');
});

t.test('a patient once confirmed stays confirmed until somebody says otherwise', async (t) => {
  const shared = callFrom({ caller: { phone: '010-66551234' }, location: undefined });
  const { body } = await ask('dispatcher', 'POST', '/v1/calls', shared);
  const change = async (patch: object) =>
    (await ask('dispatcher', 'PATCH', `/v1/calls/${body.call.callId}`, patch)).body;
  t.equal((await change({ residentId: 'r-1' })).call.residentId, 'r-1');
  t.equal(
    (await change({ patient: { sex: 'female' } })).call.residentId,
    'r-1',
    'though the patient was described anew',
  );
  t.equal((await change({ patient: {} })).call.residentId, 'r-1');
  const none = await change({ residentId: null });
  t.equal(none.call.residentId, null, 'none of these');
  t.equal((await ask('dispatcher', 'GET', `/v1/calls/${body.call.callId}`)).body.call.residentId, null);
});

t.test('with nothing but a confirmation to take back, it is taken back', async (t) => {
  const { body } = await ask('dispatcher', 'POST', '/v1/calls', callFrom());
  const url = `/v1/calls/${body.call.callId}`;
  await ask('dispatcher', 'PATCH', url, { residentId: 'r-2' });
  t.equal((await ask('dispatcher', 'PATCH', url, { residentId: null })).body.call.residentId, null);
});

t.test('looking up residents and calls', async (t) => {
  await db.query({ text: `UPDATE calls SET status = 'closed'` });
  const before = await digestOf(db);
  const get = async (url: string, role: Role = 'dispatcher') =>
    app.inject({ url, headers: { authorization: await bearer(role) } });
  refused(t, 'without a live call', await get('/v1/residents?phone=13800138001'), {
    status: 403,
    code: 'no-live-call',
  });
  refused(t, 'one, without a live call', await get('/v1/residents/r-1'), { status: 403, code: 'no-live-call' });
  const { rows } = await db.query<{ call_id: string }>({ text: 'SELECT call_id FROM calls LIMIT 1' });
  refused(t, 'for a call that ended', await get(`/v1/residents/r-1?callId=${rows[0]?.call_id}`), {
    status: 403,
    code: 'no-live-call',
  });
  const patched = await send('PATCH', `/v1/calls/${rows[0]?.call_id}`, '{"complaint":{"text":"x"}}');
  refused(t, 'a change to a call that ended', patched, { status: 409, code: 'call-ended' });
  t.same(await digestOf(db), before, 'nobody read anything');

  t.equal((await post(JSON.stringify(callFrom()))).statusCode, 201);
  const live = await digestOf(db);
  const cases: [string, ProblemCode, string?][] = [
    ['/v1/residents?phone=120', 'bad-phone', 'phone'],
    ['/v1/residents', 'invalid-field', 'q'],
    ['/v1/residents?q=', 'bad-request', 'q'],
    [`/v1/residents?q=${'x'.repeat(65)}`, 'bad-request', 'q'],
    ['/v1/residents?q=a&q=b', 'bad-request', 'q'],
    ['/v1/residents?name=x', 'bad-request', 'name'],
    ['/v1/units?status=available', 'bad-request', 'status'],
    ['/v1/residents?q=%00', 'bad-request', 'path'],
    ['/v1/residents?phone=13800138001&callId=nobody-knows-it', 'no-live-call'],
    ['/v1/residents/nobody', 'not-found'],
    ['/v1/residents/..%2e', 'bad-request', 'residentId'],
    ['/v1/calls?status=ringing', 'bad-request', 'status'],
    ['/v1/calls?limit=0', 'bad-request', 'limit'],
    ['/v1/calls?limit=501', 'bad-request', 'limit'],
    ['/v1/calls?limit=1e999', 'bad-request', 'limit'],
    ['/v1/calls?limit=ten', 'bad-request', 'limit'],
    ['/v1/calls?__proto__=x', 'bad-request', '__proto__'],
    ['/v1/calls/nobody-knows-it', 'not-found'],
    ['/v1/nothing', 'not-found'],
    ['/v1/calls/%zz', 'bad-request'],
  ];
  for (const [url, code, field] of cases) refused(t, url, await get(url), { code, ...(field ? { field } : {}) });
  refused(t, 'a planner reads no identities', await get('/v1/residents/r-1', 'planner'), {
    status: 403,
    code: 'forbidden',
  });
  refused(t, 'nor does a hospital', await get('/v1/residents?q=x', 'hospital'), { status: 403, code: 'forbidden' });
  t.same(await digestOf(db), live, 'nobody read anything');
});
