/** The units of a simulated city: in the statuses of the live service, each where it is, with or without a call. */
import { type RunPoint, statusAfter } from '../../domain/run.ts';
import type { UnitStatus } from '../../domain/vocabulary.ts';
import type { Unit } from '../../fleet/schema.ts';
import type { City } from './city.ts';
import type { Clock, Driving, Place } from './driving.ts';

/** A Monday's midnight in China: hours of the simulated day are hours of the district. */
const MIDNIGHT_MS = Date.parse('2026-01-05T00:00:00+08:00');
export const instantOf = (seconds: number): number => MIDNIGHT_MS + seconds * 1000;

/** A unit as the ranking knows it. */
interface LivingUnit extends Unit {
  status: UnitStatus;
  position: Place;
  positionAt: number;
  readonly index: number;
}

/** How long the ranking takes a crew of such a status to need until it rolls. */
export type TurnoutOf = (status: UnitStatus) => number | null;

/** Rounding may swap two that are so near to each other. */
const ROUNDING_SECONDS = 1;

export class Units {
  /** The station each unit is at or drives to while idle. */
  readonly base: Int32Array;
  readonly #city: City;
  readonly #clock: Clock;
  readonly #driving: Driving;
  readonly #turnoutOf: TurnoutOf;
  readonly #units: readonly LivingUnit[];
  readonly #byId: ReadonlyMap<string, number>;
  /** Of units on the road without a call: from which place, since when and until when. */
  readonly #from: Int32Array;
  readonly #left: Float64Array;
  readonly #arrives: Float64Array;
  /** Need → by unit whether it has all of it. */
  readonly #fits: readonly Uint8Array[];
  /** Until each would be at a patient's; seconds. */
  readonly #until: Float64Array;
  readonly #first: Float64Array;

  constructor(city: City, driving: Driving, clock: Clock, turnoutOf: TurnoutOf) {
    const n = city.units.length;
    this.#city = city;
    this.#driving = driving;
    this.#clock = clock;
    this.#turnoutOf = turnoutOf;
    this.#units = city.units.map(({ unitId, vehicleType, capabilities, station }, index) => ({
      unitId,
      vehicleType,
      capabilities,
      stationId: city.stations[station]?.stationId ?? null,
      status: 'available',
      position: driving.placeOfStation(station),
      positionAt: 0,
      index,
    }));
    this.#byId = new Map(this.#units.map(({ unitId, index }) => [unitId, index]));
    this.base = new Int32Array(n);
    this.#from = new Int32Array(n);
    this.#left = new Float64Array(n);
    this.#arrives = new Float64Array(n);
    this.#fits = city.needs.map(({ required }) =>
      Uint8Array.from(city.units, ({ capabilities }) => Number(required.every((each) => capabilities.includes(each)))),
    );
    this.#until = new Float64Array(n);
    this.#first = new Float64Array(n);
  }

  /** Every one at its own station. */
  begin(): void {
    for (const unit of this.#units) {
      const station = this.#city.units[unit.index]?.station ?? 0;
      unit.status = 'available';
      unit.position = this.#driving.placeOfStation(station);
      this.base[unit.index] = station;
      this.#arrives[unit.index] = -Infinity;
      this.#left[unit.index] = -Infinity;
    }
  }

  numberOf(unitId: string): number {
    return this.#byId.get(unitId) as number;
  }
  statusOf(unit: number): UnitStatus {
    return (this.#units[unit] as LivingUnit).status;
  }
  /** At a station, or on the road to one without a call. */
  isIdle(unit: number): boolean {
    const status = this.statusOf(unit);
    return status === 'available' || status === 'returning';
  }
  pass(unit: number, point: RunPoint): void {
    (this.#units[unit] as LivingUnit).status = statusAfter[point];
  }
  standAt(unit: number, place: number): void {
    (this.#units[unit] as LivingUnit).position = this.#driving.places[place] as Place;
  }

  /** Where a unit is now; on the road without a call, the place it passes. */
  placeOf(unit: number): Place {
    const { status, position } = this.#units[unit] as LivingUnit;
    if (status !== 'returning') return position;
    const left = this.#left[unit] as number;
    const takes = (this.#arrives[unit] as number) - left;
    const share = takes > 0 ? (this.#clock.now - left) / takes : 1;
    return this.#driving.passed(this.#from[unit] as number, this.base[unit] as number, share);
  }

  /** Sends an idle unit from a place to a station to wait there; answers when it arrives. */
  setOff(unit: number, from: number, station: number): number {
    const living = this.#units[unit] as LivingUnit;
    living.status = 'returning';
    this.base[unit] = station;
    this.#from[unit] = from;
    this.#left[unit] = this.#clock.now;
    const arrives = this.#clock.now + this.#driving.toStation(from, station);
    this.#arrives[unit] = arrives;
    return arrives;
  }
  arrive(unit: number): void {
    const living = this.#units[unit] as LivingUnit;
    living.status = 'available';
    living.position = this.#driving.placeOfStation(this.base[unit] as number);
  }
  /** Ends a drive without a call; answers how long it was so far, since midnight. */
  endDrive(unit: number): number {
    const left = this.#left[unit] as number;
    if (left === -Infinity) return 0;
    this.#left[unit] = -Infinity;
    return Math.max(0, Math.min(this.#clock.now, this.#arrives[unit] as number) - Math.max(0, left));
  }

  fits(unit: number, need: number): boolean {
    return this.#fits[need]?.[unit] === 1;
  }
  /**
   * Idle units as the ranking knows them, without those that cannot be among the first `count` of it: where as many
   * have what is needed, whoever would be there later than all of them. `need` null: everybody has it.
   */
  soonest(count: number, to: number, slow: boolean, need: number | null): Unit[] {
    const idle = this.#units.filter(({ index }) => this.isIdle(index));
    const now = instantOf(this.#clock.now);
    for (const unit of idle) {
      unit.position = this.placeOf(unit.index);
      unit.positionAt = now;
    }
    if (idle.length <= 2 * count) return idle;
    const until = this.#until;
    const first = this.#first.fill(Infinity, 0, count);
    for (const { index, status, position } of idle) {
      const seconds = (this.#turnoutOf(status) ?? 0) + this.#driving.seconds(position.index, to, slow);
      until[index] = seconds;
      if (need === null || this.fits(index, need)) insert(first, seconds, count);
    }
    const latest = (first[count - 1] as number) + ROUNDING_SECONDS;
    return idle.filter(({ index }) => (until[index] as number) <= latest);
  }
}

/** Into a sorted list, from which the greatest falls out. */
function insert(sorted: Float64Array, value: number, length: number): void {
  let at = length - 1;
  if (value >= (sorted[at] as number)) return;
  for (; at > 0 && value < (sorted[at - 1] as number); at--) sorted[at] = sorted[at - 1] as number;
  sorted[at] = value;
}
