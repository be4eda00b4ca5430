/** Who the Patients of a Bundle are, and of whom its facts speak: by our id, by an identifier of others', or somebody new. */
import { identifierSearch } from '../care/fhir/bundle.ts';
import { findByTokens, findFiled, takeTurns } from '../care/fhir/identifier-store.ts';
import { hashOf, residentIdOf } from '../care/fhir/ids.ts';
import type { FactGiven } from '../care/fhir/read-facts.ts';
import type { Identified, PatientGiven } from '../care/fhir/read-patient.ts';
import { CITIZEN_NUMBER } from '../care/fhir/table.ts';
import type { Executor } from '../database/pool.ts';
import type { Deps } from '../deps.ts';
import type { FieldProblem, ProblemCode } from '../domain/errors.ts';

export type FilingDeps = Pick<Deps, 'db' | 'seal' | 'clock' | 'ids' | 'protocol'>;

/** What is wrong with an entry. */
export interface Judged extends FieldProblem {
  readonly index: number;
  readonly code: ProblemCode;
}

/** Blind: what is looked for and what is kept. */
export const tokenOf = (deps: Pick<Deps, 'seal'>, { system, value }: Identified): string =>
  system === CITIZEN_NUMBER
    ? deps.seal.token('citizen', value.trim().toUpperCase())
    : deps.seal.token('fhir-identifier', `${system}|${value}`);

interface People {
  /** Index of an entry → the resident it is about. */
  readonly byIndex: ReadonlyMap<number, string>;
  readonly identifiers: readonly { readonly token: string; readonly residentId: string }[];
}

/**
 * A Patient is the resident our own identifier or the URL names, else the one filed under any of its identifiers, else
 * a new one: its id is made from what identifies it, so that the same Bundle again, or twice at once, is the same person.
 */
export async function whoIsMeant(
  deps: FilingDeps,
  tx: Executor,
  patients: readonly PatientGiven[],
  facts: readonly FactGiven[],
  judged: Judged[],
): Promise<People> {
  const searched = new Map<string, string | null>();
  for (const { subject } of facts) {
    if (subject?.in !== 'search' || searched.has(subject.query)) continue;
    const identifier = identifierSearch(subject.query);
    searched.set(subject.query, identifier && tokenOf(deps, identifier));
  }
  const conditions = patients.map(({ condition }) => (condition === null ? null : identifierSearch(condition)));
  const tokens = [
    ...patients.flatMap(({ identifiers }) => identifiers.map((identifier) => tokenOf(deps, identifier))),
    ...conditions.flatMap((identifier) => (identifier ? [tokenOf(deps, identifier)] : [])),
    ...[...searched.values()].filter((token) => token !== null),
  ];
  await takeTurns(tx, 'identifiers', tokens);
  const known = await findByTokens(tx, [...new Set(tokens)]);
  const byIndex = new Map<number, string>();
  const identifiers: { token: string; residentId: string }[] = [];
  for (const [i, patient] of patients.entries()) {
    const { index, condition } = patient;
    const wanted = conditions[i] ?? null;
    if (condition !== null && !wanted) {
      const field = `Bundle.entry[${index}].request`;
      judged.push({ index, code: 'invalid-field', field, detail: 'only identifier=system|value can be looked for' });
      continue;
    }
    const mine = [...new Set([...patient.identifiers, ...(wanted ? [wanted] : [])].map((each) => tokenOf(deps, each)))];
    const found = [...new Set(mine.flatMap((token) => known.get(token) ?? []))];
    const residentId = patient.residentId ?? (found.length > 1 ? null : (found[0] ?? newId(deps, patient)));
    if (residentId === null) {
      const field = `Bundle.entry[${index}].resource.identifier`;
      judged.push({ index, code: 'several-residents', field, detail: 'fits more than one resident' });
      continue;
    }
    if ([...byIndex.values()].includes(residentId)) {
      const field = `Bundle.entry[${index}].resource`;
      judged.push({ index, code: 'invalid-field', field, detail: 'is the same Patient as an entry before it' });
      continue;
    }
    byIndex.set(index, residentId);
    identifiers.push(...mine.map((token) => ({ token, residentId })));
  }
  const literal = facts.flatMap(({ subject }) => (subject?.in === 'server' ? [residentIdOf(subject.id)] : []));
  const filed = await findFiled(tx, [...new Set(literal)]);
  const here = new Set(byIndex.values());
  for (const { index, subject } of facts) {
    if (subject === null || judged.some((problem) => problem.index === index)) continue;
    const found = residentOf(subject);
    if (found === null) {
      const field = `Bundle.entry[${index}].resource`;
      judged.push({ index, code: 'invalid-field', field, detail: 'is about a Patient that is neither filed nor here' });
    } else byIndex.set(index, found);
  }
  return { byIndex, identifiers };

  function residentOf(subject: NonNullable<FactGiven['subject']>): string | null {
    if (subject.in === 'bundle') return byIndex.get(subject.index) ?? null;
    if (subject.in === 'search') {
      const found = known.get(searched.get(subject.query) ?? '') ?? [];
      const token = searched.get(subject.query);
      const inBundle = identifiers.filter((each) => each.token === token).map(({ residentId }) => residentId);
      const all = new Set([...found, ...inBundle]);
      return all.size === 1 ? ([...all][0] ?? null) : null;
    }
    const id = residentIdOf(subject.id);
    return filed.has(id) || here.has(id) ? id : null;
  }
}

/** Blind like the look-up keys: an id must not tell whose it is. */
function newId(deps: FilingDeps, { identifiers, fullUrl }: PatientGiven): string {
  const known = identifiers[0] ? tokenOf(deps, identifiers[0]) : fullUrl?.startsWith('urn:uuid:') ? fullUrl : null;
  return `p-${known === null ? deps.ids.next() : hashOf(deps.seal.token('fhir-patient', known), 24)}`;
}
