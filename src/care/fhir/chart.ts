/** All that is known of one resident, as FHIR is written from it. Pure. */
import type { Resource } from '@medplum/fhirtypes';
import type { Bilingual, CallStatus, Priority, TimePoint, VehicleType } from '../../domain/vocabulary.ts';
import type { FiledResident } from '../../residents/file.ts';
import type { Learned } from '../learned.ts';
import type { CountingOutcome } from '../outcome.ts';
import type { KeptEntry } from '../record.ts';
import type { Attachment, FollowUpResult, FollowUpStatus } from '../schema.ts';
import { callResources } from './write-call.ts';
import { careResources } from './write-care.ts';
import { followUpResources } from './write-follow-up.ts';
import { historyResources } from './write-history.ts';
import { patientResource } from './write-patient.ts';

/** What the tables say of a call. */
export interface CallFacts {
  readonly callId: string;
  readonly number: number;
  readonly status: CallStatus;
  readonly complaint: string;
  readonly priority: Priority;
  readonly vehicleType: VehicleType;
  /** RFC 3339, as all times here. */
  readonly receivedAt: string;
  readonly endedAt: string | null;
  /** The first of each that counts, by time. */
  readonly timePoints: readonly { readonly point: TimePoint; readonly at: string }[];
  readonly hospitalIds: readonly string[];
}

export interface ChartCall extends CallFacts {
  /** Entries that stand. */
  readonly care: readonly KeptEntry[];
  readonly attachments: readonly Attachment[];
  readonly outcomes: readonly CountingOutcome[];
}

export interface ChartFollowUp {
  readonly followUpId: string;
  readonly callId: string;
  readonly rule: string;
  readonly label: Bilingual;
  readonly status: FollowUpStatus;
  readonly scheduledAt: string;
  readonly dueAt: string;
  readonly endedAt: string | null;
  readonly endedBy: string | null;
  readonly communityCentreId: string | null;
  readonly result: FollowUpResult | null;
}

export interface Chart {
  readonly resident: FiledResident;
  readonly learned: Learned | null;
  /** Oldest first. */
  readonly calls: readonly ChartCall[];
  readonly followUps: readonly ChartFollowUp[];
}

/** Everything as resources, the Patient first. References are relative: `Condition/…`. */
export function resourcesOf(chart: Chart): Resource[] {
  return [
    patientResource(chart),
    ...historyResources(chart),
    ...chart.calls.flatMap((call) => [...callResources(chart, call), ...careResources(chart, call)]),
    ...followUpResources(chart),
  ];
}
