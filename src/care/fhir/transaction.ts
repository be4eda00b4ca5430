/**
 * What one call brought into a record, as a transaction for the external record platform. Sent twice it is there once:
 * facts are created on condition that nobody has them yet, and what has a life of its own (the stay, tasks) is updated
 * by its identifier. What an earlier transaction said and this one no longer says was corrected, and is marked so. Pure.
 */
import type { Bundle, BundleEntry, Encounter, Patient, Reference, Resource } from '@medplum/fhirtypes';
import { gather, learnedLists } from '../learned.ts';
import { lessonOfResult, lessonsOfRecord } from '../lessons.ts';
import { lessonOf } from '../outcome.ts';
import { type Chart, resourcesOf } from './chart.ts';
import { nameOf, renamed } from './summary.ts';
import { identifierSystems, terminologies } from './table.ts';
import { oneCode, urnOf } from './write.ts';

/** Types whose state changes; the last word about them counts. */
const living = new Set(['Encounter', 'Task', 'CarePlan']);

/** What was told of the call before. */
export interface Told {
  /** The last transaction of this call and resident. */
  readonly earlier: Bundle | null;
  /** Another resident was told to be the patient: what names that one there has to name this one. */
  readonly wasAnothers?: boolean;
  /** Searches for what is another resident's now, which this one's transaction leaves alone. */
  readonly isAnothers?: ReadonlySet<string>;
}

export function transactionOf(
  chart: Chart,
  callId: string,
  { earlier, wasAnothers = false, isAnothers = new Set() }: Told,
): Bundle {
  const theirs = resourcesOf(asToldBy(chart, callId)).filter((resource) => isOf(resource, callId));
  const names = new Set(theirs.map(nameOf));
  // Provenance of a source may tell of facts of this call only.
  const entries = theirs.map((resource) =>
    entryOf(
      resource.resourceType === 'Provenance'
        ? { ...resource, target: resource.target.filter(({ reference }) => names.has(reference ?? '')) }
        : resource,
      wasAnothers,
    ),
  );
  const here = new Set(entries.map(({ fullUrl }) => fullUrl));
  const missing = (earlier?.entry ?? []).filter(
    ({ fullUrl, resource }) => !here.has(fullUrl) && !isAnothers.has((resource && identifierSearch(resource)) ?? ''),
  );
  return { resourceType: 'Bundle', type: 'transaction', entry: [...entries, ...missing.flatMap(retracted)] };
}

/** By what its resources are known there. */
export const searchesOf = ({ entry = [] }: Bundle): ReadonlySet<string> =>
  new Set(entry.flatMap(({ resource }) => (resource && identifierSearch(resource)) ?? []));

/** The chart as this call alone tells it: what a later call said again stands in the history as the later one's. */
function asToldBy(chart: Chart, callId: string): Chart {
  const call = chart.calls.find((each) => each.callId === callId);
  if (!call || !chart.learned) return chart;
  const results = chart.followUps.flatMap(({ result, endedAt, endedBy, ...followUp }) =>
    result && endedAt && followUp.callId === callId
      ? [{ ...followUp, callNumber: call.number, result, endedAt, by: endedBy ?? '' }]
      : [],
  );
  const own = gather(
    [
      ...results.map(lessonOfResult),
      ...call.outcomes.map((outcome) => lessonOf(outcome, call.number)),
      ...lessonsOfRecord({ callId, callNumber: call.number }, call.care),
    ],
    [],
  );
  const lists = Object.fromEntries(learnedLists.map((list) => [list, own?.[list] ?? []]));
  return { ...chart, learned: { ...chart.learned, ...lists } };
}

function isOf(resource: Resource, callId: string): boolean {
  if (resource.resourceType === 'Patient') return true;
  if (resource.resourceType === 'Encounter') return resource.id === callId;
  if (resource.resourceType === 'Provenance') return resource.entity?.[0]?.what.reference === `Encounter/${callId}`;
  const { encounter, context } = resource as {
    encounter?: Reference<Encounter>;
    context?: Reference<Encounter> & { encounter?: Reference<Encounter>[] };
  };
  const named = encounter?.reference ?? context?.reference ?? context?.encounter?.[0]?.reference;
  return named === `Encounter/${callId}`;
}

function entryOf(given: Resource, isTakenOver: boolean): BundleEntry {
  const resource = withContent(given);
  const { resourceType, id } = resource;
  const fullUrl = urnOf(nameOf(resource));
  const { id: _ours, ...rest } = renamed(resource);
  const search = identifierSearch(resource);
  // R4 gives a Provenance no identifier: it is put under our id, which is as good as a condition.
  if (!search)
    return { fullUrl, resource: renamed(resource), request: { method: 'PUT', url: `${resourceType}/${id}` } };
  const sent = rest as Resource;
  return living.has(resourceType) || (isTakenOver && resourceType !== 'Patient')
    ? { fullUrl, resource: sent, request: { method: 'PUT', url: `${resourceType}?${search}` } }
    : { fullUrl, resource: sent, request: { method: 'POST', url: resourceType, ifNoneExist: search } };
}

/** There an attachment is a Binary beside its document, under the document's id; it goes before the transaction that names it. */
function withContent(resource: Resource): Resource {
  if (resource.resourceType !== 'DocumentReference' || !resource.content[0]?.attachment.url) return resource;
  const content = resource.content.map(({ attachment, ...rest }) => ({
    ...rest,
    attachment: { ...attachment, url: `Binary/${resource.id}` },
  }));
  return { ...resource, content };
}

/** Ids of the Binaries a transaction refers to. */
export const contentsIn = ({ entry = [] }: Bundle): string[] =>
  entry.flatMap(({ resource }) => {
    const url = resource?.resourceType === 'DocumentReference' ? resource.content[0]?.attachment.url : undefined;
    return url?.startsWith('Binary/') ? [url.slice('Binary/'.length)] : [];
  });

const sendableSystems: readonly string[] = [identifierSystems.fact, identifierSystems.call, identifierSystems.resident];

/** By the identifier that is ours and nobody else's. */
function identifierSearch(resource: Resource): string | null {
  const { identifier } = resource as Pick<Patient, 'identifier'>;
  const own = identifier?.find(({ system }) => sendableSystems.includes(system ?? ''));
  return own ? `identifier=${encodeURIComponent(`${own.system}|${own.value}`)}` : null;
}

/** An entry of an earlier transaction as what it is now: entered in error. Nothing is deleted at the platform. */
function retracted({ fullUrl, resource }: BundleEntry): BundleEntry[] {
  if (!fullUrl || !resource) return [];
  const search = identifierSearch(resource);
  if (!search) return [];
  const request = { method: 'PUT', url: `${resource.resourceType}?${search}` } as const;
  switch (resource.resourceType) {
    case 'Condition': {
      const { clinicalStatus: _, ...rest } = resource;
      const verificationStatus = oneCode(terminologies.conditionVerification, 'entered-in-error');
      return [{ fullUrl, request, resource: { ...rest, verificationStatus } }];
    }
    case 'AllergyIntolerance': {
      const { clinicalStatus: _, ...rest } = resource;
      const verificationStatus = oneCode(terminologies.allergyVerification, 'entered-in-error');
      return [{ fullUrl, request, resource: { ...rest, verificationStatus } }];
    }
    case 'MedicationStatement':
    case 'MedicationAdministration':
    case 'Procedure':
    case 'Observation':
    case 'DocumentReference':
    case 'CarePlan':
    case 'Task':
    case 'Encounter':
      return [{ fullUrl, request, resource: { ...resource, status: 'entered-in-error' } as Resource }];
    default:
      return [];
  }
}
