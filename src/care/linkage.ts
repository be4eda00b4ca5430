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

/**
 * Judged: hospitals note an arrival within minutes of the crew's, now and then an hour or a day off; other calls' arrivals
 * lie anywhere in the window candidates are taken from. A drive to hospital begins some 15 to 90 minutes after the call.
 */
const timeRates = {
  atDestination: [
    { level: 'within 5 min', minutes: 5, m: 0.75, u: 0.02 },
    { level: 'within 15 min', minutes: 15, m: 0.15, u: 0.04 },
    { level: 'within 60 min', minutes: 60, m: 0.06, u: 0.15 },
    { level: 'further', minutes: Number.POSITIVE_INFINITY, m: 0.04, u: 0.79 },
  ],
  received: [
    { level: '10 to 90 min after the call', minutes: 40, m: 0.85, u: 0.14 },
    { level: 'within 3 h', minutes: 130, m: 0.1, u: 0.3 },
    { level: 'further', minutes: Number.POSITIVE_INFINITY, m: 0.05, u: 0.56 },
  ],
} as const;
/** Middle of the usual time from call to hospital. */
const USUAL_MINUTES = 50;
/** Judged: one crew in thirty is sent on elsewhere; a district's patients go to some ten hospitals. */
const hospitalRates = { agree: { m: 0.97, u: 0.15 }, differ: { m: 0.03, u: 0.85 } } as const;
/** Judged: a number is copied wrongly once in fifty; a wrong one is another live call's no more often than chance. */
const numberRates = { agree: { m: 0.98, u: 0.0005 }, differ: { m: 0.02, u: 0.9995 } } as const;
/** Judged: of the reports that come here for an ambulance's patient, the share whose call is among the candidates. */
const PRIOR = 0.9;

type ComparePersons = (a: PersonSaid, b: PersonSaid) => readonly PersonEvidence[];

/** The candidates by how likely the report is theirs, the likeliest first. A report has one call, so they compete. */
export function linkReport(
  report: ReportSaid,
  candidates: readonly CallCandidate[],
  compare: ComparePersons,
): CallLink[] {
  const weighed = candidates.map((candidate) => {
    const evidence = evidenceFor(report, candidate, compare);
    return { candidate, evidence, odds: (PRIOR / candidates.length) * 2 ** sum(evidence) };
  });
  const everything = 1 - PRIOR + weighed.reduce((total, { odds }) => total + odds, 0);
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
 * Posterior from which a report is taken to be of a call without a person looking. Measured on the invented set of
 * `bench/care-linkage.ts`; what stays below waits in the list.
 */
export const LINK_CONFIDENCE = 0.99;

/** The call a report is certainly about; `null` where none is, or where nothing was said of who it was. */
export function certainLink(links: readonly CallLink[]): CallLink | null {
  const best = links[0];
  if (!best || best.confidence < LINK_CONFIDENCE) return null;
  // Time and hospital alone never make a patient: somebody has to have been named.
  const named = best.evidence.filter(
    ({ field }) => field === 'name' || field === 'idNumber' || field === 'birthDate' || field === 'number',
  );
  return named.some(({ bits }) => bits > 0) ? best : null;
}

const sum = (evidence: readonly LinkEvidence[]) => evidence.reduce((total, { bits }) => total + bits, 0);

function evidenceFor(report: ReportSaid, call: CallCandidate, compare: ComparePersons): LinkEvidence[] {
  const found: LinkEvidence[] = [];
  const say = (field: LinkEvidence['field'], agreement: string, { m, u }: Rate) =>
    found.push({ field, agreement, bits: Math.log2(m / u) });
  // The account that fits best: a spouse's file or a misheard name beside the right card is no evidence against it.
  const accounts = call.persons.map((person) => compare(report.person, person));
  const best = accounts.sort((a, b) => sum(b) - sum(a))[0];
  if (best) found.push(...best);
  if (report.arrivedAt !== null) {
    const { arrivedAt } = report;
    const reported = call.atDestination;
    const minutes =
      reported === null
        ? Math.abs((arrivedAt - call.receivedAt) / MINUTE_MS - USUAL_MINUTES)
        : Math.abs(arrivedAt - reported) / MINUTE_MS;
    const band = timeRates[reported === null ? 'received' : 'atDestination'].find((each) => minutes <= each.minutes);
    if (band) say('time', band.level, band);
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
