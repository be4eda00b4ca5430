/**
 * Manhattan as a city to simulate, from the example data of JEMSS.jl (University of Auckland; Apache-2.0, roads ODbL):
 * stations, hospitals, the twelve ambulances where their local search put them, roads in two modes, people on a raster.
 */
import { readFileSync } from 'node:fs';
import { inflateRawSync } from 'node:zlib';
import FlatQueue from 'flatqueue';
import { cellToLatLng, latLngToCell } from 'h3-js';
import type { Position } from '../src/domain/position.ts';
import type { Case, City } from '../src/planning/simulation/city.ts';

const CELL = 9;
const DAY_SECONDS = 86_400;
/** Off the road at the data set's speed of 14.7 miles an hour under lights. */
const OFF_ROAD_METRES_PER_SECOND = (14.7 * 1609.344) / 3600;
const METRES_PER_DEGREE = 111_195;
/** `gen_config.xml`: 18.8 calls an hour all day, 42 % of them urgent and driven under lights. */
const CALLS_PER_DAY = 18.8 * 24;
const URGENT_SHARE = 0.42;
/** Cases drawn from the raster, systematically by weight. */
const CASES = 4_000;

export function readManhattan(folder: string): City {
  const table = (name: string) => rowsOf(readFileSync(`${folder}/${name}`, 'utf8'));
  const located = (name: string) =>
    table(name)
      .filter(([index]) => /^\d/.test(index ?? ''))
      .map(([index, x, y]) => ({ index: index as string, position: at(Number(x), Number(y)) }));
  const stations = located('stations_1.csv');
  const hospitals = located('hospitals_1.csv');
  const homes = table('ambulances_1.csv').flatMap(([index, station]) =>
    /^\d/.test(index ?? '') ? [Number(station) - 1] : [],
  );
  const { cells, weights } = peopleByCell(unzipped(`${folder}/manhattan_pop_densit_20m.zip`, '.tif'));

  const points = [...stations.map((s) => s.position), ...hospitals.map((h) => h.position), ...cells];
  const roads = roadsOf(unzipped(`${folder}/roads.zip`, 'nodes.csv'), unzipped(`${folder}/roads.zip`, 'arcs.csv'));
  const seconds = drivesBetween(points, roads);
  const first = stations.length + hospitals.length;
  const hospitalOf = (point: number) => {
    let best = 0;
    hospitals.forEach((_, i) => {
      const drive = (to: number) => seconds[point * points.length + stations.length + to] as number;
      if (drive(i) < drive(best)) best = i;
    });
    return best;
  };
  const cases: Case[] = [];
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let passed = 0;
  weights.forEach((weight, cell) => {
    const before = Math.floor((passed / total) * CASES);
    passed += weight;
    for (let i = before; i < Math.floor((passed / total) * CASES); i++) {
      // Spread over places evenly, as every share of them is: the golden ratio's multiples fill the unit interval.
      const urgent = (i * 0.6180339887498949) % 1 < URGENT_SHARE;
      const point = first + cell;
      const priority = urgent ? 1 : 3;
      cases.push({
        point,
        hour: null,
        complaint: 'unknown-problem',
        priority,
        byHistory: 0,
        byComplaint: 0,
        truth: 0,
        hospital: hospitalOf(point),
        slow: !urgent,
      });
    }
  });
  return {
    name: 'Manhattan (JEMSS)',
    basis: { demand: 'file', histories: 'none', travel: 'road' },
    points,
    seconds,
    hourFactor: Array(24).fill(1),
    slowFactor: 14.7 / 11,
    stations: stations.map(({ index }, point) => ({ stationId: `station-${index}`, point })),
    hospitals: hospitals.map(({ index }, i) => ({ hospitalId: `hospital-${index}`, point: stations.length + i })),
    units: homes.map((station, i) => ({
      unitId: `ambulance-${String(i + 1).padStart(2, '0')}`,
      vehicleType: 'basic',
      capabilities: ['transport'],
      station,
    })),
    needs: [{ required: ['transport'], preferred: [] }],
    cases,
    callsPerDay: CALLS_PER_DAY,
    hourShape: Array(24).fill(1),
    habits: {
      dispatch: { kind: 'constant', seconds: 150 },
      turnout: { kind: 'constant', seconds: 0 },
      rollingSeconds: 0,
      walk: { kind: 'constant', seconds: 0 },
      treat: { kind: 'exponential', mean: 7.6 * 60 },
      handOver: { kind: 'exponential', mean: 4 * 60 },
      tidy: { kind: 'constant', seconds: 0 },
      transportShare: 0.85,
    },
  };
}

const at = (lon: number, lat: number): Position => ({ lon, lat, crs: 'wgs84' });

function rowsOf(text: string): string[][] {
  return text.split(/\r?\n/).map((line) => line.split(','));
}

/** The first entry of a zip file whose name ends so. */
function unzipped(file: string, ending: string): Buffer {
  const bytes = readFileSync(file);
  const end = bytes.lastIndexOf('PK\x05\x06', undefined, 'latin1');
  let entry = bytes.readUInt32LE(end + 16);
  for (let left = bytes.readUInt16LE(end + 10); left > 0; left--) {
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((place) => bytes.readUInt16LE(entry + place)) as [
      number,
      number,
      number,
    ];
    const name = bytes.toString('utf8', entry + 46, entry + 46 + nameLength);
    if (name.endsWith(ending)) {
      const local = bytes.readUInt32LE(entry + 42);
      const start = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
      const data = bytes.subarray(start, start + bytes.readUInt32LE(entry + 20));
      return bytes.readUInt16LE(entry + 10) === 0 ? data : inflateRawSync(data);
    }
    entry += 46 + nameLength + extraLength + commentLength;
  }
  throw new Error(`${file} holds nothing that ends in ${ending}`);
}

/** A GeoTIFF of float64 strips, uncompressed, in degrees: people summed into cells, each cell standing at its middle. */
function peopleByCell(tiff: Buffer): { cells: Position[]; weights: number[] } {
  const tags = new Map<number, { type: number; count: number; at: number }>();
  const directory = tiff.readUInt32LE(4);
  for (let i = 0; i < tiff.readUInt16LE(directory); i++) {
    const entry = directory + 2 + 12 * i;
    const [type, count] = [tiff.readUInt16LE(entry + 2), tiff.readUInt32LE(entry + 4)];
    const size = ({ 3: 2, 4: 4, 12: 8 } as Record<number, number>)[type] ?? 1;
    tags.set(tiff.readUInt16LE(entry), {
      type,
      count,
      at: size * count <= 4 ? entry + 8 : tiff.readUInt32LE(entry + 8),
    });
  }
  const number = (tag: number, i = 0) => {
    const found = tags.get(tag);
    if (!found) throw new Error(`the raster lacks tag ${tag}`);
    if (found.type === 12) return tiff.readDoubleLE(found.at + 8 * i);
    return found.type === 3 ? tiff.readUInt16LE(found.at + 2 * i) : tiff.readUInt32LE(found.at + 4 * i);
  };
  const [width, height, rowsPerStrip] = [number(256), number(257), number(278)];
  const [stepLon, stepLat, west, north] = [number(33550, 0), number(33550, 1), number(33922, 3), number(33922, 4)];
  const byCell = new Map<string, number>();
  for (let y = 0; y < height; y++) {
    const strip = number(273, Math.floor(y / rowsPerStrip)) + (y % rowsPerStrip) * width * 8;
    for (let x = 0; x < width; x++) {
      const people = tiff.readDoubleLE(strip + x * 8);
      if (!(people > 0)) continue;
      const cell = latLngToCell(north - (y + 0.5) * stepLat, west + (x + 0.5) * stepLon, CELL);
      byCell.set(cell, (byCell.get(cell) ?? 0) + people);
    }
  }
  const cells = [...byCell.keys()].sort();
  return {
    cells: cells.map((cell) => {
      const [lat, lon] = cellToLatLng(cell) as [number, number];
      return at(lon, lat);
    }),
    weights: cells.map((cell) => byCell.get(cell) as number),
  };
}

interface Roads {
  readonly lon: Float64Array;
  readonly lat: Float64Array;
  readonly accessible: Uint8Array;
  /** Arcs out of node n: `first[n]` to `first[n + 1]`. */
  readonly first: Int32Array;
  readonly to: Int32Array;
  readonly seconds: Float64Array;
}

function roadsOf(nodesCsv: Buffer, arcsCsv: Buffer): Roads {
  const nodes = rowsOf(nodesCsv.toString()).filter(([index, x]) => /^\d/.test(index ?? '') && x);
  const arcs = rowsOf(arcsCsv.toString()).filter((row) => /^\d/.test(row[0] ?? '') && row[3]);
  const first = new Int32Array(nodes.length + 1);
  const from = arcs.map((row) => Number(row[1]) - 1);
  for (const node of from) first[node + 1] = (first[node + 1] as number) + 1;
  for (let i = 0; i < nodes.length; i++) first[i + 1] = (first[i + 1] as number) + (first[i] as number);
  const next = first.slice();
  const to = new Int32Array(arcs.length);
  const seconds = new Float64Array(arcs.length);
  arcs.forEach((row, i) => {
    const place = next[from[i] as number] as number;
    next[from[i] as number] = place + 1;
    to[place] = Number(row[2]) - 1;
    seconds[place] = Number(row[3]) * DAY_SECONDS;
  });
  return {
    lon: Float64Array.from(nodes, (row) => Number(row[1])),
    lat: Float64Array.from(nodes, (row) => Number(row[2])),
    accessible: Uint8Array.from(nodes, (row) => Number(row[3])),
    first,
    to,
    seconds,
  };
}

/** Dijkstra from each point; off the road to the nearest node and from it at the data set's own speed. */
function drivesBetween(points: readonly Position[], roads: Roads): Float32Array {
  const n = points.length;
  const metres = (point: Position, node: number) =>
    Math.hypot(
      (point.lon - (roads.lon[node] as number)) * METRES_PER_DEGREE * Math.cos((point.lat * Math.PI) / 180),
      (point.lat - (roads.lat[node] as number)) * METRES_PER_DEGREE,
    );
  const nearest = points.map((point) => {
    let best = -1;
    for (let node = 0; node < roads.lon.length; node++)
      if (roads.accessible[node] && (best < 0 || metres(point, node) < metres(point, best))) best = node;
    return { node: best, seconds: metres(point, best) / OFF_ROAD_METRES_PER_SECOND };
  });
  const drives = new Float32Array(new SharedArrayBuffer(n * n * 4)).fill(Infinity);
  const queue = new FlatQueue<number>();
  const known = new Float64Array(roads.lon.length);
  nearest.forEach((start, from) => {
    known.fill(Infinity);
    known[start.node] = start.seconds;
    queue.clear();
    queue.push(start.node, start.seconds);
    while (queue.length > 0) {
      const reached = queue.peekValue() as number;
      const node = queue.pop() as number;
      if (reached > (known[node] as number)) continue;
      for (let arc = roads.first[node] as number; arc < (roads.first[node + 1] as number); arc++) {
        const to = roads.to[arc] as number;
        const after = reached + (roads.seconds[arc] as number);
        if (after < (known[to] as number)) {
          known[to] = after;
          queue.push(to, after);
        }
      }
    }
    nearest.forEach((end, to) => {
      drives[from * n + to] = from === to ? 0 : (known[end.node] as number) + end.seconds;
    });
  });
  return drives;
}
