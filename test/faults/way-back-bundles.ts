/** What hospitals and registries send as FHIR in a fault run. */
import type { Coded } from '../../src/domain/coded.ts';
import { bundleOf, concept, entry, type Loose } from '../care/fhir/support.ts';
import type { Report } from './way-back-load.ts';

const PATIENT = 'urn:uuid:11111111-1111-4111-8111-111111111111';
const conceptOf = ({ system, code, display }: Coded): Loose =>
  system === 'text'
    ? { text: code }
    : { coding: [{ system: 'http://hl7.org/fhir/sid/icd-10', code, ...(display ? { display } : {}) }] };
const conditionOf = (coded: Coded): Loose => ({
  resourceType: 'Condition',
  clinicalStatus: concept('http://terminology.hl7.org/CodeSystem/condition-clinical', 'active'),
  code: conceptOf(coded),
  subject: { reference: PATIENT },
});

/** A hospital's report of a call. */
export function reportBundle({ callId, reportId, dischargedAt }: Report, diagnoses: readonly Coded[]): Loose {
  const dischargeDisposition = concept('http://terminology.hl7.org/CodeSystem/discharge-disposition', 'home');
  return {
    ...bundleOf([
      entry({ resourceType: 'Patient' }, PATIENT),
      entry({
        resourceType: 'Encounter',
        identifier: [{ system: 'urn:precision-dispatch:call', value: callId }],
        status: 'finished',
        class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'EMER' },
        subject: { reference: PATIENT },
        ...(dischargedAt ? { period: { end: dischargedAt } } : {}),
        hospitalization: { dischargeDisposition },
      }),
      ...diagnoses.map((coded) => entry(conditionOf(coded))),
    ]),
    identifier: { system: 'urn:invented:report', value: reportId },
  };
}

/** One more condition for somebody known by `identifier`. */
export const filingBundle = (identifier: string, mark: string): Loose =>
  bundleOf([
    entry(
      {
        resourceType: 'Patient',
        identifier: [{ system: 'urn:invented:registry', value: identifier }],
        name: [{ family: '虚', given: [`构${identifier}`] }],
        gender: 'female',
        birthDate: '1941-03-02',
      },
      PATIENT,
    ),
    entry(conditionOf({ system: 'text', code: mark })),
  ]);
