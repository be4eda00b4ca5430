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

export interface TravelTimes {
  /** One estimate per origin (`toOne`) or destination (`fromOne`), in order. */
  readonly estimates: readonly TravelEstimate[];
}

/** Drives worked out one by one, for whoever needs the first few only: by their place among the origins. */
export interface Drives {
  /** It takes no less than that. Costs next to nothing. */
  atLeastSeconds(origin: number): number;
  estimate(origin: number): TravelEstimate;
}

/** One way to go, as a line: `points[i]` is passed after `seconds[i]`. The first has 0, the last the whole. */
export interface Route extends TravelEstimate {
  readonly points: readonly Position[];
  readonly secondsAt: readonly number[];
}

/** Under lights, at the speeds of the hour of `at`. Answers at once and always: a provider that cannot falls back. */
export interface Travel {
  /** Many origins, one destination: one call, the units that may be there first. */
  drivesTo(origins: readonly Position[], destination: Position, at: Instant): Drives;
  /** All of them. */
  toOne(origins: readonly Position[], destination: Position, at: Instant): TravelTimes;
  /** One origin, many destinations: one patient, all hospitals. */
  fromOne(origin: Position, destinations: readonly Position[], at: Instant): TravelTimes;
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
function straightLine(from: Position, to: Position, metresPerSecond: number): TravelEstimate {
  const y = to.lat - from.lat;
  const x = (((to.lon - from.lon + 540) % 360) - 180) * Math.cos((from.lat + y / 2) * RADIANS_A_DEGREE);
  const metres = Math.sqrt(x * x + y * y) * METRES_A_DEGREE * DETOUR;
  return { seconds: metres / metresPerSecond, metres, basis: 'straight-line' };
}

const metresPerSecondAt = (at: Instant): number => (SPEED_KMH_BY_HOUR[chinaHour(at)] ?? 30) / 3.6;

export const straightLineTravel: Travel = {
  drivesTo(origins, destination, at) {
    const speed = metresPerSecondAt(at);
    return {
      // As cheap as the drive itself: what that says is worth more than a bound.
      atLeastSeconds: () => 0,
      estimate: (i) => straightLine(origins[i] as Position, destination, speed),
    };
  },
  toOne(origins, destination, at) {
    const speed = metresPerSecondAt(at);
    return { estimates: origins.map((origin) => straightLine(origin, destination, speed)) };
  },
  fromOne(origin, destinations, at) {
    const speed = metresPerSecondAt(at);
    return { estimates: destinations.map((each) => straightLine(origin, each, speed)) };
  },
  route(from, to, at) {
    const estimate = straightLine(from, to, metresPerSecondAt(at));
    return { ...estimate, points: [from, to], secondsAt: [0, estimate.seconds] };
  },
  offRoadMetres: () => null,
};
