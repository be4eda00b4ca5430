/** Invented calls about an invented population, with the faults real ones have, and the patient each is truly about. */
import type { Position } from '../src/domain/position.ts';
import type { Instant } from '../src/domain/time.ts';
import { ageInYears } from '../src/domain/time.ts';
import type { CallerRelation, Sex } from '../src/domain/vocabulary.ts';
import type { CallerFacts } from '../src/residents/match/decide.ts';
import type { Resident } from '../src/residents/schema.ts';
import { inventHome, inventPerson } from './population.ts';
import type { Random } from './random.ts';
import { seededRandom, weighted } from './random.ts';
import { givenFemale, givenMale, mistakenFor } from './words.ts';

export interface TestCall {
  readonly caller: CallerFacts;
  /** The filed patient, or null where the patient is not filed. */
  readonly patient: string | null;
  readonly kind: string;
}

type Place = { readonly address: string; readonly position: Position };
interface Patient {
  readonly name: string;
  readonly sex: Sex;
  readonly birthDate: string;
  readonly idNumber?: string | undefined;
}

const relations = weighted<CallerRelation>([
  ['self', 36],
  ['family', 40],
  ['bystander', 9],
  ['staff', 3],
  ['unknown', 12],
]);
const radii = weighted<number | null>([
  [20, 35],
  [50, 25],
  [150, 15],
  [500, 12],
  [1500, 8],
  [null, 5],
]);

/** No filed number begins like this, so it is nobody's. */
const newNumber = (random: Random) => `+86177${String(random.below(100_000_000)).padStart(8, '0')}`;
const numeral = (n: string) =>
  n.length > 2 ? [...n].map((d) => '〇一二三四五六七八九'.charAt(Number(d))).join('') : spell(Number(n));
const spell = (n: number) => {
  const digit = (d: number) => '〇一二三四五六七八九'.charAt(d);
  if (n < 10) return digit(n);
  return (n < 20 ? '' : digit(Math.floor(n / 10))) + (n % 10 === 0 ? '十' : `十${digit(n % 10)}`);
};
const wide = (text: string) => text.replace(/\d/gu, (d) => String.fromCharCode(d.charCodeAt(0) + 0xfee0));

/** Writes an address another way, leaves the room out, gets a character or a digit wrong. */
export function restate(random: Random, filed: string): string {
  let text = filed.replace(/^(北京市)?西城区/u, '');
  const typo = random.chance(0.07);
  if (typo) {
    const letters = /^[^\d]+/u.exec(text)?.[0].length ?? 0;
    const at = random.below(Math.max(1, letters));
    const other = random.pick([...'里街路东西南北门外内小大新红光华']);
    text = text.slice(0, at) + (random.chance(0.3) ? '' : other) + text.slice(at + 1);
  }
  if (random.chance(0.03))
    text = text.replace(/(\d+)(?=室$|号$)/u, (n) => String(Number(n) + random.pick([-1, 1, 100])));
  const door = /(\d+)号楼(\d+)单元(\d+)室$/u.exec(text);
  if (door) {
    const [whole, building, unit, room] = door as unknown as [string, string, string, string];
    const body = text.slice(0, -whole.length);
    const forms = [
      whole,
      `${building}号楼${unit}单元${room}`,
      `${building}栋${unit}门${room}`,
      `${building}楼${unit}门${room}号`,
      `${building}-${unit}-${room}`,
      `${building}#楼${unit}-${room}`,
      `${numeral(building)}号楼${numeral(unit)}单元${numeral(room)}室`,
      wide(whole),
    ];
    text =
      body +
      (random.chance(0.15) ? `${building}号楼` : random.chance(0.1) ? `${building}号楼${room}` : random.pick(forms));
  }
  return random.pick(['', '', '北京市西城区', '西城区', '北京 西城 '.replace(/ /gu, '')]) + text;
}

/** What the caller makes of a name. */
function misname(random: Random, name: string): string {
  const draw = random.next();
  const letters = [...name];
  const at = 1 + random.below(Math.max(1, letters.length - 1));
  if (draw < 0.07) {
    const letter = letters[at] ?? '';
    letters[at] = mistakenFor[letter] ?? random.pick([...givenFemale, ...givenMale]);
    return letters.join('');
  }
  if (draw < 0.085 && letters.length > 2) return letters.filter((_, i) => i !== at).join('');
  if (draw < 0.145) return letters[0] + random.pick(['奶奶', '大爷', '阿姨', '先生', '女士', '老师']);
  if (draw < 0.155) return `小${random.pick([...givenFemale])}${random.pick([...givenMale])}`;
  return draw < 0.17 ? letters.join(' ') : name;
}

function misage(random: Random, age: number): number {
  const draw = random.next();
  const sign = random.chance(0.5) ? 1 : -1;
  if (draw < 0.58) return age;
  if (draw < 0.82) return Math.max(0, age + (random.chance(0.7) ? 1 + random.below(2) : -1));
  if (draw < 0.95) return Math.max(0, age + sign * (3 + random.below(3)));
  return Math.max(0, Math.round(age / 10) * 10);
}

function fix(random: Random, at: Position): { position: Position; uncertaintyMetres: number | null } {
  const uncertaintyMetres = radii(random);
  // The stated radius holds in about two of three fixes, as a standard deviation does; one in twenty is far outside.
  const metres = (uncertaintyMetres ?? 100) * (random.chance(0.05) ? 4 : 0.65);
  const position: Position = {
    lon: at.lon + (metres * random.normal()) / 85_300,
    lat: at.lat + (metres * random.normal()) / 111_195,
    crs: 'wgs84',
  };
  return { position, uncertaintyMetres };
}

const placeOf = (home: NonNullable<Resident['home']>): Place => ({
  address: home.address,
  position: { ...(home.position as { lon: number; lat: number }), crs: 'wgs84' },
});

/** Draws calls; 70 in 100 are about somebody filed. */
export class Calls {
  readonly #residents: readonly Resident[];
  readonly #random: Random;
  readonly #now: Instant;

  constructor(residents: readonly Resident[], seed: number, now: Instant) {
    this.#residents = residents;
    this.#random = seededRandom(seed);
    this.#now = now;
  }

  next(): TestCall {
    return this.#random.chance(0.7) ? this.#filed() : this.#unfiled();
  }

  /** Puts into words what is known of patient and place; each thing is often not asked, or not known. */
  #facts(
    patient: Patient,
    place: Place,
    phone: string | null,
    relation: CallerRelation,
    callerIsThere: boolean,
  ): CallerFacts {
    const random = this.#random;
    const located = random.chance(0.75)
      ? fix(random, callerIsThere ? place.position : placeOf(inventHome(random)).position)
      : { position: null, uncertaintyMetres: null };
    const knows = relation === 'bystander' ? 0.3 : 1;
    return {
      phone,
      deviceId: null,
      idNumber: random.chance(0.04 * knows) ? (patient.idNumber ?? null) : null,
      residentId: null,
      name: random.chance(0.55 * knows) ? misname(random, patient.name) : null,
      ageYears: random.chance(0.6) ? misage(random, ageInYears(patient.birthDate, this.#now)) : null,
      sex: random.chance(0.8) ? (random.chance(0.006) ? 'female' : patient.sex) : null,
      address: random.chance(0.7) ? restate(random, place.address) : null,
      ...located,
      relation,
    };
  }

  #filed(): TestCall {
    const random = this.#random;
    const resident = random.pick(this.#residents);
    const at = placeOf(resident.home as NonNullable<Resident['home']>);
    const [device] = resident.devices ?? [];
    if (device && random.chance(0.4)) {
      const place = random.chance(0.9) ? at : placeOf(inventHome(random));
      const caller = this.#facts(resident, place, null, 'unknown', true);
      const voice = random.chance(0.5) ? {} : { name: null, ageYears: null, sex: null, address: null, idNumber: null };
      return {
        caller: { ...caller, ...voice, deviceId: device.deviceId },
        patient: resident.residentId,
        kind: 'device',
      };
    }
    const housed = resident.contacts?.find((c) => c.relation === 'staff');
    const relation = housed && random.chance(0.7) ? 'staff' : relations(random);
    const draw = random.next();
    const place = draw < 0.8 ? at : placeOf(inventHome(random));
    const { phone, kind } = this.#phoneFor(resident, relation);
    const callerIsThere = relation !== 'family' || random.chance(0.65);
    const moved = draw >= 0.8 ? (draw < 0.84 ? ', moved' : ', away') : '';
    return {
      caller: this.#facts(resident, place, phone, relation, callerIsThere),
      patient: resident.residentId,
      kind: kind + moved,
    };
  }

  #phoneFor(resident: Resident, relation: CallerRelation): { phone: string | null; kind: string } {
    const random = this.#random;
    const draw = random.next();
    const own = random.pick(resident.phones);
    const contacts = resident.contacts ?? [];
    const contact = contacts.length > 0 ? random.pick(contacts).phone : null;
    const unknown = { phone: newNumber(random), kind: 'unfiled number' };
    const asOwn = { phone: own ?? null, kind: 'own number' };
    const asContact = contact === null ? unknown : { phone: contact, kind: 'contact number' };
    const neighbour = { phone: random.pick(random.pick(this.#residents).phones) ?? null, kind: "neighbour's number" };
    if (relation === 'self') return draw < 0.84 ? asOwn : draw < 0.88 ? asContact : unknown;
    if (relation === 'family') return draw < 0.6 ? asContact : draw < 0.75 ? asOwn : unknown;
    if (relation === 'staff')
      return draw < 0.75 ? { phone: resident.phones.at(-1) ?? null, kind: 'switchboard' } : unknown;
    if (relation === 'bystander')
      return draw < 0.07 ? asOwn : draw < 0.11 ? asContact : draw < 0.19 ? neighbour : unknown;
    return draw < 0.4 ? asOwn : draw < 0.7 ? asContact : draw < 0.73 ? neighbour : unknown;
  }

  /** The patient is not filed, and half of the time something about the call is: the number, the door. */
  #unfiled(): TestCall {
    const random = this.#random;
    const near = random.pick(this.#residents);
    const at = placeOf(near.home as NonNullable<Resident['home']>);
    const sex = random.chance(0.5) ? 'female' : 'male';
    const old = random.chance(0.5);
    const stranger = inventPerson(random, old ? 60 + random.below(35) : random.below(90), sex);
    const phone = random.pick(near.phones) ?? null;
    const elsewhere = placeOf(inventHome(random));
    const make = (
      kind: string,
      place: Place,
      number: string | null,
      relation: CallerRelation,
      patient: Patient = stranger,
    ) => ({
      caller: this.#facts(patient, place, number, relation, true),
      patient: null,
      kind: `unfiled: ${kind}`,
    });
    const draw = random.next();
    if (draw < 0.5) return make('stranger', elsewhere, newNumber(random), relations(random));
    if (draw < 0.64 && !near.livesAlone) {
      const years = ageInYears(near.birthDate, this.#now) + random.below(7) - 3;
      const spouse = inventPerson(random, years, near.sex === 'male' ? 'female' : 'male');
      const number = random.chance(0.7) ? phone : newNumber(random);
      return make('of the same household', at, number, random.chance(0.5) ? 'self' : 'family', spouse);
    }
    if (draw < 0.76) {
      const nextDoor = at.address.replace(/\d(?=室$|号$)/u, (d) => String((Number(d) + 1) % 10));
      const place = random.chance(0.4) ? { ...at, address: nextDoor } : elsewhere;
      return make('resident calls for another', place, phone, random.chance(0.6) ? 'bystander' : 'unknown');
    }
    if (draw < 0.85) {
      const contacts = near.contacts ?? [];
      const number = contacts.length > 0 ? random.pick(contacts).phone : newNumber(random);
      return make('contact calls for another', elsewhere, number, random.chance(0.6) ? 'family' : 'bystander');
    }
    if (draw < 0.92) return make('number given on', elsewhere, phone, 'self');
    return make('new tenant', at, newNumber(random), relations(random));
  }
}
