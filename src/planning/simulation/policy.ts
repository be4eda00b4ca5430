/** What a policy decides in a simulated city, as function values: which unit goes, where a free one waits, who moves up. */
import type { RankedUnit } from '../../fleet/rank.ts';
import type { World } from './world.ts';

/** What of the patient's need the dispatcher sees: nothing means whoever is nearest. */
export type Sees = 'history' | 'complaint' | 'nothing';

export interface Move {
  readonly unit: number;
  /** Place in the city's stations. */
  readonly station: number;
}

export interface Policy {
  readonly name: string;
  readonly sees: Sees;
  /** Of the units the live service's ranking offers, in its order; null: wait for another. */
  choose(world: World, ranked: readonly RankedUnit[]): RankedUnit | null;
  /** Where a unit goes that has become free. */
  home(world: World, unit: number): number;
  /**
   * Asked when a unit left for a call: an idle unit to move up, if any. Asked when one became free as well, it gained
   * nothing on two cities: where that one goes says it already.
   */
  moveUp(world: World): Move | null;
}

/** The first of the ranking: soonest there of those that satisfy, else soonest there. */
export const firstOfAll = (_world: World, ranked: readonly RankedUnit[]): RankedUnit | null => ranked[0] ?? null;
export const ownStation = (world: World, unit: number): number => world.city.units[unit]?.station ?? 0;
export const nobodyMoves = (): null => null;

const staying = { choose: firstOfAll, home: ownStation, moveUp: nobodyMoves } as const;

/** Precise dispatch: the live service's ranking by what history and complaint ask for; everybody returns to their own station. */
export const closestIdle: Policy = { name: 'closest-idle', sees: 'history', ...staying };
/** The same without anybody's history. */
export const complaintOnly: Policy = { name: 'complaint-only', sees: 'complaint', ...staying };
/** Whoever is nearest, whatever is aboard. */
export const nearestAny: Policy = { name: 'nearest-any', sees: 'nothing', ...staying };
