/** Days of past calls as packed columns, and what is counted from them in one pass: exact for any span and any grouping. Pure. */
import { chinaTime, type Instant } from '../domain/time.ts';
import { type Leg, legs } from './past-call.ts';
import { type ClockName, clocks, type Grouping } from './schema.ts';

/** The calls of one day in China; place i of each column is call i's. */
export interface PastDay<Column extends ClockName | Leg = never> {
  /** When it began. */
  readonly start: Instant;
  readonly calls: number;
  /** Where they are grouped by a name: the day's names, and each call's place among them. */
  readonly names: readonly (string | null)[];
  readonly name: Int16Array;
  /** 0: not known. */
  readonly priority: Int16Array;
  /** Milliseconds since the day began. */
  readonly received: Int32Array;
  /** Seconds; below 0 where there are none: one of `states`. */
  readonly seconds: Readonly<Record<Column | 'response', Int32Array>>;
}

export interface PastSpan {
  readonly groupBy: Grouping;
  readonly from: Instant;
  /** Not included. */
  readonly to: Instant;
  /** By priority, 1 first. */
  readonly targets: readonly number[];
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const HOURS = Array.from({ length: 24 }, (_, hour) => String(hour));
const PRIORITIES = [null, '1', '2', '3', '4'] as const;

/** Keys of a day's groups, and of each call the place of its key among them. */
function keyed({ start, names, name, priority, received, calls }: PastDay, groupBy: Grouping) {
  switch (groupBy) {
    case 'hour':
      return { keys: HOURS, place: received.map((ms) => Math.floor(ms / HOUR_MS)) };
    case 'priority':
      return { keys: PRIORITIES, place: priority };
    case 'week':
    case 'month':
      return { keys: [periodOf(groupBy, start)], place: new Int16Array(calls) };
    default:
      return { keys: names, place: name };
  }
}

/** The week's Monday or the month's first day in China, `YYYY-MM-DD`. */
function periodOf(unit: 'week' | 'month', dayStart: Instant): string {
  const day = chinaTime(dayStart);
  const back = unit === 'week' ? (day.getUTCDay() + 6) % 7 : day.getUTCDate() - 1;
  return new Date(day.getTime() - back * DAY_MS).toISOString().slice(0, 10);
}

/** Visits the calls of a day that lie in the span, each with the group of its key. */
function eachCall<Group>(
  day: PastDay,
  { groupBy, from, to }: PastSpan,
  groupOf: (key: string | null) => Group,
  visit: (call: number, group: Group) => void,
): void {
  const { keys, place } = keyed(day, groupBy);
  const groups: Group[] = [];
  const [first, last] = [from - day.start, to - day.start];
  for (let call = 0; call < day.calls; call++) {
    const at = day.received[call] as number;
    if (at < first || at >= last) continue;
    const key = place[call] as number;
    let group = groups[key];
    if (group === undefined) {
      group = groupOf(keys[key] ?? null);
      groups[key] = group;
    }
    visit(call, group);
  }
}

/** A call without a priority is held to the strictest target. */
const targetOf = (targets: readonly number[], priority: number): number => targets[Math.max(0, priority - 1)] as number;

/** Calls by whole seconds, or by state: a short array for the usual ones, a map for what crews forgot to end. */
class Seconds {
  static readonly #USUAL = 4_096;
  static readonly #STATES = 3;
  readonly #usual = new Uint32Array(Seconds.#USUAL);
  readonly #others = new Map<number, number>();

  add(seconds: number): void {
    const at = seconds + Seconds.#STATES;
    if (at < Seconds.#USUAL) this.#usual[at] = (this.#usual[at] as number) + 1;
    else this.#others.set(seconds, (this.#others.get(seconds) ?? 0) + 1);
  }

  *counts(): Generator<{ readonly seconds: number; readonly calls: number }> {
    for (const [at, calls] of this.#usual.entries()) if (calls > 0) yield { seconds: at - Seconds.#STATES, calls };
    for (const [seconds, calls] of this.#others) yield { seconds, calls };
  }
}

/** So many calls of a group took so many seconds by a clock, or have none of a state. */
export interface ClockCount {
  readonly key: string | null;
  readonly clock: ClockName;
  readonly seconds: number;
  readonly calls: number;
}

/** Of a group's calls whose response is known, those within the target of their own priority. */
export interface Within {
  readonly key: string | null;
  readonly measured: number;
  readonly within: number;
}

/** The three clocks of the calls of a span, day by day. */
export class PastClocks {
  readonly #span: PastSpan;
  readonly #groups = new Map<string | null, Record<ClockName, Seconds> & { measured: number; within: number }>();

  constructor(span: PastSpan) {
    this.#span = span;
  }

  add(day: PastDay<ClockName>): void {
    const { response, patient, travel } = day.seconds;
    eachCall(day, this.#span, this.#group, (call, group) => {
      const seconds = response[call] as number;
      group.response.add(seconds);
      group.patient.add(patient[call] as number);
      group.travel.add(travel[call] as number);
      if (seconds < 0) return;
      group.measured++;
      if (seconds <= targetOf(this.#span.targets, day.priority[call] as number)) group.within++;
    });
  }

  readonly #group = (key: string | null) => {
    let group = this.#groups.get(key);
    if (!group) {
      group = { response: new Seconds(), patient: new Seconds(), travel: new Seconds(), measured: 0, within: 0 };
      this.#groups.set(key, group);
    }
    return group;
  };

  *counts(): Generator<ClockCount> {
    for (const [key, group] of this.#groups)
      for (const clock of clocks) for (const count of group[clock].counts()) yield { key, clock, ...count };
  }

  within(): Within[] {
    return [...this.#groups].map(([key, { measured, within }]) => ({ key, measured, within }));
  }
}

type LegSums = Readonly<Record<Leg | `${Leg}_calls`, number | null>>;
/** Late calls, or calls in time, of one key: how many, and the seconds of each leg with how many had it. */
export interface LegCount extends LegSums {
  readonly key: string | null;
  readonly late: boolean;
  readonly calls: number;
}

/** Where the calls of a span whose response is known lost their time, day by day. */
export class PastLegs {
  readonly #span: PastSpan;
  readonly #groups = new Map<string | null, Record<'late' | 'inTime', { calls: number } & Record<Leg, Sum>>>();

  constructor(span: PastSpan) {
    this.#span = span;
  }

  add(day: PastDay<Leg>): void {
    const { response } = day.seconds;
    eachCall(day, this.#span, this.#group, (call, group) => {
      const seconds = response[call] as number;
      if (seconds < 0) return;
      const sums = seconds > targetOf(this.#span.targets, day.priority[call] as number) ? group.late : group.inTime;
      sums.calls++;
      for (const leg of legs) {
        const its = day.seconds[leg][call] as number;
        if (its < 0) continue;
        sums[leg].seconds += its;
        sums[leg].calls++;
      }
    });
  }

  readonly #group = (key: string | null) => {
    let group = this.#groups.get(key);
    if (!group) {
      group = { late: noLegs(), inTime: noLegs() };
      this.#groups.set(key, group);
    }
    return group;
  };

  counts(): LegCount[] {
    return [...this.#groups].flatMap(([key, group]) =>
      (['late', 'inTime'] as const)
        .filter((when) => group[when].calls > 0)
        .map((when) => {
          const { calls, ...sums } = group[when];
          const flat = legs.flatMap((leg) => [
            [leg, sums[leg].seconds],
            [`${leg}_calls`, sums[leg].calls],
          ]);
          return { key, late: when === 'late', calls, ...(Object.fromEntries(flat) as LegSums) };
        }),
    );
  }
}

interface Sum {
  seconds: number;
  calls: number;
}
const noLegs = () => {
  const none = (): Sum => ({ seconds: 0, calls: 0 });
  return { calls: 0, answer: none(), dispatch: none(), turnout: none(), travel: none(), reach: none() };
};
