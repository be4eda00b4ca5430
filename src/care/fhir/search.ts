/** Searching by FHIR's parameters (R4, 3.1.1): what may be asked of each type, and what a request asks for. Pure. */
import { type FieldProblem, Problem } from '../../domain/errors.ts';
import { readTypes } from './resource-types.ts';
import { type Filter, type Parameter, rangeAsked } from './search-match.ts';

export type SearchType = (typeof readTypes)[number];
const token = (...paths: string[]): Parameter => ({ type: 'token', paths });
const date = (...paths: string[]): Parameter => ({ type: 'date', paths });
const reference = (...paths: string[]): Parameter => ({ type: 'reference', paths });

const ofAll = { _id: token('id'), identifier: token('identifier') };
const ofPatients = { ...ofAll, patient: reference('subject', 'patient', 'for') };
const inEncounter = { encounter: reference('encounter', 'context', 'context.encounter') };
const status = token('status');

/** By R4's own names. Whose they are is asked of all but the Patient: no history is searched across residents. */
export const searchParameters: Readonly<Record<SearchType, Readonly<Record<string, Parameter>>>> = {
  AllergyIntolerance: {
    ...ofPatients,
    code: token('code'),
    'clinical-status': token('clinicalStatus'),
    'verification-status': token('verificationStatus'),
    date: date('recordedDate'),
  },
  CarePlan: { ...ofPatients, ...inEncounter, status },
  Condition: {
    ...ofPatients,
    ...inEncounter,
    code: token('code'),
    category: token('category'),
    'clinical-status': token('clinicalStatus'),
    'verification-status': token('verificationStatus'),
    'onset-date': date('onsetDateTime'),
    'recorded-date': date('recordedDate'),
  },
  Consent: { ...ofPatients, status, category: token('category'), date: date('dateTime') },
  Device: { ...ofPatients, status, type: token('type') },
  DeviceUseStatement: { ...ofPatients, device: reference('device') },
  DocumentReference: { ...ofPatients, ...inEncounter, status, type: token('type'), date: date('date') },
  Encounter: { ...ofPatients, status, class: token('class'), type: token('type'), date: date('period') },
  MedicationAdministration: {
    ...ofPatients,
    context: inEncounter.encounter,
    status,
    code: token('medicationCodeableConcept'),
    'effective-time': date('effectiveDateTime'),
  },
  MedicationStatement: {
    ...ofPatients,
    context: inEncounter.encounter,
    status,
    code: token('medicationCodeableConcept'),
    effective: date('effectiveDateTime'),
  },
  Observation: {
    ...ofPatients,
    ...inEncounter,
    status,
    code: token('code'),
    category: token('category'),
    date: date('effectiveDateTime'),
  },
  Patient: { ...ofAll, active: token('active') },
  Procedure: {
    ...ofPatients,
    ...inEncounter,
    status,
    code: token('code'),
    date: date('performedDateTime', 'performedPeriod'),
  },
  Provenance: {
    _id: ofAll._id,
    patient: reference('patient'),
    target: reference('target'),
    recorded: date('recorded'),
  },
  Task: {
    ...ofPatients,
    ...inEncounter,
    status,
    code: token('code'),
    'authored-on': date('authoredOn'),
    period: date('restriction.period'),
  },
};

export const isSearchType = (type: string): type is SearchType => (readTypes as readonly string[]).includes(type);

const ONE_PAGE = 50;
const PAGE_AT_MOST = 200;
const PEOPLE_AT_MOST = 20;

export interface Search {
  readonly type: SearchType;
  /** Whose: ids of Patients asked for. Empty with `identifiers`, or where only `_id` says which. */
  readonly patients: readonly string[];
  /** Whose, by what others call them: `system|value`. */
  readonly identifiers: readonly string[];
  readonly ids: readonly string[];
  readonly filters: readonly Filter[];
  readonly count: number;
  readonly offset: number;
  readonly withPatient: boolean;
  readonly callId: string | null;
  /** Parameters that say nothing here, by name. */
  readonly ignored: readonly string[];
}

/** Names that identify a person, and so have no place in a URL. */
const namesPerson = (type: SearchType, name: string) =>
  name === 'patient.identifier' || (type === 'Patient' && name === 'identifier');

/**
 * Reads the parameters of a search. Throws `bad-request` naming each that cannot be followed; unknown ones too, unless the
 * asker prefers to have them ignored (`Prefer: handling=lenient`): who filters by what is not looked at gets more than asked.
 */
export function readSearch(
  type: SearchType,
  given: readonly (readonly [name: string, value: string])[],
  { isInUrl, isLenient }: { readonly isInUrl: boolean; readonly isLenient: boolean },
): Search {
  const problems: FieldProblem[] = [];
  const refuse = (field: string, detail: string) => problems.push({ field: shown(field), detail });
  const people = new Set<string>();
  const identifiers: string[] = [];
  const ids: string[] = [];
  const filters: Filter[] = [];
  const ignored: string[] = [];
  const control = new Map<string, string>();
  let withPatient = false;
  for (const [name, value] of given) {
    const values = value.split(',');
    const asked = name === 'subject' ? 'patient' : name;
    const parameter = searchParameters[type][asked];
    if (controls.has(name)) {
      if (control.has(name)) refuse(name, 'is given twice');
      control.set(name, value);
    } else if (isInUrl && namesPerson(type, name))
      refuse(name, `identifies a person and must not be in a URL: POST it to ${type}/_search`);
    else if (value === '' || value.length > LONGEST || values.includes(''))
      refuse(name, 'has no value, or one too long');
    else if (name === '_include' && [`${type}:patient`, `${type}:subject`].includes(value))
      withPatient = type !== 'Patient';
    else if (namesPerson(type, name)) {
      if (values.some((each) => /^[^|]*\|$/.test(each))) refuse(name, 'names a system alone');
      identifiers.push(...values);
    } else if (!parameter) ignored.push(name);
    else if (asked === 'patient') for (const each of values) people.add(idIn(each, 'Patient') ?? '');
    else {
      if (asked === '_id') ids.push(...values);
      if (parameter.type === 'date' && values.some((each) => !rangeAsked(each)))
        refuse(name, 'is no date, or has a prefix other than eq, ne, lt, le, gt, ge');
      filters.push({ name, parameter, values });
    }
  }
  if (!isLenient)
    for (const name of ignored) refuse(name, `is not looked at for ${type}; Prefer: handling=lenient ignores it`);
  const whole = (name: string, otherwise: number, most: number) => {
    const said = control.get(name) ?? String(otherwise);
    if (!/^\d{1,6}$/.test(said)) refuse(name, 'is no whole number');
    return Math.min(Number(said), most);
  };
  if (people.has('')) refuse('patient', 'is no reference to a Patient');
  if (people.size + identifiers.length + ids.length === 0)
    refuse(type === 'Patient' ? '_id' : 'patient', 'is needed: nobody’s history is searched for what it holds');
  if (Math.max(people.size, identifiers.length, ids.length) > PEOPLE_AT_MOST)
    refuse(type === 'Patient' ? '_id' : 'patient', `names more than ${PEOPLE_AT_MOST}`);
  const search = {
    type,
    patients: [...people],
    identifiers,
    ids,
    filters,
    count: whole('_count', ONE_PAGE, PAGE_AT_MOST),
    offset: whole('_offset', 0, 999_999),
    withPatient,
    callId: control.get('callId') ?? null,
    ignored: [...new Set(ignored)].map(shown),
  };
  if (problems.length > 0) throw new Problem('bad-request', problems);
  return search;
}
const controls: ReadonlySet<string> = new Set(['_count', '_offset', '_format', 'callId']);
const LONGEST = 1_000;
const shown = (name: string) => name.replace(/[^\w.:-]/g, '').slice(0, 60) || 'parameter';

/** `x`, `Patient/x` or `https://…/Patient/x` → `x`; null for something else's. */
function idIn(given: string, type: string): string | null {
  const parts = given.split('/');
  const id = parts.at(-1) ?? '';
  return parts.length > 1 && parts.at(-2) !== type ? null : id || null;
}
