/** Calls counted by group, clock and whole seconds: exact for any span, because counts of days add up and percentiles do not. Pure. */
import { type ClockName, clocks } from './schema.ts';

/** What takes the place of the seconds where there are none. */
export const states = { missing: -1, cancelled: -2, missingLive: -3 } as const;

/** Calls by whole seconds, or by state: an array for the usual ones, a map for what crews forgot to end. */
export class Seconds {
  static readonly #USUAL = 4_096;
  static readonly #STATES = 3;
  readonly #usual = new Uint32Array(Seconds.#USUAL);
  readonly #others = new Map<number, number>();

  /** @param seconds whole, a begun one counted, so that nothing beyond the target is shown within it; or one of `states` */
  add(seconds: number, calls: number): void {
    const at = seconds + Seconds.#STATES;
    if (at < Seconds.#USUAL) this.#usual[at] = (this.#usual[at] as number) + calls;
    else this.#others.set(seconds, (this.#others.get(seconds) ?? 0) + calls);
  }

  static from(counts: Iterable<{ readonly seconds: number; readonly calls: number }>): Seconds {
    const all = new Seconds();
    for (const { seconds, calls } of counts) all.add(seconds, calls);
    return all;
  }

  addAll(other: Seconds): void {
    for (let at = 0; at < Seconds.#USUAL; at++)
      this.#usual[at] = (this.#usual[at] as number) + (other.#usual[at] as number);
    for (const [seconds, calls] of other.#others) this.add(seconds, calls);
  }

  of(state: (typeof states)[keyof typeof states]): number {
    return this.#usual[state + Seconds.#STATES] as number;
  }

  /** Told of each number of seconds that calls took, ascending. */
  each(told: (seconds: number, calls: number) => void): void {
    for (let at = Seconds.#STATES; at < Seconds.#USUAL; at++) {
      const calls = this.#usual[at] as number;
      if (calls > 0) told(at - Seconds.#STATES, calls);
    }
    for (const [seconds, calls] of [...this.#others].sort(([a], [b]) => a - b)) told(seconds, calls);
  }
}

export interface ClockGroup extends Readonly<Record<ClockName, Seconds>> {
  /** Calls whose response is known, and those of them within the target of their own priority. */
  measured: number;
  within: number;
}

const nobody = (): ClockGroup => ({
  response: new Seconds(),
  patient: new Seconds(),
  travel: new Seconds(),
  measured: 0,
  within: 0,
});

export class ClockTally {
  readonly #groups = new Map<string | null, ClockGroup>();

  /** The group of a key, made where it is asked for first; null: not known of these calls. */
  group(key: string | null): ClockGroup {
    let group = this.#groups.get(key);
    if (!group) {
      group = nobody();
      this.#groups.set(key, group);
    }
    return group;
  }

  /** In the order of their keys, numbers by size, calls whose key is not known last. */
  groups(): [key: string | null, group: ClockGroup][] {
    return [...this.#groups].sort(([a], [b]) =>
      a === null ? 1 : b === null ? -1 : a.localeCompare(b, 'en', { numeric: true }),
    );
  }

  total(): ClockGroup {
    const total = nobody();
    for (const group of this.#groups.values()) {
      for (const clock of clocks) total[clock].addAll(group[clock]);
      total.measured += group.measured;
      total.within += group.within;
    }
    return total;
  }
}
