/** Invented calls and the hospitals' reports of them, with the faults real ones have, and the truth beside them. */
import type { CallCandidate, ReportSaid } from '../src/care/linkage.ts';
import { ageInYears } from '../src/domain/time.ts';
import { addressParts } from '../src/residents/match/normalise.ts';
import { nobodySaid, type PersonSaid } from '../src/residents/match/person.ts';
import type { Resident } from '../src/residents/schema.ts';
import { restate } from './match-calls.ts';
import { generatePopulation, inventHome, inventPerson } from './population.ts';
import { type Random, seededRandom } from './random.ts';
import { mistakenFor } from './words.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
export const START = Date.UTC(2026, 0, 5);
export const DAYS = 10;
export const HOSPITALS = 10;

export interface TestCall extends CallCandidate {
  /** Accounts of who the patient is; a report that was linked adds one. */
  readonly persons: PersonSaid[];
  readonly truth: Patient;
  readonly hospital: string;
  readonly toHospital: number;
  /** What went wrong with it, for whoever asks which faults cost a link. */
  readonly faults: readonly string[];
}
export interface TestReport extends ReportSaid {
  /** The call it is about; null: the patient came by himself. */
  readonly callId: string | null;
  readonly faults: readonly string[];
}

/** A name as somebody types it who only heard it: now and then one character is another, or the rest is left out. */
function mistyped(random: Random, name: string, share: number): string {
  if (!random.chance(share)) return name;
  const letters = [...name];
  const at = 1 + random.below(Math.max(1, letters.length - 1));
  const letter = letters[at] ?? '';
  letters[at] = mistakenFor[letter] ?? '某';
  return letters.join('');
}

/** One of the last digits wrong, or the last two exchanged. */
function slipped(random: Random, text: string): string {
  const [before, last] = [text.at(-2) ?? '', text.at(-1) ?? ''];
  if (before !== last && random.chance(0.3)) return text.slice(0, -2) + last + before;
  const at = text.length - 1 - random.below(2);
  return text.slice(0, at) + String((Number(text[at]) + 1 + random.below(8)) % 10) + text.slice(at + 1);
}

/** A digit of the day wrong, or month and day exchanged where that is a date. */
function misdated(random: Random, date: string): string {
  const [year, month, day] = date.split('-') as [string, string, string];
  if (Number(day) <= 12 && day !== month && random.chance(0.4)) return `${year}-${day}-${month}`;
  return slipped(random, date);
}

/** Who it truly was, and where they live in words, which everybody writes another way. */
type Patient = PersonSaid & { readonly home: string };

const inventStranger = (random: Random): Patient => {
  const { name, sex, birthDate } = inventPerson(random, 20 + random.below(75), random.chance(0.5) ? 'female' : 'male');
  const home = inventHome(random).address;
  return { ...nobodySaid, name, sex, birthDate, home };
};
function patientOf({ name, sex, birthDate, idNumber, phones, home }: Resident): Patient {
  const address = home?.address ?? '';
  return {
    ...nobodySaid,
    name,
    sex,
    birthDate,
    idNumber: idNumber ?? null,
    phones,
    address: addressParts(address),
    home: address,
  };
}

/** 70 in 100 patients are filed; of those, six in ten were matched at the call, two of a hundred of them to whoever lives with them. */
function inventCalls(count: number, random: Random, residents: readonly Resident[]): TestCall[] {
  const times = Array.from({ length: count }, () => START + Math.floor(random.next() * DAYS * 24 * HOUR_MS));
  return times
    .sort((a, b) => a - b)
    .map((receivedAt, i) => {
      const faults: string[] = [];
      const isFiled = random.chance(0.7);
      const at = random.below(residents.length);
      const truth = isFiled ? patientOf(residents[at] as Resident) : inventStranger(random);
      const persons = [spokenAt(random, truth, receivedAt, i)];
      const housemate = residents[at + 1];
      if (isFiled && random.chance(0.6)) {
        const isMixedUp = random.chance(0.02) && housemate?.home?.address === truth.home;
        if (isMixedUp) faults.push('matched to a housemate');
        persons.push(isMixedUp ? patientOf(housemate as Resident) : truth);
      }
      // By the time of the handover the crew has read a card, or was told, of nearly everybody.
      if (random.chance(0.95)) {
        const birthDate = random.chance(0.01) ? misdated(random, truth.birthDate as string) : truth.birthDate;
        const name = mistyped(random, truth.name as string, 0.03);
        persons.push({ ...truth, name, birthDate, phones: [], address: null });
      } else faults.push(persons.length > 1 ? 'no card read' : 'patient of the call unknown');
      const toHospital = receivedAt + (22 + Math.abs(14 * random.normal()) + random.below(20)) * MINUTE_MS;
      const hospital = `h-${random.below(HOSPITALS)}`;
      const known = random.chance(0.02) ? `h-${random.below(HOSPITALS)}` : hospital;
      if (known !== hospital) faults.push('sent on to another hospital');
      const isHeard = random.chance(0.92);
      return {
        callId: `c-${i}`,
        callNumber: 1000 + i,
        receivedAt,
        atDestination: isHeard ? toHospital : null,
        hospitalIds: random.chance(0.95) ? [known] : [],
        persons,
        truth,
        hospital,
        toHospital,
        faults: isHeard ? faults : [...faults, 'arrival not reported by the crew'],
      };
    });
}

/** What the caller said: of two in three patients at home; every tenth calls from a number that is nobody's. */
function spokenAt(random: Random, truth: Patient, receivedAt: number, i: number): PersonSaid {
  const years = ageInYears(truth.birthDate as string, receivedAt);
  const isAtHome = random.chance(0.65);
  const place = isAtHome ? truth.home : inventHome(random).address;
  const phone = random.chance(0.9) && truth.phones.length > 0 ? random.pick(truth.phones) : `+8617700${i}`;
  return {
    ...nobodySaid,
    name: random.chance(0.55) ? mistyped(random, truth.name as string, 0.15) : null,
    ageYears: random.chance(0.6) ? years + (random.chance(0.6) ? 0 : random.below(7) - 3) : null,
    sex: random.chance(0.8) ? truth.sex : null,
    phones: random.chance(0.9) ? [phone] : [],
    address: random.chance(0.7) ? addressParts(restate(random, place)) : null,
  };
}

/** How far a noted time is off, in minutes: a clock an hour off, half a day, Beijing's time taken for UTC, noted after midnight, or late. */
function clockFault(random: Random): { readonly minutes: number; readonly fault: string | null } {
  const draw = random.next();
  const either = random.pick([-1, 1]);
  if (draw < 0.03) return { minutes: 60 * either, fault: 'an hour off' };
  if (draw < 0.035) return { minutes: 1440 * either, fault: 'a day off' };
  if (draw < 0.038) return { minutes: 720 * either, fault: 'twelve hours off' };
  if (draw < 0.041) return { minutes: -480, fault: 'eight hours off' };
  if (draw < 0.05) return { minutes: 20 + random.below(280), fault: 'noted late' };
  return { minutes: 0, fault: null };
}

function report(
  random: Random,
  truth: Patient,
  hospitalId: string,
  arrived: number,
  number: number | null,
): Omit<TestReport, 'callId'> {
  const faults: string[] = [];
  const note = <T>(isSo: boolean, fault: string, wrong: T, right: T): T => {
    if (isSo) faults.push(fault);
    return isSo ? wrong : right;
  };
  const { minutes, fault } = clockFault(random);
  if (fault) faults.push(fault);
  const noted = arrived + (minutes + 4 * random.normal()) * MINUTE_MS;
  const arrivedAt = note(random.chance(0.005), 'no time of arrival', null, noted);
  // Nobody knew who it was; the number, if anything, tells.
  const isNameless = random.chance(0.01);
  if (isNameless) faults.push('nameless');
  const name = mistyped(random, truth.name as string, 0.02);
  const birthDate = truth.birthDate as string;
  const person: PersonSaid = isNameless
    ? { ...nobodySaid, sex: truth.sex }
    : {
        ...nobodySaid,
        name: note(random.chance(0.02), 'no name', null, name),
        birthDate: note(
          random.chance(0.06),
          'no day of birth',
          null,
          note(random.chance(0.01), 'wrong day of birth', misdated(random, birthDate), birthDate),
        ),
        sex: random.chance(0.995) ? truth.sex : 'female',
        idNumber: random.chance(0.8) ? truth.idNumber : null,
        phones: random.chance(0.5) ? truth.phones.slice(0, 1) : [],
        // Where the patient is registered is elsewhere now and then.
        address: random.chance(0.7)
          ? addressParts(restate(random, random.chance(0.08) ? inventHome(random).address : truth.home))
          : null,
      };
  if (person.name !== null && person.name !== truth.name) faults.push('name mistyped');
  const given = number !== null && random.chance(isNameless ? 0.9 : 0.6) ? number : null;
  const callNumber = given !== null && random.chance(0.02) ? Number(slipped(random, String(given))) : given;
  if (given === null) faults.push('no number');
  if (given !== callNumber) faults.push('wrong number');
  return { person, arrivedAt, hospitalId, callNumber, faults };
}

/** The same people on every seed: what differs is whom it befalls, and what goes wrong. */
let filed: readonly Resident[] = [];
function population(count: number): readonly Resident[] {
  if (filed.length !== count) filed = [...generatePopulation({ count, seed: 11 })];
  return filed;
}

/** `outcomes` calls with a report each, and a tenth as many reports of patients who came by themselves, in no order. */
export function inventReports({ outcomes, seed }: { readonly outcomes: number; readonly seed: number }): {
  readonly calls: readonly TestCall[];
  readonly reports: readonly TestReport[];
} {
  const random = seededRandom(seed);
  const calls = inventCalls(outcomes, random, population(2 * outcomes));
  const reports: TestReport[] = calls.map((call) => {
    const one = report(random, call.truth, call.hospital, call.toHospital, call.callNumber);
    return { ...one, callId: call.callId, faults: [...one.faults, ...call.faults] };
  });
  for (let i = 0; i < outcomes / 10; i++) {
    // Half of them were brought by ambulance on another day.
    const wasBrought = random.chance(0.5);
    const person = wasBrought ? random.pick(calls).truth : inventStranger(random);
    const at = START + random.next() * DAYS * 24 * HOUR_MS;
    const one = report(random, person, `h-${random.below(HOSPITALS)}`, at, null);
    reports.push({ ...one, callId: null, faults: [wasBrought ? 'another visit' : 'a stranger'] });
  }
  for (let i = reports.length - 1; i > 0; i--) {
    const other = random.below(i + 1);
    [reports[i], reports[other]] = [reports[other] as TestReport, reports[i] as TestReport];
  }
  return { calls, reports };
}
