/** Days of calls as PostgreSQL packs them: big-endian numbers one behind the other, a column a value. Pure. */
import { chinaTime, type Instant } from '../domain/time.ts';

export const DAY_MS = 24 * 3_600_000;
/** A quarter: a few megabytes at a million calls in two years, and calls coming in do not wait for more. */
export const DAYS_AT_ONCE = 92;

/** When a day in China, `YYYY-MM-DD`, began. */
export const startOf = (day: string): Instant => Date.parse(`${day}T00:00:00+08:00`);
export const dayOf = (at: Instant): string => chinaTime(at).toISOString().slice(0, 10);

/** Spans of whole days in China that hold all from `from` on and before `to`, in order: the first and the last day of each. */
export function quarters(from: Instant, to: Instant): [first: string, last: string][] {
  const spans: [string, string][] = [];
  const end = startOf(dayOf(to - 1));
  for (let start = startOf(dayOf(from)); start <= end; start += DAYS_AT_ONCE * DAY_MS)
    spans.push([dayOf(start), dayOf(Math.min(start + (DAYS_AT_ONCE - 1) * DAY_MS, end))]);
  return spans;
}

// Not where their size would have them lie: copied, then swapped in place.
export const int16 = (packed: Buffer | null): Int16Array => new Int16Array(copied(packed).swap16().buffer);
export const int32 = (packed: Buffer | null): Int32Array => new Int32Array(copied(packed).swap32().buffer);
export const float32 = (packed: Buffer | null): Float32Array => new Float32Array(copied(packed).swap32().buffer);
const copied = (packed: Buffer | null): Buffer => Buffer.from(new Uint8Array(packed ?? []).buffer);

/** SQL: packs numbers of two or four bytes, in the order of the aggregate's rows. */
export const packed2 = (value: string): string => `string_agg(int2send((${value})::smallint), '')`;
export const packed4 = (value: string): string => `string_agg(int4send((${value})::int), '')`;
/** SQL: milliseconds of `received_at` since `day`, a date in China, began. */
export const sinceMidnight = `
  floor(1000 * extract(epoch FROM received_at - (day::timestamp AT TIME ZONE 'UTC' - interval '8 hours')))`;
