/** Policies that weigh what the units still free can cover: DMEXCLP, and ours. */
import type { RankedUnit } from '../../fleet/rank.ts';
import type { CoverModel } from '../redeployment/cover.ts';
import { bestMove, bestStation } from '../redeployment/decide.ts';
import { type IdleUnit, Waiting } from '../redeployment/waiting.ts';
import type { City } from './city.ts';
import { type Demand, demandOf, meanDriveLimit, modelsOf, type Worth, worthOf } from './cover-model.ts';
import { firstOfAll, nobodyMoves, type Policy } from './policy.ts';
import type { World } from './world.ts';

/** The busy fraction DMEXCLP's authors used for Utrecht; on both cities tried, others between 0.2 and 0.6 did no better. */
const PUBLISHED_BUSY = 0.3;

/** The cover of a simulated city, looked at again and again without anything being made anew. */
class CoverNow {
  readonly waiting: Waiting;
  readonly kindsOf: Demand['kindsOfUnit'];
  readonly #models: readonly CoverModel[];
  readonly #units: (IdleUnit & { station: number })[];
  readonly #idle: IdleUnit[] = [];

  constructor(city: City, worth: Worth, busy: number) {
    const demand = demandOf(city);
    this.kindsOf = demand.kindsOfUnit;
    this.#models = modelsOf(city, demand, worth, busy);
    this.waiting = new Waiting(this.#models, city.units.length);
    this.#units = this.kindsOf.map((kinds, unit) => ({ unit, station: 0, kinds }));
  }
  model(world: World): CoverModel {
    return this.#models[world.hour()] as CoverModel;
  }
  idle(world: World, except = -1): readonly IdleUnit[] {
    const idle = this.#idle;
    idle.length = 0;
    for (const each of this.#units) {
      if (each.unit === except || !world.units.isIdle(each.unit)) continue;
      each.station = world.units.base[each.unit] as number;
      idle.push(each);
    }
    return idle;
  }
  /** Where a unit that becomes free adds most. */
  home(world: World, unit: number, costPerSecond: number): number {
    this.waiting.look(this.model(world), this.idle(world, unit));
    const kinds = this.kindsOf[unit] as number;
    return bestStation(this.waiting, kinds, (station) => world.idleDrive(unit, station), costPerSecond);
  }
}

/**
 * DMEXCLP (Jagtenberg, Bhulai and van der Mei, Operations Research for Health Care 4, 2015): a unit that becomes free
 * goes where it adds most expected cover within the limit; the nearest unit is sent. Told kinds of need apart, which
 * the published one need not.
 */
export function dmexclp(city: City, { busy = PUBLISHED_BUSY } = {}): Policy {
  const limit = meanDriveLimit(city);
  const cover = new CoverNow(city, (seconds) => (seconds <= limit ? 1 : 0), busy);
  return {
    name: 'dmexclp',
    sees: 'history',
    choose: firstOfAll,
    home: (world, unit) => cover.home(world, unit, 0),
    moveUp: nobodyMoves,
  };
}

export interface ExpectedCoverSettings {
  readonly busy: number;
  /** Of a drive's worth, the part that is arriving in time; the rest falls evenly with every second. */
  readonly inTimeShare: number;
  /** Expected cover one second of a move must bring. */
  readonly costPerSecond: number;
  /**
   * Expected cover, times hours, that a move must bring beside: a gain lasts about until the next call, so that in a busy
   * city it has to be larger.
   */
  readonly leastGainHours: number;
  /** Units that arrive so much later than the soonest, on the same side of the target, are as good as it. */
  readonly tieSeconds: number;
}

/**
 * A least gain of 0.004 whatever the hour made 120 and 193 moves a day on the two cities tried. This makes 46 and 120, for
 * 0.7 points less within 8 minutes on one and none on the other, and as many as before where there are few calls.
 */
export const expectedCoverDefaults: ExpectedCoverSettings = {
  busy: 0.3,
  inTimeShare: 0.5,
  costPerSecond: 0.000002,
  leastGainHours: 0.0012,
  tieSeconds: 15,
};

/** What a move must bring, by how many calls an hour there are. */
export const moveCosts = (
  callsPerHour: number,
  {
    costPerSecond,
    leastGainHours,
  }: Pick<ExpectedCoverSettings, 'costPerSecond' | 'leastGainHours'> = expectedCoverDefaults,
) => ({ costPerSecond, atLeast: leastGainHours * callsPerHour });

/**
 * Ours. Three things beside DMEXCLP: a drive is worth the chance of arriving in time and a part that falls with every
 * second, so that cover does not end at a limit; one idle unit moves up when that gains enough, whenever a unit leaves
 * for a call; and of units that would be there at nearly the same time the one is sent that is missed least.
 */
export function expectedCoverPolicy(city: City, given: Partial<ExpectedCoverSettings> = {}): Policy {
  const settings = { ...expectedCoverDefaults, ...given };
  const move = moveCosts(city.callsPerDay / 24, settings);
  const cover = new CoverNow(city, worthOf(city, settings.inTimeShare), settings.busy);
  const { waiting } = cover;
  return {
    name: 'expected-cover',
    sees: 'history',
    choose(world, ranked) {
      const count = asGood(ranked, settings.tieSeconds);
      let best = ranked[0] ?? null;
      if (count < 2) return best;
      waiting.look(cover.model(world), cover.idle(world));
      let least = Infinity;
      for (let i = 0; i < count; i++) {
        const each = ranked[i] as RankedUnit;
        const unit = world.unitOf(each);
        const missed = waiting.loss(cover.kindsOf[unit] as number, world.units.base[unit] as number);
        if (missed < least - 1e-9) {
          least = missed;
          best = each;
        }
      }
      return best;
    },
    home: (world, unit) => cover.home(world, unit, settings.costPerSecond),
    moveUp: (world) =>
      bestMove(waiting, cover.model(world), cover.idle(world), (unit, to) => world.moveDrive(unit, to), move),
  };
}

/** How many of the ranking are as good as its first. */
function asGood(ranked: readonly RankedUnit[], tieSeconds: number): number {
  const first = ranked[0];
  if (!first || tieSeconds === 0) return 0;
  const latest = (first.predictedResponseSeconds ?? 0) + tieSeconds;
  let count = 1;
  for (; count < ranked.length; count++) {
    const { satisfies, meetsTarget, predictedResponseSeconds } = ranked[count] as RankedUnit;
    if (satisfies !== first.satisfies || meetsTarget !== first.meetsTarget) break;
    if ((predictedResponseSeconds ?? Infinity) > latest) break;
  }
  return count;
}
