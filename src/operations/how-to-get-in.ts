/** How to get to somebody's door, out of what a call's look-up brought along anyway: no round trip of its own. */
import type { SealedPlace } from '../calls/lookup.ts';
import type { Deps } from '../deps.ts';
import type { HowToGetIn, PastPlaceView } from '../domain/how-to-get-in.ts';
import type { Position } from '../domain/position.ts';
import type { FiledResident } from '../residents/file.ts';

/** What is sealed of a place where somebody was found. */
export interface FoundAt {
  readonly position: Position | null;
  readonly building: string | null;
  readonly unit: string | null;
  readonly floor: number | null;
  readonly room: string | null;
  readonly entryNotes: string | null;
  /** Who at the centre confirmed it. */
  readonly person: string | null;
}

export const placeContext = (placeId: string) => `confirmed-place:${placeId}`;

/** A place where somebody was found, opened. */
export interface PastPlace extends FoundAt {
  readonly placeId: string;
  readonly residentId: string | null;
  readonly centreId: string;
  readonly confirmedAt: string;
  readonly refutedAt: string | null;
}

const PLACES_SHOWN = 5;

export function openPlaces({ seal, log }: Pick<Deps, 'seal' | 'log'>, sealed: readonly SealedPlace[]): PastPlace[] {
  return sealed.flatMap(({ sealed: bytes, ...place }) => {
    try {
      return [{ ...place, ...seal.open<FoundAt>(bytes, placeContext(place.placeId)) }];
    } catch (error) {
      log.error({ err: error }, 'a confirmed place cannot be opened with this IDENTITY_KEY');
      return [];
    }
  });
}

/** One entry a resident; beside them one of places known by phone or device alone, where there are any. */
export function howToGetIn(files: readonly FiledResident[], pastPlaces: readonly PastPlace[]): HowToGetIn[] {
  const standing = pastPlaces.filter(({ refutedAt }) => refutedAt === null);
  const entries = files.map((file): HowToGetIn => {
    const { home } = file;
    return {
      residentId: file.residentId,
      name: file.name,
      livesAlone: file.livesAlone ?? null,
      address: home?.address ?? null,
      position: home?.position ?? null,
      building: home?.building ?? null,
      unit: home?.unit ?? null,
      floor: home?.floor ?? null,
      room: home?.room ?? null,
      hasLift: home?.hasLift ?? null,
      entryNotes: home?.entryNotes ?? null,
      contacts: (file.contacts ?? [])
        .map(({ name, relation = null, phone, holdsKey = false }) => ({ name, relation, phone, holdsKey }))
        .sort((a, b) => Number(b.holdsKey) - Number(a.holdsKey)),
      familyDoctorId: file.familyDoctorId ?? null,
      communityCentreId: file.communityCentreId ?? null,
      pastPlaces: viewsOf(standing.filter(({ residentId }) => residentId === file.residentId)),
    };
  });
  const byDevice = standing.filter(({ residentId }) => residentId === null);
  if (byDevice.length) entries.push({ ...nobodyFiled, pastPlaces: viewsOf(byDevice) });
  return entries;
}

const nobodyFiled: HowToGetIn = {
  residentId: null,
  name: null,
  livesAlone: null,
  address: null,
  position: null,
  building: null,
  unit: null,
  floor: null,
  room: null,
  hasLift: null,
  entryNotes: null,
  contacts: [],
  familyDoctorId: null,
  communityCentreId: null,
  pastPlaces: [],
};

const viewsOf = (places: readonly PastPlace[]): PastPlaceView[] =>
  [...places]
    .sort((a, b) => Date.parse(b.confirmedAt) - Date.parse(a.confirmedAt))
    .slice(0, PLACES_SHOWN)
    .map(({ residentId: _, centreId, person, confirmedAt, ...place }) => ({
      ...place,
      confirmedAt: new Date(confirmedAt).toISOString(),
      confirmedBy: { centreId, person },
    }));
