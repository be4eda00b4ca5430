/** What the call says, laid beside what is filed: the level of agreement found in each field. Pure. */
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
import { HOME_DENSITY, rates, SERVICE_AREA_SQUARE_METRES } from './weights.ts';

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

/** The agreement found in one field. A fixed weight, or one that a shared value divides. */
export interface Finding {
  readonly field: EvidenceField;
  readonly agreement: string;
  readonly rate: Rate | SharedRate;
}

/** The call's own side of every comparison. */
export interface Stated {
  readonly name: StatedName | null;
  readonly address: AddressParts | null;
}

export const isShared = (rate: Rate | SharedRate): rate is SharedRate => 'others' in rate;

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

function byAddress(said: Stated, candidate: Candidate): Finding | null {
  if (said.address === null || candidate.address === null) return null;
  const level = addressLevel(said.address, addressParts(candidate.address));
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

function byName(said: Stated, candidate: Candidate): Finding | null {
  if (said.name === null) return null;
  const agreement = nameLevel(said.name, normaliseName(candidate.name));
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

export function stated(caller: CallerFacts): Stated {
  const name = caller.name === null ? null : statedName(caller.name);
  const address = caller.address === null ? null : addressParts(caller.address);
  return { name: name?.text ? name : null, address: address?.area ? address : null };
}

/** Findings whose agreements members of one household share, and those that tell them apart. */
export interface Findings {
  readonly household: readonly Finding[];
  readonly person: readonly Finding[];
}

/** Lays one candidate beside the call; `said` is `stated(caller)`, prepared once for all of them. */
export function compare(caller: CallerFacts, said: Stated, candidate: Candidate, now: Instant): Findings {
  const household = [
    byDevice(caller, candidate),
    byPhone(caller, candidate),
    byAddress(said, candidate),
    byDistance(caller, candidate),
  ].filter((f) => f !== null);
  const person = [
    byIdNumber(caller, candidate),
    byName(said, candidate),
    byAge(caller, candidate, now),
    bySex(caller, candidate),
  ].filter((f) => f !== null);
  return { household, person };
}
