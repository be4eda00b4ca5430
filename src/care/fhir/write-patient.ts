/** A resident → Patient. Pure. */
import type { Address, ContactPoint, Patient } from '@medplum/fhirtypes';
import type { Chart } from './chart.ts';
import { fhirIdOf } from './ids.ts';
import { CITIZEN_NUMBER, genders, identifierSystems } from './table.ts';
import { known } from './write.ts';

const GEOLOCATION = 'http://hl7.org/fhir/StructureDefinition/geolocation';
const phone = (value: string): ContactPoint => ({ system: 'phone', value });

export function patientResource({ resident, learned }: Pick<Chart, 'resident' | 'learned'>): Patient {
  const { residentId, name, sex, birthDate, idNumber, phones, devices, contacts, home } = resident;
  return {
    resourceType: 'Patient',
    id: fhirIdOf(residentId),
    identifier: [
      { system: identifierSystems.resident, value: residentId },
      ...(idNumber ? [{ system: CITIZEN_NUMBER, value: idNumber }] : []),
      ...(devices ?? []).map(({ deviceId }) => ({ system: identifierSystems.device, value: deviceId })),
    ],
    active: learned?.death === null || learned === null,
    name: [{ use: 'official', text: name }],
    gender: genders[sex],
    birthDate,
    ...(phones.length ? { telecom: phones.map(phone) } : {}),
    ...(home ? { address: [addressOf(home)] } : {}),
    ...(learned?.death ? { deceasedDateTime: learned.death.at } : {}),
    ...(contacts?.length
      ? {
          contact: contacts.map((contact) => ({
            name: { text: contact.name },
            telecom: [phone(contact.phone)],
            ...(contact.relation ? { relationship: [{ text: contact.relation }] } : {}),
          })),
        }
      : {}),
    ...(resident.familyDoctorId
      ? { generalPractitioner: [known('Practitioner', 'doctor', resident.familyDoctorId)] }
      : {}),
    ...(resident.communityCentreId
      ? { managingOrganization: known('Organization', 'centre', resident.communityCentreId) }
      : {}),
  };
}

function addressOf({ address, subdistrictCode, position }: NonNullable<Chart['resident']['home']>): Address {
  return {
    use: 'home',
    text: address,
    ...(subdistrictCode ? { district: subdistrictCode } : {}),
    ...(position
      ? {
          extension: [
            {
              url: GEOLOCATION,
              extension: [
                { url: 'latitude', valueDecimal: position.lat },
                { url: 'longitude', valueDecimal: position.lon },
              ],
            },
          ],
        }
      : {}),
  };
}
