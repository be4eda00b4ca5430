/** Intake under load beside its floor: throughput, the slow end at a fixed rate, and memory. */
import { readAuthKey } from '../src/auth-key.ts';
import { inTransaction, openPool } from '../src/database/pool.ts';
import { inventDistrict } from '../src/demo/district.ts';
import { placeInside, subdistricts } from '../src/demo/geography.ts';
import { seededRandom } from '../src/demo/random.ts';
import type { Role } from '../src/domain/vocabulary.ts';
import { putArea, putPlace, putUnit } from '../src/fleet/store.ts';
import { issueToken } from '../src/http/auth.ts';
import { systemClock } from '../src/system.ts';
import { execute } from '../test/support/ground.ts';
import { callSource, sampleResidents } from './calls.ts';
import { arrive, flood, type Target } from './drive.ts';
import { type Ground, keys, SEED } from './ground.ts';
import { judged, median, quantile, type ResultRow, round } from './rows.ts';

export interface LoadSize {
  readonly residents: number;
  readonly units: number;
  readonly connections: number;
  /** Calls before anything is measured; memory is read after them. */
  readonly firstCalls: number;
  readonly rounds: number;
  readonly secondsPerRound: number;
  readonly perSecond: number;
}

export const loadSize: LoadSize = {
  residents: 100_000,
  units: 300,
  connections: 50,
  firstCalls: 10_000,
  rounds: 7,
  secondsPerRound: 6,
  perSecond: 100,
};

const CALLERS_HELD = 5_000;

export async function benchLoad(ground: Ground, size: LoadSize): Promise<ResultRow[]> {
  const { databaseUrl } = await ground.registry(size.residents);
  await inventFleet(databaseUrl, size.units);
  const next = callSource(sampleResidents(size.residents, CALLERS_HELD, SEED), SEED);
  const floorServer = await ground.serve('bench/floor.ts', { DATABASE_URL: await ground.database('floor') }, 'floor');
  const engineServer = await ground.serveBuild({ DATABASE_URL: databaseUrl }, 'engine');
  const floor: Target = { url: floorServer.url, next };
  const engine: Target = { url: engineServer.url, next, token: await tokenFor('dispatcher') };

  const first = { connections: size.connections, calls: size.firstCalls };
  await flood(floor, first);
  await flood(engine, first);
  const memory = engineServer.residentMegabytes();

  /** Closed as a centre closes them: clocks of thousands of calls nobody goes to are not what intake is measured by. */
  const rest = async () => {
    await execute(databaseUrl, `UPDATE calls SET status = 'closed' WHERE status <> 'closed'`);
    await engineServer.settled();
  };
  await rest();

  const { connections, perSecond, secondsPerRound: seconds } = size;
  const floods = await alternate(size.rounds, floor, engine, rest, async (target) => {
    const server = target === floor ? floorServer : engineServer;
    const before = server.processorMilliseconds();
    const { calls, perSecond } = await flood(target, { connections, seconds });
    return { perSecond, microsecondsPerCall: ((server.processorMilliseconds() - before) * 1000) / calls };
  });
  const waits = await alternate(size.rounds, floor, engine, rest, async (target) => {
    const waited = await arrive(target, { perSecond, seconds });
    return { p50: quantile(waited, 0.5), p99: quantile(waited, 0.99) };
  });
  await engineServer.stop();
  await floorServer.stop();

  const shared = `${size.residents} residents filed, ${size.units} units, 20 % of numbers unregistered, an Idempotency-Key each; median of ${size.rounds} alternating rounds of ${seconds} s; load generator, server and PostgreSQL (fsync on) share the processors; engine with token, log and Redis, floor without; between rounds calls are closed and jobs worked off`;
  const many = `${connections} connections; ${shared}`;
  const steady = `${perSecond} calls/s arriving at random; ${shared}`;
  return [
    judged(besideFloor('throughput', 'calls/s', floods.map(of('perSecond')), many), { atLeast: 0.6 }),
    besideFloor('processor time of the server', 'µs a call', floods.map(of('microsecondsPerCall')), many),
    besideFloor('median', 'ms', waits.map(of('p50')), steady),
    judged(besideFloor('p99', 'ms', waits.map(of('p99')), steady), { atMost: 3 }),
    judged(
      {
        benchmark: 'load',
        figure: 'resident memory',
        value: round(memory),
        unit: 'MB',
        conditions: `built, DATABASE_URL and REDIS_URL set, ${size.residents} residents filed, right after the first ${size.firstCalls} calls over ${connections} connections`,
      },
      { atMost: 300 },
    ),
  ];
}

interface Pair<T> {
  readonly floor: T;
  readonly engine: T;
}

/** Who goes first changes each round, so that neither always finds what the other left behind. */
export async function alternate<T>(
  rounds: number,
  floor: Target,
  engine: Target,
  rest: () => Promise<void>,
  measure: (target: Target) => Promise<T>,
): Promise<Pair<T>[]> {
  const pairs: Pair<T>[] = [];
  for (let i = 0; i < rounds; i++) {
    if (i % 2 === 0) {
      const of = await measure(floor);
      pairs.push({ floor: of, engine: await measure(engine) });
      await rest();
    } else {
      const value = await measure(engine);
      await rest();
      pairs.push({ floor: await measure(floor), engine: value });
    }
  }
  return pairs;
}

const of =
  <K extends string>(figure: K) =>
  ({ floor, engine }: Pair<Record<K, number>>): Pair<number> => ({ floor: floor[figure], engine: engine[figure] });

/** Medians of both, and the median of the rounds' own ratios: what slows a whole round slows both halves of it. */
function besideFloor(figure: string, unit: string, pairs: readonly Pair<number>[], conditions: string): ResultRow {
  return {
    benchmark: 'load',
    figure,
    value: round(median(pairs.map(({ engine }) => engine))),
    unit,
    floor: round(median(pairs.map(({ floor }) => floor))),
    ratio: round(median(pairs.map(({ engine, floor }) => engine / floor))),
    conditions,
  };
}

export function tokenFor(role: Role, subject = 'bench'): Promise<string> {
  return issueToken(readAuthKey(keys.auth), { role, subject, ttlSeconds: 4 * 3600 }, systemClock);
}

/** The demonstration's sub-districts and places, and its fleet many times over, spread over the district. */
export async function inventFleet(databaseUrl: string, count: number): Promise<void> {
  const now = systemClock.now();
  const random = seededRandom(SEED);
  const { areas, places, units } = inventDistrict(now);
  const db = openPool(databaseUrl);
  await inTransaction(db, async (tx) => {
    for (const area of areas) await putArea(tx, area);
    for (const place of places) await putPlace(tx, place);
    for (let i = 0; i < count; i++) {
      const position = placeInside(random, random.pick(subdistricts));
      await putUnit(tx, { ...random.pick(units), unitId: `bench-unit-${i}`, position }, now);
    }
  });
  await db.end();
}

/** Drives a service that runs elsewhere, with calls from the demonstration's numbers. It stores them. */
export async function driveTarget(
  url: string,
  token: string,
  { connections, perSecond, secondsPerRound }: LoadSize,
): Promise<ResultRow[]> {
  const { residents } = inventDistrict(systemClock.now());
  const target: Target = { url: url.replace(/\/$/, ''), token, next: callSource(residents, SEED) };
  await flood(target, { connections, calls: 10 * connections });
  const { perSecond: throughput } = await flood(target, { connections, seconds: secondsPerRound });
  const waited = await arrive(target, { perSecond, seconds: secondsPerRound });
  const row = (figure: string, unit: string, value: number, conditions: string): ResultRow => {
    return {
      benchmark: 'load',
      figure,
      value: round(value),
      unit,
      conditions: `${conditions} for ${secondsPerRound} s`,
    };
  };
  const rate = `${perSecond} calls/s arriving at random`;
  return [
    row('throughput', 'calls/s', throughput, `running service, ${connections} connections`),
    row('median', 'ms', quantile(waited, 0.5), `running service, ${rate}`),
    row('p99', 'ms', quantile(waited, 0.99), `running service, ${rate}`),
  ];
}
