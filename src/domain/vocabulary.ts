/** The words every module shares. Each array feeds the schema, the type and, where stored, the SQL check. */
import { type TUnsafe, Type } from 'typebox';

/** A schema that accepts exactly the words of a vocabulary array. */
export function oneOf<const T extends readonly string[]>(words: T, description?: string): TUnsafe<T[number]> {
  return Type.Unsafe<T[number]>({ type: 'string', enum: [...words], ...(description ? { description } : {}) });
}

/** A set of words of a vocabulary as bits, the first word the lowest: a union is one instruction. At most 31 words. */
export const bitsOf = (vocabulary: readonly string[], words: readonly string[]): number => {
  let bits = 0;
  for (const word of words) bits |= 1 << vocabulary.indexOf(word);
  return bits;
};

export const wordsOf = <T extends string>(vocabulary: readonly T[], bits: number): T[] =>
  vocabulary.filter((_, i) => bits & (1 << i));

export const channels = ['phone', 'one-key', 'app', 'wearable', 'relay'] as const;
export type Channel = (typeof channels)[number];

/** 1 = danger to life … 4 = not urgent (China's four-level emergency grading). */
export const priorities = [1, 2, 3, 4] as const;
export type Priority = (typeof priorities)[number];

/** WS/T 292 classes A, B, C, D, least first. */
export const vehicleTypes = ['basic', 'intensive', 'isolation', 'special'] as const;
export type VehicleType = (typeof vehicleTypes)[number];

export const capabilities = [
  'transport',
  'monitoring',
  'advanced-airway',
  'ventilator',
  'defibrillator',
  'twelve-lead-ecg',
  'negative-pressure',
  'neonatal',
  'stroke-ct',
  'bariatric',
  'stair-chair',
  'mechanical-cpr',
  'obstetric',
] as const;
export type Capability = (typeof capabilities)[number];

/** What a hospital can take; a requirement names those the patient needs. */
export const hospitalCapabilities = [
  'emergency',
  'chest-pain-centre',
  'stroke-centre',
  'trauma-centre',
  'burns',
  'paediatric',
  'obstetric',
  'psychiatric',
  'fever-clinic',
  'poisoning',
  'hyperbaric',
  'dialysis',
] as const;
export type HospitalCapability = (typeof hospitalCapabilities)[number];

export const complaintCodes = [
  'cardiac-arrest',
  'unconscious',
  'chest-pain',
  'palpitations',
  'breathing-difficulty',
  'choking',
  'stroke-symptoms',
  'seizure',
  'headache',
  'fainting',
  'diabetic-problem',
  'allergic-reaction',
  'abdominal-pain',
  'vomiting',
  'gastrointestinal-bleeding',
  'fever',
  'infectious-exposure',
  'back-pain',
  'fall',
  'fracture',
  'head-injury',
  'burns',
  'bleeding',
  'traffic-accident',
  'assault',
  'animal-bite',
  'drowning',
  'electrocution',
  'heat-or-cold',
  'poisoning',
  'overdose',
  'carbon-monoxide',
  'pregnancy-labour',
  'newborn-problem',
  'child-unwell',
  'mental-health-crisis',
  'eye-injury',
  'device-alarm',
  'silent-call',
  'transfer',
  'unknown-problem',
] as const;
export type ComplaintCode = (typeof complaintCodes)[number];

export const unitStatuses = [
  'available',
  'notified',
  'en-route',
  'on-scene',
  'transporting',
  'at-hospital',
  'returning',
  'off-duty',
] as const;
export type UnitStatus = (typeof unitStatuses)[number];

export const timePoints = [
  'call-received',
  'unit-notified',
  'unit-acknowledged',
  'en-route',
  'on-scene',
  'at-patient',
  'left-scene',
  'at-destination',
  'handed-over',
  'in-service',
  'cancelled',
] as const;
export type TimePoint = (typeof timePoints)[number];

export const callStatuses = [
  'open',
  'assigned',
  'en-route',
  'on-scene',
  'with-patient',
  'transporting',
  'at-hospital',
  'closed',
  'cancelled',
] as const;
export type CallStatus = (typeof callStatuses)[number];

export const locateStatuses = ['requested', 'accepted', 'answered', 'escalated', 'closed'] as const;
export type LocateStatus = (typeof locateStatuses)[number];

export const locateReasons = ['no-answer-at-door', 'address-not-found', 'callback-unanswered'] as const;
export type LocateReason = (typeof locateReasons)[number];

export const roles = ['dispatcher', 'centre', 'crew', 'hospital', 'doctor', 'registry', 'planner', 'admin'] as const;
export type Role = (typeof roles)[number];

export const sexes = ['female', 'male', 'other', 'unknown'] as const;
export type Sex = (typeof sexes)[number];

export const callerRelations = ['self', 'family', 'bystander', 'staff', 'unknown'] as const;
export type CallerRelation = (typeof callerRelations)[number];

/** `confirmed`: somebody stood there, or knows the door, and said so. */
export const locationSources = ['device', 'network', 'aml', 'registered', 'caller', 'confirmed'] as const;
export type LocationSource = (typeof locationSources)[number];

/** What a travel time was found by: along roads, or as the crow flies. */
export const travelBases = ['road', 'straight-line'] as const;
export type TravelBasis = (typeof travelBases)[number];

export const mobilities = ['walks', 'wheelchair', 'bedridden'] as const;
export type Mobility = (typeof mobilities)[number];

export const codeSystems = ['icd-10', 'snomed', 'atc', 'rxnorm', 'text'] as const;
export type CodeSystem = (typeof codeSystems)[number];

/** A label in both of the product's languages. */
export interface Bilingual {
  readonly zh: string;
  readonly en: string;
}
