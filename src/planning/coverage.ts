/** Who is within reach of a free unit or a station, once and twice; where cover is lost, and which move would bring most back. Pure. */

/** What has to be reached, in one place of each list. */
export interface Ground {
  /** H3 index of resolution 9. */
  readonly cells: readonly string[];
  readonly people: Float64Array;
  /** Calls expected in an hour. */
  readonly calls: Float64Array;
}

/** Seconds from somebody who could come, a unit or a station, to each cell: turnout and drive. */
export interface Reacher {
  readonly id: string;
  readonly seconds: Float64Array;
  /** How many units come from there. */
  readonly units: number;
}

export interface Sums {
  readonly total: number;
  readonly single: number;
  readonly double: number;
}

export interface Coverage {
  readonly people: Sums;
  readonly calls: Sums;
  /** Units that reach each cell in time, counted up to 2. */
  readonly times: Uint8Array;
  /** Of the nearest, to each cell; Infinity where nobody comes. */
  readonly nearestSeconds: Float64Array;
}

/** @param standardSeconds turnout and drive within it count as cover */
export function coverageOf(ground: Ground, reachers: readonly Reacher[], standardSeconds: number): Coverage {
  const times = new Uint8Array(ground.cells.length);
  const nearestSeconds = new Float64Array(ground.cells.length).fill(Number.POSITIVE_INFINITY);
  for (const { seconds, units } of reachers) {
    if (units === 0) continue;
    for (let cell = 0; cell < times.length; cell++) {
      const its = seconds[cell] as number;
      if (its <= standardSeconds) times[cell] = Math.min(2, (times[cell] as number) + units);
      if (its < (nearestSeconds[cell] as number)) nearestSeconds[cell] = its;
    }
  }
  const sums = (weights: Float64Array): Sums => {
    let [total, single, double] = [0, 0, 0];
    for (const [cell, weight] of weights.entries()) {
      total += weight;
      if ((times[cell] as number) >= 1) single += weight;
      if ((times[cell] as number) >= 2) double += weight;
    }
    return { total, single, double };
  };
  return { people: sums(ground.people), calls: sums(ground.calls), times, nearestSeconds };
}

/** A part of the district, larger than a cell, whose cover by plan is gone because units left. */
export interface Gap {
  /** H3 index of resolution 7, about 5 km². */
  readonly area: string;
  /** Calls expected in an hour that the plan covers and nobody does now, and those the plan covers. */
  readonly uncovered: number;
  readonly planned: number;
}

/** A gap opens where more than this share of what the plan covers is lost, and closes below the other: no flutter in between. */
export const GAP_OPENS = 0.5;
export const GAP_CLOSES = 0.25;

/** By area, how much of what the plan covers is lost now. @param areaOf the area of each cell */
export function lostCover(ground: Ground, now: Coverage, plan: Coverage, areaOf: readonly string[]): Gap[] {
  const areas = new Map<string, { uncovered: number; planned: number }>();
  for (const [cell, weight] of ground.calls.entries()) {
    if (!plan.times[cell]) continue;
    const area = areaOf[cell] as string;
    const sums = areas.get(area) ?? { uncovered: 0, planned: 0 };
    sums.planned += weight;
    if (!now.times[cell]) sums.uncovered += weight;
    areas.set(area, sums);
  }
  return [...areas].map(([area, sums]) => ({ area, ...sums }));
}

export interface Move {
  readonly unitId: string;
  readonly stationId: string;
  /** Calls an hour covered after it, more than now. */
  readonly gain: number;
}

/**
 * The one move of a free unit to a station that covers most calls more than now; null where none does. A move wins what
 * nobody covers, and loses what that unit alone does, save where the station covers it too: one pass a station.
 */
export function bestMove(
  ground: Ground,
  units: readonly Reacher[],
  stations: readonly Reacher[],
  standardSeconds: number,
): Move | null {
  const cells = ground.cells.length;
  const NOBODY = -1;
  const SEVERAL = -2;
  const alone = new Int32Array(cells).fill(NOBODY);
  for (const [unit, { seconds }] of units.entries())
    for (let cell = 0; cell < cells; cell++)
      if ((seconds[cell] as number) <= standardSeconds) alone[cell] = alone[cell] === NOBODY ? unit : SEVERAL;
  const loss = new Float64Array(units.length);
  for (let cell = 0; cell < cells; cell++) {
    const unit = alone[cell] as number;
    if (unit >= 0) loss[unit] = (loss[unit] as number) + (ground.calls[cell] as number);
  }
  let best: Move | null = null;
  for (const station of stations) {
    let won = 0;
    const spared = new Float64Array(units.length);
    for (let cell = 0; cell < cells; cell++) {
      if ((station.seconds[cell] as number) > standardSeconds) continue;
      const unit = alone[cell] as number;
      if (unit === NOBODY) won += ground.calls[cell] as number;
      else if (unit >= 0) spared[unit] = (spared[unit] as number) + (ground.calls[cell] as number);
    }
    for (const [unit, { id }] of units.entries()) {
      const gain = won - (loss[unit] as number) + (spared[unit] as number);
      if (gain > 1e-9 && gain > (best?.gain ?? 0)) best = { unitId: id, stationId: station.id, gain };
    }
  }
  return best;
}
