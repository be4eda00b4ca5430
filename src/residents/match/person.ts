/** Whether two statements speak of the same person: bits of evidence, field by field, with the weights calls are matched by. Pure. */

import { isSlip } from '../../domain/slip.ts';
import type { Instant } from '../../domain/time.ts';
import { ageInYears } from '../../domain/time.ts';
import type { Sex } from '../../domain/vocabulary.ts';
import { type AddressParts, normaliseName } from './normalise.ts';
import { addressLevel, nameLevel, statedName } from './similarity.ts';
import { type Rate, rates } from './weights.ts';

/** What is said of a person, by whoever; null or empty: not said. Phones are E.164. */
export interface PersonSaid {
  readonly name: string | null;
  readonly birthDate: string | null;
  readonly ageYears: number | null;
  readonly sex: Sex | null;
  readonly idNumber: string | null;
  readonly phones: readonly string[];
  /** Where the person lives; of a caller, where help is to come, which mostly is the same. */
  readonly address: AddressParts | null;
}

export const nobodySaid: PersonSaid = {
  name: null,
  birthDate: null,
  ageYears: null,
  sex: null,
  idNumber: null,
  phones: [],
  address: null,
};

export interface PersonEvidence {
  readonly field: 'idNumber' | 'name' | 'birthDate' | 'age' | 'sex' | 'phone' | 'address';
  readonly agreement: string;
  readonly bits: number;
}

/**
 * Judged, as no confirmed pairs are at hand: two records of one person disagree on a citizen number or a date of birth
 * when one was copied wrongly; those of two people agree on a day in 10,000 (births of the old spread over some 40 years).
 * A phone belongs to a household, so its agreement says no more than a first name does; so does a door, where one
 * in three falls ill elsewhere, or is registered elsewhere. A surname with another given name is a name of two characters
 * of which one is wrong, at best: callers give bare surnames, cards and hospitals do not. A neighbour's door is judged among neighbours.
 */
const own = {
  idNumber: { agree: { m: 0.96, u: 1e-7 }, slip: { m: 0.03, u: 1e-5 }, differ: { m: 0.01, u: 1 } },
  birthDate: { exact: { m: 0.94, u: 1e-4 }, slip: { m: 0.04, u: 0.004 }, differ: { m: 0.02, u: 0.995 } },
  otherGivenName: { m: 0.01, u: 0.037 },
  phone: { agree: { m: 0.6, u: 0.002 }, differ: { m: 0.4, u: 0.998 } },
  address: {
    'same-door': { m: 0.5, u: 0.001 },
    'same-building': { m: 0.1, u: 0.002 },
    'same-street': { m: 0.03, u: 0.016 },
    'other-door': { m: 0.02, u: 0.02 },
    different: { m: 0.35, u: 0.96 },
  },
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
    const stated = statedName(a.name);
    const level = nameLevel(stated, normaliseName(b.name));
    const isOtherGivenName = level === 'surname' && !stated.surnameOnly && !statedName(b.name).surnameOnly;
    say('name', level, isOtherGivenName ? own.otherGivenName : rates.name[level]);
  }
  if (a.birthDate !== null && b.birthDate !== null) {
    const level = daysExchanged(a.birthDate, b.birthDate) ? 'slip' : slipLevel(a.birthDate, b.birthDate);
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
  if (a.address?.area && b.address?.area) {
    const level = addressLevel(a.address, b.address);
    say('address', level, own.address[level]);
  }
  return found;
}

export const bitsOf = (evidence: readonly PersonEvidence[]): number =>
  evidence.reduce((sum, { bits }) => sum + bits, 0);

const isSex = (sex: Sex | null) => sex === 'female' || sex === 'male';

/** 1941-03-02 written for 1941-02-03. */
const daysExchanged = (a: string, b: string) => a !== b && `${a.slice(0, 4)}-${a.slice(8)}-${a.slice(5, 7)}` === b;

/** The same, or one character away (a digit mistyped, two exchanged), or another. */
function slipLevel(a: string, b: string): 'agree' | 'slip' | 'differ' {
  if (a === b) return 'agree';
  return isSlip(a, b) ? 'slip' : 'differ';
}
