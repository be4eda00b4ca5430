/** Around the routes: headers, logs, health, metrics, the API's description, and an orderly end. */
import { EventEmitter, once } from 'node:events';
import { connect } from 'node:net';
import t from 'tap';
import { Type } from 'typebox';
import { describeError } from '../../src/http/log.ts';
import { serviceWithoutDatabase } from './support.ts';

t.test('every answer forbids inline scripts, foreign frames and caching, and names the request', async (t) => {
  const { app } = await serviceWithoutDatabase(t);
  for (const url of ['/health/live', '/docs', '/nothing']) {
    const { headers } = await app.inject(url);
    const policy = String(headers['content-security-policy']);
    t.match(policy, "default-src 'self'");
    t.match(policy, "frame-ancestors 'self'");
    t.notMatch(policy, 'unsafe');
    t.equal(headers['x-content-type-options'], 'nosniff');
    t.equal(headers['cache-control'], 'no-store');
    t.match(headers['x-request-id'], /^[0-9a-f-]{36}$/);
    t.notOk(headers['x-powered-by']);
  }
});

t.test('of other hosts only the chosen one may be asked, for the pictures of a map', async (t) => {
  const policy = async (env: Record<string, string>) => {
    const { app } = await serviceWithoutDatabase(t, env);
    return String((await app.inject('/health/live')).headers['content-security-policy']);
  };
  const own = await policy({});
  t.notMatch(own, /https?:/);
  const MAP_TILES_URL = 'https://tiles.example:8443/a/{z}/{x}/{y}.png?key=k';
  const extended = await policy({ MAP_TILES_URL, MAP_TILES_ATTRIBUTION: '© somebody' });
  t.equal(extended.replaceAll(' https://tiles.example:8443', ''), own, 'nothing else is opened');
  t.match(extended, /connect-src 'self' https:\/\/tiles\.example:8443;/);
  t.match(extended, /img-src [^;]* https:\/\/tiles\.example:8443(?:;|$)/);
});

t.test('logs hold the route, never the URL, the token or what was asked for', async (t) => {
  const { app, lines, bearer } = await serviceWithoutDatabase(t, { LOG_LEVEL: 'trace' });
  app.get(
    '/residents/:residentId',
    {
      config: { access: ['dispatcher'] },
      schema: { querystring: Type.Object({ phone: Type.String(), q: Type.String() }) },
    },
    async (request) => {
      request.log.info(
        { phone: '+8613800138000', patient: { name: '王芳', idNumber: '11010219410302001X' } },
        'careless',
      );
      request.log
        .child({ phone: '+8613800138000' })
        .info({ found: [{ patient: { address: '王芳家' } }] }, 'and deeper');
      request.log.info({ req: request.raw, headers: { authorization: request.headers.authorization } }, 'more so');
      throw new SyntaxError('Unexpected token in "+8613800138000"');
    },
  );
  const headers = await bearer('dispatcher', 'desk-3');
  const url = '/residents/r-13800138000?phone=%2B8613800138000&q=王芳'.replace('王芳', encodeURIComponent('王芳'));
  t.equal((await app.inject({ url, headers })).statusCode, 500);
  await app.inject({ url: `${url}&ticket=secret-ticket`, headers: { authorization: 'Bearer a.secret-token.c' } });
  await app.inject(`/nothing/13800138000?phone=13800138000`);
  const log = lines.join('');
  t.match(log, '"route":"/residents/:residentId"');
  t.match(log, '"role":"dispatcher"');
  t.match(log, '"code":"internal"');
  t.match(log, '"route":"unmatched"');
  const [, payload = ''] = headers.authorization.split('.');
  for (const secret of [
    '13800138000',
    '王芳',
    encodeURIComponent('王芳'),
    '11010219410302001X',
    payload,
    'secret',
    'Unexpected token',
  ]) {
    t.notOk(log.includes(secret), `not ${secret.slice(0, 20)}`);
  }
});

t.test('an error in the log keeps its kind, code and place', (t) => {
  const cause = Object.assign(new Error('Key (name)=(王芳) exists'), {
    code: '23505',
    constraint: 'residents_pkey',
    table: 'residents',
  });
  const described = describeError(new Error('filing 王芳', { cause }));
  t.match(described, {
    kind: 'Error',
    stack: [/log|around|at /],
    cause: { code: '23505', constraint: 'residents_pkey' },
  });
  t.notMatch(JSON.stringify(described), '王芳');
  t.match(
    describeError(new TypeError('x is not a function')),
    { message: 'x is not a function' },
    "the engine's own words stay",
  );
  t.end();
});

t.test('health names each dependency; only a required one makes the service not ready', async (t) => {
  const up = { name: 'database', required: true, check: async () => {} };
  const queues = { name: 'queues', required: false, check: () => Promise.reject(new Error('gone')) };
  const ready = async (dependencies: (typeof up)[]) => {
    const { app } = await serviceWithoutDatabase(t, {}, { dependencies });
    const answer = await app.inject('/health/ready');
    return [answer.statusCode, answer.json()];
  };
  t.same(await ready([up]), [200, { status: 'ready', dependencies: { database: 'up' } }]);
  t.same(await ready([up, queues]), [200, { status: 'degraded', dependencies: { database: 'up', queues: 'down' } }]);
  const { app } = await serviceWithoutDatabase(t);
  const answer = await app.inject('/health/ready');
  t.same([answer.statusCode, answer.json()], [503, { status: 'not-ready', dependencies: { database: 'down' } }]);
  t.same((await app.inject('/health/live')).json(), { status: 'live' }, 'alive all the same');
});

t.test('metrics count requests by route pattern', async (t) => {
  const { app } = await serviceWithoutDatabase(t);
  app.get('/residents/:residentId', { config: { access: 'public' } }, async () => ({}));
  await app.inject('/residents/r-13800138000');
  await app.inject('/guess/13800138000');
  const { body, headers } = await app.inject('/metrics');
  t.match(headers['content-type'], 'text/plain');
  t.match(body, 'http_request_duration_seconds_count{method="GET",route="/residents/:residentId",status="200"} 1');
  t.match(body, 'route="unmatched",status="404"');
  t.match(body, 'process_resident_memory_bytes');
  t.notMatch(body, '13800138000');
});

t.test('the description is OpenAPI from the schemas, with the roles', async (t) => {
  const { app } = await serviceWithoutDatabase(t);
  app.get('/mine', { config: { access: ['crew'] }, schema: { description: 'One.' } }, async () => ({}));
  const document = (await app.inject('/docs/json')).json();
  t.match(document.paths['/v1/residents/import'].post.requestBody.content, {
    'application/x-ndjson': { schema: { type: 'string', description: /one resident a line/ } },
  });
  t.match(document, {
    openapi: '3.1.0',
    paths: { '/mine': { get: { description: 'One. For: crew.' } }, '/health/ready': { get: { security: [] } } },
  });
});

t.test('closing answers what is under way and refuses what comes after', async (t) => {
  const { app } = await serviceWithoutDatabase(t);
  const signals = new EventEmitter();
  app.get('/slow', { config: { access: 'public' } }, async () => {
    setImmediate(() => signals.emit('entered'));
    await once(signals, 'release');
    return { done: true };
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as { port: number };
  const socket = connect(port, '127.0.0.1');
  let answers = '';
  socket.on('data', (chunk) => {
    answers += String(chunk);
  });
  const request = (path: string) => `GET ${path} HTTP/1.1\r\nhost: x\r\n\r\n`;
  const entered = once(signals, 'entered');
  socket.write(request('/slow'));
  await entered;
  const closed = app.close();
  const read = once(app.server, 'request');
  socket.write(request('/health/live')); // read while the first is still being answered
  await read;
  signals.emit('release');
  await once(socket, 'close');
  await closed;
  t.match(answers, '{"done":true}');
  t.match(answers, /HTTP\/1\.1 503 [\s\S]*"code":"shutting-down"/);
});
