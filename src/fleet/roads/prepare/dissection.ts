/** Cuts what is left of a city in two again and again; both sides come before the cut between them. */
import type { Adjacency, Cell } from './adjacency.ts';
import { InertialFlow } from './cut.ts';
import { fillLeast, SMALL_CELL } from './small-cell.ts';

export class Dissection {
  readonly #first: Uint32Array;
  readonly #head: Uint32Array;
  readonly #names: Uint32Array;
  readonly #x: Float32Array;
  readonly #y: Float32Array;
  /** The nodes, cell by cell: a cell is a range of this. */
  readonly #nodes: Uint32Array;
  /** Place of a node in the cell being worked on, where `#inCell` has the cell's number. */
  readonly #place: Uint32Array;
  readonly #inCell: Uint32Array;
  #cell = 0;
  /** The subgraph of that cell. */
  readonly #local: Cell & { size: number };
  readonly #flow: InertialFlow;
  /** Scratch: a flag and a place for each node of the cell. */
  readonly #flag: Uint8Array;
  readonly #queue: Uint32Array;

  constructor({ first, head }: Adjacency, names: Uint32Array, x: Float32Array, y: Float32Array) {
    const count = names.length;
    this.#first = first;
    this.#head = head;
    this.#names = names;
    this.#x = x;
    this.#y = y;
    this.#nodes = Uint32Array.from(names.keys());
    this.#place = new Uint32Array(count);
    this.#inCell = new Uint32Array(count);
    this.#local = { size: 0, first: new Uint32Array(count + 1), head: new Uint32Array(head.length) };
    this.#flow = new InertialFlow(count, head.length);
    this.#flag = new Uint8Array(count);
    this.#queue = new Uint32Array(count);
  }

  into(order: Uint32Array): void {
    const waiting: [from: number, to: number][] = [[0, this.#nodes.length]];
    for (let range = waiting.pop(); range; range = waiting.pop()) {
      const [from, to] = range;
      if (to - from <= 1) continue;
      this.#enter(from, to);
      const parts = this.#components(from, to);
      if (parts.length > 1) {
        waiting.push(...parts);
        continue;
      }
      if (to - from <= SMALL_CELL) {
        this.#reorder(from, fillLeast(this.#local));
        continue;
      }
      const [a, b] = this.#cut(from, to);
      waiting.push([from, a], [a, b]);
    }
    for (let i = 0; i < order.length; i++) order[i] = this.#names[this.#nodes[i] as number] as number;
  }

  /** Makes the subgraph of a range the local one. */
  #enter(from: number, to: number): void {
    const cell = ++this.#cell;
    const size = to - from;
    for (let i = 0; i < size; i++) {
      const n = this.#nodes[from + i] as number;
      this.#place[n] = i;
      this.#inCell[n] = cell;
    }
    const { first, head } = this.#local;
    let arcs = 0;
    for (let i = 0; i < size; i++) {
      first[i] = arcs;
      const n = this.#nodes[from + i] as number;
      const end = this.#first[n + 1] as number;
      for (let a = this.#first[n] as number; a < end; a++) {
        const m = this.#head[a] as number;
        if (this.#inCell[m] === cell) head[arcs++] = this.#place[m] as number;
      }
    }
    this.#local.size = size;
    first[size] = arcs;
  }

  /** @param places of the cell's nodes, in their new order */
  #reorder(from: number, places: Uint32Array): void {
    this.#nodes.set(
      places.map((i) => this.#nodes[from + i] as number),
      from,
    );
  }

  /** Puts connected parts one after the other; answers their ranges. */
  #components(from: number, to: number): [number, number][] {
    const size = to - from;
    const { first, head } = this.#local;
    const seen = this.#flag.fill(0, 0, size);
    const sorted = this.#queue;
    const parts: [number, number][] = [];
    let end = 0;
    for (let root = 0; root < size; root++) {
      if (seen[root]) continue;
      const begin = end;
      seen[root] = 1;
      sorted[end++] = root;
      for (let q = begin; q < end; q++) {
        const n = sorted[q] as number;
        const last = first[n + 1] as number;
        for (let a = first[n] as number; a < last; a++) {
          const m = head[a] as number;
          if (seen[m]) continue;
          seen[m] = 1;
          sorted[end++] = m;
        }
      }
      parts.push([from + begin, from + end]);
    }
    if (parts.length > 1) this.#reorder(from, sorted.subarray(0, size));
    return parts;
  }

  /** Cuts a connected range into two, with the cut at its end; answers where the first and the second end. */
  #cut(from: number, to: number): [number, number] {
    const x = new Float32Array(to - from);
    const y = new Float32Array(to - from);
    for (let i = from; i < to; i++) {
      const name = this.#names[this.#nodes[i] as number] as number;
      x[i - from] = this.#x[name] as number;
      y[i - from] = this.#y[name] as number;
    }
    return this.#part(from, this.#flow.sides(this.#local, x, y));
  }

  /** The cut's ends on the side that has fewer of them become the separator. */
  #part(from: number, side: Uint8Array): [number, number] {
    const { size, first, head } = this.#local;
    const isEnd = this.#flag.fill(0, 0, size);
    const ends = [0, 0];
    for (let n = 0; n < size; n++) {
      const last = first[n + 1] as number;
      for (let a = first[n] as number; a < last; a++) {
        if (side[head[a] as number] === side[n]) continue;
        isEnd[n] = 1;
        ends[side[n] as number] = (ends[side[n] as number] as number) + 1;
        break;
      }
    }
    const thinner = (ends[0] as number) <= (ends[1] as number) ? 0 : 1;
    const separates = (n: number) => side[n] === thinner && isEnd[n] === 1;
    const parts: number[][] = [[], [], []];
    for (let n = 0; n < size; n++) parts[separates(n) ? 2 : (side[n] as number)]?.push(this.#nodes[from + n] as number);
    const [a, b, cut] = parts as [number[], number[], number[]];
    this.#nodes.set(a, from);
    this.#nodes.set(b, from + a.length);
    this.#nodes.set(cut, from + a.length + b.length);
    return [from + a.length, from + a.length + b.length];
  }
}
