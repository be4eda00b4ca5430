/** Where help will be needed: past calls by hexagon, or residents weighted by risk where there are no calls. */
import { setImmediate as takeTurns } from 'node:timers/promises';
import { cellToLatLng, cellToParent, latLngToCell } from 'h3-js';
import type { Deps } from '../deps.ts';
import { refuseField } from '../domain/errors.ts';
import type { Position } from '../domain/position.ts';
import { ageInYears, type Instant } from '../domain/time.ts';
import { DEMAND_RESOLUTION, findCells, findLiveCells } from '../planning/call-cells.ts';
import { DAY_MS, dayOf, startOf } from '../planning/columns.ts';
import { countByCell } from '../planning/demand-store.ts';
import { packCallDays } from '../planning/pack-call-days.ts';
import { groupsOfPatient } from '../requirement/concepts.ts';
import type { FiledResident } from '../residents/file.ts';
import { residentContext, residentsWithHome } from '../residents/store.ts';

const YEAR_MS = 365 * 24 * 3_600_000;

export interface CellDemand {
  /** H3 index. */
  readonly id: string;
  readonly position: Position;
  readonly weight: number;
}

export interface Demand {
  readonly from: 'calls' | 'residents';
  /** Weights count calls. */
  readonly counts: boolean;
  readonly cells: readonly CellDemand[];
}

export const cellPosition = (cell: string): Position => {
  const [lat, lon] = cellToLatLng(cell);
  return { lon, lat, crs: 'wgs84' };
};

type DemandDeps = Pick<Deps, 'db' | 'clock' | 'seal' | 'protocol'>;

/**
 * Of the calls of the last year, or of all residents' homes. `null`: of calls, where there are any.
 * Throws `invalid-field` where there is nothing to plan for.
 */
export async function readDemand(
  deps: DemandDeps,
  from: 'calls' | 'residents' | null,
  hour: number | null = null,
): Promise<Demand> {
  const now = deps.clock.now();
  if (from !== 'residents') {
    await cellsOfCalls(deps, now - YEAR_MS, now);
    const counted = await countByCell(deps.db, now - YEAR_MS, now, hour);
    if (counted.length > 0)
      return {
        from: 'calls',
        counts: true,
        cells: counted.map(({ cell, calls }) => ({ id: cell, position: cellPosition(cell), weight: calls })),
      };
    if (from === 'calls') throw refuseField('demandFrom', 'there are no calls with a place in the last year');
  }
  const cells = await weighResidents(deps, now);
  if (cells.length === 0)
    throw refuseField('demand', 'there are neither calls with a place nor residents with a known home to plan for');
  return { from: 'residents', counts: false, cells };
}

/** Gives calls received since `from` their hexagon. Where a day is packed, its ended calls have theirs. */
export async function cellsOfCalls({ db }: Pick<Deps, 'db'>, from: Instant, now: Instant): Promise<void> {
  await packCallDays(db, { from, to: now, now });
  await findCells(db, startOf(dayOf(now)), now + DAY_MS);
  await findLiveCells(db);
}

const RESIDENTS_A_READ = 500;

/**
 * Files are opened here, but nobody is shown any: what leaves is a sum by hexagon. A few hundred at a time, so that calls
 * that come in meanwhile do not wait.
 */
async function weighResidents({ db, seal, protocol }: DemandDeps, now: Instant): Promise<CellDemand[]> {
  const sums = new Map<string, number>();
  for (let after = 0; ; ) {
    const rows = await residentsWithHome(db, after, RESIDENTS_A_READ);
    for (const row of rows) {
      const resident = seal.open<FiledResident>(row.sealed, residentContext(row.residentId));
      const cell = latLngToCell(row.lat, row.lon, DEMAND_RESOLUTION);
      const { groups } = groupsOfPatient(protocol, resident.history ?? {});
      const age = resident.birthDate ? ageInYears(resident.birthDate, now) : null;
      sums.set(cell, (sums.get(cell) ?? 0) + riskOf(age, groups.size, resident.livesAlone === true));
    }
    const last = rows.at(-1);
    if (!last) break;
    after = last.residentRef;
    await takeTurns();
  }
  return [...sums].map(([id, weight]) => ({ id, position: cellPosition(id), weight }));
}

/**
 * How much likelier than a younger adult in good health somebody is to call, as an assumption to start from: age counts
 * most, each filed risk group adds, living alone adds a little. Past calls brought in replace it.
 */
export function riskOf(ageYears: number | null, riskGroups: number, livesAlone: boolean): number {
  const byAge = ageYears === null || ageYears < 65 ? 1 : ageYears < 75 ? 2 : ageYears < 85 ? 4 : 6;
  return byAge * (1 + 0.5 * Math.min(riskGroups, 4)) * (livesAlone ? 1.25 : 1);
}

/** Merges hexagons into coarser ones until there are no more than `atMost`. */
export function coarser(cells: readonly CellDemand[], atMost: number): readonly CellDemand[] {
  let now = cells;
  for (let resolution = DEMAND_RESOLUTION - 1; now.length > atMost && resolution >= 5; resolution--) {
    const sums = new Map<string, number>();
    for (const { id, weight } of cells) {
      const parent = cellToParent(id, resolution);
      sums.set(parent, (sums.get(parent) ?? 0) + weight);
    }
    now = [...sums].map(([id, weight]) => ({ id, position: cellPosition(id), weight }));
  }
  return now;
}
