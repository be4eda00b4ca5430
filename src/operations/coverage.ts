/** Cover as it is now, by plan and by hour: people and expected calls that an ambulance reaches within the target. */
import { setImmediate as takeTurns } from 'node:timers/promises';
import { cellToBoundary, cellToParent, latLngToCell } from 'h3-js';
import type { Deps } from '../deps.ts';
import type { Position } from '../domain/position.ts';
import { chinaTime, type Instant, rfc3339 } from '../domain/time.ts';
import { STALE_POSITION_SECONDS, turnoutSeconds } from '../fleet/rank.ts';
import { listPlaces } from '../fleet/store.ts';
import { DEMAND_RESOLUTION } from '../planning/call-cells.ts';
import { type Coverage, coverageOf, type Ground, type Reacher, type Sums } from '../planning/coverage.ts';
import { countByCell, firstCall } from '../planning/demand-store.ts';
import type { CoverageView } from '../planning/schema.ts';
import { homesWithPlace } from '../residents/store.ts';
import { cellPosition, cellsOfCalls } from './planning-demand.ts';

export type CoverageDeps = Pick<Deps, 'db' | 'clock' | 'roster' | 'travel'>;

const DAY_MS = 24 * 3_600_000;
const YEAR_MS = 365 * DAY_MS;
/** Homes and a year of calls change slowly. */
const GROUND_LASTS_MS = 30 * 60_000;
const HOMES_A_READ = 5_000;

/** What coverage keeps between two questions; losing it costs reading it again. */
export class Grounds {
  readonly #kept = new Map<string, { readonly ground: Promise<Ground>; readonly until: Instant }>();
  readonly #deps: CoverageDeps;

  constructor(deps: CoverageDeps) {
    this.#deps = deps;
  }

  /** @param hour of the day in China; null: the mean of all */
  get(hour: number | null): Promise<Ground> {
    const now = this.#deps.clock.now();
    const key = String(hour);
    const kept = this.#kept.get(key);
    if (kept && kept.until > now) return kept.ground;
    const ground = readGround(this.#deps, hour);
    this.#kept.set(key, { ground, until: now + GROUND_LASTS_MS });
    ground.catch(() => this.#kept.delete(key));
    return ground;
  }
}

async function readGround({ db, clock }: CoverageDeps, hour: number | null): Promise<Ground> {
  const now = clock.now();
  await cellsOfCalls({ db }, now - YEAR_MS, now);
  const counted = await countByCell(db, now - YEAR_MS, now, hour);
  // Of a short past the rate is over the days it spans, a day at least.
  const spanMs = Math.max(now - ((await firstCall(db, now - YEAR_MS, now)) ?? now), DAY_MS);
  const hours = (spanMs / 3_600_000) * (hour === null ? 1 : 1 / 24);
  const calls = new Map(counted.map(({ cell, calls }) => [cell, calls / hours]));
  const people = new Map<string, number>();
  for (let after = 0; ; ) {
    const homes = await homesWithPlace(db, after, HOMES_A_READ);
    for (const { lon, lat } of homes) {
      const cell = latLngToCell(lat, lon, DEMAND_RESOLUTION);
      people.set(cell, (people.get(cell) ?? 0) + 1);
    }
    const last = homes.at(-1);
    if (!last) break;
    after = last.residentRef;
    await takeTurns();
  }
  const cells = [...new Set([...calls.keys(), ...people.keys()])].sort();
  return {
    cells,
    people: Float64Array.from(cells, (cell) => people.get(cell) ?? 0),
    calls: Float64Array.from(cells, (cell) => calls.get(cell) ?? 0),
  };
}

/** Seconds from each place to every cell, turnout included; one after the other, so that a call coming in waits for none. */
async function reach(
  { travel }: CoverageDeps,
  cells: readonly string[],
  from: readonly {
    readonly id: string;
    readonly position: Position;
    readonly turnout: number;
    readonly units: number;
  }[],
  at: Instant,
): Promise<Reacher[]> {
  const places = cells.map(cellPosition);
  const reachers: Reacher[] = [];
  for (const { id, position, turnout, units } of from) {
    const { seconds } = travel.fromOne(position, places, at);
    reachers.push({ id, units, seconds: seconds.map((drive) => drive + turnout) });
    await takeTurns();
  }
  return reachers;
}

/** Units that could be sent now, where they stand. */
export function unitsNow(deps: CoverageDeps, ground: Ground, now: Instant): Promise<Reacher[]> {
  const free = deps.roster.units.flatMap(({ unitId, status, position, positionAt }) => {
    const turnout = turnoutSeconds(status);
    const isPlaced = position && positionAt !== null && now - positionAt <= STALE_POSITION_SECONDS * 1000;
    return turnout === null || !isPlaced ? [] : [{ id: unitId, position, turnout, units: 1 }];
  });
  return reach(deps, ground.cells, free, now);
}

/** Stations as planned, with the units that belong to each; one at those whose units are not filed. */
export async function stationsPlanned(deps: CoverageDeps, ground: Ground, at: Instant): Promise<Reacher[]> {
  const stations = await listPlaces(deps.db, 'station');
  const own = (stationId: string) =>
    deps.roster.units.filter((unit) => unit.stationId === stationId && unit.status !== 'off-duty').length;
  const turnout = turnoutSeconds('available') ?? 0;
  const anyFiled = deps.roster.units.some(({ stationId }) => stationId !== null);
  return reach(
    deps,
    ground.cells,
    stations.map(({ placeId, position }) => ({ id: placeId, position, turnout, units: anyFiled ? own(placeId) : 1 })),
    at,
  );
}

export interface CoverageQuestion {
  readonly basis: 'now' | 'plan';
  readonly hour: number | null;
  readonly standardSeconds: number;
  readonly hexagons: boolean;
  readonly byHour: boolean;
}

export async function readCoverage(
  deps: CoverageDeps & Pick<Deps, 'lookUp'>,
  grounds: Grounds,
  asked: CoverageQuestion,
): Promise<CoverageView> {
  await deps.lookUp({ keys: [], residentId: null, position: null, nearbyHomes: false }); // units as they are now
  const now = deps.clock.now();
  const at = asked.hour === null ? now : atHour(now, asked.hour);
  const ground = await grounds.get(asked.hour);
  const reachers = asked.basis === 'now' ? await unitsNow(deps, ground, now) : await stationsPlanned(deps, ground, at);
  const coverage = coverageOf(ground, reachers, asked.standardSeconds);
  const hours: NonNullable<CoverageView['hours']> = [];
  if (asked.byHour)
    for (let hour = 0; hour < 24; hour++) {
      const own = await grounds.get(hour);
      const planned = coverageOf(own, await stationsPlanned(deps, own, atHour(now, hour)), asked.standardSeconds);
      hours.push({ hour, people: shares(planned.people), calls: shares(planned.calls) });
    }
  return {
    basis: asked.basis,
    at: rfc3339(now),
    hour: asked.hour,
    standardSeconds: asked.standardSeconds,
    units: reachers.reduce((sum, { units }) => sum + units, 0),
    people: shares(coverage.people),
    calls: shares(coverage.calls),
    ...(asked.byHour ? { hours } : {}),
    ...(asked.hexagons ? { hexagons: hexagonsOf(ground, coverage) } : {}),
  };
}

/** The next time it is that hour in China: roads have a speed for each. */
function atHour(now: Instant, hour: number): Instant {
  const midnight = now - ((now + 8 * 3_600_000) % DAY_MS);
  return midnight + hour * 3_600_000 + (hour < chinaTime(now).getUTCHours() ? DAY_MS : 0);
}

const shares = ({ total, single, double }: Sums) => ({
  total,
  single,
  double,
  singleShare: total > 0 ? single / total : null,
  doubleShare: total > 0 ? double / total : null,
});

/** Finest hexagons are gathered, as a district has hundreds of them; the cover shown is that of most of the calls, or people. */
function hexagonsOf(ground: Ground, coverage: Coverage): NonNullable<CoverageView['hexagons']> {
  const features = ground.cells.map((cell, at) => ({
    type: 'Feature' as const,
    id: cell,
    geometry: { type: 'Polygon' as const, coordinates: [cellToBoundary(cell, true)] },
    properties: {
      cell,
      people: ground.people[at] as number,
      callsPerHour: ground.calls[at] as number,
      cover: coverage.times[at] as number,
      nearestSeconds: Number.isFinite(coverage.nearestSeconds[at])
        ? Math.round(coverage.nearestSeconds[at] as number)
        : null,
    },
  }));
  return { type: 'FeatureCollection', features };
}

/** The larger hexagon a gap is told of. */
const AREA_RESOLUTION = 7;
export const areaOf = (cell: string): string => cellToParent(cell, AREA_RESOLUTION);
