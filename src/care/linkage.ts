/** Which call a report belongs to: Fellegi–Sunter weights over person, time, hospital and number, a posterior over all candidates. Pure. */
import { isSlip } from '../domain/slip.ts';
import type { Instant } from '../domain/time.ts';
import type { PersonEvidence, PersonSaid } from '../residents/match/person.ts';
import { type ComparePersons, NAMING, samePerson } from './accounts.ts';

/** What a report says that can be laid beside a call. */
export interface ReportSaid {
  readonly person: PersonSaid;
  readonly arrivedAt: Instant | null;
  readonly hospitalId: string;
  readonly callNumber: number | null;
}

export interface CallCandidate {
  readonly callId: string;
  readonly callNumber: number;
  readonly receivedAt: Instant;
  /** When a crew was at the hospital, as reported. */
  readonly atDestination: Instant | null;
  /** Hospitals the patient was bound for; empty: not known. */
  readonly hospitalIds: readonly string[];
  /** Who the patient is by each account: the filed resident, what the crew read off a card, what the caller said. */
  readonly persons: readonly PersonSaid[];
}

export interface LinkEvidence {
  readonly field: PersonEvidence['field'] | 'time' | 'hospital' | 'number';
  readonly agreement: string;
  readonly bits: number;
}

export interface CallLink {
  readonly callId: string;
  readonly callNumber: number;
  /** Posterior that the report is about this call. */
  readonly confidence: number;
  readonly evidence: readonly LinkEvidence[];
}

const MINUTE_MS = 60_000;
interface Rate {
  readonly m: number;
  readonly u: number;
}

/** Calls looked among, as far back as a report's own day may be wrong, and how many times the hours around an arrival that is. */
export const SPAN_DAYS = 45;
export const NEAR_HOURS = { before: 4, after: 0.5 } as const;
const SPAN_MINUTES = SPAN_DAYS * 24 * 60;
const SPAN_RATIO = (SPAN_DAYS * 24) / (NEAR_HOURS.before + NEAR_HOURS.after);

/**
 * Judged: hospitals note an arrival within minutes of the crew's; a drive to hospital ends some 10 to 90 minutes after the
 * call. What goes wrong goes wrong in kinds: a clock an hour off, twelve where 3 pm was noted as 3, eight where Beijing's
 * time was taken for UTC, a day where it was noted after midnight; then the minutes agree all the same. Or the patient was registered hours after
 * he came, hardly ever before. By chance any
 * minute of the span is as likely, so u is the band's share of it. The first band that holds the difference counts.
 */
type Band = { readonly level: string; readonly m: number; readonly within: readonly (readonly [number, number])[] };
const shifted = (minutes: readonly number[], [least, most]: readonly [number, number]) =>
  minutes.flatMap((by) => [-by, by].map((shift) => [shift + least, shift + most] as const));
const timeBands: Readonly<Record<'atDestination' | 'received', readonly Band[]>> = {
  atDestination: [
    { level: 'within 5 min', within: [[-5, 5]], m: 0.75 },
    { level: 'within 15 min', within: [[-15, 15]], m: 0.15 },
    { level: 'an hour off', within: shifted([60], [-15, 15]), m: 0.03 },
    { level: '8 or 12 hours off', within: shifted([480, 720], [-15, 15]), m: 0.01 },
    { level: 'a day off', within: shifted([1440], [-15, 15]), m: 0.01 },
    { level: 'up to 5 h later', within: [[0, 300]], m: 0.02 },
    { level: 'within 12 h', within: [[-720, 720]], m: 0.015 },
  ],
  received: [
    { level: '10 to 90 min after the call', within: [[10, 90]], m: 0.87 },
    { level: 'within 3 h of the call', within: [[-60, 180]], m: 0.08 },
    { level: '8 or 12 hours off', within: shifted([480, 720], [10, 90]), m: 0.01 },
    { level: 'a day off', within: shifted([1440], [10, 90]), m: 0.01 },
    { level: 'within 6 h of the call', within: [[0, 360]], m: 0.01 },
    { level: 'within 12 h of the call', within: [[-60, 720]], m: 0.015 },
  ],
};
const ANOTHER_DAY = { level: 'another day', m: 0.005, u: 1 } as const;
const isWithin = (minutes: number) => (span: readonly [number, number]) => minutes >= span[0] && minutes <= span[1];
const widthOf = ({ within }: Band) => within.reduce((sum, [least, most]) => sum + most - least, 0);
/** Judged: one crew in thirty is sent on elsewhere; a district's patients go to some ten hospitals. */
const hospitalRates = { agree: { m: 0.97, u: 0.15 }, differ: { m: 0.03, u: 0.85 } } as const;
/**
 * Judged: a number is copied wrongly once in fifty, mostly in a digit or two exchanged; it is then that of a call of the
 * same hours, because numbers run on. So calls that compete differ from one another in a digit or two anyway.
 */
const numberRates = {
  agree: { m: 0.98, u: 0.001 },
  slip: { m: 0.012, u: 0.1 },
  differ: { m: 0.008, u: 0.9 },
} as const;
/** Judged: of the reports that come here for an ambulance's patient, the share whose call lies within the span. */
const PRIOR = 0.9;

/**
 * Judged: other visits of the same patient in the span, for each call, that no ambulance brought him to. The right person is
 * not yet the right visit: against this stand time, hospital and number, at chance for a visit that has nothing to do with the call.
 */
const OTHER_VISITS = 0.25;

/**
 * Beyond it nobody doubts that it is the same person: of two calls of one patient the one with the fuller record is not the
 * likelier visit for that.
 */
const PERSON_CAP_BITS = 24;

/** The candidates by how likely the report is theirs, the likeliest first. A report has one call, so they compete. */
export function linkReport(
  report: ReportSaid,
  candidates: readonly CallCandidate[],
  compare: ComparePersons,
): CallLink[] {
  // Candidates are those that look right; what they were taken from is every call of the span.
  const near = candidates.filter(({ receivedAt }) => isNear(report, receivedAt)).length;
  const prior = PRIOR / (SPAN_RATIO * Math.max(1, near));
  const weighed = candidates.map((candidate) => {
    const evidence = evidenceFor(report, candidate, compare);
    const person = Math.min(PERSON_CAP_BITS, sum(evidence.filter(isOfPerson)));
    const visit = sum(evidence.filter((each) => !isOfPerson(each)));
    return { candidate, evidence, samePerson: prior * 2 ** person, odds: prior * 2 ** (person + visit) };
  });
  const otherVisits = weighed.map(({ samePerson }) => OTHER_VISITS * samePerson);
  const total = (odds: readonly number[]) => odds.reduce((all, each) => all + each, 0);
  const everything = 1 - PRIOR + total(weighed.map(({ odds }) => odds)) + total(otherVisits);
  return weighed
    .sort((a, b) => b.odds - a.odds || a.candidate.callNumber - b.candidate.callNumber)
    .map(({ candidate: { callId, callNumber }, evidence, odds }) => ({
      callId,
      callNumber,
      confidence: odds / everything,
      evidence,
    }));
}

/**
 * Posterior from which a report is taken to be of a call without a person looking. Measured by `bench/care-linkage.ts` on five
 * times 10,000 invented reports the rates were not judged by: sensitivity 0.991 to 0.993, positive predictive value
 * 0.9991 or more; at 0.97 it would be 0.989 to 0.992. What stays below waits in the list.
 */
const LINK_CONFIDENCE = 0.95;

/** The call a report is certainly about; `null` where none is, or where nothing was said of who it was. */
export function certainLink(links: readonly CallLink[]): CallLink | null {
  const best = links[0];
  if (!best || best.confidence < LINK_CONFIDENCE) return null;
  // Time and hospital alone never make a patient: somebody has to have been named.
  const isNumbered = best.evidence.some(({ field, bits }) => field === 'number' && bits > 0);
  return isNumbered || namesPatient(best) ? best : null;
}

/** Whether what a report says of who the patient is agrees with the call: age and sex alone describe many. */
export const namesPatient = ({ evidence }: CallLink): boolean =>
  evidence.some(({ field, bits }) => NAMING.has(field) && bits > 0);

const isOfPerson = ({ field }: LinkEvidence) => field !== 'time' && field !== 'hospital' && field !== 'number';
const sum = (evidence: readonly LinkEvidence[]) => evidence.reduce((total, { bits }) => total + bits, 0);

const isNear = ({ arrivedAt }: ReportSaid, receivedAt: Instant) =>
  arrivedAt !== null &&
  receivedAt >= arrivedAt - NEAR_HOURS.before * 60 * MINUTE_MS &&
  receivedAt <= arrivedAt + NEAR_HOURS.after * 60 * MINUTE_MS;

function evidenceFor(report: ReportSaid, call: CallCandidate, compare: ComparePersons): LinkEvidence[] {
  const found: LinkEvidence[] = [];
  const say = (field: LinkEvidence['field'], agreement: string, { m, u }: Rate) =>
    found.push({ field, agreement, bits: Math.log2(m / u) });
  found.push(...samePerson(report.person, call.persons, compare));
  if (report.arrivedAt !== null) {
    const basis = call.atDestination === null ? 'received' : 'atDestination';
    const minutes = (report.arrivedAt - (call.atDestination ?? call.receivedAt)) / MINUTE_MS;
    const band = timeBands[basis].find(({ within }) => within.some(isWithin(minutes)));
    if (band) say('time', band.level, { m: band.m, u: widthOf(band) / SPAN_MINUTES });
    else say('time', ANOTHER_DAY.level, ANOTHER_DAY);
  }
  if (call.hospitalIds.length > 0) {
    const agreement = call.hospitalIds.includes(report.hospitalId) ? 'agree' : 'differ';
    say('hospital', agreement, hospitalRates[agreement]);
  }
  if (report.callNumber !== null) {
    const agreement = numberLevel(report.callNumber, call.callNumber);
    say('number', agreement, numberRates[agreement]);
  }
  return found;
}

function numberLevel(said: number, actual: number): keyof typeof numberRates {
  if (said === actual) return 'agree';
  return isSlip(String(said), String(actual)) ? 'slip' : 'differ';
}
