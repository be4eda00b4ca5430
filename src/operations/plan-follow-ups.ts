/** What the plan asks for after a call: recognised in the outcome, scheduled as rows, moved and cancelled as more is known. */
import {
  cancelFollowUps,
  type FollowUp,
  findFollowUps,
  findOpen,
  recordPlan,
  schedule,
} from '../care/follow-up-store.ts';
import { loadPlan } from '../care/load-plan.ts';
import { type CountingOutcome, dispositionOf, encounterOf } from '../care/outcome.ts';
import type { HeldResident } from '../care/patient-store.ts';
import { type FollowUpPlan, type PlannedTask, planCodes, planTasks } from '../care/plan.ts';
import type { Learned } from '../care/schema.ts';
import type { Executor } from '../database/pool.ts';
import type { Deps } from '../deps.ts';
import type { Coded } from '../domain/coded.ts';
import type { EventType, NewEvent } from '../domain/events.ts';
import { distanceMetres } from '../domain/position.ts';
import { ageInYears, type Instant } from '../domain/time.ts';
import { buildConceptMap, groupsOf } from '../requirement/concepts.ts';
import type { FiledResident } from '../residents/file.ts';
import { residentContext } from '../residents/store.ts';

/** A plan with what recognises its diagnoses. */
export interface FollowUps {
  readonly plan: FollowUpPlan;
  /** Diagnoses of the plan among these codes. */
  diagnosesIn(coded: readonly Coded[]): ReadonlySet<string>;
}

/** The plan shipped, or the file at `path`. Throws `PlanError`. */
export function openFollowUps(path?: string): FollowUps {
  const plan = loadPlan(path);
  const concepts = buildConceptMap(
    Object.entries(plan.diagnoses).map(([id, { label, codes }]) => {
      const lists = Object.entries(codes).filter(([, list]) => list !== undefined);
      return [id, { label, codes: Object.fromEntries(lists) }] as const;
    }),
  );
  return { plan, diagnosesIn: (coded) => new Set(groupsOf({ concepts }, planCodes(coded)).groups.keys()) };
}

type FollowUpDeps = Pick<Deps, 'seal' | 'clock' | 'ids' | 'followUps' | 'roster'>;

/** A resident's call whose outcome may ask for something. */
export interface LoopedCall {
  readonly callId: string;
  readonly callNumber: number;
  readonly receivedAt: string;
  readonly complaint: string;
}

/**
 * Brings the tasks of one call in line with what is known of it: new ones scheduled, moved ones moved, those nothing asks
 * for any more cancelled. After a death only what a death asks for stays open. Done stays done.
 */
export async function planFollowUps(
  deps: FollowUpDeps,
  tx: Executor,
  resident: HeldResident & { readonly residentId: string },
  learned: Learned | null,
  call: LoopedCall,
  outcomes: readonly CountingOutcome[],
): Promise<NewEvent[]> {
  const now = deps.clock.now();
  const { plan } = deps.followUps;
  const { residentId } = resident;
  const open = await findOpen(tx, residentId, call.callId);
  const death = learned?.death ?? null;
  const wanted = death && death.from.callId !== call.callId ? [] : tasksFor(deps, resident, call, outcomes, now);

  const events: NewEvent[] = [];
  const isWanted = ({ callId, rule }: FollowUp) => callId === call.callId && wanted.some((task) => task.rule === rule);
  const isLeftByDeath = (each: FollowUp) =>
    death !== null && !(each.callId === death.from.callId && each.rule.startsWith('death.'));
  const dropped = open.filter((each) => (each.callId === call.callId && !isWanted(each)) || isLeftByDeath(each));
  await cancelFollowUps(
    tx,
    dropped.map((each) => each.followUpId),
    now,
  );
  for (const each of dropped) events.push(followUpEvent('follow-up.cancelled', { ...each, status: 'cancelled' }, now));

  if (wanted.length > 0) await recordPlan(tx, plan, now);
  const communityCentreId = resident.communityCentreId ?? centreOfHome(deps, resident);
  const scheduled: string[] = [];
  for (const task of wanted) {
    const to = {
      followUpId: deps.ids.next(),
      callId: call.callId,
      residentId,
      planVersion: plan.version,
      communityCentreId,
      at: now,
    };
    const id = await schedule(tx, task, to);
    if (id !== null) scheduled.push(id);
  }
  for (const each of await findFollowUps(tx, scheduled)) events.push(followUpEvent('follow-up.scheduled', each, now));
  return events;
}

function tasksFor(
  deps: FollowUpDeps,
  resident: HeldResident & { readonly residentId: string },
  call: LoopedCall,
  outcomes: readonly CountingOutcome[],
  now: Instant,
): PlannedTask[] {
  const parts = outcomes.filter((outcome) => outcome.callId === call.callId);
  const file = deps.seal.open<FiledResident>(resident.sealed, residentContext(resident.residentId));
  const { dischargedAt, arrivedAt } = encounterOf(call, parts);
  const died = parts.find(({ outcome }) => outcome.diedAt)?.outcome.diedAt;
  const latest = died ?? dischargedAt ?? parts[0]?.receivedAt ?? arrivedAt ?? call.receivedAt;
  return planTasks(deps.followUps.plan, {
    diagnoses: deps.followUps.diagnosesIn(parts.flatMap(({ outcome }) => outcome.diagnoses ?? [])),
    complaint: call.complaint,
    disposition: dispositionOf(parts),
    ageYears: ageInYears(file.birthDate, now),
    livesAlone: file.livesAlone === true,
    from: Date.parse(latest),
  });
}

/** The centre whose sub-district the home lies in, else the nearest one; `null` where neither home nor centre is known. */
function centreOfHome({ roster }: Pick<Deps, 'roster'>, { home, subdistrictCode }: HeldResident): string | null {
  const centres = roster.placesOf('community-centre');
  const own = centres.find((centre) => subdistrictCode !== null && centre.subdistrictCode === subdistrictCode);
  if (own || !home) return own?.placeId ?? null;
  const [nearest] = centres
    .map((centre) => ({ placeId: centre.placeId, metres: distanceMetres(centre.position, home) }))
    .sort((a, b) => a.metres - b.metres);
  return nearest?.placeId ?? null;
}

/** An event about a task; it concerns the doctor, and the centre where there is no doctor or nobody did it in time. */
export function followUpEvent(type: EventType, followUp: FollowUp, at: Instant): NewEvent {
  const { followUpId, callId, callNumber, rule, status, dueAt, doctorId, communityCentreId } = followUp;
  const isCentres = doctorId === null || followUp.overdueAt !== null;
  const data = {
    number: callNumber,
    followUpId,
    rule,
    kind: followUp.task.kind,
    status,
    dueAt,
    doctorId,
    communityCentreId: isCentres ? communityCentreId : null,
  };
  return { type, at, callId, data };
}

/** A call that is no longer this resident's asks nothing of them. */
export async function dropFollowUps(
  deps: Pick<Deps, 'clock'>,
  tx: Executor,
  residentId: string,
  callId: string,
): Promise<NewEvent[]> {
  const now = deps.clock.now();
  const open = (await findOpen(tx, residentId, callId)).filter(
    (each) => each.residentId === residentId && each.callId === callId,
  );
  await cancelFollowUps(
    tx,
    open.map((each) => each.followUpId),
    now,
  );
  return open.map((each) => followUpEvent('follow-up.cancelled', { ...each, status: 'cancelled' }, now));
}
