/** Whether two statements speak of the same person: bits of evidence, field by field, with the weights calls are matched by. Pure. */
import type { Instant } from '../../domain/time.ts';
import { ageInYears } from '../../domain/time.ts';
import type { Sex } from '../../domain/vocabulary.ts';
import { normaliseName } from './normalise.ts';
import { editDistance, nameLevel, statedName } from './similarity.ts';
import { type Rate, rates } from './weights.ts';

/** What is said of a person, by whoever; null or empty: not said. Phones are E.164. */
export interface PersonSaid {
  readonly name: string | null;
  readonly birthDate: string | null;
  readonly ageYears: number | null;
  readonly sex: Sex | null;
  readonly idNumber: string | null;
  readonly phones: readonly string[];
}

export interface PersonEvidence {
  readonly field: 'idNumber' | 'name' | 'birthDate' | 'age' | 'sex' | 'phone';
  readonly agreement: string;
  readonly bits: number;
}

/**
 * Judged, as no confirmed pairs are at hand: two records of one person disagree on a citizen number or a date of birth
 * when one was copied wrongly; those of two people agree on a day in 10,000 (births of the old spread over some 40 years).
 * A phone belongs to a household, so its agreement says no more than a first name does.
 */
const own = {
  idNumber: { agree: { m: 0.96, u: 1e-7 }, slip: { m: 0.03, u: 1e-5 }, differ: { m: 0.01, u: 1 } },
  birthDate: { exact: { m: 0.94, u: 1e-4 }, slip: { m: 0.04, u: 0.004 }, differ: { m: 0.02, u: 0.995 } },
  phone: { agree: { m: 0.6, u: 0.002 }, differ: { m: 0.4, u: 0.998 } },
} as const;

/** Evidence in bits, log2(m/u) a field; what one side does not say has none. `now`: when ages were stated. */
export function personEvidence(a: PersonSaid, b: PersonSaid, now: Instant): PersonEvidence[] {
  const found: PersonEvidence[] = [];
  const say = (field: PersonEvidence['field'], agreement: string, { m, u }: Rate) =>
    found.push({ field, agreement, bits: Math.log2(m / u) });
  if (a.idNumber !== null && b.idNumber !== null) {
    const level = slipLevel(a.idNumber, b.idNumber);
    say('idNumber', level, own.idNumber[level]);
  }
  if (a.name !== null && b.name !== null) {
    const level = nameLevel(statedName(a.name), normaliseName(b.name));
    say('name', level, rates.name[level]);
  }
  if (a.birthDate !== null && b.birthDate !== null) {
    const level = slipLevel(a.birthDate, b.birthDate);
    const birth = level === 'agree' ? 'exact' : level;
    say('birthDate', birth, own.birthDate[birth]);
  } else {
    const ages = [a, b].map((one) => (one.birthDate === null ? one.ageYears : ageInYears(one.birthDate, now)));
    const [first, second] = ages as [number | null, number | null];
    if (first !== null && second !== null) {
      const years = Math.abs(first - second);
      const level =
        years < 1 ? 'exact' : years <= 2 ? 'within2' : years <= 5 ? 'within5' : years <= 10 ? 'within10' : 'beyond';
      say('age', level, rates.age[level]);
    }
  }
  if (isSex(a.sex) && isSex(b.sex)) {
    const level = a.sex === b.sex ? 'agree' : 'differ';
    say('sex', level, rates.sex[level]);
  }
  if (a.phones.length > 0 && b.phones.length > 0) {
    const level = a.phones.some((phone) => b.phones.includes(phone)) ? 'agree' : 'differ';
    say('phone', level, own.phone[level]);
  }
  return found;
}

export const bitsOf = (evidence: readonly PersonEvidence[]): number =>
  evidence.reduce((sum, { bits }) => sum + bits, 0);

const isSex = (sex: Sex | null) => sex === 'female' || sex === 'male';

/** The same, or one character away (a digit mistyped, two exchanged), or another. */
function slipLevel(a: string, b: string): 'agree' | 'slip' | 'differ' {
  if (a === b) return 'agree';
  return editDistance(a, b) === 1 ? 'slip' : 'differ';
}
