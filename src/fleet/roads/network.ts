/**
 * The travel port by road: positions put on the nearest road, one sweep of the hierarchy for all of them. Runs where it
 * is called: 300 units take a fraction of a millisecond (`npm run bench -- roads`).
 */
import { distanceMetres, type Position } from '../../domain/position.ts';
import type { Instant } from '../../domain/time.ts';
import {
  chinaHour,
  type Route,
  straightLineTravel,
  type Travel,
  type TravelEstimate,
  type TravelTimes,
} from '../travel.ts';
import { AGAINST, ALONG, DEGREE, type RoadGraph } from './graph.ts';
import { customise, type Metric } from './metric.ts';
import type { Snap, Snapped } from './snap.ts';
import { type LearnedFactor, nothingLearned, OFF_ROAD_METRES_A_SECOND, speedsAt } from './speeds.ts';
import { type Standing, StandingPositions } from './standing.ts';
import { type Label, type Seed, Sweep, sharedBy } from './sweep.ts';

/** What the arcs cost at an hour of the day, or at the nearest hour there is. */
export type Metrics = (hour: number) => Metric;

/** Works each hour out in this thread when it is first asked for, and keeps it: for simulations, commands and tests. */
export function metricsHere(graph: RoadGraph, learned: LearnedFactor = nothingLearned): Metrics {
  const known = new Map<number, Metric>();
  return (hour) => {
    let metric = known.get(hour);
    if (!metric) {
      metric = customise(graph, speedsAt(graph, hour, learned));
      known.set(hour, metric);
    }
    return metric;
  };
}

/** A stretch of road on a way: from one share of the edge's length to another, against its line where `to` is less. */
export interface Stretch {
  readonly edge: number;
  readonly from: number;
  readonly to: number;
  readonly seconds: number;
}

export interface Matrix {
  /** Row by row: `seconds[origin * destinations + destination]`. */
  readonly seconds: Float32Array;
  readonly metres: Float32Array;
}

/** The end of a road as a seed. */
interface End extends Seed {
  /** 0 the tail, 1 the head. Of a road that ends where it begins both are one junction. */
  readonly end: 0 | 1;
}

/** Labels are made for so many positions a question at most: when the hour changes, no call waits for all of them. */
const LABELS_A_QUESTION = 24;

export class RoadNetwork implements Travel {
  readonly graph: RoadGraph;
  readonly #metrics: Metrics;
  readonly #sweep: Sweep;
  readonly #standing: StandingPositions;
  /** Of the last question. */
  #seconds = 0;
  #metres = 0;

  /** @param metrics worked out in this thread on demand, where not given */
  constructor(graph: RoadGraph, metrics: Metrics = metricsHere(graph)) {
    this.graph = graph;
    this.#metrics = metrics;
    this.#sweep = new Sweep(graph);
    this.#standing = new StandingPositions(graph);
  }

  toOne(origins: readonly Position[], destination: Position, at: Instant): TravelTimes {
    return this.#between(destination, origins, true, at);
  }

  fromOne(origin: Position, destinations: readonly Position[], at: Instant): TravelTimes {
    return this.#between(origin, destinations, false, at);
  }

  /** Between one place and many positions: vehicles that come to it, or places one gets to from it. */
  #between(one: Position, many: readonly Position[], coming: boolean, at: Instant): TravelTimes {
    const here = this.snap(one, 'place');
    if (!here) return coming ? straightLineTravel.toOne(many, one, at) : straightLineTravel.fromOne(one, many, at);
    const metric = this.metricAt(at);
    const others = this.#standing.allAt(many, coming ? 'vehicle' : 'place');
    this.#labelThoseThatStand(others, metric);
    this.#sweep.begin(metric, coming ? 'to' : 'from', this.#ends(metric, here, !coming));
    const label = this.#sweep.label();
    const estimates = others.map((other, i): TravelEstimate => {
      const position = many[i] as Position;
      const there = other.snap;
      if (!there) return straightLineTravel.route(position, one, at);
      if (coming) this.#alongOneRoad(metric, there, here);
      else this.#alongOneRoad(metric, here, there);
      if (other.label) this.#meet(other.label, label);
      else this.#join(metric, there, coming);
      return this.#estimate(position, there, one, here);
    });
    return { estimates };
  }

  /** Whoever was asked about with the same speeds before is likely to be asked about again. */
  #labelThoseThatStand(others: readonly Standing[], metric: Metric): void {
    let made = 0;
    for (const other of others) {
      if (other.metric !== metric) {
        other.metric = metric;
        other.label = null;
      } else if (!other.label && other.snap && made < LABELS_A_QUESTION) {
        const leaving = other.what === 'vehicle';
        this.#sweep.begin(metric, leaving ? 'from' : 'to', this.#ends(metric, other.snap, leaving));
        other.label = this.#sweep.label();
        made++;
      }
    }
  }

  /** All origins (vehicles) to all destinations (places): for planning. Off the map: by straight line. */
  matrix(origins: readonly Position[], destinations: readonly Position[], at: Instant): Matrix {
    const size = origins.length * destinations.length;
    const [seconds, metres] = [new Float32Array(size), new Float32Array(size)];
    destinations.forEach((destination, d) => {
      this.toOne(origins, destination, at).estimates.forEach((estimate, o) => {
        seconds[o * destinations.length + d] = estimate.seconds;
        metres[o * destinations.length + d] = estimate.metres;
      });
    });
    return { seconds, metres };
  }

  route(from: Position, to: Position, at: Instant): Route {
    const way = this.way(from, to, at);
    if (!way) return straightLineTravel.route(from, to, at);
    const { leaves, arrives, stretches } = way;
    const points: Position[] = [from];
    const secondsAt: number[] = [0];
    let seconds = leaves.offMetres / OFF_ROAD_METRES_A_SECOND;
    let metres = leaves.offMetres;
    for (const stretch of stretches) {
      for (const { position, share } of this.#line(stretch)) {
        points.push(position);
        secondsAt.push(seconds + share * stretch.seconds);
      }
      seconds += stretch.seconds;
      metres += Math.abs(stretch.to - stretch.from) * (this.graph.edgeMetres[stretch.edge] as number);
    }
    seconds += arrives.offMetres / OFF_ROAD_METRES_A_SECOND;
    metres += arrives.offMetres;
    const across = acrossYard(from, to, leaves.offMetres + arrives.offMetres);
    const direct = across / OFF_ROAD_METRES_A_SECOND;
    if (direct < seconds)
      return { seconds: direct, metres: across, basis: 'road', points: [from, to], secondsAt: [0, direct] };
    points.push(to);
    secondsAt.push(seconds);
    return { seconds, metres, basis: 'road', points, secondsAt };
  }

  /** The roads of the fastest way, in order; null where either end is off the map. */
  way(from: Position, to: Position, at: Instant): { leaves: Snap; arrives: Snap; stretches: Stretch[] } | null {
    const leaves = this.snap(from, 'vehicle');
    const arrives = this.snap(to, 'place');
    if (!leaves || !arrives) return null;
    const metric = this.metricAt(at);
    const entries = this.#ends(metric, arrives, false);
    this.#sweep.begin(metric, 'to', entries);
    const whole = (edge: number) => metric.edgeSeconds[edge] as number;
    const stretch = (edge: number, start: number, end: number): Stretch => ({
      edge,
      from: start,
      to: end,
      seconds: Math.abs(end - start) * whole(edge),
    });
    this.#alongOneRoad(metric, leaves, arrives);
    const direct = this.#seconds;
    const exits = this.#ends(metric, leaves, true);
    const [first] = exits.toSorted(
      (a, b) => a.seconds + this.#sweep.seconds(a.node) - b.seconds - this.#sweep.seconds(b.node),
    ) as [End];
    if (direct <= first.seconds + this.#sweep.seconds(first.node))
      return { leaves, arrives, stretches: [stretch(leaves.edge, leaves.along, arrives.along)] };

    const { edgeTail, edgeHead, edgeDirections, nodeFirst, nodeEdge } = this.graph;
    const stretches: Stretch[] = [];
    if (first.seconds > 0) stretches.push(stretch(leaves.edge, leaves.along, first.end));
    for (let n = first.node, steps = 0; steps <= this.graph.nodeCount; steps++) {
      const [done] = entries.filter(({ node }) => node === n).sort((a, b) => a.seconds - b.seconds);
      let best = done ? done.seconds : Infinity;
      let over = -1;
      let next = n;
      for (let i = nodeFirst[n] as number; i < (nodeFirst[n + 1] as number); i++) {
        const e = nodeEdge[i] as number;
        const isTail = edgeTail[e] === n;
        if (!((edgeDirections[e] as number) & (isTail ? ALONG : AGAINST))) continue;
        const m = (isTail ? edgeHead[e] : edgeTail[e]) as number;
        const seconds = whole(e) + this.#sweep.seconds(m);
        // What the hierarchy adds up by shortcuts is rounded elsewhere than what is added up road by road.
        if (seconds >= best - (over < 0 && done ? ROUNDING_SECONDS : 0)) continue;
        best = seconds;
        over = e;
        next = m;
      }
      if (over < 0) {
        if (!done) return null;
        if (done.seconds > 0) stretches.push(stretch(arrives.edge, done.end, arrives.along));
        return { leaves, arrives, stretches };
      }
      const isTail = edgeTail[over] === n;
      stretches.push(stretch(over, isTail ? 0 : 1, isTail ? 1 : 0));
      n = next;
    }
    return null;
  }

  offRoadMetres(place: Position): number {
    return this.snap(place, 'place')?.offMetres ?? Infinity;
  }

  metricAt(at: Instant): Metric {
    return this.#metrics(chinaHour(at));
  }

  snap(position: Position, what: Snapped): Snap | null {
    return this.#standing.at(position, what).snap;
  }

  #estimate(origin: Position, from: Snap, destination: Position, to: Snap): TravelEstimate {
    const off = from.offMetres + to.offMetres;
    const across = acrossYard(origin, destination, off);
    const seconds = this.#seconds + off / OFF_ROAD_METRES_A_SECOND;
    return across / OFF_ROAD_METRES_A_SECOND < seconds
      ? { seconds: across / OFF_ROAD_METRES_A_SECOND, metres: across, basis: 'road' }
      : { seconds, metres: this.#metres + off, basis: 'road' };
  }

  /** Without leaving the road both are on. */
  #alongOneRoad(metric: Metric, from: Snap, to: Snap): void {
    this.#seconds = Infinity;
    this.#metres = Infinity;
    if (from.edge !== to.edge) return;
    const directions = this.graph.edgeDirections[from.edge] as number;
    if (!(directions & (from.along <= to.along ? ALONG : AGAINST)) && from.along !== to.along) return;
    const share = Math.abs(to.along - from.along);
    this.#seconds = share * (metric.edgeSeconds[from.edge] as number);
    this.#metres = share * (this.graph.edgeMetres[from.edge] as number);
  }

  /** Between a point on a road and the question's seeds, over either end of the road where that is faster. */
  #join(metric: Metric, { edge, along }: Snap, leaving: boolean): void {
    const { edgeTail, edgeHead, edgeDirections, edgeMetres } = this.graph;
    const directions = edgeDirections[edge] as number;
    const [towardsHead, towardsTail] = leaving ? [ALONG, AGAINST] : [AGAINST, ALONG];
    const seconds = metric.edgeSeconds[edge] as number;
    const metres = edgeMetres[edge] as number;
    if (along === 1 || (along > 0 && directions & towardsHead)) {
      const head = edgeHead[edge] as number;
      const total = (1 - along) * seconds + this.#sweep.seconds(head);
      if (total < this.#seconds) {
        this.#seconds = total;
        this.#metres = (1 - along) * metres + this.#sweep.metres(head);
      }
    }
    if (along === 0 || (along < 1 && directions & towardsTail)) {
      const tail = edgeTail[edge] as number;
      const total = along * seconds + this.#sweep.seconds(tail);
      if (total < this.#seconds) {
        this.#seconds = total;
        this.#metres = along * metres + this.#sweep.metres(tail);
      }
    }
  }

  /** Over a junction that both labels have, where that is faster. */
  #meet(there: Label, here: Label): void {
    const count = sharedBy(there, here);
    const [a, b] = [there.seconds, here.seconds];
    let best = this.#seconds;
    let over = -1;
    for (let i = 0; i < count; i++) {
      const seconds = (a[i] as number) + (b[i] as number);
      if (seconds >= best) continue;
      best = seconds;
      over = i;
    }
    if (over < 0) return;
    this.#seconds = best;
    this.#metres = (there.metres[over] as number) + (here.metres[over] as number);
  }

  /** Junctions to which one comes from a point on a road, or from which one comes to it. */
  #ends(metric: Metric, { edge, along }: Snap, leaving: boolean): End[] {
    const { edgeTail, edgeHead, edgeDirections, edgeMetres } = this.graph;
    const seed = (end: 0 | 1): End => {
      const share = Math.abs(end - along);
      return {
        node: (end ? edgeHead[edge] : edgeTail[edge]) as number,
        end,
        seconds: share * (metric.edgeSeconds[edge] as number),
        metres: share * (edgeMetres[edge] as number),
      };
    };
    if (along === 0) return [seed(0)];
    if (along === 1) return [seed(1)];
    const directions = edgeDirections[edge] as number;
    const [overHead, overTail] = leaving ? [ALONG, AGAINST] : [AGAINST, ALONG];
    return [...(directions & overHead ? [seed(1)] : []), ...(directions & overTail ? [seed(0)] : [])];
  }

  /** Points of a stretch with the share of it driven there; its first and last included. */
  #line({ edge, from, to }: Stretch): { position: Position; share: number }[] {
    const { edgePoint, pointMetres, edgeMetres } = this.graph;
    const whole = edgeMetres[edge] as number;
    const [start, end] = [edgePoint[edge] as number, edgePoint[edge + 1] as number];
    const between: number[] = [];
    const [least, most] = [Math.min(from, to), Math.max(from, to)];
    for (let p = start + 1; p < end - 1; p++) {
      const share = (pointMetres[p] as number) / whole;
      if (share > least && share < most) between.push(share);
    }
    if (to < from) between.reverse();
    return [from, ...between, to].map((share) => ({
      position: this.pointOn(edge, share),
      share: from === to ? 1 : (share - from) / (to - from),
    }));
  }

  /** The position at a share of an edge's length. */
  pointOn(edge: number, share: number): Position {
    const { edgePoint, pointMetres, pointLon, pointLat } = this.graph;
    const last = (edgePoint[edge + 1] as number) - 1;
    const metres = share * (pointMetres[last] as number);
    let p = edgePoint[edge] as number;
    while (p < last - 1 && (pointMetres[p + 1] as number) <= metres) p++;
    const [before, after] = [pointMetres[p] as number, pointMetres[p + 1] as number];
    const part = after > before ? Math.min(1, Math.max(0, (metres - before) / (after - before))) : 0;
    const mix = (values: Int32Array) =>
      ((values[p] as number) + part * ((values[p + 1] as number) - (values[p] as number))) / DEGREE;
    return { lon: mix(pointLon), lat: mix(pointLat), crs: 'wgs84' };
  }
}

/** Sums of a few hundred 32-bit figures differ by less. */
const ROUNDING_SECONDS = 0.01;

/**
 * Metres straight from one to the other, where both are so far off the road that they are in the same yard: nobody goes
 * back to the road to come in again. Else Infinity: what lies between may be a canal.
 */
export function acrossYard(from: Position, to: Position, offMetres: number): number {
  if (Math.abs(from.lat - to.lat) * 111_195 > offMetres) return Infinity;
  const metres = distanceMetres(from, to);
  return metres <= offMetres ? metres : Infinity;
}
