/** Which blind keys a resident is filed under, and which a call is looked up by: the same values on both sides. */
import type { Seal } from '../database/seal.ts';
import type { Instant } from '../domain/time.ts';
import type { FiledResident } from './file.ts';
import type { CallerFacts } from './match/decide.ts';
import { addressKey, doorKey, normaliseName } from './match/normalise.ts';
import type { PersonSaid } from './match/person.ts';

/**
 * Own and contacts' phones share one kind: a call is looked up once for both. A name alone can be common, so it is
 * also filed with each phone and with the year of birth; those pairs stay rare in a registry of any size.
 */
export function filingKeys(seal: Seal, resident: FiledResident): string[] {
  const name = normaliseName(resident.name);
  const phones = [...resident.phones, ...(resident.contacts ?? []).map((contact) => contact.phone)];
  const keys = new Set<string>([
    seal.token('name', name),
    seal.token('name-born', `${name}|${resident.birthDate.slice(0, 4)}`),
  ]);
  for (const phone of phones) {
    keys.add(seal.token('phone', phone));
    keys.add(seal.token('name-phone', `${name}|${phone}`));
  }
  for (const { deviceId } of resident.devices ?? []) keys.add(seal.token('device', deviceId));
  if (resident.idNumber) keys.add(seal.token('citizen', resident.idNumber));
  const door = resident.home ? addressKey(resident.home.address) : null;
  if (door) keys.add(seal.token('address', door));
  return [...keys];
}

/** The keys of everything the caller said that can identify someone. */
export function lookupKeys(seal: Seal, caller: CallerFacts, now: Instant): string[] {
  const keys: string[] = [];
  const name = caller.name ? normaliseName(caller.name) : '';
  if (caller.phone) keys.push(seal.token('phone', caller.phone));
  if (caller.phone && name) keys.push(seal.token('name-phone', `${name}|${caller.phone}`));
  if (caller.deviceId) keys.push(seal.token('device', caller.deviceId));
  if (caller.idNumber) keys.push(seal.token('citizen', caller.idNumber));
  const door = caller.address ? addressKey(caller.address) : null;
  if (door) keys.push(seal.token('address', door));
  if (name) keys.push(seal.token('name', name));
  if (name && caller.ageYears !== null) {
    const thisYear = new Date(now).getUTCFullYear();
    // A stated age may be nominal (虚岁) or a year off; one year either side of each birth year it allows.
    for (let year = thisYear - caller.ageYears - 2; year <= thisYear - caller.ageYears + 1; year++)
      keys.push(seal.token('name-born', `${name}|${year}`));
  }
  return keys;
}

/** What a call is found by from a report of its patient: a name mistyped is found by the day of birth, a day misread by the name. Each of its own kind, before it is made blind. */
export function callKeyValues({ name, birthDate, idNumber, phones, address }: PersonSaid): string[] {
  const said = name === null ? '' : normaliseName(name);
  const door = address === null ? null : doorKey(address);
  return [
    ...(said ? [`name|${said}`] : []),
    ...(birthDate === null ? [] : [`born|${birthDate}`]),
    ...(idNumber === null ? [] : [`citizen|${idNumber}`]),
    ...phones.map((phone) => `phone|${phone}`),
    ...(door === null ? [] : [`door|${door}`]),
  ];
}

/** Not the keys residents are filed under: a dump shows nobody which calls were whose. */
export const callKeys = (seal: Seal, person: PersonSaid): string[] =>
  callKeyValues(person).map((value) => seal.token('call', value));
