/** The latest calls whose ambulance came after their target, out of days of calls. Pure. */
import type { Instant } from '../domain/time.ts';
import type { OwnDay } from './call-days-store.ts';
import { type Leg, legs } from './past-call.ts';
import { eachCall, type PastSpan, targetOf } from './past-days.ts';
import type { Grouping } from './schema.ts';

export interface LateCall {
  readonly receivedAt: Instant;
  readonly priority: number | null;
  readonly subdistrictCode: string | null;
  readonly stationId: string | null;
  readonly vehicleType: string | null;
  readonly targetSeconds: number;
  readonly responseSeconds: number;
  readonly legs: Readonly<Record<Leg, number | null>>;
}

export interface LateFilter {
  readonly groupBy: Grouping;
  /** Null for all. */
  readonly key: string | null;
}

export class LateCalls {
  readonly #span: PastSpan;
  readonly #key: string | null;
  readonly #atMost: number;
  #found: LateCall[] = [];

  constructor(span: PastSpan, key: string | null, atMost: number) {
    this.#span = span;
    this.#key = key;
    this.#atMost = atMost;
  }

  /** 'enough': no day before this one has any that is later than those found. */
  add(day: OwnDay): 'enough' | undefined {
    const { response } = day.seconds;
    const before = this.#found.length;
    eachCall(
      day,
      this.#span,
      (key) => this.#key === null || key === this.#key,
      (call, isAsked) => {
        const priority = day.priority[call] as number;
        const target = targetOf(this.#span.targets, priority);
        if (!isAsked || (response[call] as number) <= target) return;
        this.#found.push({
          receivedAt: day.start + (day.received[call] as number),
          priority: priority || null,
          subdistrictCode: day.labels.subdistrict(call),
          stationId: day.labels.station(call),
          vehicleType: day.labels.vehicleType(call),
          targetSeconds: target,
          responseSeconds: response[call] as number,
          legs: Object.fromEntries(
            legs.map((leg) => [leg, orNull(day.seconds[leg][call] as number)]),
          ) as LateCall['legs'],
        });
      },
    );
    if (this.#found.length > before) this.#found = latest(this.#found, this.#atMost);
    const last = this.#found[this.#atMost - 1];
    return last && last.receivedAt >= day.start ? 'enough' : undefined;
  }

  get found(): readonly LateCall[] {
    return this.#found;
  }
}

/** So many of them, the latest first; of those received at once the slowest. */
export const latest = (calls: readonly LateCall[], atMost: number): LateCall[] =>
  [...calls].sort((a, b) => b.receivedAt - a.receivedAt || b.responseSeconds - a.responseSeconds).slice(0, atMost);

const orNull = (seconds: number): number | null => (seconds < 0 ? null : seconds);
