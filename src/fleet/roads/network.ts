/**
 * The travel port by road. Runs where it is called: positions are put on the nearest road, and 300 units take a fraction
 * of a millisecond (`npm run bench -- roads`).
 */
import type { Position } from '../../domain/position.ts';
import type { Instant } from '../../domain/time.ts';
import { chinaHour, type Drives, type Route, straightLineTravel, type Travel } from '../travel.ts';
import { Between } from './between.ts';
import type { RoadGraph } from './graph.ts';
import { customise, type Metric } from './metric.ts';
import type { Snap, Snapped } from './snap.ts';
import { type LearnedFactor, nothingLearned, speedsAt } from './speeds.ts';
import { StandingPositions } from './standing.ts';
import { Sweep, type SweepMemory } from './sweep.ts';
import { findWay, routeAlong, type Way } from './way.ts';

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

export class RoadNetwork implements Travel {
  readonly graph: RoadGraph;
  readonly #metrics: Metrics;
  readonly #sweep: Sweep;
  readonly #standing: StandingPositions;

  /**
   * @param metrics worked out in this thread on demand, where not given
   * @param memory laid out elsewhere, where given; used by nobody else
   */
  constructor(graph: RoadGraph, metrics: Metrics = metricsHere(graph), memory?: SweepMemory) {
    this.graph = graph;
    this.#metrics = metrics;
    this.#sweep = new Sweep(graph, memory);
    this.#standing = new StandingPositions(graph);
  }

  toOne(origins: readonly Position[], destination: Position, at: Instant, within = Infinity): Drives {
    const snap = this.snap(destination, 'place');
    if (!snap) return straightLineTravel.toOne(origins, destination, at);
    return new Between(this.graph, this.metricAt(at), this.#sweep, {
      position: destination,
      snap,
      coming: true,
      many: origins,
      others: this.#standing.allAt(origins, 'vehicle'),
      within,
      straight: (origin) => straightLineTravel.route(origin, destination, at),
    });
  }

  fromOne(origin: Position, destinations: readonly Position[], at: Instant, within = Infinity): Drives {
    const snap = this.snap(origin, 'place');
    if (!snap) return straightLineTravel.fromOne(origin, destinations, at);
    return new Between(this.graph, this.metricAt(at), this.#sweep, {
      position: origin,
      snap,
      coming: false,
      many: destinations,
      others: this.#standing.allAt(destinations, 'place'),
      within,
      straight: (destination) => straightLineTravel.route(origin, destination, at),
    });
  }

  route(from: Position, to: Position, at: Instant): Route {
    const way = this.way(from, to, at);
    return way ? routeAlong(this.graph, way, from, to) : straightLineTravel.route(from, to, at);
  }

  /** Null where either end is off the map. */
  way(from: Position, to: Position, at: Instant): Way | null {
    const leaves = this.snap(from, 'vehicle');
    const arrives = this.snap(to, 'place');
    return leaves && arrives && findWay(this.graph, this.metricAt(at), this.#sweep, leaves, arrives);
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
}
