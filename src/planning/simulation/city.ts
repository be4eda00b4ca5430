/** What a simulation runs on: places and the drives between them, units, habits, and the patients who may call. Plain data, handed to worker threads as it is. */
import type { Position } from '../../domain/position.ts';
import type { Capability, Priority, TravelBasis, VehicleType } from '../../domain/vocabulary.ts';
import type { Duration } from './random.ts';

/** What a vehicle has to bring, as one way of asking sees it. */
export interface Need {
  readonly required: readonly Capability[];
  readonly preferred: readonly Capability[];
}

/** One who may call. Numbers point into the city's lists. */
export interface Case {
  readonly point: number;
  /** Of the day in China, where past calls say it; null: any. */
  readonly hour: number | null;
  readonly complaint: string;
  readonly priority: Priority;
  /** By complaint and matched history, as the live service recommends; by complaint alone; what the patient in truth needs. */
  readonly byHistory: number;
  readonly byComplaint: number;
  readonly truth: number;
  /** Where the patient is taken; null: nowhere near. */
  readonly hospital: number | null;
  /** Driven to without lights. */
  readonly slow: boolean;
}

export interface SimulatedUnit {
  readonly unitId: string;
  readonly vehicleType: VehicleType;
  readonly capabilities: readonly Capability[];
  /** Where it starts the day and, by the simplest policy, returns to: a place in `stations`. */
  readonly station: number;
}

/** How long a run's steps take. */
export interface Habits {
  /** Call received → unit notified. */
  readonly dispatch: Duration;
  /** Notified → wheels, from a station. */
  readonly turnout: Duration;
  /** The same for a unit on the road already. */
  readonly rollingSeconds: number;
  /** Kerb → patient. */
  readonly walk: Duration;
  readonly treat: Duration;
  readonly handOver: Duration;
  readonly tidy: Duration;
  readonly transportShare: number;
}

/** Whose histories the patients have: their own, of filed residents who stand in for them, or nobody's. */
export const historySources = ['own', 'residents-nearby', 'none'] as const;
export type HistorySource = (typeof historySources)[number];

export interface City {
  readonly name: string;
  /** What demand and drives rest on, for the report. */
  readonly basis: {
    readonly demand: 'past-calls' | 'residents' | 'demonstration' | 'file';
    readonly histories: HistorySource;
    readonly travel: TravelBasis;
  };
  readonly points: readonly Position[];
  /** Under lights, from row to column, seconds at `hourFactor` 1; unreachable is Infinity. In shared memory: no thread copies it. */
  readonly seconds: Float32Array;
  /** Drives take so many times as long in each hour of the day in China. */
  readonly hourFactor: readonly number[];
  /** Without lights, so many times as long. */
  readonly slowFactor: number;
  readonly stations: readonly { readonly stationId: string; readonly point: number }[];
  readonly hospitals: readonly { readonly hospitalId: string; readonly point: number }[];
  readonly units: readonly SimulatedUnit[];
  readonly needs: readonly Need[];
  readonly cases: readonly Case[];
  readonly callsPerDay: number;
  /** By hour of the day, mean 1. */
  readonly hourShape: readonly number[];
  readonly habits: Habits;
}

/** What of `required` the fleet can bring: all of it, or what the unit that lacks least has. */
export function attainable(
  required: readonly Capability[],
  units: readonly Pick<SimulatedUnit, 'capabilities'>[],
): Capability[] {
  let best: Capability[] = [];
  for (const { capabilities } of units) {
    const has = required.filter((capability) => capabilities.includes(capability));
    if (has.length > best.length) best = has;
  }
  return best;
}

/** What is wrong with a city nobody can simulate, in words; empty when it is sound. */
export function cityFaults(city: City): string[] {
  const faults: string[] = [];
  const n = city.points.length;
  const say = (bad: boolean, what: string) => {
    if (bad) faults.push(what);
  };
  say(city.units.length === 0, 'units: none is on duty');
  say(city.stations.length === 0, 'stations: none is filed');
  say(city.cases.length === 0, 'demand: no past calls and no residents with a known home');
  say(!(city.callsPerDay > 0), 'demand: no calls a day');
  say(city.seconds.length !== n * n, 'drives: the matrix does not fit the places');
  if (faults.length > 0) return faults;
  const reached = city.stations.some(({ point }) => {
    for (let i = 0; i < n; i++) if (i !== point && Number.isFinite(city.seconds[point * n + i])) return true;
    return n === 1;
  });
  say(!reached, 'drives: no road leads from any station to anywhere');
  return faults;
}
