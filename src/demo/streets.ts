/**
 * Invented streets for the demonstration, in the manner of the old city: a ring road, broad avenues some 750 m apart, and
 * between them lanes that run east and west, many of them one-way, joined by few alleys. Lakes behind walls take up the
 * middle, a canal the south; both are crossed by few bridges.
 */

import { AGAINST, ALONG, type RoadClass, roadClasses } from '../fleet/roads/graph.ts';
import type { Roads } from '../fleet/roads/prepare/draft.ts';
import { RoadsDraft } from '../fleet/roads/prepare/draft.ts';
import { type Random, seededRandom } from './random.ts';

const SEED = 20_250_709;
const BOUNDS = { west: 116.314, south: 39.858, east: 116.408, north: 39.982 } as const;
/** Degrees, about 750 m. */
const AVENUES_APART = { lon: 0.0088, lat: 0.0068 } as const;
/** About 80 m. */
const LANES_APART = 0.00072;
const ALLEYS_A_BLOCK = 2;
const ONE_WAY_LANES = 0.35;
const BLIND_LANES = 0.15;
/** Lakes and palace: walled, and crossed in two places. */
const LAKES = { west: 116.377, south: 39.906, east: 116.394, north: 39.946 } as const;
/** A canal along this parallel; every other avenue has a bridge. */
const CANAL_LAT = 39.888;
/** The ring road runs along the avenues nearest to this. */
const RING = { west: 116.348, south: 39.872, east: 116.404, north: 39.95 } as const;

const BOTH = ALONG | AGAINST;
const number = (name: RoadClass) => roadClasses.indexOf(name);

export function inventStreets(seed = SEED): Roads {
  const random = seededRandom(seed);
  return new Streets(random).lay();
}

class Streets {
  readonly #random: Random;
  readonly #draft = new RoadsDraft();
  readonly #x: readonly number[];
  readonly #y: readonly number[];
  readonly #corners: number[][];
  /** Junctions of lanes and alleys on each stretch of avenue, with how far along it they are. */
  readonly #onNorthward = new Map<string, [at: number, node: number][]>();
  readonly #onEastward = new Map<string, [at: number, node: number][]>();

  constructor(random: Random) {
    this.#random = random;
    this.#x = lines(random, BOUNDS.west, BOUNDS.east, AVENUES_APART.lon);
    this.#y = lines(random, BOUNDS.south, BOUNDS.north, AVENUES_APART.lat);
    this.#corners = this.#x.map((lon) => this.#y.map((lat) => this.#draft.addNode(lon, lat)));
  }

  lay(): Roads {
    for (let i = 0; i + 1 < this.#x.length; i++)
      for (let j = 0; j + 1 < this.#y.length; j++) if (!this.#isLake(i, j)) this.#block(i, j);
    for (let i = 0; i < this.#x.length; i++)
      for (let j = 0; j < this.#y.length; j++) {
        if (j + 1 < this.#y.length && !this.#northIsBarred(i, j))
          this.#avenue(
            this.#corner(i, j),
            this.#onNorthward.get(`${i} ${j}`),
            this.#corner(i, j + 1),
            this.#northward(i),
          );
        if (i + 1 < this.#x.length && !this.#eastIsBarred(i, j))
          this.#avenue(
            this.#corner(i, j),
            this.#onEastward.get(`${i} ${j}`),
            this.#corner(i + 1, j),
            this.#eastward(j),
          );
      }
    return this.#draft.finish('invented for the demonstration');
  }

  /** Lanes from avenue to avenue, alleys from lane to lane. */
  #block(i: number, j: number): void {
    const random = this.#random;
    const [west, east] = [this.#x[i], this.#x[i + 1]] as [number, number];
    const [south, north] = [this.#y[j], this.#y[j + 1]] as [number, number];
    const alleys = Array.from(
      { length: ALLEYS_A_BLOCK },
      (_, k) => west + ((k + 0.7 + random.next() * 0.6) / (ALLEYS_A_BLOCK + 1)) * (east - west),
    );
    const lanes = Math.round((north - south) / LANES_APART) - 1;
    let before: number[] = alleys.map((lon) => this.#join(this.#onEastward, i, j, lon, south, lon));
    let beforeLat = south;
    for (let k = 1; k <= lanes; k++) {
      const lat = south + ((k + (random.next() - 0.5) * 0.3) / (lanes + 1)) * (north - south);
      const inner = alleys.map((lon) => this.#draft.addNode(lon + (random.next() - 0.5) * 0.0004, lat));
      const opensWest = !random.chance(BLIND_LANES);
      const opensEast = !random.chance(BLIND_LANES);
      const nodes = [
        ...(opensWest ? [this.#join(this.#onNorthward, i, j, west, lat, lat)] : []),
        ...inner,
        ...(opensEast ? [this.#join(this.#onNorthward, i + 1, j, east, lat, lat)] : []),
      ];
      // A blind lane one-way would be a trap.
      const oneWay = opensWest && opensEast && random.chance(ONE_WAY_LANES);
      const directions = oneWay ? random.pick([ALONG, AGAINST]) : BOTH;
      const roadClass = number(random.chance(0.25) ? 'unclassified' : 'residential');
      for (let n = 0; n + 1 < nodes.length; n++)
        this.#draft.addEdge(nodes[n] as number, nodes[n + 1] as number, { roadClass, directions });
      inner.forEach((node, a) => {
        if (random.chance(k === 1 ? 0.5 : 0.7)) this.#alley(before[a] as number, node, beforeLat, lat);
      });
      before = inner;
      beforeLat = lat;
    }
    alleys.forEach((lon, a) => {
      if (random.chance(0.5))
        this.#alley(before[a] as number, this.#join(this.#onEastward, i, j + 1, lon, north, lon), beforeLat, north);
    });
  }

  #alley(from: number, to: number, south: number, north: number): void {
    if (south < CANAL_LAT && north >= CANAL_LAT) return;
    this.#draft.addEdge(from, to, { roadClass: number('service'), directions: BOTH });
  }

  #join(on: Map<string, [number, number][]>, i: number, j: number, lon: number, lat: number, at: number): number {
    const node = this.#draft.addNode(lon, lat);
    const key = `${i} ${j}`;
    const there = on.get(key);
    if (there) there.push([at, node]);
    else on.set(key, [[at, node]]);
    return node;
  }

  #avenue(from: number, between: readonly [number, number][] | undefined, to: number, name: RoadClass): void {
    const nodes = [...(between ?? [])].sort(([a], [b]) => a - b).map(([, node]) => node);
    let tail = from;
    for (const node of [...nodes, to]) {
      this.#draft.addEdge(tail, node, { roadClass: number(name), directions: BOTH });
      tail = node;
    }
  }

  #corner(i: number, j: number): number {
    return this.#corners[i]?.[j] as number;
  }

  #northward(i: number): RoadClass {
    if (i === nearest(this.#x, RING.west) || i === nearest(this.#x, RING.east)) return 'trunk';
    return i % 3 === 0 ? 'primary' : i % 3 === 1 ? 'secondary' : 'tertiary';
  }

  #eastward(j: number): RoadClass {
    if (j === nearest(this.#y, RING.south) || j === nearest(this.#y, RING.north)) return 'trunk';
    return j % 4 === 0 ? 'primary' : j % 4 === 2 ? 'secondary' : 'tertiary';
  }

  #isLake(i: number, j: number): boolean {
    const [lon, lat] = [middle(this.#x, i), middle(this.#y, j)];
    return lon > LAKES.west && lon < LAKES.east && lat > LAKES.south && lat < LAKES.north;
  }

  /** An avenue northwards ends at the walls, and at the canal where it has no bridge. */
  #northIsBarred(i: number, j: number): boolean {
    const crossesCanal = (this.#y[j] as number) < CANAL_LAT && (this.#y[j + 1] as number) >= CANAL_LAT;
    return (crossesCanal && i % 2 === 1) || (this.#isLake(i - 1, j) && this.#isLake(i, j));
  }

  /** One eastwards crosses the lakes by one bridge only. */
  #eastIsBarred(i: number, j: number): boolean {
    return this.#isLake(i, j - 1) && this.#isLake(i, j) && j % 3 !== 0;
  }
}

/** From one end to the other, about evenly. */
function lines(random: Random, from: number, to: number, apart: number): number[] {
  const count = Math.round((to - from) / apart);
  return Array.from({ length: count + 1 }, (_, k) => {
    const shift = k === 0 || k === count ? 0 : (random.next() - 0.5) * 0.4;
    return from + ((k + shift) / count) * (to - from);
  });
}

const middle = (values: readonly number[], i: number): number =>
  ((values[i] ?? Infinity) + (values[i + 1] ?? Infinity)) / 2;

function nearest(values: readonly number[], to: number): number {
  return values.reduce(
    (best, value, i) => (Math.abs(value - to) < Math.abs((values[best] as number) - to) ? i : best),
    0,
  );
}
