/** What an extract says of a city. */
import type { MultiPolygon } from 'geojson';
import type { Bounds } from '../graph.ts';
import type { Roads } from '../prepare/draft.ts';
import type { PlaceTags } from './tags.ts';

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
  readonly nameEn: string | null;
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
