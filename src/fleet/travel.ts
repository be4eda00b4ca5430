/** Travel time behind a port: here by straight line, stretched and slowed; roads are another provider of the same port. */
import type { Position } from '../domain/position.ts';
import type { Instant } from '../domain/time.ts';
import type { TravelBasis } from '../domain/vocabulary.ts';

export interface TravelEstimate {
  readonly seconds: number;
  readonly metres: number;
  /** Of this one: a unit off the map is estimated by straight line among others that go by road. */
  readonly basis: TravelBasis;
}

/** Many drives with one end in common, worked out together: what is shown of them is asked for one by one. */
export interface Drives {
  /** One per origin (`toOne`) or destination (`fromOne`), in order. Infinity: not under the seconds it was asked within. */
  readonly seconds: Float64Array;
  /** Everything about one of those that are. */
  estimate(i: number): TravelEstimate;
}

/** One way to go, as a line: `points[i]` is passed after `seconds[i]`. The first has 0, the last the whole. */
export interface Route extends TravelEstimate {
  readonly points: readonly Position[];
  readonly secondsAt: readonly number[];
}

/**
 * Under lights, at the speeds of the hour of `at`. Answers at once and always: a provider that cannot falls back. Whoever
 * wants the nearest few says `withinSeconds`: what takes as long or longer is not worked out by a provider that can tell.
 */
export interface Travel {
  /** Many origins, one destination: one call, all units. */
  toOne(origins: readonly Position[], destination: Position, at: Instant, withinSeconds?: number): Drives;
  /** One origin, many destinations: one patient, all hospitals. */
  fromOne(origin: Position, destinations: readonly Position[], at: Instant, withinSeconds?: number): Drives;
  route(from: Position, to: Position, at: Instant): Route;
  /** From a place to the nearest road that leads anywhere: Infinity off the map, null where there is no map. */
  offRoadMetres(place: Position): number | null;
}

/**
 * Road length over straight line. 1.3 is the middle of the range Ballou, Rahardja and Sakai (2002) found for road
 * networks of countries (1.12 to 2.10, most between 1.2 and 1.5); a street grid has 4/π ≈ 1.27 on average.
 */
const DETOUR = 1.3;

/**
 * Mean speed of an ambulance under lights, km/h, by hour of the day in China time. An assumption to start from, to be
 * replaced by measured runs: city traffic of about 25 km/h in the peaks, 40 km/h at night.
 */
const SPEED_KMH_BY_HOUR = [
  40, 40, 40, 40, 40, 38, 34, 27, 25, 27, 30, 30, 30, 30, 30, 29, 27, 25, 25, 28, 31, 34, 36, 38,
] as const;

/** The hour of the day in China (UTC+8, no daylight saving). */
export const chinaHour = (at: Instant): number => (Math.floor(at / 3_600_000) + 8) % 24;

const METRES_A_DEGREE = 111_195;
const RADIANS_A_DEGREE = Math.PI / 180;

/**
 * On a plane that touches the earth half-way between the two: within 50 km it is off by less than a part in 10,000,
 * which is far less than is known of the detour, and it costs one cosine for each of the hundreds of units of each call.
 */
function straightMetres(from: Position, to: Position): number {
  const y = to.lat - from.lat;
  const x = (((to.lon - from.lon + 540) % 360) - 180) * Math.cos((from.lat + y / 2) * RADIANS_A_DEGREE);
  return Math.sqrt(x * x + y * y) * METRES_A_DEGREE * DETOUR;
}

const metresPerSecondAt = (at: Instant): number => (SPEED_KMH_BY_HOUR[chinaHour(at)] ?? 30) / 3.6;

/** As long there as back. */
function straightDrives(one: Position, many: readonly Position[], at: Instant): Drives {
  const speed = metresPerSecondAt(at);
  const seconds = new Float64Array(many.length);
  for (let i = 0; i < many.length; i++) seconds[i] = straightMetres(many[i] as Position, one) / speed;
  return { seconds, estimate: (i) => straightLine(many[i] as Position, one, speed) };
}

function straightLine(from: Position, to: Position, metresPerSecond: number): TravelEstimate {
  const metres = straightMetres(from, to);
  return { seconds: metres / metresPerSecond, metres, basis: 'straight-line' };
}

export const straightLineTravel: Travel = {
  toOne: (origins, destination, at) => straightDrives(destination, origins, at),
  fromOne: (origin, destinations, at) => straightDrives(origin, destinations, at),
  route(from, to, at) {
    const estimate = straightLine(from, to, metresPerSecondAt(at));
    return { ...estimate, points: [from, to], secondsAt: [0, estimate.seconds] };
  },
  offRoadMetres: () => null,
};
