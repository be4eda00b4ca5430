/** Ten thousand requests made from the OpenAPI document against a real database: no 5xx, every refusal a problem, nothing personal leaks. */
import { Writable } from 'node:stream';
import fc from 'fast-check';
import type { InjectOptions } from 'fastify';
import t from 'tap';
import { problemCodes } from '../../src/domain/errors.ts';
import { type Role, roles } from '../../src/domain/vocabulary.ts';
import { issueToken } from '../../src/http/auth.ts';
import { callFrom, fleet, wang, zhang } from '../support/people.ts';
import { freshDatabase } from '../support/postgres.ts';
import { serviceOn } from '../support/service.ts';
import { basePools, garbage, mostly, mutated, type Pools, personalValues, type Schema, valid } from './generate.ts';

// On a busy machine; nothing here waits for a time to pass.
t.setTimeout(170_000);
const SEED = 20260302;
const REQUESTS = 10_000;
const IN_FLIGHT = 6;
/** What can be accepted whatever went before. */
const FILING = /^(?:PUT|POST) \/v1\/(?:calls|residents|units|places)(?:\/import|\/\{\w+Id\})?$/;
/** Many, because some of what is generated ends the call it is about. */
const CALLS = 200;

interface Parameter {
  readonly in: 'path' | 'query' | 'header';
  readonly name: string;
  readonly required?: boolean;
  readonly schema: Schema;
}
interface Operation {
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
}
type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
interface Offered {
  readonly name: string;
  readonly method: Method;
  readonly url: string;
  readonly operation: Operation;
  readonly allowed: readonly Role[];
}

const lines: string[] = [];
const logTo = new Writable({
  write(chunk, _encoding, done) {
    lines.push(String(chunk));
    done();
  },
});
const env = { REQUESTS_PER_MINUTE: '1000000', LOG_LEVEL: 'trace' };
const { app, ask, deps } = await serviceOn(t, await freshDatabase(t), 10, { env, logTo });

for (const unit of fleet) await ask('admin', 'PUT', `/v1/units/${unit.unitId}`, unit);
for (const resident of [zhang, wang]) await ask('registry', 'PUT', `/v1/residents/${resident.residentId}`, resident);
const calls = await Promise.all(
  Array.from({ length: CALLS }, () => ask('dispatcher', 'POST', '/v1/calls', callFrom())),
);
const callIds: string[] = calls.map(({ body }) => body.call.callId);
const pools: Pools = {
  ...basePools,
  callId: fc.constantFrom(...callIds),
  // Mostly the same one, because a body has to name what its path names.
  residentId: mostly(fc.constant('r-1'), fc.constantFrom('r-2', 'r-3')),
  unitId: mostly(fc.constant('u-basic'), fc.constantFrom('u-intensive', 'u-isolation', 'u-new')),
  placeId: mostly(fc.constant('h-1'), fc.constant('h-2')),
  deviceId: fc.constantFrom('sos-17', 'sos-18'),
};

async function tokens(): Promise<Record<Role, string>> {
  const key = deps.config.auth.local;
  if (!key) throw new Error('the test settings have a local key');
  const subjects: Partial<Record<Role, string>> = { crew: 'u-basic', doctor: 'd-1' };
  const made = roles.map(async (role) => {
    const actor = { role, subject: subjects[role] ?? `${role}-1`, ttlSeconds: 3_600 };
    return [role, `Bearer ${await issueToken(key, actor, deps.clock)}`] as const;
  });
  return Object.fromEntries(await Promise.all(made)) as Record<Role, string>;
}

/** All that the document describes, with the roles that may use it. The live route needs a socket, which `inject` has not. */
function offered(): Offered[] {
  const { paths } = app.swagger() as unknown as { paths: Record<string, Record<string, Operation>> };
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).flatMap(([verb, operation]) => {
      const method = verb.toUpperCase() as Method;
      const url = path.replaceAll(/\{(\w+)\}/g, ':$1');
      const access = app.routeTable.find((route) => route.method === method && route.url === url)?.access;
      if (!access) throw new Error(`${method} ${path} is described and not in the access table`);
      return path === '/v1/live'
        ? []
        : [{ name: `${method} ${path}`, method, url, operation, allowed: access === 'public' ? roles : access }];
    }),
  );
}

/** Good three times in ten, nearly good five times, garbage twice. */
const bodies = (schema: Schema): fc.Arbitrary<string | Buffer> => {
  const good = valid(schema, pools);
  return fc.oneof(
    { weight: 6, arbitrary: good.map((value) => JSON.stringify(value)) },
    { weight: 10, arbitrary: mutated(good).map((value) => JSON.stringify(value) ?? '') },
    { weight: 2, arbitrary: garbage.map((value) => JSON.stringify(value)) },
    { weight: 1, arbitrary: fc.tuple(good, fc.nat()).map(([value, cut]) => JSON.stringify(value).slice(0, cut % 400)) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)) },
  );
};

/** What a refusal says: a problem, or under `/fhir` an OperationOutcome, whose status is that of the answer. */
function refusalIn(type: unknown, status: number, body: string): { readonly code?: string; readonly status?: number } {
  if (type === 'application/problem+json') return JSON.parse(body);
  if (!String(type).startsWith('application/fhir+json')) return {};
  const { resourceType, issue } = JSON.parse(body);
  return resourceType === 'OperationOutcome' ? { code: issue[0].details.coding[0].code, status } : {};
}

/** Lines of all those kinds, as a registry might send them. */
const registries = (schema: Schema): fc.Arbitrary<Buffer> =>
  fc
    .array(bodies(schema), { maxLength: 4 })
    .map((lines) => Buffer.concat(lines.flatMap((line) => [Buffer.from(line), Buffer.from('\n')])));

function parameters({ operation, url }: Offered): fc.Arbitrary<Pick<InjectOptions, 'url' | 'headers'>> {
  const given = operation.parameters ?? [];
  const one = (parameter: Parameter) => {
    const filled = valid(parameter.schema, pools, parameter.name);
    const any = fc.oneof({ weight: 7, arbitrary: filled }, { weight: 1, arbitrary: garbage });
    const text = any.map((value) => (typeof value === 'string' ? value : JSON.stringify(value)));
    return parameter.in === 'path' ? text : fc.option(text, { freq: 3, nil: undefined });
  };
  return fc.tuple(...given.map(one)).map((values) => {
    let path = url;
    const query: string[] = [];
    const headers: Record<string, string> = {};
    values.forEach((value, i) => {
      const parameter = given[i] as Parameter;
      if (value === undefined) return;
      // Neither a URL nor a header can carry half a surrogate pair.
      const encoded = encodeURIComponent(Buffer.from(value).toString());
      if (parameter.in === 'path') path = path.replace(`:${parameter.name}`, () => encoded);
      else if (parameter.in === 'query') query.push(`${parameter.name}=${encoded}`);
      else headers[parameter.name] = encoded.slice(0, 300);
    });
    return { url: query.length ? `${path}?${query.join('&')}` : path, headers };
  });
}

function requests(route: Offered, residents: Schema, bearer: Record<Role, string>): fc.Arbitrary<InjectOptions> {
  const json = route.operation.requestBody?.content['application/json']?.schema;
  const isImport = route.url.endsWith('/import');
  const payload = isImport ? registries(residents) : json ? bodies(json) : fc.constant(undefined);
  const contentType = isImport ? 'application/x-ndjson' : 'application/json';
  const who = fc.oneof(
    { weight: 18, arbitrary: fc.constantFrom(...route.allowed) },
    { weight: 1, arbitrary: fc.constantFrom(...roles) },
    { weight: 1, arbitrary: fc.constant(null) },
  );
  return fc.tuple(parameters(route), payload, who).map(([{ url, headers }, body, role]) => ({
    method: route.method,
    url: url as string,
    headers: {
      ...headers,
      ...(role ? { authorization: bearer[role] } : {}),
      ...(body === undefined ? {} : { 'content-type': contentType }),
    },
    ...(body === undefined ? {} : { payload: body }),
  }));
}

t.test(`${REQUESTS} generated requests`, async (t) => {
  await app.ready();
  const routes = offered();
  const withBody = routes.filter(({ operation, url }) => operation.requestBody || url.endsWith('/import'));
  t.ok(withBody.length >= 6, `${routes.length} operations, ${withBody.length} of them with a body`);
  const residents = routes.find(({ name }) => name === 'PUT /v1/residents/{residentId}')?.operation.requestBody
    ?.content['application/json'];
  if (!residents) throw new Error('filing a resident is not described');

  // Bodies are what is fuzzed: a route without one gets a tenth of the requests of a route with one. What files gets
  // three times as many, for others live on what it files.
  const weightOf = (route: Offered) => (FILING.test(route.name) ? 3 : withBody.includes(route) ? 1 : 0.1);
  const share = REQUESTS / routes.reduce((sum, route) => sum + weightOf(route), 0);
  const bearer = await tokens();
  const queue = routes.flatMap((route, i) => {
    const numRuns = Math.ceil(share * weightOf(route));
    return fc
      .sample(requests(route, residents.schema, bearer), { seed: SEED + i, numRuns })
      .map((request, n) => ({ route, request, n }));
  });
  // Interleaved, so that what one route writes is what the next one finds.
  queue.sort((a, b) => a.n - b.n);
  t.ok(queue.length >= REQUESTS);

  const failures: unknown[] = [];
  const statuses = new Map(routes.map(({ name }) => [name, { accepted: 0, refused: 0 }]));
  const logged = lines.length;
  const one = async ({ route, request }: (typeof queue)[number]) => {
    const answer = await app.inject(request);
    const { statusCode, headers, body } = answer;
    const count = statuses.get(route.name);
    if (count) count[statusCode < 300 ? 'accepted' : 'refused']++;
    if (statusCode < 300) return;
    const problem = refusalIn(headers['content-type'], statusCode, body);
    const leaked = personalValues.filter((value) => body.includes(value));
    if (
      statusCode >= 400 &&
      statusCode < 500 &&
      problemCodes.includes(problem.code as (typeof problemCodes)[number]) &&
      problem.status === statusCode &&
      leaked.length === 0
    )
      return;
    failures.push({
      route: route.name,
      url: request.url,
      payload: String(request.payload).slice(0, 2_000),
      statusCode,
      leaked,
      body,
    });
  };
  const waiting = queue.values();
  await Promise.all(
    Array.from({ length: IN_FLIGHT }, async () => {
      for (const next of waiting) await one(next);
    }),
  );
  t.same(failures.slice(0, 3), [], `${failures.length} of ${queue.length} answered as no request may be`);

  for (const [name, { accepted, refused }] of statuses) t.comment(`${name}: ${accepted} accepted, ${refused} refused`);
  for (const { name } of withBody) {
    const { accepted = 0, refused = 0 } = statuses.get(name) ?? {};
    t.ok(refused > 0, `${name}: some refused`);
    if (FILING.test(name)) t.ok(accepted > 20, `${name}: near enough to what is accepted, ${accepted} were`);
  }
  const log = lines.slice(logged);
  t.ok(log.length > REQUESTS * 0.99, 'the log tells of the requests');
  const personal = log.filter((line) =>
    personalValues.some((value) => line.includes(value) || line.includes(encodeURIComponent(value))),
  );
  t.same(personal.slice(0, 3), [], 'no line of the log holds a personal value');
  const loud = log.filter((line) => JSON.parse(line).level >= 50);
  t.same(loud.slice(0, 3), [], 'no line of the log tells of an error');
});
