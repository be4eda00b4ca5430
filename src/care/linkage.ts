/** Which call a report belongs to: Fellegi–Sunter weights over person, time, hospital and number, a posterior over all candidates. Pure. */
import type { Instant } from '../domain/time.ts';
import type { PersonEvidence, PersonSaid } from '../residents/match/person.ts';

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
 * Judged: hospitals note an arrival within minutes of the crew's, now and then hours or a day off; a drive to hospital ends
 * some 10 to 90 minutes after the call. By chance any minute of the span is as likely, so u is the band's share of it.
 */
const timeBands = {
  atDestination: [
    { level: 'within 5 min', within: [-5, 5], m: 0.75 },
    { level: 'within 15 min', within: [-15, 15], m: 0.15 },
    { level: 'within 80 min', within: [-80, 80], m: 0.06 },
    { level: 'within 12 h', within: [-720, 720], m: 0.03 },
  ],
  received: [
    { level: '10 to 90 min after the call', within: [10, 90], m: 0.85 },
    { level: 'within 3 h of the call', within: [-5, 180], m: 0.09 },
    { level: 'within 12 h of the call', within: [-60, 720], m: 0.05 },
  ],
} as const;
const ANOTHER_DAY = { level: 'another day', m: 0.01, u: 1 } as const;
/** Judged: one crew in thirty is sent on elsewhere; a district's patients go to some ten hospitals. */
const hospitalRates = { agree: { m: 0.97, u: 0.15 }, differ: { m: 0.03, u: 0.85 } } as const;
/** Judged: a number is copied wrongly once in fifty; a wrong one is another live call's no more often than chance. */
const numberRates = { agree: { m: 0.98, u: 0.0005 }, differ: { m: 0.02, u: 0.9995 } } as const;
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

type ComparePersons = (a: PersonSaid, b: PersonSaid) => readonly PersonEvidence[];

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
 * Posterior from which a report is taken to be of a call without a person looking. Measured on the 10,000 invented reports of
 * `bench/care-linkage.ts`: sensitivity 0.990 and positive predictive value 0.9992 (before accounts that say nothing were set aside, at 0.97: 0.988 and
 * 0.9994; at 0.9: 0.991
 * and 0.9989). What stays below waits in the list.
 */
export const LINK_CONFIDENCE = 0.95;

/** The call a report is certainly about; `null` where none is, or where nothing was said of who it was. */
export function certainLink(links: readonly CallLink[]): CallLink | null {
  const best = links[0];
  if (!best || best.confidence < LINK_CONFIDENCE) return null;
  // Time and hospital alone never make a patient: somebody has to have been named.
  return best.evidence.some(({ field, bits }) => NAMING.has(field) && bits > 0) ? best : null;
}

const NAMING: ReadonlySet<string> = new Set(['idNumber', 'name', 'birthDate', 'phone', 'number']);
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
  // The account that fits best: a spouse's file or a misheard name beside the right card is no evidence against it.
  const accounts = call.persons.map((person) => compare(report.person, person));
  // Of those that name somebody: an account that says nothing contradicts nothing, and must not stand in for one that does.
  const naming = accounts.filter((each) => each.some(({ field }) => NAMING.has(field)));
  const [best] = (naming.length > 0 ? naming : accounts).sort((a, b) => sum(b) - sum(a));
  if (best) found.push(...best);
  if (report.arrivedAt !== null) {
    const basis = call.atDestination === null ? 'received' : 'atDestination';
    const minutes = (report.arrivedAt - (call.atDestination ?? call.receivedAt)) / MINUTE_MS;
    const band = timeBands[basis].find(({ within: [least, most] }) => minutes >= least && minutes <= most);
    if (band) say('time', band.level, { m: band.m, u: (band.within[1] - band.within[0]) / SPAN_MINUTES });
    else say('time', ANOTHER_DAY.level, ANOTHER_DAY);
  }
  if (call.hospitalIds.length > 0) {
    const agreement = call.hospitalIds.includes(report.hospitalId) ? 'agree' : 'differ';
    say('hospital', agreement, hospitalRates[agreement]);
  }
  if (report.callNumber !== null) {
    const agreement = report.callNumber === call.callNumber ? 'agree' : 'differ';
    say('number', agreement, numberRates[agreement]);
  }
  return found;
}
