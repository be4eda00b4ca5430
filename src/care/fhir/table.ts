/** The mapping table: what FHIR R4 calls the things this engine keeps. Everything else in this folder reads it here. */
import type { CodeSystem } from '../../domain/vocabulary.ts';

/** Identifiers of our own. `call` is the call's id, `callNumber` the number people speak of. */
export const identifierSystems = {
  resident: 'urn:precision-dispatch:resident',
  call: 'urn:precision-dispatch:call',
  callNumber: 'urn:precision-dispatch:call-number',
  outcome: 'urn:precision-dispatch:outcome',
  fact: 'urn:precision-dispatch:fact',
  unit: 'urn:precision-dispatch:unit',
  hospital: 'urn:precision-dispatch:hospital',
  doctor: 'urn:precision-dispatch:family-doctor',
  centre: 'urn:precision-dispatch:community-centre',
  device: 'urn:precision-dispatch:alarm-device',
} as const;

/** China's citizen number: OID of the national health information standards (WS/T 500 documents use it). */
export const CITIZEN_NUMBER = 'urn:oid:2.16.156.10011.1.3';

/** Code systems as they are written to others; the first is the one we write. */
export const codeSystemUrls: Readonly<Record<Exclude<CodeSystem, 'text'>, readonly string[]>> = {
  'icd-10': [
    'http://hl7.org/fhir/sid/icd-10',
    'http://hl7.org/fhir/sid/icd-10-cm',
    'urn:oid:2.16.156.10011.2.3.3.11', // GB/T 14396, diagnoses in Chinese documents
    'urn:oid:2.16.840.1.113883.6.3',
    'urn:oid:2.16.840.1.113883.6.90',
  ],
  snomed: ['http://snomed.info/sct', 'urn:oid:2.16.840.1.113883.6.96'],
  atc: ['http://www.whocc.no/atc', 'urn:oid:2.16.840.1.113883.6.73'],
  rxnorm: ['http://www.nlm.nih.gov/research/umls/rxnorm', 'urn:oid:2.16.840.1.113883.6.88'],
};

/** Which of our systems a coding's `system` is; null for one we do not read. SNOMED CT editions and versions count as it. */
export function codeSystemOf(url: string | undefined): Exclude<CodeSystem, 'text'> | null {
  if (url === undefined) return null;
  for (const [system, urls] of Object.entries(codeSystemUrls)) {
    if (urls.some((known) => url === known || url.startsWith(`${known}/`) || url.startsWith(`${known}|`)))
      return system as Exclude<CodeSystem, 'text'>;
  }
  return null;
}

export const LOINC = 'http://loinc.org';
export const SNOMED = codeSystemUrls.snomed[0] as string;
export const UCUM = 'http://unitsofmeasure.org';
const terminology = 'http://terminology.hl7.org/CodeSystem';
export const terminologies = {
  conditionClinical: `${terminology}/condition-clinical`,
  conditionVerification: `${terminology}/condition-ver-status`,
  conditionCategory: `${terminology}/condition-category`,
  allergyClinical: `${terminology}/allergyintolerance-clinical`,
  allergyVerification: `${terminology}/allergyintolerance-verification`,
  observationCategory: `${terminology}/observation-category`,
  actCode: `${terminology}/v3-ActCode`,
  flagCategory: `${terminology}/flag-category`,
  provenanceParticipant: `${terminology}/provenance-participant-type`,
  provenanceActivity: `${terminology}/v3-DataOperation`,
  dischargeDisposition: `${terminology}/discharge-disposition`,
  diagnosisRole: `${terminology}/diagnosis-role`,
  identifierType: `${terminology}/v2-0203`,
  absentUnknown: 'http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips',
} as const;

/** Status codes R4 knows, and whether what carries them is `active`, `resolved`, or not a fact at all (`not-a-fact`). */
export type Standing = 'active' | 'resolved' | 'not-a-fact';
export const standings = {
  conditionClinical: {
    active: 'active',
    recurrence: 'active',
    relapse: 'active',
    inactive: 'resolved',
    remission: 'resolved',
    resolved: 'resolved',
  },
  conditionVerification: {
    unconfirmed: 'active',
    provisional: 'active',
    differential: 'active',
    confirmed: 'active',
    refuted: 'not-a-fact',
    'entered-in-error': 'not-a-fact',
  },
  allergyClinical: { active: 'active', inactive: 'resolved', resolved: 'resolved' },
  allergyVerification: {
    unconfirmed: 'active',
    confirmed: 'active',
    refuted: 'not-a-fact',
    'entered-in-error': 'not-a-fact',
  },
  medicationRequest: {
    active: 'active',
    'on-hold': 'active', // paused is not over: a caution too many is the safe side
    unknown: 'active',
    completed: 'resolved',
    stopped: 'resolved',
    cancelled: 'not-a-fact',
    draft: 'not-a-fact',
    'entered-in-error': 'not-a-fact',
  },
  medicationStatement: {
    active: 'active',
    intended: 'active',
    'on-hold': 'active',
    unknown: 'active',
    completed: 'resolved',
    stopped: 'resolved',
    'not-taken': 'resolved',
    'entered-in-error': 'not-a-fact',
  },
  procedure: {
    preparation: 'not-a-fact',
    'not-done': 'not-a-fact',
    'entered-in-error': 'not-a-fact',
    'in-progress': 'active',
    'on-hold': 'active',
    stopped: 'active',
    completed: 'active',
    unknown: 'active',
  },
  device: { active: 'active', inactive: 'resolved', unknown: 'active', 'entered-in-error': 'not-a-fact' },
  deviceUse: {
    active: 'active',
    completed: 'resolved',
    'entered-in-error': 'not-a-fact',
    intended: 'not-a-fact',
    stopped: 'resolved',
    'on-hold': 'active',
  },
  flag: { active: 'active', inactive: 'resolved', 'entered-in-error': 'not-a-fact' },
  observation: {
    registered: 'not-a-fact',
    preliminary: 'active',
    final: 'active',
    amended: 'active',
    corrected: 'active',
    cancelled: 'not-a-fact',
    'entered-in-error': 'not-a-fact',
    unknown: 'active',
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, Standing>>>>;

/** Fields of a crew's vital signs → LOINC code, its name and the UCUM unit; blood pressure is a panel of its own. */
export const vitalSigns = {
  heartRate: ['8867-4', 'Heart rate', '/min'],
  respiratoryRate: ['9279-1', 'Respiratory rate', '/min'],
  oxygenSaturationPercent: ['2708-6', 'Oxygen saturation in Arterial blood', '%'],
  temperatureCelsius: ['8310-5', 'Body temperature', 'Cel'],
  glucoseMmolPerLitre: ['15074-8', 'Glucose [Moles/volume] in Blood', 'mmol/L'],
  endTidalCo2MmHg: ['19891-1', 'Carbon dioxide [Partial pressure] in Exhaled gas --at end expiration', 'mm[Hg]'],
} as const satisfies Readonly<Record<string, readonly [code: string, display: string, unit: string]>>;

/** Intents of a medication request that say it is to be taken; a proposal or a plan is none. */
export const takenIntents = ['order', 'original-order', 'reflex-order', 'filler-order', 'instance-order'] as const;
export const intents = [...takenIntents, 'proposal', 'plan', 'option'] as const;

/** Observations that say something a decision asks for. LOINC, or SNOMED CT where LOINC has none. */
export const observationMeanings: Readonly<Record<string, 'weight' | 'due-date' | 'pregnancy-status' | 'lives-alone'>> =
  {
    [`${LOINC}|29463-7`]: 'weight',
    [`${LOINC}|3141-9`]: 'weight',
    [`${LOINC}|11778-8`]: 'due-date',
    [`${LOINC}|11779-6`]: 'due-date',
    [`${LOINC}|82810-3`]: 'pregnancy-status',
    [`${SNOMED}|105529008`]: 'lives-alone',
  };
/** Answers to `pregnancy-status` that end a due date: not pregnant (LOINC answer and SNOMED CT). */
export const NOT_PREGNANT = ['LA26683-5', '60001007'] as const;
/** Kilograms for one of a UCUM mass unit. */
export const kilogramsPer: Readonly<Record<string, number>> = { kg: 1, g: 0.001, '[lb_av]': 0.45359237 };

/** Codes that say how somebody moves, wherever they stand. */
export const mobilityCodes: Readonly<Record<string, 'wheelchair' | 'bedridden'>> = {
  [`${SNOMED}|105503008`]: 'wheelchair', // dependence on wheelchair
  [`${SNOMED}|160685001`]: 'bedridden', // bed-ridden
};

export const genders = { female: 'female', male: 'male', other: 'other', unknown: 'unknown' } as const;
