/** Positions asked about again and again: units stand, and hospitals do for good. Where each is on the roads, and its label. */
import type { Position } from '../../domain/position.ts';
import { DEGREE, type RoadGraph } from './graph.ts';
import type { Metric } from './metric.ts';
import type { PackedList } from './packed.ts';
import { findSnap, type Snap, type Snapped } from './snap.ts';
import type { Label } from './sweep.ts';

export interface Standing {
  readonly lon: number;
  readonly lat: number;
  readonly what: Snapped;
  /** Null off the map. */
  readonly snap: Snap | null;
  /** What it was last asked about with; its label is of this. */
  metric: Metric | null;
  label: Label | null;
  usedAt: number;
}

export interface StandingList {
  readonly standing: readonly Standing[];
  /** How often it was asked with. */
  asked: number;
  /** Once all of them have labels of one metric. */
  packed: PackedList | null;
}

/** Sets of so many, of which the one asked about longest ago makes way: whoever stands is not pushed out by who calls. */
const WAYS = 4;
const SETS_BITS = 11;

export class StandingPositions {
  readonly #graph: RoadGraph;
  readonly #sets: (Standing | undefined)[] = new Array(WAYS << SETS_BITS);
  #uses = 0;
  /** A ranking asks with the same list until a unit moves. */
  readonly #lists = {
    vehicle: new WeakMap<readonly Position[], StandingList>(),
    place: new WeakMap<readonly Position[], StandingList>(),
  };

  constructor(graph: RoadGraph) {
    this.#graph = graph;
  }

  /** @param positions a list that does not change any more once it was asked with */
  allAt(positions: readonly Position[], what: Snapped): StandingList {
    const lists = this.#lists[what];
    let list = lists.get(positions);
    if (list?.standing.length !== positions.length) {
      list = { standing: positions.map((position) => this.at(position, what)), asked: 0, packed: null };
      lists.set(positions, list);
    }
    list.asked++;
    return list;
  }

  at({ lon, lat }: Position, what: Snapped): Standing {
    const mixed = Math.imul(lon * DEGREE, 0x9e37_79b1) ^ Math.imul(lat * DEGREE, 0x85eb_ca6b);
    const first = ((mixed >>> (32 - SETS_BITS)) ^ (what === 'place' ? 1 : 0)) * WAYS;
    const usedAt = ++this.#uses;
    let oldest = first;
    for (let slot = first; slot < first + WAYS; slot++) {
      const known = this.#sets[slot];
      if (known?.lon === lon && known.lat === lat && known.what === what) {
        known.usedAt = usedAt;
        return known;
      }
      if ((known?.usedAt ?? 0) < (this.#sets[oldest]?.usedAt ?? 0)) oldest = slot;
    }
    const snap = findSnap(this.#graph, lon, lat, what);
    const standing: Standing = { lon, lat, what, snap, metric: null, label: null, usedAt };
    this.#sets[oldest] = standing;
    return standing;
  }
}
