/** A Patient resource → what it says about a resident. Pure; what the registry here cannot use is named, not repaired. */
import { normalisePhone } from '../../domain/phone.ts';
import type { Sex } from '../../domain/vocabulary.ts';
import type { Resident } from '../../residents/schema.ts';
import { arrayOf, isObject, type Json } from './bundle.ts';
import { residentIdOf } from './ids.ts';
import { CITIZEN_NUMBER, genders, identifierSystems, terminologies } from './table.ts';
import { codingsOf, dayOf, type Reading, targetOf, textOf } from './values.ts';

export interface Identified {
  readonly system: string;
  readonly value: string;
}

export interface PatientGiven {
  readonly index: number;
  /** Said outright, by our own identifier or by a PUT. */
  readonly residentId: string | null;
  /** What else tells who it is, the surest first. */
  readonly identifiers: readonly Identified[];
  /** A create or update that depends on who is filed already: `identifier=…`. */
  readonly condition: string | null;
  readonly method: 'POST' | 'PUT';
  readonly fullUrl: string | null;
  /** Without `residentId`; only what was said. */
  readonly fields: Omit<Resident, 'residentId' | 'history'>;
  /** What was left out and why; shown with the answer. */
  readonly notes: readonly string[];
}

const GEOLOCATION = 'http://hl7.org/fhir/StructureDefinition/geolocation';
const PHONES_AT_MOST = 10;
const HAN = /\p{Script=Han}/u;

export function readPatient(reading: Reading): PatientGiven | null {
  const { entry, refuse } = reading;
  const { resource, at } = entry;
  const notes: string[] = [];
  const name = nameOf(resource);
  if (!name) refuse(`${at}.name`, 'is missing');
  const birthDate = textOf(resource.birthDate);
  if (!birthDate || !/^\d{4}-\d\d-\d\d$/.test(birthDate) || dayOf(birthDate) === null)
    refuse(`${at}.birthDate`, 'has to be a whole date: matching goes by it');
  const gender = resource.gender ?? 'unknown';
  if (typeof gender !== 'string' || !Object.hasOwn(genders, gender))
    refuse(`${at}.gender`, `has to be one of ${Object.keys(genders).join(', ')}`);
  refuseBadDeath(reading, birthDate ?? '');

  const identifiers = identifiersOf(resource);
  const own = identifiers.find(({ system }) => system === identifierSystems.resident)?.value ?? null;
  const idNumber = identifiers.find(({ system }) => system === CITIZEN_NUMBER)?.value;
  const residentId = own ?? (entry.id === null ? null : residentIdOf(entry.id));
  if (own !== null && entry.id !== null && own !== residentIdOf(entry.id))
    refuse(`${at}.identifier`, 'names another resident than the URL of the request');
  if (!name || !birthDate) return null;
  if (resource.deceasedDateTime !== undefined || resource.deceasedBoolean === true)
    notes.push('the death is not filed: a file is closed by what a hospital reports of a call');

  const devices = identifiers
    .filter(({ system }) => system === identifierSystems.device)
    .map(({ value }) => ({ deviceId: value, kind: 'one-key' }));
  const home = homeOf(resource);
  const contacts = contactsOf(resource, notes);
  const doctor = referred(reading, arrayOf(resource.generalPractitioner)[0], 'Practitioner', identifierSystems.doctor);
  const centre = referred(reading, resource.managingOrganization, 'Organization', identifierSystems.centre);
  return {
    index: entry.index,
    residentId,
    identifiers: identifiers.filter(({ system }) => !system.startsWith('urn:precision-dispatch:')).sort(surestFirst),
    condition: entry.condition,
    method: entry.method,
    fullUrl: entry.fullUrl,
    fields: {
      name,
      sex: gender as Sex,
      birthDate,
      ...(idNumber ? { idNumber } : {}),
      phones: phonesOf(resource, notes),
      ...(devices.length ? { devices } : {}),
      ...(home ? { home } : {}),
      ...(contacts.length ? { contacts } : {}),
      ...(doctor ? { familyDoctorId: doctor } : {}),
      ...(centre ? { communityCentreId: centre } : {}),
    },
    notes,
  };
}

const surestFirst = (a: Identified, b: Identified): number =>
  Number(b.system === CITIZEN_NUMBER) - Number(a.system === CITIZEN_NUMBER);

/** A death that lies before the birth, is no date, or is said in a way that cannot be read. */
export function refuseBadDeath({ entry, refuse }: Reading, birthDate: string): void {
  const { deceasedDateTime, deceasedBoolean } = entry.resource;
  if (deceasedBoolean !== undefined && typeof deceasedBoolean !== 'boolean')
    refuse(`${entry.at}.deceasedBoolean`, 'has to be true or false');
  if (deceasedBoolean !== undefined && deceasedDateTime !== undefined)
    refuse(`${entry.at}.deceasedBoolean`, 'stands beside deceasedDateTime: one of the two says it');
  if (deceasedDateTime === undefined) return;
  const died = dayOf(deceasedDateTime);
  const at = `${entry.at}.deceasedDateTime`;
  if (died === null) refuse(at, 'is not a date');
  // As far as both are told: a death in 1984 does not lie before a birth in June of it.
  else if (died.slice(0, String(deceasedDateTime).length) < birthDate.slice(0, String(deceasedDateTime).length))
    refuse(at, 'lies before birthDate');
}

/** Everything in `identifier` that has system and value; a citizen number is also known by its type. */
function identifiersOf(resource: Json): Identified[] {
  return arrayOf(resource.identifier).flatMap((each) => {
    if (!isObject(each) || each.use === 'old') return [];
    const value = textOf(each.value);
    const isCitizens = codingsOf(each.type).some(
      ({ system, code }) => system === terminologies.identifierType && code === 'NNCHN',
    );
    const system = isCitizens ? CITIZEN_NUMBER : textOf(each.system);
    return system && value ? [{ system, value }] : [];
  });
}

const nameOrder = ['official', 'usual', undefined, 'temp', 'nickname', 'anonymous'];

/** The name in use. Chinese names stand together, others with a space between. */
export function nameOf(resource: Json): string | null {
  const names = arrayOf(resource.name).filter(isObject);
  const place = (name: Json) => nameOrder.indexOf(name.use as string | undefined);
  const [name] = names.filter((each) => place(each) !== -1).sort((a, b) => place(a) - place(b));
  if (!name) return null;
  const text = textOf(name.text);
  if (text) return text.trim();
  const family = textOf(name.family)?.trim();
  const given = arrayOf(name.given).flatMap((each) => textOf(each)?.trim() ?? []);
  const parts = HAN.test(family ?? given.join('')) ? [family, ...given] : [...given, family];
  const joint = HAN.test(family ?? given.join('')) ? '' : ' ';
  return parts.filter((part) => part !== undefined).join(joint) || null;
}

function phonesOf(resource: Json, notes: string[]): string[] {
  const phones = new Set<string>();
  for (const each of arrayOf(resource.telecom)) {
    if (!isObject(each) || !['phone', 'sms'].includes(String(each.system)) || each.use === 'old') continue;
    const number = normalisePhone(String(each.value ?? ''));
    if (number) phones.add(number);
    else notes.push('a phone that no caller can have was left out');
  }
  return [...phones].slice(0, PHONES_AT_MOST);
}

function contactsOf(resource: Json, notes: string[]): NonNullable<Resident['contacts']> {
  return arrayOf(resource.contact).flatMap((each) => {
    if (!isObject(each)) return [];
    const [phone] = phonesOf(each, notes);
    const name = nameOf({ name: [each.name] });
    if (!phone || !name) {
      notes.push('a contact without a name or a number that can be called was left out');
      return [];
    }
    const [relationship] = arrayOf(each.relationship);
    const relation = (isObject(relationship) && textOf(relationship.text)) || codingsOf(relationship)[0]?.display;
    return [{ name, phone, ...(relation ? { relation: relation.slice(0, 40) } : {}) }];
  });
}

/** The home: of several addresses the one called home, else the first. FHIR's geolocation is WGS-84. */
function homeOf(resource: Json): NonNullable<Resident['home']> | null {
  const addresses = arrayOf(resource.address)
    .filter(isObject)
    .filter(({ use }) => use !== 'old' && use !== 'billing');
  const address = addresses.find(({ use }) => use === 'home') ?? addresses[0];
  if (!address) return null;
  const lines = arrayOf(address.line).flatMap((line) => textOf(line) ?? []);
  const around = [address.state, address.city, address.district].flatMap((part) => textOf(part) ?? []);
  const western = [...lines, ...[...around].reverse(), ...[address.postalCode, address.country]]
    .flatMap((part) => textOf(part) ?? [])
    .join(', ');
  const written = textOf(address.text) ?? (HAN.test(lines.join('')) ? [...around, ...lines].join('') : western);
  if (!written) return null;
  const code = textOf(address.district);
  const place = arrayOf(address.extension).find((each) => isObject(each) && each.url === GEOLOCATION);
  const degrees = (which: string) => {
    const found = arrayOf((place as Json | undefined)?.extension).find((each) => isObject(each) && each.url === which);
    const value = (found as Json | undefined)?.valueDecimal;
    return typeof value === 'number' ? value : null;
  };
  const [lat, lon] = [degrees('latitude'), degrees('longitude')];
  return {
    address: written,
    ...(code && /^\d{9}$/.test(code) ? { subdistrictCode: code } : {}),
    ...(lat !== null && lon !== null ? { position: { lon, lat, crs: 'wgs84' } } : {}),
  };
}

/** Our id of somebody referred to: by our identifier, or by the id on this server. */
function referred(reading: Reading, reference: unknown, type: string, system: string): string | null {
  const target = targetOf(reading, reference);
  if (!target) return null;
  if (target.in === 'server' && target.type === type) return residentIdOf(target.id);
  if (target.in === 'search') {
    const [, value] = new URLSearchParams(target.query).get('identifier')?.match(`^${system}\\|(.+)$`) ?? [];
    return value ?? null;
  }
  if (target.in !== 'bundle') return null;
  const found = arrayOf(target.entry.resource.identifier).find((each) => isObject(each) && each.system === system);
  return textOf((found as Json | undefined)?.value) ?? null;
}
