/** The roads of a map tile, out of the prepared graph: what units are routed on is what is drawn. Pure. */
import { EXTENT, encodeTile, type TileFeature } from '../mvt.ts';
import { DEGREE, type RoadGraph, roadClasses } from './graph.ts';

/** Farther out only what tells where one is; a municipality has a million edges. */
const SHALLOWEST = 10;
const MAIN_BELOW = 12;
const MAIN_CLASSES = 5;
/** Beyond the edge of a tile so much of it is drawn, so that lines are not cut. */
const BUFFER_SHARE = 1 / 64;

const lonOf = (x: number, z: number) => (x / 2 ** z) * 360 - 180;
const latOf = (y: number, z: number) => (Math.atan(Math.sinh(Math.PI * (1 - (2 * y) / 2 ** z))) * 180) / Math.PI;

/** Web Mercator, in units of the tile. */
function project(lon: number, lat: number, { z, x, y }: { z: number; x: number; y: number }): [number, number] {
  const sine = Math.sin((lat * Math.PI) / 180);
  const across = (lon + 180) / 360;
  const down = 0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI);
  return [Math.round((across * 2 ** z - x) * EXTENT), Math.round((down * 2 ** z - y) * EXTENT)];
}

/** One layer `roads` with the class of each; empty beyond the graph and farther out than z 10. */
export function roadTile(
  graph: RoadGraph,
  tile: { readonly z: number; readonly x: number; readonly y: number },
): Uint8Array {
  const { z, x, y } = tile;
  if (z < SHALLOWEST) return new Uint8Array();
  const west = lonOf(x - BUFFER_SHARE, z);
  const east = lonOf(x + 1 + BUFFER_SHARE, z);
  const north = latOf(y - BUFFER_SHARE, z);
  const south = latOf(y + 1 + BUFFER_SHARE, z);
  const features: TileFeature[] = [];
  for (const edge of edgesIn(graph, { west, south, east, north })) {
    const code = graph.edgeClass[edge] ?? 0;
    if (z < MAIN_BELOW && code >= MAIN_CLASSES) continue;
    const coordinates: [number, number][] = [];
    for (let at = graph.edgePoint[edge] ?? 0; at < (graph.edgePoint[edge + 1] ?? 0); at++)
      coordinates.push(project((graph.pointLon[at] ?? 0) / DEGREE, (graph.pointLat[at] ?? 0) / DEGREE, tile));
    features.push({
      geometry: { type: 'LineString', coordinates },
      properties: { class: roadClasses[code] ?? 'link' },
    });
  }
  return encodeTile('roads', features);
}

/** Edges with a segment that begins in the box, or in a cell beside it, by the grid that snapping uses. */
function edgesIn(
  { grid, cellFirst, cellPoint, pointEdge }: RoadGraph,
  box: { readonly west: number; readonly south: number; readonly east: number; readonly north: number },
): Set<number> {
  const column = (lon: number) => Math.floor((lon - grid.west) / grid.cellLon);
  const row = (lat: number) => Math.floor((lat - grid.south) / grid.cellLat);
  const found = new Set<number>();
  const [top, right] = [Math.min(grid.rows - 1, row(box.north) + 1), Math.min(grid.columns - 1, column(box.east) + 1)];
  for (let r = Math.max(0, row(box.south) - 1); r <= top; r++)
    for (let c = Math.max(0, column(box.west) - 1); c <= right; c++) {
      const cell = r * grid.columns + c;
      for (let at = cellFirst[cell] ?? 0; at < (cellFirst[cell + 1] ?? 0); at++)
        found.add(pointEdge[cellPoint[at] ?? 0] ?? 0);
    }
  return found;
}
