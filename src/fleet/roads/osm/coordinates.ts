/** Coordinates of the nodes that are needed, and of no others: a municipality's extract names tens of millions. */
import { DEGREE } from '../graph.ts';
import { Column } from '../prepare/draft.ts';

/** Not among the nodes of the file. */
const MISSING = 0x7fff_ffff;

/** Where the nodes that are needed lie, by a sorted list of their ids. */
export class Coordinates {
  readonly ids: Float64Array;
  readonly #lon: Int32Array;
  readonly #lat: Int32Array;

  /** @param lists ids, in any order and more than once */
  constructor(lists: Iterable<Iterable<number>>) {
    const all = new Column(Float64Array);
    for (const list of lists) for (const id of list) all.push(id);
    const sorted = all.view().sort();
    let count = 0;
    for (let i = 0; i < sorted.length; i++)
      if (i === 0 || sorted[i] !== sorted[i - 1]) sorted[count++] = sorted[i] as number;
    this.ids = sorted.slice(0, count);
    this.#lon = new Int32Array(count).fill(MISSING);
    this.#lat = new Int32Array(count);
  }

  put(id: number, lon: number, lat: number): void {
    const at = this.indexOf(id);
    if (at < 0 || !(Math.abs(lon) <= 180 && Math.abs(lat) <= 90)) return;
    this.#lon[at] = Math.round(lon * DEGREE);
    this.#lat[at] = Math.round(lat * DEGREE);
  }

  indexOf(id: number): number {
    let [low, high] = [0, this.ids.length - 1];
    while (low <= high) {
      const middle = (low + high) >>> 1;
      const found = this.ids[middle] as number;
      if (found === id) return middle;
      if (found < id) low = middle + 1;
      else high = middle - 1;
    }
    return -1;
  }

  has(index: number): boolean {
    return this.#lon[index] !== MISSING;
  }

  at(index: number): readonly [lon: number, lat: number] {
    return [(this.#lon[index] as number) / DEGREE, (this.#lat[index] as number) / DEGREE];
  }

  /** Positions of those of the nodes that are there. */
  known(refs: readonly number[]): (readonly [lon: number, lat: number])[] {
    return refs
      .map((ref) => this.indexOf(ref))
      .filter((i) => i >= 0 && this.has(i))
      .map((i) => this.at(i));
  }
}
