/** Simulated days over worker threads: dealt out in small lots, gathered in order, the same whatever the number of threads. */
import { refuseField } from '../domain/errors.ts';
import { type City, cityFaults } from '../planning/simulation/city.ts';
import type { PolicyName } from '../planning/simulation/policies.ts';
import { type Differences, differencesOf, figuresOf, type PlanFigures } from '../planning/simulation/report.ts';
import { WIDTH } from '../planning/simulation/tally.ts';
import type { DaysAsked, DaysDone, SimulationWork } from './simulate.worker.ts';
import { startWorker } from './start-worker.ts';

export const DAYS_AT_LEAST = 2;
export const DAYS_AT_MOST = 100_000;
const DAYS_A_LOT = 10;

export interface SimulatedPlan {
  readonly policy: PolicyName;
  readonly city: City;
}

export interface SimulateOptions {
  readonly days: number;
  readonly seed: number;
  readonly threads: number;
  /** Aborting ends the threads: the days they had are answered, or where those say nothing its reason is thrown. */
  readonly signal?: AbortSignal;
  /** @param soFar a report of the days there are by then; null where they say nothing yet */
  readonly onProgress?: (share: number, soFar: () => SimulationReport | null) => void;
}

export interface PlanReport {
  readonly policy: PolicyName;
  readonly units: number;
  readonly stations: number;
  readonly figures: PlanFigures;
}

export interface SimulationReport {
  readonly city: string;
  readonly demand: City['basis']['demand'];
  readonly histories: City['basis']['histories'];
  readonly travel: City['basis']['travel'];
  /** The first so many of those asked for. */
  readonly days: number;
  readonly daysAsked: number;
  /** It was broken off, or is not at its end: fewer days than were asked for. */
  readonly partial: boolean;
  readonly seed: number;
  readonly plan: PlanReport;
  readonly against: PlanReport;
  /** Plan less against, over the same days. */
  readonly difference: Differences;
}

/** Throws `invalid-field` where a city cannot be simulated: no units, stations, calls or drives. */
export function refuseFaults(city: City): void {
  const [fault] = cityFaults(city);
  if (fault) {
    const [field = 'city', ...detail] = fault.split(': ');
    throw refuseField(field, detail.join(': '));
  }
}

/** Both plans over the same days, told apart by paired intervals. */
export async function simulate(
  plan: SimulatedPlan,
  against: SimulatedPlan,
  options: SimulateOptions,
): Promise<SimulationReport> {
  refuseFaults(plan.city);
  refuseFaults(against.city);
  const report = ([rows, others]: readonly Float64Array[]): SimulationReport | null =>
    rows && others && rows.length >= DAYS_AT_LEAST * WIDTH ? reportOf([plan, rows], [against, others], options) : null;
  const found = report(
    await simulateDays([plan, against], {
      ...options,
      onProgress: (share, soFar) => options.onProgress?.(share, () => report(soFar())),
    }),
  );
  if (!found) throw options.signal?.reason;
  return found;
}

type Simulated = readonly [plan: SimulatedPlan, rows: Float64Array];

function reportOf(
  [plan, rows]: Simulated,
  [against, others]: Simulated,
  { days, seed }: Pick<SimulateOptions, 'days' | 'seed'>,
): SimulationReport {
  const one = ({ policy, city }: SimulatedPlan, of: Float64Array): PlanReport => ({
    policy,
    units: city.units.length,
    stations: city.stations.length,
    figures: figuresOf(of, city.units.length),
  });
  return {
    city: plan.city.name,
    ...plan.city.basis,
    days: rows.length / WIDTH,
    daysAsked: days,
    partial: rows.length < days * WIDTH,
    seed,
    plan: one(plan, rows),
    against: one(against, others),
    difference: differencesOf(rows, others),
  };
}

type DaysOptions = Omit<SimulateOptions, 'onProgress'> & {
  readonly onProgress?: (share: number, soFar: () => Float64Array[]) => void;
};

/**
 * The tallies of each plan, day by day. Broken off, those of the first days, as far as they are done without a gap: which
 * days are quick to simulate must not decide which ones are counted.
 */
export async function simulateDays(
  plans: readonly SimulatedPlan[],
  { days, seed, threads, signal, onProgress }: DaysOptions,
): Promise<Float64Array[]> {
  signal?.throwIfAborted();
  const rows = plans.map(() => new Float64Array(days * WIDTH));
  const work: SimulationWork = { plans, seed };
  const lots: DaysAsked[] = [];
  for (let from = 0; from < days; from += DAYS_A_LOT) lots.push({ from, to: Math.min(days, from + DAYS_A_LOT) });
  const workers = Array.from({ length: Math.min(threads, lots.length) }, () =>
    startWorker('simulate.worker', import.meta.url, { workerData: work }),
  );
  let stop: () => void = () => {};
  const stopped = new Promise<void>((resolve) => {
    stop = resolve;
  });
  const abort = () => stop();
  signal?.addEventListener('abort', abort, { once: true });
  let done = 0;
  const ends = new Map<number, number>();
  const soFar = () => {
    let end = 0;
    for (let next = ends.get(end); next !== undefined; next = ends.get(end)) end = next;
    return rows.map((each) => each.subarray(0, end * WIDTH));
  };
  try {
    const all = workers.map(
      (worker) =>
        new Promise<void>((resolve, reject) => {
          const next = () => {
            const lot = lots.shift();
            if (lot) worker.postMessage(lot);
            else resolve();
          };
          worker.on('message', (lot: DaysDone) => {
            lot.rows.forEach((part, plan) => {
              rows[plan]?.set(part, lot.from * WIDTH);
            });
            done += lot.to - lot.from;
            ends.set(lot.from, lot.to);
            onProgress?.(done / days, soFar);
            next();
          });
          worker.on('error', reject);
          worker.on('exit', (code) => reject(new Error(`a simulating thread ended with code ${code}`)));
          next();
        }),
    );
    await Promise.race([Promise.all(all), stopped]);
  } finally {
    signal?.removeEventListener('abort', abort);
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
  return soFar();
}
