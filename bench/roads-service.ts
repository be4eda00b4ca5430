/** What roads cost the service: importing an extract, and intake with a map beside intake without. */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { openPool } from '../src/database/pool.ts';
import { loadStreets } from '../src/demo/load.ts';
import { importCity } from '../src/operations/import-city.ts';
import { systemClock } from '../src/system.ts';
import { execute, databaseUrl as urlOf } from '../test/support/ground.ts';
import { callSource, sampleResidents } from './calls.ts';
import { arrive, flood, type Target } from './drive.ts';
import { type Ground, keys, SEED, type Served } from './ground.ts';
import { alternate, inventFleet, tokenFor } from './load.ts';
import { EXTRACT } from './roads.ts';
import type { CityImport } from './roads-import.child.ts';
import { judged, median, type ResultRow, round } from './rows.ts';

const temporary = () => mkdtempSync(join(tmpdir(), 'precision-dispatch-bench-roads-'));

export async function benchOsmImport(ground: Ground): Promise<ResultRow[]> {
  if (!existsSync(EXTRACT)) {
    console.log(`no ${EXTRACT}: its import is not measured`);
    return [];
  }
  const { seconds, peakMegabytes } = await importExtract(await ground.database('roads_import'));
  const conditions =
    'central Beijing, gzipped XML of 0.4 MB, into PostgreSQL with fsync on; the machine was shared with other work';
  const row = (figure: string, unit: string, value: number): ResultRow => ({
    benchmark: 'roads',
    figure,
    value: round(value),
    unit,
    conditions,
  });
  return [
    judged(row('importing an extract', 's', seconds), { atMost: 30 }),
    judged(row('importing an extract, memory at its peak', 'MB', peakMegabytes), { atMost: 600 }),
  ];
}

/** In a process of its own, as the command does it. */
async function importExtract(databaseUrl: string): Promise<CityImport> {
  const dataDir = temporary();
  const child = fileURLToPath(new URL('roads-import.child.ts', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, ['--import=tsx', child, EXTRACT, dataDir], {
    env: { ...process.env, DATABASE_URL: databaseUrl },
  });
  rmSync(dataDir, { recursive: true, force: true });
  return JSON.parse(stdout.trim().split('\n').at(-1) as string) as CityImport;
}

export interface IntakeByRoadSize {
  readonly residents: number;
  readonly units: number;
  readonly connections: number;
  readonly rounds: number;
  readonly secondsPerRound: number;
}
export const intakeByRoadSize: IntakeByRoadSize = {
  residents: 10_000,
  units: 300,
  connections: 50,
  rounds: 7,
  secondsPerRound: 4,
};

const ARRIVING = { perSecond: 100, seconds: 12 } as const;

/** The longest that the service's event loop was held up while calls came in: with a map taken over, and without. */
async function heldUp({ server, databaseUrl, target }: { server: Served; databaseUrl: string; target: Target }) {
  const longestSince = async () => {
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    return Number(/^nodejs_eventloop_lag_max_seconds (\S+)$/m.exec(metrics)?.[1]) * 1000;
  };
  const during = async (work: Promise<unknown>): Promise<number> => {
    await longestSince(); // begins anew
    await Promise.all([arrive(target, ARRIVING), work]);
    return longestSince();
  };
  const without = await during(Promise.resolve());
  const longest = await during(importExtract(databaseUrl));
  return {
    benchmark: 'roads-intake',
    figure: 'longest hold-up of the event loop while calls come in and a map is taken over',
    value: round(longest),
    unit: 'ms',
    floor: round(without),
    ratio: round(longest / without),
    conditions: `central Beijing imported anew by a process of its own on the same processors; ${ARRIVING.perSecond} calls a second arriving at random for ${ARRIVING.seconds} s; read from the service’s own /metrics, which looks every 10 ms and counts those in; floor: the same service, the same calls, no other map`,
  } satisfies ResultRow;
}

/** Two services alike but for the map, in turns on the same machine. */
export async function benchIntakeByRoad(ground: Ground, size: IntakeByRoadSize): Promise<ResultRow[]> {
  const { databaseUrl } = await ground.registry(size.residents);
  await inventFleet(databaseUrl, size.units);
  const { url: admin } = await ground.postgres();
  const template = new URL(databaseUrl).pathname.slice(1);
  await execute(admin, `CREATE DATABASE with_roads TEMPLATE ${template}`);
  const mapped = urlOf(admin, 'with_roads');
  const dataDir = temporary();
  const db = openPool(mapped);
  const city = existsSync(EXTRACT);
  if (city) await importCity({ db, dataDir }, EXTRACT, { areaLevel: 8 }, systemClock.now());
  else await loadStreets({ db }, systemClock.now());
  await db.end();

  const redis = (await ground.redis()).url;
  const next = callSource(sampleResidents(size.residents, 2_000, SEED), SEED);
  const token = await tokenFor('dispatcher');
  const serve = async (DATABASE_URL: string, name: string) => {
    const env = {
      DATABASE_URL,
      REDIS_URL: redis,
      AUTH_KEY: keys.auth,
      IDENTITY_KEY: keys.identityKey.toString('base64'),
      DATA_DIR: join(dataDir, name),
    };
    const server = await ground.serveBuild(env, name);
    return { server, databaseUrl: DATABASE_URL, target: { url: server.url, next, token } satisfies Target };
  };
  const straight = await serve(databaseUrl, 'without');
  const byRoad = await serve(mapped, 'with');
  await sleep(3_000); // the other hours of the day are worked out by then
  for (const { target } of [straight, byRoad]) await flood(target, { connections: size.connections, calls: 3_000 });
  const rest = async () => {
    for (const { server, databaseUrl: url } of [straight, byRoad]) {
      await execute(url, `UPDATE calls SET status = 'closed' WHERE status <> 'closed'`);
      await server.settled();
    }
  };
  await rest();
  const pairs = await alternate(size.rounds, straight.target, byRoad.target, rest, async (target) => {
    const { server } = target === byRoad.target ? byRoad : straight;
    const before = server.processorMilliseconds();
    const { calls, perSecond } = await flood(target, {
      connections: size.connections,
      seconds: size.secondsPerRound,
    });
    return { perSecond, microsecondsPerCall: ((server.processorMilliseconds() - before) * 1000) / calls };
  });
  await rest();
  const held = city ? [await heldUp(byRoad)] : [];
  await byRoad.server.stop();
  await straight.server.stop();
  rmSync(dataDir, { recursive: true, force: true });
  const conditions = `${city ? 'central Beijing' : 'the demonstration’s streets'}, ${size.units} units, ${size.residents} residents, ${size.connections} connections; median of ${size.rounds} alternating rounds of ${size.secondsPerRound} s; floor: the same service without a map; load generator, services and PostgreSQL share the processors with other work`;
  const beside = (figure: string, unit: string, key: 'perSecond' | 'microsecondsPerCall'): ResultRow => ({
    benchmark: 'roads-intake',
    figure,
    value: round(median(pairs.map(({ engine }) => engine[key]))),
    unit,
    floor: round(median(pairs.map(({ floor }) => floor[key]))),
    ratio: round(median(pairs.map(({ engine, floor }) => engine[key] / floor[key]))),
    conditions,
  });
  return [
    judged(beside('calls taken with roads beside without', 'a second', 'perSecond'), { atLeast: 0.8 }),
    beside('processor time of the service with roads beside without', 'µs a call', 'microsecondsPerCall'),
    ...held,
  ];
}
