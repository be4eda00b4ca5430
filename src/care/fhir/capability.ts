/** What this server says of itself: exactly the routes there are. Pure. */
import type { CapabilityStatement } from '@medplum/fhirtypes';
import { FHIR_JSON } from './answers.ts';
import { readTypes } from './resource-types.ts';
import { searchParameters } from './search.ts';

/** Date of the last change of what is offered. */
const CHANGED = '2026-11-22';

export function capabilityStatement(baseUrl: string): CapabilityStatement {
  return {
    resourceType: 'CapabilityStatement',
    status: 'active',
    date: CHANGED,
    kind: 'instance',
    software: { name: 'precision-dispatch' },
    implementation: {
      description: 'Pre-hospital emergency dispatch: histories filed, care and outcomes',
      url: baseUrl,
    },
    fhirVersion: '4.0.1',
    format: ['json', FHIR_JSON],
    rest: [
      {
        mode: 'server',
        documentation: [
          'Filing is by Bundle only. Hospitals send outcomes as a Bundle whose Encounter names the call.',
          'Searches name the patient: by patient, by _id, or by POST to _search with identifier or patient.identifier, which',
          'no URL may hold. Parameters not listed are refused, or with Prefer: handling=lenient ignored and named.',
        ].join(' '),
        security: { description: 'Authorization: Bearer JWT with a role; every read of a history is logged.' },
        interaction: [{ code: 'transaction' }, { code: 'batch' }],
        resource: readTypes.map((type) => ({
          type,
          interaction: [{ code: 'read' }, { code: 'search-type' }],
          versioning: 'no-version',
          ...(type === 'Patient' ? {} : { searchInclude: [`${type}:patient`] }),
          searchParam: Object.entries(searchParameters[type]).map(([name, { type: kind }]) => ({ name, type: kind })),
          ...(type === 'Patient'
            ? {
                operation: [
                  {
                    name: 'everything',
                    definition: 'http://hl7.org/fhir/OperationDefinition/Patient-everything',
                  },
                  { name: 'summary', definition: 'http://hl7.org/fhir/uv/ips/OperationDefinition/summary' },
                ],
              }
            : {}),
        })),
      },
    ],
  };
}
