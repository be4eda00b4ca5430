/** Whom a call may be about: found by blind keys, opened. A registry that does not answer in time delays nothing. */
import type { Intake } from '../calls/intake.ts';
import { type Found, LOOKUP_BUDGET_MS, type LookupRequest, type SealedResident } from '../calls/lookup.ts';
import { conflictsOf, type Learned, learnedContext, withLearned } from '../care/learned.ts';
import type { Deps } from '../deps.ts';
import type { Instant } from '../domain/time.ts';
import type { FiledResident } from '../residents/file.ts';
import { lookupKeys } from '../residents/keys.ts';
import { residentContext } from '../residents/store.ts';
import { openPlaces } from './how-to-get-in.ts';
import { callerFacts, type Opened } from './judge-call.ts';

/** What finding and opening needs; a benchmark brings no more. */
type LookupDeps = Pick<Deps, 'lookUp' | 'seal' | 'log'>;

/** `null` when the look-up failed or took too long; that is logged and shown, and never refuses the call. */
export async function openCandidates(
  deps: LookupDeps,
  intake: Intake,
  now: Instant,
  nearbyHomes = intake.name !== null || intake.address !== null,
): Promise<Opened | null> {
  const found = await withinBudget(deps, {
    keys: lookupKeys(deps.seal, callerFacts(intake), now),
    residentId: intake.residentId,
    position: intake.position,
    nearbyHomes,
    described: [intake.name, intake.ageYears, intake.sex, intake.idNumber].some((said) => said !== null),
  });
  if (!found) return null;
  const pastPlaces = openPlaces(deps, found.pastPlaces);
  const residents = found.residents.flatMap((found) => {
    try {
      return [openResident(deps, found)];
    } catch (error) {
      deps.log.error({ err: error }, 'a filed resident cannot be opened with this IDENTITY_KEY');
      return [];
    }
  });
  return { residents, pastPlaces, subdistrictCode: found.subdistrictCode, registrySize: found.registrySize };
}

/** The file as a decision reads it: what was learned on earlier calls stands behind what was filed. */
export function openResident(
  deps: Pick<Deps, 'seal'>,
  { residentId, sealed, learned, subdistrictCode }: SealedResident,
): Opened['residents'][number] {
  const file = deps.seal.open<FiledResident>(sealed, residentContext(residentId));
  if (!learned) return { file, subdistrictCode };
  const since = deps.seal.open<Learned>(learned, learnedContext(residentId));
  const history = file.history ?? {};
  return {
    file: { ...file, history: withLearned(history, since) },
    subdistrictCode,
    hasConflict: conflictsOf(history, since).length > 0,
    closed: since.death !== null,
  };
}

function withinBudget(deps: Pick<Deps, 'lookUp' | 'log'>, request: LookupRequest): Promise<Found | null> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      deps.log.error('the registry did not answer in time; the call goes on by complaint alone');
      resolve(null);
    }, LOOKUP_BUDGET_MS);
    deps.lookUp(request).then(
      (found) => {
        clearTimeout(timer);
        resolve(found);
      },
      (error: unknown) => {
        clearTimeout(timer);
        deps.log.error({ err: error }, 'the registry did not answer; the call goes on by complaint alone');
        resolve(null);
      },
    );
  });
}
