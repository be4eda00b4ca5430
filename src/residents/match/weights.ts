/** The probabilities of the Fellegi–Sunter model, every one of them here, and the thresholds. */
import type { CallerRelation } from '../../domain/vocabulary.ts';
import type { AddressLevel, DistanceLevel, NameLevel } from './similarity.ts';

/**
 * The method: I. P. Fellegi, A. B. Sunter, "A Theory for Record Linkage", JASA 64 (1969). For each field and level,
 * m = P(this level | the patient is this resident), u = P(this level | the patient is somebody else); the weight is
 * log2(m/u). A field missing on either side has no weight.
 *
 * Where the figures come from: `bench/match-rates.ts` counts m and u on a generated population and generated
 * calls, both invented; "counted" below means rounded from there, "judged" means set by reasoning that is given.
 * A centre with confirmed calls should count them on those instead.
 */
export interface Rate {
  readonly m: number;
  readonly u: number;
}

/**
 * Fields that name one resident, or one household: chance agreement depends on how many are filed. `others` is the
 * number of patients who are not filed for each patient who is, that come with such an agreement all the same
 * (a visitor on the line, a flat let again); u = others × residents sharing the value ÷ registry size.
 * So a number shared by 200 divides its evidence by 200, and the posterior does not drift as the registry grows.
 */
export interface SharedRate {
  readonly m: number;
  readonly others: number;
}

type PhoneRates = { readonly own: SharedRate; readonly contact: SharedRate; readonly neither: Rate };

export const rates = {
  /** Judged: check digit and refusal at the edge leave only another person's card read out, or filed. */
  idNumber: { agree: { m: 0.99, others: 0.001 }, differ: { m: 0.005, u: 1 } },
  /** Judged: a device is pressed for its owner; `others` are visitors and devices handed on. `differ`: pressed another's. */
  device: { agree: { m: 0.95, others: 0.005 }, differ: { m: 0.05, u: 1 } },
  /**
   * Counted. Who calls decides what their number says: a relative on the resident's own number may be calling for
   * someone else at home, one on a number filed as the resident's contact hardly ever is.
   */
  phone: {
    self: { own: { m: 0.82, others: 0.15 }, contact: { m: 0.03, others: 0.06 }, neither: { m: 0.15, u: 1 } },
    family: { own: { m: 0.13, others: 0.08 }, contact: { m: 0.54, others: 0.09 }, neither: { m: 0.33, u: 1 } },
    bystander: { own: { m: 0.06, others: 0.4 }, contact: { m: 0.04, others: 0.36 }, neither: { m: 0.9, u: 1 } },
    staff: { own: { m: 0.75, others: 0.1 }, contact: { m: 0.75, others: 0.1 }, neither: { m: 0.25, u: 1 } },
    unknown: { own: { m: 0.39, others: 0.11 }, contact: { m: 0.25, others: 0.04 }, neither: { m: 0.36, u: 1 } },
  } satisfies Readonly<Record<CallerRelation, PhoneRates>>,
  /** Counted. One u for common and rare names alike: 王伟 is overrated by about three bits, never past a phone or a door. */
  name: {
    exact: { m: 0.85, u: 0.0001 },
    near: { m: 0.06, u: 0.0007 },
    surname: { m: 0.08, u: 0.037 },
    different: { m: 0.01, u: 0.96 },
  } satisfies Readonly<Record<NameLevel, Rate>>,
  /** Counted. `within2` holds the nominal age (虚岁), which is one or two years ahead. */
  age: {
    exact: { m: 0.58, u: 0.023 },
    within2: { m: 0.25, u: 0.09 },
    within5: { m: 0.15, u: 0.13 },
    within10: { m: 0.01, u: 0.19 },
    beyond: { m: 0.01, u: 0.57 },
  },
  /** Judged: one word misheard or mistyped in a hundred; filed patients are women and men about evenly. */
  sex: { agree: { m: 0.99, u: 0.5 }, differ: { m: 0.01, u: 0.5 } },
  /**
   * Counted, but for `other-door`: its u is judged among neighbours, not over the district, because a call for
   * next door from a resident's phone looks exactly so. `different` is mild: people fall ill away from home, and move.
   */
  address: {
    'same-door': { m: 0.65, others: 0.09 },
    'same-building': { m: 0.08, u: 0.0001 },
    'same-street': { m: 0.02, u: 0.016 },
    'other-door': { m: 0.02, u: 0.1 },
    different: { m: 0.23, u: 0.98 },
  } satisfies Readonly<Record<AddressLevel, Rate | SharedRate>>,
  /**
   * m counted. u is geometry: the band's share of the service area, times how much denser homes lie where homes lie.
   * The entry for `away` is the only u that is a figure.
   */
  distance: {
    'at-home': 0.56,
    'near-home': 0.15,
    away: { m: 0.29, u: 0.93 },
  } satisfies Readonly<Record<DistanceLevel, number | Rate>>,
} as const;

/** Xicheng, all 15 sub-districts. A larger service area makes a near home say more; this is the cautious figure. */
export const SERVICE_AREA_SQUARE_METRES = 50.5e6;
/** Judged: homes stand on about a third of the ground, the rest is streets, offices, parks and water. */
export const HOME_DENSITY = 3;

/** A registry smaller than this does not make a name or an age tell more. */
export const LEAST_REGISTRY = 10_000;

/**
 * Phone, device, address and distance all say "this household" and are not independent: whoever calls from a home's
 * phone is likely at that home, patient or not. The strongest counts in full, each further one at most this many bits.
 * Tried at 1, 2 and 3 on the invented population: all lie on about one curve of precision against recall. With 2, what
 * is said with 0.95 or more (0.993 in the mean) is right in 0.989 of cases; with 1, 0.994 is said and 0.995 is right.
 */
export const HOUSEHOLD_CAP_BITS = 1;

/**
 * Judged: of those who call from a household's own number or door and are not filed, most live there. Nobody lives with
 * a resident who lives alone, so visitors, later tenants and later holders of the number are left: about a third.
 */
export const OTHERS_WHERE_ALONE = 0.3;

/**
 * Posterior from which a resident is taken to be the patient. Measured (100,000 invented residents, 20,000 calls):
 * at 0.90 precision is 0.988 and recall 0.647, at 0.95 0.995 and 0.585; what is lost in recall is shown as `possible`
 * and used all the same.
 */
export const MATCH_CONFIDENCE = 0.95;
/** Posterior, were no other resident filed with the same evidence, from which one is worth showing. */
export const POSSIBLE_CONFIDENCE = 0.2;
/** …and not more than this many times less likely than the best. */
export const POSSIBLE_SHARE_OF_BEST = 1 / 20;
