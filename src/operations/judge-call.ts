/** The judgement at the heart of a call: who it is, what they need, who can be there first. Pure: found facts in, answer out. */
import type { Intake } from '../calls/intake.ts';
import type { CallAnswer, CallInput, MatchView } from '../calls/schema.ts';
import { HISTORY_UNAVAILABLE } from '../calls/store.ts';
import type { HowToGetIn } from '../domain/how-to-get-in.ts';
import { distanceMetres, type Position } from '../domain/position.ts';
import { ageInYears, type Instant } from '../domain/time.ts';
import type { Capability, LocationSource, Priority } from '../domain/vocabulary.ts';
import { chooseHospitals } from '../fleet/hospitals.ts';
import type { RankedUnit, RankingPolicy } from '../fleet/rank.ts';
import type { Roster } from '../fleet/roster.ts';
import type { Unit } from '../fleet/schema.ts';
import type { Travel } from '../fleet/travel.ts';
import { type Suggestion, suggestLocate } from '../locate/suggest.ts';
import { decide, unknownPatient } from '../requirement/decide.ts';
import type { Facts, PatientFacts } from '../requirement/facts.ts';
import type { Protocol } from '../requirement/load.ts';
import type { FiledResident } from '../residents/file.ts';
import { type CallerFacts, type Candidate, credible, type Match, matchResidents } from '../residents/match/decide.ts';
import { normaliseName } from '../residents/match/normalise.ts';
import { howToGetIn, type PastPlace } from './how-to-get-in.ts';

/** A file not confirmed for half a year is stale: shown as such, used all the same. */
const STALE_FILE_MS = 183 * 86_400_000;
/** Beyond the call's own uncertainty, how far from the registered home the patient still counts as at home. */
const AT_HOME_METRES = 150;
const SHOWN = { satisfying: 8, inAll: 10 } as const;
/** Farther from any road that leads anywhere, the arrival foreseen is mostly a guess about what is not on the map. */
const FAR_FROM_ROAD_METRES = 300;
const MATCHES_SHOWN = 20;
const GESTATION_WEEKS = 40;
const WEEK_MS = 7 * 86_400_000;

export interface Judges {
  readonly protocol: Protocol;
  readonly rank: RankingPolicy;
  readonly travel: Travel;
  readonly roster: Roster;
  readonly config: { readonly responseTargets: Readonly<Record<Priority, number>> };
}

/** Whoever the blind keys pointed to, opened. `null`: the registry did not answer in time. */
export interface Opened {
  readonly pastPlaces: readonly PastPlace[];
  readonly residents: readonly {
    readonly file: FiledResident;
    readonly subdistrictCode: string | null;
    /** What was learned contradicts what was filed. */
    readonly hasConflict?: boolean;
    /** A death was reported. */
    readonly closed?: boolean;
  }[];
  readonly subdistrictCode: string | null;
  readonly registrySize: number;
}

export interface Judgement {
  readonly facts: Facts;
  readonly matches: MatchView[];
  readonly recommendation: CallAnswer['recommendation'];
  readonly units: RankedUnit[];
  readonly howToGetIn: HowToGetIn[];
  readonly locateSuggestion: Suggestion | null;
  /** Where to send them: as reported, or the registered home of the one resident it must be. */
  readonly place: {
    readonly position: Position | null;
    readonly source: LocationSource | null;
    readonly uncertaintyMetres: number | null;
    readonly subdistrictCode: string | null;
  };
  /** Residents whose history went into the decision. */
  readonly historiesRead: string[];
}

/** What the matcher may know of the caller. */
export const callerFacts = (intake: Intake): CallerFacts => ({
  phone: intake.phone,
  deviceId: intake.deviceId,
  idNumber: intake.idNumber,
  residentId: intake.residentId,
  name: intake.name,
  ageYears: intake.ageYears,
  sex: intake.sex,
  address: intake.address,
  position: intake.position,
  uncertaintyMetres: intake.uncertaintyMetres,
  relation: intake.relation,
});

export function judgeCall(
  judges: Judges,
  intake: Intake,
  { channel, complaint }: Pick<CallInput, 'channel' | 'complaint'>,
  opened: Opened | null,
  now: Instant,
): Judgement {
  const files = new Map(opened?.residents.map((resident) => [resident.file.residentId, resident]));
  const caller = callerFacts(intake);
  const match = (found: Iterable<Opened['residents'][number]>) =>
    matchResidents(
      caller,
      Array.from(found, ({ file }) => candidateOf(file)),
      now,
      opened?.registrySize ?? 0,
    );
  // The telephone of the dead rings on: a closed file is nobody's match, unless the call says that it is that very person.
  const living = [...files.values()].filter(({ closed, file }) => !closed || isSaidToBe(caller, file));
  const matches = match(living);
  const { residents: credibles, tooMany } = credible(matches);
  const chosen = tooMany ? [] : credibles.flatMap((match) => files.get(match.residentId) ?? []);
  const sure = chosen.length === 1 && credibles[0]?.grade === 'match' ? chosen[0] : undefined;

  const place = placeOf(intake, sure, opened);
  const patients = chosen.map(({ file }) => patientOf(file, intake, place.position, now));
  // Where nobody is sure to be the patient, whoever was described counts too: a possible match never lowers.
  if (!sure) patients.push(strangerOf(intake));
  const facts: Facts = { complaint: { code: complaint.code, answers: complaint.answers ?? {} }, patients };
  const decision = decide(judges.protocol, facts);
  const { requirement } = decision;

  const units = rankFor(judges, requirement.priority, requirement, place.position, intake.receivedAt, now);
  const flags: string[] = [];
  if (!opened) flags.push(HISTORY_UNAVAILABLE);
  else if (intake.residentId && !files.has(intake.residentId)) flags.push('resident-not-filed');
  if (chosen.length > 1) flags.push('several-residents');
  if (tooMany) flags.push('too-many-residents');
  if (chosen.some(({ file }) => now - Date.parse(file.confirmedAt ?? file.filedAt) > STALE_FILE_MS))
    flags.push('stale-file');
  if (chosen.some(({ hasConflict }) => hasConflict)) flags.push('history-conflict');
  const someClosed = living.length < files.size || chosen.some(({ closed }) => closed);
  if (someClosed && match(files.values()).some(({ residentId }) => files.get(residentId)?.closed))
    flags.push('closed-file');
  if (!place.position) flags.push('place-unknown');
  else if ((judges.travel.offRoadMetres(place.position) ?? 0) > FAR_FROM_ROAD_METRES) flags.push('far-from-road');
  if (!units[0]?.satisfies) flags.push('no-unit-satisfies');

  return {
    facts,
    matches: matches
      .slice(0, MATCHES_SHOWN)
      .flatMap((match) => matchView(match, files.get(match.residentId)?.file, now)),
    recommendation: {
      priority: requirement.priority,
      vehicleType: decision.vehicleType,
      capabilities: { required: [...requirement.required], preferred: [...requirement.preferred] },
      basis: chosen.length > 0 ? 'history' : 'complaint-only',
      cautions: requirement.cautions.map(({ code, text }) => ({ code, text: { ...text } })),
      hospitals: chooseHospitals(requirement.hospitals, place.position, now, judges.roster.hospitals, judges.travel),
      reasons: [...decision.reasons],
      unmapped: [...decision.unmapped],
      flags,
      protocolVersion: decision.protocolVersion,
    },
    units,
    howToGetIn: tooMany
      ? []
      : howToGetIn(
          chosen.map(({ file }) => file),
          opened?.pastPlaces ?? [],
        ),
    locateSuggestion: suggestLocate(channel, complaint),
    place,
    historiesRead: chosen.map(({ file }) => file.residentId),
  };
}

/** Named, by number, by name or by a dispatcher: a death may have been reported of the wrong person. */
const isSaidToBe = (caller: CallerFacts, file: FiledResident): boolean =>
  caller.residentId === file.residentId ||
  (caller.idNumber !== null && caller.idNumber === file.idNumber) ||
  (caller.name !== null && normaliseName(caller.name) === normaliseName(file.name));

/** The reported position; without one, the home of the only resident it can be, said to be that. */
function placeOf(
  intake: Intake,
  sure: Opened['residents'][number] | undefined,
  opened: Opened | null,
): Judgement['place'] {
  const { position, source, uncertaintyMetres } = intake;
  const subdistrictCode = opened?.subdistrictCode ?? null;
  if (position) return { position, source, uncertaintyMetres, subdistrictCode };
  const home = sure?.file.home?.position;
  if (!home || intake.address) return { position: null, source, uncertaintyMetres, subdistrictCode };
  return { position: home, source: 'registered', uncertaintyMetres: null, subdistrictCode: sure.subdistrictCode };
}

export const candidateOf = (file: FiledResident): Candidate => ({
  residentId: file.residentId,
  name: file.name,
  sex: file.sex,
  birthDate: file.birthDate,
  idNumber: file.idNumber ?? null,
  phones: file.phones,
  contactPhones: file.contacts?.map((contact) => contact.phone) ?? [],
  deviceIds: file.devices?.map((device) => device.deviceId) ?? [],
  address: file.home?.address ?? null,
  position: file.home?.position ?? null,
  livesAlone: file.livesAlone ?? null,
});

export function patientOf(file: FiledResident, intake: Intake, place: Position | null, now: Instant): PatientFacts {
  const { history, home } = file;
  const away =
    place && home?.position
      ? distanceMetres(place, home.position) > (intake.uncertaintyMetres ?? 0) + AT_HOME_METRES
      : false;
  return {
    ageYears: ageInYears(file.birthDate, now),
    sex: file.sex,
    // A procedure says what there is: a stent, a bypass.
    conditions: [...(history?.conditions ?? []), ...(history?.procedures ?? [])],
    allergies: history?.allergies ?? [],
    medications: history?.medications ?? [],
    implants: history?.implants ?? [],
    directives: history?.directives ?? [],
    weightKg: history?.weightKg ?? null,
    mobility: history?.mobility ?? null,
    pregnancyWeeks: history?.pregnancyDueDate ? pregnancyWeeks(history.pregnancyDueDate, now) : null,
    livesAlone: file.livesAlone ?? null,
    dwelling: home && !away ? { floor: home.floor ?? null, hasLift: home.hasLift ?? null } : null,
  };
}

/** Nobody filed, or nobody sure: what the caller said, and nothing else. */
export const strangerOf = (intake: Intake): PatientFacts => ({
  ...unknownPatient,
  ageYears: intake.ageYears,
  sex: intake.sex ?? 'unknown',
});

/** Completed weeks of a term of 40; null once the due date is four weeks past, or before the pregnancy began. */
function pregnancyWeeks(dueDate: string, now: Instant): number | null {
  const weeks = GESTATION_WEEKS - Math.ceil((Date.parse(dueDate) - now) / WEEK_MS);
  return weeks >= 0 && weeks <= GESTATION_WEEKS + 4 ? weeks : null;
}

function matchView(match: Match, file: FiledResident | undefined, now: Instant): MatchView[] {
  if (!file) return [];
  return [
    {
      residentId: file.residentId,
      name: file.name,
      ageYears: ageInYears(file.birthDate, now),
      sex: file.sex,
      confidence: match.confidence,
      grade: match.grade,
      evidence: match.evidence.map((e) => ({ ...e })),
      livesAlone: file.livesAlone ?? null,
    },
  ];
}

/** Units for a requirement as the roster stands: the first of those that satisfy, then a few near-misses. */
export function rankFor(
  judges: Judges,
  priority: Priority,
  capabilities: { readonly required: readonly Capability[]; readonly preferred: readonly Capability[] },
  destination: Position | null,
  receivedAt: Instant,
  now: Instant,
  units: readonly Unit[] = judges.roster.units,
): RankedUnit[] {
  const { required, preferred } = capabilities;
  const targetSeconds = judges.config.responseTargets[priority];
  const request = { required, preferred, destination, receivedAt, now, targetSeconds, atMost: SHOWN };
  return judges.rank(request, units, judges.travel);
}
