/**
 * `npm run simulate -- --days N --policy NAME --seed S [--units N] [--against NAME] [--json]`: two policies over the
 * same days. Without DATABASE_URL the demonstration district is simulated; with it, the service's own stations, units,
 * past calls and residents.
 */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { SingleBar } from 'cli-progress';
import { demoCity } from '../demo/city.ts';
import { systemClock } from '../deps.ts';
import { Problem } from '../domain/errors.ts';
import { straightLineTravel } from '../fleet/travel.ts';
import { DAYS_AT_LEAST, DAYS_AT_MOST, type SimulationReport, simulate } from '../operations/simulate.ts';
import { isPolicyName, type PolicyName, policyNames } from '../planning/simulation/policies.ts';
import { loadProtocol } from '../requirement/load.ts';
import { simulationInWords } from './simulate-words.ts';

const usage = `usage: npm run simulate -- --days N --policy NAME --seed S [--units N] [--against NAME] [--json]
       NAME: ${policyNames.join(' ')}`;
const UNITS_AT_MOST = 500;

const asked = readArguments();
const bar = new SingleBar({ format: '[{bar}] {percentage}% · {eta_formatted} left', clearOnComplete: true });
try {
  const city = await demoCity(loadProtocol(), straightLineTravel, systemClock.now(), {
    changes: { fleetSize: asked.units },
  });
  bar.start(100, 0);
  const started = performance.now();
  const report: SimulationReport = await simulate(
    { policy: asked.policy, city },
    { policy: asked.against, city },
    {
      days: asked.days,
      seed: asked.seed,
      threads: availableParallelism(),
      onProgress: (share) => bar.update(Math.floor(share * 100)),
    },
  );
  bar.stop();
  const seconds = (performance.now() - started) / 1000;
  console.log(asked.json ? JSON.stringify(report, null, 2) : simulationInWords(report));
  if (!asked.json) console.log(`${((2 * asked.days) / seconds).toFixed(0)} simulated days a second`);
} catch (error) {
  bar.stop();
  stop(
    error instanceof Problem ? error.fields.map((f) => `${f.field}: ${f.detail}`).join('\n') : (error as Error).message,
  );
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
