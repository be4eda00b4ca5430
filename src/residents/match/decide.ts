/** Which filed residents the patient of a call may be: Fellegi–Sunter weights, and a posterior over all candidates. Pure. */
import type { Position } from '../../domain/position.ts';
import { distanceMetres } from '../../domain/position.ts';
import type { Instant } from '../../domain/time.ts';
import { ageInYears } from '../../domain/time.ts';
import type { CallerRelation, Sex } from '../../domain/vocabulary.ts';
import type { AddressParts } from './normalise.ts';
import { addressParts, normaliseName } from './normalise.ts';
import type { StatedName } from './similarity.ts';
import { addressLevel, distanceLevel, nameLevel, statedName } from './similarity.ts';
import type { Rate, SharedRate } from './weights.ts';
import {
  HOME_DENSITY,
  HOUSEHOLD_CAP_BITS,
  LEAST_REGISTRY,
  MATCH_CONFIDENCE,
  POSSIBLE_CONFIDENCE,
  POSSIBLE_SHARE_OF_BEST,
  rates,
  SERVICE_AREA_SQUARE_METRES,
} from './weights.ts';

/** What the call says. Phone and device are the caller's; name, age, sex and citizen number are the patient's; null = not said. */
export interface CallerFacts {
  readonly phone: string | null;
  readonly deviceId: string | null;
  readonly idNumber: string | null;
  /** Confirmed by a dispatcher, or by a gateway that knows. */
  readonly residentId: string | null;
  readonly name: string | null;
  readonly ageYears: number | null;
  readonly sex: Sex | null;
  readonly address: string | null;
  readonly position: Position | null;
  readonly uncertaintyMetres: number | null;
  readonly relation: CallerRelation;
}

/** One filed resident that shares a key with the call, or lives near it. Phones are E.164. */
export interface Candidate {
  readonly residentId: string;
  readonly name: string;
  readonly sex: Sex;
  readonly birthDate: string;
  readonly idNumber: string | null;
  readonly phones: readonly string[];
  readonly contactPhones: readonly string[];
  readonly deviceIds: readonly string[];
  readonly address: string | null;
  readonly position: Position | null;
  readonly livesAlone: boolean | null;
}

export type EvidenceField =
  | 'confirmed'
  | 'idNumber'
  | 'device'
  | 'phone'
  | 'contactPhone'
  | 'name'
  | 'age'
  | 'sex'
  | 'address'
  | 'distance';

export interface Evidence {
  readonly field: EvidenceField;
  /** log2(m/u) as it counted, one decimal; the sum over a match's evidence is its score. */
  readonly weight: number;
  readonly agreement: string;
}

export interface Match {
  readonly residentId: string;
  /** Posterior that this resident is the patient, cut to three decimals; 1 only where confirmed. */
  readonly confidence: number;
  readonly grade: 'match' | 'possible';
  readonly evidence: readonly Evidence[];
}

/** The agreement found in one field. A fixed weight, or one that a shared value divides. */
interface Finding {
  readonly field: EvidenceField;
  readonly agreement: string;
  readonly rate: Rate | SharedRate;
}

/** The call's own side of every comparison, prepared once. */
interface Stated {
  readonly name: StatedName | null;
  readonly address: AddressParts | null;
}

const isShared = (rate: Rate | SharedRate): rate is SharedRate => 'others' in rate;

function byPhone(caller: CallerFacts, candidate: Candidate): Finding | null {
  const { phone } = caller;
  if (phone === null || candidate.phones.length + candidate.contactPhones.length === 0) return null;
  const { own, contact, neither } = rates.phone[caller.relation];
  const isOwn = candidate.phones.includes(phone);
  const isContact = candidate.contactPhones.includes(phone);
  // Filed as both: one household line. It counts once, as what says more for this kind of caller.
  if (isContact && (!isOwn || contact.m / contact.others > own.m / own.others)) {
    return { field: 'contactPhone', agreement: 'agree', rate: contact };
  }
  if (isOwn) return { field: 'phone', agreement: 'agree', rate: own };
  return { field: 'phone', agreement: 'differ', rate: neither };
}

function byDevice(caller: CallerFacts, candidate: Candidate): Finding | null {
  if (caller.deviceId === null || candidate.deviceIds.length === 0) return null;
  const agreement = candidate.deviceIds.includes(caller.deviceId) ? 'agree' : 'differ';
  return { field: 'device', agreement, rate: rates.device[agreement] };
}

function byDistance(caller: CallerFacts, candidate: Candidate): Finding | null {
  if (caller.position === null || candidate.position === null) return null;
  const metres = distanceMetres(caller.position, candidate.position);
  const { level, radiusMetres } = distanceLevel(metres, caller.uncertaintyMetres);
  if (level === 'away') return { field: 'distance', agreement: level, rate: rates.distance.away };
  const m = rates.distance[level];
  const area = (Math.PI * radiusMetres ** 2 * HOME_DENSITY) / SERVICE_AREA_SQUARE_METRES;
  return { field: 'distance', agreement: level, rate: { m, u: Math.min(m, area) } };
}

function byAddress(stated: Stated, candidate: Candidate): Finding | null {
  if (stated.address === null || candidate.address === null) return null;
  const level = addressLevel(stated.address, addressParts(candidate.address));
  return { field: 'address', agreement: level, rate: rates.address[level] };
}

function byAge(caller: CallerFacts, candidate: Candidate, now: Instant): Finding | null {
  if (caller.ageYears === null) return null;
  const years = Math.abs(caller.ageYears - ageInYears(candidate.birthDate, now));
  if (Number.isNaN(years)) return null;
  const agreement =
    years < 1 ? 'exact' : years <= 2 ? 'within2' : years <= 5 ? 'within5' : years <= 10 ? 'within10' : 'beyond';
  return { field: 'age', agreement, rate: rates.age[agreement] };
}

function byName(stated: Stated, candidate: Candidate): Finding | null {
  if (stated.name === null) return null;
  const agreement = nameLevel(stated.name, normaliseName(candidate.name));
  return { field: 'name', agreement, rate: rates.name[agreement] };
}

function byIdNumber(caller: CallerFacts, candidate: Candidate): Finding | null {
  if (caller.idNumber === null || candidate.idNumber === null) return null;
  const agreement = caller.idNumber === candidate.idNumber ? 'agree' : 'differ';
  return { field: 'idNumber', agreement, rate: rates.idNumber[agreement] };
}

function bySex(caller: CallerFacts, candidate: Candidate): Finding | null {
  if (!isSex(caller.sex) || !isSex(candidate.sex)) return null;
  const agreement = caller.sex === candidate.sex ? 'agree' : 'differ';
  return { field: 'sex', agreement, rate: rates.sex[agreement] };
}

const isSex = (sex: Sex | null) => sex === 'female' || sex === 'male';

/** Everything found for one candidate, before shared values are divided. Also what the estimator of m and u counts. */
export function compare(
  caller: CallerFacts,
  candidate: Candidate,
  now: Instant,
): { household: Finding[]; person: Finding[] } {
  return compareStated(caller, state(caller), candidate, now);
}

function state(caller: CallerFacts): Stated {
  const name = caller.name === null ? null : statedName(caller.name);
  const address = caller.address === null ? null : addressParts(caller.address);
  return { name: name?.text ? name : null, address: address?.area ? address : null };
}

function compareStated(caller: CallerFacts, stated: Stated, candidate: Candidate, now: Instant) {
  const household = [
    byDevice(caller, candidate),
    byPhone(caller, candidate),
    byAddress(stated, candidate),
    byDistance(caller, candidate),
  ].filter((f) => f !== null);
  const person = [
    byIdNumber(caller, candidate),
    byName(stated, candidate),
    byAge(caller, candidate, now),
    bySex(caller, candidate),
  ].filter((f) => f !== null);
  return { household, person };
}

const bits = (rate: Rate | SharedRate, registry: number, sharers: number) =>
  isShared(rate) ? Math.max(0, Math.log2((rate.m * registry) / (rate.others * sharers))) : Math.log2(rate.m / rate.u);

interface Weighed {
  readonly finding: Finding;
  readonly weight: number;
}

/** Address and distance are one statement made twice: one of them counts. */
function place(household: Weighed[]): Weighed[] {
  const address = household.find((w) => w.finding.field === 'address');
  const distance = household.find((w) => w.finding.field === 'distance');
  if (address === undefined || distance === undefined) return household;
  // A stated door overrules a fix, which cannot tell neighbours apart; else agreement overrules, then the stronger.
  const door = address.finding.agreement === 'other-door';
  const stronger =
    Math.max(address.weight, distance.weight) > 0 ? address.weight < distance.weight : distance.weight < address.weight;
  const dropped = door || !stronger ? distance : address;
  return household.filter((w) => w !== dropped);
}

/** The strongest agreement in full, further ones capped, disagreements in full. */
function capped(household: Weighed[]): Weighed[] {
  let strongest: Weighed | null = null;
  for (const w of household) if (w.weight > (strongest?.weight ?? 0)) strongest = w;
  return household.map((w) =>
    w === strongest || w.weight <= HOUSEHOLD_CAP_BITS ? w : { finding: w.finding, weight: HOUSEHOLD_CAP_BITS },
  );
}

const total = (weighed: Weighed[]) => weighed.reduce((sum, w) => sum + w.weight, 0);

interface Scored {
  readonly residentId: string;
  readonly weighed: Weighed[];
  readonly score: number;
  /** The score had nobody else been filed with the same phone, device or door. */
  readonly scoreAlone: number;
}

/**
 * Scores of all candidates in bits, in the order given, before they compete. `registrySize` is the number of
 * residents filed.
 */
export function scoreResidents(
  caller: CallerFacts,
  candidates: readonly Candidate[],
  now: Instant,
  registrySize: number,
): Scored[] {
  const registry = Math.max(LEAST_REGISTRY, registrySize);
  const stated = state(caller);
  const compared = candidates.map((candidate) => compareStated(caller, stated, candidate, now));
  const sharers = { phone: 0, device: 0, address: 0 };
  for (const { household } of compared) {
    for (const { field, rate } of household) if (isShared(rate)) sharers[keyOf(field)]++;
  }
  return compared.map(({ household, person }, i) => {
    const weigh = (finding: Finding, among: number) => ({ finding, weight: bits(finding.rate, registry, among) });
    const individual = person.map((f) => weigh(f, 1));
    const together = (shared: boolean) =>
      capped(place(household.map((f) => weigh(f, shared && isShared(f.rate) ? sharers[keyOf(f.field)] : 1))));
    const weighed = [...together(true), ...individual];
    return {
      residentId: (candidates[i] as Candidate).residentId,
      weighed,
      score: total(weighed),
      scoreAlone: total(together(false)) + total(individual),
    };
  });
}

const keyOf = (field: EvidenceField) => (field === 'device' || field === 'address' ? field : 'phone');

/**
 * The residents the patient may be, most likely first; the unlikely are left out.
 *
 * A call has one patient, so candidates compete: confidence = odds ÷ (1 + the odds of all), odds = prior × 2^score,
 * prior = 1 / registry size for each: that the patient is filed at all is taken as even odds, which is cautious where
 * the old and the ill are filed. Two equal residents on one number get about a half each, and are both `possible`.
 * How long ago a file was confirmed plays no part: a stale file must not hide its resident.
 * `candidates` holds each resident once, in any order.
 */
export function matchResidents(
  caller: CallerFacts,
  candidates: readonly Candidate[],
  now: Instant,
  registrySize: number,
): Match[] {
  if (caller.residentId !== null) {
    return candidates
      .filter((c) => c.residentId === caller.residentId)
      .map(({ residentId }) => ({
        residentId,
        confidence: 1,
        grade: 'match',
        evidence: [{ field: 'confirmed', weight: 0, agreement: 'agree' }],
      }));
  }
  const prior = 1 / Math.max(LEAST_REGISTRY, registrySize);
  const scored = scoreResidents(caller, candidates, now, registrySize).sort(
    (a, b) => b.score - a.score || (a.residentId < b.residentId ? -1 : 1),
  );
  const odds = scored.map((s) => prior * 2 ** s.score);
  const everyone = 1 + odds.reduce((sum, o) => sum + o, 0);
  const best = odds[0] ?? 0;
  const matches: Match[] = [];
  scored.forEach((s, i) => {
    const posterior = (odds[i] as number) / everyone;
    const alone = prior * 2 ** s.scoreAlone;
    const credible = alone / (1 + alone) >= POSSIBLE_CONFIDENCE && (odds[i] as number) >= best * POSSIBLE_SHARE_OF_BEST;
    if (posterior < MATCH_CONFIDENCE && !credible) return;
    matches.push({
      residentId: s.residentId,
      confidence: Math.floor(posterior * 1000) / 1000,
      grade: posterior >= MATCH_CONFIDENCE ? 'match' : 'possible',
      evidence: s.weighed
        .map(({ finding, weight }) => ({
          field: finding.field,
          weight: Math.round(weight * 10) / 10,
          agreement: finding.agreement,
        }))
        .sort((a, b) => b.weight - a.weight),
    });
  });
  return matches;
}

/**
 * The residents whose histories count for the decision. A `match` stands alone. Several `possible` all count, their
 * requirements are joined; more than `limit` of them (a nursing home's switchboard) and none does: complaint only.
 */
export function credible(matches: readonly Match[], limit = 4): { residents: Match[]; tooMany: boolean } {
  const certain = matches.filter((m) => m.grade === 'match');
  if (certain.length > 0) return { residents: certain, tooMany: false };
  return matches.length > limit ? { residents: [], tooMany: true } : { residents: [...matches], tooMany: false };
}
