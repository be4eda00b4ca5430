/** Whom the accounts of one call speak of: those that may be of one person are read together, then laid beside what a report says. Pure. */
import type { PersonEvidence, PersonSaid } from '../residents/match/person.ts';

export type ComparePersons = (a: PersonSaid, b: PersonSaid) => readonly PersonEvidence[];

/** Fields that say who somebody is; age and sex alone describe many. */
export const NAMING: ReadonlySet<string> = new Set(['idNumber', 'name', 'birthDate', 'phone', 'address']);
const namesSomebody = ({ name, birthDate, idNumber }: PersonSaid) => (name ?? birthDate ?? idNumber) !== null;

/**
 * The evidence that a report is of the patient of a call. The caller's words, a card, the filed resident and earlier reports
 * are accounts of one patient, unless they speak against each other: a spouse's file, a wrong match. So they are
 * gathered into persons, and the person that fits best counts, with everything said of him: a caller's bare surname must
 * not agree with a report that the card he belongs to contradicts.
 */
export function samePerson(
  report: PersonSaid,
  accounts: readonly PersonSaid[],
  compare: ComparePersons,
): readonly PersonEvidence[] {
  const persons = gather(accounts, compare);
  // An account that names nobody contradicts nothing, and must not stand in for one that does.
  const named = persons.filter((person) => person.some(namesSomebody));
  const evidence = (named.length > 0 ? named : persons).map((person) => together(report, person, compare));
  return evidence.sort((a, b) => bitsOf(b) - bitsOf(a))[0] ?? [];
}

const bitsOf = (evidence: readonly PersonEvidence[]) => evidence.reduce((sum, { bits }) => sum + bits, 0);

/** Accounts of one call are of one person more often than not, so they are taken to be where nothing speaks against it. */
function gather(accounts: readonly PersonSaid[], compare: ComparePersons): PersonSaid[][] {
  const persons: PersonSaid[][] = [];
  for (const account of accounts) {
    const fits = (person: readonly PersonSaid[]) => person.every((other) => bitsOf(compare(account, other)) >= 0);
    const of = persons.filter(fits);
    if (of.length === 0) persons.push([account]);
    for (const person of of) person.push(account);
  }
  return persons;
}

/** Each field as the account that agrees best has it; a day of birth overrules what was guessed of the age. */
function together(report: PersonSaid, person: readonly PersonSaid[], compare: ComparePersons): PersonEvidence[] {
  const best = new Map<PersonEvidence['field'], PersonEvidence>();
  for (const account of person)
    for (const evidence of compare(report, account)) {
      const before = best.get(evidence.field);
      if (!before || evidence.bits > before.bits) best.set(evidence.field, evidence);
    }
  if (best.has('birthDate')) best.delete('age');
  return [...best.values()];
}
