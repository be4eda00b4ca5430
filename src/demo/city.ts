/** The demonstration district as a city to simulate: its stations, units and residents, and callers invented as in its day. */
import type { Instant } from '../domain/time.ts';
import { firstToArrive } from '../fleet/rank.ts';
import { Roster } from '../fleet/roster.ts';
import type { Place } from '../fleet/schema.ts';
import type { Travel } from '../fleet/travel.ts';
import { caseOf, registryOf } from '../operations/simulation-cases.ts';
import { buildCity, type CityChanges } from '../operations/simulation-city.ts';
import type { Assumptions } from '../operations/simulation-source.ts';
import type { City } from '../planning/simulation/city.ts';
import { assumedHabits } from '../planning/simulation/habits.ts';
import type { Protocol } from '../requirement/load.ts';
import { fileResident } from '../residents/file.ts';
import { HOUR_SHAPE, inventCalls, whoCalls } from './callers.ts';
import { inventDistrict } from './district.ts';
import { seededRandom } from './random.ts';

const DEMO_CALLS_PER_DAY = 280;
/** Different callers drawn; each day's calls are drawn from them. */
const CALLERS = 3_000;
const SEED = 7;

const noArea = { west: -180, south: -90, east: 180, north: 90 };
const anyTarget = { 1: 480, 2: 480, 3: 480, 4: 480 } as const;

/** What stands in for a service where nothing was measured yet: until calls are past, nobody knows what residents call about. */
export const simulationAssumptions: Assumptions = {
  callsPerDay: DEMO_CALLS_PER_DAY,
  hourShape: HOUR_SHAPE,
  habits: assumedHabits,
  invent: (resident, number, now) =>
    (inventCalls(seededRandom(number + 1), resident, now)[0] as ReturnType<typeof inventCalls>[number]).call,
};

export interface DemoCityOptions {
  readonly changes?: CityChanges;
  readonly callsPerDay?: number;
}

/** The same city for the same `now`. Takes about a second: every caller goes through matching and decision. */
export async function demoCity(
  protocol: Protocol,
  travel: Travel,
  now: Instant,
  { changes = {}, callsPerDay = DEMO_CALLS_PER_DAY }: DemoCityOptions = {},
): Promise<City> {
  const district = inventDistrict(now);
  const residents = district.residents.map((resident) => fileResident(resident, now));
  const registry = registryOf(residents);
  const judges = {
    protocol,
    rank: firstToArrive,
    travel,
    roster: new Roster(),
    config: { responseTargets: anyTarget },
  };
  const random = seededRandom(SEED);
  const cases = Array.from({ length: CALLERS }).flatMap(() => {
    const number = whoCalls(random, residents.length);
    const resident = (number !== null && residents[number - 1]) || null;
    return inventCalls(random, resident, now)
      .slice(0, 1) // of two who ring about one accident, one brings the unit
      .flatMap(({ call }) => caseOf(judges, noArea, registry, call, resident, now) ?? []);
  });
  const places = district.places.map(
    (place): Place => ({
      placeId: place.placeId,
      kind: place.kind,
      name: place.name,
      nameEn: place.nameEn ?? null,
      position: { lon: place.position.lon, lat: place.position.lat, crs: 'wgs84' },
      subdistrictCode: place.subdistrictCode ?? null,
      capabilities: place.capabilities ?? [],
    }),
  );
  return buildCity(
    {
      name: 'demonstration',
      demand: 'demonstration',
      histories: 'own',
      stations: places.filter(({ kind }) => kind === 'station'),
      hospitals: places.filter(({ kind }) => kind === 'hospital'),
      units: district.units.map((unit) => ({
        unitId: unit.unitId,
        vehicleType: unit.vehicleType,
        capabilities: unit.capabilities,
        status: 'available',
        position: null,
        positionAt: null,
        stationId: unit.stationId ?? null,
      })),
      cases,
      callsPerDay,
      hourShape: HOUR_SHAPE,
      habits: assumedHabits,
      travel,
    },
    changes,
  );
}
