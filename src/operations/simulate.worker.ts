/** A thread that simulates days: told which, it answers with their tallies. */
import { parentPort, workerData } from 'node:worker_threads';
import { firstToArrive, turnoutSeconds } from '../fleet/rank.ts';
import { casesByHour, drawCalls } from '../planning/simulation/calls.ts';
import type { City } from '../planning/simulation/city.ts';
import { type PolicyName, policyFor } from '../planning/simulation/policies.ts';
import { WIDTH } from '../planning/simulation/tally.ts';
import { World } from '../planning/simulation/world.ts';

export interface SimulationWork {
  readonly plans: readonly { readonly city: City; readonly policy: PolicyName }[];
  readonly seed: number;
}
/** Days `from` up to `to`, not included. */
export interface DaysAsked {
  readonly from: number;
  readonly to: number;
}
/** Plan by plan, day by day. */
export interface DaysDone extends DaysAsked {
  readonly rows: readonly Float64Array[];
}

const { plans, seed } = workerData as SimulationWork;
const ready = plans.map(({ city, policy }) => ({
  city,
  byHour: casesByHour(city),
  world: new World(city, firstToArrive, turnoutSeconds),
  policy: policyFor(policy, city),
}));

parentPort?.on('message', ({ from, to }: DaysAsked) => {
  const rows = ready.map(() => new Float64Array((to - from) * WIDTH));
  for (let day = from; day < to; day++) {
    ready.forEach(({ city, byHour, world, policy }, plan) => {
      const at = (day - from) * WIDTH;
      world.run(drawCalls(city, byHour, seed, day), policy, (rows[plan] as Float64Array).subarray(at, at + WIDTH));
    });
  }
  const done: DaysDone = { from, to, rows };
  parentPort?.postMessage(
    done,
    rows.map((each) => each.buffer as ArrayBuffer),
  );
});
