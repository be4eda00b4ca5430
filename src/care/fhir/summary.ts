/**
 * The International Patient Summary (HL7 IPS 1.1) of a chart: a document for whoever meets the patient next. Problems,
 * allergies and medication are always there; where nothing is known of them the document says so itself. Pure.
 */
import type {
  AllergyIntolerance,
  Bundle,
  CodeableConcept,
  Composition,
  CompositionSection,
  Condition,
  Device,
  MedicationStatement,
  Patient,
  Reference,
  Resource,
} from '@medplum/fhirtypes';
import { type Chart, resourcesOf } from './chart.ts';
import { fhirIdOf, partId } from './ids.ts';
import { terminologies } from './table.ts';
import { loinc, oneCode, referTo, urnOf, withoutDate } from './write.ts';

interface Section {
  readonly title: string;
  readonly code: CodeableConcept;
  readonly holds: (resource: Resource) => boolean;
  /** Only these three say it when they are empty. */
  readonly nothing?: (patient: Reference<Patient>, id: string) => Resource;
}

const isA =
  (...types: readonly Resource['resourceType'][]) =>
  (resource: Resource) =>
    types.includes(resource.resourceType);
const absent = (code: string, display: string) => oneCode(terminologies.absentUnknown, code, display);

const sections: readonly Section[] = [
  {
    title: '问题清单 Problem list',
    code: loinc('11450-4', 'Problem list - Reported'),
    holds: isA('Condition'),
    nothing: (subject, id): Condition => ({
      resourceType: 'Condition',
      id,
      clinicalStatus: oneCode(terminologies.conditionClinical, 'active'),
      code: absent('no-problem-info', 'No information about problems'),
      subject,
    }),
  },
  {
    title: '过敏与不耐受 Allergies and intolerances',
    code: loinc('48765-2', 'Allergies and adverse reactions Document'),
    holds: isA('AllergyIntolerance'),
    nothing: (patient, id): AllergyIntolerance => ({
      resourceType: 'AllergyIntolerance',
      id,
      clinicalStatus: oneCode(terminologies.allergyClinical, 'active'),
      code: absent('no-allergy-info', 'No information about allergies'),
      patient,
    }),
  },
  {
    title: '用药 Medication',
    code: loinc('10160-0', 'History of Medication use Narrative'),
    holds: isA('MedicationStatement'),
    nothing: (subject, id): MedicationStatement => ({
      resourceType: 'MedicationStatement',
      id,
      status: 'unknown',
      medicationCodeableConcept: absent('no-medication-info', 'No information about medications'),
      subject,
      ...withoutDate('effectiveDateTime', 'not-applicable'),
    }),
  },
  {
    title: '手术操作 Procedures',
    code: loinc('47519-4', 'History of Procedures Document'),
    holds: isA('Procedure'),
  },
  {
    title: '植入物 Devices',
    code: loinc('46264-8', 'History of medical device use'),
    holds: isA('DeviceUseStatement'),
  },
  {
    title: '生命体征 Vital signs',
    code: loinc('8716-3', 'Vital signs'),
    holds: (resource) =>
      resource.resourceType === 'Observation' &&
      resource.category?.some(({ coding }) => coding?.[0]?.code === 'vital-signs') === true,
  },
  {
    title: '妊娠 Pregnancy',
    code: loinc('10162-6', 'History of pregnancies Narrative'),
    holds: (resource) => resource.resourceType === 'Observation' && resource.code.coding?.[0]?.code === '11778-8',
  },
  {
    title: '功能状态 Functional status',
    code: loinc('47420-5', 'Functional status assessment note'),
    holds: (resource) =>
      resource.resourceType === 'Observation' &&
      ['105503008', '160685001'].includes(resource.code.coding?.[0]?.code ?? ''),
  },
  {
    title: '预先指示 Advance directives',
    code: loinc('42348-3', 'Advance directives'),
    holds: isA('Consent'),
  },
  {
    title: '随访计划 Plan of care',
    code: loinc('18776-5', 'Plan of care note'),
    holds: isA('CarePlan'),
  },
];

const AUTHOR = 'precision-dispatch';

/**
 * @param at when it is made, RFC 3339
 * @param id of this document
 * @param baseUrl of this server, without a slash at the end
 */
export function summaryOf(chart: Chart, at: string, id: string, baseUrl: string): Bundle {
  const { residentId } = chart.resident;
  const patient = referTo<Patient>('Patient', fhirIdOf(residentId));
  const all = resourcesOf(chart);
  const added: Resource[] = [];
  const written = sections.flatMap((section): CompositionSection[] => {
    const found = all.filter(section.holds);
    if (found.length === 0 && section.nothing) {
      const nothing = section.nothing(patient, partId(residentId, `nothing|${section.title}`));
      found.push(nothing);
      added.push(nothing);
    }
    if (found.length === 0) return [];
    return [
      {
        title: section.title,
        code: section.code,
        text: { status: 'generated', div: narrative(found) },
        entry: found.map((resource) => ({ reference: `${resource.resourceType}/${resource.id}` })),
      },
    ];
  });
  const author: Device = {
    resourceType: 'Device',
    id: AUTHOR,
    deviceName: [{ name: 'precision-dispatch', type: 'user-friendly-name' }],
  };
  const composition: Composition = {
    resourceType: 'Composition',
    id,
    status: 'final',
    type: loinc('60591-5', 'Patient summary Document'),
    subject: patient,
    date: at,
    author: [referTo<Device>('Device', AUTHOR)],
    title: '国际患者摘要 International Patient Summary',
    confidentiality: 'N',
    section: written,
  };
  const used = new Set(written.flatMap(({ entry }) => entry?.map(({ reference }) => reference as string) ?? []));
  const kept = [...all, ...added].filter(
    ({ resourceType, id: own }) =>
      resourceType === 'Patient' || resourceType === 'Provenance' || used.has(`${resourceType}/${own}`),
  );
  return {
    resourceType: 'Bundle',
    id,
    identifier: { system: 'urn:ietf:rfc:3986', value: `urn:uuid:${id}` },
    type: 'document',
    timestamp: at,
    entry: closed([composition, ...kept, author], all).map((resource) => ({
      fullUrl: `${baseUrl}/${nameOf(resource)}`,
      resource,
    })),
  };
}

/** With everything it refers to: a document has to be readable on its own. */
function closed(first: readonly Resource[], all: readonly Resource[]): Resource[] {
  const byName = new Map([...all, ...first].map((resource) => [nameOf(resource), resource]));
  const here = new Map(first.map((resource) => [nameOf(resource), resource]));
  for (const resource of here.values()) {
    // A Provenance tells where what is here came from, and drags nothing else in.
    if (resource.resourceType === 'Provenance') continue;
    for (const reference of referencesIn(resource)) {
      const found = byName.get(reference);
      if (found) here.set(reference, found);
    }
  }
  return [...here.values()].flatMap((resource): Resource[] => {
    if (resource.resourceType !== 'Provenance') return [resource];
    const target = resource.target.filter(({ reference }) => here.has(reference ?? ''));
    return target.length ? [{ ...resource, target }] : [];
  });
}

export const nameOf = ({ resourceType, id }: Resource): string => `${resourceType}/${id}`;

const RELATIVE = /^[A-Z][A-Za-z]+\/[A-Za-z0-9.-]{1,64}$/;

function referencesIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === 'reference' && typeof inner === 'string' && RELATIVE.test(inner) ? [inner] : referencesIn(inner),
  );
}

/** Relative references as the names the resources have inside a Bundle of their own. */
export function renamed<R extends Resource>(resource: R): R {
  return JSON.parse(JSON.stringify(resource), (key, value: unknown) =>
    key === 'reference' && typeof value === 'string' && RELATIVE.test(value) ? urnOf(value) : value,
  ) as R;
}

/** What a person reads where no program does: one line an entry. */
function narrative(resources: readonly Resource[]): string {
  const lines = resources.map((resource) => `<li>${escaped(wordsOf(resource))}</li>`).join('');
  return `<div xmlns="http://www.w3.org/1999/xhtml"><ul>${lines}</ul></div>`;
}

const escaped = (text: string) =>
  text.replace(/[&<>"]/g, (sign) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[sign] ?? '&quot;');

const textOf = (concept: CodeableConcept | undefined): string =>
  concept?.text ?? concept?.coding?.[0]?.display ?? concept?.coding?.[0]?.code ?? '';

function wordsOf(resource: Resource): string {
  switch (resource.resourceType) {
    case 'Condition':
    case 'AllergyIntolerance':
      return `${textOf(resource.code)} (${textOf(resource.clinicalStatus)})`;
    case 'MedicationStatement':
      return `${textOf(resource.medicationCodeableConcept)} (${resource.status})`;
    case 'Procedure':
      return `${textOf(resource.code)} ${resource.performedDateTime ?? resource.performedPeriod?.start ?? ''}`;
    case 'Observation': {
      const parts = (resource.component ?? []).map(({ valueQuantity }) => valueQuantity?.value).join('/');
      const { value, unit } = resource.valueQuantity ?? {};
      return `${textOf(resource.code)}: ${value ?? resource.valueDateTime ?? parts} ${unit ?? ''} ${resource.effectiveDateTime ?? ''}`;
    }
    case 'Consent':
      return textOf(resource.category[0]);
    case 'CarePlan':
      return resource.description ?? resource.title ?? '';
    default:
      return resource.resourceType;
  }
}
