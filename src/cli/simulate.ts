/**
 * `npm run simulate -- --days N --policy NAME --seed S [--units N] [--against NAME] [--json]`: two policies over the
 * same days. Without DATABASE_URL the demonstration district is simulated; with it, the service's own stations, units,
 * past calls and residents. Interrupted, it says what the days so far say.
 */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { SingleBar } from 'cli-progress';
import { readConfig } from '../config.ts';
import { openDatabase } from '../database/open.ts';
import { createSeal } from '../database/seal.ts';
import { demoCity, simulationAssumptions } from '../demo/city.ts';
import { inventStreets } from '../demo/streets.ts';
import { Problem } from '../domain/errors.ts';
import { firstToArrive } from '../fleet/rank.ts';
import { openGraph } from '../fleet/roads/graph.ts';
import { keptGraph } from '../fleet/roads/kept.ts';
import { RoadNetwork } from '../fleet/roads/network.ts';
import { prepareGraph } from '../fleet/roads/prepare/prepare.ts';
import { newestGraph } from '../fleet/roads/store.ts';
import { Roster } from '../fleet/roster.ts';
import { straightLineTravel } from '../fleet/travel.ts';
import { DAYS_AT_LEAST, DAYS_AT_MOST, type SimulationReport, simulate } from '../operations/simulate.ts';
import { buildCity } from '../operations/simulation-city.ts';
import { cityParts } from '../operations/simulation-source.ts';
import type { City } from '../planning/simulation/city.ts';
import { isPolicyName, type PolicyName, policyNames } from '../planning/simulation/policies.ts';
import { loadProtocol } from '../requirement/load.ts';
import { systemClock } from '../system.ts';
import { simulationInWords } from './simulate-words.ts';

const usage = `usage: npm run simulate -- --days N --policy NAME --seed S [--units N] [--against NAME] [--json]
       NAME: ${policyNames.join(' ')}`;
const UNITS_AT_MOST = 500;

const asked = readArguments();
const bar = new SingleBar({ format: '[{bar}] {percentage}% · {eta_formatted} left', clearOnComplete: true });
try {
  const city = process.env.DATABASE_URL ? await filedCity() : await inventedCity();
  bar.start(100, 0);
  const abort = new AbortController();
  process.once('SIGINT', () => abort.abort(new Error('interrupted before two days were done')));
  const started = performance.now();
  const report: SimulationReport = await simulate(
    { policy: asked.policy, city },
    { policy: asked.against, city },
    {
      days: asked.days,
      seed: asked.seed,
      threads: availableParallelism(),
      signal: abort.signal,
      onProgress: (share) => bar.update(Math.floor(share * 100)),
    },
  );
  bar.stop();
  const seconds = (performance.now() - started) / 1000;
  console.log(asked.json ? JSON.stringify(report, null, 2) : simulationInWords(report));
  if (!asked.json)
    console.log(`\n${2 * report.days} days simulated in ${seconds.toFixed(1)} s by ${availableParallelism()} threads`);
} catch (error) {
  bar.stop();
  stop(
    error instanceof Problem ? error.fields.map((f) => `${f.field}: ${f.detail}`).join('\n') : (error as Error).message,
  );
}

/** The demonstration's, roads and all; nothing has to run for it. */
async function inventedCity(): Promise<City> {
  const travel = new RoadNetwork(prepareGraph(inventStreets()).graph);
  return demoCity(loadProtocol(), travel, systemClock.now(), { changes: { fleetSize: asked.units } });
}

async function filedCity(): Promise<City> {
  const config = readConfig(process.env);
  const { db, close } = await openDatabase(config);
  try {
    const stored = await newestGraph(db);
    const memory = stored && (await keptGraph(db, config.dataDir, stored));
    const network = memory ? new RoadNetwork(openGraph(memory)) : null;
    const deps = {
      db,
      config,
      clock: systemClock,
      seal: createSeal(config.identityKey),
      protocol: loadProtocol(config.protocolDir ?? undefined),
      roster: new Roster(),
      rank: firstToArrive,
      travel: network ?? straightLineTravel,
      roads: { network },
    };
    const actor = { role: 'planner', subject: 'simulate' };
    const parts = await cityParts(deps, actor, simulationAssumptions, null);
    return await buildCity(parts, { fleetSize: asked.units });
  } finally {
    await close();
  }
}

function readArguments() {
  const text = { type: 'string' } as const;
  let values: Record<string, string | boolean | undefined> = {};
  try {
    ({ values } = parseArgs({
      options: { days: text, policy: text, seed: text, units: text, against: text, json: { type: 'boolean' } },
    }));
  } catch (error) {
    stop(`${(error as Error).message}\n${usage}`);
  }
  const whole = (name: string, least: number, most: number): number => {
    const value = Number(values[name]);
    if (values[name] === undefined || !Number.isInteger(value) || value < least || value > most)
      stop(`--${name} must be a whole number from ${least} to ${most}\n${usage}`);
    return value;
  };
  const policy = (name: string): PolicyName => {
    const given = String(values[name]);
    if (!isPolicyName(given)) stop(`--${name}: there is no policy of that name\n${usage}`);
    return given;
  };
  const chosen = policy('policy');
  return {
    days: whole('days', DAYS_AT_LEAST, DAYS_AT_MOST),
    seed: whole('seed', 0, 2 ** 31 - 1),
    units: values.units === undefined ? null : whole('units', 1, UNITS_AT_MOST),
    policy: chosen,
    // The standing comparison: precise dispatch against whoever is nearest; any other policy against precise dispatch.
    against:
      values.against === undefined ? (chosen === 'closest-idle' ? 'nearest-any' : 'closest-idle') : policy('against'),
    json: values.json === true,
  } as const;
}

function stop(message: string): never {
  console.error(message);
  process.exit(1);
}
