/** What somebody has to do after a call → Task, gathered under a CarePlan a call. Pure. */
import type { CarePlan, Encounter, Organization, Patient, Practitioner, Task } from '@medplum/fhirtypes';
import type { Chart, ChartFollowUp } from './chart.ts';
import { fhirIdOf, partId } from './ids.ts';
import { factIdentifier, known, referTo } from './write.ts';

export function followUpResources({ resident, followUps }: Pick<Chart, 'resident' | 'followUps'>): (Task | CarePlan)[] {
  const patient = referTo<Patient>('Patient', fhirIdOf(resident.residentId));
  const calls = [...new Set(followUps.map(({ callId }) => callId))];
  const tasks = followUps.map((followUp) => taskOf(followUp, patient, resident.familyDoctorId ?? null));
  const plans = calls.map((callId): CarePlan => {
    const theirs = followUps.filter((followUp) => followUp.callId === callId);
    const id = partId(callId, 'follow-up');
    return {
      resourceType: 'CarePlan',
      id,
      identifier: [factIdentifier('CarePlan', id)],
      status: theirs.every(({ endedAt }) => endedAt !== null) ? 'completed' : 'active',
      intent: 'plan',
      title: 'Follow-up after an emergency call',
      subject: patient,
      encounter: referTo<Encounter>('Encounter', callId),
      activity: theirs.map(({ followUpId }) => ({ reference: referTo<Task>('Task', followUpId) })),
    };
  });
  return [...plans, ...tasks];
}

const statuses: Readonly<Record<ChartFollowUp['status'], Task['status']>> = {
  due: 'requested',
  overdue: 'requested',
  done: 'completed',
  cancelled: 'cancelled',
};

function taskOf(followUp: ChartFollowUp, patient: Task['for'], familyDoctorId: string | null): Task {
  const { followUpId, callId, rule, label, status, scheduledAt, dueAt, endedAt, communityCentreId, result } = followUp;
  const owner = familyDoctorId
    ? known<Practitioner>('Practitioner', 'doctor', familyDoctorId)
    : communityCentreId
      ? known<Organization>('Organization', 'centre', communityCentreId)
      : null;
  return {
    resourceType: 'Task',
    id: followUpId,
    identifier: [factIdentifier('Task', followUpId)],
    status: statuses[status],
    ...(status === 'overdue' ? { businessStatus: { text: 'overdue' } } : {}),
    intent: 'order',
    code: {
      coding: [{ system: 'urn:precision-dispatch:follow-up-rule', code: rule }],
      text: `${label.zh} ${label.en}`,
    },
    ...(patient ? { for: patient } : {}),
    encounter: referTo<Encounter>('Encounter', callId),
    authoredOn: scheduledAt,
    lastModified: endedAt ?? scheduledAt,
    restriction: { period: { end: dueAt } },
    ...(owner ? { owner } : {}),
    ...(result?.findings ? { output: [{ type: { text: 'findings' }, valueString: result.findings }] } : {}),
  };
}
