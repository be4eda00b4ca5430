/** From a map's roads to a graph that answers: the part one can get about in, its order, its shortcuts, its grid. */
import { latLngToCell } from 'h3-js';
import { contract } from './contract.ts';
import { AGAINST, ALONG, type Bounds, DEGREE, type GraphArrays, NO_ARC, packGraph, type RoadGraph } from './graph.ts';
import { type Adjacency, contractionOrder } from './order.ts';
import { layGrid } from './snap.ts';

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

export interface Prepared {
  readonly graph: RoadGraph;
  /** Junctions and roads left out because one cannot get to them and away again. */
  readonly cutOff: { readonly nodes: number; readonly edges: number };
}

/** H3 resolution of a zone: cells of about 5 km², the scale of a sub-district. */
const ZONE_RESOLUTION = 7;
/** Two junctions drawn on one spot are still a way apart: every step along a route brings it nearer to its end. */
const SHORTEST_METRES = 0.5;
const EARTH_METRES_A_DEGREE = 111_195.08;

/** @param tell how far it is, 0 to 1, with what it does */
export function prepareGraph(roads: Roads, tell: (step: string, share: number) => void = () => {}): Prepared {
  tell('connect', 0);
  const part = largestPart(roads);
  if (part.count === 0) throw new Error('there is no road one can get to and away from');
  const kept = Uint32Array.from(roads.edgeTail.keys()).filter(
    (e) => part.has(roads.edgeTail[e] as number) && part.has(roads.edgeHead[e] as number),
  );
  const number = new Uint32Array(roads.nodeCount);
  let count = 0;
  for (let n = 0; n < roads.nodeCount; n++) if (part.has(n)) number[n] = count++;

  const tail = Uint32Array.from(kept, (e) => number[roads.edgeTail[e] as number] as number);
  const head = Uint32Array.from(kept, (e) => number[roads.edgeHead[e] as number] as number);
  const { x, y } = plane(roads, kept, tail, head, count);
  tell('order', 0.1);
  const order = contractionOrder(adjacencyOf(count, tail, head), x, y);
  const rank = new Uint32Array(count);
  order.forEach((n, i) => {
    rank[n] = i;
  });
  // Roads are kept in the order of their upper end: those near each other in the tree lie near each other in memory.
  const at = (e: number) => Math.max(rank[tail[e] as number] as number, rank[head[e] as number] as number);
  const sorted = Uint32Array.from(kept.keys()).sort((a, b) => at(a) - at(b));
  const edgeTail = sorted.map((e) => rank[tail[e] as number] as number);
  const edgeHead = sorted.map((e) => rank[head[e] as number] as number);
  tell('contract', 0.8);
  const { arcFirst, arcHead } = contract(adjacencyOf(count, edgeTail, edgeHead));
  tell('index', 0.9);
  const edges = sorted.map((e) => kept[e] as number);
  const lines = linesOf(roads, edges);
  const { zones, edgeZone } = zonesOf(lines, edges.length);
  const bounds = boundsOf(lines);
  const { grid, cellFirst, cellPoint } = layGrid(bounds, lines);
  const arrays: GraphArrays = {
    edgeTail,
    edgeHead,
    edgeMetres: Float32Array.from(edges.keys(), (e) =>
      Math.max(SHORTEST_METRES, lines.pointMetres[(lines.edgePoint[e + 1] as number) - 1] as number),
    ),
    edgeClass: Uint8Array.from(edges, (e) => roads.edgeClass[e] as number),
    edgeKmh: Uint8Array.from(edges, (e) => roads.edgeKmh[e] as number),
    edgeZone,
    edgeDirections: Uint8Array.from(edges, (e) => roads.edgeDirections[e] as number),
    edgeArc: arcsOf(edgeTail, edgeHead, arcFirst, arcHead),
    ...lines,
    ...touching(count, edgeTail, edgeHead),
    arcFirst,
    arcHead,
    cellFirst,
    cellPoint,
  };
  tell('pack', 0.97);
  const graph = packGraph({ bounds, zones, grid, source: roads.source }, arrays);
  tell('done', 1);
  return {
    graph,
    cutOff: { nodes: roads.nodeCount - count, edges: roads.edgeTail.length - kept.length },
  };
}

/** The largest strongly connected part (Tarjan, without recursion). */
function largestPart({ nodeCount, edgeTail, edgeHead, edgeDirections }: Roads) {
  const first = new Uint32Array(nodeCount + 1);
  const eachArc = (arc: (from: number, to: number) => void) => {
    for (let e = 0; e < edgeTail.length; e++) {
      const directions = edgeDirections[e] as number;
      if (directions & ALONG) arc(edgeTail[e] as number, edgeHead[e] as number);
      if (directions & AGAINST) arc(edgeHead[e] as number, edgeTail[e] as number);
    }
  };
  eachArc((from) => {
    first[from + 1] = (first[from + 1] as number) + 1;
  });
  for (let n = 0; n < nodeCount; n++) first[n + 1] = (first[n + 1] as number) + (first[n] as number);
  const cursor = first.slice();
  const target = new Uint32Array(first[nodeCount] as number);
  eachArc((from, to) => {
    const at = cursor[from] as number;
    target[at] = to;
    cursor[from] = at + 1;
  });

  const UNSEEN = 0xffff_ffff;
  const seen = new Uint32Array(nodeCount).fill(UNSEEN);
  const low = new Uint32Array(nodeCount);
  const part = new Uint32Array(nodeCount).fill(UNSEEN);
  const next = first.slice(0, nodeCount);
  const open = new Uint32Array(nodeCount);
  const trail = new Uint32Array(nodeCount);
  const sizes: number[] = [];
  let time = 0;
  let opened = 0;
  for (let root = 0; root < nodeCount; root++) {
    if (seen[root] !== UNSEEN || first[root] === first[root + 1]) continue;
    let depth = 0;
    trail[depth++] = root;
    while (depth > 0) {
      const n = trail[depth - 1] as number;
      if (seen[n] === UNSEEN) {
        seen[n] = low[n] = time++;
        open[opened++] = n;
      }
      const at = next[n] as number;
      if (at < (first[n + 1] as number)) {
        next[n] = at + 1;
        const m = target[at] as number;
        if (seen[m] === UNSEEN) trail[depth++] = m;
        else if (part[m] === UNSEEN) low[n] = Math.min(low[n] as number, seen[m] as number);
        continue;
      }
      depth--;
      if (depth > 0) {
        const back = trail[depth - 1] as number;
        low[back] = Math.min(low[back] as number, low[n] as number);
      }
      if (low[n] !== seen[n]) continue;
      const number = sizes.length;
      let size = 0;
      for (;;) {
        const m = open[--opened] as number;
        part[m] = number;
        size++;
        if (m === n) break;
      }
      sizes.push(size);
    }
  }
  const count = sizes.reduce((most, size) => Math.max(most, size), 0);
  const largest = sizes.indexOf(count);
  return { count, has: (n: number) => part[n] === largest };
}

/** Neighbours without parallels and loops. */
function adjacencyOf(count: number, tail: Uint32Array, head: Uint32Array): Adjacency {
  const { nodeFirst, nodeEdge } = touching(count, tail, head);
  const first = new Uint32Array(count + 1);
  const found = new Uint32Array(nodeEdge.length);
  const seenBy = new Uint32Array(count).fill(NO_ARC);
  let arcs = 0;
  for (let n = 0; n < count; n++) {
    first[n] = arcs;
    const last = nodeFirst[n + 1] as number;
    for (let i = nodeFirst[n] as number; i < last; i++) {
      const e = nodeEdge[i] as number;
      const m = tail[e] === n ? (head[e] as number) : (tail[e] as number);
      if (m === n || seenBy[m] === n) continue;
      seenBy[m] = n;
      found[arcs++] = m;
    }
  }
  first[count] = arcs;
  return { first, head: found.slice(0, arcs) };
}

function touching(count: number, tail: Uint32Array, head: Uint32Array) {
  const nodeFirst = new Uint32Array(count + 1);
  const add = (n: number) => {
    nodeFirst[n + 1] = (nodeFirst[n + 1] as number) + 1;
  };
  for (let e = 0; e < tail.length; e++) {
    add(tail[e] as number);
    if (tail[e] !== head[e]) add(head[e] as number);
  }
  for (let n = 0; n < count; n++) nodeFirst[n + 1] = (nodeFirst[n + 1] as number) + (nodeFirst[n] as number);
  const cursor = nodeFirst.slice();
  const nodeEdge = new Uint32Array(nodeFirst[count] as number);
  const put = (n: number, e: number) => {
    const at = cursor[n] as number;
    nodeEdge[at] = e;
    cursor[n] = at + 1;
  };
  for (let e = 0; e < tail.length; e++) {
    put(tail[e] as number, e);
    if (tail[e] !== head[e]) put(head[e] as number, e);
  }
  return { nodeFirst, nodeEdge };
}

/** Metres east and north of the first point, for cutting the map. */
function plane(roads: Roads, kept: Uint32Array, tail: Uint32Array, head: Uint32Array, count: number) {
  const x = new Float32Array(count);
  const y = new Float32Array(count);
  const start = roads.edgePoint[kept[0] as number] as number;
  const [lon0, lat0] = [roads.pointLon[start] as number, roads.pointLat[start] as number];
  const shrink = Math.cos(((lat0 / DEGREE) * Math.PI) / 180);
  kept.forEach((e, i) => {
    for (const [n, p] of [
      [tail[i] as number, roads.edgePoint[e] as number],
      [head[i] as number, (roads.edgePoint[e + 1] as number) - 1],
    ] as const) {
      x[n] = (((roads.pointLon[p] as number) - lon0) / DEGREE) * EARTH_METRES_A_DEGREE * shrink;
      y[n] = (((roads.pointLat[p] as number) - lat0) / DEGREE) * EARTH_METRES_A_DEGREE;
    }
  });
  return { x, y };
}

export interface Lines {
  readonly edgePoint: Uint32Array;
  readonly pointLon: Int32Array;
  readonly pointLat: Int32Array;
  readonly pointMetres: Float32Array;
  readonly pointEdge: Uint32Array;
}

function linesOf(roads: Roads, edges: Uint32Array): Lines {
  const edgePoint = new Uint32Array(edges.length + 1);
  edges.forEach((e, i) => {
    const points = (roads.edgePoint[e + 1] as number) - (roads.edgePoint[e] as number);
    edgePoint[i + 1] = (edgePoint[i] as number) + points;
  });
  const total = edgePoint[edges.length] as number;
  const pointLon = new Int32Array(total);
  const pointLat = new Int32Array(total);
  const pointMetres = new Float32Array(total);
  const pointEdge = new Uint32Array(total);
  edges.forEach((e, i) => {
    const from = roads.edgePoint[e] as number;
    const to = roads.edgePoint[e + 1] as number;
    const at = edgePoint[i] as number;
    pointLon.set(roads.pointLon.subarray(from, to), at);
    pointLat.set(roads.pointLat.subarray(from, to), at);
    let metres = 0;
    for (let p = at; p < at + to - from; p++) {
      if (p > at) metres += segmentMetres(pointLon, pointLat, p - 1);
      pointMetres[p] = metres;
      pointEdge[p] = i;
    }
  });
  return { edgePoint, pointLon, pointLat, pointMetres, pointEdge };
}

/** Of a segment short enough for the earth to be flat under it, which every segment between two map points is. */
function segmentMetres(lon: Int32Array, lat: Int32Array, p: number): number {
  const [latA, latB] = [lat[p] as number, lat[p + 1] as number];
  const shrink = Math.cos((((latA + latB) / 2 / DEGREE) * Math.PI) / 180);
  const east = ((lon[p + 1] as number) - (lon[p] as number)) * shrink;
  return (Math.hypot(east, latB - latA) / DEGREE) * EARTH_METRES_A_DEGREE;
}

function zonesOf({ edgePoint, pointLon, pointLat }: Lines, count: number) {
  const numbers = new Map<string, number>();
  const edgeZone = new Uint16Array(count);
  for (let e = 0; e < count; e++) {
    const middle = ((edgePoint[e] as number) + (edgePoint[e + 1] as number)) >>> 1;
    const zone = latLngToCell(
      (pointLat[middle] as number) / DEGREE,
      (pointLon[middle] as number) / DEGREE,
      ZONE_RESOLUTION,
    );
    let number = numbers.get(zone);
    if (number === undefined) {
      number = numbers.size;
      // 65,536 zones are 340,000 km²: a city beyond it does not exist, and its far end would only share a zone.
      if (number > 0xffff) number = 0xffff;
      else numbers.set(zone, number);
    }
    edgeZone[e] = number;
  }
  return { zones: [...numbers.keys()], edgeZone };
}

function boundsOf({ pointLon, pointLat }: Lines): Bounds {
  const range = (values: Int32Array): [number, number] => {
    let [least, most] = [Infinity, -Infinity];
    for (const value of values) {
      if (value < least) least = value;
      if (value > most) most = value;
    }
    return [least / DEGREE, most / DEGREE];
  };
  const [west, east] = range(pointLon);
  const [south, north] = range(pointLat);
  return { west, south, east, north };
}

function arcsOf(tail: Uint32Array, head: Uint32Array, arcFirst: Uint32Array, arcHead: Uint32Array): Uint32Array {
  return Uint32Array.from(tail.keys(), (e) => {
    const low = Math.min(tail[e] as number, head[e] as number);
    const high = Math.max(tail[e] as number, head[e] as number);
    if (low === high) return NO_ARC;
    let [from, to] = [arcFirst[low] as number, (arcFirst[low + 1] as number) - 1];
    while (from < to) {
      const middle = (from + to) >>> 1;
      if ((arcHead[middle] as number) < high) from = middle + 1;
      else to = middle;
    }
    return from;
  });
}
