/**
 * A list of positions that stand, packed: what every question about them reads lies side by side, a few tens of kilobytes
 * for a fleet, so that a question between two calls finds it in the processor's cache or brings it there in one go.
 */
import type { Metric } from './metric.ts';
import type { Standing } from './standing.ts';
import type { Label } from './sweep.ts';

/** No edge: a position off the map. */
export const OFF_MAP = 0xffff_ffff;

export class PackedList {
  readonly metric: Metric;
  /** By place in the list. */
  readonly lon: Float64Array;
  readonly lat: Float64Array;
  readonly edge: Uint32Array;
  readonly offMetres: Float32Array;
  /** Where its label begins in `seconds` and `metres`. */
  readonly start: Uint32Array;
  readonly seconds: Float32Array;
  readonly metres: Float32Array;
  readonly #nodes: Uint32Array;
  readonly #length: Uint32Array;
  /** Places in the order of their way down the tree: those below one junction stand together. */
  readonly #order: Uint32Array;

  /** @param standing each off the map, or with its label of the metric */
  constructor(metric: Metric, standing: readonly Standing[]) {
    this.metric = metric;
    const count = standing.length;
    this.lon = Float64Array.from(standing, ({ lon }) => lon);
    this.lat = Float64Array.from(standing, ({ lat }) => lat);
    this.edge = Uint32Array.from(standing, ({ snap }) => snap?.edge ?? OFF_MAP);
    this.offMetres = Float32Array.from(standing, ({ snap }) => snap?.offMetres ?? 0);
    this.start = new Uint32Array(count);
    this.#length = Uint32Array.from(standing, ({ label }) => label?.nodes.length ?? 0);
    const total = this.#length.reduce((sum, length) => sum + length, 0);
    this.seconds = new Float32Array(total);
    this.metres = new Float32Array(total);
    this.#nodes = new Uint32Array(total);
    const labelled = standing.flatMap(({ label }, i) => (label ? [{ label, i }] : []));
    labelled.sort((a, b) => compare(a.label.nodes, b.label.nodes));
    this.#order = Uint32Array.from(labelled, ({ i }) => i);
    let at = 0;
    for (const { label, i } of labelled) {
      const { nodes, seconds, metres } = label;
      this.start[i] = at;
      this.#nodes.set(nodes, at);
      this.seconds.set(seconds, at);
      this.metres.set(metres, at);
      at += nodes.length;
    }
  }

  /**
   * By place, how many junctions above it are above another place too. Whatever way leads from one to the other passes
   * one of them, and they are where their labels begin (see `sharedBy`).
   */
  sharedWith({ nodes }: Label): Uint32Array {
    const shared = new Uint32Array(this.edge.length);
    let low = 0;
    let high = this.#order.length;
    const leave = (from: number, to: number, depth: number) => {
      for (let k = from; k < to; k++) shared[this.#order[k] as number] = depth;
    };
    let depth = 0;
    for (; depth < nodes.length && low < high; depth++) {
      const node = nodes[depth] as number;
      if (this.#nodeAt(low, depth) !== node) {
        const first = this.#firstNotBelow(low, high, depth, node);
        leave(low, first, depth);
        low = first;
      }
      if (low < high && this.#nodeAt(high - 1, depth) !== node) {
        const first = this.#firstNotBelow(low, high, depth, node + 1);
        leave(first, high, depth);
        high = first;
      }
    }
    leave(low, high, depth);
    return shared;
  }

  /** Of the k-th in order; -1 where its way down has ended. */
  #nodeAt(k: number, depth: number): number {
    const i = this.#order[k] as number;
    return depth < (this.#length[i] as number) ? (this.#nodes[(this.start[i] as number) + depth] as number) : -1;
  }

  #firstNotBelow(from: number, to: number, depth: number, node: number): number {
    let [low, high] = [from, to];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#nodeAt(middle, depth) < node) low = middle + 1;
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
