/** Small invented towns on a line, a minute from place to place, for tests that work out by hand what must happen. */
import type { DayCalls } from '../../../src/planning/simulation/calls.ts';
import type { Case, City, Need } from '../../../src/planning/simulation/city.ts';

export const MINUTE = 60;
const constant = (seconds: number) => ({ kind: 'constant', seconds }) as const;

export interface TownOptions {
  readonly stations: readonly number[];
  readonly hospitals?: readonly number[];
  /** Station and capabilities of each. */
  readonly units: readonly (readonly [station: number, ...capabilities: ('transport' | 'monitoring')[]])[];
  readonly cases: readonly Partial<Case>[];
}

export const basic: Need = { required: ['transport'], preferred: [] };
export const intensive: Need = { required: ['transport', 'monitoring'], preferred: [] };

/** Ten places a minute apart; dispatch 60 s, turnout 60 s, rolling 10 s, walk 30 s, treating 600 s, handing over 300 s. */
export function townOf({ stations, hospitals = [], units, cases }: TownOptions): City {
  const points = Array.from({ length: 10 }, (_, i) => ({ lon: 116 + i * 0.01, lat: 39.9, crs: 'wgs84' }) as const);
  const seconds = new Float32Array(new SharedArrayBuffer(400));
  for (let from = 0; from < 10; from++)
    for (let to = 0; to < 10; to++) seconds[from * 10 + to] = Math.abs(from - to) * MINUTE;
  return {
    name: 'a town on a line',
    basis: { demand: 'file', histories: 'own', travel: 'road' },
    points,
    seconds,
    hourFactor: Array(24).fill(1),
    slowFactor: 1,
    stations: stations.map((point, i) => ({ stationId: `s-${i}`, point })),
    hospitals: hospitals.map((point, i) => ({ hospitalId: `h-${i}`, point })),
    units: units.map(([station, ...capabilities], i) => ({
      unitId: `u-${i}`,
      vehicleType: capabilities.includes('monitoring') ? 'intensive' : 'basic',
      capabilities,
      station,
    })),
    needs: [basic, intensive],
    cases: cases.map((each) => ({
      point: 0,
      hour: null,
      complaint: 'unknown-problem',
      priority: 2,
      byHistory: 0,
      byComplaint: 0,
      truth: 0,
      hospital: null,
      slow: false,
      ...each,
    })),
    callsPerDay: 60,
    hourShape: Array(24).fill(1),
    habits: {
      dispatch: constant(60),
      turnout: constant(60),
      rollingSeconds: 10,
      walk: constant(30),
      treat: constant(600),
      handOver: constant(300),
      tidy: constant(0),
      transportShare: 1,
    },
  };
}

/** Calls at these seconds, of these cases. */
export function callsAt(...calls: readonly (readonly [at: number, who: number])[]): DayCalls {
  const each = (seconds: number) => new Float32Array(calls.length).fill(seconds);
  return {
    count: calls.length,
    at: Float64Array.from(calls, ([at]) => at),
    who: Int32Array.from(calls, ([, who]) => who),
    dispatch: each(60),
    turnout: each(60),
    walk: each(30),
    treat: each(600),
    handOver: each(300),
    tidy: each(0),
    transports: new Uint8Array(calls.length).fill(1),
  };
}
