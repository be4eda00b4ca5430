/** Which units can be there first: those that satisfy the requirement, then the near-misses with what they lack. */
import type { Position } from '../domain/position.ts';
import type { Instant } from '../domain/time.ts';
import {
  bitsOf,
  type Capability,
  capabilities,
  type TravelBasis,
  type UnitStatus,
  type VehicleType,
} from '../domain/vocabulary.ts';
import type { Unit } from './schema.ts';
import type { Drives, Travel, TravelEstimate } from './travel.ts';

/** A fix older than this says nothing about where a moving unit is (the limit Resgrid uses too). */
export const STALE_POSITION_SECONDS = 1_800;

/** Statuses from which a unit can be sent. A returning unit is rolling already. */
const TURNOUT_SECONDS: Partial<Record<UnitStatus, number>> = {
  // Assumptions to start from, replaced by measured turnout: crew to vehicle within the minute; a call on the radio.
  available: 60,
  returning: 10,
};

/** Null for a status from which a unit cannot be sent. */
export const turnoutSeconds = (status: UnitStatus): number | null => TURNOUT_SECONDS[status] ?? null;

export interface RankedUnit {
  readonly unitId: string;
  readonly vehicleType: VehicleType;
  readonly status: UnitStatus;
  readonly satisfies: boolean;
  /** Missing capabilities, and `position-unknown` or `position-stale` where no arrival can be predicted. */
  readonly shortfalls: string[];
  readonly etaSeconds: number | null;
  readonly distanceMetres: number | null;
  readonly travelBasis: TravelBasis | null;
  /** Call received → predicted on scene, whole seconds. */
  readonly predictedResponseSeconds: number | null;
  readonly meetsTarget: boolean;
  readonly positionAgeSeconds: number | null;
}

export interface RankingRequest {
  readonly required: readonly Capability[];
  readonly preferred: readonly Capability[];
  /** Null where nobody knows yet where the patient is: then order says only who satisfies. */
  readonly destination: Position | null;
  readonly receivedAt: Instant;
  readonly now: Instant;
  readonly targetSeconds: number;
  /** How many are wanted: of those that satisfy, and with the near-misses after them. Without it, all. */
  readonly atMost?: { readonly satisfying: number; readonly inAll: number };
}

/** Orders the units that can be sent, the first of them. A ranking policy is a value of this type, so that another one can stand in. */
export type RankingPolicy = (request: RankingRequest, units: readonly Unit[], travel: Travel) => RankedUnit[];

const everyOne = { satisfying: Infinity, inAll: Infinity };

/** Seconds nobody drives for: they put a unit behind all that have a prediction. */
const NO_PREDICTION = 1e9;

/** So far one looks first: in a city with units enough that finds all that are shown, and most of a map is farther away. */
const FIRST_LOOK_SECONDS = 360;

/**
 * First those that satisfy, by predicted response; equal seconds go to the one with more of what is preferred, then to
 * the one with less to spare, so that a special vehicle stays free. A unit without a usable position is never put
 * before one with a prediction. Only the units asked for become objects: this runs over the fleet for every call.
 */
export const firstToArrive: RankingPolicy = (request, units, travel) => {
  const fleet = fleetOf(units);
  const { destination, now, atMost = everyOne } = request;
  if (!destination) return firstOf(request, fleet, null, Infinity) as RankedUnit[];
  const look = (within: number) =>
    firstOf(request, fleet, travel.toOne(fleet.origins, destination, now, within), within);
  return ((atMost.inAll < fleet.free.length && look(FIRST_LOOK_SECONDS)) || look(Infinity)) as RankedUnit[];
};

/** Null where somebody farther away than `within` seconds might belong to the first. */
function firstOf(request: RankingRequest, fleet: Fleet, drives: Drives | null, within: number): RankedUnit[] | null {
  const { free, originOf, has, turnoutSeconds, positionAt, predicted } = fleet;
  const { now, atMost = everyOne } = request;
  const waitedSeconds = Math.max(0, (now - request.receivedAt) / 1000);
  const required = bitsOf(capabilities, request.required);
  const preferred = bitsOf(capabilities, request.preferred) & ~required;

  const order = (a: number, b: number): number =>
    (predicted[a] as number) - (predicted[b] as number) ||
    count((has[b] as number) & preferred) - count((has[a] as number) & preferred) ||
    count(has[a] as number) - count(has[b] as number) ||
    ((free[a] as Unit).unitId < (free[b] as Unit).unitId ? -1 : 1);
  /** The first `most` of those that satisfy, or of those that do not. */
  const pick = (satisfying: boolean, most: number): number[] | null => {
    if (most === 0) return [];
    const list: number[] = [];
    /** When whoever is farther away than that could be there. */
    let soonestBeyond = Infinity;
    for (let i = 0; i < free.length; i++) {
      const usable = now - (positionAt[i] as number) <= STALE_POSITION_SECONDS * 1000;
      if ((usable && (required & ~(has[i] as number)) === 0) !== satisfying) continue;
      let response = NO_PREDICTION;
      if (usable && drives) {
        const ready = waitedSeconds + (turnoutSeconds[i] as number);
        response = Math.round(ready + (drives.seconds[originOf[i] as number] as number));
        if (response === Infinity && within < Infinity) {
          soonestBeyond = Math.min(soonestBeyond, Math.round(ready + within));
          continue;
        }
      }
      if (list.length === most && response > (predicted[list[most - 1] as number] as number)) continue;
      predicted[i] = response;
      keepFirst(list, i, most, order);
    }
    const last = list.length < most ? Infinity : (predicted[list[most - 1] as number] as number);
    return soonestBeyond === Infinity || last < soonestBeyond ? list : null;
  };
  const satisfying = pick(true, atMost.satisfying);
  const nearMisses = satisfying && pick(false, Math.max(0, atMost.inAll - satisfying.length));
  return (
    nearMisses &&
    [...satisfying, ...nearMisses].map((i, place) => {
      const response = predicted[i] as number;
      const drive = response === NO_PREDICTION ? undefined : drives?.estimate(originOf[i] as number);
      return shownUnit(request, free[i] as Unit, place < satisfying.length, response, drive);
    })
  );
}

function shownUnit(
  { required, targetSeconds, now }: RankingRequest,
  unit: Unit,
  satisfies: boolean,
  predicted: number,
  drive: TravelEstimate | undefined,
): RankedUnit {
  const age = ageSeconds(unit, now);
  const shortfalls: string[] = satisfies ? [] : required.filter((each) => !unit.capabilities.includes(each));
  if (age === Infinity) shortfalls.push('position-unknown');
  else if (age > STALE_POSITION_SECONDS) shortfalls.push('position-stale');
  return {
    unitId: unit.unitId,
    vehicleType: unit.vehicleType,
    status: unit.status,
    satisfies,
    shortfalls,
    etaSeconds: drive ? Math.round(drive.seconds) : null,
    distanceMetres: drive ? Math.round(drive.metres) : null,
    travelBasis: drive?.basis ?? null,
    predictedResponseSeconds: drive ? predicted : null,
    meetsTarget: predicted <= targetSeconds,
    positionAgeSeconds: age === Infinity ? null : Math.round(age),
  };
}

/** How many bits are set. */
function count(bits: number): number {
  let n = 0;
  for (let left = bits; left !== 0; left &= left - 1) n++;
  return n;
}

/** Puts `item` in its place among the first `most`; the list stays sorted and no longer than that. */
function keepFirst(list: number[], item: number, most: number, order: (a: number, b: number) => number): void {
  let low = 0;
  for (let high = list.length; low < high; ) {
    const middle = (low + high) >> 1;
    if (order(item, list[middle] as number) < 0) high = middle;
    else low = middle + 1;
  }
  if (low === most) return;
  if (list.length === most) list.pop();
  list.splice(low, 0, item);
}

/** Of a fleet what every ranking needs, side by side: units that can be sent, what they have as bits, where they are. */
interface Fleet {
  readonly free: readonly Unit[];
  readonly has: readonly number[];
  readonly turnoutSeconds: readonly number[];
  /** When it was where it is said to be; -Infinity where nobody ever said. */
  readonly positionAt: readonly Instant[];
  readonly origins: readonly Position[];
  /** Place among the origins; -1 without a position. */
  readonly originOf: readonly number[];
  /** Whole seconds from the call to the arrival: of the ranking that runs. */
  readonly predicted: Float64Array;
}

/** A roster hands out the same list until a unit changes, so a fleet is prepared once for all calls in between. */
const fleets = new WeakMap<readonly Unit[], Fleet>();

function fleetOf(units: readonly Unit[]): Fleet {
  let fleet = fleets.get(units);
  if (!fleet) {
    const free = units.filter(({ status }) => TURNOUT_SECONDS[status] !== undefined);
    const seenAt = ({ position, positionAt }: Unit) => (position === null ? null : positionAt) ?? -Infinity;
    const placed = free.filter((unit) => seenAt(unit) > -Infinity);
    const places = new Map(placed.map((unit, i) => [unit, i]));
    fleet = {
      free,
      has: free.map((unit) => bitsOf(capabilities, unit.capabilities)),
      turnoutSeconds: free.map(({ status }) => TURNOUT_SECONDS[status] as number),
      positionAt: free.map(seenAt),
      origins: placed.map(({ position }) => position as Position),
      originOf: free.map((unit) => places.get(unit) ?? -1),
      predicted: new Float64Array(free.length),
    };
    fleets.set(units, fleet);
  }
  return fleet;
}

/** Infinity where nobody ever said where it is. */
const ageSeconds = ({ position, positionAt }: Unit, now: Instant): number =>
  position === null || positionAt === null ? Infinity : Math.max(0, (now - positionAt) / 1000);

/**
 * When a unit already sent will be there: what is left of its turnout, then the drive from where it is now. Null where
 * its position is unknown or too old to say.
 */
export function predictedArrival(
  unit: Unit,
  sent: { readonly notifiedAt: Instant; readonly enRouteAt: Instant | null },
  destination: Position,
  travel: Travel,
  now: Instant,
): Instant | null {
  if (!unit.position || unit.positionAt === null || now - unit.positionAt > STALE_POSITION_SECONDS * 1000) return null;
  const [seconds] = travel.toOne([unit.position], destination, now).seconds;
  if (seconds === undefined) return null;
  const ready = sent.enRouteAt === null ? sent.notifiedAt + (TURNOUT_SECONDS.available ?? 0) * 1000 : now;
  return Math.max(now, ready) + Math.round(seconds * 1000);
}
