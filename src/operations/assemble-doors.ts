/** The doors that come into question: homes of those it may be, homes near by, places of earlier findings, what the caller named. Pure. */
import { distanceMetres, type Position } from '../domain/position.ts';
import type { Instant } from '../domain/time.ts';
import type { Dwelling } from '../locate/fuse.ts';
import type { LikelyPlaceView } from '../locate/schema.ts';
import type { FiledResident } from '../residents/file.ts';
import { addressKey, addressParts } from '../residents/match/normalise.ts';
import { addressLevel } from '../residents/match/similarity.ts';
import type { PastPlace } from './how-to-get-in.ts';

export interface Door {
  readonly dwelling: Dwelling;
  readonly view: Omit<LikelyPlaceView, 'confidence'>;
  /** Since when it is known. */
  readonly filedAt: Instant | null;
  readonly deviceIds: readonly string[];
}

export interface Known {
  /** Every file the look-up brought: those it may be, and whoever lives near by. */
  readonly files: readonly FiledResident[];
  /** Of those it may be, how likely: matching's posterior. */
  readonly confidences: ReadonlyMap<string, number>;
  readonly past: readonly PastPlace[];
  /** The address as the caller said it. */
  readonly said: string | null;
  readonly now: Instant;
}

const DAY_MS = 86_400_000;
/** Two positions of one door as two people take them. */
const SAME_HOUSE_METRES = 40;

/** Who lives behind one door shares it; a place of an earlier finding is that door where both are the same. */
export function assembleDoors({ files, confidences, past, said, now }: Known): Door[] {
  const words = said === null ? null : addressParts(said);
  const doors = new Map<string, Door>();
  for (const file of files) {
    const { home } = file;
    if (!home) continue;
    const id = `home:${addressKey(home.address) ?? file.residentId}`;
    const before = doors.get(id);
    const confidence = confidences.get(file.residentId) ?? 0;
    const deviceIds = file.devices?.map(({ deviceId }) => deviceId) ?? [];
    // The door is named after whoever of its household it is likeliest to be.
    const leads = !before || confidence > before.dwelling.homeConfidence;
    doors.set(id, {
      dwelling: {
        dwellingId: id,
        position: before?.dwelling.position ?? home.position ?? null,
        homeConfidence: Math.min(1, (before?.dwelling.homeConfidence ?? 0) + confidence),
        foundDaysAgo: [],
        searched: 0,
        unopened: false,
        words: words && addressLevel(words, addressParts(home.address)),
      },
      view: leads
        ? {
            dwellingId: id,
            kind: confidence > 0 ? 'home' : 'neighbouring',
            residentId: confidence > 0 ? file.residentId : null,
            placeId: null,
            address: home.address,
            position: home.position ?? null,
          }
        : before.view,
      filedAt: Date.parse(file.confirmedAt ?? file.filedAt),
      deviceIds: [...(before?.deviceIds ?? []), ...deviceIds],
    });
  }
  for (const place of past) addPast(doors, place, now);
  if (said !== null) addSaid(doors, said);
  return [...doors.values()];
}

function addPast(doors: Map<string, Door>, place: PastPlace, now: Instant): void {
  const same = [...doors.values()].find(({ view, dwelling }) => isSameDoor(place, view.address, dwelling.position));
  const found = place.refutedAt === null ? [(now - Date.parse(place.confirmedAt)) / DAY_MS] : [];
  const searched = place.refutedAt === null ? 0 : 1;
  if (same) {
    const { dwelling } = same;
    doors.set(dwelling.dwellingId, {
      ...same,
      dwelling: {
        ...dwelling,
        foundDaysAgo: [...dwelling.foundDaysAgo, ...found],
        searched: dwelling.searched + searched,
      },
      view: { ...same.view, placeId: found.length ? place.placeId : same.view.placeId },
    });
    return;
  }
  if (place.refutedAt !== null) return; // a door nobody else speaks of, and it was wrong
  const dwellingId = `past:${place.placeId}`;
  doors.set(dwellingId, {
    dwelling: {
      dwellingId,
      position: place.position,
      homeConfidence: 0,
      foundDaysAgo: found,
      searched: 0,
      unopened: false,
      words: null,
    },
    view: {
      dwellingId,
      kind: 'past-place',
      residentId: place.residentId,
      placeId: place.placeId,
      address: doorText(place),
      position: place.position,
    },
    filedAt: Date.parse(place.confirmedAt),
    deviceIds: [],
  });
}

/** A door the caller names that nobody has on file; where its house is known it lies there. */
function addSaid(doors: Map<string, Door>, said: string): void {
  const all = [...doors.values()];
  if (addressKey(said) === null || all.some(({ dwelling }) => dwelling.words === 'same-door')) return;
  const house = all.find(({ dwelling: { words } }) => words === 'same-building' || words === 'other-door');
  const position = house?.dwelling.position ?? null;
  doors.set('as-said', {
    dwelling: {
      dwellingId: 'as-said',
      position,
      homeConfidence: 0,
      foundDaysAgo: [],
      searched: 0,
      unopened: false,
      words: 'same-door',
    },
    view: { dwellingId: 'as-said', kind: 'as-said', residentId: null, placeId: null, address: said, position },
    filedAt: null,
    deviceIds: [],
  });
}

/** By room, and by house where both positions are known. */
function isSameDoor(place: PastPlace, address: string | null, position: Position | null): boolean {
  if (position && place.position && distanceMetres(position, place.position) > SAME_HOUSE_METRES) return false;
  if (address === null) return false;
  const filed = addressParts(address);
  const given = addressParts(doorText(place) ?? '');
  if (given.room === null || filed.room !== given.room)
    return !given.room && !filed.room && position !== null && place.position !== null;
  const differs = (a: string | null, b: string | null) => a !== null && b !== null && a !== b;
  return !differs(filed.unit, given.unit) && !differs(filed.building, given.building);
}

/** Building, unit and room as an address would have them. */
export function doorText({ building, unit, room }: Pick<PastPlace, 'building' | 'unit' | 'room'>): string | null {
  const parts = [named(building, '号楼'), named(unit, '单元'), named(room, '室')].filter((part) => part !== '');
  return parts.length ? parts.join('') : null;
}

const named = (value: string | null, word: string) =>
  value === null ? '' : /^\d+[a-zA-Z]?$/.test(value) ? `${value}${word}` : value;
