/**
 * A list of positions that stand, packed: what a question about all of them reads lies side by side, some tens of
 * kilobytes for a fleet, so that a question between two calls finds it in the processor's cache or brings it there in one go.
 */
import type { Metric } from './metric.ts';
import type { Standing } from './standing.ts';
import type { Sweep } from './sweep.ts';

export class PackedList {
  readonly metric: Metric;
  /** Places in the list of those off the map. */
  readonly offMap: readonly number[];
  /** Places of the others in the order of their way down the tree, their rank: who is below one junction stands together. */
  readonly placeOf: Uint32Array;
  /** The rank by place in the list; -1 off the map. */
  readonly rankOf: Int32Array;
  /** By rank. */
  readonly lat: Float64Array;
  readonly edge: Uint32Array;
  readonly offMetres: Float32Array;
  /** By rank, the seconds between each and the place last asked about, over a junction above both; Infinity beyond what was asked. */
  readonly least: Float64Array;
  /** The depth of that junction. */
  readonly #over: Uint16Array;
  /** Labels, filled up to the deepest: nodes rank by rank, with -1 at their ends; seconds and metres depth by depth. */
  readonly #deepest: number;
  readonly #nodes: Int32Array;
  readonly #seconds: Float32Array;
  readonly #metres: Float32Array;

  /** @param standing each off the map, or with its label of the metric */
  constructor(metric: Metric, standing: readonly Standing[]) {
    this.metric = metric;
    const placed = standing.flatMap(({ snap, label, lat }, i) => (snap && label ? [{ snap, label, lat, i }] : []));
    placed.sort((a, b) => compare(a.label.nodes, b.label.nodes));
    const count = placed.length;
    const deepest = placed.reduce((most, { label }) => Math.max(most, label.nodes.length), 0);
    this.offMap = [...standing.keys()].filter((i) => !standing[i]?.snap);
    this.placeOf = Uint32Array.from(placed, ({ i }) => i);
    this.rankOf = new Int32Array(standing.length).fill(-1);
    this.lat = Float64Array.from(placed, ({ lat }) => lat);
    this.edge = Uint32Array.from(placed, ({ snap }) => snap.edge);
    this.offMetres = Float32Array.from(placed, ({ snap }) => snap.offMetres);
    this.least = new Float64Array(count);
    this.#over = new Uint16Array(count);
    this.#deepest = deepest;
    this.#nodes = new Int32Array(count * deepest).fill(-1);
    this.#seconds = new Float32Array(deepest * count);
    this.#metres = new Float32Array(deepest * count);
    for (const [rank, { label, i }] of placed.entries()) {
      this.rankOf[i] = rank;
      this.#nodes.set(label.nodes, rank * deepest);
      for (let depth = 0; depth < label.nodes.length; depth++) {
        this.#seconds[depth * count + rank] = label.seconds[depth] as number;
        this.#metres[depth * count + rank] = label.metres[depth] as number;
      }
    }
  }

  /**
   * Works out `least` for a question just begun: over the fastest of the junctions above both (see `sharedBy`).
   * @param within as in the question
   */
  meet(sweep: Sweep, within: number): void {
    const nodes = this.#nodes;
    const seconds = this.#seconds;
    const least = this.least.fill(Infinity);
    const over = this.#over;
    const count = least.length;
    const deepest = this.#deepest;
    const depths = Math.min(deepest, sweep.height);
    let low = 0;
    let high = count;
    for (let depth = 0; depth < depths; depth++) {
      const node = sweep.nodeAbove(depth);
      if (nodes[low * deepest + depth] !== node) low = this.#firstNotBelow(low, high, depth, node);
      if (low === high) return;
      if (nodes[(high - 1) * deepest + depth] !== node) high = this.#firstNotBelow(low, high, depth, node + 1);
      if (low === high) return;
      const here = sweep.secondsAbove(depth);
      if (here >= within) continue;
      const row = depth * count;
      for (let rank = low; rank < high; rank++) {
        const total = (seconds[row + rank] as number) + here;
        if (total >= (least[rank] as number)) continue;
        least[rank] = total;
        over[rank] = depth;
      }
    }
  }

  /** Metres of the same way. */
  metres(sweep: Sweep, rank: number): number {
    const depth = this.#over[rank] as number;
    return (this.#metres[depth * this.least.length + rank] as number) + sweep.metresAbove(depth);
  }

  #firstNotBelow(from: number, to: number, depth: number, node: number): number {
    let [low, high] = [from, to];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#nodes[middle * this.#deepest + depth] as number) < node) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function compare(a: Uint32Array, b: Uint32Array): number {
  const count = Math.min(a.length, b.length);
  for (let i = 0; i < count; i++) if (a[i] !== b[i]) return (a[i] as number) - (b[i] as number);
  return a.length - b.length;
}
