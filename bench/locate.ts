/** A thousand searches over fifteen centres: how soon each rings at its centre, and how late a step of the ladder may come. */
import http from 'node:http';
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import { readAuthKey } from '../src/auth-key.ts';
import { openPool } from '../src/database/pool.ts';
import type { Role } from '../src/domain/vocabulary.ts';
import { issueToken } from '../src/http/auth.ts';
import type { Resident } from '../src/residents/schema.ts';
import { systemClock } from '../src/system.ts';
import { sampleResidents } from './calls.ts';
import { type Ground, keys, SEED } from './ground.ts';
import { type Random, seededRandom } from './random.ts';
import { judged, quantile, type ResultRow, round } from './rows.ts';

export interface LocateSize {
  readonly residents: number;
  readonly searches: number;
  readonly centres: number;
  readonly perSecond: number;
}
export const locateSize: LocateSize = { residents: 10_000, searches: 1_000, centres: 15, perSecond: 50 };

/** Long enough for all to be raised before the first step is due. */
const FIRST_STEP_SECONDS = 30;
const LADDER = `centre:${FIRST_STEP_SECONDS},next-centre:5,fire-and-police:0`;
const SETTLE_SECONDS = 60;
const AT_ONCE = 50;

interface Answer {
  readonly status: number;
  readonly milliseconds: number;
  // biome-ignore lint/suspicious/noExplicitAny: looked into field by field
  readonly body: any;
}

/** Milliseconds since the epoch, finer than a millisecond: sender, service and centres share the machine's clock. */
const now = () => performance.timeOrigin + performance.now();

export async function benchLocate(ground: Ground, size: LocateSize): Promise<ResultRow[]> {
  const { databaseUrl } = await ground.registry(size.residents);
  const { url: redisUrl } = await ground.redis();
  const service = await ground.serveBuild(
    {
      DATABASE_URL: databaseUrl,
      REDIS_URL: redisUrl,
      AUTH_KEY: keys.auth,
      IDENTITY_KEY: keys.identityKey.toString('base64'),
      LOG_LEVEL: 'warn',
      LOCATE_LADDER: LADDER,
      REQUESTS_PER_MINUTE: '1000000',
    },
    'locate',
  );
  const db = openPool(databaseUrl, { max: 1 });
  // Each search comes over a connection of its own, opened before: all of a flood reach the service in the same moment.
  const agent = new http.Agent({ keepAlive: true, maxSockets: size.searches, maxFreeSockets: size.searches });
  const desks = new Desks();
  try {
    const ask = await asker(service.url, agent);
    await furnish(ask, size);
    await desks.open(service.url, size.centres);
    const calls = await takeCalls(ask, size);
    await untilAttended(db, size.centres);
    await service.settled();
    const paced = await raisePaced(ask, desks, calls.slice(0, size.searches), size.perSecond);
    await untilStepped(db, size.searches);
    await service.settled();
    await Promise.all(Array.from({ length: size.searches }, () => ask('dispatcher', 'GET', '/health/live')));
    const flooded = await raiseAll(ask, desks, calls.slice(size.searches));
    await untilStepped(db, 2 * size.searches);
    return await rowsOf(db, paced, flooded, await floorsOf(db, size), size);
  } finally {
    desks.close();
    agent.destroy();
    await db.end();
    await service.stop();
  }
}

/** The pages of all centres: when which search rang. */
class Desks {
  readonly #sockets: { terminate(): void }[] = [];
  /** By call: milliseconds since the epoch, and from when the service took it. */
  readonly rang = new Map<string, { readonly at: number; readonly raisedAt: number; readonly times: number }>();

  async open(url: string, centres: number): Promise<void> {
    const WebSocket = createRequire(import.meta.url)('ws');
    const key = readAuthKey(keys.auth);
    for (let i = 0; i < centres; i++) {
      const token = await issueToken(key, { role: 'centre', subject: `c-${i}`, ttlSeconds: 3_600 }, systemClock);
      const headers = { authorization: `Bearer ${token}` };
      const socket = new WebSocket(`${url.replace('http', 'ws')}/v1/live`, { headers });
      socket.on('message', (data: Buffer) => this.#hear(data.toString(), `c-${i}`));
      this.#sockets.push(socket);
      await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    }
  }

  #hear(text: string, centreId: string): void {
    const at = now();
    if (!text.includes('"locate.requested"')) return;
    const { callId, at: raisedAt, data } = JSON.parse(text);
    if (data.communityCentreId !== centreId) return;
    const times = (this.rang.get(callId)?.times ?? 0) + 1;
    this.rang.set(callId, { at, raisedAt: Date.parse(raisedAt), times });
  }

  async until(count: number): Promise<void> {
    const deadline = Date.now() + SETTLE_SECONDS * 1000;
    while (this.rang.size < count && Date.now() < deadline) await sleep(20);
  }

  close(): void {
    for (const socket of this.#sockets) socket.terminate();
  }
}

type Ask = (role: Role, method: string, path: string, body?: unknown) => Promise<Answer>;

async function asker(url: string, agent: http.Agent): Promise<Ask> {
  const key = readAuthKey(keys.auth);
  const tokens = new Map<Role, string>();
  for (const role of ['admin', 'dispatcher'] as const)
    tokens.set(role, await issueToken(key, { role, subject: role, ttlSeconds: 3_600 }, systemClock));
  return (role, method, path, body) =>
    new Promise((resolve, reject) => {
      const started = performance.now();
      const text = body === undefined ? '' : JSON.stringify(body);
      const headers = {
        ...(text ? { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) } : {}),
        authorization: `Bearer ${tokens.get(role)}`,
      };
      const request = http.request(`${url}${path}`, { method, agent, headers }, (response) => {
        let answer = '';
        response.on('data', (chunk) => {
          answer += chunk;
        });
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            milliseconds: performance.now() - started,
            body: JSON.parse(answer),
          }),
        );
      });
      request.on('error', reject);
      request.end(text);
    });
}

/** Fifteen centres over the district the residents live in. */
async function furnish(ask: Ask, { centres }: LocateSize) {
  for (let i = 0; i < centres; i++)
    await ask('admin', 'PUT', `/v1/places/c-${i}`, {
      placeId: `c-${i}`,
      kind: 'community-centre',
      name: `invented centre ${i}`,
      position: { lon: 116.33 + 0.015 * (i % 5), lat: 39.88 + 0.03 * Math.floor(i / 5), crs: 'wgs84' },
    });
}

/** Silent calls from about the homes of those who are filed, from a number of theirs. */
async function takeCalls(ask: Ask, { residents, searches }: LocateSize): Promise<string[]> {
  const random = seededRandom(SEED);
  const callers = sampleResidents(residents, 2_000, SEED).filter(({ home }) => home?.position);
  const ids: string[] = [];
  const take = async () => {
    const { body } = await ask('dispatcher', 'POST', '/v1/calls', silentCall(random, random.pick(callers)));
    ids.push(body.call.callId);
  };
  while (ids.length < 2 * searches)
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, 2 * searches - ids.length) }, take));
  return ids;
}

function silentCall(random: Random, { phones, home }: Resident) {
  const { lon, lat, crs } = home?.position ?? { lon: 116.36, lat: 39.91, crs: 'wgs84' };
  const position = { lon: lon + random.normal() * 0.0003, lat: lat + random.normal() * 0.0002, crs };
  return {
    channel: 'phone',
    caller: { phone: random.pick(phones) },
    location: { position, uncertaintyMetres: 50, source: 'aml' },
    complaint: { code: 'silent-call' },
  };
}

async function untilAttended(db: ReturnType<typeof openPool>, centres: number): Promise<void> {
  const deadline = Date.now() + SETTLE_SECONDS * 1000;
  while (Date.now() < deadline) {
    const { rows } = await db.query('SELECT count(*) AS n FROM locate_presence');
    if (rows[0].n >= centres) return;
    await sleep(200);
  }
  throw new Error('not all centres count as attended');
}

/** One search as it went: when it was sent, taken by the service, heard at its centre, and answered to whoever raised it. */
interface Went {
  readonly status: number;
  readonly sentAt: number;
  readonly raisedAt: number;
  readonly rangAt: number;
  readonly answeredMs: number;
  readonly rings: number;
}

async function raise(ask: Ask, callId: string): Promise<{ callId: string; sentAt: number; answer: Answer }> {
  const sentAt = now();
  const answer = await ask('dispatcher', 'POST', `/v1/calls/${callId}/locate-requests`, {
    reason: 'callback-unanswered',
  });
  return { callId, sentAt, answer };
}

async function settle(raising: readonly ReturnType<typeof raise>[], desks: Desks): Promise<Went[]> {
  const before = desks.rang.size;
  const raised = await Promise.all(raising);
  await desks.until(Math.max(before, raised.length));
  return raised.map(({ callId, sentAt, answer }) => {
    const rang = desks.rang.get(callId);
    const { status, milliseconds: answeredMs } = answer;
    return {
      status,
      sentAt,
      answeredMs,
      rings: rang?.times ?? 0,
      raisedAt: rang?.raisedAt ?? sentAt,
      rangAt: rang?.at ?? Infinity,
    };
  });
}

/** Arriving at random (Poisson), whatever is answered. */
async function raisePaced(ask: Ask, desks: Desks, calls: readonly string[], perSecond: number): Promise<Went[]> {
  const random = seededRandom(SEED + 1);
  const started = performance.now();
  const raising: ReturnType<typeof raise>[] = [];
  let due = 0;
  for (const callId of calls) {
    const wait = started + due - performance.now();
    if (wait > 0) await sleep(wait);
    raising.push(raise(ask, callId));
    due -= Math.log(1 - random.next()) * (1000 / perSecond);
  }
  return settle(raising, desks);
}

/** All in the same moment. */
const raiseAll = (ask: Ask, desks: Desks, calls: readonly string[]) =>
  settle(
    calls.map((callId) => raise(ask, callId)),
    desks,
  );

interface Floors {
  /** Of one search, p99. */
  readonly oneMs: number;
  /** Of all of them, in one statement after the other. */
  readonly allMs: number;
}

/** The same rows into the same columns without a check, an index or a lock: what no way of keeping them can do without. */
async function floorsOf(db: ReturnType<typeof openPool>, { searches }: LocateSize): Promise<Floors> {
  for (const table of ['locate_requests', 'locate_asks', 'events'])
    await db.query(`CREATE TABLE floor_${table} (LIKE ${table}); CREATE TABLE from_${table} (LIKE ${table})`);
  await db.query(`INSERT INTO from_locate_requests SELECT * FROM locate_requests ORDER BY raised_at DESC LIMIT ${searches};
    UPDATE from_locate_requests SET sealed = NULL;
    INSERT INTO from_locate_asks SELECT * FROM locate_asks WHERE step = 0;
    INSERT INTO from_events SELECT * FROM events WHERE type = 'locate.requested'`);
  const { rows } = await db.query('SELECT locate_request_id AS id, call_id FROM from_locate_requests');
  const insert = async (some: readonly { id: string; call_id: string }[]) => {
    const started = performance.now();
    await db.query({
      name: 'floor',
      text: `
        WITH requests AS (INSERT INTO floor_locate_requests SELECT * FROM from_locate_requests WHERE locate_request_id = ANY ($1)),
             asks AS (INSERT INTO floor_locate_asks SELECT * FROM from_locate_asks WHERE locate_request_id = ANY ($1))
        INSERT INTO floor_events SELECT * FROM from_events WHERE call_id = ANY ($2)`,
      values: [some.map(({ id }) => id), some.map(({ call_id }) => call_id)],
    });
    return performance.now() - started;
  };
  for (const [table, column] of [
    ['locate_requests', 'locate_request_id'],
    ['locate_asks', 'locate_request_id'],
    ['events', 'call_id'],
  ])
    await db.query(`CREATE INDEX ON from_${table} (${column}); ANALYZE from_${table}`);
  const ones: number[] = [];
  for (const row of rows) ones.push(await insert([row]));
  let allMs = 0;
  for (let i = 0; i < rows.length; i += 250) allMs += await insert(rows.slice(i, i + 250));
  return { oneMs: quantile(ones, 0.99), allMs };
}

/** Until each has climbed to its last step. */
async function untilStepped(db: ReturnType<typeof openPool>, count: number): Promise<void> {
  const deadline = Date.now() + (FIRST_STEP_SECONDS + SETTLE_SECONDS) * 1000;
  while (Date.now() < deadline) {
    const { rows } = await db.query('SELECT count(*) AS n FROM locate_requests WHERE step = 2');
    if (rows[0].n >= count) return;
    await sleep(500);
  }
  throw new Error('not all searches climbed their ladder');
}

async function rowsOf(
  db: ReturnType<typeof openPool>,
  paced: readonly Went[],
  flooded: readonly Went[],
  floors: Floors,
  { residents, searches, centres, perSecond }: LocateSize,
): Promise<ResultRow[]> {
  const { rows } = await db.query(`
    SELECT data->>'locateRequestId' AS id, data->>'step' AS step,
           (extract(epoch FROM at - (data->>'wasDueAt')::timestamptz) * 1000)::float8 AS late
    FROM events WHERE type = 'locate.escalated'`);
  const late = rows.map((row: { late: number }) => row.late);
  const told = new Set(rows.map((row: { id: string; step: string }) => `${row.id} ${row.step}`));
  const stored = await db.query('SELECT count(*) AS n FROM locate_requests WHERE sealed IS NOT NULL');
  const went = [...paced, ...flooded];
  const bad =
    went.filter(({ status, rings }) => status !== 201 || rings !== 1).length +
    Math.abs(stored.rows[0].n - 2 * searches) +
    (rows.length - told.size) +
    Math.abs(told.size - 4 * searches);
  const conditions = `${searches} searches over ${centres} centres each with its page open, ${residents} residents filed, HTTP to one built instance with PostgreSQL (fsync on), Redis, the pages and whoever raises on the same two cores; first at ${perSecond} a second at random, then all in the same moment, each over a connection of its own; raised: when the service takes the request; floor: the same rows into tables without keys, one by one and in statements of 250; two steps each`;
  const row = (figure: string, value: number, floor?: number): ResultRow => ({
    benchmark: 'locate',
    figure,
    value: round(value),
    unit: 'ms',
    ...(floor === undefined ? {} : { floor: round(floor) }),
    conditions,
  });
  const p = (q: number, all: readonly Went[], of: (one: Went) => number) => quantile(all.map(of), q);
  const routed = ({ rangAt, raisedAt }: Went) => rangAt - raisedAt;
  const sent = ({ rangAt, sentAt }: Went) => rangAt - sentAt;
  const answered = ({ answeredMs }: Went) => answeredMs;
  const both = [
    [paced, `at ${perSecond} a second`, floors.oneMs],
    [flooded, 'all in the same moment', floors.allMs],
  ] as const;
  return [
    ...both.flatMap(([all, how, floor]) => [
      row(`from raised to ringing at the centre, ${how}, p50`, p(0.5, all, routed)),
      judged(row(`from raised to ringing at the centre, ${how}, p99`, p(0.99, all, routed), floor), { atMost: 200 }),
      row(`from sent to ringing at the centre, ${how}, p99`, p(0.99, all, sent)),
      row(`answered to whoever raised it, with all evidence, ${how}, p99`, p(0.99, all, answered)),
    ]),
    judged(row('step after its deadline, p99', quantile(late, 0.99)), { atMost: 1_000 }),
    row('step after its deadline, most', Math.max(...late)),
    judged({ ...row('lost, doubled or refused', 0), value: bad, unit: 'searches' }, { atMost: 0 }),
  ];
}
