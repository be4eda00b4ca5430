/**
 * Where a part of a city is best cut in two: inertial flow (Schild and Sommer, "On balanced separators in road networks",
 * SEA 2015). Along four directions, the outer quarters of the junctions are joined by a maximum flow, and the tightest of
 * the four cuts is taken.
 */
import type { Cell } from './adjacency.ts';
import { MaximumFlow } from './flow.ts';

/** The share of nodes at either end that a cut has to leave on its side. */
const BALANCE = 0.25;
const directions = [
  [1, 0],
  [0, 1],
  [Math.SQRT1_2, Math.SQRT1_2],
  [Math.SQRT1_2, -Math.SQRT1_2],
] as const;

/** Working memory for cells of up to so many nodes and arcs. */
export class InertialFlow {
  readonly #flow: MaximumFlow;
  readonly #side: Uint8Array;
  readonly #best: Uint8Array;

  constructor(nodes: number, arcs: number) {
    this.#flow = new MaximumFlow(nodes, arcs);
    this.#side = new Uint8Array(nodes);
    this.#best = new Uint8Array(nodes);
  }

  /**
   * Answers 1 for the nodes of a connected cell on one side of the cut, 0 for the others; good until the next cut.
   * @param x metres east, by node of the cell
   */
  sides(cell: Cell, x: Float32Array, y: Float32Array): Uint8Array {
    const { size } = cell;
    this.#flow.over(cell);
    const projected = new Float32Array(size);
    const sorted = new Uint32Array(size);
    const outer = Math.max(1, Math.floor(size * BALANCE));
    let best = Infinity;
    for (const [east, north] of directions) {
      for (let i = 0; i < size; i++) {
        projected[i] = (x[i] as number) * east + (y[i] as number) * north;
        sorted[i] = i;
      }
      selectOuter(sorted, projected, outer);
      // A cut is worth what it parts: a wider one may be, where it is nearer to the middle, and never beyond half.
      const flow = this.#flow.between(sorted, outer, best * (size / 2));
      if (flow === null) continue;
      const near = this.#flow.reached(sorted, outer, this.#side);
      const worth = flow / Math.min(near, size - near);
      if (worth >= best) continue;
      best = worth;
      this.#best.set(this.#side.subarray(0, size));
    }
    return this.#best;
  }
}

/** Brings the `outer` least to the front and the `outer` greatest to the end. */
function selectOuter(sorted: Uint32Array, by: Float32Array, outer: number): void {
  select(sorted, by, 0, sorted.length - 1, outer - 1);
  select(sorted, by, outer, sorted.length - 1, sorted.length - outer);
}

/** Hoare's selection: what belongs before place k stands before it. */
function select(items: Uint32Array, by: Float32Array, from: number, to: number, k: number): void {
  let [low, high] = [from, to];
  while (low < high) {
    const pivot = by[items[(low + high) >>> 1] as number] as number;
    let [i, j] = [low, high];
    while (i <= j) {
      while ((by[items[i] as number] as number) < pivot) i++;
      while ((by[items[j] as number] as number) > pivot) j--;
      if (i > j) break;
      const kept = items[i] as number;
      items[i++] = items[j] as number;
      items[j--] = kept;
    }
    if (k <= j) high = j;
    else if (k >= i) low = i;
    else return;
  }
}
