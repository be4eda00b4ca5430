/** Which units can be there first: those that satisfy the requirement, then the near-misses with what they lack. */
import type { Position } from '../domain/position.ts';
import type { Instant } from '../domain/time.ts';
import type { Capability, TravelBasis, UnitStatus, VehicleType } from '../domain/vocabulary.ts';
import type { Unit } from './schema.ts';
import type { Travel } from './travel.ts';

/** A fix older than this says nothing about where a moving unit is (the limit Resgrid uses too). */
export const STALE_POSITION_SECONDS = 1_800;

/** Statuses from which a unit can be sent. A returning unit is rolling already. */
const TURNOUT_SECONDS: Partial<Record<UnitStatus, number>> = {
  // Assumptions to start from, replaced by measured turnout: crew to vehicle within the minute; a call on the radio.
  available: 60,
  returning: 10,
};

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
}

/** Seconds nobody drives for: added, they put a unit behind all without, and one number a unit sorts twice as fast. */
const NO_PREDICTION = 1e9;
const NEAR_MISS = 1e10;

/** Orders every dispatchable unit. A ranking policy is a value of this type, so that another one can stand in. */
export type RankingPolicy = (request: RankingRequest, units: readonly Unit[], travel: Travel) => RankedUnit[];

/**
 * First those that satisfy, by predicted response; equal seconds go to the one with more of what is preferred, then to
 * the one with less to spare, so that a special vehicle stays free. A unit without a usable position is never put
 * before one with a prediction.
 */
export const firstToArrive: RankingPolicy = ({ required, preferred, ...request }, units, travel) => {
  const { destination } = request;
  const free = units.filter((unit) => TURNOUT_SECONDS[unit.status] !== undefined);
  const isPlaced = (unit: Unit) => unit.position !== null && ageSeconds(unit, request.now) <= STALE_POSITION_SECONDS;
  const origins = free.filter(isPlaced).map((unit) => unit.position as Position);
  const times = destination && travel.toOne(origins, destination, request.now);
  const waitedSeconds = Math.max(0, (request.now - request.receivedAt) / 1000);

  let place = 0;
  const ranked = free.map((unit) => {
    const age = ageSeconds(unit, request.now);
    const shortfalls: string[] = [];
    for (const capability of required) if (!unit.capabilities.includes(capability)) shortfalls.push(capability);
    const estimate = isPlaced(unit) ? times?.estimates[place++] : undefined;
    if (!unit.position || unit.positionAt === null) shortfalls.push('position-unknown');
    else if (age > STALE_POSITION_SECONDS) shortfalls.push('position-stale');
    const predicted = estimate ? waitedSeconds + (TURNOUT_SECONDS[unit.status] ?? 0) + estimate.seconds : null;
    const predictedSeconds = predicted === null ? null : Math.round(predicted);
    let favoured = 0;
    for (const capability of preferred) if (unit.capabilities.includes(capability)) favoured++;
    const satisfies = shortfalls.length === 0;
    return {
      /** Least first: whether it satisfies, then its predicted response. */
      order: (satisfies ? 0 : NEAR_MISS) + (predictedSeconds ?? NO_PREDICTION),
      favoured,
      spare: unit.capabilities.length - required.length - favoured,
      unit: {
        unitId: unit.unitId,
        vehicleType: unit.vehicleType,
        status: unit.status,
        satisfies,
        shortfalls,
        etaSeconds: estimate ? Math.round(estimate.seconds) : null,
        distanceMetres: estimate ? Math.round(estimate.metres) : null,
        travelBasis: estimate?.basis ?? null,
        predictedResponseSeconds: predictedSeconds,
        meetsTarget: predicted !== null && predicted <= request.targetSeconds,
        positionAgeSeconds: age === Infinity ? null : Math.round(age),
      } satisfies RankedUnit,
    };
  });
  ranked.sort(
    (a, b) =>
      a.order - b.order || b.favoured - a.favoured || a.spare - b.spare || (a.unit.unitId < b.unit.unitId ? -1 : 1),
  );
  return ranked.map((r) => r.unit);
};

/** Infinity where nobody ever said where it is. */
const ageSeconds = ({ positionAt }: Unit, now: Instant): number =>
  positionAt === null ? Infinity : Math.max(0, (now - positionAt) / 1000);

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
  const seconds = travel.toOne([unit.position], destination, now).estimates[0]?.seconds;
  if (seconds === undefined) return null;
  const ready = sent.enRouteAt === null ? sent.notifiedAt + (TURNOUT_SECONDS.available ?? 0) * 1000 : now;
  return Math.max(now, ready) + Math.round(seconds * 1000);
}
