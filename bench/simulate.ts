/** Simulated days a second on one core, and our policy against closest-idle and DMEXCLP over the same days of two cities. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { demoCity } from '../src/demo/city.ts';
import { inventStreets } from '../src/demo/streets.ts';
import { firstToArrive, turnoutSeconds } from '../src/fleet/rank.ts';
import { RoadNetwork } from '../src/fleet/roads/network.ts';
import { prepareGraph } from '../src/fleet/roads/prepare/prepare.ts';
import { casesByHour, drawCalls } from '../src/planning/simulation/calls.ts';
import type { City } from '../src/planning/simulation/city.ts';
import { type PolicyName, policyFor } from '../src/planning/simulation/policies.ts';
import { type Difference, differencesOf, figuresOf } from '../src/planning/simulation/report.ts';
import { WIDTH } from '../src/planning/simulation/tally.ts';
import { World } from '../src/planning/simulation/world.ts';
import { loadProtocol } from '../src/requirement/load.ts';
import { readManhattan } from './manhattan.ts';
import { judged, type ResultRow, round } from './rows.ts';

export interface SimulateSize {
  readonly days: number;
  readonly seed: number;
}
const NOW = Date.parse('2026-01-05T00:00:00+08:00');
const DAYS_A_SECOND_AT_LEAST = 100;
const DAYS_TO_WARM_UP = 20;
/** Example data of JEMSS, beside the repository and no part of it. */
export const MANHATTAN = fileURLToPath(new URL('../../shared/data/ems/jemss_manhattan', import.meta.url));
const POLICIES: readonly PolicyName[] = ['closest-idle', 'dmexclp', 'expected-cover'];

/** Each policy's tallies over the same days, in this thread, and how many a second of processor time. */
export function daysOf(city: City, { days, seed }: SimulateSize, policies = POLICIES, daysToWarmUp = 0) {
  const byHour = casesByHour(city);
  const world = new World(city, firstToArrive, turnoutSeconds);
  return policies.map((name) => {
    const policy = policyFor(name, city);
    const rows = new Float64Array(days * WIDTH);
    for (let day = 0; day < daysToWarmUp; day++)
      world.run(drawCalls(city, byHour, seed + 1, day), policy, new Float64Array(WIDTH));
    const before = process.cpuUsage();
    for (let day = 0; day < days; day++)
      world.run(drawCalls(city, byHour, seed, day), policy, rows.subarray(day * WIDTH, (day + 1) * WIDTH));
    const { user, system } = process.cpuUsage(before);
    return { name, rows, daysPerSecond: (days * 1e6) / (user + system) };
  });
}

export async function benchSimulate(size: SimulateSize): Promise<ResultRow[]> {
  const roads = new RoadNetwork(prepareGraph(inventStreets()).graph);
  const demo = await demoCity(loadProtocol(), roads, NOW);
  const rows = rowsOf(demo, size, true);
  if (existsSync(MANHATTAN)) rows.push(...rowsOf(readManhattan(MANHATTAN), size, false));
  else console.log('no Manhattan at ../shared/data/ems/jemss_manhattan: compared on the demonstration alone');
  return rows;
}

function rowsOf(city: City, size: SimulateSize, judgeSpeed: boolean): ResultRow[] {
  const conditions = `${city.name}: ${size.days} days, seed ${size.seed}, ${city.units.length} units, ${Math.round(city.callsPerDay)} calls a day, drives by ${city.basis.travel}; a second is one of processor time, as the machine is shared`;
  const runs = daysOf(city, size, POLICIES, DAYS_TO_WARM_UP);
  const rows: ResultRow[] = [];
  for (const { name, rows: tally, daysPerSecond } of runs) {
    const speed: ResultRow = {
      benchmark: 'simulate',
      figure: `${city.name}, ${name}: speed`,
      value: round(daysPerSecond),
      unit: 'days/s',
      conditions,
    };
    rows.push(judgeSpeed ? judged(speed, { atLeast: DAYS_A_SECOND_AT_LEAST }) : speed);
    const { meanSeconds, within8Share, perDay, perShift } = figuresOf(tally, city.units.length);
    rows.push(
      {
        benchmark: 'simulate',
        figure: `${city.name}, ${name}: mean response`,
        value: round(meanSeconds?.value ?? 0),
        unit: 's',
        conditions,
      },
      {
        benchmark: 'simulate',
        figure: `${city.name}, ${name}: within 8 minutes`,
        value: round((within8Share?.value ?? 0) * 100),
        unit: '%',
        conditions,
      },
      {
        benchmark: 'simulate',
        figure: `${city.name}, ${name}: moves of idle units`,
        value: round(perDay.moves),
        unit: 'a day',
        conditions,
      },
      {
        benchmark: 'simulate',
        figure: `${city.name}, ${name}: drives of those moves, all units`,
        value: round(perDay.moveDriveHours),
        unit: 'h a day',
        conditions: `${conditions}; a crew and shift of twelve hours: ${round(perShift.moveDriveHours * 60)} min on moves beside ${round(perShift.busyHours)} h on calls, the longest shift of a day ${round(perShift.longestHours)} h`,
      },
    );
  }
  const ours = runs.find(({ name }) => name === 'expected-cover');
  for (const other of runs.filter((run) => run !== ours)) {
    const { within8Share, meanSeconds } = differencesOf(ours?.rows ?? other.rows, other.rows);
    const between = (difference: Difference | null, factor: number) =>
      `95 % of it between ${round((difference?.low ?? 0) * factor)} and ${round((difference?.high ?? 0) * factor)}`;
    console.log(
      `${city.name}, expected-cover over ${other.name}: within 8 minutes ${round((within8Share?.value ?? 0) * 100)} points, ${between(within8Share, 100)}; mean ${round(meanSeconds?.value ?? 0)} s, ${between(meanSeconds, 1)}`,
    );
    rows.push(
      {
        benchmark: 'simulate',
        figure: `${city.name}, expected-cover over ${other.name}: within 8 minutes`,
        value: round((within8Share?.value ?? 0) * 100),
        unit: 'points',
        target: 'better, real',
        met: (within8Share?.low ?? 0) > 0,
        conditions: `${conditions}; ${between(within8Share, 100)}`,
      },
      {
        benchmark: 'simulate',
        figure: `${city.name}, expected-cover over ${other.name}: mean response`,
        value: round(meanSeconds?.value ?? 0),
        unit: 's',
        target: 'no worse, sure',
        met: (meanSeconds?.high ?? 1) <= 0,
        conditions: `${conditions}; ${between(meanSeconds, 1)}`,
      },
    );
  }
  return rows;
}
