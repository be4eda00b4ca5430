/** What a chart holds beside file, outcomes and care record: the calls themselves and what follows them. */
import type { Executor } from '../../database/pool.ts';
import type { Bilingual, CallStatus, Priority, TimePoint, VehicleType } from '../../domain/vocabulary.ts';
import type { FollowUpStatus } from '../schema.ts';
import type { CallFacts } from './chart.ts';

export const sql = {
  /** $1 calls. */
  calls: {
    name: 'chart.calls',
    text: `
      SELECT c.call_id, c.number, c.status, c.complaint, c.priority, c.vehicle_type, c.received_at, c.ended_at,
             coalesce((SELECT json_agg(json_build_object('point', t.point, 'at', t.at) ORDER BY t.at, t.report_id)
                       FROM (SELECT DISTINCT ON (point) point, at, report_id FROM time_points
                             WHERE call_id = c.call_id AND counts ORDER BY point, at, report_id) t), '[]') AS points,
             coalesce((SELECT json_agg(h.hospital_id ORDER BY h.since, h.hospital_id)
                       FROM call_hospitals h WHERE h.call_id = c.call_id), '[]') AS hospitals
      FROM calls c WHERE c.call_id = ANY($1) ORDER BY c.received_at, c.number`,
  },
  /** $1 resident. */
  followUps: {
    name: 'chart.follow-ups',
    text: `
      SELECT follow_up_id, call_id, rule, task, status, scheduled_at, due_at, ended_at, ended_subject, community_centre_id,
             sealed_result
      FROM follow_ups WHERE resident_id = $1 ORDER BY due_at, follow_up_id`,
  },
  /** The patient of a call, or whose follow-up it is. $1 id of a call or a follow-up. */
  residentOf: {
    name: 'chart.resident-of',
    text: `
      SELECT resident_id FROM call_patients WHERE call_id = $1
      UNION ALL SELECT resident_id FROM follow_ups WHERE follow_up_id = $1 LIMIT 1`,
  },
  /** Whether a hospital has or had one of a resident's calls, or a crew is on one now. $1 resident, $2 role, $3 subject. */
  concerns: {
    name: 'chart.concerns',
    text: `
      SELECT EXISTS (SELECT FROM call_patients p JOIN call_hospitals h USING (call_id)
                     WHERE $2 = 'hospital' AND p.resident_id = $1 AND h.hospital_id = $3)
          OR EXISTS (SELECT FROM call_patients p JOIN assignments a USING (call_id)
                     WHERE $2 = 'crew' AND p.resident_id = $1 AND a.unit_id = $3 AND a.ended_at IS NULL) AS concerned`,
  },
} as const;

export async function findCallFacts(db: Executor, callIds: readonly string[]): Promise<CallFacts[]> {
  const { rows } = await db.query<{
    call_id: string;
    number: number;
    status: CallStatus;
    complaint: string;
    priority: Priority;
    vehicle_type: VehicleType;
    received_at: Date;
    ended_at: Date | null;
    points: { point: TimePoint; at: string }[];
    hospitals: string[];
  }>({ ...sql.calls, values: [callIds] });
  return rows.map((row) => ({
    callId: row.call_id,
    number: row.number,
    status: row.status,
    complaint: row.complaint,
    priority: row.priority,
    vehicleType: row.vehicle_type,
    receivedAt: row.received_at.toISOString(),
    endedAt: row.ended_at?.toISOString() ?? null,
    timePoints: row.points.map(({ point, at }) => ({ point, at: new Date(at).toISOString() })),
    hospitalIds: row.hospitals,
  }));
}

export interface FollowUpFacts {
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
  readonly sealedResult: Buffer | null;
}

export async function findFollowUpsOf(db: Executor, residentId: string): Promise<FollowUpFacts[]> {
  const { rows } = await db.query<{
    follow_up_id: string;
    call_id: string;
    rule: string;
    task: { label: Bilingual };
    status: FollowUpStatus;
    scheduled_at: Date;
    due_at: Date;
    ended_at: Date | null;
    ended_subject: string | null;
    community_centre_id: string | null;
    sealed_result: Buffer | null;
  }>({ ...sql.followUps, values: [residentId] });
  return rows.map((row) => ({
    followUpId: row.follow_up_id,
    callId: row.call_id,
    rule: row.rule,
    label: row.task.label,
    status: row.status,
    scheduledAt: row.scheduled_at.toISOString(),
    dueAt: row.due_at.toISOString(),
    endedAt: row.ended_at?.toISOString() ?? null,
    endedBy: row.ended_subject,
    communityCentreId: row.community_centre_id,
    sealedResult: row.sealed_result,
  }));
}

export async function findResidentOf(db: Executor, callOrFollowUpId: string): Promise<string | null> {
  const { rows } = await db.query<{ resident_id: string }>({ ...sql.residentOf, values: [callOrFollowUpId] });
  return rows[0]?.resident_id ?? null;
}

export async function isConcerned(
  db: Executor,
  residentId: string,
  role: 'hospital' | 'crew',
  subject: string,
): Promise<boolean> {
  const { rows } = await db.query<{ concerned: boolean }>({ ...sql.concerns, values: [residentId, role, subject] });
  return rows[0]?.concerned ?? false;
}
