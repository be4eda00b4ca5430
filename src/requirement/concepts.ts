/** The concept map: codes of several systems → the risk groups the rules speak of. */
import type { Coded, KnownCode } from '../domain/coded.ts';
import type { CodeLists, GroupEntry } from './schema.ts';

interface CodeIndex {
  /** Systems matched by prefix: normalised prefix → groups. */
  readonly prefixes: { readonly 'icd-10': Map<string, string[]>; readonly atc: Map<string, string[]> };
  readonly exact: {
    readonly snomed: Map<string, string[]>;
    readonly rxnorm: Map<string, string[]>;
    readonly text: Map<string, string[]>;
  };
}

export interface ConceptMap {
  readonly codes: CodeIndex;
  readonly allergyTo: CodeIndex;
  /** Groups for which a resolved condition still counts. */
  readonly resolvedCounts: ReadonlySet<string>;
  /** Groups of entries met before: histories are written in a few thousand codes, over and over. */
  readonly met: { readonly others: Map<string, readonly string[]>; readonly allergies: Map<string, readonly string[]> };
}

/** Entries remembered at most; free text has no end. */
const MET_AT_MOST = 20_000;

/** Longest code looked at: seven characters hold every ICD-10 and ATC prefix a map may name. */
const longestPrefix = 7;

const noMeaning = /[^A-Za-z0-9]/g;

/** Dots, case, spaces and dagger marks carry no meaning: I21.900, i21900 and I21.9 all begin with I219. */
const normaliseCode = (code: string) => code.replace(noMeaning, '').toUpperCase();

const normaliseText = (text: string) => text.normalize('NFKC').trim().toLowerCase().replace(/\s+/g, ' ');

/** What an allergy entry in words is an allergy to: 青霉素过敏, penicillin allergy and allergy to penicillin. */
const allergen = (text: string) => text.replace(/(过敏史?| allergy)$/, '').replace(/^allergy to /, '');

/** `I20-I25` → I20 … I25, `I25.2` → I252; null where the ends of a range do not fit each other. */
export function expandRange(written: string): string[] | null {
  const [from = '', to] = written.split('-').map(normaliseCode);
  if (to === undefined) return [from];
  const letter = from.slice(0, 1);
  if (to.slice(0, 1) !== letter || to.length !== from.length || !/^.\d+$/.test(from) || !/^.\d+$/.test(to)) return null;
  const [first, last] = [Number(from.slice(1)), Number(to.slice(1))];
  if (last < first) return null;
  return Array.from({ length: last - first + 1 }, (_, i) => letter + String(first + i).padStart(from.length - 1, '0'));
}

/** Builds the lookup tables from checked group entries. */
export function buildConceptMap(groups: Iterable<readonly [id: string, GroupEntry]>): ConceptMap {
  const empty = (): CodeIndex => ({
    prefixes: { 'icd-10': new Map(), atc: new Map() },
    exact: { snomed: new Map(), rxnorm: new Map(), text: new Map() },
  });
  const put = (table: Map<string, string[]>, key: string, group: string) => {
    const there = table.get(key);
    if (!there) table.set(key, [group]);
    else if (!there.includes(group)) there.push(group);
  };
  const fill = (index: CodeIndex, group: string, lists: CodeLists | undefined) => {
    for (const written of lists?.['icd-10'] ?? []) {
      for (const prefix of expandRange(written) ?? []) put(index.prefixes['icd-10'], prefix, group);
    }
    for (const prefix of lists?.atc ?? []) put(index.prefixes.atc, prefix, group);
    for (const code of lists?.snomed ?? []) put(index.exact.snomed, code, group);
    for (const code of lists?.rxnorm ?? []) put(index.exact.rxnorm, code, group);
    for (const term of lists?.text ?? []) put(index.exact.text, normaliseText(term), group);
  };
  const codes = empty();
  const allergyTo = empty();
  const resolvedCounts = new Set<string>();
  for (const [id, entry] of groups) {
    fill(codes, id, entry.codes);
    fill(allergyTo, id, entry.allergyTo);
    if (entry.resolvedCounts) resolvedCounts.add(id);
  }
  return { codes, allergyTo, resolvedCounts, met: { others: new Map(), allergies: new Map() } };
}

/** Adds every group a code belongs to. A shorter prefix counts beside a longer one: E10.2 is diabetes and its kidney disease. */
function lookUp(index: CodeIndex, { system, code }: Coded, asAllergy: boolean, found: string[]) {
  switch (system) {
    case 'icd-10':
    case 'atc': {
      const table = index.prefixes[system];
      const normal = normaliseCode(code);
      for (let length = Math.min(longestPrefix, normal.length); length > 0; length--) {
        const groups = table.get(normal.slice(0, length));
        if (groups) found.push(...groups);
      }
      return;
    }
    case 'snomed':
    case 'rxnorm':
      found.push(...(index.exact[system].get(code.trim()) ?? []));
      return;
    case 'text': {
      const text = normaliseText(code);
      found.push(...(index.exact.text.get(asAllergy ? allergen(text) : text) ?? []));
      return;
    }
    default:
      system satisfies never;
  }
}

export interface GroupsFound {
  /** Group → the entry of the history that put the patient there (the first in the order given). */
  readonly groups: Map<string, KnownCode>;
  /** Entries no group claims. A resolved condition that no longer counts is claimed all the same. */
  readonly unmapped: Coded[];
}

/** Every group an entry of one of the lists belongs to. */
function groupsOfEntry(map: ConceptMap, entry: KnownCode, asAllergy: boolean): readonly string[] {
  const met = asAllergy ? map.met.allergies : map.met.others;
  const key = `${entry.system} ${entry.code}`;
  const known = met.get(key);
  if (known) return known;
  const found: string[] = [];
  if (asAllergy) lookUp(map.allergyTo, entry, true, found);
  // An allergy entry coded as a disorder ("allergy to penicillin") stands among the other codes; a drug, or words, in
  // that list name what the patient must not get, not what they take.
  if (!asAllergy || entry.system === 'icd-10' || entry.system === 'snomed') lookUp(map.codes, entry, false, found);
  if (met.size >= MET_AT_MOST) met.clear();
  met.set(key, found);
  return found;
}

function collect(map: ConceptMap, coded: readonly KnownCode[], asAllergy: boolean, into: GroupsFound) {
  for (const entry of coded) {
    const found = groupsOfEntry(map, entry, asAllergy);
    if (found.length === 0) into.unmapped.push(entry);
    for (const group of found) {
      if (entry.status === 'resolved' && !map.resolvedCounts.has(group)) continue;
      if (!into.groups.has(group)) into.groups.set(group, entry);
    }
  }
}

/**
 * Risk groups of coded entries.
 * @param list which list of the history they stand in; a substance counts as an allergen only among the allergies
 */
export function groupsOf(
  protocol: { readonly concepts: ConceptMap },
  coded: readonly KnownCode[],
  list: 'allergies' | 'others' = 'others',
): GroupsFound {
  const found: GroupsFound = { groups: new Map(), unmapped: [] };
  collect(protocol.concepts, coded, list === 'allergies', found);
  return found;
}

/** The lists of a history that carry codes; a filed history and the facts of a patient both fit. */
export interface CodedHistory {
  readonly conditions?: readonly KnownCode[];
  readonly procedures?: readonly KnownCode[];
  readonly medications?: readonly KnownCode[];
  readonly implants?: readonly KnownCode[];
  readonly directives?: readonly KnownCode[];
  readonly allergies?: readonly KnownCode[];
}

/** Risk groups of a whole history. */
export function groupsOfPatient(
  protocol: { readonly concepts: ConceptMap },
  { conditions = [], procedures = [], medications = [], implants = [], directives = [], allergies = [] }: CodedHistory,
): GroupsFound {
  const found: GroupsFound = { groups: new Map(), unmapped: [] };
  for (const coded of [conditions, procedures, medications, implants, directives])
    collect(protocol.concepts, coded, false, found);
  collect(protocol.concepts, allergies, true, found);
  return found;
}
