/** Who may what: every route the service has, for every role and for nobody, against this table. */
import t from 'tap';
import { type Role, roles } from '../../src/domain/vocabulary.ts';
import type { Access } from '../../src/http/access.ts';
import { serviceWithoutDatabase } from './support.ts';

/** Written by hand, not derived: a new route fails this test until somebody has thought about who may use it. */
const expected: Readonly<Record<string, Access>> = {
  'GET /docs': 'public',
  'GET /docs/json': 'public',
  'GET /docs/yaml': 'public',
  'GET /docs/static/*': 'public',
  'GET /docs/static/index.html': 'public',
  'GET /docs/static/swagger-initializer.js': 'public',
  'GET /health/live': 'public',
  'GET /health/ready': 'public',
  'GET /metrics': 'public',
  'GET /': 'public',
  'GET /page/:file': 'public',
  'POST /v1/demo-session': 'public',
  'GET /v1/demo/day': ['dispatcher', 'admin'],
  'PUT /v1/demo/day': ['dispatcher', 'admin'],
  'GET /v1/live': 'public', // checks token or ticket itself
  'POST /v1/live-tickets': roles,
  'POST /v1/calls': ['dispatcher', 'admin'],
  'PATCH /v1/calls/:callId': ['dispatcher', 'admin'],
  'GET /v1/calls': ['dispatcher', 'admin'],
  'GET /v1/calls/:callId': ['dispatcher', 'admin'],
  'POST /v1/call-previews': ['dispatcher', 'admin'],
  'GET /v1/calls/:callId/routes': ['dispatcher', 'admin'],
  'GET /v1/units/:unitId/call': ['crew', 'dispatcher', 'admin'],
  'POST /v1/calls/:callId/assignments': ['dispatcher', 'admin'],
  'DELETE /v1/calls/:callId/assignments/:unitId': ['dispatcher', 'admin'],
  'POST /v1/calls/:callId/close': ['dispatcher', 'admin'],
  'POST /v1/calls/:callId/cancel': ['dispatcher', 'admin'],
  'POST /v1/calls/:callId/responder-arrivals': ['dispatcher', 'admin'],
  'POST /v1/units/:unitId/status': ['crew', 'dispatcher', 'admin'],
  'POST /v1/units/:unitId/time-points': ['crew', 'dispatcher', 'admin'],
  'POST /v1/calls/:callId/locate-requests': ['dispatcher', 'crew', 'admin'],
  'GET /v1/calls/:callId/likely-places': ['dispatcher', 'crew', 'centre', 'admin'],
  'GET /v1/locate-requests': ['dispatcher', 'crew', 'centre', 'admin'],
  'GET /v1/locate-requests/:locateRequestId': ['dispatcher', 'crew', 'centre', 'admin'],
  'POST /v1/locate-requests/:locateRequestId/accept': ['centre'],
  'POST /v1/locate-requests/:locateRequestId/decline': ['centre'],
  'POST /v1/locate-requests/:locateRequestId/answer': ['centre'],
  'POST /v1/locate-requests/:locateRequestId/search-on': ['dispatcher', 'crew', 'admin'],
  'POST /v1/locate-requests/:locateRequestId/close': ['centre', 'dispatcher', 'admin'],
  'POST /v1/confirmed-places/:placeId/refute': ['dispatcher', 'crew', 'centre', 'admin'],
  'PUT /v1/locate-desks/:centreId': ['admin'],
  'GET /v1/locate-desks/:centreId': ['admin', 'centre'],
  'PUT /v1/locate-duties/:subdistrictCode': ['admin'],
  'GET /v1/locate-duties/:subdistrictCode': ['admin', 'dispatcher'],
  'PUT /v1/residents/:residentId': ['registry', 'admin'],
  'GET /v1/residents/:residentId': ['registry', 'dispatcher', 'doctor', 'admin'],
  'GET /v1/residents': ['dispatcher'],
  'POST /v1/residents/import': ['registry', 'admin'],
  'GET /v1/unmapped-codes': ['registry', 'admin'],
  'POST /fhir': ['registry', 'hospital', 'admin'],
  'GET /fhir/metadata': 'public',
  'GET /fhir/:type': ['registry', 'dispatcher', 'crew', 'hospital', 'doctor', 'admin'],
  'POST /fhir/:type/_search': ['registry', 'dispatcher', 'crew', 'hospital', 'doctor', 'admin'],
  'GET /fhir/:type/:id': ['registry', 'dispatcher', 'crew', 'hospital', 'doctor', 'admin'],
  'GET /fhir/Patient/:id/$everything': ['registry', 'dispatcher', 'crew', 'hospital', 'doctor', 'admin'],
  'GET /fhir/Patient/:id/$summary': ['registry', 'dispatcher', 'crew', 'hospital', 'doctor', 'admin'],
  'GET /v1/platform-deliveries': ['registry', 'admin'],
  'GET /v1/platform-deliveries/:deliveryId': ['registry', 'admin'],
  'POST /v1/platform-deliveries/:deliveryId/replay': ['registry', 'admin'],
  'POST /v1/platform-deliveries/:deliveryId/discard': ['registry', 'admin'],
  'PUT /v1/units/:unitId': ['admin'],
  'GET /v1/units': ['dispatcher', 'crew', 'planner', 'admin'],
  'POST /v1/positions': ['crew', 'dispatcher', 'admin'],
  'PUT /v1/calls/:callId/care-record': ['crew', 'admin'],
  'GET /v1/calls/:callId/care-record': ['crew', 'hospital', 'doctor', 'dispatcher', 'admin'],
  'PUT /v1/calls/:callId/care-record/attachments/:attachmentId': ['crew', 'admin'],
  'GET /v1/calls/:callId/care-record/attachments/:attachmentId': ['crew', 'hospital', 'doctor', 'dispatcher', 'admin'],
  'POST /v1/calls/:callId/outcome': ['hospital', 'admin'],
  'POST /v1/outcomes': ['hospital', 'admin'],
  'GET /v1/outcomes': ['hospital', 'registry', 'admin'],
  'GET /v1/outcomes/:outcomeId': ['hospital', 'registry', 'admin'],
  'POST /v1/outcomes/:outcomeId/link': ['registry', 'admin'],
  'POST /v1/outcomes/:outcomeId/dismiss': ['registry', 'admin'],
  'GET /v1/follow-ups': ['doctor', 'centre', 'admin'],
  'POST /v1/follow-ups/:followUpId/complete': ['doctor', 'centre', 'admin'],
  'GET /v1/resident-calls': ['doctor', 'centre', 'admin'],
  'GET /v1/follow-up-plan': ['doctor', 'centre', 'hospital', 'planner', 'registry', 'dispatcher', 'admin'],
  'GET /v1/continuity': ['planner', 'dispatcher', 'admin'],
  'GET /v1/response-times': ['planner', 'dispatcher', 'admin'],
  'PUT /v1/responders/:responderId': ['admin'],
  'GET /v1/responders': ['dispatcher', 'planner', 'admin'],
  'GET /v1/calls/:callId/responders': ['dispatcher', 'admin'],
  'POST /v1/calls/:callId/responder-alerts': ['dispatcher', 'admin'],
  'POST /v1/responder-alerts/:alertId/accept': ['dispatcher', 'admin'],
  'POST /v1/responder-alerts/:alertId/decline': ['dispatcher', 'admin'],
  'POST /v1/responder-alerts/:alertId/on-scene': ['dispatcher', 'admin'],
  'POST /v1/responder-alerts/:alertId/stand-down': ['dispatcher', 'admin'],
  'GET /respond': 'public',
  'GET /respond.js': 'public',
  'GET /respond.css': 'public',
  'POST /v1/responder-answers': 'public', // the key in the body is the right to answer
  'GET /v1/redeployments': ['dispatcher', 'planner', 'admin'],
  'POST /v1/redeployments/:redeploymentId/accept': ['dispatcher', 'admin'],
  'POST /v1/redeployments/:redeploymentId/refuse': ['dispatcher', 'admin'],
  'POST /v1/simulations': ['planner', 'admin'],
  'GET /v1/simulations': ['planner', 'admin'],
  'GET /v1/simulations/:simulationId': ['planner', 'admin'],
  'DELETE /v1/simulations/:simulationId': ['planner', 'admin'],
  'GET /v1/response-times.csv': ['planner', 'dispatcher', 'admin'],
  'GET /v1/response-times/legs': ['planner', 'dispatcher', 'admin'],
  'GET /v1/response-times/late-calls': ['planner', 'dispatcher', 'admin'],
  'GET /v1/response-times/hexagons': ['planner', 'dispatcher', 'admin'],
  'GET /v1/coverage': ['planner', 'dispatcher', 'admin'],
  'POST /v1/siting-plans': ['planner', 'admin'],
  'GET /v1/siting-plans': ['planner', 'admin'],
  'GET /v1/siting-plans/:planId': ['planner', 'admin'],
  'GET /v1/siting-plans/:planId/map': ['planner', 'admin'],
  'DELETE /v1/siting-plans/:planId': ['planner', 'admin'],
  'PUT /v1/places/:placeId': ['admin'],
  'GET /v1/places': roles,
  'GET /v1/areas': roles,
  'GET /v1/reach': ['dispatcher', 'planner', 'admin'],
  'GET /v1/tiles/:layer/:z/:x/:y': roles,
  'GET /v1/map-background': roles,
  'GET /v1/complaints': roles,
  'GET /v1/protocol': roles,
  'GET /v1/care-kit': roles,
};

/** Routes that answer a deadline with a call: no limit may ever hold them up. */
const intake = ['POST /v1/calls', 'PATCH /v1/calls/:callId', 'POST /v1/call-previews'];

/** One for all that only asks; whoever adds a route has one of their own. */
const { app, bearer } = await serviceWithoutDatabase(t);
await app.ready();

t.test('the table holds every route', async (t) => {
  const actual = app.routeTable
    .filter(({ method, url }) => method !== 'HEAD' || !app.hasRoute({ method: 'GET', url }))
    .map(({ method, url, access }) => [`${method} ${url}`, access === 'public' ? access : [...access].sort()]);
  t.same(
    Object.fromEntries(actual),
    Object.fromEntries(
      Object.entries(expected).map(([route, access]) => [route, access === 'public' ? access : [...access].sort()]),
    ),
  );
});

t.test('every route lets in its roles and nobody else', async (t) => {
  const headers = new Map(await Promise.all(roles.map(async (role) => [role, await bearer(role)] as const)));
  for (const { method, url, access } of app.routeTable) {
    const path = url.replaceAll(/:\w+|\*/g, 'x');
    const asked = async (role?: Role) =>
      (await app.inject({ method: method as 'GET', url: path, headers: role ? headers.get(role) : {} })).statusCode;
    if (access === 'public') {
      t.notOk([401, 403].includes(await asked()), `${method} ${url}: public`);
      continue;
    }
    t.equal(await asked(), 401, `${method} ${url}: nobody`);
    for (const role of roles) {
      const status = await asked(role);
      if (access.includes(role)) t.notOk([401, 403, 404, 405, 500].includes(status), `${method} ${url}: ${role} may`);
      else t.equal(status, 403, `${method} ${url}: ${role} may not`);
    }
  }
});

t.test('a registry comes as NDJSON or not at all', async (t) => {
  const headers = await bearer('registry');
  const send = async (type: string, payload: string) => {
    const answer = await app.inject({
      method: 'POST',
      url: '/v1/residents/import',
      headers: { ...headers, 'content-type': type },
      payload,
    });
    return [answer.statusCode, answer.json<{ code: string }>().code];
  };
  t.same(await send('application/json', '{"residentId":"r-1"}'), [415, 'unsupported-media-type']);
  t.same(await send('text/csv', 'r-1'), [415, 'unsupported-media-type']);
  const bare = await app.inject({ method: 'POST', url: '/v1/residents/import', headers });
  t.same([bare.statusCode, bare.json<{ code: string }>().code], [415, 'unsupported-media-type'], 'no body at all');
});

t.test('a route that names nobody does not start', async (t) => {
  const { app } = await serviceWithoutDatabase(t);
  // @ts-expect-error the type asks for it as well
  t.throws(() => app.get('/forgotten', { config: {} }, async () => ''), /GET \/forgotten does not say who may use it/);
  t.throws(() => app.get('/forgotten', async () => ''), /does not say/);
  t.throws(() => app.get('/nobody', { config: { access: [] } }, async () => ''), /does not say/);
  t.throws(
    () => app.get('/docs-not', async () => ''),
    /does not say/,
    'a name that only begins like the documentation',
  );
});

t.test('tokens as they come', async (t) => {
  const { app, time, bearer } = await serviceWithoutDatabase(t);
  app.get('/who', { config: { access: ['crew', 'doctor'] } }, async ({ actor }) => actor);
  const crew = await bearer('crew', 'u-7');
  const ask = (authorization?: string) => app.inject({ url: '/who', headers: authorization ? { authorization } : {} });
  t.same((await ask(crew.authorization)).json(), { role: 'crew', subject: 'u-7' });
  t.same((await ask(crew.authorization)).json(), { role: 'crew', subject: 'u-7' }, 'a second time, from memory');
  t.same((await ask(crew.authorization.replace('Bearer', 'bearer'))).statusCode, 200);

  const planner = await ask((await bearer('planner')).authorization);
  t.match({ status: planner.statusCode, ...planner.json<object>() }, { status: 403, code: 'forbidden' });
  for (const given of [
    undefined,
    'Basic YTpi',
    'Bearer',
    'Bearer x',
    `${crew.authorization}x`,
    `${crew.authorization} x`,
  ]) {
    const answer = await ask(given);
    t.match({ status: answer.statusCode, ...answer.json<object>() }, { status: 401, code: 'unauthenticated' });
    t.equal(answer.headers['www-authenticate'], 'Bearer');
  }
  time.now += 3_600_000;
  t.equal((await ask(crew.authorization)).statusCode, 401, 'an hour later it has expired, remembered or not');
  t.equal((await app.inject({ url: '/who?token=x' })).statusCode, 401, 'tokens in URLs are not read');
});

t.test("a role of one's choice: in the demonstration, on this machine, and nowhere else", async (t) => {
  const ask = (headers: Record<string, string> = {}, more: object = {}) =>
    app.inject({
      method: 'POST',
      url: '/v1/demo-session',
      headers: { host: '127.0.0.1:8120', ...headers },
      payload: { role: 'planner', subject: 'p-1' },
      ...more,
    });
  const { token } = (await ask()).json<{ token: string }>();
  t.same((await ask({ host: 'localhost:8120' })).statusCode, 201);
  t.same((await ask({ host: '[::1]:8120' })).statusCode, 201);
  const units = await app.inject({ url: '/v1/units', headers: { authorization: `Bearer ${token}` } });
  t.notOk([401, 403].includes(units.statusCode), 'and the token is good');
  const handedOn: Record<string, string>[] = [
    { host: 'rebound.example' },
    { 'x-forwarded-for': '203.0.113.9' },
    { forwarded: 'for=203.0.113.9' },
  ];
  for (const headers of handedOn) {
    t.equal((await ask(headers)).statusCode, 403, JSON.stringify(headers));
  }
  t.equal((await ask({}, { remoteAddress: '203.0.113.9' })).statusCode, 403, 'from elsewhere');
  t.equal((await ask({}, { payload: { role: 'root' } })).statusCode, 400);

  const elsewhere: Record<string, string>[] = [{ HOST: '0.0.0.0' }, { DEMO: 'off' }];
  for (const env of elsewhere) {
    const closed = await serviceWithoutDatabase(t, env);
    t.equal(
      (await closed.app.inject({ method: 'POST', url: '/v1/demo-session', payload: { role: 'admin' } })).statusCode,
      404,
    );
  }
});

t.test('limits count by subject, and spare what says so', async (t) => {
  const { app, bearer } = await serviceWithoutDatabase(t, { REQUESTS_PER_MINUTE: '3' });
  app.get('/limited', { config: { access: ['planner', 'dispatcher'] } }, async () => ({}));
  app.post('/spared', { config: { access: ['dispatcher'], rateLimit: false } }, async () => ({}));
  const asked = async (url: string, headers: object, times: number, method: 'GET' | 'POST' = 'GET') => {
    const answers = [];
    for (let index = 0; index < times; index++)
      answers.push(await app.inject({ method, url, headers: { ...headers } }));
    return answers;
  };
  const first = await asked('/limited', await bearer('planner', 'p-1'), 4);
  t.same(
    first.map(({ statusCode }) => statusCode),
    [200, 200, 200, 429],
  );
  t.match(first[3]?.json(), { code: 'too-many-requests', status: 429 });
  t.ok(Number(first[3]?.headers['retry-after']) > 0);
  t.equal(
    (await asked('/limited', await bearer('planner', 'p-2'), 1))[0]?.statusCode,
    200,
    'another subject is not held up',
  );

  const dispatcher = await bearer('dispatcher');
  await asked('/limited', dispatcher, 4);
  const spared = await asked('/spared', dispatcher, 20, 'POST');
  t.ok(
    spared.every(({ statusCode }) => statusCode === 200),
    'spared, even beyond the limit elsewhere',
  );

  const unknown = await asked('/nothing', {}, 4);
  t.same(
    unknown.map(({ statusCode }) => statusCode),
    [404, 404, 404, 429],
    'guessing at paths is limited by address',
  );
});

t.test('no limit holds up intake', async (t) => {
  const { app, bearer } = await serviceWithoutDatabase(t, { REQUESTS_PER_MINUTE: '3' });
  await app.ready();
  const headers = await bearer('dispatcher');
  for (const route of intake) {
    t.ok(route in expected, `${route} is there`);
    const [method, url = ''] = route.split(' ') as ['POST' | 'PATCH', string];
    for (let index = 0; index < 10; index++) {
      t.not(
        (await app.inject({ method, url: url.replace(':callId', 'x'), headers, payload: {} })).statusCode,
        429,
        route,
      );
    }
  }
});
