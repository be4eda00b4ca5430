/** Which idle unit waits where: the station that adds most for one that is free, and the one move that gains most. Pure. */
import { type Counts, type CoverModel, emptyMargins, type Margins, marginsOf } from './cover.ts';

/** An idle unit: the station it is at or drives to, and the kinds of need it satisfies. */
export interface IdleUnit {
  readonly unit: number;
  readonly station: number;
  readonly kinds: readonly number[];
}

export function countIdle(model: CoverModel, idle: readonly IdleUnit[], counts: Counts): void {
  counts.fill(0);
  for (const { station, kinds } of idle) {
    for (const kind of kinds) {
      const at = kind * model.stations + station;
      counts[at] = (counts[at] as number) + 1;
    }
  }
}

/** The sum of a unit's kinds at a station: what it adds there, or takes away. */
export function ofKinds(model: CoverModel, margin: Float64Array, kinds: readonly number[], station: number): number {
  let sum = 0;
  for (const kind of kinds) sum += margin[kind * model.stations + station] as number;
  return sum;
}

/**
 * The station at which a unit adds most, what its drive there costs taken off. `counts` without the unit; equal ones go
 * to the shorter drive. DMEXCLP (Jagtenberg, Bhulai and van der Mei 2015) is this with a worth of 1 up to the limit and
 * drives that cost nothing.
 */
export function bestStation(
  model: CoverModel,
  margins: Margins,
  kinds: readonly number[],
  driveSeconds: (station: number) => number,
  costPerSecond: number,
): number {
  let best = 0;
  let bestNet = -Infinity;
  let bestDrive = Infinity;
  for (let station = 0; station < model.stations; station++) {
    const drive = driveSeconds(station);
    if (!Number.isFinite(drive)) continue;
    const net = ofKinds(model, margins.gain, kinds, station) - drive * costPerSecond;
    if (net > bestNet + 1e-12 || (net > bestNet - 1e-12 && drive < bestDrive)) {
      best = station;
      bestNet = Math.max(net, bestNet);
      bestDrive = drive;
    }
  }
  return best;
}

export interface Suggested {
  readonly unit: number;
  readonly station: number;
  /** Of expected cover, 0 to 1. */
  readonly gain: number;
  readonly driveSeconds: number;
}

/** Stations the unit may be taken from: those where it is missed least. */
const FROM_AT_MOST = 2;

/**
 * The move of one idle unit that gains most after its drive is paid for, if that is more than `atLeast`. `scratch`
 * keeps its own counts and margins between calls.
 */
export function bestMove(
  model: CoverModel,
  idle: readonly IdleUnit[],
  driveSeconds: (unit: number, station: number) => number,
  { costPerSecond, atLeast }: { readonly costPerSecond: number; readonly atLeast: number },
  scratch: Scratch,
): Suggested | null {
  const { counts, margins } = scratch;
  countIdle(model, idle, counts);
  marginsOf(model, counts, margins);
  const losses = idle.map((each) => ofKinds(model, margins.loss, each.kinds, each.station));
  const cheapest = leastMissed(idle, losses);
  const bestOf = idle.map(({ kinds }) => {
    let most = 0;
    for (let station = 0; station < model.stations; station++)
      most = Math.max(most, ofKinds(model, margins.gain, kinds, station));
    return most;
  });
  let best: Suggested | null = null;
  let bestNet = atLeast;
  for (const place of cheapest) {
    const { unit, station: from, kinds } = idle[place] as IdleUnit;
    // No move gains more than one more unit at its end would, so most of the time there is nothing to look into.
    if ((bestOf[place] as number) <= bestNet) continue;
    for (const kind of kinds)
      counts[kind * model.stations + from] = (counts[kind * model.stations + from] as number) - 1;
    marginsOf(model, counts, margins, kinds);
    for (const kind of kinds)
      counts[kind * model.stations + from] = (counts[kind * model.stations + from] as number) + 1;
    for (let station = 0; station < model.stations; station++) {
      if (station === from) continue;
      const gain = ofKinds(model, margins.gain, kinds, station) - (losses[place] as number);
      if (gain <= bestNet) continue;
      const drive = driveSeconds(unit, station);
      const net = gain - drive * costPerSecond;
      if (net <= bestNet) continue;
      bestNet = net;
      best = { unit, station, gain, driveSeconds: drive };
    }
  }
  return best;
}

/** Places of the units that are missed least, each of another station or of other kinds. */
function leastMissed(idle: readonly IdleUnit[], losses: readonly number[]): number[] {
  const found: number[] = [];
  const alike = (a: number, b: number) => idle[a]?.station === idle[b]?.station && idle[a]?.kinds === idle[b]?.kinds;
  while (found.length < FROM_AT_MOST) {
    let least = -1;
    for (let i = 0; i < idle.length; i++) {
      if (least >= 0 && (losses[i] as number) >= (losses[least] as number)) continue;
      if (!found.some((other) => other === i || alike(other, i))) least = i;
    }
    if (least < 0) break;
    found.push(least);
  }
  return found;
}

export interface Scratch {
  readonly counts: Counts;
  readonly margins: Margins;
}
export const scratchFor = (model: CoverModel): Scratch => ({
  counts: new Int32Array(model.kinds * model.stations),
  margins: emptyMargins(model),
});
