/** Whether a heard position can be believed. Pure; every one is kept, odd ones are flagged and not used for ranking. */
import { contains, distanceMetres, type Position, type ServiceArea } from '../domain/position.ts';
import type { Instant } from '../domain/time.ts';

export const positionFlags = [
  'late',
  'future',
  'null-island',
  'outside-service-area',
  'out-of-order',
  'repeated',
  'jump',
  'unknown-unit',
] as const;
export type PositionFlag = (typeof positionFlags)[number];

/** Where a unit says it was. */
export interface Fix {
  readonly position: Position;
  readonly at: Instant;
}

/** What is known of a unit when its next fix comes. */
export interface Track {
  /** The last fix believed: what ranking uses. */
  readonly used: Fix | null;
  /** The latest fix after it that was a jump and nothing else: a second one that fits it proves both. */
  readonly doubted: Fix | null;
}

export interface Judged {
  /** Empty: believed. */
  readonly flags: readonly PositionFlag[];
  readonly track: Track;
}

/** A fix older than this is history: the age at which other dispatch systems stop ranking by one. */
const LATE_MS = 1_800_000;
/** A unit's clock may run ahead by this much, as that of a caller may. */
const AHEAD_MS = 60_000;
/** A receiver without a fix says 0,0 or about. */
const NULL_ISLAND_DEGREES = 0.01;
/** No ambulance is faster over ground. */
const FASTEST_METRES_PER_SECOND = 200 / 3.6;
/** Two fixes of a standing unit lie this far apart at most between buildings (an assumption), however soon they follow. */
const NOISE_METRES = 30;
/** On scene within this distance of the call's place. */
const GEOFENCE_METRES = 60;

/**
 * Flags of a fix heard at `heardAt`, and the track after it. Whatever came before, two fixes in a row that fit each other
 * are believed. `timesFaster`: units move so many times as fast as real ones, in a demonstration.
 */
export function judgeFix(track: Track, fix: Fix, heardAt: Instant, area: ServiceArea, timesFaster = 1): Judged {
  const flags: PositionFlag[] = [];
  if (fix.at < heardAt - LATE_MS) flags.push('late');
  if (fix.at > heardAt + AHEAD_MS) flags.push('future');
  if (isNullIsland(fix.position)) flags.push('null-island');
  else if (!contains(area, fix.position)) flags.push('outside-service-area');

  const { used, doubted } = track;
  if (used && fix.at <= used.at) flags.push(fix.at === used.at ? 'repeated' : 'out-of-order');
  if (flags.length > 0) return { flags, track };

  const proven = doubted !== null && doubted.at < fix.at && isReachable(doubted, fix, timesFaster);
  if (used === null || isReachable(used, fix, timesFaster) || proven)
    return { flags, track: { used: fix, doubted: null } };
  const latest = doubted === null || doubted.at < fix.at ? fix : doubted;
  return { flags: ['jump'], track: { used, doubted: latest } };
}

function isReachable(from: Fix, to: Fix, timesFaster: number): boolean {
  const metres = (FASTEST_METRES_PER_SECOND * timesFaster * Math.abs(to.at - from.at)) / 1000 + NOISE_METRES;
  return distanceMetres(from.position, to.position) <= metres;
}

const isNullIsland = ({ lon, lat }: Position) =>
  Math.abs(lon) < NULL_ISLAND_DEGREES && Math.abs(lat) < NULL_ISLAND_DEGREES;

/** Metres to the call's place where a unit there is as good as on scene, else null. */
export function metresOnScene(unit: Position, place: Position): number | null {
  const metres = distanceMetres(unit, place);
  return metres <= GEOFENCE_METRES ? metres : null;
}
