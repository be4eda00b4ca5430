/** The first pass over an extract: the ways one can drive, outlines by name, and everything that is somewhere. */

import type { Bounds } from '../graph.ts';
import { Column } from '../prepare/draft.ts';
import type { OsmAddress, OsmPlace, ReadOptions } from './city.ts';
import type { OsmNode, OsmRelation, OsmWay, Wanted } from './elements.ts';
import { addressOf, boundaryOf, type PlaceTags, placeOfTags, type RoadTags, roadOf } from './tags.ts';

/** So many nodes say where an extract lies. */
const NODES_THAT_TELL = 1_000;
/** A building or a site: where it is, its nodes will say. */
interface WayPlace {
  readonly id: string;
  readonly refs: readonly number[];
  readonly place: PlaceTags | null;
  readonly address: string | null;
}

/** Everything but coordinates that are of ways: those come with a later pass. */
export class FirstPass {
  /** Node ids of all drivable ways, one way after the other. */
  readonly refs = new Column(Float64Array);
  readonly ways: { readonly first: number; readonly road: RoadTags }[] = [];
  readonly wayPlaces: WayPlace[] = [];
  readonly boundaries: {
    readonly relation: number;
    readonly code: string | null;
    readonly name: string;
    readonly nameEn: string | null;
    readonly ways: number[];
  }[] = [];
  readonly places: OsmPlace[] = [];
  readonly addresses: OsmAddress[] = [];
  readonly wanted: Wanted;

  constructor({ areaLevel, found }: ReadOptions) {
    let seen = 0;
    const box = { west: Infinity, south: Infinity, east: -Infinity, north: -Infinity };
    this.wanted = {
      box: (given: Bounds) => found?.(given),
      node: ({ id, lon, lat, tags }: OsmNode) => {
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
      way: ({ id, refs, tags }: OsmWay) => {
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
