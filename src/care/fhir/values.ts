/** Values of FHIR as they come in: codes, dates, references; what cannot be read is refused with its place. Pure. */
import type { Coded } from '../../domain/coded.ts';
import { arrayOf, type Entry, isObject, type Json, type Refuse, type Resolve, type Target } from './bundle.ts';
import { codeSystemOf, type Standing } from './table.ts';

export type HistoryList = 'conditions' | 'allergies' | 'medications' | 'implants' | 'procedures' | 'directives';

/** What reading needs beside the resource itself. */
export interface Reading {
  readonly entry: Entry;
  readonly resolve: Resolve;
  readonly refuse: Refuse;
  /** The risk groups a code belongs to, by the concept map. */
  readonly groupsOf: (coded: Coded, list: HistoryList) => readonly string[];
}

export const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value.trim() !== '' ? value : undefined;

/** The first `YYYY-MM-DD` of a FHIR date, dateTime or instant; a year or a month stands for its first day. */
export function dayOf(value: unknown): string | null {
  const [, year, month = '01', day = '01'] =
    /^(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d))?)?)?$/.exec(String(value)) ?? [];
  if (year === undefined) return null;
  const written = `${year}-${month}-${day}`;
  const time = Date.parse(`${written}T00:00:00Z`);
  return Number(year) >= 1800 && !Number.isNaN(time) && new Date(time).toISOString().startsWith(written)
    ? written
    : null;
}

/** A dateTime as milliseconds since the epoch; null where it is none. */
export function instantOf(value: unknown): number | null {
  if (typeof value !== 'string' || dayOf(value) === null) return null;
  const at = Date.parse(value);
  return Number.isNaN(at) ? null : at;
}

/** A date at `field` that may be absent, and has to be one where it is there. */
export function optionalDay(reading: Reading, field: string, value: unknown): string | undefined {
  if (value === undefined) return undefined;
  const day = dayOf(value);
  if (day === null) reading.refuse(`${reading.entry.at}.${field}`, 'is not a date');
  return day ?? undefined;
}

/** The code of a required status, and how what carries it stands. Wrong codes are refused. */
export function standingOf(
  reading: Reading,
  field: string,
  value: unknown,
  known: Readonly<Record<string, Standing>>,
): Standing | null {
  if (typeof value === 'string' && Object.hasOwn(known, value)) return known[value] as Standing;
  const detail = value === undefined ? 'is missing' : `has to be one of ${Object.keys(known).join(', ')}`;
  reading.refuse(`${reading.entry.at}.${field}`, detail);
  return null;
}

/** As `standingOf`, of a CodeableConcept in the system that belongs to it; absent is null and right. */
export function conceptStanding(
  reading: Reading,
  field: string,
  system: string,
  known: Readonly<Record<string, Standing>>,
): Standing | null {
  const value = reading.entry.resource[field];
  if (value === undefined) return null;
  const coding = codingsOf(value).find((each) => each.system === system);
  if (!coding) {
    reading.refuse(`${reading.entry.at}.${field}`, `has no code of ${system}`);
    return null;
  }
  return standingOf(reading, `${field}.coding`, coding.code, known);
}

interface Coding {
  readonly system?: string | undefined;
  readonly code?: string | undefined;
  readonly display?: string | undefined;
}

export const codingsOf = (concept: unknown): readonly Coding[] =>
  isObject(concept)
    ? arrayOf(concept.coding)
        .filter(isObject)
        .map((each) => ({ system: textOf(each.system), code: textOf(each.code), display: textOf(each.display) }))
    : [];

/** `system|code` of every coding. */
export const tokensOf = (concept: unknown): readonly string[] =>
  codingsOf(concept).map(({ system, code }) => `${system}|${code}`);

const CODE_LENGTH = 200;
const DISPLAY_LENGTH = 300;

/**
 * A CodeableConcept as entries of a history. One concept may be coded several times over: all codings that lead to risk
 * groups the others do not lead to are kept, else the first of a system known here, else its words.
 */
export function codedOf(reading: Reading, field: string, concept: unknown, list: HistoryList): Coded[] | null {
  const at = `${reading.entry.at}.${field}`;
  const text = isObject(concept) ? textOf(concept.text) : undefined;
  const codings = codingsOf(concept);
  const known: Coded[] = codings.flatMap(({ system: url, code, display }) => {
    const system = codeSystemOf(url);
    const words = display ?? text;
    return system && code ? [{ system, code, ...(words ? { display: words } : {}) }] : [];
  });
  const groups = new Set<string>();
  const kept = known.filter((coded) => {
    const leads = reading.groupsOf(coded, list).filter((group) => !groups.has(group));
    for (const group of leads) groups.add(group);
    return leads.length > 0;
  });
  if (kept.length === 0 && known[0]) kept.push(known[0]);
  if (kept.length === 0) {
    const coding = codings.find((each) => each.display ?? each.code);
    const words = text ?? coding?.display ?? coding?.code;
    if (words) kept.push({ system: 'text', code: words });
  }
  if (kept.length === 0) {
    reading.refuse(at, concept === undefined ? 'is missing: there is nothing to file' : 'has neither code nor words');
    return null;
  }
  if (kept.some(({ code, display }) => code.length > CODE_LENGTH || (display ?? '').length > DISPLAY_LENGTH)) {
    reading.refuse(at, `a code is longer than ${CODE_LENGTH} or its words longer than ${DISPLAY_LENGTH} characters`);
    return null;
  }
  return kept;
}

/** Whose it is: a Patient of this Bundle, one filed here, or one to be found by an identifier. */
export type Subject =
  | { readonly in: 'bundle'; readonly index: number }
  | { readonly in: 'server'; readonly id: string }
  | { readonly in: 'search'; readonly query: string };

/** The patient a reference at `field` points to; anything else is refused. */
export function subjectOf(reading: Reading, field: string): Subject | null {
  const { entry, refuse } = reading;
  const at = `${entry.at}.${field}`;
  const given = entry.resource[field];
  if (given === undefined) {
    refuse(at, 'is missing');
    return null;
  }
  const target = targetOf(reading, given);
  if (target?.in === 'bundle' && target.entry.resource.resourceType === 'Patient')
    return { in: 'bundle', index: target.entry.index };
  if (target?.in === 'server' && target.type === 'Patient') return { in: 'server', id: target.id };
  if (target?.in === 'search' && target.type === 'Patient') return { in: 'search', query: target.query };
  refuse(`${at}.reference`, 'does not point to a Patient');
  return null;
}

/** What a Reference points to; one by `identifier` alone counts as a search. Null where it says nothing. */
export function targetOf({ entry, resolve }: Reading, reference: unknown): Target | null {
  if (!isObject(reference)) return null;
  if (typeof reference.reference === 'string') return resolve(reference.reference, entry);
  const { identifier, type = 'Patient' } = reference;
  const given: Json = isObject(identifier) ? identifier : {};
  const [system, value] = [textOf(given.system), textOf(given.value)];
  if (!system || !value || typeof type !== 'string') return null;
  return { in: 'search', type, query: `identifier=${encodeURIComponent(`${system}|${value}`)}` };
}

/** The resource a reference at `field` points to inside the Bundle; elsewhere it is refused. */
export function resourceAt(reading: Reading, field: string): Json | null {
  const target = targetOf(reading, reading.entry.resource[field]);
  if (target?.in === 'bundle') return target.entry.resource;
  if (target?.in === 'contained') return target.resource;
  reading.refuse(`${reading.entry.at}.${field}`, 'has to point to a resource in this Bundle');
  return null;
}
