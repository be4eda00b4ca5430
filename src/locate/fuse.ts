/**
 * Where could they be: a posterior over the doors that come into question. Pure.
 *
 * Method: Bayesian search theory. A prior over places is multiplied by the likelihood of each independent piece of
 * evidence and brought to a sum of one; a search without success multiplies the place searched by the chance of having
 * overlooked somebody there (B. O. Koopman, Search and Screening, 1946; L. D. Stone, Theory of Optimal Search, 1975). A
 * position with an uncertainty radius is a circular normal distribution whose confidence lies within the radius, 95 %
 * where none is given (RFC 5491, RFC 7459), with a share of outliers spread evenly over the area served. Somewhere nobody has on file is a place of its own (`elsewhere`), so that a list of wrong doors
 * does not sum to certainty.
 */
import { distanceMetres, type Position } from '../domain/position.ts';

/** How far what the caller said agrees with an address on file; the levels of address comparison. */
export type WordsLevel = 'same-door' | 'same-building' | 'same-street' | 'other-door' | 'different';

export const dwellingKinds = ['home', 'past-place', 'neighbouring', 'as-said'] as const;

export interface Dwelling {
  readonly dwellingId: string;
  /** Null: a door somebody named whose position nobody knows. */
  readonly position: Position | null;
  /** The likeliest resident filed here is who it must be: matching's confidence, 0…1. */
  readonly homeConfidence: number;
  /** Somebody of this call was found here before: days since, each time. */
  readonly foundDaysAgo: readonly number[];
  /** Searched without success, or refuted. */
  readonly searched: number;
  /** Nobody opened here, as the crew reports. */
  readonly unopened: boolean;
  /** Null where the caller named no place. */
  readonly words: WordsLevel | null;
}

export interface Fix {
  readonly position: Position;
  /** Null where the sender gave none. */
  readonly radiusMetres: number | null;
  /** Share of such fixes that lie within their radius. */
  readonly confidence: number;
  readonly ageSeconds: number;
}

export interface FuseFacts {
  /** How many doors the registry knows in the area, about. */
  readonly doorsOnFile: number;
  readonly dwellings: readonly Dwelling[];
  readonly fixes: readonly Fix[];
}

export interface Likely {
  readonly dwellingId: string;
  /** Posterior, 0…1. */
  readonly confidence: number;
}

export interface Fused {
  /** Likeliest first; with `elsewhere` they sum to 1. */
  readonly places: readonly Likely[];
  /** That it is none of them. */
  readonly elsewhere: number;
}

/**
 * Prior shares: at home, where found before, at some other door on file, elsewhere. Assumptions to start from, to be
 * replaced by a district's own confirmed places: alarms of the old come from home nearly always.
 */
export const prior = { home: 0.72, past: 0.15, other: 0.05, elsewhere: 0.08 } as const;
/** A place found a year ago counts half as much as one found today. */
const HALF_LIFE_DAYS = 365;
/** Of those at another door, so many are next door: with neighbours, in the yard. */
const NEXT_DOOR_SHARE = 0.5;
const NEXT_DOOR_METRES = 120;
/** Homes near a home that are not looked up share that part too. */
const NEXT_DOORS_AT_LEAST = 20;
const DOORS_AT_LEAST = 1_000;
/**
 * A door that the caller names and nothing else speaks for: of the whole city they named this one, so that it counts as
 * much as saying it is to be believed, however many doors there are. Its house, where the door is another or not named.
 */
const NAMED = { 'same-door': 0.35, 'same-building': 0.1 } as const;

/**
 * A fix by its stated radius; as a contaminated normal (J. W. Tukey, 1960), because radii are often too small among
 * houses; and those that have nothing to do with the place: a mast's, a cached one, another phone's.
 */
const FIX_PARTS = [
  { share: 0.8, widen: 1 },
  { share: 0.15, widen: 5 },
] as const;
const OUTLIERS = 0.05;
/** The area an outlier is spread over, square metres: that of a large inner-city district. */
const AREA_SQUARE_METRES = 50e6;
/** A building is not a point, and nobody stands at its centre. */
const DOOR_SIGMA_METRES = 15;
/** Where the sender gave no radius: the order of a network fix in a dense city. */
const UNKNOWN_RADIUS_METRES = 150;
/** Who moves at all after calling walks slowly, and not for long. */
const DRIFT_METRES_PER_SECOND = 0.3;
const DRIFT_AT_MOST_METRES = 300;

/**
 * How much more often words agree so far with a home or a place of before when they are there than when they are not.
 * Assumptions of the order that matching residents' addresses shows.
 */
const WORDS_RATIO: Readonly<Record<WordsLevel, number>> = {
  'same-door': 12,
  'same-building': 5,
  'same-street': 2,
  'other-door': 0.4,
  different: 0.12,
};
/** That words name no place at all that anybody has on file. */
const UNFILED_WORDS_RATIO = 0.5;

/** Chance of having overlooked somebody where a search ended without success. */
const OVERLOOKED = 0.1;
/** That nobody opens says little: who is down does not open. */
const UNOPENED_RATIO = 0.75;

export function fuse({ dwellings, fixes, doorsOnFile }: FuseFacts): Fused {
  const said = dwellings.some(({ words }) => words !== null);
  const homes = dwellings.flatMap(({ homeConfidence, position }) => (homeConfidence > 0 && position ? [position] : []));
  const named = dwellings.filter((dwelling) => isOther(dwelling) && dwelling.words === 'same-building').length;
  const weights = dwellings.map((dwelling) => {
    let weight = isOther(dwelling) ? otherPrior(dwelling, homes, doorsOnFile, named) : knownPrior(dwelling);
    for (const fix of fixes) weight *= fixLikelihood(fix, dwelling.position);
    if (dwelling.unopened) weight *= UNOPENED_RATIO;
    return weight * OVERLOOKED ** dwelling.searched;
  });
  let elsewhere: number = prior.elsewhere;
  for (const fix of fixes) elsewhere *= fixLikelihood(fix, null);
  if (said) elsewhere *= UNFILED_WORDS_RATIO;

  const total = weights.reduce((sum, weight) => sum + weight, elsewhere);
  const places = dwellings
    .map(({ dwellingId }, i) => ({ dwellingId, confidence: (weights[i] as number) / total }))
    .sort((a, b) => b.confidence - a.confidence || (a.dwellingId < b.dwellingId ? -1 : 1));
  return { places, elsewhere: elsewhere / total };
}

/** A home, or a place of before: by who it must be, how often and how lately, and whether the words agree. */
function knownPrior({ homeConfidence, foundDaysAgo, words }: Dwelling): number {
  const found = foundDaysAgo.reduce((sum, days) => sum + 2 ** (-Math.max(0, days) / HALF_LIFE_DAYS), 0);
  // One finding weighs against the home's share; each further one adds less.
  const share = prior.home * homeConfidence + prior.past * (found / (found + 0.5));
  return share * (words === null ? 1 : WORDS_RATIO[words]);
}

/** A door among all there are. It was looked up for being near a fix, so nearness must not count a second time here. */
function otherPrior(
  { position, words }: Dwelling,
  homes: readonly Position[],
  doorsOnFile: number,
  named: number,
): number {
  if (words === 'same-door') return NAMED['same-door'];
  if (words === 'same-building') return NAMED['same-building'] / Math.max(1, named);
  const anywhere = (prior.other * (1 - NEXT_DOOR_SHARE)) / Math.max(DOORS_AT_LEAST, doorsOnFile);
  const isNextDoor = position !== null && homes.some((home) => distanceMetres(home, position) <= NEXT_DOOR_METRES);
  return anywhere + (isNextDoor ? (prior.other * NEXT_DOOR_SHARE) / NEXT_DOORS_AT_LEAST : 0);
}

const isOther = ({ homeConfidence, foundDaysAgo }: Dwelling) => homeConfidence === 0 && foundDaysAgo.length === 0;

/** Density of a fix, per square metre, for somebody at `position`; of somebody anywhere it is the area's. */
export function fixLikelihood(fix: Fix, position: Position | null): number {
  const evenly = 1 / AREA_SQUARE_METRES;
  if (!position) return evenly;
  const away = distanceMetres(position, fix.position);
  const sigma = sigmaMetres(fix);
  return FIX_PARTS.reduce((density, { share, widen }) => {
    const variance = (sigma * widen) ** 2;
    return density + (share * Math.exp(-(away ** 2) / (2 * variance))) / (2 * Math.PI * variance);
  }, OUTLIERS * evenly);
}

/** Deviation along one axis: of a circular normal, the share c lies within r where r² = −2σ²·ln(1 − c). */
export function sigmaMetres({ radiusMetres, confidence, ageSeconds }: Fix): number {
  const radius = radiusMetres !== null && radiusMetres > 0 ? radiusMetres : UNKNOWN_RADIUS_METRES;
  const within = Math.min(0.99, Math.max(0.05, confidence));
  const measured = radius / Math.sqrt(-2 * Math.log(1 - within));
  const drifted = Math.min(DRIFT_AT_MOST_METRES, DRIFT_METRES_PER_SECOND * Math.max(0, ageSeconds));
  return Math.hypot(measured, DOOR_SIGMA_METRES, drifted / 2);
}
