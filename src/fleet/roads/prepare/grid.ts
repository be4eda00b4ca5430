/** The grid over the map that positions are put on roads by. */
import { type Bounds, DEGREE, type SnapGrid } from '../graph.ts';
import type { Lines } from './lines.ts';

const METRES_A_DEGREE = 111_195.08;
/** Cells are no smaller: about the width of a block. */
const CELL_METRES_AT_LEAST = 100;

/** Sorts the segments of all lines into the cells they pass through. */
export function layGrid(bounds: Bounds, { pointLon, pointLat, pointEdge }: Lines) {
  const shrink = Math.cos((((bounds.south + bounds.north) / 2) * Math.PI) / 180);
  const wide = Math.max(1, (bounds.east - bounds.west) * METRES_A_DEGREE * shrink);
  const high = Math.max(1, (bounds.north - bounds.south) * METRES_A_DEGREE);
  const size = Math.max(CELL_METRES_AT_LEAST, Math.sqrt((wide * high) / pointLon.length));
  const grid: SnapGrid = {
    west: bounds.west,
    south: bounds.south,
    cellLon: size / METRES_A_DEGREE / shrink,
    cellLat: size / METRES_A_DEGREE,
    columns: Math.floor(wide / size) + 1,
    rows: Math.floor(high / size) + 1,
  };
  const { columns, rows, west, south, cellLon, cellLat } = grid;
  const column = (lon: number) => Math.min(columns - 1, Math.max(0, Math.floor((lon / DEGREE - west) / cellLon)));
  const row = (lat: number) => Math.min(rows - 1, Math.max(0, Math.floor((lat / DEGREE - south) / cellLat)));
  const eachCell = (visit: (cell: number, point: number) => void) => {
    for (let p = 0; p + 1 < pointLon.length; p++) {
      if (pointEdge[p] !== pointEdge[p + 1]) continue;
      const [lonA, latA, lonB, latB] = [pointLon[p], pointLat[p], pointLon[p + 1], pointLat[p + 1]] as Four;
      const [low, top] = [row(Math.min(latA, latB)), row(Math.max(latA, latB))];
      for (let r = low; r <= top; r++) {
        // The stretch of the segment within this row of cells.
        const [from, to] = [
          low === r ? -Infinity : (south + r * cellLat) * DEGREE,
          top === r ? Infinity : (south + (r + 1) * cellLat) * DEGREE,
        ];
        const lonAt = (lat: number) => (latA === latB ? lonA : lonA + ((lat - latA) / (latB - latA)) * (lonB - lonA));
        const ends =
          latA <= latB
            ? [from <= latA ? lonA : lonAt(from), to >= latB ? lonB : lonAt(to)]
            : [from <= latB ? lonB : lonAt(from), to >= latA ? lonA : lonAt(to)];
        const last = column(Math.max(...ends));
        for (let c = column(Math.min(...ends)); c <= last; c++) visit(r * columns + c, p);
      }
    }
  };
  const cellFirst = new Uint32Array(columns * rows + 1);
  eachCell((cell) => {
    cellFirst[cell + 1] = (cellFirst[cell + 1] as number) + 1;
  });
  for (let c = 0; c < columns * rows; c++) cellFirst[c + 1] = (cellFirst[c + 1] as number) + (cellFirst[c] as number);
  const cursor = cellFirst.slice();
  const cellPoint = new Uint32Array(cellFirst[columns * rows] as number);
  eachCell((cell, p) => {
    const at = cursor[cell] as number;
    cellPoint[at] = p;
    cursor[cell] = at + 1;
  });
  return { grid, cellFirst, cellPoint };
}
type Four = [number, number, number, number];
