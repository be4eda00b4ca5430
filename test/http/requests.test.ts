/** Bad requests: each gets a problem that names the field, none a 500, and no text of an error leaves. */
import { connect } from 'node:net';
import t, { type Test } from 'tap';
import { Type } from 'typebox';
import { Problem } from '../../src/domain/errors.ts';
import { isDatabaseDown, toProblem } from '../../src/http/problems.ts';
import { serviceWithoutDatabase } from './support.ts';

const Body = Type.Object(
  {
    count: Type.Integer({ maximum: 9 }),
    day: Type.Optional(Type.String({ format: 'date' })),
    at: Type.Optional(Type.String({ format: 'date-time' })),
    kind: Type.Optional(Type.Unsafe<string>({ type: 'string', enum: ['a', 'b'] })),
    text: Type.Optional(Type.String()),
    parts: Type.Optional(
      Type.Array(Type.Object({ lat: Type.Number({ maximum: 90 }) }, { additionalProperties: false })),
    ),
  },
  { additionalProperties: false },
);

/** One for all that only asks. */
async function service(t: Test) {
  const built = await serviceWithoutDatabase(t);
  built.app.post('/things', { config: { access: ['dispatcher'] }, schema: { body: Body } }, async ({ body }) => body);
  built.app.get(
    '/things/:id',
    {
      config: { access: 'public' },
      schema: { querystring: Type.Object({ limit: Type.Integer({ maximum: 9 }) }, { additionalProperties: false }) },
    },
    async ({ query }) => query,
  );
  const headers = { ...(await built.bearer('dispatcher')), 'content-type': 'application/json' };
  const post = (payload: string | Buffer | object, more: object = {}) =>
    built.app.inject({ method: 'POST', url: '/things', payload, headers: { ...headers, ...more } });
  return { ...built, post };
}
const { app, post } = await service(t);

t.test('a body is taken as it is or refused', async (t) => {
  const good = {
    count: 1,
    day: '2024-02-29',
    at: '2026-03-02T08:00:00.123+08:00',
    kind: 'a',
    text: '李',
    parts: [{ lat: 1 }],
  };
  const answer = await post(good);
  t.equal(answer.statusCode, 200);
  t.same(answer.json(), good);
});

t.test('each offending field is named', async (t) => {
  const cases: [body: unknown, ...fields: string[]][] = [
    [{ count: '1' }, 'count'],
    [{ count: 1.5 }, 'count'],
    [{ count: 10 }, 'count'],
    [{}, 'count'],
    [{ count: 1, extra: true }, 'extra'],
    [{ count: null, extra: true, kind: 'c' }, 'count', 'extra', 'kind'],
    [{ count: 1, parts: [{ lat: 1 }, { lat: 139, lon: 1 }] }, 'parts[1].lat', 'parts[1].lon'],
    [[], 'body'],
    [7, 'body'],
    [null, 'body'],
    ...['2026-02-30', '2023-02-29', '0000-01-01', '1799-12-31', '2026-13-01', '2026-1-1', ''].map(
      (day): [unknown, string] => [{ count: 1, day }, 'day'],
    ),
    ...[
      '2026-03-02T08:00:00',
      '2026-02-30T08:00:00Z',
      '2026-03-02T24:00:00Z',
      '2026-12-31T23:59:60Z',
      '0000-01-01T00:00:00Z',
      '2026-03-02 08:00:00Z',
      '2026-03-02T08:00:00+25:00',
      'now',
    ].map((at): [unknown, string] => [{ count: 1, at }, 'at']),
  ];
  for (const [body, ...fields] of cases) {
    const answer = await post(JSON.stringify(body));
    const name = JSON.stringify(body);
    t.equal(answer.statusCode, 400, name);
    t.equal(answer.headers['content-type'], 'application/problem+json', name);
    const problem = answer.json<{ code: string; status: number; fields: { field: string }[] }>();
    t.match(problem, { code: 'bad-request', status: 400 }, name);
    t.same(problem.fields.map(({ field }) => field).sort(), fields.sort(), name);
  }
});

t.test('refusals do not repeat values, and name twenty fields at most', async (t) => {
  t.notMatch((await post({ count: '13800138000', kind: '13800138000', text: 1 })).body, '13800138000');
  const many = Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`field${index}`, 1]));
  t.equal((await post(many)).json<{ fields: unknown[] }>().fields.length, 20);
});

t.test('what is no JSON text', async (t) => {
  const cases: Record<string, string | Buffer> = {
    'broken JSON': '{"count":1',
    'invalid UTF-8': Buffer.concat([Buffer.from('{"count":1,"text":"'), Buffer.of(0xc3, 0x28), Buffer.from('"}')]),
    'an overlong encoding': Buffer.concat([
      Buffer.from('{"count":1,"text":"'),
      Buffer.of(0xc0, 0x80),
      Buffer.from('"}'),
    ]),
    NUL: '{"count":1,"text":"a\\u0000b"}',
    'half a surrogate pair': '{"count":1,"text":"\\ud83d"}',
    'the other half': '{"count":1,"text":"\\uDE91"}',
    'a prototype': '{"count":1,"__proto__":{"text":"x"}}',
    'a constructor': '{"count":1,"constructor":{"prototype":{}}}',
    'a key twice': '{"count":1,"text":"no","text":"yes"}',
    'nested without end': `{"count":1,"text":${'['.repeat(50_000)}${']'.repeat(50_000)}}`,
    'no body': '',
  };
  for (const [name, body] of Object.entries(cases)) {
    const answer = await post(body);
    t.equal(answer.statusCode, 400, name);
    t.match(answer.json(), { code: 'bad-request', fields: [{ field: String }] }, name);
  }
  const whole = await post('{"count":1,"text":"\\ud83d\\ude91 \\\\u0000"}');
  t.equal(whole.json<{ text: string }>().text, '🚑 \\u0000', 'a whole pair and an escaped backslash are text');
});

t.test('size, type, path, method and query', async (t) => {
  const large = await post(JSON.stringify({ count: 1, text: 'x'.repeat(1_000_000) }));
  t.match({ status: large.statusCode, ...large.json<object>() }, { status: 413, code: 'body-too-large' });
  for (const type of ['text/plain', 'application/xml', 'application/x-www-form-urlencoded', 'multipart/form-data']) {
    const answer = await post('count=1', { 'content-type': type });
    t.match(
      { status: answer.statusCode, ...answer.json<object>() },
      { status: 415, code: 'unsupported-media-type' },
      type,
    );
  }
  for (const url of ['/%zz', `/things/${'x'.repeat(201)}`])
    t.match((await app.inject(url)).json(), { fields: [{ field: 'path' }] }, 'says what cannot be read');
  const cases: [method: 'GET' | 'PUT' | 'DELETE', url: string, status: number, code: string][] = [
    ['GET', '/nothing', 404, 'not-found'],
    ['GET', '/things', 405, 'method-not-allowed'],
    ['DELETE', '/things/7', 405, 'method-not-allowed'],
    ['GET', '/%zz', 400, 'bad-request'],
    ['GET', '/things/%c3%28?limit=1', 400, 'bad-request'],
    ['GET', '/things/a%00b?limit=1', 400, 'bad-request'],
    ['GET', `/things/${'x'.repeat(201)}?limit=1`, 400, 'bad-request'],
    ['GET', '/things/7?limit=many', 400, 'bad-request'],
    ['GET', '/things/7?limit=', 400, 'bad-request'],
    ['GET', '/things/7?limit=1&limit=2', 400, 'bad-request'],
    ['GET', '/things/7?limit=1&more=2', 400, 'bad-request'],
  ];
  for (const [method, url, status, code] of cases) {
    const answer = await app.inject({ method, url });
    t.match({ status: answer.statusCode, ...answer.json<object>() }, { status, code }, `${method} ${url.slice(0, 40)}`);
    t.equal(answer.headers['content-type'], 'application/problem+json');
  }
  t.equal((await app.inject({ method: 'PUT', url: '/things' })).headers.allow, 'POST');
  t.same((await app.inject('/things/7?limit=3')).json(), { limit: 3 }, 'a query string is read by its schema');
});

t.test('what is no HTTP request is answered as a problem too', async (t) => {
  const { app } = await service(t);
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as { port: number };
  const send = (text: string) =>
    new Promise<string>((resolve, reject) => {
      const socket = connect(port, '127.0.0.1', () => socket.write(text));
      let answer = '';
      socket.on('data', (chunk) => {
        answer += String(chunk);
      });
      socket.on('end', () => resolve(answer)).on('error', reject);
    });
  t.match(await send('NONSENSE\r\n\r\n'), /^HTTP\/1\.1 400 [\s\S]*problem\+json[\s\S]*"code":"bad-request"/);
  const overflow = await send(`GET /health/live HTTP/1.1\r\nhost: x\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`);
  t.match(overflow, /^HTTP\/1\.1 431 [\s\S]*problem\+json[\s\S]*"code":"headers-too-large"/);
});

t.test('failures: the database as 503, the unknown as 500 without its text', async (t) => {
  const { app, deps, lines } = await serviceWithoutDatabase(t);
  const config = { access: 'public' } as const;
  app.get('/asks', { config }, async () => deps.db.query({ text: 'SELECT 1' }));
  app.get('/breaks', { config }, async () => {
    throw Object.assign(new Error('Key (phone)=(+8613800138000) already exists'), {
      detail: '+8613800138000',
      code: '23505',
    });
  });
  const asked = await app.inject('/asks');
  t.equal(asked.statusCode, 503);
  t.match(asked.json(), { code: 'database-unavailable' });
  t.ok(Number(asked.headers['retry-after']) > 0);
  const broken = await app.inject('/breaks');
  t.equal(broken.statusCode, 500);
  t.match(broken.json(), { code: 'internal', instance: `urn:request:${String(broken.headers['x-request-id'])}` });
  t.notMatch(broken.body, '13800138000');
  const log = lines.join('');
  t.notMatch(log, '13800138000');
  t.match(log, String(broken.headers['x-request-id']), 'the log has the request');
  t.match(log, '"code":"23505"', 'and the kind of failure');
});

t.test('which failures mean that the database is away', (t) => {
  const coded = (code: string) => Object.assign(new Error('x'), { code });
  for (const code of ['08006', '08P01', '57P01', '57P03', '53300', '57014', '25006', 'ECONNREFUSED', 'ECONNRESET']) {
    t.equal(toProblem(coded(code)).code, 'database-unavailable', code);
  }
  for (const message of ['Connection terminated unexpectedly', 'timeout exceeded when trying to connect']) {
    t.ok(isDatabaseDown(new Error('load failed', { cause: new Error(message) })), message);
  }
  for (const code of ['23505', '22P02', '42601', '40001', 'ERR_INVALID_ARG_TYPE']) {
    t.equal(toProblem(coded(code)).code, 'internal', code);
  }
  t.equal(toProblem(coded('40P01')).status, 503, 'the loser of a deadlock is told to come again');
  const own = new Problem('call-ended');
  t.equal(toProblem(own), own);
  t.end();
});
