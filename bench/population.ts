/** An invented population of filed residents: households, couples, shared phones, nursing homes. The same for the same seed. */
import { checkDigit } from '../src/domain/citizen-number.ts';
import type { Resident } from '../src/residents/schema.ts';
import type { Random } from './random.ts';
import { seededRandom, weighted } from './random.ts';
import { areas, conditions, givenFemale, givenMale, medications, surnames } from './words.ts';

type Person = Pick<Resident, 'name' | 'sex' | 'birthDate'> & {
  readonly sex: 'female' | 'male';
  readonly surname: string;
};
type HomeOf = NonNullable<Resident['home']>;

const surname = weighted(surnames);
const YEAR = 2025;
const FILED_AT = Date.UTC(YEAR, 0, 1);
const DAY_MS = 86_400_000;
const METRES_PER_DEGREE = 111_195;

/** Numbers no two people share: each counter is spread over its range by a multiplier coprime to it. */
class Numbers {
  #mobiles = 0;
  #landlines = 0;
  readonly #births = new Map<string, number>();

  mobile(): string {
    const n = this.#mobiles++;
    const prefix = ['138', '139', '136', '137', '135', '150', '151', '159', '186', '188'][n % 10] as string;
    return `+86${prefix}${String((n * 61_803_399 + 12_345_678) % 100_000_000).padStart(8, '0')}`;
  }

  landline(): string {
    const n = this.#landlines++;
    return `+86106${String((n * 6_180_339 + 3_141_593) % 10_000_000).padStart(7, '0')}`;
  }

  /** The area code moves on when a day's 500 numbers of one sex are used up. */
  citizen(birthDate: string, sex: 'female' | 'male'): string {
    const day = birthDate.replaceAll('-', '');
    const used = this.#births.get(day + sex) ?? 0;
    this.#births.set(day + sex, used + 1);
    const area = 110_101 + Math.floor(used / 500);
    const sequence = (used % 500) * 2 + (sex === 'male' ? 1 : 0);
    const first17 = `${area}${day}${String(sequence).padStart(3, '0')}`;
    return first17 + checkDigit(first17);
  }
}

/** Someone of about that age; given names have two characters in three of four, more often among the young. */
export function inventPerson(random: Random, years: number, sex: 'female' | 'male', family = surname(random)): Person {
  const given = sex === 'female' ? givenFemale : givenMale;
  const letter = () => given.charAt(random.below(given.length));
  const first = letter();
  const born = new Date(Date.UTC(YEAR - Math.max(0, years), 0, 1) - random.below(365) * DAY_MS);
  return {
    name: family + first + (random.chance(0.75) ? letter() : ''),
    sex,
    birthDate: born.toISOString().slice(0, 10),
    surname: family,
  };
}

const oldAge = (random: Random) => Math.round(Math.min(101, Math.max(60, 73 + 9 * random.normal())));
const sexOf = (random: Random) => (random.chance(0.54) ? 'female' : 'male');

const text = (...parts: string[]) => parts.join('');

/** A door: the compound's or the street's name, an invented house in it, and a point that belongs to the house. */
export function inventHome(random: Random): HomeOf {
  const { name, code: subdistrictCode, lon, lat, kind } = random.pick(areas);
  const house = random.below(kind === 'compound' ? 1 : 60) + 1;
  const building = random.below(kind === 'compound' ? 60 : 6) + 1;
  // The houses of an area lie along a spiral within some 300 m of its centre, always at the same place.
  const turn = house * 2.4 + building * 0.9;
  const away = 40 + ((house * 53 + building * 97) % 260);
  const position = {
    lon: lon + (away * Math.cos(turn)) / (METRES_PER_DEGREE * 0.767),
    lat: lat + (away * Math.sin(turn)) / METRES_PER_DEGREE,
    crs: 'wgs84' as const,
  };
  const prefix = random.chance(0.7) ? '北京市西城区' : random.chance(0.5) ? '西城区' : '';
  if (kind === 'lane') {
    const room = random.chance(0.3) ? String(random.below(9) + 1) : undefined;
    const address = text(prefix, name, `${house}号`, room ? `${room}室` : '');
    return { address, subdistrictCode, position, floor: 1, hasLift: false, ...(room ? { room } : {}) };
  }
  const hasLift = random.chance(0.4);
  const floor = random.below(hasLift ? 18 : 6) + 1;
  const unit = String(random.below(5) + 1);
  const room = `${floor}0${random.below(4) + 1}`;
  const yard = kind === 'compound' ? '' : `${house}号院`;
  const address = text(prefix, name, yard, `${building}号楼${unit}单元${room}室`);
  return { address, subdistrictCode, position, building: String(building), unit, floor, room, hasLift };
}

const drawCondition = weighted(conditions);

function history(random: Random, age: number, sex: 'female' | 'male'): NonNullable<Resident['history']> {
  const many = Math.max(0, Math.min(20, Math.round((age - 45) / 9 + 2 * random.normal())));
  const found = new Map<string, string>();
  for (let i = 0; i < many; i++) {
    const { code, display } = drawCondition(random);
    if (code === 'N40' && sex === 'female') continue;
    found.set(code, display);
  }
  const drugs = new Map<string, string>();
  for (let i = 0; i < Math.min(12, Math.round(found.size * 0.9)); i++) {
    const { code, display } = random.pick(medications);
    drugs.set(code, display);
  }
  return {
    conditions: [...found].map(([code, display]) => ({
      system: 'icd-10',
      code,
      display,
      status: random.chance(0.9) ? 'active' : 'resolved',
      onset: `${YEAR - 1 - random.below(20)}-0${random.below(9) + 1}-1${random.below(10)}`,
    })),
    medications: [...drugs].map(([code, display]) => ({ system: 'atc', code, display, status: 'active' })),
    allergies: random.chance(0.08) ? [{ system: 'text', code: '青霉素过敏' }] : [],
    implants: found.has('Z95.0') ? [{ system: 'text', code: '心脏起搏器' }] : [],
    weightKg: Math.round(Math.min(1, (age + 1) / 19) * (62 + 10 * random.normal()) * 10) / 10,
    mobility: random.chance(0.85 - Math.max(0, age - 75) / 60)
      ? 'walks'
      : random.chance(0.7)
        ? 'wheelchair'
        : 'bedridden',
  };
}

/** Draws residents of one household, one nursing home or one worker's list after another, until `count` are drawn. */
class Town {
  readonly #random: Random;
  readonly #numbers = new Numbers();
  #filed = 0;
  /** A community worker stands as contact for some forty who live alone. */
  #worker = { name: '', phone: '', left: 0 };

  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  #resident(who: Person, at: HomeOf, rest: Pick<Resident, 'phones' | 'livesAlone' | 'contacts' | 'devices'>): Resident {
    const random = this.#random;
    const n = this.#filed++;
    const filed = FILED_AT - random.below(1500) * DAY_MS;
    return {
      residentId: `r-${n}`,
      name: who.name,
      sex: who.sex,
      birthDate: who.birthDate,
      ...(random.chance(0.9) ? { idNumber: this.#numbers.citizen(who.birthDate, who.sex) } : {}),
      home: { ...at },
      communityCentreId: `c-${at.subdistrictCode}`,
      familyDoctorId: `d-${n % 200}`,
      history: history(random, YEAR - Number(who.birthDate.slice(0, 4)), who.sex),
      filedAt: new Date(filed).toISOString(),
      confirmedAt: new Date(filed + random.below(400) * DAY_MS).toISOString(),
      ...rest,
    };
  }

  #device(share: number) {
    if (!this.#random.chance(share)) return [];
    return [{ deviceId: `sos-${this.#filed}`, kind: this.#random.chance(0.7) ? 'one-key' : 'wearable' }];
  }

  #child(of: Person) {
    const random = this.#random;
    const sex = sexOf(random);
    const child = inventPerson(random, Math.max(18, YEAR - Number(of.birthDate.slice(0, 4)) - 27), sex, of.surname);
    return {
      name: child.name,
      relation: sex === 'female' ? 'daughter' : 'son',
      phone: this.#numbers.mobile(),
      holdsKey: random.chance(0.5),
    };
  }

  #supervisor() {
    if (this.#worker.left === 0) {
      this.#worker = { name: inventPerson(this.#random, 35, 'female').name, phone: this.#numbers.mobile(), left: 40 };
    }
    this.#worker.left--;
    return { name: this.#worker.name, relation: 'community-worker', phone: this.#worker.phone, holdsKey: false };
  }

  /** Someone old, alone. One in twelve files the child's number as their own. */
  single(): Resident[] {
    const random = this.#random;
    const who = inventPerson(random, oldAge(random), sexOf(random));
    const contacts = random.chance(0.75) ? [this.#child(who)] : [];
    const phones: string[] = [];
    if (random.chance(0.8)) phones.push(this.#numbers.mobile());
    else if (contacts[0] && random.chance(0.4)) phones.push(contacts[0].phone);
    if (phones.length === 0 || random.chance(0.4)) phones.push(this.#numbers.landline());
    if (random.chance(0.4)) contacts.push(this.#supervisor());
    return [
      this.#resident(who, inventHome(random), { phones, contacts, devices: this.#device(0.3), livesAlone: true }),
    ];
  }

  /** Two old people on one landline, each the other's contact, one child for both; sometimes that child is filed too. */
  couple(): Resident[] {
    const random = this.#random;
    const years = oldAge(random);
    const husband = inventPerson(random, years, 'male');
    const wife = inventPerson(random, years - 2 + random.below(4), 'female');
    const at = inventHome(random);
    const landline = random.chance(0.6) ? [this.#numbers.landline()] : [];
    const numbers = [husband, wife].map(() => (random.chance(0.8) ? [this.#numbers.mobile()] : []));
    if (landline.length + numbers.flat().length === 0) landline.push(this.#numbers.landline());
    const child = random.chance(0.8) ? [this.#child(husband)] : [];
    const devices = this.#device(0.15);
    const both = [husband, wife].map((who, i) => {
      const other = i === 0 ? wife : husband;
      const spouse = { name: other.name, relation: 'spouse', phone: numbers[1 - i]?.[0] ?? landline[0] };
      return this.#resident(who, at, {
        phones: [...(numbers[i] ?? []), ...landline],
        contacts: [...child, ...(spouse.phone ? [{ ...spouse, phone: spouse.phone }] : [])],
        devices,
        livesAlone: false,
      });
    });
    const [heir] = child;
    if (heir && random.chance(0.2)) {
      const sex = heir.relation === 'daughter' ? 'female' : 'male';
      const who = { ...inventPerson(random, Math.max(18, years - 27), sex, husband.surname), name: heir.name };
      const atOwn = random.chance(0.3) ? at : inventHome(random);
      both.push(this.#resident(who, atOwn, { phones: [heir.phone], contacts: [], devices: [], livesAlone: false }));
    }
    return both;
  }

  /** Thirty to two hundred residents behind one switchboard at one address, each with a room. */
  nursingHome(): Resident[] {
    const random = this.#random;
    const at = inventHome(random);
    const switchboard = this.#numbers.landline();
    const house = at.address.replace(/\d+单元\d+室$|\d+室$/u, '');
    return Array.from({ length: 30 + random.below(171) }, () => {
      const who = inventPerson(random, Math.min(101, oldAge(random) + 8), sexOf(random));
      const floor = random.below(5) + 1;
      const room = `${floor}${String(random.below(20) + 1).padStart(2, '0')}`;
      const own = random.chance(0.3) ? [this.#numbers.mobile()] : [];
      const duty = { name: '值班室', relation: 'staff', phone: switchboard, holdsKey: true };
      return this.#resident(
        who,
        { ...at, address: `${house}${room}室`, floor, room, hasLift: true },
        { phones: [...own, switchboard], contacts: [this.#child(who), duty], devices: [], livesAlone: false },
      );
    });
  }

  /** Younger people filed for an illness, a pregnancy or a disability. */
  younger(): Resident[] {
    const random = this.#random;
    const who = inventPerson(random, random.below(60), sexOf(random));
    const contacts = random.chance(0.7) ? [{ ...this.#child(who), relation: 'relative' }] : [];
    return [
      this.#resident(who, inventHome(random), {
        phones: [this.#numbers.mobile()],
        contacts,
        devices: [],
        livesAlone: false,
      }),
    ];
  }

  household(): Resident[] {
    const draw = this.#random.next();
    if (draw < 0.0006) return this.nursingHome();
    return draw < 0.35 ? this.single() : draw < 0.8 ? this.couple() : this.younger();
  }
}

/**
 * `count` invented residents, each valid against the `Resident` schema, one at a time. Identifiers run `r-0`, `r-1`, …;
 * members of a household follow one another. Citizen numbers, devices and own mobiles are unique.
 */
export function* generatePopulation({ count, seed }: { count: number; seed: number }): Generator<Resident> {
  const town = new Town(seed);
  let left = count;
  while (left > 0) {
    for (const resident of town.household()) {
      if (left-- <= 0) return;
      yield resident;
    }
  }
}
