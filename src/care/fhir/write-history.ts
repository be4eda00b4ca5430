/** A history, filed and learned → conditions, allergies, medication, procedures, implants, directives, with provenance. Pure. */
import type {
  AllergyIntolerance,
  Condition,
  Consent,
  Device,
  DeviceUseStatement,
  Encounter,
  MedicationStatement,
  Observation,
  Patient,
  Procedure,
  Provenance,
  Reference,
  Resource,
} from '@medplum/fhirtypes';
import type { Coded, Provenance as From, KnownCode } from '../../domain/coded.ts';
import type { LearnedCode } from '../learned.ts';
import type { Chart } from './chart.ts';
import { fhirIdOf, partId } from './ids.ts';
import { factKey } from './merge.ts';
import { SNOMED, terminologies, UCUM } from './table.ts';
import { conceptOf, factIdentifier, known, loinc, oneCode, referTo, withoutDate } from './write.ts';

interface Fact {
  readonly coded: KnownCode;
  readonly id: string;
  readonly patient: Reference<Patient>;
  readonly encounter: Reference<Encounter> | null;
}

export function historyResources({ resident, learned }: Pick<Chart, 'resident' | 'learned'>): Resource[] {
  const { residentId, history = {} } = resident;
  const patient = referTo<Patient>('Patient', fhirIdOf(residentId));
  const filed = (list: string, coded: Coded): Fact => ({
    coded,
    id: partId(residentId, `${list}|${factKey(coded)}`),
    patient,
    encounter: null,
  });
  const since = (list: string, coded: LearnedCode): Fact => ({
    coded,
    // With where it came from: a corrected report is another fact, and does not pass for the first.
    id: partId(residentId, `${list}|${factKey(coded)}|${coded.from.source} ${coded.from.sourceId}`),
    patient,
    encounter: referTo<Encounter>('Encounter', coded.from.callId),
  });
  const facts = (list: 'conditions' | 'allergies' | 'medications' | 'procedures'): Fact[] => [
    ...(history[list] ?? []).map((coded) => filed(list, coded)),
    ...(learned?.[list] ?? []).map((coded) => since(list, coded)),
  ];
  const written: [Fact, Resource][] = [
    ...facts('conditions').map((fact): [Fact, Resource] => [fact, condition(fact)]),
    ...facts('allergies').map((fact): [Fact, Resource] => [fact, allergy(fact)]),
    ...facts('medications').map((fact): [Fact, Resource] => [fact, medication(fact)]),
    ...facts('procedures').map((fact): [Fact, Resource] => [fact, procedure(fact)]),
  ];
  return [
    ...written.map(([, resource]) => resource),
    ...(history.implants ?? []).flatMap((coded) =>
      implant(filed('implants', coded), partId(residentId, `device|${factKey(coded)}`)),
    ),
    ...(history.directives ?? []).map((coded) => directive(filed('directives', coded))),
    ...measured(residentId, patient, history),
    ...provenances(residentId, written),
  ];
}

const statusOf = ({ status }: Coded) => status ?? 'active';

function condition({ coded, id, patient, encounter }: Fact): Condition {
  // What patient or family told stays unconfirmed; what a hospital or doctor found is confirmed; of a file nobody says.
  const verified = coded.from && (coded.from.source === 'care-record' ? 'unconfirmed' : 'confirmed');
  return {
    resourceType: 'Condition',
    id,
    identifier: [factIdentifier('Condition', id)],
    clinicalStatus: oneCode(terminologies.conditionClinical, statusOf(coded)),
    ...(verified ? { verificationStatus: oneCode(terminologies.conditionVerification, verified) } : {}),
    category: [
      encounter
        ? oneCode(terminologies.conditionCategory, 'encounter-diagnosis', 'Encounter Diagnosis')
        : oneCode(terminologies.conditionCategory, 'problem-list-item', 'Problem List Item'),
    ],
    code: conceptOf(coded),
    subject: patient,
    ...(encounter ? { encounter } : {}),
    ...(coded.onset ? { onsetDateTime: coded.onset } : {}),
    ...(coded.from ? { recordedDate: coded.from.recordedAt } : {}),
  };
}

function allergy({ coded, id, patient, encounter }: Fact): AllergyIntolerance {
  return {
    resourceType: 'AllergyIntolerance',
    id,
    identifier: [factIdentifier('AllergyIntolerance', id)],
    clinicalStatus: oneCode(terminologies.allergyClinical, statusOf(coded)),
    ...(coded.from
      ? {
          verificationStatus: oneCode(
            terminologies.allergyVerification,
            coded.from.source === 'care-record' ? 'unconfirmed' : 'confirmed',
          ),
          recordedDate: coded.from.recordedAt,
        }
      : {}),
    code: conceptOf(coded),
    patient,
    ...(encounter ? { encounter } : {}),
    ...(coded.onset ? { onsetDateTime: coded.onset } : {}),
  };
}

function medication({ coded, id, patient, encounter }: Fact): MedicationStatement {
  return {
    resourceType: 'MedicationStatement',
    id,
    identifier: [factIdentifier('MedicationStatement', id)],
    status: statusOf(coded) === 'active' ? 'active' : 'stopped',
    medicationCodeableConcept: conceptOf(coded),
    subject: patient,
    ...(encounter ? { context: encounter } : {}),
    ...(coded.onset ? { effectiveDateTime: coded.onset } : withoutDate('effectiveDateTime')),
    ...(coded.from ? { dateAsserted: coded.from.recordedAt } : {}),
  };
}

function procedure({ coded, id, patient, encounter }: Fact): Procedure {
  return {
    resourceType: 'Procedure',
    id,
    identifier: [factIdentifier('Procedure', id)],
    status: 'completed',
    code: conceptOf(coded),
    subject: patient,
    ...(encounter ? { encounter } : {}),
    ...(coded.onset ? { performedDateTime: coded.onset } : withoutDate('performedDateTime')),
  };
}

function implant({ coded, id, patient }: Fact, deviceId: string): [DeviceUseStatement, Device] {
  const active = statusOf(coded) === 'active';
  return [
    {
      resourceType: 'DeviceUseStatement',
      id,
      identifier: [factIdentifier('DeviceUseStatement', id)],
      status: active ? 'active' : 'completed',
      subject: patient,
      device: referTo<Device>('Device', deviceId),
      ...(coded.onset ? { timingDateTime: coded.onset } : withoutDate('timingDateTime')),
    },
    {
      resourceType: 'Device',
      id: deviceId,
      identifier: [factIdentifier('Device', deviceId)],
      status: active ? 'active' : 'inactive',
      type: conceptOf(coded),
      patient,
    },
  ];
}

function directive({ coded, id, patient }: Fact): Consent {
  return {
    resourceType: 'Consent',
    id,
    identifier: [factIdentifier('Consent', id)],
    status: statusOf(coded) === 'active' ? 'active' : 'inactive',
    scope: oneCode('http://terminology.hl7.org/CodeSystem/consentscope', 'adr', 'Advanced Care Directive'),
    category: [conceptOf(coded)],
    patient,
    policyRule: { text: 'as put in writing by the patient' },
    ...(coded.onset ? { dateTime: coded.onset } : {}),
  };
}

function measured(
  residentId: string,
  subject: Reference<Patient>,
  { weightKg, pregnancyDueDate, mobility }: NonNullable<Chart['resident']['history']>,
): Observation[] {
  const observation = (what: string, rest: Pick<Observation, 'code'> & Partial<Observation>): Observation => {
    const id = partId(residentId, what);
    const identifier = [factIdentifier('Observation', id)];
    return { resourceType: 'Observation', id, identifier, status: 'final', subject, ...rest };
  };
  return [
    ...(weightKg
      ? [
          observation('weight', {
            category: [oneCode(terminologies.observationCategory, 'vital-signs', 'Vital Signs')],
            code: loinc('29463-7', 'Body weight'),
            ...withoutDate('effectiveDateTime'),
            valueQuantity: { value: weightKg, unit: 'kg', system: UCUM, code: 'kg' },
          }),
        ]
      : []),
    ...(pregnancyDueDate
      ? [
          observation('due-date', {
            code: loinc('11778-8', 'Delivery date Estimated'),
            valueDateTime: pregnancyDueDate,
          }),
        ]
      : []),
    ...(mobility === 'wheelchair'
      ? [observation('mobility', { code: oneCode(SNOMED, '105503008', 'Dependence on wheelchair') })]
      : []),
    ...(mobility === 'bedridden'
      ? [observation('mobility', { code: oneCode(SNOMED, '160685001', 'Bed-ridden') })]
      : []),
  ];
}

/** One a source: what it brought into the history, who said so and on which call. */
function provenances(residentId: string, written: readonly [Fact, Resource][]): Provenance[] {
  const bySource = new Map<string, { from: From; resources: Resource[] }>();
  for (const [{ coded }, resource] of written) {
    if (!coded.from) continue;
    const key = `${coded.from.source} ${coded.from.sourceId}`;
    const there = bySource.get(key) ?? { from: coded.from, resources: [] };
    there.resources.push(resource);
    bySource.set(key, there);
  }
  return [...bySource].map(
    ([key, { from, resources }]): Provenance => ({
      resourceType: 'Provenance',
      id: partId(residentId, `provenance|${key}`),
      target: resources.map(({ resourceType, id }) => ({ reference: `${resourceType}/${id}` })),
      occurredDateTime: from.recordedAt,
      recorded: from.recordedAt,
      activity: oneCode(terminologies.provenanceActivity, 'CREATE', 'create'),
      agent: [{ type: oneCode(terminologies.provenanceParticipant, 'author', 'Author'), who: authorOf(from) }],
      entity: [
        {
          role: 'source',
          what: { reference: `Encounter/${from.callId}`, identifier: { system: sourceSystem, value: from.sourceId } },
        },
      ],
    }),
  );
}

const sourceSystem = 'urn:precision-dispatch:source';

function authorOf({ source, by }: From): Provenance['agent'][number]['who'] {
  switch (source) {
    case 'outcome':
      return known('Organization', 'hospital', by);
    case 'care-record':
      return known('Organization', 'unit', by);
    case 'follow-up':
      return known('Practitioner', 'doctor', by);
    default:
      return source satisfies never;
  }
}
