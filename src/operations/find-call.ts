/** The call a report is about where the hospital does not know it: candidates by number, person and time, laid beside it. */
import { setImmediate as takeTurns } from 'node:timers/promises';
import { decisionContext, intakeContext } from '../calls/accept.ts';
import type { CallInput } from '../calls/schema.ts';
import { type CandidateRow, findCandidates } from '../care/candidate-store.ts';
import { type CallCandidate, type CallLink, linkReport, NEAR_HOURS, SPAN_DAYS } from '../care/linkage.ts';
import type { CountingOutcome, Outcome } from '../care/outcome.ts';
import { findTold } from '../care/outcome-store.ts';
import { standing } from '../care/record.ts';
import { findEntries } from '../care/record-store.ts';
import type { Deps } from '../deps.ts';
import { type Instant, rfc3339 } from '../domain/time.ts';
import type { FiledResident } from '../residents/file.ts';
import { callKeys } from '../residents/keys.ts';
import { type PersonSaid, personEvidence } from '../residents/match/person.ts';
import { residentContext } from '../residents/store.ts';
import { filedOf, residentsSaid, saidOf, spokenOf } from './link-outcome.ts';
import type { DecisionRecord } from './receive-call.ts';
import { identitiesIn } from './record-care.ts';

const HOUR_MS = 3_600_000;
/** A patient is in hospital within hours of the call; a known patient's report may carry a wrong day, or none but its own. */
const NARROW_MS = [-NEAR_HOURS.before * HOUR_MS, NEAR_HOURS.after * HOUR_MS] as const;
const WIDE_MS = [-SPAN_DAYS * 24 * HOUR_MS, NEAR_HOURS.after * HOUR_MS] as const;
const CANDIDATES_AT_MOST = 300;
/** Opened in one go, so that a caller never waits for a report's search. */
const AT_ONCE = 20;

export interface FoundCall extends CallLink {
  readonly receivedAt: Instant;
  readonly complaint: string;
  readonly residentId: string | null;
}

/** The likeliest first. Empty where nothing lies near. */
export async function findCallsFor(
  deps: Deps,
  outcome: Outcome,
  hospitalId: string,
  receivedAt: Instant,
): Promise<FoundCall[]> {
  const arrived = outcome.arrivedAt ?? outcome.admittedAt;
  const around = Date.parse(arrived ?? outcome.dischargedAt ?? rfc3339(receivedAt));
  const person = saidOf(outcome.patient);
  const residents = outcome.patient ? await residentsSaid(deps, outcome.patient, receivedAt) : [];
  const span = ([before, after]: readonly [number, number]) => [around + before, around + after] as const;
  const rows = await findCandidates(deps.db, {
    callNumber: outcome.callNumber ?? null,
    residentIds: residents.map((file) => file.residentId),
    keys: callKeys(deps.seal, person),
    wide: [around + WIDE_MS[0], Math.max(around, receivedAt) + WIDE_MS[1]],
    narrow: span(NARROW_MS),
    hospitalId,
    atMost: CANDIDATES_AT_MOST,
  });
  const callIds = rows.map((row) => row.callId);
  const entries = await findEntries(deps.db, deps.seal, callIds);
  const told = (await findTold(deps.db, deps.seal, callIds)).filter((each) => !isCorrected(each, outcome, hospitalId));
  const files = new Map(residents.map((file) => [file.residentId, file]));
  const candidates: CallCandidate[] = [];
  for (const [i, row] of rows.entries()) {
    if (i % AT_ONCE === AT_ONCE - 1) await takeTurns();
    const seen = identitiesIn(standing(entries.get(row.callId) ?? []));
    const reported = told.flatMap((each) =>
      each.callId === row.callId && each.outcome.patient ? [saidOf(each.outcome.patient)] : [],
    );
    candidates.push({ ...row, persons: [...personsOf(deps, row, files), ...seen, ...reported] });
  }
  const report = {
    person,
    arrivedAt: arrived === undefined ? null : Date.parse(arrived),
    hospitalId,
    callNumber: outcome.callNumber ?? null,
  };
  const byId = new Map(rows.map((row) => [row.callId, row]));
  return linkReport(report, candidates, (a, b) => personEvidence(a, b, receivedAt)).map((link) => {
    const { receivedAt, complaint, residentId } = byId.get(link.callId) as CandidateRow;
    return { ...link, receivedAt, complaint, residentId };
  });
}

/** What a report takes the place of is no account to judge it by: it may be what was wrong. */
const isCorrected = (told: CountingOutcome, { corrects, reportId }: Outcome, hospitalId: string) =>
  told.outcomeId === corrects ||
  (reportId !== undefined && told.hospitalId === hospitalId && told.outcome.reportId === reportId);

/** Everybody the call may be about, of whom the report may speak. */
function personsOf(
  deps: Pick<Deps, 'seal'>,
  row: CandidateRow,
  said: ReadonlyMap<string, FiledResident>,
): PersonSaid[] {
  const spoken = spokenOf(deps.seal.open<CallInput>(row.intake, intakeContext(row.callId)));
  if (row.file && row.residentId)
    return [filedOf(deps.seal.open<FiledResident>(row.file, residentContext(row.residentId))), spoken];
  if (!row.decision) return [spoken];
  const { answer } = deps.seal.open<DecisionRecord>(row.decision, decisionContext(row.callId, row.revision));
  const possible = answer.matches.flatMap(({ residentId }) => said.get(residentId) ?? []);
  return [...possible.map(filedOf), spoken];
}
