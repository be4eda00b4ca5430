/** What all writers of FHIR share: codes, references, identifiers. Pure. */
import type { CodeableConcept, Identifier, Reference, Resource } from '@medplum/fhirtypes';
import type { Coded } from '../../domain/coded.ts';
import { hashOf } from './ids.ts';
import { codeSystemUrls, identifierSystems, LOINC } from './table.ts';

/** A history's entry as a concept; words alone stay words. */
export function conceptOf({ system, code, display }: Coded): CodeableConcept {
  if (system === 'text') return { text: code };
  const url = codeSystemUrls[system][0] as string;
  return { coding: [{ system: url, code, ...(display ? { display } : {}) }], text: display ?? code };
}

export const loinc = (code: string, display: string): CodeableConcept => ({
  coding: [{ system: LOINC, code, display }],
  text: display,
});

export const oneCode = (system: string, code: string, display?: string): CodeableConcept => ({
  coding: [{ system, code, ...(display ? { display } : {}) }],
});

export const referTo = <R extends Resource>(type: R['resourceType'], id: string): Reference<R> => ({
  reference: `${type}/${id}`,
});

/** Somebody of whom only the name in our systems is known: a logical reference. */
export const known = <R extends Resource>(
  type: R['resourceType'],
  system: keyof typeof identifierSystems,
  value: string,
): Reference<R> => ({ type, identifier: { system: identifierSystems[system], value } });

/** What the same fact is known by wherever it is sent: a conditional create goes by it. */
export const factIdentifier = (type: string, id: string): Identifier => ({
  system: identifierSystems.fact,
  value: `${type}/${id}`,
});

/** A resource's name in a Bundle of its own; the same each time. */
export function urnOf(reference: string): string {
  const hex = hashOf(reference, 32);
  const variant = '89ab'.charAt(Number.parseInt(hex.charAt(16), 16) % 4);
  const parts = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `5${hex.slice(13, 16)}`,
    variant + hex.slice(17, 20),
    hex.slice(20),
  ];
  return `urn:uuid:${parts.join('-')}`;
}

const ABSENT_REASON = 'http://hl7.org/fhir/StructureDefinition/data-absent-reason';

/** A date that a patient summary has to have and nobody knows: the field beside it says why it is not there. */
export const withoutDate = (field: string, why: 'unknown' | 'not-applicable' = 'unknown') => ({
  [`_${field}`]: { extension: [{ url: ABSENT_REASON, valueCode: why }] },
});
