/** A call → Encounter: its status history from the time points, what it was about, how it ended. Pure. */
import type { CarePlan, Encounter, Patient, Resource } from '@medplum/fhirtypes';
import { dispositionOf } from '../outcome.ts';
import type { Disposition } from '../schema.ts';
import type { Chart, ChartCall } from './chart.ts';
import { fhirIdOf, partId } from './ids.ts';
import { identifierSystems, SNOMED, terminologies } from './table.ts';
import { factIdentifier, known, oneCode, referTo } from './write.ts';

type Status = NonNullable<Encounter['status']>;

/** From which point on an Encounter has which status. FHIR knows four steps of a run; the points themselves go along whole. */
const statusFrom: Partial<Readonly<Record<string, Status>>> = {
  'call-received': 'planned',
  'on-scene': 'arrived',
  'at-patient': 'in-progress',
  'left-scene': 'in-progress',
  'handed-over': 'finished',
};

const dispositions: Readonly<Record<Disposition, readonly [code: string, display: string]>> = {
  discharged: ['home', 'Home'],
  admitted: ['oth', 'Other'],
  transferred: ['other-hcf', 'Other healthcare facility'],
  left: ['aadvice', 'Left against advice'],
  died: ['exp', 'Expired'],
};

const TIME_POINT = 'urn:precision-dispatch:time-point';

export function callResources(chart: Chart, call: ChartCall): Resource[] {
  const subject = referTo<Patient>('Patient', fhirIdOf(chart.resident.residentId));
  const disposition = dispositionOf(call.outcomes);
  const history = statusHistory(call);
  const diagnoses = (chart.learned?.conditions ?? []).filter(
    ({ from }) => from.callId === call.callId && from.source === 'outcome',
  );
  const hospital = call.hospitalIds.at(-1);
  const end = call.endedAt ?? undefined;
  const encounter: Encounter = {
    resourceType: 'Encounter',
    id: call.callId,
    identifier: [
      { system: identifierSystems.call, value: call.callId },
      { system: identifierSystems.callNumber, value: String(call.number) },
    ],
    extension: call.timePoints.map(({ point, at }) => ({
      url: TIME_POINT,
      extension: [
        { url: 'point', valueCode: point },
        { url: 'at', valueDateTime: at },
      ],
    })),
    status: statusOf(call),
    ...(history.length ? { statusHistory: history } : {}),
    class: { system: terminologies.actCode, code: 'EMER', display: 'emergency' },
    type: [oneCode(SNOMED, '409971007', 'Emergency medical services')],
    priority: { coding: [{ system: 'urn:precision-dispatch:priority', code: String(call.priority) }] },
    subject,
    period: { start: call.receivedAt, ...(end ? { end } : {}) },
    reasonCode: [{ coding: [{ system: 'urn:precision-dispatch:complaint', code: call.complaint }] }],
    ...(diagnoses.length
      ? {
          diagnosis: diagnoses.map((coded, i) => ({
            condition: referTo('Condition', diagnosisId(chart, coded)),
            rank: i + 1,
          })),
        }
      : {}),
    ...(hospital || disposition
      ? {
          hospitalization: {
            ...(hospital ? { destination: known('Organization', 'hospital', hospital) } : {}),
            ...(disposition
              ? { dischargeDisposition: oneCode(terminologies.dischargeDisposition, ...dispositions[disposition]) }
              : {}),
          },
        }
      : {}),
  };
  return [encounter, ...advice(chart, call, subject)];
}

const diagnosisId = (
  { resident }: Chart,
  { system, code, onset, from }: NonNullable<Chart['learned']>['conditions'][number],
): string => partId(resident.residentId, `conditions|${system}|${code}|${onset ?? ''}|${from.source} ${from.sourceId}`);

function statusOf({ status, timePoints }: ChartCall): Status {
  switch (status) {
    case 'cancelled':
      return 'cancelled';
    case 'closed':
      return 'finished';
    case 'open':
    case 'assigned':
    case 'en-route':
      return 'planned';
    case 'on-scene':
      return 'arrived';
    case 'with-patient':
    case 'transporting':
    case 'at-hospital':
      return timePoints.some(({ point }) => point === 'handed-over') ? 'finished' : 'in-progress';
    default:
      return status satisfies never;
  }
}

/** Each status with when it began and ended; points heard out of order are put in the order of their times. */
function statusHistory({ receivedAt, endedAt, timePoints }: ChartCall): NonNullable<Encounter['statusHistory']> {
  const points = [{ point: 'call-received', at: receivedAt }, ...timePoints]
    .filter(({ point }) => statusFrom[point] !== undefined)
    .sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
  const steps: { status: Status; start: string }[] = [];
  for (const { point, at } of points) {
    const status = statusFrom[point] as Status;
    if (steps.at(-1)?.status !== status) steps.push({ status, start: at });
  }
  return steps.map(({ status, start }, i) => {
    const end = steps[i + 1]?.start ?? (endedAt !== null && endedAt >= start ? endedAt : undefined);
    return { status, period: { start, ...(end ? { end } : {}) } };
  });
}

/** What the hospital advised, as a plan nobody has to look for in an attachment. */
function advice({ resident }: Chart, call: ChartCall, subject: CarePlan['subject']): CarePlan[] {
  return call.outcomes.flatMap(({ outcomeId, hospitalId, receivedAt, outcome }) => {
    if (!outcome.advice) return [];
    const id = partId(resident.residentId, `advice|${outcomeId}`);
    return [
      {
        resourceType: 'CarePlan',
        id,
        identifier: [factIdentifier('CarePlan', id)],
        status: 'active',
        intent: 'plan',
        description: outcome.advice,
        subject,
        encounter: referTo<Encounter>('Encounter', call.callId),
        created: receivedAt,
        author: known('Organization', 'hospital', hospitalId),
      } satisfies CarePlan,
    ];
  });
}
