/**
 * A city out of an OpenStreetMap extract, in passes over the file: first the ways one can drive and everything that is
 * somewhere, then the ways that outlines are made of, then the coordinates of the nodes all these need. What is held is
 * what is used, in typed arrays; the rest of the file goes by.
 */
import { type Bounds, DEGREE } from '../graph.ts';
import type { Roads } from '../prepare/draft.ts';
import type { City, OsmArea, ReadOptions } from './city.ts';
import { Coordinates } from './coordinates.ts';
import { draw } from './draw.ts';
import { OsmFileError, readOsm } from './elements.ts';
import { FirstPass } from './first-pass.ts';
import { middleOf, outlineOf } from './outline.ts';

export const PASSES = 3;
const SOURCE = '© OpenStreetMap contributors, ODbL 1.0';
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
  const nodes = new Coordinates([first.refs.view(), ...first.wayPlaces.map(({ refs }) => refs), ...outlines.values()]);
  await readOsm(file, { node: ({ id, lon, lat }) => nodes.put(id, lon, lat) }, options.progress);
  return assemble(first, outlines, nodes);
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
  for (const { relation, code, name, nameEn, ways } of first.boundaries) {
    const outline = outlineOf(ways, outlines, nodes);
    if (outline) areas.push({ relation, code, name, nameEn, outline });
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

function boundsOf({ pointLon, pointLat }: Roads): Bounds {
  const box = { west: Infinity, south: Infinity, east: -Infinity, north: -Infinity };
  for (let p = 0; p < pointLon.length; p++) {
    const [lon, lat] = [(pointLon[p] as number) / DEGREE, (pointLat[p] as number) / DEGREE];
    if (lon < box.west) box.west = lon;
    if (lon > box.east) box.east = lon;
    if (lat < box.south) box.south = lat;
    if (lat > box.north) box.north = lat;
  }
  return box;
}
