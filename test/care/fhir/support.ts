/** Bundles for the FHIR tests: Synthea's own where they lie beside the repository, and small invented ones. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Synthea R4 transaction bundles (Apache-2.0), beside the repository and no part of it. */
const FOLDER = fileURLToPath(new URL('../../../../shared/data/fhir/', import.meta.url));

export const absent = existsSync(FOLDER)
  ? false
  : 'no bundles at ../shared/data/fhir: that real Synthea bundles file without loss was not tested';

// biome-ignore lint/suspicious/noExplicitAny: bundles are taken apart field by field
export type Loose = any;

export const synthea = (): { readonly name: string; readonly bundle: Loose }[] =>
  absent
    ? []
    : readdirSync(FOLDER)
        .filter((name) => name.endsWith('.json'))
        .map((name) => ({ name, bundle: JSON.parse(readFileSync(FOLDER + name, 'utf8')) }));

export const SNOMED = 'http://snomed.info/sct';
const clinical = (kind: string, code: string) => ({
  coding: [{ system: `http://terminology.hl7.org/CodeSystem/${kind}`, code }],
});
export const concept = (system: string, code: string, display?: string) => ({
  coding: [{ system, code, ...(display ? { display } : {}) }],
});

/** Nobody of this name exists. */
export const patient = (over: Loose = {}): Loose => ({
  resourceType: 'Patient',
  identifier: [{ system: 'urn:oid:2.16.156.10011.1.3', value: '110102194103020023' }],
  name: [{ use: 'official', family: '张', given: ['虚构'] }],
  gender: 'female',
  birthDate: '1941-03-02',
  telecom: [{ system: 'phone', value: '13800138001' }],
  ...over,
});
export const condition = (subject: string, over: Loose = {}): Loose => ({
  resourceType: 'Condition',
  clinicalStatus: clinical('condition-clinical', 'active'),
  verificationStatus: clinical('condition-ver-status', 'confirmed'),
  code: concept(SNOMED, '22298006', 'Myocardial infarction (disorder)'),
  subject: { reference: subject },
  onsetDateTime: '2019-05-01',
  ...over,
});
export const allergy = (subject: string, over: Loose = {}): Loose => ({
  resourceType: 'AllergyIntolerance',
  clinicalStatus: clinical('allergyintolerance-clinical', 'active'),
  code: concept(SNOMED, '91936005', 'Allergy to penicillin'),
  patient: { reference: subject },
  ...over,
});
export const medication = (subject: string, over: Loose = {}): Loose => ({
  resourceType: 'MedicationRequest',
  status: 'active',
  intent: 'order',
  medicationCodeableConcept: concept('http://www.whocc.no/atc', 'B01AC04', 'clopidogrel'),
  subject: { reference: subject },
  authoredOn: '2024-01-05',
  ...over,
});
export const observation = (subject: string, code: Loose, value: Loose, over: Loose = {}): Loose => ({
  resourceType: 'Observation',
  status: 'final',
  code,
  subject: { reference: subject },
  effectiveDateTime: '2025-02-03T08:00:00+08:00',
  ...value,
  ...over,
});

export const entry = (resource: Loose, fullUrl?: string, request: Loose = {}): Loose => ({
  ...(fullUrl ? { fullUrl } : {}),
  resource,
  request: { method: 'POST', url: resource.resourceType, ...request },
});
export const bundleOf = (entries: readonly Loose[], type = 'transaction'): Loose => ({
  resourceType: 'Bundle',
  type,
  entry: entries,
});
export const ZHANG = 'urn:uuid:11111111-1111-4111-8111-111111111111';
