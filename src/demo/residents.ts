/** 2,000 invented residents in households: many old, many couples on one phone, some alone with a one-key device. */
import type { Instant } from '../domain/time.ts';
import type { Resident } from '../residents/schema.ts';
import { placeInside, type Subdistrict, shortNameOf, subdistrictOf, subdistricts } from './geography.ts';
import { type Dwelling, inventHomes } from './homes.ts';
import { knownResidents } from './known.ts';
import { type Contact, inventHistory, inventPerson, momentBefore, Numbers, type Person, type Sex } from './people.ts';
import { centreId } from './places.ts';
import type { Random } from './random.ts';
import { surnames } from './words.ts';

export const RESIDENTS = 2_000;
export const NURSING_HOME_RESIDENTS = 40;
/** Rings at the desk of the nursing home; a valid landline of the numbering plan. */
export const SWITCHBOARD = '+861055500100';

const DOCTORS_EACH = 3;
/** Half a year, after which a file counts as stale. */
const FRESH_DAYS = 180;
const OLDEST_CONFIRMATION_DAYS = 900;

interface Member {
  readonly person: Person;
  readonly phones: readonly string[];
  readonly contacts: readonly Contact[];
  readonly expecting?: boolean;
  readonly deviceKind?: string;
}

interface Maker {
  readonly random: Random;
  readonly numbers: Numbers;
  readonly now: Instant;
}

const adult = (make: Maker, surname: string, sex: Sex, youngest: number, oldest: number) =>
  inventPerson(make.random, make.numbers, make.now, { surname, sex, ageYears: make.random.whole(youngest, oldest) });

const eitherSex = (random: Random): Sex => (random.chance(0.5) ? 'female' : 'male');
const anySurname = (random: Random) => random.pick(surnames);

/** A grown child who lives elsewhere and is not filed here. */
function grownChild({ random, numbers, now }: Maker, surname: string, parentAge: number): Contact {
  const sex = eitherSex(random);
  const ageYears = Math.max(20, parentAge - random.whole(23, 32));
  const { name } = inventPerson(random, numbers, now, { surname, sex, ageYears });
  const relation = sex === 'female' ? 'daughter' : 'son';
  return { name, relation, phone: numbers.phone(), holdsKey: random.chance(0.6) };
}

/** Who lives together. `people` is how many, so that the last household fits. */
const households: readonly { weight: number; people: number; invent(make: Maker): Member[] }[] = [
  {
    weight: 30, // old and alone
    people: 1,
    invent(make) {
      const { random, numbers } = make;
      const person = adult(make, anySurname(random), random.chance(0.65) ? 'female' : 'male', 68, 97);
      const surname = person.sex === 'male' ? person.name.charAt(0) : anySurname(random);
      const contacts = random.chance(0.85) ? [grownChild(make, surname, person.ageYears)] : [];
      return [
        { person, phones: [numbers.phone()], contacts, ...(random.chance(0.55) ? { deviceKind: 'one-key' } : {}) },
      ];
    },
  },
  {
    weight: 34, // an old couple, most of them on one phone
    people: 2,
    invent(make) {
      const { random, numbers } = make;
      const surname = anySurname(random);
      const husband = adult(make, surname, 'male', 65, 92);
      const wife = adult(make, anySurname(random), 'female', Math.max(62, husband.ageYears - 6), husband.ageYears + 2);
      const shared = numbers.phone();
      const hers = random.chance(0.7) ? shared : numbers.phone();
      const contacts = random.chance(0.8) ? [grownChild(make, surname, wife.ageYears)] : [];
      return [
        { person: husband, phones: [shared], contacts },
        { person: wife, phones: [hers], contacts },
      ];
    },
  },
  {
    weight: 14, // three generations
    people: 4,
    invent(make) {
      const { random } = make;
      const surname = anySurname(random);
      const grandmother = adult(make, anySurname(random), 'female', 68, 90);
      const [father, mother, child] = parentsWithChild(make, surname, grandmother.ageYears - 28) as [
        Member,
        Member,
        Member,
      ];
      const contacts: Contact[] = [
        { name: father.person.name, relation: 'son', phone: father.phones[0] ?? '', holdsKey: true },
      ];
      return [
        { person: grandmother, phones: random.chance(0.6) ? [make.numbers.phone()] : [], contacts },
        father,
        mother,
        child,
      ];
    },
  },
  {
    weight: 10,
    people: 3,
    invent: (make) => parentsWithChild(make, anySurname(make.random), make.random.whole(30, 46)),
  },
  {
    weight: 2, // expecting
    people: 2,
    invent(make) {
      const { random, numbers } = make;
      const man = adult(make, anySurname(random), 'male', 26, 41);
      const woman = adult(make, anySurname(random), 'female', 24, 40);
      const his = numbers.phone();
      const contacts: Contact[] = [{ name: man.name, relation: 'husband', phone: his, holdsKey: true }];
      return [
        { person: woman, phones: [numbers.phone()], contacts, expecting: true },
        { person: man, phones: [his], contacts: [] },
      ];
    },
  },
  {
    weight: 10, // alone, of working age
    people: 1,
    invent(make) {
      const person = adult(make, anySurname(make.random), eitherSex(make.random), 22, 64);
      return [{ person, phones: [make.numbers.phone()], contacts: [] }];
    },
  },
];

function parentsWithChild(make: Maker, surname: string, fatherAge: number): Member[] {
  const { random, numbers } = make;
  const father = adult(make, surname, 'male', Math.max(28, fatherAge), Math.max(28, fatherAge) + 2);
  const mother = adult(make, anySurname(random), 'female', Math.max(26, father.ageYears - 4), father.ageYears);
  const child = adult(make, surname, eitherSex(random), 5, Math.max(5, Math.min(17, mother.ageYears - 22)));
  const hers = numbers.phone();
  return [
    { person: father, phones: [numbers.phone()], contacts: [] },
    { person: mother, phones: [hers], contacts: [] },
    { person: child, phones: [], contacts: [{ name: mother.name, relation: 'mother', phone: hers, holdsKey: true }] },
  ];
}

export function inventResidents(random: Random, now: Instant): Resident[] {
  const make: Maker = { random, numbers: new Numbers(), now };
  const residents = knownResidents(make.numbers, now);
  const nextHome = inventHomes(random);
  const file = (member: Member, dwelling: Dwelling, alone: boolean, frail = false) =>
    residents.push(fileOf(make, residents.length + 1, member, dwelling, alone, frail));

  for (const member of nursingHome(make)) file(member.member, member.dwelling, false, true);
  while (residents.length < RESIDENTS) {
    const fitting = households.filter(({ people }) => people <= RESIDENTS - residents.length);
    const members = fitting[random.weighted(fitting.map(({ weight }) => weight))]?.invent(make) ?? [];
    const dwelling = nextHome();
    for (const member of members) file(member, dwelling, members.length === 1);
  }
  return residents;
}

function nursingHome(make: Maker): { member: Member; dwelling: Dwelling }[] {
  const { random, numbers } = make;
  const subdistrict = subdistrictOf('110102019');
  const position = placeInside(random, subdistrict);
  const address = `北京市西城区${shortNameOf(subdistrict)}示范养老院（虚构）`;
  return Array.from({ length: NURSING_HOME_RESIDENTS }, (_, i) => {
    const floor = 1 + (i % 4);
    const person = adult(make, anySurname(random), random.chance(0.65) ? 'female' : 'male', 78, 99);
    const contacts = [{ ...grownChild(make, anySurname(random), person.ageYears), holdsKey: false }];
    const home = {
      address,
      subdistrictCode: subdistrict.code,
      position,
      floor,
      room: String(floor * 100 + 1 + (i >> 2)),
      hasLift: true,
    };
    return {
      member: { person, phones: random.chance(0.3) ? [SWITCHBOARD, numbers.phone()] : [SWITCHBOARD], contacts },
      dwelling: { home, subdistrict },
    };
  });
}

function fileOf(
  { random, now }: Maker,
  index: number,
  { person, phones, contacts, expecting = false, deviceKind }: Member,
  { home, subdistrict }: Dwelling,
  livesAlone: boolean,
  frail: boolean,
): Resident {
  const number = String(index).padStart(4, '0');
  const confirmedDaysAgo = random.chance(0.7)
    ? random.next() * FRESH_DAYS
    : FRESH_DAYS + 5 + random.next() * (OLDEST_CONFIRMATION_DAYS - FRESH_DAYS - 5);
  return {
    residentId: `demo-r-${number}`,
    name: person.name,
    sex: person.sex,
    birthDate: person.birthDate,
    ...(random.chance(0.95) ? { idNumber: person.idNumber } : {}),
    phones: [...phones],
    ...(deviceKind ? { devices: [{ deviceId: `demo-sos-${number}`, kind: deviceKind }] } : {}),
    livesAlone,
    home,
    contacts: [...contacts],
    communityCentreId: centreId(subdistrict),
    ...(person.ageYears >= 60 || random.chance(0.5) ? { familyDoctorId: doctorId(random, subdistrict) } : {}),
    history: inventHistory(random, now, person, { expecting, frail }),
    filedAt: momentBefore(now, confirmedDaysAgo + random.next() * 700),
    confirmedAt: momentBefore(now, confirmedDaysAgo),
  };
}

/** Three family doctors to each community health centre. */
function doctorId(random: Random, subdistrict: Subdistrict): string {
  const number = subdistricts.indexOf(subdistrict) * DOCTORS_EACH + random.whole(1, DOCTORS_EACH);
  return `demo-doctor-${String(number).padStart(2, '0')}`;
}
