/** A search in FHIR: whose charts are meant, of those what the asker may see, and of that what was asked for, page by page. */
import type { Bundle, BundleEntry, OperationOutcome, Resource } from '@medplum/fhirtypes';
import { resourcesOf } from '../care/fhir/chart.ts';
import { findResidentOf } from '../care/fhir/chart-store.ts';
import { findByTokens } from '../care/fhir/identifier-store.ts';
import { fhirIdOf, ownerOf, residentIdOf } from '../care/fhir/ids.ts';
import type { Search } from '../care/fhir/search.ts';
import { isAskedFor } from '../care/fhir/search-match.ts';
import { nameOf } from '../care/fhir/summary.ts';
import { CITIZEN_NUMBER, identifierSystems } from '../care/fhir/table.ts';
import type { Deps } from '../deps.ts';
import { rfc3339 } from '../domain/time.ts';
import { chartsFor } from './read-fhir.ts';
import type { Actor } from './receive-call.ts';
import { tokenOf } from './who-is-meant.ts';

/**
 * Answers a `searchset`. Whom the asker may not see, or nobody is, has nothing to be found; throws `no-live-call` where a
 * dispatcher names none. Every chart looked into is in the access log, found in or not.
 */
export async function searchResources(
  deps: Pick<Deps, 'db' | 'seal' | 'clock'>,
  search: Search,
  actor: Actor,
  baseUrl: string,
): Promise<Bundle> {
  const charts = await chartsFor(deps, await whoseCharts(deps, search), actor, search.callId);
  const all = charts.map(resourcesOf);
  const found = all.flatMap((resources) =>
    resources.filter((each) => each.resourceType === search.type && isAskedFor(each, search.filters)),
  );
  const page = found.slice(search.offset, search.offset + search.count);
  const seen = charts.map(({ resident }) => fhirIdOf(resident.residentId));
  return {
    resourceType: 'Bundle',
    type: 'searchset',
    timestamp: rfc3339(deps.clock.now()),
    total: found.length,
    link: linksTo(search, seen, found.length, baseUrl),
    entry: [
      ...page.map(entryOf('match')),
      ...(search.withPatient ? all.flatMap(patientOf(page)) : []).map(entryOf('include')),
      ...(search.ignored.length > 0 ? [{ resource: ignoredOf(search), search: { mode: 'outcome' } as const }] : []),
    ],
  };

  function entryOf(mode: 'match' | 'include') {
    return (resource: Resource): BundleEntry => ({
      fullUrl: `${baseUrl}/${nameOf(resource)}`,
      resource,
      search: { mode },
    });
  }
}

/** The Patient of a chart of which something stands on the page. */
const patientOf = (page: readonly Resource[]) => (resources: readonly Resource[]) =>
  resources.filter((each) => each.resourceType === 'Patient' && resources.some((one) => page.includes(one)));

/** Each way of naming somebody narrows the others: all of them have to mean the same. */
async function whoseCharts({ db, seal }: Pick<Deps, 'db' | 'seal'>, search: Search): Promise<string[]> {
  const { type, patients, ids, identifiers } = search;
  const ways: string[][] = [];
  if (patients.length > 0) ways.push(patients.map(residentIdOf));
  if (identifiers.length > 0) ways.push(await identified({ db, seal }, identifiers));
  if (type === 'Patient' && ids.length > 0) ways.push(ids.map(residentIdOf));
  // Where nobody is named, the id of what is asked for names its owner.
  if (ways.length === 0) {
    const owners = ids.map(ownerOf);
    ways.push(await Promise.all(owners.map(async (owner) => (await findResidentOf(db, owner)) ?? owner)));
  }
  const [first = [], ...others] = ways;
  return [...new Set(first)].filter((residentId) => others.every((way) => way.includes(residentId)));
}

async function identified({ db, seal }: Pick<Deps, 'db' | 'seal'>, given: readonly string[]): Promise<string[]> {
  const split = given.map((each) => {
    const bar = each.indexOf('|');
    const [system, value] = bar < 0 ? [CITIZEN_NUMBER, each] : [each.slice(0, bar), each.slice(bar + 1)];
    return { system, value };
  });
  const ours = split.flatMap(({ system, value }) => (system === identifierSystems.resident ? [value] : []));
  const tokens = split.map((each) =>
    each.system === identifierSystems.device ? seal.token('device', each.value) : tokenOf({ seal }, each),
  );
  return [...ours, ...[...(await findByTokens(db, tokens)).values()].flat()];
}

/** By the ids of those seen: what identifies a person is in no URL. */
function linksTo(
  { type, filters, count, offset, withPatient }: Search,
  seen: readonly string[],
  total: number,
  baseUrl: string,
) {
  const url = (from: number) => {
    const query = new URLSearchParams();
    const people = seen.join(',') || 'nobody';
    query.set(type === 'Patient' ? '_id' : 'patient', people);
    for (const { name, values } of filters)
      if (type !== 'Patient' || name !== '_id') query.append(name, values.join(','));
    if (withPatient) query.set('_include', `${type}:patient`);
    query.set('_count', String(count));
    if (from > 0) query.set('_offset', String(from));
    return `${baseUrl}/${type}?${query}`;
  };
  return [
    { relation: 'self', url: url(offset) },
    ...(count > 0 && offset + count < total ? [{ relation: 'next', url: url(offset + count) }] : []),
    ...(count > 0 && offset > 0 ? [{ relation: 'previous', url: url(Math.max(0, offset - count)) }] : []),
  ];
}

const ignoredOf = ({ ignored, type }: Search): OperationOutcome => ({
  resourceType: 'OperationOutcome',
  issue: ignored.map((name) => ({
    severity: 'warning',
    code: 'not-supported',
    diagnostics: `${name} is not looked at for ${type} and was ignored`,
  })),
});
