/** What is known of where somebody is: the call, the files of those it may be, and where they were found before, put together. */
import { decisionContext, intakeContext } from '../calls/accept.ts';
import { type Intake, readIntake } from '../calls/intake.ts';
import type { CallInput } from '../calls/schema.ts';
import type { CallRow } from '../calls/store.ts';
import { findDecisions } from '../calls/store.ts';
import type { Deps } from '../deps.ts';
import type { HowToGetIn } from '../domain/how-to-get-in.ts';
import { distanceMetres, type Position } from '../domain/position.ts';
import { ageInYears, type Instant } from '../domain/time.ts';
import type { LocateReason } from '../domain/vocabulary.ts';
import { type Clue, rankEvidence } from '../locate/evidence.ts';
import { type Dwelling, type Fix, type Fused, fuse } from '../locate/fuse.ts';
import type { EvidenceView, LikelyPlaces, LikelyPlaceView, LocateRequestView } from '../locate/schema.ts';
import { credible, type Match, matchResidents } from '../residents/match/decide.ts';
import { assembleDoors, type Door } from './assemble-doors.ts';
import { howToGetIn } from './how-to-get-in.ts';
import { callerFacts, candidateOf, type Opened } from './judge-call.ts';
import { openCandidates } from './open-candidates.ts';
import type { DecisionRecord } from './receive-call.ts';

/** Share of fixes within their radius where the sender says nothing else (RFC 5491). */
const USUAL_CONFIDENCE = 0.95;
const PLACES_LISTED = 8;
/** Of those filed, couples share a door and many live alone. */
export const RESIDENTS_A_DOOR = 1.6;

/** All of it is sealed with the request. */
export interface Search {
  readonly person: LocateRequestView['person'];
  readonly howToGetIn: readonly HowToGetIn[];
  readonly evidence: readonly EvidenceView[];
  readonly likelyPlaces: LikelyPlaces;
}

export interface SearchFacts extends Search {
  /** False where the registry did not answer: it may know more the next time. */
  readonly registryAnswered: boolean;
  /** Where the search begins. */
  readonly position: Position | null;
  readonly subdistrictCode: string | null;
  readonly filedCentreId: string | null;
  /** Whose file was read. */
  readonly historiesRead: readonly string[];
  /** For a map. */
  readonly fixes: readonly Fix[];
  readonly all: readonly LikelyPlaceView[];
}

/** Doors already looked at without success. */
export interface Tried {
  readonly reason: LocateReason | null;
  readonly searched: ReadonlyMap<string, number>;
}
export const nothingTried: Tried = { reason: null, searched: new Map() };

/** Two round trips: earlier positions of the call, and one look-up. Without the registry it goes by the call alone. */
export async function gatherSearch(deps: Deps, row: CallRow, tried: Tried, now: Instant): Promise<SearchFacts> {
  const input = deps.seal.open<CallInput>(row.sealed, intakeContext(row.call_id));
  const intake = readIntake(input, row.received_at.getTime(), deps.config.serviceArea);
  const [fixes, opened] = await Promise.all([
    fixesOf(deps, row, intake, now),
    openCandidates(deps, intake, now, intake.position !== null),
  ]);
  return weigh(row, intake, opened, fixes, tried, now);
}

interface SourcedFix extends Fix {
  readonly source: Intake['source'];
  readonly at: Instant;
}

/** Every position the call ever had, latest first; a registered home is not one. */
async function fixesOf(deps: Deps, row: CallRow, intake: Intake, now: Instant): Promise<SourcedFix[]> {
  const fixOf = (
    position: Position,
    radiusMetres: number | null,
    source: Intake['source'],
    at: Instant,
  ): SourcedFix => ({
    position,
    radiusMetres,
    source,
    at,
    confidence: USUAL_CONFIDENCE,
    ageSeconds: (now - at) / 1000,
  });
  const fixes = intake.position
    ? [fixOf(intake.position, intake.uncertaintyMetres, intake.source, row.received_at.getTime())]
    : [];
  if (row.revision === 1) return fixes;
  const decisions = await findDecisions(deps.db, row.call_id);
  const found: SourcedFix[] = [];
  for (const { revision, decidedAt, sealed } of decisions) {
    const { location } = deps.seal.open<DecisionRecord>(sealed, decisionContext(row.call_id, revision)).answer.call;
    const { position, source, uncertaintyMetres } = location;
    if (!position || source === 'registered') continue;
    // A change of something else leaves the position as it was, and as old as it was.
    if (!found.some((fix) => distanceMetres(fix.position, position) < 1))
      found.push(fixOf(position, uncertaintyMetres, source, decidedAt));
  }
  return found.length ? found.reverse() : fixes;
}

function weigh(
  row: CallRow,
  intake: Intake,
  opened: Opened | null,
  fixes: readonly SourcedFix[],
  tried: Tried,
  now: Instant,
): SearchFacts {
  const files = opened?.residents.map(({ file }) => file) ?? [];
  const matches = matchResidents(callerFacts(intake), files.map(candidateOf), now, opened?.registrySize ?? 0);
  const { residents: credibles, tooMany } = credible(matches);
  const likely = tooMany ? [] : credibles;
  const confidences = new Map<string, number>(likely.map((match: Match) => [match.residentId, match.confidence]));
  const past = (opened?.pastPlaces ?? []).filter(
    ({ residentId }) => residentId === null || confidences.has(residentId),
  );
  const at: Position | null =
    row.lon === null || row.lat === null ? null : { lon: row.lon, lat: row.lat, crs: 'wgs84' };
  const doors = assembleDoors({ files, confidences, past, said: intake.address, now });
  const dwellings = doors.map((door) => triedAt(door, tried, at));
  const fused = fuse({ dwellings, fixes, doorsOnFile: (opened?.registrySize ?? 0) / RESIDENTS_A_DOOR });
  const byId = new Map(doors.map((door) => [door.dwelling.dwellingId, door]));
  const all = fused.places.flatMap(({ dwellingId, confidence }) => {
    const door = byId.get(dwellingId);
    return door ? [{ ...door.view, confidence: Number(confidence.toFixed(4)) }] : [];
  });

  const chosen = files.filter(({ residentId }) => confidences.has(residentId));
  const [first] = likely;
  const patient =
    first && likely.length === 1 ? chosen.find(({ residentId }) => residentId === first.residentId) : null;
  const home = [...chosen].sort(
    (a, b) => (confidences.get(b.residentId) ?? 0) - (confidences.get(a.residentId) ?? 0),
  )[0];
  return {
    registryAnswered: opened !== null,
    person: patient
      ? {
          residentId: patient.residentId,
          name: patient.name,
          ageYears: ageInYears(patient.birthDate, now),
          sex: patient.sex,
        }
      : null,
    howToGetIn: howToGetIn(chosen, past),
    evidence: rankEvidence(cluesOf(intake, row, fixes, doors), placed(doors, fused), now),
    likelyPlaces: { places: all.slice(0, PLACES_LISTED), elsewhere: Number(restOf(all).toFixed(4)) },
    position: at ?? home?.home?.position ?? null,
    subdistrictCode: at ? row.subdistrict_code : (home?.home?.subdistrictCode ?? null),
    filedCentreId: home?.communityCentreId ?? null,
    historiesRead: chosen.map(({ residentId }) => residentId),
    fixes,
    all,
  };
}

/** What the list does not show counts as elsewhere, so that what is shown sums to one with it. */
const restOf = (all: readonly LikelyPlaceView[]) =>
  Math.max(0, 1 - all.slice(0, PLACES_LISTED).reduce((sum, { confidence }) => sum + confidence, 0));

/** At the door the crew stands at nobody opened; doors named in answers were searched. */
const AT_THE_DOOR_METRES = 60;
function triedAt({ dwelling }: Door, { reason, searched }: Tried, at: Position | null): Dwelling {
  const unopened =
    reason === 'no-answer-at-door' &&
    dwelling.homeConfidence > 0 &&
    dwelling.position !== null &&
    at !== null &&
    distanceMetres(at, dwelling.position) <= AT_THE_DOOR_METRES;
  return { ...dwelling, unopened, searched: dwelling.searched + (searched.get(dwelling.dwellingId) ?? 0) };
}

const placed = (doors: readonly Door[], { places }: Fused) =>
  places.map(({ dwellingId, confidence }) => ({
    dwellingId,
    confidence,
    position: doors.find(({ dwelling }) => dwelling.dwellingId === dwellingId)?.dwelling.position ?? null,
  }));

function cluesOf(intake: Intake, row: CallRow, fixes: readonly SourcedFix[], doors: readonly Door[]): Clue[] {
  const clues: Clue[] = fixes.map(({ position, radiusMetres, source, at }) => ({
    kind: source === 'registered' || source === null ? 'network' : source,
    position,
    radiusMetres,
    at,
    text: null,
    points: null,
  }));
  for (const { dwelling, view, filedAt, deviceIds } of doors) {
    const points = [dwelling.dwellingId];
    const known = { position: dwelling.position, radiusMetres: null, text: view.address, points };
    if (view.kind === 'home') clues.push({ ...known, kind: 'registered-home', at: filedAt });
    if (view.kind === 'home' && intake.deviceId && deviceIds.includes(intake.deviceId))
      clues.push({ ...known, kind: 'registered-device', at: filedAt });
    if (view.placeId) clues.push({ ...known, kind: 'past-place', at: filedAt });
  }
  if (intake.address) {
    const points = doors
      .filter(({ dwelling: { words } }) => words === 'same-door' || words === 'same-building')
      .map(({ dwelling }) => dwelling.dwellingId);
    const at = row.received_at.getTime();
    clues.push({ kind: 'caller-words', position: null, radiusMetres: null, at, text: intake.address, points });
  }
  return clues;
}
