/** Calls as no caller, console or gateway should send them: each refused with the field named, and nothing stored. */
import t from 'tap';
import type { ProblemCode } from '../../src/domain/errors.ts';
import { callFrom, chestPain, zhang } from '../support/people.ts';
import { NOW } from '../support/service.ts';
import { ago, openDesk } from './desk.ts';
import { changed, digestOf, fieldName, objectsIn, refused, textsIn } from './support.ts';

const { db, ask, post } = await openDesk(t);
type Payload = string | Buffer;
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
    ['the end of 9999', received('9999-12-31T23:59:59Z'), 'received-in-future', 'receivedAt'],
    ['beyond the year 9999', received('9999-12-31T23:59:59-15:00'), 'bad-request', 'receivedAt'],
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
