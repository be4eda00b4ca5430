/** Days of calls as packed columns, and what is counted from them in one pass: exact for any span and any grouping. Pure. */
import { chinaTime, type Instant } from '../domain/time.ts';
import type { ClockTally } from './clock-tally.ts';
import { DAY_MS } from './columns.ts';
import { type Leg, legs } from './past-call.ts';
import type { ClockName, Grouping } from './schema.ts';

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

/** A grouping, or the H3 cell of the place. */
export type NamedBy = Grouping | 'cell';

export interface PastSpan {
  readonly groupBy: NamedBy;
  readonly from: Instant;
  /** Not included. */
  readonly to: Instant;
  /** By priority, 1 first. */
  readonly targets: readonly number[];
}

const HOUR_MS = 3_600_000;
const HOURS = Array.from({ length: 24 }, (_, hour) => String(hour));
const PRIORITIES = [null, '1', '2', '3', '4'] as const;

/** Keys of a day's groups, and of each call the place of its key among them. */
function keyed({ start, names, name, priority, received, calls }: PastDay, groupBy: NamedBy) {
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

/** Visits the calls of a day that lie in the span, each with the group of its key. @param calls all, or places of some */
export function eachCall<Group>(
  day: PastDay,
  { groupBy, from, to }: Pick<PastSpan, 'groupBy' | 'from' | 'to'>,
  groupOf: (key: string | null) => Group,
  visit: (call: number, group: Group, nth: number) => void,
  calls?: Int32Array,
): void {
  const { keys, place } = keyed(day, groupBy);
  const groups: Group[] = [];
  const [first, last] = [from - day.start, to - day.start];
  const count = calls?.length ?? day.calls;
  for (let nth = 0; nth < count; nth++) {
    const call = calls ? (calls[nth] as number) : nth;
    const at = day.received[call] as number;
    if (at < first || at >= last) continue;
    const key = place[call] as number;
    let group = groups[key];
    if (group === undefined) {
      group = groupOf(keys[key] ?? null);
      groups[key] = group;
    }
    visit(call, group, nth);
  }
}

/** A call without a priority is held to the strictest target. */
export const targetOf = (targets: readonly number[], priority: number): number =>
  targets[Math.max(0, priority - 1)] as number;

/** Adds the calls of a day to the clocks' tally. */
export function tallyDay(tally: ClockTally, day: PastDay<ClockName>, span: PastSpan): void {
  const { response, patient, travel } = day.seconds;
  eachCall(
    day,
    span,
    (key) => tally.group(key),
    (call, group) => {
      const seconds = response[call] as number;
      group.response.add(seconds, 1);
      group.patient.add(patient[call] as number, 1);
      group.travel.add(travel[call] as number, 1);
      if (seconds < 0) return;
      group.measured++;
      if (seconds <= targetOf(span.targets, day.priority[call] as number)) group.within++;
    },
  );
}

type LegSums = Readonly<Record<Leg | `${Leg}_calls`, number | null>>;
/** Late calls, or calls in time, of one key: how many, and the seconds of each leg with how many had it. */
export interface LegCount extends LegSums {
  readonly key: string | null;
  readonly late: boolean;
  readonly calls: number;
}

/** Seconds of each leg, in the order of `legs`, and how many calls had it. */
interface LegTally {
  calls: number;
  readonly seconds: Float64Array;
  readonly measured: Float64Array;
}
const noLegs = (): LegTally => ({
  calls: 0,
  seconds: new Float64Array(legs.length),
  measured: new Float64Array(legs.length),
});

/** Where the calls of a span whose response is known lost their time, day by day. */
export class PastLegs {
  readonly #span: PastSpan;
  readonly #groups = new Map<string | null, { late: LegTally; inTime: LegTally }>();

  constructor(span: PastSpan) {
    this.#span = span;
  }

  add(day: PastDay<Leg>): void {
    const { response } = day.seconds;
    const columns = legs.map((leg) => day.seconds[leg]);
    eachCall(day, this.#span, this.#group, (call, group) => {
      const seconds = response[call] as number;
      if (seconds < 0) return;
      const tally = seconds > targetOf(this.#span.targets, day.priority[call] as number) ? group.late : group.inTime;
      tally.calls++;
      for (let leg = 0; leg < columns.length; leg++) {
        const its = (columns[leg] as Int32Array)[call] as number;
        if (its < 0) continue;
        tally.seconds[leg] = (tally.seconds[leg] as number) + its;
        tally.measured[leg] = (tally.measured[leg] as number) + 1;
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
    return [...this.#groups].flatMap(([key, { late, inTime }]) => [
      ...(late.calls > 0 ? [legCount(key, true, late)] : []),
      ...(inTime.calls > 0 ? [legCount(key, false, inTime)] : []),
    ]);
  }
}

function legCount(key: string | null, late: boolean, { calls, seconds, measured }: LegTally): LegCount {
  const sums = legs.flatMap((leg, at) => [
    [leg, seconds[at]],
    [`${leg}_calls`, measured[at]],
  ]);
  return { key, late, calls, ...(Object.fromEntries(sums) as LegSums) };
}
