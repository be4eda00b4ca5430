/** Drives in a simulated city: how long they take by now, and what a unit passes on its way to a station. */
import type { Position } from '../../domain/position.ts';
import type { Travel } from '../../fleet/travel.ts';
import type { City } from './city.ts';
import { WAY_STEPS, waysOf } from './ways.ts';

export class Clock {
  /** Seconds after midnight. */
  now = 0;
  /** Of the day. */
  hour = 0;

  moveTo(now: number): void {
    this.now = now;
    this.hour = (Math.floor(now / 3600) + 24) % 24;
  }
}

export interface Place extends Position {
  readonly index: number;
}

export class Driving {
  readonly places: readonly Place[];
  readonly #city: City;
  readonly #clock: Clock;
  readonly #ways: Int32Array;
  /** As the ranking asks for drives, without lights and with them. */
  readonly slowly: Travel;
  readonly quickly: Travel;

  constructor(city: City, clock: Clock) {
    this.#city = city;
    this.#clock = clock;
    this.places = city.points.map((point, index) => ({ ...point, index }));
    this.#ways = waysOf(city);
    this.slowly = this.#travel(true);
    this.quickly = this.#travel(false);
  }

  /** Between two points at the hour it is; `slow`: without lights. */
  seconds(from: number, to: number, slow: boolean): number {
    const { seconds, points, hourFactor, slowFactor } = this.#city;
    const underLights = (seconds[from * points.length + to] as number) * (hourFactor[this.#clock.hour] ?? 1);
    return slow ? underLights * slowFactor : underLights;
  }
  /** Without lights. */
  toStation(from: number, station: number): number {
    return this.seconds(from, this.#city.stations[station]?.point ?? from, true);
  }

  placeOfStation(station: number): Place {
    return this.places[this.#city.stations[station]?.point ?? 0] as Place;
  }
  /** What is passed when such a share of the way to a station is driven. */
  passed(from: number, station: number, share: number): Place {
    const step = Math.floor(share * WAY_STEPS);
    if (step >= WAY_STEPS) return this.placeOfStation(station);
    const at = (from * this.#city.stations.length + station) * WAY_STEPS + step;
    return this.places[this.#ways[at] as number] as Place;
  }

  #travel(slow: boolean): Travel {
    const { basis } = this.#city;
    const seconds = (from: Position, to: Position) => this.seconds((from as Place).index, (to as Place).index, slow);
    const estimate = (from: Position, to: Position) => ({
      seconds: seconds(from, to),
      metres: 0,
      basis: basis.travel,
    });
    return {
      toOne: (origins, to) => ({
        seconds: Float64Array.from(origins, (from) => seconds(from, to)),
        estimate: (i) => estimate(origins[i] as Position, to),
      }),
      fromOne: (from, destinations) => ({
        seconds: Float64Array.from(destinations, (to) => seconds(from, to)),
        estimate: (i) => estimate(from, destinations[i] as Position),
      }),
      route(from, to) {
        const whole = estimate(from, to);
        return { ...whole, points: [from, to], secondsAt: [0, whole.seconds] };
      },
      offRoadMetres: () => null,
    };
  }
}
