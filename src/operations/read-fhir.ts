/** Reading in FHIR: who may see a chart, the chart gathered, and a line in the access log before anything is shown. */
import type { Bundle, Resource } from '@medplum/fhirtypes';
import { isLive } from '../calls/store.ts';
import { type Chart, resourcesOf } from '../care/fhir/chart.ts';
import { findCallFacts, findFollowUpsOf, findResidentOf, isConcerned } from '../care/fhir/chart-store.ts';
import { fhirIdOf, ownerOf, residentIdOf } from '../care/fhir/ids.ts';
import { readTypes } from '../care/fhir/resource-types.ts';
import { nameOf, summaryOf } from '../care/fhir/summary.ts';
import { resultContext } from '../care/follow-up-result-store.ts';
import { findCounting } from '../care/outcome-store.ts';
import { findCallsOf, findLearned } from '../care/patient-store.ts';
import { standing } from '../care/record.ts';
import { findAttachments, findEntries } from '../care/record-store.ts';
import type { FollowUpResult } from '../care/schema.ts';
import type { Executor } from '../database/pool.ts';
import type { Deps } from '../deps.ts';
import { Problem } from '../domain/errors.ts';
import { rfc3339 } from '../domain/time.ts';
import { recordRead } from '../residents/access.ts';
import { findResident } from '../residents/store.ts';
import type { Actor } from './receive-call.ts';

type ReadDeps = Pick<Deps, 'db' | 'seal' | 'clock' | 'ids'>;

/** Everything of one resident as of now; `null` where nobody is filed by that id. */
export async function gatherChart(
  { seal }: Pick<Deps, 'seal'>,
  db: Executor,
  residentId: string,
): Promise<Chart | null> {
  const resident = await findResident(db, seal, residentId);
  if (!resident) return null;
  const callIds = (await findCallsOf(db, residentId)).map(({ callId }) => callId);
  const learned = (await findLearned(db, seal, [residentId])).get(residentId) ?? null;
  const facts = await findCallFacts(db, callIds);
  const entries = await findEntries(db, seal, callIds);
  const outcomes = await findCounting(db, seal, callIds);
  const calls: Chart['calls'][number][] = [];
  for (const call of facts)
    calls.push({
      ...call,
      care: standing(entries.get(call.callId) ?? []),
      attachments: await findAttachments(db, call.callId),
      outcomes: outcomes.filter(({ callId }) => callId === call.callId),
    });
  const followUps = (await findFollowUpsOf(db, residentId)).map(({ sealedResult, ...followUp }) => ({
    ...followUp,
    result: sealedResult && seal.open<FollowUpResult>(sealedResult, resultContext(followUp.followUpId)),
  }));
  return { resident, learned, calls, followUps };
}

/**
 * `not-found` hides what the asker may not see: doctors see their own, hospitals whom a call brings or brought to them, a
 * crew the patient of the call it is on.
 */
async function chartFor(deps: ReadDeps, residentId: string, actor: Actor, callId: string | null): Promise<Chart> {
  const [chart] = await chartsFor(deps, [residentId], actor, callId);
  if (!chart) throw new Problem('not-found');
  return chart;
}

/** Of those named the charts of whom the asker may see, each read in the access log. Throws `no-live-call`. */
export async function chartsFor(
  deps: Pick<ReadDeps, 'db' | 'seal' | 'clock'>,
  residentIds: readonly string[],
  actor: Actor,
  callId: string | null,
): Promise<Chart[]> {
  if (actor.role === 'dispatcher' && !(await isLive(deps.db, callId))) throw new Problem('no-live-call');
  const charts: Chart[] = [];
  for (const residentId of residentIds) {
    const chart = await gatherChart(deps, deps.db, residentId);
    if (chart && (await maySee(deps, chart, actor))) charts.push(chart);
  }
  await recordRead(deps.db, {
    at: deps.clock.now(),
    role: actor.role,
    subject: actor.subject,
    residentIds: charts.map(({ resident }) => resident.residentId),
    callId,
    purpose: actor.role === 'dispatcher' ? 'look-up' : 'registry',
  });
  return charts;
}

async function maySee(deps: Pick<Deps, 'db'>, { resident }: Chart, { role, subject }: Actor): Promise<boolean> {
  if (role === 'doctor') return resident.familyDoctorId === subject;
  if (role === 'hospital' || role === 'crew') return isConcerned(deps.db, resident.residentId, role, subject);
  return true;
}

/** One resource by type and id. */
export async function readResource(
  deps: ReadDeps,
  type: string,
  id: string,
  actor: Actor,
  callId: string | null,
): Promise<Resource> {
  if (!(readTypes as readonly string[]).includes(type)) throw new Problem('not-found');
  const owner = type === 'Patient' ? residentIdOf(id) : ownerOf(id);
  const residentId = type === 'Patient' ? owner : ((await findResidentOf(deps.db, owner)) ?? owner);
  const chart = await chartFor(deps, residentId, actor, callId);
  const found = resourcesOf(chart).find((resource) => nameOf(resource) === `${type}/${id}`);
  if (!found) throw new Problem('not-found');
  return found;
}

/** `$everything` (FHIR R4, Patient): all there is, the Patient first. */
export async function readEverything(
  deps: ReadDeps,
  patientId: string,
  actor: Actor,
  baseUrl: string,
  callId: string | null,
): Promise<Bundle> {
  const resources = resourcesOf(await chartFor(deps, residentIdOf(patientId), actor, callId));
  return {
    resourceType: 'Bundle',
    type: 'searchset',
    timestamp: rfc3339(deps.clock.now()),
    total: resources.length,
    link: [{ relation: 'self', url: `${baseUrl}/Patient/${fhirIdOf(residentIdOf(patientId))}/$everything` }],
    entry: resources.map((resource) => ({
      fullUrl: `${baseUrl}/${nameOf(resource)}`,
      resource,
      search: { mode: 'match' },
    })),
  };
}

/** `$summary` (International Patient Summary). */
export async function readSummary(
  deps: ReadDeps,
  patientId: string,
  actor: Actor,
  baseUrl: string,
  callId: string | null,
): Promise<Bundle> {
  const chart = await chartFor(deps, residentIdOf(patientId), actor, callId);
  return summaryOf(chart, rfc3339(deps.clock.now()), deps.ids.next(), baseUrl);
}
