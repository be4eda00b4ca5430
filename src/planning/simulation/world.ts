/** A simulated city, reused from day to day, and what a policy may ask of it while a day runs. */
import type { RankedUnit, RankingPolicy } from '../../fleet/rank.ts';
import type { DayCalls } from './calls.ts';
import type { City } from './city.ts';
import { Crews } from './crews.ts';
import { Day } from './day.ts';
import { Clock, Driving } from './driving.ts';
import type { Policy } from './policy.ts';
import { Run } from './run.ts';
import { type TurnoutOf, Units } from './units.ts';

export class World {
  readonly city: City;
  /** The live service's own ranking, or one that stands in for it. */
  readonly rank: RankingPolicy;
  readonly clock = new Clock();
  readonly driving: Driving;
  readonly units: Units;
  readonly crews: Crews;

  constructor(city: City, rank: RankingPolicy, turnoutOf: TurnoutOf) {
    this.city = city;
    this.rank = rank;
    this.driving = new Driving(city, this.clock);
    this.units = new Units(city, this.driving, this.clock, turnoutOf);
    this.crews = new Crews(city.units.length, this.clock);
  }

  hour(): number {
    return this.clock.hour;
  }
  unitOf(ranked: RankedUnit): number {
    return this.units.numberOf(ranked.unitId);
  }
  /** From where an idle unit is now to a station, without lights; seconds. */
  idleDrive(unit: number, station: number): number {
    return this.driving.toStation(this.units.placeOf(unit).index, station);
  }

  /** The same for a move; without end where the crew's hours do not allow it. */
  moveDrive(unit: number, station: number): number {
    const drive = this.idleDrive(unit, station);
    return this.crews.mayMove(unit, drive) ? drive : Infinity;
  }

  /** Runs one day under a policy and adds it to `tally`, `WIDTH` numbers of it. */
  run(calls: DayCalls, policy: Policy, tally: Float64Array): void {
    new Run(this, policy, new Day(this.city, calls, tally)).toTheEnd();
  }
}
