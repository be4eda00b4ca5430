/** All entries of a Bundle read for filing: patients, facts, and what is taken note of only. Pure. */
import type { Entry, IndexedProblem, ReadBundle } from './bundle.ts';
import { danglingReferences, resolverOf } from './bundle.ts';
import { type FactGiven, factReaders } from './read-facts.ts';
import { type PatientGiven, readPatient } from './read-patient.ts';
import type { Reading } from './values.ts';

export interface ReadEntries {
  readonly patients: readonly PatientGiven[];
  readonly facts: readonly FactGiven[];
  /** Index → resource type of what is not filed. */
  readonly others: ReadonlyMap<number, string>;
  readonly problems: readonly IndexedProblem[];
}

export function readEntries(bundle: ReadBundle, groupsOf: Reading['groupsOf']): ReadEntries {
  const problems: IndexedProblem[] = [...bundle.problems];
  const patients: PatientGiven[] = [];
  const facts: FactGiven[] = [];
  const others = new Map<number, string>();
  const resolve = resolverOf(bundle.entries);
  for (const entry of bundle.entries) {
    const { index } = entry;
    for (const problem of danglingReferences(entry, resolve)) problems.push({ index, ...problem });
    const refuse = (field: string, detail: string) => void problems.push({ index, field, detail });
    const reading: Reading = { entry, resolve, refuse, groupsOf };
    const { resourceType } = entry.resource;
    if (resourceType === 'Patient') {
      const patient = readPatient(reading);
      if (patient) patients.push(patient);
    } else if (Object.hasOwn(factReaders, resourceType)) {
      const fact = readerOf(entry)(reading);
      if (fact) facts.push(fact);
    } else others.set(index, resourceType);
  }
  return { patients, facts, others, problems };
}

const readerOf = ({ resource }: Entry) => factReaders[resource.resourceType as keyof typeof factReaders];
