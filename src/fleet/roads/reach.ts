/**
 * How far one gets in some minutes: a search along the roads until the time is up, then the cells of the H3 grid that its
 * points fall into, with what can still be driven off the road from there.
 */
import FlatQueue from 'flatqueue';
import type { MultiPolygon } from 'geojson';
import { cellArea, cellsToMultiPolygon, gridDisk, latLngToCell, UNITS } from 'h3-js';
import type { Position } from '../../domain/position.ts';
import type { Instant } from '../../domain/time.ts';
import type { TravelBasis } from '../../domain/vocabulary.ts';
import { AGAINST, ALONG } from './graph.ts';
import type { RoadNetwork } from './network.ts';
import { pointOn } from './on-road.ts';
import { OFF_ROAD_METRES_A_SECOND } from './speeds.ts';

export interface ReachRequest {
  readonly from: Position;
  readonly seconds: number;
  readonly at: Instant;
}

export interface Reach {
  readonly area: MultiPolygon;
  readonly basis: TravelBasis;
  readonly squareMetres: number;
  /** Of road, each direction once; null where there is no map. */
  readonly roadMetres: number | null;
}

/** Cells of about 130 m across, and beyond a quarter of an hour of about 350 m. */
const FINE = { resolution: 10, metres: 130 } as const;
const COARSE = { resolution: 9, metres: 350 } as const;
const COARSE_FROM_SECONDS = 900;
/** Yards and compounds are that deep; beyond is water, wall or wood. */
const OFF_ROAD_METRES_AT_MOST = 260;

/** Null off the map. */
export function reachByRoad(network: RoadNetwork, { from, seconds, at }: ReachRequest): Reach | null {
  const start = network.snap(from, 'vehicle');
  if (!start) return null;
  const { graph } = network;
  const { edgeSeconds } = network.metricAt(at);
  const arrival = new Map<number, number>();
  const queue = new FlatQueue<number>();
  const cells = new Map<string, number>();
  const grid = seconds > COARSE_FROM_SECONDS ? COARSE : FINE;
  let roadMetres = 0;

  const arrive = (node: number, when: number) => {
    if (when > seconds || when >= (arrival.get(node) ?? Infinity)) return;
    arrival.set(node, when);
    queue.push(node, when);
  };
  /** Paints a stretch of road entered at `when`, as far as the time goes; answers when its end is passed. */
  const drive = (edge: number, share: number, to: 0 | 1, when: number): number => {
    const whole = edgeSeconds[edge] as number;
    const takes = Math.abs(to - share) * whole;
    const got = takes === 0 ? 1 : Math.min(1, (seconds - when) / takes);
    const metres = Math.abs(to - share) * got * (graph.edgeMetres[edge] as number);
    roadMetres += metres;
    const steps = Math.ceil(metres / (grid.metres / 3));
    for (let i = 0; i <= steps; i++) {
      const part = steps === 0 ? 0 : (i / steps) * got;
      const { lon, lat } = pointOn(graph, edge, share + (to - share) * part);
      const cell = latLngToCell(lat, lon, grid.resolution);
      const passed = when + part * takes;
      if (passed < (cells.get(cell) ?? Infinity)) cells.set(cell, passed);
    }
    return when + takes;
  };

  const first = start.offMetres / OFF_ROAD_METRES_A_SECOND;
  const directions = graph.edgeDirections[start.edge] as number;
  const { edgeTail, edgeHead, edgeDirections, nodeFirst, nodeEdge } = graph;
  if (start.along === 1 || (start.along > 0 && directions & ALONG))
    arrive(edgeHead[start.edge] as number, drive(start.edge, start.along, 1, first));
  if (start.along === 0 || (start.along < 1 && directions & AGAINST))
    arrive(edgeTail[start.edge] as number, drive(start.edge, start.along, 0, first));
  for (;;) {
    const when = queue.peekValue();
    const n = queue.pop();
    if (n === undefined || when === undefined) break;
    if (when > (arrival.get(n) ?? Infinity)) continue;
    for (let i = nodeFirst[n] as number; i < (nodeFirst[n + 1] as number); i++) {
      const e = nodeEdge[i] as number;
      const isTail = edgeTail[e] === n;
      if (!((edgeDirections[e] as number) & (isTail ? ALONG : AGAINST))) continue;
      arrive((isTail ? edgeHead[e] : edgeTail[e]) as number, drive(e, isTail ? 0 : 1, isTail ? 1 : 0, when));
    }
  }
  spread(cells, seconds, grid.metres);
  const own = [...cells.keys()];
  const coordinates = cellsToMultiPolygon(own, true);
  return {
    area: { type: 'MultiPolygon', coordinates },
    basis: 'road',
    squareMetres: own.reduce((sum, cell) => sum + cellArea(cell, UNITS.m2), 0),
    roadMetres,
  };
}

/** Into the cells beside the road, ring by ring, as long as the time lasts. */
function spread(cells: Map<string, number>, seconds: number, metres: number): void {
  const takes = metres / OFF_ROAD_METRES_A_SECOND;
  let rim = [...cells];
  for (let ring = 1; ring * metres <= Math.max(metres, OFF_ROAD_METRES_AT_MOST); ring++) {
    const next = new Map<string, number>();
    for (const [cell, when] of rim) {
      const then = when + takes;
      if (then > seconds) continue;
      for (const beside of gridDisk(cell, 1))
        if (!cells.has(beside) && then < (next.get(beside) ?? Infinity)) next.set(beside, then);
    }
    for (const [cell, when] of next) cells.set(cell, when);
    rim = [...next];
  }
}
