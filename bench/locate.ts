/** A thousand searches over fifteen centres: how soon each rings at its centre, and how late a step of the ladder may come. */
import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { openPool } from '../src/database/pool.ts';
import type { Ground } from './ground.ts';
import { asker, Desks, furnish, raiseAll, raisePaced, takeCalls, type Went } from './locate-drive.ts';
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

export async function benchLocate(ground: Ground, size: LocateSize): Promise<ResultRow[]> {
  const { databaseUrl } = await ground.registry(size.residents);
  const service = await ground.serveBuild(
    {
      DATABASE_URL: databaseUrl,
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
    await furnish(ask, size.centres);
    await desks.open(service.url, size.centres);
    const calls = await takeCalls(ask, size.residents, 2 * size.searches);
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

async function untilAttended(db: ReturnType<typeof openPool>, centres: number): Promise<void> {
  const deadline = Date.now() + SETTLE_SECONDS * 1000;
  while (Date.now() < deadline) {
    const { rows } = await db.query('SELECT count(*) AS n FROM locate_presence');
    if (rows[0].n >= centres) return;
    await sleep(200);
  }
  throw new Error('not all centres count as attended');
}

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
