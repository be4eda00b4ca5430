/**
 * The roads as this instance has them at the moment: a graph and its speeds come and are replaced while calls are taken.
 * Without any, or should they fail, the straight line answers: a call never waits for a map.
 */
import type { Position } from '../../domain/position.ts';
import type { Instant } from '../../domain/time.ts';
import { type Drives, type Route, straightLineTravel, type Travel } from '../travel.ts';
import type { RoadGraph } from './graph.ts';
import type { Metric } from './metric.ts';
import { RoadNetwork } from './network.ts';
import { type Reach, type ReachRequest, reachByRoad } from './reach.ts';
import { reachStraight } from './reach-straight.ts';
import type { SweepMemory } from './sweep.ts';

export class LiveRoads implements Travel {
  readonly #failed: (error: unknown) => void;
  readonly #metrics = new Map<number, Metric>();
  #network: RoadNetwork | null = null;
  #reachElsewhere: ((request: ReachRequest) => Promise<Reach | null>) | null = null;

  /** @param failed told of what should not happen; the straight line has answered by then */
  constructor(failed: (error: unknown) => void) {
    this.#failed = failed;
  }

  /** Null as long as there is no map. */
  get network(): RoadNetwork | null {
    return this.#network;
  }

  /** A new map with the speeds of one hour; what was known of another map is forgotten. */
  take(graph: RoadGraph, hour: number, metric: Metric, memory?: SweepMemory): void {
    this.#metrics.clear();
    this.#metrics.set(hour, metric);
    this.#network = new RoadNetwork(graph, (asked) => this.#metricOf(asked), memory);
  }

  /** The speeds of another hour, or of the same with more learned. Hours not in `keep` are forgotten. */
  takeHour(hour: number, metric: Metric, keep: readonly number[]): void {
    this.#metrics.set(hour, metric);
    for (const known of this.#metrics.keys()) if (!keep.includes(known)) this.#metrics.delete(known);
  }

  /** Has reach worked out by another thread: it may look at half a city. Null: here again. */
  reachWith(elsewhere: ((request: ReachRequest) => Promise<Reach | null>) | null): void {
    this.#reachElsewhere = elsewhere;
  }

  async reach(request: ReachRequest): Promise<Reach> {
    if (!this.#network) return reachStraight(request);
    let reach: Reach | null;
    try {
      reach = await (this.#reachElsewhere?.(request) ?? reachByRoad(this.#network, request));
    } catch (error) {
      this.#failed(error);
      reach = reachByRoad(this.#network, request);
    }
    return reach ?? reachStraight(request);
  }

  toOne(origins: readonly Position[], destination: Position, at: Instant, within?: number): Drives {
    return this.#drives((travel) => travel.toOne(origins, destination, at, within));
  }

  fromOne(origin: Position, destinations: readonly Position[], at: Instant, within?: number): Drives {
    return this.#drives((travel) => travel.fromOne(origin, destinations, at, within));
  }

  route(from: Position, to: Position, at: Instant): Route {
    return this.#byRoadOr((travel) => travel.route(from, to, at));
  }

  offRoadMetres(place: Position): number | null {
    return this.#byRoadOr((travel) => travel.offRoadMetres(place));
  }

  #drives(ask: (travel: Travel) => Drives): Drives {
    const drives = this.#byRoadOr(ask);
    const estimate = (i: number) => {
      try {
        return drives.estimate(i);
      } catch (error) {
        this.#failed(error);
        return ask(straightLineTravel).estimate(i);
      }
    };
    return { seconds: drives.seconds, estimate };
  }

  #byRoadOr<T>(ask: (travel: Travel) => T): T {
    if (this.#network) {
      try {
        return ask(this.#network);
      } catch (error) {
        this.#failed(error);
      }
    }
    return ask(straightLineTravel);
  }

  /** The hour itself, or the one nearest to it by the clock. */
  #metricOf(hour: number): Metric {
    const exact = this.#metrics.get(hour);
    if (exact) return exact;
    const apart = (known: number) => Math.min((known - hour + 24) % 24, (hour - known + 24) % 24);
    const [nearest] = [...this.#metrics].sort(([a], [b]) => apart(a) - apart(b));
    return (nearest as [number, Metric])[1];
  }
}
