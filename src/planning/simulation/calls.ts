/** The calls of one simulated day, drawn before any policy is asked, so that all policies see the same. Pure. */
import type { City } from './city.ts';
import { dayStream, secondsOf } from './random.ts';

/** The day begins this early, with every unit at its station; calls before midnight load the city and are not counted. */
export const WARM_UP_HOURS = 3;
const HOUR = 3600;

/** One call in one place of each list; `at` in seconds after midnight, in order. */
export interface DayCalls {
  readonly count: number;
  readonly at: Float64Array;
  /** Place in the city's cases. */
  readonly who: Int32Array;
  readonly dispatch: Float32Array;
  readonly turnout: Float32Array;
  readonly walk: Float32Array;
  readonly treat: Float32Array;
  readonly handOver: Float32Array;
  readonly tidy: Float32Array;
  readonly transports: Uint8Array;
}

/** The cases of each hour, and all of them where past calls do not say when. */
export function casesByHour({ cases }: City): readonly Int32Array[] {
  const all = Int32Array.from(cases.keys());
  return Array.from({ length: 24 }, (_, hour) => {
    const own = cases.flatMap((each, i) => (each.hour === null || each.hour === hour ? [i] : []));
    return own.length > 0 ? Int32Array.from(own) : all;
  });
}

/** Poisson arrivals with a rate for each hour of the day; everything a call's run will ask is drawn with it. */
export function drawCalls(city: City, byHour: readonly Int32Array[], seed: number, day: number): DayCalls {
  const random = dayStream(seed, day);
  const { habits } = city;
  const rows: number[] = [];
  for (let hour = -WARM_UP_HOURS; hour < 24; hour++) {
    const ofDay = (hour + 24) % 24;
    const perSecond = (city.callsPerDay * (city.hourShape[ofDay] ?? 1)) / 24 / HOUR;
    const cases = byHour[ofDay] as Int32Array;
    for (let at = hour * HOUR; ; ) {
      at += perSecond > 0 ? -Math.log(1 - random()) / perSecond : Infinity;
      if (at >= (hour + 1) * HOUR) break;
      rows.push(
        at,
        cases[Math.floor(random() * cases.length)] as number,
        secondsOf(habits.dispatch, random()),
        secondsOf(habits.turnout, random()),
        secondsOf(habits.walk, random()),
        secondsOf(habits.treat, random()),
        secondsOf(habits.handOver, random()),
        secondsOf(habits.tidy, random()),
        random() < habits.transportShare ? 1 : 0,
      );
    }
  }
  const WIDTH = 9;
  const count = rows.length / WIDTH;
  const column = (place: number) => (i: number) => rows[i * WIDTH + place] as number;
  const fill = <T extends Float64Array | Float32Array | Int32Array | Uint8Array>(
    into: T,
    of: (i: number) => number,
  ): T => {
    for (let i = 0; i < count; i++) into[i] = of(i);
    return into;
  };
  return {
    count,
    at: fill(new Float64Array(count), column(0)),
    who: fill(new Int32Array(count), column(1)),
    dispatch: fill(new Float32Array(count), column(2)),
    turnout: fill(new Float32Array(count), column(3)),
    walk: fill(new Float32Array(count), column(4)),
    treat: fill(new Float32Array(count), column(5)),
    handOver: fill(new Float32Array(count), column(6)),
    tidy: fill(new Float32Array(count), column(7)),
    transports: fill(new Uint8Array(count), column(8)),
  };
}
