/** Which idle unit waits where: the station that adds most for one that is free, and the one move that gains most. Pure. */
import type { CoverModel } from './cover.ts';
import type { IdleUnit, Waiting } from './waiting.ts';

/**
 * The station at which a unit of these kinds adds most, what its drive there costs taken off; it is not among those
 * that wait. Equal ones go to the shorter drive. DMEXCLP (Jagtenberg, Bhulai and van der Mei 2015) is this with a worth
 * of 1 up to the limit and drives that cost nothing.
 */
export function bestStation(
  waiting: Waiting,
  kinds: number,
  driveSeconds: (station: number) => number,
  costPerSecond: number,
): number {
  const gains = waiting.gains(kinds);
  let best = 0;
  let bestNet = -Infinity;
  let bestDrive = Infinity;
  for (let station = 0; station < gains.length; station++) {
    const drive = driveSeconds(station);
    if (!Number.isFinite(drive)) continue;
    const net = (gains[station] as number) - drive * costPerSecond;
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

/**
 * The move of one idle unit that gains most after its drive is paid for, if that is more than `atLeast`. Whoever cannot
 * gain that much wherever they go is passed over unseen.
 */
/**
 * The move of one idle unit that gains most after its drive is paid for, if that is more than `atLeast`. Whoever cannot
 * gain that much wherever they go is passed over unseen.
 */
export function bestMove(
  waiting: Waiting,
  model: CoverModel,
  idle: readonly IdleUnit[],
  driveSeconds: (unit: number, station: number) => number,
  { costPerSecond, atLeast }: { readonly costPerSecond: number; readonly atLeast: number },
): Suggested | null {
  waiting.look(model, idle);
  let best: Suggested | null = null;
  let bestNet = atLeast;
  for (let i = 0; i < idle.length; i++) {
    const { unit, station: from, kinds } = idle[i] as IdleUnit;
    if (waiting.mostMovedGain(kinds, from) <= bestNet) continue;
    const gains = waiting.movedGains(kinds, from);
    for (let station = 0; station < gains.length; station++) {
      const gain = gains[station] as number;
      if (station === from || gain <= bestNet) continue;
      const drive = driveSeconds(unit, station);
      const net = gain - drive * costPerSecond;
      if (net <= bestNet) continue;
      bestNet = net;
      best = { unit, station, gain, driveSeconds: drive };
    }
  }
  return best;
}
