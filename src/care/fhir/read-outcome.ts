/**
 * A hospital's Bundle → an outcome: the Encounter names the call and says when and how it went, the other resources what
 * was found and done. Pure.
 */
import type { Coded } from '../../domain/coded.ts';
import type { Sex } from '../../domain/vocabulary.ts';
import type { Disposition, LooseOutcomeInput, PatientIdentity } from '../schema.ts';
import {
  arrayOf,
  danglingReferences,
  type Entry,
  type IndexedProblem,
  isObject,
  type Json,
  type ReadBundle,
  resolverOf,
} from './bundle.ts';
import { type FactGiven, factReaders } from './read-facts.ts';
import { nameOf, refuseBadDeath } from './read-patient.ts';
import { CITIZEN_NUMBER, identifierSystems, terminologies } from './table.ts';
import { codingsOf, dayOf, type HistoryList, type Reading, subjectOf, targetOf, textOf } from './values.ts';

export interface ReadOutcome {
  readonly outcome: LooseOutcomeInput;
  /** Index of the Encounter of the emergency. */
  readonly encounter: number;
  /** Index → why nothing of it is part of the outcome. */
  readonly notes: ReadonlyMap<number, string>;
  readonly problems: readonly IndexedProblem[];
}

/** Discharge dispositions (HL7) as ours; one that says nothing of the way out is none. */
const dispositionOf: Readonly<Record<string, Disposition>> = {
  home: 'discharged',
  'alt-home': 'discharged',
  'other-hcf': 'transferred',
  hosp: 'transferred',
  long: 'transferred',
  rehab: 'transferred',
  psy: 'transferred',
  snf: 'transferred',
  aadvice: 'left',
  exp: 'died',
};

const lists = {
  conditions: 'diagnoses',
  procedures: 'procedures',
  medications: 'medications',
  allergies: 'allergies',
} as const satisfies Partial<Record<HistoryList, keyof LooseOutcomeInput>>;

/** Whether a Bundle tells of a call rather than of a file: one of its Encounters carries our identifier of a call. */
export const namesCall = (body: unknown): boolean =>
  arrayOf(isObject(body) ? body.entry : []).some((entry) => {
    const resource = isObject(entry) && isObject(entry.resource) ? entry.resource : {};
    return resource.resourceType === 'Encounter' && callIdentifiers(resource).length > 0;
  });

const callIdentifiers = (encounter: Json) =>
  arrayOf(encounter.identifier).flatMap((each) => {
    if (!isObject(each)) return [];
    const { system, value } = each;
    const ours = system === identifierSystems.call || system === identifierSystems.callNumber;
    return ours && typeof value === 'string' ? [{ system, value }] : [];
  });

export function readOutcome(bundle: ReadBundle, body: Json, groupsOf: Reading['groupsOf']): ReadOutcome {
  const problems: IndexedProblem[] = [...bundle.problems];
  const notes = new Map<number, string>();
  const resolve = resolverOf(bundle.entries);
  const readingOf = (entry: Entry): Reading => {
    const refuse = (field: string, detail: string) => void problems.push({ index: entry.index, field, detail });
    return { entry, resolve, refuse, groupsOf };
  };
  for (const entry of bundle.entries)
    for (const problem of danglingReferences(entry, resolve)) problems.push({ index: entry.index, ...problem });

  const of = (type: string) => bundle.entries.filter(({ resource }) => resource.resourceType === type);
  const encounters = of('Encounter');
  const emergency =
    encounters.find(({ resource }) => callIdentifiers(resource).length > 0) ??
    encounters.find(({ resource }) => classOf(resource) === 'EMER') ??
    encounters[0];
  if (!emergency)
    problems.push({
      index: null,
      field: 'Bundle.entry',
      detail: 'an outcome has an Encounter that says what it is of',
    });
  const patients = of('Patient');
  if (patients.length > 1)
    problems.push({ index: null, field: 'Bundle.entry', detail: 'an outcome is of one Patient' });
  const patient = patients[0] ? patientOf(readingOf(patients[0])) : {};

  const outcome: Record<string, unknown> = {
    ...identityOf(body),
    ...(emergency ? encounterOf(readingOf(emergency), encounters, readingOf) : {}),
    ...patient,
  };
  if ('diedAt' in outcome || patients[0]?.resource.deceasedBoolean === true) outcome.disposition = 'died';
  const coded: Record<string, Coded[]> = {};
  const advice: string[] = [];
  for (const entry of bundle.entries) {
    const reading = readingOf(entry);
    const { resource, index } = entry;
    if (['Patient', 'Encounter'].includes(resource.resourceType)) continue;
    if (resource.resourceType === 'CarePlan') {
      const text = textOf(resource.description);
      if (text) advice.push(text);
      else notes.set(index, 'only the description of a CarePlan is read, as advice');
    } else if (
      ['Condition', 'Procedure', 'MedicationRequest', 'MedicationStatement', 'AllergyIntolerance'].includes(
        resource.resourceType,
      )
    ) {
      const fact = factReaders[resource.resourceType as keyof typeof factReaders](reading);
      if (fact) gather(fact, coded, notes);
    } else notes.set(index, `${resource.resourceType} is no part of an outcome here`);
  }
  sameSubject(bundle.entries, patients[0], readingOf);
  return {
    outcome: { ...outcome, ...coded, ...(advice.length ? { advice: advice.join('\n') } : {}) } as LooseOutcomeInput,
    encounter: emergency?.index ?? 0,
    notes,
    problems,
  };
}

function gather({ index, changes, note }: FactGiven, into: Record<string, Coded[]>, notes: Map<number, string>): void {
  for (const change of changes) {
    if (change.kind !== 'coded' || change.standing === 'not-a-fact') continue;
    const list = lists[change.list as keyof typeof lists];
    into[list] = [...(into[list] ?? []), ...change.entries];
  }
  if (note) notes.set(index, note);
}

/** The Bundle's own identifier is the report's: sent again under it, the report is the same one, or corrects it. */
function identityOf({ identifier }: Json): Pick<LooseOutcomeInput, 'reportId'> {
  const value = isObject(identifier) ? textOf(identifier.value) : undefined;
  return value ? { reportId: value.replace(/^urn:uuid:/, '') } : {};
}

const classOf = ({ class: given }: Json): string | undefined => (isObject(given) ? textOf(given.code) : undefined);

/** A dateTime with time and offset; one that says only the day cannot be put on a clock. */
function instant(reading: Reading, field: string, value: unknown): string | undefined {
  if (value === undefined) return undefined;
  const whole = typeof value === 'string' && /T.*(?:Z|[+-]\d\d:\d\d)$/.test(value) && dayOf(value) !== null;
  if (!whole) reading.refuse(`${reading.entry.at}.${field}`, 'has to be a time with its offset');
  return whole ? value : undefined;
}

const encounterStatuses = [
  'planned',
  'arrived',
  'triaged',
  'in-progress',
  'onleave',
  'finished',
  'cancelled',
  'entered-in-error',
  'unknown',
];

function encounterOf(
  reading: Reading,
  encounters: readonly Entry[],
  readingOf: (entry: Entry) => Reading,
): Partial<LooseOutcomeInput> {
  const { resource, at } = reading.entry;
  for (const entry of encounters) {
    const { status } = entry.resource;
    if (!encounterStatuses.includes(String(status)))
      readingOf(entry).refuse(`${entry.at}.status`, `has to be one of ${encounterStatuses.join(', ')}`);
    if (status === 'entered-in-error' || status === 'cancelled')
      readingOf(entry).refuse(`${entry.at}.status`, 'says that there was no such stay');
  }
  const ours = callIdentifiers(resource);
  const callId = ours.find(({ system }) => system === identifierSystems.call)?.value;
  const number = ours.find(({ system }) => system === identifierSystems.callNumber)?.value;
  if (number !== undefined && !/^[1-9]\d{0,14}$/.test(number))
    reading.refuse(`${at}.identifier`, 'the number of a call is a whole number');
  const ward = encounters.find(
    (entry) => entry !== reading.entry && ['IMP', 'ACUTE', 'NONAC'].includes(classOf(entry.resource) ?? ''),
  );
  const period = (entry: Entry | undefined) => (isObject(entry?.resource.period) ? entry.resource.period : {});
  const stay = ward ?? reading.entry;
  const arrivedAt = instant(reading, 'period.start', period(reading.entry).start);
  const admittedAt = ward && instant(readingOf(ward), 'period.start', period(ward).start);
  const dischargedAt = instant(readingOf(stay), 'period.end', period(stay).end);
  const way = [stay, reading.entry].flatMap((entry) => {
    const { hospitalization } = entry.resource;
    return isObject(hospitalization) ? [hospitalization] : [];
  })[0];
  const said = codingsOf(way?.dischargeDisposition).find(({ system }) => system === terminologies.dischargeDisposition);
  const disposition = dispositionOf[said?.code ?? ''] ?? (ward && !dischargedAt ? 'admitted' : undefined);
  const destination = way ? hospitalAt(readingOf(stay), way.destination) : undefined;
  const hospitalId = hospitalAt(reading, resource.serviceProvider);
  return {
    ...(callId ? { callId } : {}),
    ...(number !== undefined && !callId ? { callNumber: Number(number) } : {}),
    ...(arrivedAt ? { arrivedAt } : {}),
    ...(admittedAt ? { admittedAt } : {}),
    ...(dischargedAt ? { dischargedAt } : {}),
    ...(disposition ? { disposition } : {}),
    ...(destination && disposition === 'transferred' ? { transferredTo: destination } : {}),
    ...(hospitalId ? { hospitalId } : {}),
  };
}

/** Our id of a hospital referred to, by its identifier, in the Bundle or outside. */
function hospitalAt(reading: Reading, reference: unknown): string | undefined {
  const target = targetOf(reading, reference);
  if (target?.in === 'search')
    return new URLSearchParams(target.query).get('identifier')?.match(`^${identifierSystems.hospital}\\|(.+)$`)?.[1];
  if (target?.in !== 'bundle') return undefined;
  const found = arrayOf(target.entry.resource.identifier).find(
    (each) => isObject(each) && each.system === identifierSystems.hospital,
  );
  return textOf((found as Json | undefined)?.value);
}

/** Whom the hospital had, as far as it says; a birth date may be left out, a death before it is refused. */
function patientOf(reading: Reading): { patient?: PatientIdentity; diedAt?: string } {
  const { resource, at } = reading.entry;
  const birthDate = textOf(resource.birthDate);
  if (birthDate !== undefined && dayOf(birthDate) === null) reading.refuse(`${at}.birthDate`, 'is not a date');
  refuseBadDeath(reading, birthDate ?? '');
  const gender = resource.gender;
  const idNumber = arrayOf(resource.identifier)
    .filter(isObject)
    .find(({ system }) => system === CITIZEN_NUMBER)?.value;
  const phone = arrayOf(resource.telecom)
    .filter(isObject)
    .find(({ system }) => system === 'phone')?.value;
  const name = nameOf(resource);
  const patient: PatientIdentity = {
    ...(name ? { name } : {}),
    ...(['female', 'male', 'other', 'unknown'].includes(String(gender)) ? { sex: gender as Sex } : {}),
    ...(birthDate && birthDate.length === 10 ? { birthDate } : {}),
    ...(typeof idNumber === 'string' ? { idNumber } : {}),
    ...(typeof phone === 'string' ? { phone } : {}),
  };
  const died = resource.deceasedDateTime;
  const diedAt = instant(reading, 'deceasedDateTime', died);
  return { ...(Object.keys(patient).length ? { patient } : {}), ...(diedAt ? { diedAt } : {}) };
}

/** Everything is of the one Patient of the Bundle. */
function sameSubject(
  entries: readonly Entry[],
  patient: Entry | undefined,
  readingOf: (entry: Entry) => Reading,
): void {
  for (const entry of entries) {
    const field = entry.resource.resourceType === 'AllergyIntolerance' ? 'patient' : 'subject';
    if (entry.resource[field] === undefined || entry === patient) continue;
    const reading = { ...readingOf(entry), refuse: () => {} };
    const subject = subjectOf(reading, field);
    if (patient && subject?.in === 'bundle' && subject.index === patient.index) continue;
    if (!patient && subject) continue;
    readingOf(entry).refuse(`${entry.at}.${field}`, 'is not the Patient this outcome is of');
  }
}
