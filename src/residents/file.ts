/** Filing: a resident as it comes in becomes a resident as it is kept. Pure; refuses, never repairs what it cannot read. */
import { parseCitizenNumber } from '../domain/citizen-number.ts';
import { type FieldProblem, Problem } from '../domain/errors.ts';
import { normalisePhone } from '../domain/phone.ts';
import { type Position, type PositionInput, toWgs84 } from '../domain/position.ts';
import { type Instant, rfc3339 } from '../domain/time.ts';
import type { Resident } from './schema.ts';

/** A resident as kept: phones E.164, home in WGS-84 with the pair that was given beside it, filing time set. */
export interface FiledResident extends Omit<Resident, 'home' | 'filedAt'> {
  readonly filedAt: string;
  readonly home?: Omit<NonNullable<Resident['home']>, 'position'> & {
    readonly position?: Position;
    readonly rawPosition?: PositionInput;
  };
}

/** A registry's clock may run ahead by this much. */
const CLOCK_SKEW_MS = 60_000;

/** Throws a `Problem` naming every field at fault. */
export function fileResident(given: Resident, now: Instant): FiledResident {
  const problems: FieldProblem[] = [];
  const phone = (value: string, field: string) => {
    const number = normalisePhone(value);
    if (!number) problems.push({ field, detail: 'is not a valid phone number' });
    return number ?? '';
  };
  const phones = given.phones.map((value, i) => phone(value, `phones[${i}]`));
  const contacts = given.contacts?.map((contact, i) => ({
    ...contact,
    phone: phone(contact.phone, `contacts[${i}].phone`),
  }));

  let idNumber: string | undefined;
  if (given.idNumber !== undefined) {
    const parsed = parseCitizenNumber(given.idNumber);
    if (!parsed) problems.push({ field: 'idNumber', detail: 'fails the check of GB 11643' });
    else if (parsed.birthDate !== given.birthDate)
      problems.push({ field: 'idNumber', detail: 'carries another birth date than birthDate' });
    idNumber = parsed?.number;
  }
  if (given.name.trim() === '') problems.push({ field: 'name', detail: 'is blank' });
  for (const field of ['birthDate', 'filedAt', 'confirmedAt'] as const) {
    const time = given[field];
    // A file confirmed in the future would never count as stale.
    if (time !== undefined && Date.parse(time) > now + CLOCK_SKEW_MS)
      problems.push({ field, detail: 'lies in the future' });
  }
  if (problems.length) throw new Problem(codeFor(problems), problems);

  const { home, ...rest } = given;
  return {
    ...rest,
    phones,
    ...(contacts ? { contacts } : {}),
    ...(idNumber ? { idNumber } : {}),
    ...(home ? { home: keepHome(home) } : {}),
    filedAt: given.filedAt ?? rfc3339(now),
  };
}

function keepHome(home: NonNullable<Resident['home']>): NonNullable<FiledResident['home']> {
  const { position, ...rest } = home;
  return position ? { ...rest, position: toWgs84(position), rawPosition: position } : rest;
}

function codeFor(problems: readonly FieldProblem[]) {
  if (problems.every((p) => p.field === 'idNumber')) return 'bad-citizen-number';
  if (problems.every((p) => p.field.includes('phone'))) return 'bad-phone';
  return 'invalid-field';
}
