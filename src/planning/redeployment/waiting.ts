/** Idle units where they wait: what they cover, and what one more, one fewer or one elsewhere would change. Pure. */
import type { CoverModel } from './cover.ts';

/** The station an idle unit is at or drives to, and the kinds of need it satisfies, a bit each. */
export interface IdleUnit {
  readonly unit: number;
  readonly station: number;
  readonly kinds: number;
}

/** What is known since the last look of units that satisfy the same kinds. */
interface Sort {
  gainsKnown: boolean;
  addsKnown: boolean;
  /** Station → what one more of them there would add, to all sets it is in. */
  readonly gains: Float64Array;
  most: number;
  /** Set → what one more of them within it would add there. */
  readonly adds: Float64Array;
}

/**
 * The j-th nearest unit comes with probability (1 − busy) · busyʲ⁻¹, as in Daskin's MEXCLP (1983), with a worth that
 * falls with the drive in place of a fixed limit. So somebody among the n units within a set is free with probability
 * 1 − busyⁿ, one more adds (1 − busy) · busyⁿ to it, and one fewer takes that over busy. Nothing is allocated from look
 * to look; what was handed out holds until the next.
 */
export class Waiting {
  #model: CoverModel;
  /** (1 − busy) · busyⁿ */
  readonly #oneMore: Float64Array;
  /** Kind × station. */
  readonly #units: Int32Array;
  readonly #unitsWithin: Int32Array;
  readonly #kindKnown: Uint8Array;
  /** Kind × set, and kind × station, as of a sort. */
  readonly #adds: Float64Array;
  readonly #gains: Float64Array;
  readonly #sorts: readonly Sort[];
  readonly #handedOn: Float64Array;
  readonly #moved: Float64Array;

  /** For any of these models of one city, and so many units at most. */
  constructor(models: readonly CoverModel[], unitsAtMost: number) {
    const [model] = models;
    if (!model) throw new Error('no model to look at');
    const { kinds, stations, busy } = model;
    const sets = Math.max(...models.map(({ station }) => station.length));
    this.#model = model;
    this.#oneMore = Float64Array.from({ length: unitsAtMost + 1 }, (_, n) => (1 - busy) * busy ** n);
    this.#units = new Int32Array(kinds * stations);
    this.#unitsWithin = new Int32Array(sets);
    this.#kindKnown = new Uint8Array(kinds);
    this.#adds = new Float64Array(kinds * sets);
    this.#gains = new Float64Array(kinds * stations);
    this.#sorts = Array.from({ length: 1 << kinds }, () => ({
      gainsKnown: false,
      addsKnown: false,
      gains: new Float64Array(stations),
      most: 0,
      adds: new Float64Array(sets),
    }));
    this.#handedOn = new Float64Array(sets);
    this.#moved = new Float64Array(stations);
  }

  look(model: CoverModel, idle: readonly IdleUnit[]): void {
    const { kinds, stations } = model;
    const units = this.#units;
    this.#model = model;
    this.#kindKnown.fill(0);
    for (const sort of this.#sorts) {
      sort.gainsKnown = false;
      sort.addsKnown = false;
    }
    units.fill(0);
    for (const each of idle)
      for (let kind = 0; kind < kinds; kind++)
        if (each.kinds & (1 << kind)) {
          const at = kind * stations + each.station;
          units[at] = (units[at] as number) + 1;
        }
  }

  /** Expected worth of a call's nearest free unit, 0 to 1. */
  cover(): number {
    const { kinds, worth, station, busy } = this.#model;
    const sets = station.length;
    let total = 0;
    for (let kind = 0; kind < kinds; kind++) {
      this.#workOut(kind);
      for (let at = kind * sets; at < (kind + 1) * sets; at++)
        total += (worth[at] as number) - (this.#adds[at] as number) / (1 - busy);
    }
    return total;
  }

  /** By station what one more unit of these kinds there would add. */
  gains(kinds: number): Float64Array {
    return this.#sortOf(kinds).gains;
  }
  /** What is lost with one of those that wait there. */
  loss(kinds: number, station: number): number {
    return (this.#sortOf(kinds).gains[station] as number) / this.#model.busy;
  }

  /**
   * By station what one of the units at `from` would gain by waiting there instead: sets that hold both stations stay
   * as they are.
   */
  movedGains(kinds: number, from: number): Float64Array {
    const { stations, busy, smaller, station, holds } = this.#model;
    const { gains } = this.#sortOf(kinds);
    const adds = this.#addsOf(kinds);
    const handedOn = this.#handedOn;
    const moved = this.#moved;
    const sets = station.length;
    const row = from * sets;
    for (let set = 0; set < sets; set++) handedOn[set] = (holds[row + set] as number) * (adds[set] as number);
    moved.fill(0);
    sumByStation(smaller, station, handedOn, moved, 0);
    const here = gains[from] as number;
    for (let to = 0; to < stations; to++) {
      const both = moved[to] as number;
      moved[to] = (gains[to] as number) - both - (here - both) / busy;
    }
    return moved;
  }

  /**
   * One that moves gains no more than this, wherever it goes: what one more would add there, less what one more adds
   * here, less what places lose whose nearest station this is, as no move leaves them as they are.
   */
  mostMovedGain(kinds: number, from: number): number {
    const { alone, station, busy } = this.#model;
    const { most, gains } = this.#sortOf(kinds);
    const set = alone[from] as number;
    let near = 0;
    for (let kind = 0; set >= 0 && 1 << kind <= kinds; kind++)
      if (kinds & (1 << kind)) near += this.#adds[kind * station.length + set] as number;
    return most - (gains[from] as number) - (1 / busy - 1) * near;
  }

  #sortOf(kinds: number): Sort {
    const sort = this.#sorts[kinds] as Sort;
    if (sort.gainsKnown) return sort;
    const { stations } = this.#model;
    const { gains } = sort;
    gains.fill(0);
    for (let kind = 0; 1 << kind <= kinds; kind++) {
      if (!(kinds & (1 << kind))) continue;
      this.#workOut(kind);
      for (let at = 0; at < stations; at++)
        gains[at] = (gains[at] as number) + (this.#gains[kind * stations + at] as number);
    }
    sort.most = 0;
    for (let at = 0; at < stations; at++) sort.most = Math.max(sort.most, gains[at] as number);
    sort.gainsKnown = true;
    return sort;
  }

  /** The kinds are worked out. */
  #addsOf(kinds: number): Float64Array {
    const sort = this.#sorts[kinds] as Sort;
    const { adds } = sort;
    if (sort.addsKnown) return adds;
    const sets = this.#model.station.length;
    adds.fill(0);
    for (let kind = 0; 1 << kind <= kinds; kind++)
      if (kinds & (1 << kind))
        for (let set = 0; set < sets; set++)
          adds[set] = (adds[set] as number) + (this.#adds[kind * sets + set] as number);
    sort.addsKnown = true;
    return adds;
  }

  #workOut(kind: number): void {
    if (this.#kindKnown[kind] === 1) return;
    const { stations, smaller, station, worth } = this.#model;
    const units = this.#units;
    const within = this.#unitsWithin;
    const oneMore = this.#oneMore;
    const adds = this.#adds;
    const handedOn = this.#handedOn;
    const sets = station.length;
    const row = kind * sets;
    for (let set = 0; set < sets; set++) {
      const before = smaller[set] as number;
      const here = units[kind * stations + (station[set] as number)] as number;
      const all = before < 0 ? here : here + (within[before] as number);
      const added = (worth[row + set] as number) * (oneMore[all] as number);
      within[set] = all;
      adds[row + set] = added;
      handedOn[set] = added;
    }
    this.#gains.fill(0, kind * stations, (kind + 1) * stations);
    sumByStation(smaller, station, handedOn, this.#gains, kind * stations);
    this.#kindKnown[kind] = 1;
  }
}

/** Adds to each station what all sets it is in have: the last sets first, each handing what it has on to its smaller one. */
function sumByStation(
  smaller: Int32Array,
  station: Int32Array,
  handedOn: Float64Array,
  into: Float64Array,
  row: number,
): void {
  for (let set = station.length - 1; set >= 0; set--) {
    const all = handedOn[set] as number;
    const at = row + (station[set] as number);
    into[at] = (into[at] as number) + all;
    const next = smaller[set] as number;
    if (next >= 0) handedOn[next] = (handedOn[next] as number) + all;
  }
}
