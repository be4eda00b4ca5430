/** The demonstration district: everything in it but the names and codes of the sub-districts is invented. */
import type { Instant } from '../domain/time.ts';
import type { PlaceInput, UnitInput } from '../fleet/schema.ts';
import type { Area } from '../fleet/store.ts';
import type { Resident } from '../residents/schema.ts';
import { demoAreas } from './geography.ts';
import { inventPlaces } from './places.ts';
import { seededRandom } from './random.ts';
import { inventResidents } from './residents.ts';
import { inventUnits } from './units.ts';

const SEED = 20_250_708;

export interface District {
  readonly areas: readonly Area[];
  readonly places: readonly PlaceInput[];
  readonly units: readonly UnitInput[];
  readonly residents: readonly Resident[];
}

/** The same district for the same `now` and seed; ages, due dates and confirmations are counted back from `now`. */
export function inventDistrict(now: Instant, seed = SEED): District {
  const random = seededRandom(seed);
  const places = inventPlaces(random);
  return { areas: demoAreas, places, units: inventUnits(random, places), residents: inventResidents(random, now) };
}
