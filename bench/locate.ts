/** A thousand searches over fifteen centres: how soon each is routed, and how late a step of the ladder may come. */
import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { readAuthKey } from '../src/auth-key.ts';
import { openPool } from '../src/database/pool.ts';
import type { Role } from '../src/domain/vocabulary.ts';
import { issueToken } from '../src/http/auth.ts';
import { systemClock } from '../src/system.ts';
import { type Ground, keys, SEED } from './ground.ts';
import { seededRandom } from './random.ts';
import { judged, quantile, type ResultRow, round } from './rows.ts';

export interface LocateSize {
  readonly searches: number;
  readonly centres: number;
  readonly perSecond: number;
}
export const locateSize: LocateSize = { searches: 1_000, centres: 15, perSecond: 50 };

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

export async function benchLocate(ground: Ground, size: LocateSize): Promise<ResultRow[]> {
  const databaseUrl = await ground.database('bench_locate');
  const { url: redisUrl } = await ground.redis();
  const service = await ground.serve(
    'src/main.ts',
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
  const agent = new http.Agent({ keepAlive: true, maxSockets: AT_ONCE });
  try {
    const ask = await asker(service.url, agent);
    const places = await furnish(ask, size);
    const calls = await takeCalls(ask, places, 2 * size.searches);
    await service.settled();
    const paced = await raisePaced(ask, calls.slice(0, size.searches), size.perSecond);
    await untilStepped(db, size.searches);
    const flooded = await raiseAll(ask, calls.slice(size.searches));
    await untilStepped(db, 2 * size.searches);
    return await rowsOf(db, paced, flooded, size);
  } finally {
    agent.destroy();
    await db.end();
    await service.stop();
  }
}

type Ask = (role: Role, method: string, path: string, body: unknown) => Promise<Answer>;

async function asker(url: string, agent: http.Agent): Promise<Ask> {
  const key = readAuthKey(keys.auth);
  const tokens = new Map<Role, string>();
  for (const role of ['admin', 'dispatcher'] as const)
    tokens.set(role, await issueToken(key, { role, subject: role, ttlSeconds: 3_600 }, systemClock));
  return (role, method, path, body) =>
    new Promise((resolve, reject) => {
      const started = performance.now();
      const text = JSON.stringify(body);
      const headers = {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(text),
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

async function furnish(ask: Ask, { centres }: LocateSize) {
  const places = Array.from({ length: centres }, (_, i) => ({
    lon: 116.33 + 0.015 * (i % 5),
    lat: 39.88 + 0.03 * Math.floor(i / 5),
  }));
  for (const [i, { lon, lat }] of places.entries())
    await ask('admin', 'PUT', `/v1/places/c-${i}`, {
      placeId: `c-${i}`,
      kind: 'community-centre',
      name: `invented centre ${i}`,
      position: { lon, lat, crs: 'wgs84' },
    });
  return places;
}

async function takeCalls(ask: Ask, places: readonly { lon: number; lat: number }[], count: number): Promise<string[]> {
  const random = seededRandom(SEED);
  const ids: string[] = [];
  const take = async () => {
    const { lon, lat } = random.pick(places);
    const position = { lon: lon + random.normal() * 0.003, lat: lat + random.normal() * 0.003, crs: 'wgs84' };
    const { body } = await ask('dispatcher', 'POST', '/v1/calls', {
      channel: 'phone',
      caller: { phone: `+86177${String(random.below(100_000_000)).padStart(8, '0')}` },
      location: { position, uncertaintyMetres: 50, source: 'aml' },
      complaint: { code: 'silent-call' },
    });
    ids.push(body.call.callId);
  };
  while (ids.length < count) await Promise.all(Array.from({ length: Math.min(AT_ONCE, count - ids.length) }, take));
  return ids;
}

const raise = (ask: Ask, callId: string) =>
  ask('dispatcher', 'POST', `/v1/calls/${callId}/locate-requests`, { reason: 'callback-unanswered' });

/** Arriving at random (Poisson), whatever is answered. */
async function raisePaced(ask: Ask, calls: readonly string[], perSecond: number): Promise<Answer[]> {
  const random = seededRandom(SEED + 1);
  const started = performance.now();
  const answers: Promise<Answer>[] = [];
  let due = 0;
  for (const callId of calls) {
    const wait = started + due - performance.now();
    if (wait > 0) await sleep(wait);
    answers.push(raise(ask, callId));
    due -= Math.log(1 - random.next()) * (1000 / perSecond);
  }
  return Promise.all(answers);
}

/** All in the same moment; each waits from then on. */
async function raiseAll(ask: Ask, calls: readonly string[]): Promise<Answer[]> {
  return Promise.all(calls.map((callId) => raise(ask, callId)));
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
  paced: readonly Answer[],
  flooded: readonly Answer[],
  { searches, centres, perSecond }: LocateSize,
): Promise<ResultRow[]> {
  const { rows } = await db.query(`
    SELECT data->>'locateRequestId' AS id, data->>'step' AS step,
           (extract(epoch FROM at - (data->>'wasDueAt')::timestamptz) * 1000)::float8 AS late
    FROM events WHERE type = 'locate.escalated'`);
  const late = rows.map((row: { late: number }) => row.late);
  const told = new Set(rows.map((row: { id: string; step: string }) => `${row.id} ${row.step}`));
  const stored = await db.query('SELECT count(*) AS n FROM locate_requests');
  const answered = [...paced, ...flooded];
  const bad =
    answered.filter(({ status }) => status !== 201).length +
    Math.abs(stored.rows[0].n - 2 * searches) +
    (rows.length - told.size) +
    Math.abs(told.size - 4 * searches);
  const conditions = `${searches} searches over ${centres} centres, HTTP to one instance with its own PostgreSQL and Redis on the same two cores; first at ${perSecond} a second at random, then all in the same moment over ${AT_ONCE} connections; two steps each`;
  const row = (figure: string, value: number, unit: string): ResultRow => ({
    benchmark: 'locate',
    figure,
    value: round(value),
    unit,
    conditions,
  });
  const waits = (answers: readonly Answer[]) => answers.map(({ milliseconds }) => milliseconds);
  return [
    judged(row(`routed, at ${perSecond} a second, p99`, quantile(waits(paced), 0.99), 'ms'), { atMost: 200 }),
    row(`routed, all in the same moment, p50`, quantile(waits(flooded), 0.5), 'ms'),
    row(`routed, all in the same moment, p99`, quantile(waits(flooded), 0.99), 'ms'),
    row('step after its deadline, p99', quantile(late, 0.99), 'ms'),
    judged(row('step after its deadline, most', Math.max(...late), 'ms'), { atMost: 1_000 }),
    judged({ ...row('lost, doubled or refused', 0, 'searches'), value: bad }, { atMost: 0 }),
  ];
}
