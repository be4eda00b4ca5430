/** Positions ingested a second beside the bare batch INSERT of the same rows: judged, kept, units moved, over HTTP and without. */
import type pg from 'pg';
import { readAuthKey } from '../src/auth-key.ts';
import { readConfig } from '../src/config.ts';
import { openPool } from '../src/database/pool.ts';
import { createDeps } from '../src/deps.ts';
import { type Instant, rfc3339 } from '../src/domain/time.ts';
import { putUnit } from '../src/fleet/store.ts';
import { createAuthenticator, issueToken } from '../src/http/auth.ts';
import { createLog } from '../src/http/log.ts';
import { createMetrics } from '../src/http/metrics.ts';
import { type PositionReport, positionReports } from '../src/operations/report-positions.ts';
import { loadProtocol } from '../src/requirement/load.ts';
import { systemClock, systemIds } from '../src/system.ts';
import { type Ground, keys, SEED } from './ground.ts';
import { type Random, seededRandom } from './random.ts';
import { judged, median, type ResultRow, round } from './rows.ts';

export interface PositionsSize {
  readonly gateways: number;
  readonly rounds: number;
  readonly secondsPerRound: number;
}

export const positionsSize: PositionsSize = { gateways: 4, rounds: 7, secondsPerRound: 4 };

/** What a gateway hears of, and how much of it goes into a batch. */
interface Load {
  readonly unitsPerGateway: number;
  readonly fixesPerUnit: number;
}
/** The fleet of a large city: the faster its positions come, the more of each unit wait for the next batch. */
const fleetOf300: Load = { unitsPerGateway: 75, fixesPerUnit: 12 };
/** The hardest case: every single position moves a unit. */
const oneFixEach: Load = { unitsPerGateway: 300, fixesPerUnit: 1 };

const secrets = { AUTH_KEY: keys.auth, IDENTITY_KEY: keys.identityKey.toString('base64') };

type Send = (reports: readonly PositionReport[], gateway: number) => Promise<void>;

/** Units drive about at 12 m/s and are heard ten times a second, so that hours of driving fit into a measurement. */
const STEP_MS = 100;
const DEGREES_A_STEP = (12 * STEP_MS) / 1000 / 111_195;

/** The units of one gateway, a step further on with each fix. */
class Gateway {
  readonly #random: Random;
  readonly #units: { readonly unitId: string; lon: number; lat: number; heading: number }[];
  readonly #fixesPerUnit: number;
  #at: Instant;

  constructor(index: number, { unitsPerGateway, fixesPerUnit }: Load, start: Instant) {
    this.#fixesPerUnit = fixesPerUnit;
    this.#random = seededRandom(SEED + index);
    this.#at = start;
    this.#units = Array.from({ length: unitsPerGateway }, (_, i) => ({
      unitId: `bench-unit-${index}-${i}`,
      lon: 116.3 + this.#random.next() * 0.1,
      lat: 39.86 + this.#random.next() * 0.1,
      heading: this.#random.next() * 360,
    }));
  }

  get unitIds(): readonly string[] {
    return this.#units.map(({ unitId }) => unitId);
  }

  next(): PositionReport[] {
    return Array.from({ length: this.#fixesPerUnit }, () => this.#step()).flat();
  }

  #step(): PositionReport[] {
    this.#at += STEP_MS;
    const at = rfc3339(this.#at);
    return this.#units.map((unit) => {
      unit.heading = (unit.heading + this.#random.normal() * 10 + 360) % 360;
      unit.lon += Math.sin((unit.heading / 180) * Math.PI) * DEGREES_A_STEP;
      unit.lat += Math.cos((unit.heading / 180) * Math.PI) * DEGREES_A_STEP;
      const { unitId, lon, lat, heading } = unit;
      return { unitId, position: { lon, lat, crs: 'wgs84' }, at, speed: 12, heading };
    });
  }
}

/** Positions a second: every gateway sends its next batch when the last is answered. */
async function flood(gateways: readonly Gateway[], send: Send, seconds: number): Promise<number> {
  const started = performance.now();
  let sent = 0;
  await Promise.all(
    gateways.map(async (gateway, index) => {
      while (performance.now() - started < seconds * 1000) {
        const batch = gateway.next();
        await send(batch, index);
        sent += batch.length;
      }
    }),
  );
  return (sent / (performance.now() - started)) * 1000;
}

/** One statement a batch into the table the engine fills, with its index, and nothing else. */
const bareInsert =
  (db: pg.Pool): Send =>
  async (reports) => {
    const heardAt = rfc3339(Date.now());
    await db.query({
      name: 'floor.positions',
      text: `
        INSERT INTO positions (unit_id, at, heard_at, lon, lat, raw_position, speed, heading)
        SELECT * FROM unnest($1::text[], $2::timestamptz[], $3::timestamptz[], $4::float8[], $5::float8[], $6::jsonb[],
                             $7::real[], $8::real[])`,
      values: [
        reports.map(({ unitId }) => unitId),
        reports.map(({ at }) => at),
        reports.map(() => heardAt),
        reports.map(({ position }) => position.lon),
        reports.map(({ position }) => position.lat),
        reports.map(({ position }) => JSON.stringify(position)),
        reports.map(({ speed }) => speed),
        reports.map(({ heading }) => heading),
      ],
    });
  };

/** The operation in this process, as the floor's statement is; `time` stands where the gateways are. */
function operation(db: pg.Pool, start: Instant): Send {
  const time = { now: start };
  const clock = { now: () => time.now };
  const config = readConfig({ ...secrets, LOG_LEVEL: 'warn' });
  const report = positionReports(
    createDeps({
      config,
      db,
      clock,
      ids: systemIds,
      log: createLog('warn'),
      metrics: createMetrics(),
      auth: createAuthenticator(config.auth, clock),
      protocol: loadProtocol(),
      dependencies: [],
    }),
  );
  return async (reports, gateway) => {
    time.now = Math.max(time.now, Date.parse(reports.at(-1)?.at ?? ''));
    expectAll(reports, await report(reports, { role: 'dispatcher', subject: `bench-${gateway}` }));
  };
}

function overHttp(url: string, tokens: readonly string[]): Send {
  return async (reports, gateway) => {
    const response = await fetch(`${url}/v1/positions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${tokens[gateway]}`, 'content-type': 'application/json' },
      body: JSON.stringify(reports),
    });
    if (!response.ok) throw new Error(`positions were refused: ${response.status} ${await response.text()}`);
    expectAll(reports, (await response.json()) as { accepted: number; flagged: readonly unknown[] });
  };
}

/** A flagged position costs less than a believed one: none may be among those measured. */
function expectAll(reports: readonly unknown[], answer: { accepted: number; flagged: readonly unknown[] }): void {
  if (answer.accepted !== reports.length || answer.flagged.length > 0)
    throw new Error(`${answer.flagged.length} of ${reports.length} positions were flagged`);
}

export async function benchPositions(ground: Ground, size: PositionsSize): Promise<ResultRow[]> {
  const fleet = (load: Load, start: Instant) =>
    Array.from({ length: size.gateways }, (_, index) => new Gateway(index, load, start));
  const database = async (name: string) => {
    const url = await ground.database(name);
    const db = openPool(url, { max: size.gateways });
    for (const unitId of fleet(oneFixEach, 0).flatMap(({ unitIds }) => unitIds))
      await putUnit(db, { unitId, vehicleType: 'basic', capabilities: ['transport'], status: 'available' }, 0);
    return { url, db };
  };
  const floor = await database('positions_floor');
  const inside = await database('positions_operation');
  const hardest = await database('positions_hardest');
  const served = await database('positions_http');
  const env = { DATABASE_URL: served.url, REDIS_URL: (await ground.redis()).url };
  const server = await ground.serve('src/main.ts', { ...env, ...secrets }, 'positions');
  const tokens = await Promise.all(
    Array.from({ length: size.gateways }, (_, i) =>
      issueToken(readAuthKey(keys.auth), { role: 'dispatcher', subject: `bench-${i}`, ttlSeconds: 3600 }, systemClock),
    ),
  );

  const start = systemClock.now();
  /** By the server's own clock no fix may be half an hour old or lie in the future: begin between, gain on it or fall back. */
  const QUARTER_HOUR_MS = 900_000;
  const way = (load: Load, from: Instant, send: Send) => ({
    gateways: fleet(load, from),
    send,
    figures: [] as number[],
  });
  const ways = {
    bare: way(fleetOf300, start, bareInsert(floor.db)),
    judged: way(fleetOf300, start, operation(inside.db, start)),
    bareEach: way(oneFixEach, start, bareInsert(floor.db)),
    judgedEach: way(oneFixEach, start, operation(hardest.db, start)),
    posted: way(fleetOf300, start - QUARTER_HOUR_MS, overHttp(server.url, tokens)),
  };
  const all = Object.values(ways);
  for (const { gateways, send } of all) await flood(gateways, send, 1); // plans and code are warm then
  for (let i = 0; i < size.rounds; i++) {
    // Who goes first changes, so that none always finds what another left behind.
    for (const { gateways, send, figures } of i % 2 === 0 ? all : all.toReversed())
      figures.push(await flood(gateways, send, size.secondsPerRound));
  }
  await server.stop();
  for (const { db } of [floor, inside, hardest, served]) await db.end();

  const conditions = `${size.gateways} gateways with a batch under way each, all positions believed; median of ${size.rounds} alternating rounds of ${size.secondsPerRound} s; sender, service and PostgreSQL (fsync on) share the processors; floor: the INSERT alone of the same batches over as many connections, without HTTP`;
  const row = (figure: string, values: readonly number[], bare: readonly number[], how: string): ResultRow => ({
    benchmark: 'positions',
    figure,
    value: round(median(values)),
    unit: 'positions/s',
    floor: round(median(bare)),
    ratio: round(median(values.map((value, i) => value / (bare[i] as number)))),
    conditions: `${how}; ${conditions}`,
  });
  const batches = ({ unitsPerGateway, fixesPerUnit }: Load) =>
    `${size.gateways * unitsPerGateway} units, batches of ${unitsPerGateway * fixesPerUnit}, ${fixesPerUnit} of each unit`;
  const { bare, judged: judgedOnes, bareEach, judgedEach, posted } = ways;
  return [
    judged(row('ingested', judgedOnes.figures, bare.figures, `judged, kept, units moved; ${batches(fleetOf300)}`), {
      atLeast: 0.7,
    }),
    row('ingested, each moving a unit', judgedEach.figures, bareEach.figures, `the same; ${batches(oneFixEach)}`),
    row(
      'ingested over HTTP',
      posted.figures,
      bare.figures,
      `with token, body and schema checks, in a server of its own; ${batches(fleetOf300)}`,
    ),
  ];
}
