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
  /** Aborting ends the threads; what was asked then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (share: number) => void;
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
  readonly days: number;
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
  const [rows, others] = (await simulateDays([plan, against], options)) as [Float64Array, Float64Array];
  const reportOf = ({ policy, city }: SimulatedPlan, of: Float64Array): PlanReport => ({
    policy,
    units: city.units.length,
    stations: city.stations.length,
    figures: figuresOf(of, city.units.length),
  });
  return {
    city: plan.city.name,
    ...plan.city.basis,
    days: options.days,
    seed: options.seed,
    plan: reportOf(plan, rows),
    against: reportOf(against, others),
    difference: differencesOf(rows, others),
  };
}

/** The tallies of each plan, day by day. */
export async function simulateDays(
  plans: readonly SimulatedPlan[],
  { days, seed, threads, signal, onProgress }: SimulateOptions,
): Promise<Float64Array[]> {
  signal?.throwIfAborted();
  const rows = plans.map(() => new Float64Array(days * WIDTH));
  const work: SimulationWork = { plans, seed };
  const lots: DaysAsked[] = [];
  for (let from = 0; from < days; from += DAYS_A_LOT) lots.push({ from, to: Math.min(days, from + DAYS_A_LOT) });
  const workers = Array.from({ length: Math.min(threads, lots.length) }, () =>
    startWorker('simulate.worker', import.meta.url, { workerData: work }),
  );
  let stop: (reason: unknown) => void = () => {};
  const stopped = new Promise<never>((_, reject) => {
    stop = reject;
  });
  const abort = () => stop(signal?.reason);
  signal?.addEventListener('abort', abort, { once: true });
  let done = 0;
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
            onProgress?.(done / days);
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
  return rows;
}
