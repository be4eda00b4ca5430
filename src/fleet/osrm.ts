/**
 * Another router asked over HTTP (OSRM's `table` service), for a centre that runs one with its own profile. It is given
 * a fraction of a second; what it does not answer, the roads in this process do, and where it fails again and again it is
 * left alone for a while.
 */
import { ConsecutiveBreaker, circuitBreaker, handleAll, TimeoutStrategy, timeout, wrap } from 'cockatiel';
import type { Logger } from 'pino';
import { type Static, Type } from 'typebox';
import { compileCheck } from '../domain/check.ts';
import type { Position } from '../domain/position.ts';
import type { Drives, Travel, TravelEstimate } from './travel.ts';

const ANSWER_WITHIN_MS = 300;
const FAILURES_IN_A_ROW = 3;
const LEFT_ALONE_MS = 10_000;
/** OSRM's own limit (`--max-table-size`), unless it is set higher. */
const COORDINATES_AT_MOST = 100;

const Table = Type.Object({
  code: Type.Literal('Ok'),
  durations: Type.Array(Type.Array(Type.Union([Type.Number(), Type.Null()]))),
  distances: Type.Array(Type.Array(Type.Union([Type.Number(), Type.Null()]))),
});
const check = compileCheck(Table);

type Estimates = ReadonlyMap<string, TravelEstimate>;

export class Osrm {
  readonly #url: string;
  readonly #otherwise: Travel;
  readonly #log: Pick<Logger, 'warn'>;
  readonly #policy = wrap(
    circuitBreaker(handleAll, { halfOpenAfter: LEFT_ALONE_MS, breaker: new ConsecutiveBreaker(FAILURES_IN_A_ROW) }),
    timeout(ANSWER_WITHIN_MS, TimeoutStrategy.Aggressive),
  );

  /** @param url as `http://osrm:5000` */
  constructor(url: string, otherwise: Travel, log: Pick<Logger, 'warn'>) {
    this.#url = url;
    this.#otherwise = otherwise;
    this.#log = log;
  }

  /** Asks for all that a call about `place` needs. Never fails: what was not answered is estimated otherwise. */
  async about(place: Position, units: readonly Position[], hospitals: readonly Position[]): Promise<Travel> {
    let there: Estimates = new Map();
    let onwards: Estimates = new Map();
    try {
      [there, onwards] = await this.#policy.execute(({ signal }) =>
        Promise.all([this.#table(units, place, 'to', signal), this.#table(hospitals, place, 'from', signal)]),
      );
    } catch (err) {
      this.#log.warn({ err: { message: (err as Error).message } }, 'OSRM did not answer; the roads here did');
    }
    return answering(place, there, onwards, this.#otherwise);
  }

  async #table(
    others: readonly Position[],
    place: Position,
    way: 'to' | 'from',
    signal: AbortSignal,
  ): Promise<Estimates> {
    const pieces: (readonly Position[])[] = [];
    for (let at = 0; at < others.length; at += COORDINATES_AT_MOST - 1)
      pieces.push(others.slice(at, at + COORDINATES_AT_MOST - 1));
    const found = await Promise.all(pieces.map((piece) => this.#piece(piece, place, way, signal)));
    return new Map(found.flat());
  }

  async #piece(
    others: readonly Position[],
    place: Position,
    way: 'to' | 'from',
    signal: AbortSignal,
  ): Promise<(readonly [string, TravelEstimate])[]> {
    const coordinates = [place, ...others].map(({ lon, lat }) => `${lon.toFixed(6)},${lat.toFixed(6)}`).join(';');
    const all = others.map((_, i) => i + 1).join(';');
    const [sources, destinations] = way === 'to' ? [all, '0'] : ['0', all];
    const asked = `${this.#url}/table/v1/driving/${coordinates}?sources=${sources}&destinations=${destinations}&annotations=duration,distance`;
    const response = await fetch(asked, { signal });
    if (!response.ok) throw new Error(`OSRM answered ${response.status}`);
    const answer: unknown = await response.json();
    if (check(answer).length > 0) throw new Error('OSRM answered something else');
    const { durations, distances } = answer as Static<typeof Table>;
    return others.flatMap((other, i) => {
      const [row, column] = way === 'to' ? [i, 0] : [0, i];
      const [seconds, metres] = [durations[row]?.[column] ?? null, distances[row]?.[column] ?? null];
      // Null: no way between the two.
      return seconds === null || metres === null ? [] : [[keyOf(other), { seconds, metres, basis: 'road' }] as const];
    });
  }
}

const keyOf = ({ lon, lat }: Position) => `${lon} ${lat}`;

/** Knows the times it was given, between these places only. */
function answering(place: Position, there: Estimates, onwards: Estimates, otherwise: Travel): Travel {
  const told = (estimates: Estimates, others: readonly Position[], rest: () => Drives): Drives => {
    const known = others.map((other) => estimates.get(keyOf(other)));
    const drives = known.includes(undefined) ? rest() : null;
    const seconds = Float64Array.from(known, (each, i) => each?.seconds ?? (drives?.seconds[i] as number));
    return { seconds, estimate: (i) => known[i] ?? (drives as Drives).estimate(i) };
  };
  const isPlace = (position: Position) => keyOf(position) === keyOf(place);
  return {
    toOne(origins, destination, ...at) {
      const rest = () => otherwise.toOne(origins, destination, ...at);
      return isPlace(destination) ? told(there, origins, rest) : rest();
    },
    fromOne(origin, destinations, ...at) {
      const rest = () => otherwise.fromOne(origin, destinations, ...at);
      return isPlace(origin) ? told(onwards, destinations, rest) : rest();
    },
    route: (from, to, at) => otherwise.route(from, to, at),
    offRoadMetres: (position) => otherwise.offRoadMetres(position),
  };
}
