/** How well idle units cover expected calls from where they wait, and what moving one of them would change. Pure. */

/**
 * Places of demand, stations, and what a drive between them is worth. Kinds of need stand apart, as a unit that lacks
 * what a patient needs covers nobody of that kind.
 */
export interface CoverModel {
  readonly nodes: number;
  readonly stations: number;
  readonly kinds: number;
  /** Kind × node: expected calls; the sum of all is 1. */
  readonly weight: Float64Array;
  /** Node × rank: stations by drive to the node, the shortest first. */
  readonly order: Int16Array;
  /** Node × rank: what a unit that comes from there is worth, never more than from a nearer station. */
  readonly value: Float64Array;
  /** Probability that an idle unit is taken when it is asked for: the busy fraction of MEXCLP. */
  readonly busy: number;
}

/** Kind × station: idle units that have what the kind needs. */
export type Counts = Int32Array;

const powers = new Map<number, Float64Array>();
const MOST_UNITS = 512;
/** `busy` to the power of 0, 1, 2 … */
function powersOf(busy: number): Float64Array {
  let known = powers.get(busy);
  if (!known) {
    known = Float64Array.from({ length: MOST_UNITS }, (_, n) => busy ** n);
    powers.set(busy, known);
  }
  return known;
}

/**
 * Expected worth of a call's nearest free unit, 0 to 1: the j-th nearest comes with probability (1 − busy) · busyʲ⁻¹,
 * as in Daskin's MEXCLP (1983), with a worth that falls with the drive in place of a fixed limit.
 */
export function expectedCover(model: CoverModel, counts: Counts): number {
  const { nodes, stations, kinds, weight, order, value, busy } = model;
  const power = powersOf(busy);
  let total = 0;
  for (let kind = 0; kind < kinds; kind++) {
    for (let node = 0; node < nodes; node++) {
      const w = weight[kind * nodes + node] as number;
      if (w === 0) continue;
      let nearer = 0;
      let worth = 0;
      for (let rank = 0; rank < stations; rank++) {
        const here = counts[kind * stations + (order[node * stations + rank] as number)] as number;
        if (here === 0) continue;
        worth +=
          (value[node * stations + rank] as number) * ((power[nearer] as number) - (power[nearer + here] as number));
        nearer += here;
      }
      total += w * worth;
    }
  }
  return total;
}

/** Kind × station: what one more unit there would add, and what one fewer would take (0 where there is none). */
export interface Margins {
  readonly gain: Float64Array;
  readonly loss: Float64Array;
}

/**
 * All gains and losses in one pass over the nodes. A unit added before those further away makes each of them needed
 * less often, by the factor `busy`; one taken away, more often, by its inverse. `only` these kinds, where named.
 */
export function marginsOf(model: CoverModel, counts: Counts, into: Margins, only?: readonly number[]): void {
  const { nodes, stations, weight, order, value, busy } = model;
  const power = powersOf(busy);
  const { gain, loss } = into;
  const free = 1 - busy;
  const moreOften = busy > 0 ? 1 / busy - 1 : 0;
  for (let i = 0; i < (only?.length ?? model.kinds); i++) {
    const kind = only?.[i] ?? i;
    const row = kind * stations;
    let all = 0;
    for (let station = 0; station < stations; station++) {
      all += counts[row + station] as number;
      gain[row + station] = 0;
      loss[row + station] = 0;
    }
    for (let node = 0; node < nodes; node++) {
      const w = weight[kind * nodes + node] as number;
      if (w === 0) continue;
      const at = node * stations;
      // From the furthest inwards: `beyond` is what all stations further away bring.
      let upTo = all;
      let beyond = 0;
      for (let rank = stations - 1; rank >= 0; rank--) {
        const station = row + (order[at + rank] as number);
        const here = counts[station] as number;
        const worth = value[at + rank] as number;
        gain[station] = (gain[station] as number) + w * free * (worth * (power[upTo] as number) - beyond);
        if (here > 0) {
          const last = worth * (power[upTo - 1] as number) * free;
          loss[station] = (loss[station] as number) + w * (last - beyond * moreOften);
          beyond += worth * ((power[upTo - here] as number) - (power[upTo] as number));
          upTo -= here;
        }
      }
    }
  }
}

export const emptyMargins = ({ kinds, stations }: CoverModel): Margins => ({
  gain: new Float64Array(kinds * stations),
  loss: new Float64Array(kinds * stations),
});

/** The stations of each node by drive, and what a unit from there is worth; `worth` falls or stays as seconds grow. */
export function orderStations(
  nodes: number,
  stations: number,
  driveSeconds: (station: number, node: number) => number,
  worth: (seconds: number) => number,
): Pick<CoverModel, 'order' | 'value'> {
  const order = new Int16Array(nodes * stations);
  const value = new Float64Array(nodes * stations);
  for (let node = 0; node < nodes; node++) {
    const drives = Array.from({ length: stations }, (_, station) => ({
      station,
      seconds: driveSeconds(station, node),
    }));
    drives.sort((a, b) => a.seconds - b.seconds || a.station - b.station);
    drives.forEach(({ station, seconds }, rank) => {
      order[node * stations + rank] = station;
      value[node * stations + rank] = worth(seconds);
    });
  }
  return { order, value };
}
