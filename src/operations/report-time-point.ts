/** What a crew reports of its run: a point passed, or a status that means one. Late and odd reports are kept, never lost. */
import {
  activeUnits,
  countingPoints,
  endAssignment,
  endCallRow,
  findUnit,
  keepReport,
  type LockedCall,
  lockCall,
  setUnit,
  wasAssigned,
} from '../calls/run-store.ts';
import { judgeReport, type ReportFlag } from '../calls/time-points.ts';
import { appendEvents } from '../database/events.ts';
import { type DoneOnce, type KeyedRequest, once } from '../database/once.ts';
import { type Executor, inTransaction } from '../database/pool.ts';
import type { Deps } from '../deps.ts';
import { Problem, refuseField } from '../domain/errors.ts';
import type { NewEvent } from '../domain/events.ts';
import { furthest, isRunPoint, nextStatuses, pointOfStatus, type RunPoint, statusAfter } from '../domain/run.ts';
import { type Instant, rfc3339 } from '../domain/time.ts';
import type { UnitStatus } from '../domain/vocabulary.ts';
import { refreshCall } from './assign-unit.ts';
import { endReasonContext } from './end-call.ts';
import type { Actor } from './receive-call.ts';
import { keepEndedCall } from './settle-patient.ts';
import { findOverdue, tellBreach } from './tell-breach.ts';

export interface Reported {
  readonly unitId: string;
  readonly status: UnitStatus;
  /** The call the unit is on now. */
  readonly callId: string | null;
  readonly flags: readonly ReportFlag[];
  readonly seq: number | null;
}

/** A unit speaks for itself; dispatchers and administrators may write down what they heard on the radio. */
function refuseOthers(actor: Actor, unitId: string): void {
  if (actor.role === 'crew' && actor.subject !== unitId) throw new Problem('forbidden');
}

/** Throws `unknown-unit`, `forbidden`, `not-found`, `time-point-before-call`, `time-point-in-future`. */
export async function reportTimePoint(
  deps: Deps,
  unitId: string,
  { callId, point, at }: { readonly callId: string; readonly point: RunPoint; readonly at: Instant },
  actor: Actor,
  asked: KeyedRequest | null = null,
): Promise<DoneOnce<Reported>> {
  refuseOthers(actor, unitId);
  return report(deps, unitId, callId, asked, (tx, call) =>
    keepPoint(deps, tx, call as LockedCall, { unitId, point, at, actor }),
  );
}

/** Throws `unknown-unit`, `forbidden`, and 409 `status-not-allowed` with the statuses that are. */
export async function reportStatus(
  deps: Deps,
  unitId: string,
  { status, at }: { readonly status: UnitStatus; readonly at: Instant },
  actor: Actor,
  asked: KeyedRequest | null = null,
): Promise<DoneOnce<Reported>> {
  refuseOthers(actor, unitId);
  const unit = await findUnit(deps.db, unitId);
  if (!unit) throw new Problem('unknown-unit');
  return report(deps, unitId, unit.callId, asked, async (tx, call) => {
    const now = await findUnit(tx, unitId);
    if (!now || now.callId !== unit.callId) throw new Problem('call-changed');
    if (now.status === status) return { status, callId: now.callId, flags: [], events: [] };
    if (!nextStatuses[now.status].includes(status)) {
      const allowed = nextStatuses[now.status];
      throw new Problem(
        'status-not-allowed',
        [{ field: 'status', detail: `from ${now.status} may be ${allowed.join(', ')}` }],
        {
          extra: { allowed },
        },
      );
    }
    const point = pointOfStatus[status];
    if (call && point) return keepPoint(deps, tx, call, { unitId, point, at, actor, status });
    await setUnit(tx, unitId, status, now.callId);
    const event: NewEvent = { type: 'unit.status', at: deps.clock.now(), callId: now.callId, data: { unitId, status } };
    return { status, callId: now.callId, flags: [], events: [event] };
  });
}

interface Kept extends Omit<Reported, 'unitId' | 'seq'> {
  readonly events: readonly NewEvent[];
}

/** One transaction: the call is locked before the unit, as everywhere. */
async function report(
  deps: Deps,
  unitId: string,
  callId: string | null,
  asked: KeyedRequest | null,
  work: (tx: Executor, call: LockedCall | null) => Promise<Kept>,
): Promise<DoneOnce<Reported>> {
  const now = deps.clock.now();
  const keep = async (tx: Executor): Promise<Reported> => {
    const call = callId === null ? null : await lockCall(tx, callId);
    if (callId !== null && !call) throw new Problem('not-found');
    const overdue = call && (await findOverdue(tx, call, now));
    const { events: followed, ...rest } = await work(tx, call);
    // After the change: an arrival in time, heard late, makes the call timely. First in the log, as it comes first in time.
    const events = [...(overdue ? await tellBreach(tx, overdue, null, now) : []), ...followed];
    return { unitId, ...rest, seq: events.length ? await appendEvents(tx, events) : null };
  };
  const done = await inTransaction(deps.db, (tx) => once(tx, asked, now, () => keep(tx)));
  if (done.answer.seq !== null) deps.live.nudge();
  return done;
}

interface PointReport {
  readonly unitId: string;
  readonly point: RunPoint;
  readonly at: Instant;
  readonly actor: Actor;
  /** The status reported, where the point came with one: returning and available both mean in service. */
  readonly status?: UnitStatus;
}

async function keepPoint(deps: Deps, tx: Executor, call: LockedCall, given: PointReport): Promise<Kept> {
  const { unitId, point, at, actor } = given;
  const { callId } = call;
  const heardAt = deps.clock.now();
  const unit = await findUnit(tx, unitId);
  if (!unit) throw new Problem('unknown-unit');
  if (!(await wasAssigned(tx, callId, unitId)))
    throw new Problem('forbidden', [{ field: 'callId', detail: 'is not a call this unit was sent to' }]);

  const counting = await countingPoints(tx, callId, unitId);
  const judged = judgeReport({ point, at, heardAt }, { receivedAt: call.receivedAt, counting, callEnded: call.ended });
  if (judged.refused)
    throw refuseField(
      'at',
      judged.refused === 'time-point-before-call' ? 'lies before the call' : 'lies in the future',
      judged.refused,
    );
  const { flags, counts } = judged;
  await keepReport(tx, { callId, unitId, point, at, heardAt, actor, flags, counts });
  const told: NewEvent = {
    type: 'time-point.reported',
    at: heardAt,
    callId,
    data: { unitId, point, reportedAt: rfc3339(at), flags, counts },
  };

  // A report of a call the unit has left changes what is known of that call, and nothing of the unit.
  if (unit.callId !== callId) {
    await refreshCall(tx, call);
    return { status: unit.status, callId: unit.callId, flags, events: [told] };
  }
  const passed = furthest([...counting.map((c) => c.point), point].filter(isRunPoint)) ?? point;
  const status = given.status ?? statusAfter[passed];
  const through = passed === 'in-service';
  if (through) await endAssignment(tx, callId, unitId, heardAt, 'completed');
  await setUnit(tx, unitId, status, through ? null : callId);
  const callStatus = await refreshCall(tx, call);
  const events: NewEvent[] = [told];
  if (status !== unit.status)
    events.push({ type: 'unit.status', at: heardAt, callId, data: { unitId, status, callStatus } });
  // The last unit is through, and somebody was there: so is the call. Otherwise it is open again.
  const wasThere = counting.some((c) => c.point === 'on-scene');
  if (through && wasThere && (await activeUnits(tx, callId)).length === 0) {
    await endCallRow(tx, callId, 'closed', heardAt, deps.seal.close('completed', endReasonContext(callId)));
    events.push(...(await keepEndedCall(deps, tx, callId)));
    events.push({
      type: 'call.closed',
      at: heardAt,
      callId,
      data: { number: call.number, status: 'closed', by: 'last-unit' },
    });
  }
  return { status, callId: through ? null : callId, flags, events };
}
