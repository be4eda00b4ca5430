/** Two independent validators over what we send: `fhir` knows the value sets, Medplum cardinality, types and invariants. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { indexStructureDefinitionBundle, validateResource } from '@medplum/core';
import type { ElementDefinition, ElementDefinitionConstraint, Resource, StructureDefinition } from '@medplum/fhirtypes';
import { Fhir } from 'fhir';

/** A type as the `fhir` package keeps HL7's definitions of R4. */
interface Kept {
  readonly _url: string;
  readonly _kind: string;
  readonly _properties?: readonly KeptProperty[];
}
interface KeptProperty {
  readonly _name: string;
  readonly _type: string;
  readonly _multiple: boolean;
  readonly _required?: boolean;
  readonly _choice?: string;
  readonly _targetProfiles?: readonly string[];
  readonly _properties?: readonly KeptProperty[];
}

/** Invariants of HL7's definitions of what we send, by the element they are judged on. */
const invariants: Readonly<Record<string, readonly (readonly [key: string, expression: string])[]>> = {
  Condition: [
    [
      'con-4',
      "abatement.empty() or clinicalStatus.coding.where(system='http://terminology.hl7.org/CodeSystem/condition-clinical' and (code='resolved' or code='remission' or code='inactive')).exists()",
    ],
    [
      'con-5',
      "verificationStatus.coding.where(system='http://terminology.hl7.org/CodeSystem/condition-ver-status' and code='entered-in-error').empty() or clinicalStatus.empty()",
    ],
  ],
  AllergyIntolerance: [
    [
      'ait-1',
      "verificationStatus.coding.where(system='http://terminology.hl7.org/CodeSystem/allergyintolerance-verification' and code='entered-in-error').exists() or clinicalStatus.exists()",
    ],
    [
      'ait-2',
      "verificationStatus.coding.where(system='http://terminology.hl7.org/CodeSystem/allergyintolerance-verification' and code='entered-in-error').empty() or clinicalStatus.empty()",
    ],
  ],
  Observation: [
    ['obs-6', 'dataAbsentReason.empty() or value.empty()'],
    ['obs-7', 'value.empty() or component.code.where(coding.intersect(%resource.code.coding).exists()).empty()'],
  ],
  'Observation.component': [['vs-3', 'value.exists() or dataAbsentReason.exists()']],
  'MedicationAdministration.dosage': [['mad-1', 'dose.exists() or rate.exists()']],
  Consent: [['ppc-1', 'policy.exists() or policyRule.exists()']],
  'Patient.contact': [['pat-1', 'name.exists() or telecom.exists() or address.exists() or organization.exists()']],
  Task: [['inv-1', 'lastModified.exists().not() or authoredOn.exists().not() or lastModified >= authoredOn']],
  'CarePlan.activity': [['cpl-3', 'detail.empty() or reference.empty()']],
  'Composition.section': [['cmp-1', 'text.exists() or entry.exists() or section.exists()']],
  Bundle: [
    ['bdl-1', "total.empty() or (type = 'searchset') or (type = 'history')"],
    ['bdl-2', "entry.search.empty() or (type = 'searchset')"],
    ['bdl-3', "entry.all(request.exists() = (%resource.type = 'batch' or %resource.type = 'transaction'))"],
    [
      'bdl-4',
      "entry.all(response.exists() = (%resource.type = 'batch-response' or %resource.type = 'transaction-response'))",
    ],
    ['bdl-9', "type != 'document' or (identifier.system.exists() and identifier.value.exists())"],
    ['bdl-10', "type != 'document' or timestamp.exists()"],
  ],
};

const url = (type: string) => `http://hl7.org/fhir/StructureDefinition/${type}`;

function elements(path: string, properties: readonly KeptProperty[]): ElementDefinition[] {
  const choices = new Map<string, KeptProperty[]>();
  for (const each of properties.filter(({ _name }) => !_name.startsWith('_'))) {
    const name = each._choice ? `${each._choice.replace('[x]', '')}[x]` : each._name;
    choices.set(name, [...(choices.get(name) ?? []), each]);
  }
  return [...choices].flatMap(([name, alike]): ElementDefinition[] => {
    const [first] = alike as [KeptProperty];
    const at = `${path}.${name}`;
    const reference = first._type.startsWith('#') ? first._type : undefined;
    const element: ElementDefinition = {
      id: at,
      path: at,
      min: first._required ? 1 : 0,
      max: first._multiple ? '*' : '1',
      base: { path: at, min: first._required ? 1 : 0, max: first._multiple ? '*' : '1' },
      constraint: constraints(at),
      ...(reference
        ? { contentReference: reference }
        : {
            type: alike.map(({ _type, _targetProfiles }) => ({
              code: _type,
              ...(_targetProfiles ? { targetProfile: [..._targetProfiles] } : {}),
            })),
          }),
    };
    const inner = first._type === 'BackboneElement' ? elements(at, first._properties ?? []) : [];
    return [element, ...inner];
  });
}

const constraints = (path: string): ElementDefinitionConstraint[] =>
  (invariants[path] ?? []).map(([key, expression]) => ({ key, severity: 'error', human: key, expression }));

function definitionOf(type: string, { _properties = [] }: Kept): StructureDefinition {
  const root: ElementDefinition = { id: type, path: type, min: 0, max: '*', constraint: constraints(type) };
  return {
    resourceType: 'StructureDefinition',
    url: url(type),
    name: type,
    status: 'active',
    kind: 'resource',
    abstract: false,
    type,
    baseDefinition: url('DomainResource'),
    derivation: 'specialization',
    fhirVersion: '4.0.1',
    snapshot: { element: [root, ...elements(type, _properties)] },
  };
}

const kept = createRequire(import.meta.url).resolve('fhir/profiles/types.json');
const types = JSON.parse(readFileSync(kept, 'utf8')) as Readonly<Record<string, Kept>>;
indexStructureDefinitionBundle(
  Object.entries(types)
    .filter(([, { _kind }]) => _kind === 'resource')
    .map(([type, definition]) => definitionOf(type, definition)),
);
const fhir = new Fhir();

/** Bindings that recommend codes (ours are national or clinical), and references by a Bundle's own names, which neither follows. */
const noFault = /warning .*(?:not found in value set$|Invalid reference: got "urn:uuid)/;

/** What either validator finds wrong, warnings too; an empty list where neither finds anything. */
export function faultsIn(resource: Resource): string[] {
  const faults: string[] = [];
  try {
    for (const { severity, details, expression } of validateResource(resource))
      faults.push(`medplum ${severity} ${expression?.join()} ${details?.text}`);
  } catch (error) {
    const issues = (error as { outcome?: { issue?: { expression?: string[]; details?: { text?: string } }[] } })
      .outcome;
    if (!issues) throw error;
    for (const issue of issues.issue ?? []) faults.push(`medplum ${issue.expression?.join()} ${issue.details?.text}`);
  }
  for (const { severity, location, message } of fhir.validate(resource).messages)
    if (severity !== 'info') faults.push(`fhir ${severity} ${location} ${message}`);
  return faults.filter((fault) => !noFault.test(fault));
}
