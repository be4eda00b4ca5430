/** The call a report is about where the hospital does not know it: candidates by number, resident and time, laid beside it. */
import { setImmediate as takeTurns } from 'node:timers/promises';
import { intakeContext } from '../calls/accept.ts';
import type { CallInput } from '../calls/schema.ts';
import { type CandidateRow, findCandidates } from '../care/candidate-store.ts';
import { type CallCandidate, type CallLink, linkReport } from '../care/linkage.ts';
import type { Outcome } from '../care/outcome.ts';
import { standing } from '../care/record.ts';
import { findEntries } from '../care/record-store.ts';
import type { PatientIdentity } from '../care/schema.ts';
import type { Deps } from '../deps.ts';
import { normalisePhone } from '../domain/phone.ts';
import type { Instant } from '../domain/time.ts';
import type { FiledResident } from '../residents/file.ts';
import { type PersonSaid, personEvidence } from '../residents/match/person.ts';
import { residentContext } from '../residents/store.ts';
import { filedOf, residentsSaid, saidOf } from './link-outcome.ts';

const HOUR_MS = 3_600_000;
/** A patient is in hospital within this of the call; clocks differ a little the other way. */
const NARROW_MS = [-4 * HOUR_MS, HOUR_MS / 2] as const;
/** A known patient's report may carry a wrong day, or none but the day it was written. */
const WIDE_MS = [-45 * 24 * HOUR_MS, HOUR_MS / 2] as const;
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
  const arrived = outcome.arrivedAt ?? outcome.admittedAt ?? outcome.dischargedAt;
  const around = arrived === undefined ? receivedAt : Date.parse(arrived);
  const residents = outcome.patient ? await residentsSaid(deps, outcome.patient, receivedAt) : [];
  const span = ([before, after]: readonly [number, number]) => [around + before, around + after] as const;
  const rows = await findCandidates(deps.db, {
    callNumber: outcome.callNumber ?? null,
    residentIds: residents.map((file) => file.residentId),
    wide: [around + WIDE_MS[0], Math.max(around, receivedAt) + WIDE_MS[1]],
    narrow: span(NARROW_MS),
    hospitalId,
    atMost: CANDIDATES_AT_MOST,
  });
  const entries = await findEntries(
    deps.db,
    deps.seal,
    rows.map((row) => row.callId),
  );
  const candidates: CallCandidate[] = [];
  for (const [i, row] of rows.entries()) {
    if (i % AT_ONCE === AT_ONCE - 1) await takeTurns();
    const seen = standing(entries.get(row.callId) ?? []).flatMap(({ kind, entry }) =>
      kind === 'identity' && entry.patient ? [saidOf(entry.patient as PatientIdentity)] : [],
    );
    candidates.push({ ...row, persons: [...personsOf(deps, row), ...seen] });
  }
  const report = {
    person: saidOf(outcome.patient),
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

function personsOf(deps: Pick<Deps, 'seal'>, row: CandidateRow): PersonSaid[] {
  const { patient, caller } = deps.seal.open<CallInput>(row.intake, intakeContext(row.callId));
  const phone = caller?.phone ? normalisePhone(caller.phone) : null;
  const spoken: PersonSaid = { ...saidOf({ ...patient }), phones: phone ? [phone] : [] };
  const file =
    row.file && row.residentId ? deps.seal.open<FiledResident>(row.file, residentContext(row.residentId)) : null;
  return file ? [filedOf(file), spoken] : [spoken];
}
