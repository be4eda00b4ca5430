/** Clocks and ids are arguments: nothing in the engine reads the time or makes an id by itself. */

/** Milliseconds since the epoch, UTC. */
export type Instant = number;

export interface Clock {
  now(): Instant;
}

export interface Ids {
  /** A fresh, time-ordered, unguessable id. */
  next(): string;
}

export const rfc3339 = (at: Instant): string => new Date(at).toISOString();

const CHINA_OFFSET_MS = 8 * 3_600_000;

/** The wall clock in China (UTC+8, no daylight saving), to be read with `getUTC…`. */
export const chinaTime = (at: Instant): Date => new Date(at + CHINA_OFFSET_MS);

/** Whole years of age on the Chinese calendar day of `at`; the birth date is `YYYY-MM-DD`. */
export function ageInYears(birthDate: string, at: Instant): number {
  const today = chinaTime(at);
  const years = today.getUTCFullYear() - Number(birthDate.slice(0, 4));
  const monthDay = (today.getUTCMonth() + 1) * 100 + today.getUTCDate();
  const birthday = Number(birthDate.slice(5, 7)) * 100 + Number(birthDate.slice(8, 10));
  return monthDay < birthday ? years - 1 : years;
}
