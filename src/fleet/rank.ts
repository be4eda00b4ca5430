/** Which units can be there first: those that satisfy the requirement, then the near-misses with what they lack. */
import type { Position } from '../domain/position.ts';
import type { Instant } from '../domain/time.ts';
import type { Capability, UnitStatus, VehicleType } from '../domain/vocabulary.ts';
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
  readonly travelBasis: 'road' | 'straight-line' | null;
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

/** Orders every dispatchable unit. A ranking policy is a value of this type, so that another one can stand in. */
export type RankingPolicy = (request: RankingRequest, units: readonly Unit[], travel: Travel) => RankedUnit[];

/**
 * First those that satisfy, by predicted response; equal seconds go to the one with more of what is preferred, then to
 * the one with less to spare, so that a special vehicle stays free. A unit without a usable position is never put
 * before one with a prediction.
 */
export const firstToArrive: RankingPolicy = (request, units, travel) => {
  const free = units.filter((unit) => TURNOUT_SECONDS[unit.status] !== undefined);
  const ages = free.map((unit) =>
    unit.positionAt === null ? null : Math.max(0, (request.now - unit.positionAt) / 1000),
  );
  const placed = free.filter((unit, i) => unit.position && (ages[i] ?? Infinity) <= STALE_POSITION_SECONDS);
  const { destination } = request;
  const times = destination
    ? travel.toOne(
        placed.map((unit) => unit.position as Position),
        destination,
        request.now,
      )
    : null;
  const estimateOf = new Map(placed.map((unit, i) => [unit.unitId, times?.estimates[i] ?? null]));
  const waitedSeconds = Math.max(0, (request.now - request.receivedAt) / 1000);

  const ranked = free.map((unit, i) => {
    const age = ages[i] ?? null;
    const estimate = estimateOf.get(unit.unitId) ?? null;
    const missing: string[] = request.required.filter((capability) => !unit.capabilities.includes(capability));
    if (!unit.position || age === null) missing.push('position-unknown');
    else if (age > STALE_POSITION_SECONDS) missing.push('position-stale');
    const predicted = estimate ? waitedSeconds + (TURNOUT_SECONDS[unit.status] ?? 0) + estimate.seconds : null;
    const preferred = request.preferred.filter((capability) => unit.capabilities.includes(capability)).length;
    return {
      preferred,
      spare: unit.capabilities.length - request.required.length - preferred,
      unit: {
        unitId: unit.unitId,
        vehicleType: unit.vehicleType,
        status: unit.status,
        satisfies: missing.length === 0,
        shortfalls: missing,
        etaSeconds: estimate && Math.round(estimate.seconds),
        distanceMetres: estimate && Math.round(estimate.metres),
        travelBasis: estimate && times ? times.basis : null,
        predictedResponseSeconds: predicted === null ? null : Math.round(predicted),
        meetsTarget: predicted !== null && predicted <= request.targetSeconds,
        positionAgeSeconds: age === null ? null : Math.round(age),
      } satisfies RankedUnit,
    };
  });
  ranked.sort(
    (a, b) =>
      Number(b.unit.satisfies) - Number(a.unit.satisfies) ||
      (a.unit.predictedResponseSeconds ?? Infinity) - (b.unit.predictedResponseSeconds ?? Infinity) ||
      b.preferred - a.preferred ||
      a.spare - b.spare ||
      (a.unit.unitId < b.unit.unitId ? -1 : 1),
  );
  return ranked.map((r) => r.unit);
};

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
