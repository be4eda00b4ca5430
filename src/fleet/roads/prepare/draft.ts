/** Roads as they are read or invented, one by one, in arrays that grow: a municipality does not fit into objects. */
import { DEGREE } from '../graph.ts';

/** Roads between junctions as read from a map. Every edge's line begins at its tail and ends at its head. */
export interface Roads {
  readonly nodeCount: number;
  readonly edgeTail: Uint32Array;
  readonly edgeHead: Uint32Array;
  /** Index into `roadClasses`. */
  readonly edgeClass: Uint8Array;
  /** Tagged limit, or 0. */
  readonly edgeKmh: Uint8Array;
  readonly edgeDirections: Uint8Array;
  readonly edgePoint: Uint32Array;
  readonly pointLon: Int32Array;
  readonly pointLat: Int32Array;
  /** Who is to be named for it. */
  readonly source: string;
}

type Growable = Float64Array | Int32Array | Uint32Array | Uint8Array;

/** A typed array that doubles when it is full. */
export class Column<T extends Growable> {
  #values: T;
  #length = 0;
  readonly #make: new (
    length: number,
  ) => T;

  constructor(make: new (length: number) => T) {
    this.#make = make;
    this.#values = new make(1024);
  }

  get length(): number {
    return this.#length;
  }

  push(value: number): void {
    if (this.#length === this.#values.length) {
      const wider = new this.#make(this.#length * 2);
      wider.set(this.#values as never);
      this.#values = wider;
    }
    this.#values[this.#length++] = value;
  }

  at(index: number): number {
    return this.#values[index] as number;
  }

  /** A view of what is there; good until the next push. */
  view(): T {
    return this.#values.subarray(0, this.#length) as T;
  }
}

export class RoadsDraft {
  readonly #lon = new Column(Int32Array);
  readonly #lat = new Column(Int32Array);
  readonly #tail = new Column(Uint32Array);
  readonly #head = new Column(Uint32Array);
  readonly #class = new Column(Uint8Array);
  readonly #kmh = new Column(Uint8Array);
  readonly #directions = new Column(Uint8Array);
  readonly #firstPoint = new Column(Uint32Array);
  readonly #pointLon = new Column(Int32Array);
  readonly #pointLat = new Column(Int32Array);

  get edgeCount(): number {
    return this.#tail.length;
  }
  get nodeCount(): number {
    return this.#lon.length;
  }

  /** Degrees; answers the node's number. */
  addNode(lon: number, lat: number): number {
    this.#lon.push(Math.round(lon * DEGREE));
    this.#lat.push(Math.round(lat * DEGREE));
    return this.#lon.length - 1;
  }

  /** `bends` are the points between the ends, in degrees. `kmh` 0: no limit tagged. */
  addEdge(
    tail: number,
    head: number,
    road: { readonly roadClass: number; readonly directions: number; readonly kmh?: number },
    bends: readonly (readonly [lon: number, lat: number])[] = [],
  ): void {
    this.#tail.push(tail);
    this.#head.push(head);
    this.#class.push(road.roadClass);
    this.#kmh.push(road.kmh ?? 0);
    this.#directions.push(road.directions);
    this.#firstPoint.push(this.#pointLon.length);
    const point = (lon: number, lat: number) => {
      this.#pointLon.push(lon);
      this.#pointLat.push(lat);
    };
    point(this.#lon.at(tail), this.#lat.at(tail));
    for (const [lon, lat] of bends) point(Math.round(lon * DEGREE), Math.round(lat * DEGREE));
    point(this.#lon.at(head), this.#lat.at(head));
  }

  /** @param source where they come from, and who is to be named */
  finish(source: string): Roads {
    this.#firstPoint.push(this.#pointLon.length);
    return {
      nodeCount: this.#lon.length,
      edgeTail: this.#tail.view(),
      edgeHead: this.#head.view(),
      edgeClass: this.#class.view(),
      edgeKmh: this.#kmh.view(),
      edgeDirections: this.#directions.view(),
      edgePoint: this.#firstPoint.view(),
      pointLon: this.#pointLon.view(),
      pointLat: this.#pointLat.view(),
      source,
    };
  }
}
