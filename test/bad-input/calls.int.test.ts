/** Calls as no caller, console or gateway should send them: each refused with the field named, and nothing stored. */
import { createHmac } from 'node:crypto';
import t from 'tap';
import type { ProblemCode } from '../../src/domain/errors.ts';
import type { Role } from '../../src/domain/vocabulary.ts';
import { issueToken } from '../../src/http/auth.ts';
import { callFrom, chestPain, fleet, wang, zhang } from '../support/people.ts';
import { freshDatabase } from '../support/postgres.ts';
import { NOW, serviceOn, testEnv } from '../support/service.ts';
import { changed, digestOf, fieldName, objectsIn, refused, textsIn } from './support.ts';

const service = await serviceOn(t, await freshDatabase(t));
const { app, db, ask, deps } = service;
await ask('admin', 'PUT', '/v1/units/u-intensive', fleet[1]);
await ask('registry', 'PUT', '/v1/residents/r-1', zhang);
await ask('registry', 'PUT', '/v1/residents/r-2', wang);

const bearer = async (role: Role, ttlSeconds = 3_600) => {
  if (!deps.config.auth.local) throw new Error('the test settings have a local key');
  return `Bearer ${await issueToken(deps.config.auth.local, { role, subject: `${role}-1`, ttlSeconds }, deps.clock)}`;
};
const dispatcher = await bearer('dispatcher');
type Payload = string | Buffer;
const json = { 'content-type': 'application/json' };
const send = (method: 'POST' | 'PATCH', url: string, payload: Payload, headers: Record<string, string> = {}) =>
  app.inject({ method, url, payload, headers: { authorization: dispatcher, ...json, ...headers } });
const post = (payload: Payload, headers?: Record<string, string>) => send('POST', '/v1/calls', payload, headers);
const ago = (milliseconds: number) => new Date(NOW - milliseconds).toISOString();
const HOUR = 3_600_000;

/** Has every field a call can have. */
const full = {
  channel: 'phone',
  receivedAt: ago(1_000),
  caller: { phone: '13800138001', relation: 'family' },
  device: { deviceId: 'sos-17' },
  patient: { residentId: 'r-1', idNumber: zhang.idNumber, name: zhang.name, ageYears: 85, sex: 'female' },
  location: {
    position: { lon: 116.3467, lat: 39.9115, crs: 'gcj02' },
    uncertaintyMetres: 30,
    source: 'network',
    address: zhang.home.address,
  },
  complaint: { code: 'chest-pain', text: '胸口疼', answers: { conscious: 'yes', breathing: 'normal' } },
} as const;
const at = (lon: unknown, lat: unknown, crs: unknown = 'wgs84') =>
  callFrom({ location: { position: { lon, lat, crs } } });

t.equal((await post(JSON.stringify(full))).statusCode, 201, 'the call all others are made from is good');

/** Refuses each body and finds the database as it was before all of them. */
async function allRefused(t: Tap, cases: readonly (readonly [string, unknown, ProblemCode, string?])[]) {
  const before = await digestOf(db);
  for (const [name, body, code, field] of cases)
    refused(t, name, await post(typeof body === 'string' ? body : JSON.stringify(body)), {
      code,
      ...(field ? { field } : {}),
    });
  t.same(await digestOf(db), before, 'nothing was stored');
}
type Tap = Parameters<typeof refused>[0];

t.test('a call that cannot be found or placed', async (t) => {
  const bare = { channel: 'phone', complaint: chestPain };
  const withheld = { ...bare, caller: { phone: '***', relation: 'self' } };
  await allRefused(t, [
    ['no phone, device, position or address', bare, 'nothing-to-find-by', 'location.position'],
    ['a name alone', { ...bare, patient: { name: zhang.name } }, 'nothing-to-find-by', 'caller.phone'],
    ['a relation alone', { ...bare, caller: { relation: 'self' } }, 'nothing-to-find-by', 'device'],
    ['an empty place', { ...bare, location: {} }, 'nothing-to-find-by', 'location.address'],
    ['a withheld number', withheld, 'nothing-to-find-by', 'caller.phone'],
    ['a blank number', { ...bare, caller: { phone: '    ' } }, 'nothing-to-find-by', 'caller.phone'],
    ['a blank address', { ...bare, location: { address: ' \u3000 ' } }, 'nothing-to-find-by', 'location.address'],
    ['a number that is none', { ...bare, caller: { phone: 'anonymous' } }, 'bad-request', 'caller.phone'],
    ['latitude 139', at(116.36, 139), 'bad-request', 'location.position.lat'],
    ['a swapped pair', at(39.9, 116.36), 'bad-request', 'location.position.lat'],
    ['longitude 181', at(181, 39.9), 'bad-request', 'location.position.lon'],
    ['no latitude', at(116.36, undefined), 'bad-request', 'location.position.lat'],
    ['latitude as text', at(116.36, '39.9'), 'bad-request', 'location.position.lat'],
    ['latitude null', at(116.36, null), 'bad-request', 'location.position.lat'],
    ['an unknown system', at(116.36, 39.9, 'epsg:3857'), 'bad-request', 'location.position.crs'],
    ['no system', at(116.36, 39.9, null), 'bad-request', 'location.position.crs'],
    [
      'a negative radius',
      callFrom({ location: { address: '三里河', uncertaintyMetres: -1 } }),
      'bad-request',
      'location.uncertaintyMetres',
    ],
  ]);
  const placed = await ask('dispatcher', 'POST', '/v1/calls', { ...withheld, location: full.location });
  t.match(
    placed,
    { status: 201, body: { call: { flags: ['caller-phone-unrecognised'] } } },
    'withheld, but at a place',
  );
});

t.test('outside the service area: accepted and flagged', async (t) => {
  for (const [name, call] of Object.entries({
    Shanghai: at(121.47, 31.23),
    'the equator': at(0, 0),
    'a pole': at(180, -90),
    'the rim of where GCJ-02 applies': at(72.0041, 40, 'gcj02'),
    'a pair swapped where both could be latitudes': at(39.9, 89.9, 'bd09'),
  })) {
    const { status, body } = await ask('dispatcher', 'POST', '/v1/calls', call);
    t.equal(status, 201, name);
    t.ok(body.call.flags.includes('outside-service-area'), name);
  }
});

t.test('times no call can have', async (t) => {
  const received = (receivedAt: unknown) => callFrom({ receivedAt });
  await allRefused(t, [
    ['two minutes ahead', received(ago(-120_000)), 'received-in-future', 'receivedAt'],
    ['next year', received('2027-03-02T10:00:00+08:00'), 'received-in-future', 'receivedAt'],
    ['the end of time', received('9999-12-31T23:59:59-15:00'), 'received-in-future', 'receivedAt'],
    ['25 hours ago', received(ago(25 * HOUR)), 'received-too-long-ago', 'receivedAt'],
    ['without an offset', received('2026-03-02T10:00:00'), 'bad-request', 'receivedAt'],
    ['an offset of 23 hours', received('2026-03-02T10:00:00+23:00'), 'bad-request', 'receivedAt'],
    ['30 February', received('2026-02-30T10:00:00Z'), 'bad-request', 'receivedAt'],
    ['a number', received(NOW), 'bad-request', 'receivedAt'],
  ]);
  for (const good of [ago(-30_000), ago(23 * HOUR)])
    t.equal((await post(JSON.stringify(received(good)))).statusCode, 201, `${good} is within bounds`);
});

t.test('words nobody knows', async (t) => {
  await allRefused(t, [
    ['complaint', callFrom({ complaint: { code: 'ennui' } }), 'bad-request', 'complaint.code'],
    ['complaint missing', callFrom({ complaint: undefined }), 'bad-request', 'complaint'],
    ['channel', callFrom({ channel: 'pigeon' }), 'bad-request', 'channel'],
    ['channel missing', callFrom({ channel: undefined }), 'bad-request', 'channel'],
    ['relation', callFrom({ caller: { phone: '120', relation: 'enemy' } }), 'bad-request', 'caller.relation'],
    ['source', callFrom({ location: { address: '三里河', source: 'gossip' } }), 'bad-request', 'location.source'],
    [
      'a question not asked',
      callFrom({ complaint: { code: 'fall', answers: { favouriteColour: 'red' } } }),
      'invalid-field',
      'complaint.answers.favouriteColour',
    ],
    [
      'an answer not offered',
      callFrom({ complaint: { code: 'fall', answers: { conscious: 'perhaps' } } }),
      'invalid-field',
      'complaint.answers.conscious',
    ],
    [
      'constructor as a question',
      callFrom({ complaint: { code: 'fall', answers: { constructor: 'yes' } } }),
      'invalid-field',
      'complaint.answers.constructor',
    ],
  ]);
});

t.test('a citizen number with a wrong check digit, date or length is not repeated', async (t) => {
  const before = await digestOf(db);
  for (const idNumber of ['110102194103020024', '110102194113020023', '11010219410302002', '11010219410302002Z', 'x']) {
    const answer = await post(JSON.stringify(callFrom({ patient: { idNumber } })));
    refused(t, idNumber, answer, { status: 422, code: 'bad-citizen-number', field: 'patient.idNumber' });
    if (idNumber.length > 1) t.notMatch(answer.body, idNumber);
  }
  t.same(await digestOf(db), before, 'nothing was stored');
});

t.test('fields nobody knows, at every depth', async (t) => {
  const cases = [...objectsIn(full)].map((path) => {
    // Answers are words of the complaint, checked against its questions.
    const inAnswers = path.at(-1) === 'answers';
    const body = changed(full, path, (old) => ({ ...(old as object), extra: 'yes' }));
    return [
      `extra in ${fieldName(path)}`,
      body,
      inAnswers ? 'invalid-field' : 'bad-request',
      fieldName([...path, 'extra']),
    ] as const;
  });
  t.equal(cases.length, 8);
  await allRefused(t, cases);
  await allRefused(t, [
    ['__proto__', JSON.stringify(callFrom()).replace('{', '{"__proto__":{"channel":"phone"},'), 'bad-request', 'body'],
    [
      '__proto__ below',
      '{"channel":"phone","complaint":{"code":"fall","__proto__":{"text":"x"}}}',
      'bad-request',
      'body',
    ],
    ['constructor.prototype', '{"channel":"phone","constructor":{"prototype":{"admin":true}}}', 'bad-request', 'body'],
    ['toString', callFrom({ toString: 'x' }), 'bad-request', 'toString'],
  ]);
});

t.test('wrong types are refused, not read as something else', async (t) => {
  const patient = (value: unknown) => callFrom({ patient: { ageYears: value } });
  await allRefused(t, [
    ['age as text', patient('5'), 'bad-request', 'patient.ageYears'],
    ['age as list', patient([5]), 'bad-request', 'patient.ageYears'],
    ['age true', patient(true), 'bad-request', 'patient.ageYears'],
    ['age null', patient(null), 'bad-request', 'patient.ageYears'],
    ['age 5.5', patient(5.5), 'bad-request', 'patient.ageYears'],
    ['age -1', patient(-1), 'bad-request', 'patient.ageYears'],
    ['age 131', patient(131), 'bad-request', 'patient.ageYears'],
    ['age 10^308', patient(1e308), 'bad-request', 'patient.ageYears'],
    [
      'age 10^400',
      JSON.stringify(patient(7)).replace('"ageYears":7', '"ageYears":1e400'),
      'bad-request',
      'patient.ageYears',
    ],
    ['longitude 10^400', JSON.stringify(full).replace('116.3467', '1e400'), 'bad-request', 'location.position.lon'],
    [
      'radius 10^400',
      JSON.stringify(full).replace('"uncertaintyMetres":30', '"uncertaintyMetres":1e400'),
      'bad-request',
      'location.uncertaintyMetres',
    ],
    ['phone as number', callFrom({ caller: { phone: 13800138001 } }), 'bad-request', 'caller.phone'],
    [
      'answers as list',
      callFrom({ complaint: { code: 'fall', answers: ['yes'] } }),
      'bad-request',
      'complaint.answers',
    ],
    [
      'answer as boolean',
      callFrom({ complaint: { code: 'fall', answers: { conscious: true } } }),
      'bad-request',
      'complaint.answers.conscious',
    ],
    ['caller as text', callFrom({ caller: '13800138001' }), 'bad-request', 'caller'],
    ['location as list', callFrom({ location: [116, 39] }), 'bad-request', 'location'],
    ['a list', [callFrom()], 'bad-request', 'body'],
    ['a text', '"call"', 'bad-request', 'body'],
    ['null', 'null', 'bad-request', 'body'],
    ['nothing', '', 'bad-request', 'body'],
    [
      'an address of 301 characters',
      callFrom({ location: { address: '长'.repeat(301) } }),
      'bad-request',
      'location.address',
    ],
    [
      '41 answers',
      callFrom({
        complaint: {
          code: 'fall',
          answers: Object.fromEntries(Array.from({ length: 41 }, (_, i) => [`q${i}`, 'yes'])),
        },
      }),
      'bad-request',
      'complaint.answers',
    ],
  ]);
});

t.test('NUL and halves of surrogate pairs, in every text and as a key', async (t) => {
  const nasty = ['\0', '\ud83d', '\ude91', '\ude91\ud83d', 'a\0b'];
  const cases = [...textsIn(full)].flatMap((path) =>
    nasty.map(
      (text) =>
        [
          `${JSON.stringify(text)} in ${fieldName(path)}`,
          changed(full, path, () => text),
          'bad-request',
          fieldName(path),
        ] as const,
    ),
  );
  t.equal(cases.length, 16 * nasty.length);
  await allRefused(t, cases);
  await allRefused(t, [
    [
      'as a key',
      callFrom({ complaint: { code: 'fall', answers: { 'a\0': 'yes' } } }),
      'bad-request',
      'complaint.answers',
    ],
  ]);
});

t.test('bodies that are not JSON text of a fitting size', async (t) => {
  const before = await digestOf(db);
  const text = JSON.stringify(full);
  const cut = Buffer.from(text).subarray(0, Buffer.from(text).indexOf('张') + 1);
  const bodies: [string, Payload, ProblemCode, number][] = [
    [
      '1 MB',
      JSON.stringify(callFrom({ complaint: { code: 'fall', text: 'x'.repeat(1 << 20) } })),
      'body-too-large',
      413,
    ],
    ['1 MB of blanks', `${text}${' '.repeat(1 << 20)}`, 'body-too-large', 413],
    ['half a character', Buffer.concat([cut, Buffer.from('"}}')]), 'bad-request', 400],
    ['Latin-1', Buffer.from(text.replace('胸口疼', 'dyspnée'), 'latin1'), 'bad-request', 400],
    [
      'GBK',
      Buffer.concat([Buffer.from('{"channel":"phone","x":"'), Buffer.of(0xd5, 0xc5), Buffer.from('"}')]),
      'bad-request',
      400,
    ],
    ['UTF-16', Buffer.from(text, 'utf16le'), 'bad-request', 400],
    ['cut off', text.slice(0, -1), 'bad-request', 400],
    ['single quotes', "{'channel':'phone'}", 'bad-request', 400],
    ['NaN', text.replace('116.3467', 'NaN'), 'bad-request', 400],
    ['two values', `${text}${text}`, 'bad-request', 400],
    ['100,000 brackets', '['.repeat(100_000), 'bad-request', 400],
    ['nested 60,000 deep', `{"x":${'['.repeat(60_000)}"\\u0000"${']'.repeat(60_000)}}`, 'bad-request', 400],
    [
      '15,000 unknown fields',
      JSON.stringify(Object.fromEntries(Array.from({ length: 15_000 }, (_, i) => [`f${i}`, i]))),
      'bad-request',
      400,
    ],
  ];
  for (const [name, body, code, status] of bodies) refused(t, name, await post(body), { code, status });
  refused(t, 'text/plain', await post(text, { 'content-type': 'text/plain' }), {
    code: 'unsupported-media-type',
    status: 415,
  });
  refused(t, 'a form', await post('a=b', { 'content-type': 'application/x-www-form-urlencoded' }), {
    code: 'unsupported-media-type',
    status: 415,
  });
  t.same(await digestOf(db), before, 'nothing was stored');
});

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
