/** Filing by Bundle: everything read and judged first, then written in one transaction. */

import { readBundle } from '../care/fhir/bundle.ts';
import { addIdentifiers, takeTurns } from '../care/fhir/identifier-store.ts';
import { fhirIdOf, partId } from '../care/fhir/ids.ts';
import { factKey, isAnotherPerson, mergeFile } from '../care/fhir/merge.ts';
import { readEntries } from '../care/fhir/read-entries.ts';
import type { FactGiven } from '../care/fhir/read-facts.ts';
import type { PatientGiven } from '../care/fhir/read-patient.ts';
import { readAs } from '../care/fhir/resource-types.ts';
import type { HistoryList } from '../care/fhir/values.ts';
import { type Executor, inTransaction } from '../database/pool.ts';
import type { Deps } from '../deps.ts';
import { compileCheck } from '../domain/check.ts';
import type { Coded } from '../domain/coded.ts';
import { type FieldProblem, Problem, type ProblemCode } from '../domain/errors.ts';
import { groupsOf, groupsOfPatient } from '../requirement/concepts.ts';
import { type FiledResident, fileResident } from '../residents/file.ts';
import { Resident } from '../residents/schema.ts';
import { countUnmapped, fileResidents, holdResidents, sealBatch } from '../residents/store.ts';
import { type FilingDeps, type Judged, whoIsMeant } from './who-is-meant.ts';

/** What became of one entry. */
export interface FiledEntry {
  readonly status: 200 | 201 | ProblemCode;
  /** Where it can be read: `Condition/…`. */
  readonly location: string | null;
  readonly notes: readonly string[];
  readonly problems: readonly FieldProblem[];
}

export interface FiledBundle {
  readonly type: 'transaction' | 'batch';
  /** In the order of the Bundle. */
  readonly entries: readonly FiledEntry[];
}

const checkResident = compileCheck(Resident);
const NAMED_AT_MOST = 50;

/** Files a transaction as a whole or not at all, a batch entry by entry. Throws a `Problem` that names each place at fault. */
export async function fileBundle(deps: FilingDeps, body: unknown): Promise<FiledBundle> {
  const bundle = readBundle(body);
  const whole = bundle.problems.filter(({ index }) => index === null);
  if (whole.length) throw new Problem('bad-request', whole.map(unindexed));
  const read = readEntries(bundle, groupsIn(deps));
  const judged: Judged[] = read.problems.map((problem) => ({
    ...problem,
    index: problem.index as number,
    code: 'invalid-field',
  }));
  if (bundle.type === 'transaction') refuseAny(judged);
  return inTransaction(deps.db, async (tx) => {
    const filing = await fileAll(deps, tx, read, judged, bundle.type);
    const entries = Array.from({ length: bundle.size }, (_, index) => entryAnswer(index, read.others, filing, judged));
    return { type: bundle.type, entries };
  });
}

const unindexed = ({ field, detail }: FieldProblem): FieldProblem => ({ field, detail });

function refuseAny(judged: readonly Judged[]): void {
  const [first] = judged;
  if (first) throw new Problem(first.code, judged.slice(0, NAMED_AT_MOST).map(unindexed));
}

/** The risk groups of a code, as reading a Bundle asks for them. */
export const groupsIn = (deps: Pick<Deps, 'protocol'>) => (coded: Coded, list: HistoryList) => [
  ...groupsOf(deps.protocol, [coded], list === 'allergies' ? 'allergies' : 'others').groups.keys(),
];

interface Filing {
  /** Index → what was filed of it. */
  readonly done: Map<number, Pick<FiledEntry, 'status' | 'location' | 'notes'>>;
}

async function fileAll(
  deps: FilingDeps,
  tx: Executor,
  { patients, facts }: ReturnType<typeof readEntries>,
  judged: Judged[],
  type: FiledBundle['type'],
): Promise<Filing> {
  const people = await whoIsMeant(deps, tx, patients, facts, judged);
  if (type === 'transaction') refuseAny(judged);
  const ids = [...new Set(people.byIndex.values())];
  await takeTurns(
    tx,
    'residents',
    ids.map((id) => deps.seal.token('resident', id)),
  );
  const files = await holdResidents(tx, deps.seal, ids);
  const now = deps.clock.now();
  const filing: Filing = { done: new Map() };
  const residents: FiledResident[] = [];
  for (const residentId of ids) {
    const mine = (index: number) => people.byIndex.get(index) === residentId;
    const patient = patients.find(({ index }) => mine(index)) ?? null;
    const theirs = facts.filter(({ index }) => mine(index));
    const made = mergeOne(residentId, files.get(residentId) ?? null, patient, theirs, now);
    if ('problems' in made) {
      judged.push(...made.problems);
      continue;
    }
    residents.push(made.resident);
    for (const [index, entry] of made.done) filing.done.set(index, entry);
  }
  if (type === 'transaction') refuseAny(judged);
  for (const { index, subject, note } of facts)
    if (subject === null) filing.done.set(index, { status: 200, location: null, notes: note ? [note] : [] });
  const unmapped = residents.flatMap(({ history }) => groupsOfPatient(deps.protocol, history ?? {}).unmapped);
  if (residents.length > 0) {
    await countUnmapped(tx, unmapped);
    await fileResidents(tx, sealBatch(deps.seal, residents));
    const written = new Set(residents.map(({ residentId }) => residentId));
    await addIdentifiers(
      tx,
      people.identifiers.filter(({ residentId }) => written.has(residentId)),
    );
  }
  return filing;
}

type Made =
  | { readonly resident: FiledResident; readonly done: Filing['done'] }
  | { readonly problems: readonly Judged[] };

function mergeOne(
  residentId: string,
  file: FiledResident | null,
  patient: PatientGiven | null,
  facts: readonly FactGiven[],
  now: number,
): Made {
  const indexes = [...(patient ? [patient.index] : []), ...facts.map(({ index }) => index)];
  const all = (code: ProblemCode, problems: readonly FieldProblem[]): Made => ({
    problems: indexes
      .flatMap((index) => problems.map((problem) => ({ ...problem, index, code })))
      .slice(0, NAMED_AT_MOST),
  });
  const place = `Bundle.entry[${indexes[0]}].resource`;
  if (patient && file && isAnotherPerson(file, patient))
    return all('another-person', [{ field: place, detail: 'the file under this id has another name and birth date' }]);
  // A conditional create of somebody who is filed leaves the person as filed; the facts beside it are added.
  const leaves = file !== null && patient?.method === 'POST' && patient.condition !== null;
  const given = mergeFile(
    residentId,
    file,
    leaves ? null : patient,
    facts.flatMap(({ changes }) => changes),
  );
  const wrong = checkResident(given);
  if (wrong.length)
    return all(
      'invalid-field',
      wrong.map(({ field, detail }) => ({ field: `${place} (${field})`, detail })),
    );
  let resident: FiledResident;
  try {
    resident = fileResident(given, now);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return all(
      error.code,
      error.fields.map(({ field, detail }) => ({ field: `${place} (${field})`, detail })),
    );
  }
  const done: Filing['done'] = new Map();
  if (patient)
    done.set(patient.index, {
      status: file ? 200 : 201,
      location: `Patient/${fhirIdOf(residentId)}`,
      notes: patient.notes,
    });
  for (const fact of facts) done.set(fact.index, factAnswer(residentId, file, fact));
  return { resident, done };
}

function factAnswer(residentId: string, file: FiledResident | null, { changes, note }: FactGiven) {
  const notes = note ? [note] : [];
  const [change] = changes;
  const [entry] = change?.kind === 'coded' && change.standing !== 'not-a-fact' ? change.entries : [];
  if (change?.kind !== 'coded' || !entry) return { status: 200 as const, location: null, notes };
  const before = file?.history?.[change.list]?.some((each) => factKey(each) === factKey(entry));
  const location = `${readAs[change.list]}/${partId(residentId, `${change.list}|${factKey(entry)}`)}`;
  return { status: before ? (200 as const) : (201 as const), location, notes };
}

function entryAnswer(
  index: number,
  others: ReadonlyMap<number, string>,
  { done }: Filing,
  judged: readonly Judged[],
): FiledEntry {
  const problems = judged.filter((problem) => problem.index === index);
  if (problems[0]) return { status: problems[0].code, location: null, notes: [], problems: problems.map(unindexed) };
  const filed = done.get(index);
  if (filed) return { ...filed, problems: [] };
  const notes = [`${others.get(index) ?? 'this'} is not kept here`];
  return { status: 200, location: null, notes, problems: [] };
}
