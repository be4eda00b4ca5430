/** What the crew saw and did → Observation, MedicationAdministration, Procedure, DocumentReference. Pure. */
import type {
  DocumentReference,
  Encounter,
  MedicationAdministration,
  Observation,
  ObservationComponent,
  Patient,
  Procedure,
  Quantity,
  Reference,
  Resource,
} from '@medplum/fhirtypes';
import type { Coded } from '../../domain/coded.ts';
import type { Entry, KeptEntry } from '../record.ts';
import type { Attachment } from '../schema.ts';
import type { Chart, ChartCall } from './chart.ts';
import { fhirIdOf, partId } from './ids.ts';
import { terminologies, UCUM, vitalSigns } from './table.ts';
import { conceptOf, factIdentifier, known, loinc, oneCode, referTo } from './write.ts';

interface Place {
  readonly callId: string;
  readonly subject: Reference<Patient>;
  readonly encounter: Reference<Encounter>;
}

export function careResources({ resident }: Pick<Chart, 'resident'>, call: ChartCall): Resource[] {
  const place: Place = {
    callId: call.callId,
    subject: referTo<Patient>('Patient', fhirIdOf(resident.residentId)),
    encounter: referTo<Encounter>('Encounter', call.callId),
  };
  return [
    ...call.care.flatMap((kept) => entryResources(place, kept)),
    ...call.attachments.map((attachment) => attached(place, attachment)),
  ];
}

function entryResources(place: Place, kept: KeptEntry): Resource[] {
  switch (kept.kind) {
    case 'vitals':
      return vitals(place, kept);
    case 'assessment':
      return assessment(place, kept);
    case 'medication':
      return given(place, kept);
    case 'procedure':
      return done(place, kept);
    case 'handover':
    case 'note':
      return written(place, kept);
    case 'history': // part of the history it was written back to
    case 'identity':
    case 'destination':
      return [];
    default:
      return kept.kind satisfies never;
  }
}

const quantity = (value: number, unit: string): Quantity => ({ value, unit, system: UCUM, code: unit });

function observation(
  place: Place,
  { entry, by, flags }: KeptEntry,
  part: string,
  rest: Pick<Observation, 'code'> & Partial<Observation>,
): Observation {
  const id = partId(place.callId, `${entry.entryId}|${part}`);
  // What no living person has is kept, and said to be odd where the value stands.
  const odd = flags.filter((flag) => flag.startsWith('outside-life:') && part.includes(flag.slice(13)));
  return {
    resourceType: 'Observation',
    id,
    identifier: [factIdentifier('Observation', id)],
    status: entry.amends === undefined ? 'final' : 'corrected',
    subject: place.subject,
    encounter: place.encounter,
    effectiveDateTime: entry.at,
    performer: [known('Organization', 'unit', by.subject)],
    ...(odd.length ? { note: odd.map((text) => ({ text })) } : {}),
    ...rest,
  };
}

const vitalCategory = [oneCode(terminologies.observationCategory, 'vital-signs', 'Vital Signs')];
const examCategory = [oneCode(terminologies.observationCategory, 'exam', 'Exam')];

function vitals(place: Place, kept: KeptEntry): Observation[] {
  const { entry } = kept;
  const value = (field: string) => (typeof entry[field] === 'number' ? (entry[field] as number) : null);
  const made = Object.entries(vitalSigns).flatMap(([field, [code, display, unit]]) => {
    const measured = value(field);
    return measured === null
      ? []
      : [
          observation(place, kept, field, {
            category: vitalCategory,
            code: loinc(code, display),
            valueQuantity: quantity(measured, unit),
          }),
        ];
  });
  const pressures = [
    ['systolicMmHg', '8480-6', 'Systolic blood pressure'],
    ['diastolicMmHg', '8462-4', 'Diastolic blood pressure'],
  ] as const;
  const component = pressures.flatMap(([field, code, display]): ObservationComponent[] => {
    const measured = value(field);
    return measured === null ? [] : [{ code: loinc(code, display), valueQuantity: quantity(measured, 'mm[Hg]') }];
  });
  const pressure = component.length
    ? [
        observation(place, kept, 'systolicMmHg diastolicMmHg', {
          category: vitalCategory,
          code: loinc('85354-9', 'Blood pressure panel with all children optional'),
          component,
        }),
      ]
    : [];
  const oxygen =
    typeof entry.onOxygen === 'boolean'
      ? [
          observation(place, kept, 'onOxygen', {
            category: vitalCategory,
            code: { text: 'On oxygen' },
            valueBoolean: entry.onOxygen,
          }),
        ]
      : [];
  return [...made, ...pressure, ...oxygen];
}

type Glasgow = { readonly eye: number; readonly verbal: number; readonly motor: number };

function assessment(place: Place, kept: KeptEntry): Observation[] {
  const { glasgow, fast, pain, text } = kept.entry as Entry & {
    glasgow?: Glasgow;
    fast?: Readonly<Record<string, string>>;
    pain?: number;
    text?: string;
  };
  const score = (value: number): Quantity => quantity(value, '{score}');
  return [
    ...(glasgow
      ? [
          observation(place, kept, 'glasgow', {
            category: examCategory,
            code: loinc('9269-2', 'Glasgow coma score total'),
            valueQuantity: score(glasgow.eye + glasgow.verbal + glasgow.motor),
            component: [
              { code: loinc('9267-6', 'Glasgow coma score eye opening'), valueQuantity: score(glasgow.eye) },
              { code: loinc('9270-0', 'Glasgow coma score verbal'), valueQuantity: score(glasgow.verbal) },
              { code: loinc('9268-4', 'Glasgow coma score motor'), valueQuantity: score(glasgow.motor) },
            ],
          }),
        ]
      : []),
    ...(typeof pain === 'number'
      ? [
          observation(place, kept, 'pain', {
            category: examCategory,
            code: loinc('72514-3', 'Pain severity - 0-10 verbal numeric rating [Score] - Reported'),
            valueQuantity: score(pain),
          }),
        ]
      : []),
    ...(fast
      ? [
          observation(place, kept, 'fast', {
            category: examCategory,
            code: { text: 'FAST: face, arm, speech' },
            component: Object.entries(fast).map(([sign, seen]) => ({ code: { text: sign }, valueString: seen })),
          }),
        ]
      : []),
    ...(text
      ? [observation(place, kept, 'text', { category: examCategory, code: { text: 'Assessment' }, valueString: text })]
      : []),
  ];
}

function given(place: Place, { entry, by }: KeptEntry): MedicationAdministration[] {
  const { medication, dose, unit, route } = entry as Entry & {
    medication?: Coded;
    dose?: number;
    unit?: string;
    route?: string;
  };
  if (!medication) return [];
  const id = partId(place.callId, `${entry.entryId}|given`);
  return [
    {
      resourceType: 'MedicationAdministration',
      id,
      identifier: [factIdentifier('MedicationAdministration', id)],
      status: 'completed',
      medicationCodeableConcept: conceptOf(medication),
      subject: place.subject,
      context: place.encounter,
      effectiveDateTime: entry.at,
      performer: [{ actor: known('Practitioner', 'unit', by.subject) }],
      // mad-1: a dosage says how much; a route alone goes in words.
      ...(dose !== undefined
        ? { dosage: { dose: { value: dose, ...(unit ? { unit } : {}) }, ...(route ? { route: { text: route } } : {}) } }
        : route
          ? { note: [{ text: route }] }
          : {}),
    },
  ];
}

function done(place: Place, { entry, by }: KeptEntry): Procedure[] {
  const { procedure, endedAt, success, attempts, text } = entry as Entry & {
    procedure?: Coded;
    endedAt?: string;
    success?: boolean;
    attempts?: number;
    text?: string;
  };
  if (!procedure) return [];
  const id = partId(place.callId, `${entry.entryId}|done`);
  const notes = [...(attempts === undefined ? [] : [`attempts: ${attempts}`]), ...(text ? [text] : [])];
  return [
    {
      resourceType: 'Procedure',
      id,
      identifier: [factIdentifier('Procedure', id)],
      status: 'completed',
      code: conceptOf(procedure),
      subject: place.subject,
      encounter: place.encounter,
      ...(endedAt && endedAt >= entry.at
        ? { performedPeriod: { start: entry.at, end: endedAt } }
        : { performedDateTime: entry.at }),
      performer: [{ actor: known('Organization', 'unit', by.subject) }],
      ...(success === undefined ? {} : { outcome: { text: success ? 'successful' : 'unsuccessful' } }),
      ...(notes.length ? { note: notes.map((note) => ({ text: note })) } : {}),
    },
  ];
}

function document(
  place: Place,
  part: string,
  rest: Pick<DocumentReference, 'content' | 'type' | 'date'> & Partial<DocumentReference>,
): DocumentReference {
  const id = partId(place.callId, part);
  return {
    resourceType: 'DocumentReference',
    id,
    identifier: [factIdentifier('DocumentReference', id)],
    status: 'current',
    subject: place.subject,
    context: { encounter: [place.encounter] },
    ...rest,
  };
}

function written(place: Place, { kind, entry, by, heardAt }: KeptEntry): DocumentReference[] {
  const text = entry.text;
  if (typeof text !== 'string') return [];
  const type =
    kind === 'handover' ? loinc('67796-3', 'EMS patient care report - version 3 Document') : { text: 'Crew note' };
  const attachment = { contentType: 'text/plain; charset=utf-8', data: Buffer.from(text).toString('base64') };
  return [
    document(place, entry.entryId, {
      type,
      date: heardAt,
      author: [known('Organization', 'unit', by.subject)],
      content: [{ attachment: { ...attachment, creation: entry.at } }],
    }),
  ];
}

const attachmentPart = (attachmentId: string) => `attachment|${attachmentId}`;
/** The document an attachment is written as. */
export const documentIdOf = (callId: string, attachmentId: string) => partId(callId, attachmentPart(attachmentId));

/** The content stays where it is: up to 10 MB, fetched by those who may. */
function attached(
  place: Place,
  { attachmentId, kind, mediaType, bytes, at, heardAt, by }: Attachment,
): DocumentReference {
  const type = kind === 'twelve-lead-ecg' ? loinc('11524-6', 'EKG study') : { text: kind };
  const url = `/v1/calls/${place.callId}/care-record/attachments/${attachmentId}`;
  return document(place, attachmentPart(attachmentId), {
    type,
    date: heardAt,
    author: [known('Organization', 'unit', by.subject)],
    content: [{ attachment: { contentType: mediaType, url, size: bytes, creation: at } }],
  });
}
