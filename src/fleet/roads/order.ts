/**
 * The order in which junctions are contracted, from the map alone, so that it holds for any speeds. Dead ends and chains
 * go first; what is left is cut in two again and again where few roads cross, and the cuts come last.
 *
 * Cuts by inertial flow (Schild and Sommer, "On balanced separators in road networks", SEA 2015): along four directions,
 * the outer quarters of the junctions are joined by a maximum flow, and the tightest of the four cuts is taken.
 */

/** Undirected, without parallels or loops: neighbours of node n are `head[first[n]]` to `first[n + 1]`. */
export interface Adjacency {
  readonly first: Uint32Array;
  readonly head: Uint32Array;
}

/** Cells of so many nodes are ordered by what they fill in; beyond, they are cut. 32 bits hold one. */
const CELL = 32;
/** The share of nodes at either end that a cut has to leave on its side. */
const BALANCE = 0.25;

/**
 * Answers the nodes in order of contraction.
 * @param x metres east of anywhere, by node
 * @param y metres north
 */
export function contractionOrder({ first, head }: Adjacency, x: Float32Array, y: Float32Array): Uint32Array {
  const count = first.length - 1;
  const order = new Uint32Array(count);
  const core = new Core(first, head);
  const easy = core.contractEasy(order);
  const left = core.left();
  new Dissection(core.adjacency(left), left, x, y).into(order.subarray(easy));
  return order;
}

/** Nodes of two neighbours or fewer cost nothing to contract: at most one new road for the two they had. */
class Core {
  readonly #neighbours: number[][];
  readonly #gone: Uint8Array;

  constructor(first: Uint32Array, head: Uint32Array) {
    const count = first.length - 1;
    this.#gone = new Uint8Array(count);
    this.#neighbours = Array.from({ length: count }, (_, n) => Array.from(head.subarray(first[n], first[n + 1])));
  }

  /** In rounds in which no two neighbours go, so that a chain of n nodes becomes a tree of height log n. */
  contractEasy(order: Uint32Array): number {
    const neighbours = this.#neighbours;
    const gone = this.#gone;
    const waitsUntil = new Uint32Array(gone.length);
    let done = 0;
    let round = 0;
    let candidates = Array.from(gone.keys());
    while (candidates.length > 0) {
      round++;
      const next: number[] = [];
      for (const n of candidates) {
        const own = neighbours[n] as number[];
        if (gone[n] || own.length > 2) continue;
        if (waitsUntil[n] === round) {
          next.push(n);
          continue;
        }
        gone[n] = 1;
        order[done++] = n;
        for (const a of own) {
          const theirs = neighbours[a] as number[];
          theirs.splice(theirs.indexOf(n), 1);
          waitsUntil[a] = round;
          next.push(a);
        }
        const [a, b] = own;
        if (a !== undefined && b !== undefined && !neighbours[a]?.includes(b)) {
          neighbours[a]?.push(b);
          neighbours[b]?.push(a);
        }
        neighbours[n] = [];
      }
      candidates = next;
    }
    return done;
  }

  left(): Uint32Array {
    return Uint32Array.from(this.#gone.keys()).filter((n) => this.#gone[n] === 0);
  }

  /** Among those left, numbered by their place in `left`. */
  adjacency(left: Uint32Array): Adjacency {
    const numberOf = new Uint32Array(this.#gone.length);
    left.forEach((n, i) => {
      numberOf[n] = i;
    });
    const first = new Uint32Array(left.length + 1);
    left.forEach((n, i) => {
      first[i + 1] = (first[i] as number) + (this.#neighbours[n] as number[]).length;
    });
    const head = new Uint32Array(first[left.length] as number);
    left.forEach((n, i) => {
      (this.#neighbours[n] as number[]).forEach((m, k) => {
        head[(first[i] as number) + k] = numberOf[m] as number;
      });
    });
    return { first, head };
  }
}

class Dissection {
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
  /** The subgraph of a cell: flow graph with arcs in pairs. Scratch, as long as the whole needs it. */
  readonly #localFirst: Uint32Array;
  readonly #localHead: Uint32Array;
  readonly #twin: Uint32Array;
  readonly #flow: Int8Array;
  readonly #level: Int32Array;
  readonly #next: Uint32Array;
  readonly #queue: Uint32Array;
  readonly #terminal: Uint8Array;
  readonly #side: Uint8Array;
  readonly #bestSide: Uint8Array;

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
    this.#localFirst = new Uint32Array(count + 1);
    this.#localHead = new Uint32Array(head.length);
    this.#twin = new Uint32Array(head.length);
    this.#flow = new Int8Array(head.length);
    this.#level = new Int32Array(count);
    this.#next = new Uint32Array(count);
    this.#queue = new Uint32Array(count);
    this.#terminal = new Uint8Array(count);
    this.#side = new Uint8Array(count);
    this.#bestSide = new Uint8Array(count);
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
      if (to - from <= CELL) {
        this.#fillLeast(from, to);
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
    let arcs = 0;
    for (let i = 0; i < size; i++) {
      this.#localFirst[i] = arcs;
      const n = this.#nodes[from + i] as number;
      const end = this.#first[n + 1] as number;
      for (let a = this.#first[n] as number; a < end; a++) {
        const m = this.#head[a] as number;
        if (this.#inCell[m] === cell) this.#localHead[arcs++] = this.#place[m] as number;
      }
    }
    this.#localFirst[size] = arcs;
  }

  /** Puts connected parts one after the other; answers their ranges. */
  #components(from: number, to: number): [number, number][] {
    const size = to - from;
    const seen = this.#side.fill(0, 0, size);
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
        const last = this.#localFirst[n + 1] as number;
        for (let a = this.#localFirst[n] as number; a < last; a++) {
          const m = this.#localHead[a] as number;
          if (seen[m]) continue;
          seen[m] = 1;
          sorted[end++] = m;
        }
      }
      parts.push([from + begin, from + end]);
    }
    if (parts.length > 1) {
      const moved = Uint32Array.from(sorted.subarray(0, size), (i) => this.#nodes[from + i] as number);
      this.#nodes.set(moved, from);
    }
    return parts;
  }

  /** A small cell: always next the node that joins the fewest neighbours not yet joined. */
  #fillLeast(from: number, to: number): void {
    const size = to - from;
    const joined = new Uint32Array(size);
    for (let i = 0; i < size; i++) {
      const last = this.#localFirst[i + 1] as number;
      for (let a = this.#localFirst[i] as number; a < last; a++)
        joined[i] = (joined[i] as number) | (1 << (this.#localHead[a] as number));
    }
    const sorted = new Uint32Array(size);
    let left = size === 32 ? 0xffff_ffff : 2 ** size - 1;
    for (let done = 0; done < size; done++) {
      let best = -1;
      let least = Infinity;
      for (let i = 0; i < size; i++) {
        if (!((left >>> i) & 1)) continue;
        const around = (joined[i] as number) & left;
        let missing = 0;
        for (let rest = around; rest; rest &= rest - 1) {
          const j = 31 - Math.clz32(rest & -rest);
          missing += bits(around & ~(joined[j] as number)) - 1;
        }
        const cost = missing * CELL + bits(around);
        if (cost < least) {
          least = cost;
          best = i;
        }
      }
      left &= ~(1 << best);
      const around = (joined[best] as number) & left;
      for (let rest = around; rest; rest &= rest - 1) {
        const j = 31 - Math.clz32(rest & -rest);
        joined[j] = ((joined[j] as number) | around) & ~(1 << j);
      }
      sorted[done] = this.#nodes[from + best] as number;
    }
    this.#nodes.set(sorted, from);
  }

  /** Cuts a connected range into two, with the cut at its end; answers where the first and the second end. */
  #cut(from: number, to: number): [number, number] {
    const size = to - from;
    this.#pairArcs(size);
    const projected = new Float32Array(size);
    const sorted = new Uint32Array(size);
    const outer = Math.max(1, Math.floor(size * BALANCE));
    let best = Infinity;
    for (const [east, north] of directions) {
      for (let i = 0; i < size; i++) {
        const n = this.#names[this.#nodes[from + i] as number] as number;
        projected[i] = (this.#x[n] as number) * east + (this.#y[n] as number) * north;
        sorted[i] = i;
      }
      selectOuter(sorted, projected, outer);
      this.#terminal.fill(0, 0, size);
      for (let i = 0; i < outer; i++) {
        this.#terminal[sorted[i] as number] = SOURCE;
        this.#terminal[sorted[size - 1 - i] as number] = SINK;
      }
      // A cut is worth what it parts: a wider one may be, where it is nearer to the middle, and never beyond half.
      const flow = this.#maximumFlow(size, sorted, outer, best * (size / 2));
      if (flow === null) continue;
      const near = this.#reached(size, sorted, outer);
      const worth = flow / Math.min(near, size - near);
      if (worth >= best) continue;
      best = worth;
      this.#bestSide.set(this.#side.subarray(0, size));
    }
    return this.#part(from, size);
  }

  #pairArcs(size: number): void {
    const arcs = this.#localFirst[size] as number;
    const cursor = this.#next;
    // Nodes ascending on one side and neighbours in any order on the other: look each twin up among the few of its node.
    for (let n = 0; n < size; n++) cursor[n] = this.#localFirst[n] as number;
    for (let n = 0; n < size; n++) {
      const last = this.#localFirst[n + 1] as number;
      for (let a = this.#localFirst[n] as number; a < last; a++) {
        const m = this.#localHead[a] as number;
        if (m < n) continue;
        let b = this.#localFirst[m] as number;
        while (this.#localHead[b] !== n) b++;
        this.#twin[a] = b;
        this.#twin[b] = a;
      }
    }
    this.#flow.fill(0, 0, arcs);
  }

  /** Dinic's algorithm with every road of capacity one; null as soon as the flow reaches `tooMuch`. */
  #maximumFlow(size: number, sorted: Uint32Array, outer: number, tooMuch: number): number | null {
    this.#flow.fill(0, 0, this.#localFirst[size] as number);
    let flow = 0;
    while (this.#levels(size, sorted, outer)) {
      for (let n = 0; n < size; n++) this.#next[n] = this.#localFirst[n] as number;
      for (let i = 0; i < outer; i++) {
        while (this.#augment(sorted[i] as number)) {
          if (++flow >= tooMuch) return null;
        }
      }
    }
    return flow;
  }

  #levels(size: number, sorted: Uint32Array, outer: number): boolean {
    const level = this.#level.fill(-1, 0, size);
    const queue = this.#queue;
    let end = 0;
    for (let i = 0; i < outer; i++) {
      const n = sorted[i] as number;
      level[n] = 0;
      queue[end++] = n;
    }
    let reached = Infinity;
    for (let q = 0; q < end; q++) {
      const n = queue[q] as number;
      const depth = level[n] as number;
      if (depth >= reached) break;
      const last = this.#localFirst[n + 1] as number;
      for (let a = this.#localFirst[n] as number; a < last; a++) {
        const m = this.#localHead[a] as number;
        if (level[m] !== -1 || this.#flow[a] === 1) continue;
        level[m] = depth + 1;
        if (this.#terminal[m] === SINK) reached = depth + 1;
        queue[end++] = m;
      }
    }
    return reached !== Infinity;
  }

  /** One path along the levels from a source to a sink, found depth first. */
  #augment(source: number): boolean {
    const path = this.#queue;
    let depth = 0;
    let n = source;
    for (;;) {
      if (this.#terminal[n] === SINK) {
        for (let i = 0; i < depth; i++) {
          const a = path[i] as number;
          const b = this.#twin[a] as number;
          this.#flow[a] = (this.#flow[a] as number) + 1;
          this.#flow[b] = (this.#flow[b] as number) - 1;
        }
        return true;
      }
      const last = this.#localFirst[n + 1] as number;
      const deeper = (this.#level[n] as number) + 1;
      let a = this.#next[n] as number;
      while (a < last && (this.#flow[a] === 1 || this.#level[this.#localHead[a] as number] !== deeper)) a++;
      this.#next[n] = a;
      if (a < last) {
        path[depth++] = a;
        n = this.#localHead[a] as number;
        continue;
      }
      if (depth === 0) return false;
      // A dead end: its way in is not tried again.
      n = this.#localHead[this.#twin[path[--depth] as number] as number] as number;
      this.#next[n] = (this.#next[n] as number) + 1;
    }
  }

  /** Marks what the sources still reach once the flow is at its most; answers how many. */
  #reached(size: number, sorted: Uint32Array, outer: number): number {
    const side = this.#side.fill(0, 0, size);
    const queue = this.#queue;
    let end = 0;
    for (let i = 0; i < outer; i++) {
      const n = sorted[i] as number;
      side[n] = 1;
      queue[end++] = n;
    }
    for (let q = 0; q < end; q++) {
      const n = queue[q] as number;
      const last = this.#localFirst[n + 1] as number;
      for (let a = this.#localFirst[n] as number; a < last; a++) {
        const m = this.#localHead[a] as number;
        if (side[m] || this.#flow[a] === 1) continue;
        side[m] = 1;
        queue[end++] = m;
      }
    }
    return end;
  }

  /** The cut's ends on the side that has fewer of them become the separator. */
  #part(from: number, size: number): [number, number] {
    const side = this.#bestSide;
    const isEnd = this.#side.fill(0, 0, size);
    const ends = [0, 0];
    for (let n = 0; n < size; n++) {
      const last = this.#localFirst[n + 1] as number;
      for (let a = this.#localFirst[n] as number; a < last; a++) {
        if (side[this.#localHead[a] as number] === side[n]) continue;
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

const SOURCE = 1;
const SINK = 2;
const directions = [
  [1, 0],
  [0, 1],
  [Math.SQRT1_2, Math.SQRT1_2],
  [Math.SQRT1_2, -Math.SQRT1_2],
] as const;

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

function bits(word: number): number {
  let w = word - ((word >>> 1) & 0x5555_5555);
  w = (w & 0x3333_3333) + ((w >>> 2) & 0x3333_3333);
  return Math.imul((w + (w >>> 4)) & 0x0f0f_0f0f, 0x0101_0101) >>> 24;
}
