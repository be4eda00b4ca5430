/** Invented people: name, birth date, citizen number, history. Numbers are well-formed and belong to nobody known here. */
import { checkDigit } from '../domain/citizen-number.ts';
import type { Coded } from '../domain/coded.ts';
import type { Instant } from '../domain/time.ts';
import type { History, Resident } from '../residents/schema.ts';
import { ageBand, allergies, CONDITIONS_AT_MOST, illnesses } from './conditions.ts';
import type { Random } from './random.ts';
import { givenNames } from './words.ts';

export type Sex = 'female' | 'male';
export type Contact = NonNullable<Resident['contacts']>[number];

export interface Person {
  readonly name: string;
  readonly sex: Sex;
  readonly ageYears: number;
  readonly birthDate: string;
  readonly idNumber: string;
}

const DAY_MS = 86_400_000;
const YEAR_DAYS = 365.2425;
const AREA_CODE = '110102';
const TERM_DAYS = 280;

/** The day, in UTC, so many days before `now` (after, where negative). */
export const dayBefore = (now: Instant, days: number): string =>
  new Date(now - Math.round(days) * DAY_MS).toISOString().slice(0, 10);

export const momentBefore = (now: Instant, days: number): string =>
  new Date(now - Math.round(days * DAY_MS)).toISOString();

/** Numbers given out once each: mobile phones in a row, citizen numbers by birth day. */
export class Numbers {
  #phones = 0;
  readonly #citizens = new Set<string>();

  /** +86 138 0001 0001 and on: valid for the numbering plan, and plainly in a row. */
  phone(): string {
    this.#phones += 1;
    return `+86${13_800_010_000 + this.#phones}`;
  }

  /** GB 11643 with its check digit; the parity of the sequence tells the sex. */
  citizen(birthDate: string, sex: Sex): string {
    for (let sequence = sex === 'male' ? 501 : 502; ; sequence += 2) {
      const first17 = `${AREA_CODE}${birthDate.replaceAll('-', '')}${String(sequence).padStart(3, '0')}`;
      if (this.#citizens.has(first17)) continue;
      this.#citizens.add(first17);
      return first17 + checkDigit(first17);
    }
  }
}

export function inventPerson(
  random: Random,
  numbers: Numbers,
  now: Instant,
  { surname, sex, ageYears }: { readonly surname: string; readonly sex: Sex; readonly ageYears: number },
): Person {
  const birthDate = dayBefore(now, (ageYears + 0.02 + random.next() * 0.96) * YEAR_DAYS);
  const name = surname + random.pick(givenNames(sex, Number(birthDate.slice(0, 4))));
  return { name, sex, ageYears, birthDate, idNumber: numbers.citizen(birthDate, sex) };
}

/** What somebody of that age and sex may have been treated for. */
export function inventHistory(
  random: Random,
  now: Instant,
  { ageYears, sex }: Pick<Person, 'ageYears' | 'sex'>,
  { expecting = false, frail = false } = {},
): History {
  const band = ageBand(ageYears);
  const has = illnesses.filter(
    ({ shares, only }) => random.chance(shares[band] * (frail ? 1.5 : 1)) && (!only || only === sex),
  );
  const kept = has.slice(0, CONDITIONS_AT_MOST);
  const conditions = kept.map(
    ({ code, display, resolved }): Coded => ({
      system: 'icd-10',
      code,
      display,
      status: resolved ? 'resolved' : 'active',
      onset: dayBefore(now, random.whole(60, Math.max(60, Math.min(15, ageYears) * 365))),
    }),
  );
  const mobility = inventMobility(
    random,
    kept.map((illness) => illness.code),
    ageYears,
    frail,
  );
  return {
    conditions,
    allergies: random.chance(0.1) ? [random.pick(allergies)] : [],
    medications: once(kept.flatMap(({ drugs = [] }) => drugs)),
    implants: once(kept.flatMap(({ implants = [] }) => implants)),
    weightKg: inventWeight(random, ageYears, sex),
    ...(mobility ? { mobility } : {}),
    pregnancyDueDate: expecting ? dayBefore(now, -random.whole(3, TERM_DAYS - 50)) : null,
    ...(ageYears >= 85 && random.chance(0.04)
      ? { directives: [{ system: 'icd-10', code: 'Z66', display: '不复苏意愿' } satisfies Coded] }
      : {}),
  };
}

const disabling = ['I69.3', 'G20', 'G30.9', 'S72.0'];

/** Unknown for some: a file is seldom complete. */
function inventMobility(
  random: Random,
  codes: readonly string[],
  ageYears: number,
  frail: boolean,
): History['mobility'] {
  const burden = codes.filter((code) => disabling.includes(code)).length + (frail ? 1 : 0) + (ageYears >= 85 ? 0.5 : 0);
  if (random.chance(burden * 0.1)) return 'bedridden';
  if (random.chance(burden * 0.25)) return 'wheelchair';
  return random.chance(0.8) ? 'walks' : undefined;
}

function inventWeight(random: Random, ageYears: number, sex: Sex): number {
  if (ageYears < 18) return Math.round(12 + ageYears * 2.6 + random.next() * 6);
  if (random.chance(0.01)) return random.whole(130, 175);
  const mean = (sex === 'male' ? 70 : 59) - (ageYears >= 80 ? 6 : 0);
  return Math.round(mean + (random.next() + random.next() + random.next() - 1.5) * 22);
}

const once = (codes: readonly Coded[]): Coded[] => [...new Map(codes.map((each) => [each.code, each])).values()];
