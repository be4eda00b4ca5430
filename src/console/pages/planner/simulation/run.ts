/** Simulations asked for on the board: started, followed until they end, stopped, and those of before. */
import { type Signal, signal } from '@preact/signals';
import type { City } from '../../../../planning/simulation/city.ts';
import type { PolicyName } from '../../../../planning/simulation/policies.ts';
import type { Differences, PlanFigures } from '../../../../planning/simulation/report.ts';
import type { SimulationInput } from '../../../../planning/simulation/schema.ts';
import { attempt } from '../../../shell/actions.ts';
import { ask, pathOf } from '../../../shell/api.ts';

export interface SimulatedPlan {
  readonly policy: PolicyName;
  readonly units: number;
  readonly stations: number;
  readonly figures: PlanFigures;
}
export interface Report {
  readonly demand: City['basis']['demand'];
  readonly histories: City['basis']['histories'];
  readonly travel: City['basis']['travel'];
  readonly days: number;
  readonly daysAsked: number;
  readonly partial: boolean;
  readonly seed: number;
  readonly plan: SimulatedPlan;
  readonly against: SimulatedPlan;
  readonly difference: Differences;
}
export interface Simulation {
  readonly simulationId: string;
  readonly status: 'waiting' | 'running' | 'done' | 'cancelled' | 'failed' | 'interrupted';
  readonly progress: number;
  readonly request: SimulationInput;
  readonly report: Report | null;
  readonly problem: string | null;
  readonly createdAt: string;
}

export const isUnderWay = ({ status }: Simulation): boolean => status === 'waiting' || status === 'running';

/** The one looked at on the simulations' own view, and those of before. */
export const shown = signal<Simulation | null>(null);
export const earlier = signal<readonly Simulation[]>([]);

const LOOK_EVERY_MS = 500;

export async function readEarlier(): Promise<void> {
  earlier.value = (await ask<{ simulations: Simulation[] }>('/v1/simulations')).simulations;
}

/** Asks for a simulation and shows it in `into` until it has ended or another is shown there. */
export async function start(into: Signal<Simulation | null>, what: () => string, body: SimulationInput): Promise<void> {
  const started = await attempt('simulate', what, () =>
    ask<Simulation>('/v1/simulations', { body, headers: { 'idempotency-key': crypto.randomUUID() } }),
  );
  if (started) await follow(into, started);
}

export async function follow(into: Signal<Simulation | null>, started: Simulation): Promise<void> {
  into.value = started;
  const isStillIt = () => into.peek()?.simulationId === started.simulationId;
  const path = pathOf('v1', 'simulations', started.simulationId);
  for (let now: Simulation = started; isUnderWay(now); ) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    const before = now;
    now = await ask<Simulation>(path).catch(() => before);
    if (!isStillIt()) return;
    into.value = now;
  }
}

export async function stop(into: Signal<Simulation | null>, what: () => string): Promise<void> {
  const found = into.peek();
  if (!found) return;
  const path = pathOf('v1', 'simulations', found.simulationId);
  const ended = await attempt('simulate-stop', what, () => ask<Simulation>(path, { method: 'DELETE' }));
  if (ended && into.peek()?.simulationId === ended.simulationId) into.value = ended;
  await readEarlier().catch(() => {}); // the list is read again with the page
}
