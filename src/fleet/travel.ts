/** Travel time behind a port: here by straight line, stretched and slowed; roads are another provider of the same port. */
import { distanceMetres, type Position } from '../domain/position.ts';
import type { Instant } from '../domain/time.ts';

export interface TravelEstimate {
  readonly seconds: number;
  readonly metres: number;
}

export interface TravelTimes {
  readonly basis: 'road' | 'straight-line';
  /** One estimate per origin, in order. */
  readonly estimates: readonly TravelEstimate[];
}

/** Many origins, one destination: one call, all units. Reversed for one unit, all hospitals (times are taken as symmetric here). */
export interface Travel {
  toOne(origins: readonly Position[], destination: Position, at: Instant): TravelTimes;
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

export const straightLineTravel: Travel = {
  toOne(origins, destination, at) {
    const metresPerSecond = (SPEED_KMH_BY_HOUR[chinaHour(at)] ?? 30) / 3.6;
    return {
      basis: 'straight-line',
      estimates: origins.map((origin) => {
        const metres = distanceMetres(origin, destination) * DETOUR;
        return { seconds: metres / metresPerSecond, metres };
      }),
    };
  },
};
