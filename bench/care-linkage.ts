/** How well reports find their calls: invented calls and reports with the faults real ones have, and the truth beside them. */
import { pathToFileURL } from 'node:url';
import {
  type CallCandidate,
  certainLink,
  linkReport,
  NEAR_HOURS,
  type ReportSaid,
  SPAN_DAYS,
} from '../src/care/linkage.ts';
import { ageInYears } from '../src/domain/time.ts';
import { type PersonSaid, personEvidence } from '../src/residents/match/person.ts';
import { generatePopulation, inventPerson } from './population.ts';
import { type Random, seededRandom } from './random.ts';
import { type ResultRow, round } from './rows.ts';
import { mistakenFor } from './words.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const START = Date.UTC(2026, 0, 5);
const DAYS = 10;
const HOSPITALS = 10;

interface TestCall extends CallCandidate {
  readonly truth: PersonSaid;
}
interface TestReport extends ReportSaid {
  /** The call it is about; null: the patient came by himself. */
  readonly callId: string | null;
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

/** One digit wrong. */
const slipped = (random: Random, text: string): string => {
  const at = text.length - 1 - random.below(2);
  return text.slice(0, at) + String((Number(text[at]) + 1 + random.below(8)) % 10) + text.slice(at + 1);
};

const nobody: PersonSaid = { name: null, birthDate: null, ageYears: null, sex: null, idNumber: null, phones: [] };

/** 70 in 100 patients are filed; of those, six in ten were matched at the call. */
function inventCalls(count: number, random: Random): TestCall[] {
  const residents = [...generatePopulation({ count: 2 * count, seed: 11 })];
  return Array.from({ length: count }, (_, i) => {
    const isFiled = random.chance(0.7);
    const resident = random.pick(residents);
    const stranger = inventPerson(random, 20 + random.below(75), random.chance(0.5) ? 'female' : 'male');
    const { name, sex, birthDate } = isFiled ? resident : stranger;
    const phones = isFiled ? resident.phones : [];
    const truth: PersonSaid = {
      name,
      sex,
      birthDate,
      ageYears: null,
      idNumber: (isFiled && resident.idNumber) || null,
      phones,
    };
    const receivedAt = START + Math.floor(random.next() * DAYS * 24 * HOUR_MS);
    const years = ageInYears(birthDate, receivedAt);
    const said: PersonSaid = {
      ...nobody,
      name: random.chance(0.55) ? mistyped(random, name, 0.15) : null,
      ageYears: random.chance(0.6) ? years + (random.chance(0.6) ? 0 : random.below(7) - 3) : null,
      sex: random.chance(0.8) ? sex : null,
      phones: random.chance(0.9) ? [random.pick(phones) ?? `+8617700${i}`] : [],
    };
    const persons = [said];
    if (isFiled && random.chance(0.6)) persons.push(truth);
    // By the time of the handover the crew has read a card, or was told, of nearly everybody.
    if (random.chance(0.95)) {
      const birth = random.chance(0.01) ? slipped(random, birthDate) : birthDate;
      persons.push({ ...truth, name: mistyped(random, name, 0.03), birthDate: birth, phones: [] });
    }
    const toHospital = receivedAt + (22 + Math.abs(14 * random.normal()) + random.below(20)) * MINUTE_MS;
    const hospital = `h-${random.below(HOSPITALS)}`;
    const known = random.chance(0.02) ? `h-${random.below(HOSPITALS)}` : hospital;
    return {
      callId: `c-${i}`,
      callNumber: 1000 + i,
      receivedAt,
      atDestination: random.chance(0.92) ? toHospital : null,
      hospitalIds: random.chance(0.95) ? [known] : [],
      persons,
      truth,
      hospital,
      toHospital,
    } as TestCall;
  });
}

function report(
  random: Random,
  truth: PersonSaid,
  hospitalId: string,
  arrived: number,
  number: number | null,
): ReportSaid {
  const draw = random.next();
  // Off by an hour where a clock was not changed, by a day where it was noted after midnight, missing now and then.
  const shift = draw < 0.03 ? HOUR_MS * random.pick([-1, 1]) : draw < 0.035 ? 24 * HOUR_MS * random.pick([-1, 1]) : 0;
  const arrivedAt = random.chance(0.005) ? null : arrived + shift + 4 * MINUTE_MS * random.normal();
  // Nobody knew who it was; the number, if anything, tells.
  const isNameless = random.chance(0.01);
  const person: PersonSaid = isNameless
    ? { ...nobody, sex: truth.sex }
    : {
        name: random.chance(0.98) ? mistyped(random, truth.name as string, 0.02) : null,
        birthDate: random.chance(0.94)
          ? random.chance(0.01)
            ? slipped(random, truth.birthDate as string)
            : truth.birthDate
          : null,
        ageYears: null,
        sex: random.chance(0.995) ? truth.sex : 'female',
        idNumber: random.chance(0.8) ? truth.idNumber : null,
        phones: random.chance(0.5) ? truth.phones.slice(0, 1) : [],
      };
  const given = number !== null && random.chance(isNameless ? 0.9 : 0.6) ? number : null;
  const callNumber = given !== null && random.chance(0.02) ? Number(slipped(random, String(given))) : given;
  return { person, arrivedAt, hospitalId, callNumber };
}

export interface LinkageQuality {
  readonly sensitivity: number;
  readonly predictiveValue: number;
  readonly waiting: number;
  readonly reports: number;
}

/** `outcomes` reports of as many calls, and a tenth as many of patients who came by themselves. */
export function measureLinkage({ outcomes, seed }: { outcomes: number; seed: number }): LinkageQuality {
  const random = seededRandom(seed);
  const calls = inventCalls(outcomes, random) as (TestCall & { hospital: string; toHospital: number })[];
  const reports: TestReport[] = calls.map((call) => ({
    ...report(random, call.truth, call.hospital, call.toHospital, call.callNumber),
    callId: call.callId,
  }));
  for (let i = 0; i < outcomes / 10; i++) {
    // Half of them were brought by ambulance on another day.
    const { truth } = random.pick(calls);
    const stranger = inventPerson(random, 20 + random.below(75), random.chance(0.5) ? 'female' : 'male');
    const person = random.chance(0.5)
      ? truth
      : { ...nobody, name: stranger.name, sex: stranger.sex, birthDate: stranger.birthDate };
    const at = START + random.next() * DAYS * 24 * HOUR_MS;
    reports.push({ ...report(random, person, `h-${random.below(HOSPITALS)}`, at, null), callId: null });
  }
  const find = index(calls);
  let right = 0;
  let wrong = 0;
  for (const each of reports) {
    const link = certainLink(linkReport(each, find(each), (a, b) => personEvidence(a, b, START)));
    if (!link) continue;
    if (link.callId === each.callId) right++;
    else wrong++;
  }
  return {
    sensitivity: right / outcomes,
    predictiveValue: right / (right + wrong),
    waiting: reports.length - right - wrong,
    reports: reports.length,
  };
}

/** Candidates as the service takes them from the database: near in time at the hospital, by number, by whoever is named. */
function index(calls: readonly TestCall[]): (report: ReportSaid) => CallCandidate[] {
  const byTime = [...calls].sort((a, b) => a.receivedAt - b.receivedAt);
  const byNumber = new Map(calls.map((call) => [call.callNumber, call]));
  const byKey = new Map<string, TestCall[]>();
  for (const call of calls)
    for (const { name, idNumber } of call.persons)
      for (const key of [name, idNumber]) if (key) byKey.set(key, [...(byKey.get(key) ?? []), call]);
  return ({ arrivedAt, hospitalId, callNumber, person }) => {
    const found = new Set<TestCall>();
    const around = arrivedAt ?? START + DAYS * 24 * HOUR_MS;
    for (const call of byTime) {
      if (
        call.receivedAt < around - NEAR_HOURS.before * HOUR_MS ||
        call.receivedAt > around + NEAR_HOURS.after * HOUR_MS
      )
        continue;
      if (call.hospitalIds.length === 0 || call.hospitalIds.includes(hospitalId)) found.add(call);
    }
    const numbered = callNumber === null ? undefined : byNumber.get(callNumber);
    if (numbered) found.add(numbered);
    for (const key of [person.name, person.idNumber])
      for (const call of (key && byKey.get(key)) || [])
        if (call.receivedAt > around - SPAN_DAYS * 24 * HOUR_MS) found.add(call);
    return [...found];
  };
}

export function benchLinkage(size: { outcomes: number; seed: number }): ResultRow[] {
  const started = performance.now();
  const { sensitivity, predictiveValue, waiting, reports } = measureLinkage(size);
  const conditions = `${reports} invented reports with faults, a tenth of them of no call, over ${DAYS} days and ${HOSPITALS} hospitals, seed ${size.seed}`;
  const row = (figure: string, unit: string, value: number): ResultRow => ({
    benchmark: 'care-linkage',
    figure,
    value: round(value),
    unit,
    conditions,
  });
  return [
    row('sensitivity', 'share', sensitivity),
    row('positive predictive value', 'share', predictiveValue),
    row('left for a person', 'reports', waiting),
    row('linking', 'ms a report', (performance.now() - started) / reports),
  ];
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  console.log(measureLinkage({ outcomes: 10_000, seed: Number(process.argv[2] ?? 1) }));
