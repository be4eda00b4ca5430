/**
 * A city out of an OpenStreetMap extract, in passes over the file: first the ways one can drive and everything that is
 * somewhere, then the ways that outlines are made of, then the coordinates of the nodes all these need. What is held is
 * what is used, in typed arrays; the rest of the file goes by.
 */
import type { Position as GeoPosition, MultiPolygon } from 'geojson';
import { Column, RoadsDraft } from './draft.ts';
import type { Bounds } from './graph.ts';
import { OsmFileError, type OsmRelation, readOsm } from './osm-elements.ts';
import { addressOf, boundaryOf, type PlaceTags, placeOfTags, type RoadTags, roadOf } from './osm-tags.ts';
import type { Roads } from './prepare.ts';

export interface OsmPlace extends PlaceTags {
  /** `osm-n…` or `osm-w…`, the same at every import. */
  readonly placeId: string;
  readonly lon: number;
  readonly lat: number;
}
export interface OsmAddress {
  readonly addressId: string;
  readonly text: string;
  readonly lon: number;
  readonly lat: number;
}
export interface OsmArea {
  readonly relation: number;
  readonly code: string | null;
  readonly name: string;
  readonly outline: MultiPolygon;
}

/** What was read, and what was not and why. */
export interface OsmReport {
  readonly roads: number;
  readonly junctions: number;
  /** Nodes of drivable ways that the file does not hold: a clipped extract. The ways are kept up to there. */
  readonly missingNodes: number;
  readonly clippedWays: number;
  /** Ways of which nothing was left. */
  readonly lostWays: number;
  /** Outlines that do not close, most often because the extract ends within them. */
  readonly openAreas: readonly string[];
  readonly placesWithoutPosition: number;
}

export interface City {
  readonly roads: Roads;
  readonly places: readonly OsmPlace[];
  readonly addresses: readonly OsmAddress[];
  readonly areas: readonly OsmArea[];
  readonly bounds: Bounds;
  readonly report: OsmReport;
}

export interface ReadOptions {
  /** `admin_level` of the areas to take: 8 is a sub-district or township in China. */
  readonly areaLevel: number;
  /** Bytes read of `passes × size`. */
  readonly progress?: (bytes: number) => void;
  /** Told of the box as soon as anything is known of it; may throw to end the reading at once. */
  readonly found?: (box: Bounds) => void;
}

export const PASSES = 3;
const SOURCE = '© OpenStreetMap contributors, ODbL 1.0';
/** So many nodes say where an extract lies. */
const NODES_THAT_TELL = 1_000;
/** Not among the nodes of the file. */
const MISSING = 0x7fff_ffff;

/** @throws OsmFileError where the file is no OpenStreetMap data, is broken, or has no road one can drive */
export async function readCity(file: string, options: ReadOptions): Promise<City> {
  const first = new FirstPass(options);
  await readOsm(file, first.wanted, options.progress);
  if (first.ways.length === 0) throw new OsmFileError('there are no roads one can drive in this file');
  const outlines = new Map<number, readonly number[]>();
  const members = new Set(first.boundaries.flatMap(({ ways }) => ways));
  if (members.size > 0)
    await readOsm(
      file,
      {
        way: ({ id, refs }) => {
          if (members.has(id)) outlines.set(id, refs);
        },
      },
      options.progress,
    );
  const nodes = new Coordinates(first, outlines);
  await readOsm(file, { node: ({ id, lon, lat }) => nodes.put(id, lon, lat) }, options.progress);
  return assemble(first, outlines, nodes);
}

interface WayPlace {
  readonly id: string;
  readonly refs: readonly number[];
  readonly place: PlaceTags | null;
  readonly address: string | null;
}

class FirstPass {
  /** Node ids of all drivable ways, one way after the other. */
  readonly refs = new Column(Float64Array);
  readonly ways: { readonly first: number; readonly road: RoadTags }[] = [];
  readonly wayPlaces: WayPlace[] = [];
  readonly boundaries: {
    readonly relation: number;
    readonly code: string | null;
    readonly name: string;
    readonly ways: number[];
  }[] = [];
  readonly places: OsmPlace[] = [];
  readonly addresses: OsmAddress[] = [];
  readonly wanted;

  constructor({ areaLevel, found }: ReadOptions) {
    let seen = 0;
    const box = { west: Infinity, south: Infinity, east: -Infinity, north: -Infinity };
    this.wanted = {
      box: (given: Bounds) => found?.(given),
      node: ({
        id,
        lon,
        lat,
        tags,
      }: {
        id: number;
        lon: number;
        lat: number;
        tags: Parameters<typeof placeOfTags>[0];
      }) => {
        if (seen < NODES_THAT_TELL) {
          box.west = Math.min(box.west, lon);
          box.east = Math.max(box.east, lon);
          box.south = Math.min(box.south, lat);
          box.north = Math.max(box.north, lat);
          if (++seen === NODES_THAT_TELL) found?.(box);
        }
        const place = placeOfTags(tags);
        if (place) this.places.push({ placeId: `osm-n${id}`, lon, lat, ...place });
        const text = addressOf(tags);
        if (text) this.addresses.push({ addressId: `n${id}`, text, lon, lat });
      },
      way: ({ id, refs, tags }: { id: number; refs: readonly number[]; tags: Parameters<typeof placeOfTags>[0] }) => {
        const road = roadOf(tags);
        if (road) {
          this.ways.push({ first: this.refs.length, road });
          for (const ref of refs) this.refs.push(ref);
          return;
        }
        const place = placeOfTags(tags);
        const address = addressOf(tags);
        if (place || address) this.wayPlaces.push({ id: `w${id}`, refs, place, address });
      },
      relation: ({ id, members, tags }: OsmRelation) => {
        const boundary = boundaryOf(tags, areaLevel);
        if (!boundary) return;
        const ways = members.filter(({ type, role }) => type === 'way' && role !== 'subarea').map(({ ref }) => ref);
        this.boundaries.push({ relation: id, ...boundary, ways });
      },
    };
  }
}

/** Where the nodes that are needed lie, by a sorted list of their ids. */
class Coordinates {
  readonly ids: Float64Array;
  readonly #lon: Int32Array;
  readonly #lat: Int32Array;

  constructor({ refs, wayPlaces }: FirstPass, outlines: ReadonlyMap<number, readonly number[]>) {
    const all = new Column(Float64Array);
    for (const ref of refs.view()) all.push(ref);
    for (const way of wayPlaces) for (const ref of way.refs) all.push(ref);
    for (const way of outlines.values()) for (const ref of way) all.push(ref);
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
    this.#lon[at] = Math.round(lon * 1e7);
    this.#lat[at] = Math.round(lat * 1e7);
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
    return [(this.#lon[index] as number) / 1e7, (this.#lat[index] as number) / 1e7];
  }

  /** Positions of those of the nodes that are there. */
  known(refs: readonly number[]): (readonly [lon: number, lat: number])[] {
    return refs
      .map((ref) => this.indexOf(ref))
      .filter((i) => i >= 0 && this.has(i))
      .map((i) => this.at(i));
  }
}

function assemble(first: FirstPass, outlines: ReadonlyMap<number, readonly number[]>, nodes: Coordinates): City {
  const { draft, ...clipped } = draw(first, nodes);
  if (draft.edgeCount === 0) throw new OsmFileError('none of the roads in this file has its nodes in it');
  const places = [...first.places];
  const addresses = [...first.addresses];
  let placesWithoutPosition = 0;
  for (const { id, refs, place, address } of first.wayPlaces) {
    const middle = middleOf(nodes.known(refs));
    if (!middle) {
      placesWithoutPosition++;
      continue;
    }
    const [lon, lat] = middle;
    if (place) places.push({ placeId: `osm-${id}`, lon, lat, ...place });
    if (address) addresses.push({ addressId: id, text: address, lon, lat });
  }
  const areas: OsmArea[] = [];
  const openAreas: string[] = [];
  for (const { relation, code, name, ways } of first.boundaries) {
    const outline = outlineOf(ways, outlines, nodes);
    if (outline) areas.push({ relation, code, name, outline });
    else openAreas.push(name);
  }
  const roads = draft.finish(SOURCE);
  const report = {
    roads: draft.edgeCount,
    junctions: draft.nodeCount,
    ...clipped,
    openAreas,
    placesWithoutPosition,
  };
  return { roads, places, addresses, areas, bounds: boundsOf(roads), report };
}

/** Cuts the ways at junctions and where nodes are missing. */
function draw({ refs, ways }: FirstPass, nodes: Coordinates) {
  const at = Int32Array.from(refs.view(), (id) => nodes.indexOf(id));
  const endOf = (w: number) => ways[w + 1]?.first ?? at.length;
  /** How often a node is used; an end counts twice, so that it is a junction whoever else comes by. */
  const uses = new Uint8Array(nodes.ids.length);
  const use = (i: number, times: number) => {
    const node = at[i] as number;
    uses[node] = Math.min(255, (uses[node] as number) + times);
  };
  ways.forEach(({ first }, w) => {
    const end = endOf(w);
    for (let i = first; i < end; i++) {
      const ends = !present(nodes, at, i - 1, first, end) || !present(nodes, at, i + 1, first, end);
      use(i, ends ? 2 : 1);
    }
  });
  const draft = new RoadsDraft();
  const number = new Int32Array(nodes.ids.length).fill(-1);
  const junction = (node: number): number => {
    if (number[node] === -1) number[node] = draft.addNode(...nodes.at(node));
    return number[node] as number;
  };
  const missing = new Set<number>();
  let clippedWays = 0;
  let lostWays = 0;
  ways.forEach(({ first, road }, w) => {
    const end = endOf(w);
    const before = draft.edgeCount;
    let whole = true;
    let tail = -1;
    let bends: (readonly [number, number])[] = [];
    for (let i = first; i < end; i++) {
      const node = at[i] as number;
      if (!nodes.has(node)) {
        missing.add(node);
        whole = false;
        tail = -1;
        continue;
      }
      if (tail === -1) {
        tail = node;
        bends = [];
      } else if ((uses[node] as number) < 2) bends.push(nodes.at(node));
      else if (node !== tail || bends.length > 0) {
        draft.addEdge(junction(tail), junction(node), road, bends);
        tail = node;
        bends = [];
      }
    }
    if (!whole) clippedWays++;
    if (draft.edgeCount === before) lostWays++;
  });
  return { draft, missingNodes: missing.size, clippedWays, lostWays };
}

const present = (nodes: Coordinates, at: Int32Array, i: number, first: number, end: number): boolean =>
  i >= first && i < end && nodes.has(at[i] as number);

function middleOf(points: readonly (readonly [number, number])[]): readonly [number, number] | null {
  // The outline of a building comes back to its first node, which must not count twice.
  const [start, end] = [points[0], points.at(-1)];
  const own =
    points.length > 1 && start && end && start[0] === end[0] && start[1] === end[1] ? points.slice(1) : points;
  if (own.length === 0) return null;
  const mean = (k: 0 | 1) => own.reduce((sum, point) => sum + point[k], 0) / own.length;
  return [mean(0), mean(1)];
}

/** Rings out of the ways of a relation, each an outline of its own; null where they do not close. */
function outlineOf(
  ways: readonly number[],
  outlines: ReadonlyMap<number, readonly number[]>,
  nodes: Coordinates,
): MultiPolygon | null {
  const left = ways.flatMap((id) => {
    const refs = outlines.get(id);
    return refs && refs.length > 1 ? [[...refs]] : [];
  });
  if (left.length === 0 || left.length < ways.length) return null;
  const rings: GeoPosition[][] = [];
  for (let ring = left.pop(); ring; ring = left.pop()) {
    while (ring[0] !== ring.at(-1)) {
      const end = ring.at(-1);
      const next = left.findIndex((way) => way[0] === end || way.at(-1) === end);
      if (next < 0) return null;
      const [way] = left.splice(next, 1) as [number[]];
      ring.push(...(way[0] === end ? way : way.reverse()).slice(1));
    }
    const points = nodes.known(ring);
    if (points.length < ring.length || ring.length < 4) return null;
    rings.push(points.map(([lon, lat]) => [lon, lat]));
  }
  // Holes are outlines within outlines: PostGIS' ST_MakeValid and the even-odd rule of the store sort them out.
  return { type: 'MultiPolygon', coordinates: rings.map((ring) => [ring]) };
}

function boundsOf({ pointLon, pointLat }: Roads): Bounds {
  const box = { west: Infinity, south: Infinity, east: -Infinity, north: -Infinity };
  for (let p = 0; p < pointLon.length; p++) {
    const [lon, lat] = [(pointLon[p] as number) / 1e7, (pointLat[p] as number) / 1e7];
    if (lon < box.west) box.west = lon;
    if (lon > box.east) box.east = lon;
    if (lat < box.south) box.south = lat;
    if (lat > box.north) box.north = lat;
  }
  return box;
}
