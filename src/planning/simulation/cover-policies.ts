/** Policies that weigh what the units still free can cover: DMEXCLP, and ours. */
import type { RankedUnit } from '../../fleet/rank.ts';
import type { CoverModel } from '../redeployment/cover.ts';
import { marginsOf } from '../redeployment/cover.ts';
import { bestMove, bestStation, countIdle, type IdleUnit, ofKinds, scratchFor } from '../redeployment/decide.ts';
import type { City } from './city.ts';
import { demandOf, meanDriveLimit, modelsOf, worthOf } from './cover-model.ts';
import { firstOfAll, nobodyMoves, type Policy } from './policy.ts';
import type { World } from './world.ts';

/** The busy fraction DMEXCLP's authors used for Utrecht; on both cities tried, others between 0.2 and 0.6 did no better. */
const PUBLISHED_BUSY = 0.3;

function idleUnits(world: World, kindsOfUnit: readonly (readonly number[])[], except = -1): IdleUnit[] {
  const idle: IdleUnit[] = [];
  for (let unit = 0; unit < kindsOfUnit.length; unit++) {
    if (unit === except || !world.isIdle(unit)) continue;
    idle.push({ unit, station: world.base[unit] as number, kinds: kindsOfUnit[unit] as readonly number[] });
  }
  return idle;
}

/**
 * DMEXCLP (Jagtenberg, Bhulai and van der Mei, Operations Research for Health Care 4, 2015): a unit that becomes free
 * goes where it adds most expected cover within the limit; the nearest unit is sent. Told kinds of need apart, which
 * the published one need not.
 */
export function dmexclp(city: City, { busy = PUBLISHED_BUSY } = {}): Policy {
  const demand = demandOf(city);
  const limit = meanDriveLimit(city);
  const models = modelsOf(city, demand, (seconds) => (seconds <= limit ? 1 : 0), busy);
  const scratch = scratchFor(models[0] as CoverModel);
  return {
    name: 'dmexclp',
    sees: 'history',
    choose: firstOfAll,
    home(world, unit) {
      const model = models[world.hour()] as CoverModel;
      const kinds = demand.kindsOfUnit[unit] as readonly number[];
      countIdle(model, idleUnits(world, demand.kindsOfUnit, unit), scratch.counts);
      marginsOf(model, scratch.counts, scratch.margins, kinds);
      return bestStation(model, scratch.margins, kinds, (station) => world.idleDrive(unit, station), 0);
    },
    moveUp: nobodyMoves,
  };
}

export interface ExpectedCoverSettings {
  readonly busy: number;
  /** Of a drive's worth, the part that is arriving in time; the rest falls evenly with every second. */
  readonly inTimeShare: number;
  /** Expected cover one second of a move must bring. */
  readonly costPerSecond: number;
  /** Expected cover a move must bring beside. */
  readonly atLeast: number;
  /** Units that arrive so much later than the soonest, on the same side of the target, are as good as it. */
  readonly tieSeconds: number;
}

export const expectedCoverDefaults: ExpectedCoverSettings = {
  busy: 0.3,
  inTimeShare: 0.5,
  costPerSecond: 0.000002,
  atLeast: 0.004,
  tieSeconds: 15,
};
/**
 * Ours. Three things beside DMEXCLP: a drive is worth the chance of arriving in time and a part that falls with every
 * second, so that cover does not end at a limit; one idle unit moves up when that gains enough, whenever a unit leaves
 * for a call; and of units that would be there at nearly the same time the one is sent that is missed least.
 */
export function expectedCoverPolicy(city: City, given: Partial<ExpectedCoverSettings> = {}): Policy {
  const settings = { ...expectedCoverDefaults, ...given };
  const { busy, inTimeShare, costPerSecond, tieSeconds } = settings;
  const demand = demandOf(city);
  const models = modelsOf(city, demand, worthOf(city, inTimeShare), busy);
  const scratch = scratchFor(models[0] as CoverModel);
  const modelNow = (world: World) => models[world.hour()] as CoverModel;
  return {
    name: 'expected-cover',
    sees: 'history',
    choose(world, ranked) {
      const first = ranked[0];
      if (!first || tieSeconds === 0) return first ?? null;
      const soonest = first.predictedResponseSeconds ?? 0;
      const equals = (unit: RankedUnit) =>
        unit.satisfies === first.satisfies &&
        unit.meetsTarget === first.meetsTarget &&
        (unit.predictedResponseSeconds ?? Infinity) <= soonest + tieSeconds;
      let count = 1;
      while (count < ranked.length && equals(ranked[count] as RankedUnit)) count++;
      if (count === 1) return first;
      const model = modelNow(world);
      countIdle(model, idleUnits(world, demand.kindsOfUnit), scratch.counts);
      marginsOf(model, scratch.counts, scratch.margins);
      let best = first;
      let least = Infinity;
      for (const each of ranked.slice(0, count)) {
        const unit = world.unitOf(each);
        const kinds = demand.kindsOfUnit[unit] as readonly number[];
        const missed = ofKinds(model, scratch.margins.loss, kinds, world.base[unit] as number);
        if (missed < least - 1e-9) {
          least = missed;
          best = each;
        }
      }
      return best;
    },
    home(world, unit) {
      const model = modelNow(world);
      const kinds = demand.kindsOfUnit[unit] as readonly number[];
      countIdle(model, idleUnits(world, demand.kindsOfUnit, unit), scratch.counts);
      marginsOf(model, scratch.counts, scratch.margins, kinds);
      return bestStation(model, scratch.margins, kinds, (station) => world.idleDrive(unit, station), costPerSecond);
    },
    moveUp(world) {
      const idle = idleUnits(world, demand.kindsOfUnit);
      if (idle.length === 0) return null;
      const move = bestMove(
        modelNow(world),
        idle,
        (unit, station) => world.idleDrive(unit, station),
        settings,
        scratch,
      );
      return move && { unit: move.unit, station: move.station };
    },
  };
}
