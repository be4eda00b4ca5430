/**
 * Compares what clients were told and consoles saw with what the database holds at the end. Pure: the same history and
 * the same facts give the same violations.
 */
import { clockRule } from './check-clocks.ts';
import { alertRule, jobRule, moveRule } from './check-desk.ts';
import { consoleRule, logRule } from './check-log.ts';
import { searchRule } from './check-search.ts';
import { platformRule, wayBackRule } from './check-way-back.ts';
import type { LoggedEvent } from './facts.ts';
import { type History, type Operation, operationsOf } from './history.ts';
import { type Check, grouped, type Violation } from './violation.ts';

/** All violations, those with the least evidence first. */
export const check: Check = (history, facts) =>
  [
    callRule,
    assignmentRule,
    reportRule,
    unitRule,
    closeRule,
    clockRule,
    searchRule,
    wayBackRule,
    platformRule,
    alertRule,
    moveRule,
    jobRule,
    logRule,
    consoleRule,
    agreementRule,
    surpriseRule,
  ]
    .flatMap((rule) => rule(history, facts))
    .sort((a, b) => JSON.stringify(a.evidence).length - JSON.stringify(b.evidence).length);

const acknowledged = (operation: Operation) => operation.outcome === 'acknowledged';
/** Told no, or nothing, after an attempt whose answer was lost: it may have been done. */
const inDoubt = (operation: Operation) => operation.outcome !== 'acknowledged' && operation.unanswered > 0;

/** Each acknowledged call is there once, under its key, received once; and there is no call nobody sent. */
const callRule: Check = (history, { calls, keys, events }) => {
  const found: Violation[] = [];
  const say = (what: string, evidence: unknown) => found.push({ rule: 'call-once', what, evidence });
  const stored = new Set(calls.map(({ callId }) => callId));
  const keyed = new Map(keys.map(({ key, callId }) => [key, callId]));
  const received = grouped(
    events.filter(({ type }) => type === 'call.received'),
    ({ callId }) => String(callId),
  );
  const sent = grouped(operationsOf(history, 'call'), ({ key }) => key);
  for (const [key, tries] of sent) {
    const told = [...new Set(tries.filter(acknowledged).map(({ callId }) => callId))];
    if (told.length > 1) say('one key was answered with several calls', { key, told });
    for (const callId of told) {
      if (callId === null || !stored.has(callId)) say('an acknowledged call is not there', { key, callId });
      else if (keyed.get(key) !== callId) say('a key leads to another call', { key, callId, leadsTo: keyed.get(key) });
    }
  }
  const keyOf = grouped(keys, ({ callId }) => callId);
  for (const callId of stored) {
    const key = keyOf.get(callId)?.[0]?.key;
    if (key === undefined || !sent.has(key)) say('a call nobody sent', { callId, key });
    const times = received.get(callId)?.length ?? 0;
    if (times !== 1) say('a call was not received exactly once', { callId, times });
  }
  return found;
};

const pair = ({ callId, unitId }: { readonly callId: string | null; readonly unitId?: unknown }) =>
  `${callId} ${unitId}`;

/** Each acknowledged assignment is there once; what is there beyond them was at least asked for and its answer lost. */
const assignmentRule: Check = (history, { assignments, events }) => {
  const found: Violation[] = [];
  const say = (what: string, evidence: unknown) => found.push({ rule: 'assignment-once', what, evidence });
  const rows = grouped(assignments, pair);
  const told = grouped(
    events.filter(({ type }) => type === 'unit.assigned'),
    ({ callId, data }) => pair({ callId, unitId: data.unitId }),
  );
  const asked = grouped(operationsOf(history, 'assignment'), pair);
  for (const [key, operations] of asked) {
    const there = rows.get(key) ?? [];
    const certain = operations.filter(acknowledged);
    for (const { callId, unitId, assignedAt } of certain) {
      const times = there.filter((row) => row.assignedAt === assignedAt).length;
      const claims = certain.filter((other) => other.assignedAt === assignedAt).length;
      if (times === 0) say('an acknowledged assignment is not there', { callId, unitId, assignedAt });
      else if (times > 1 || claims > 1)
        say('an assignment is there twice', { callId, unitId, assignedAt, times, claims });
    }
    const most = certain.length + operations.filter(inDoubt).length;
    if (there.length > most) say('more assignments than were asked for', { pair: key, rows: there.length, most });
  }
  for (const key of rows.keys()) if (!asked.has(key)) say('an assignment nobody asked for', { pair: key });
  for (const key of new Set([...rows.keys(), ...told.keys()])) {
    const counts = { rows: rows.get(key)?.length ?? 0, events: told.get(key)?.length ?? 0 };
    if (counts.rows !== counts.events) say('assignments and their events differ', { pair: key, ...counts });
  }
  return found;
};

/** Written with an assignment, a stand-down or a cancellation; the others come from crews. */
const OWN_POINTS = ['unit-notified', 'cancelled'];

/**
 * A report is its call, unit, point and time. Each acknowledged one is there exactly once as itself. Sent again after a
 * lost answer it may be there again, at most once an attempt without an answer, flagged `repeated` and not counting.
 */
const reportRule: Check = (history, { reports }) => {
  const found: Violation[] = [];
  const say = (what: string, evidence: unknown) => found.push({ rule: 'report-once', what, evidence });
  const identity = ({
    callId,
    unitId,
    point,
    at,
  }: {
    callId: string;
    unitId: string | null;
    point: string;
    at: number;
  }) => `${callId} ${unitId} ${point} ${at}`;
  const rows = grouped(
    reports.filter(({ point }) => !OWN_POINTS.includes(point)),
    identity,
  );
  for (const operation of operationsOf(history, 'report')) {
    const { callId, unitId, point, at, unanswered } = operation;
    const there = rows.get(identity(operation)) ?? [];
    rows.delete(identity(operation));
    const evidence = {
      callId,
      unitId,
      point,
      at,
      unanswered,
      rows: there.map(({ flags, counts }) => ({ flags, counts })),
    };
    const once = there.filter(({ flags }) => !flags.includes('repeated')).length;
    if (acknowledged(operation) && there.length === 0) say('an acknowledged report is not there', evidence);
    else if (there.length > 0 && once !== 1)
      say('a report is there twice and not flagged, or only as a repetition', evidence);
    else if (there.length > unanswered + 1) say('a report was repeated more often than it was sent', evidence);
    else if (there.some(({ flags, counts }) => counts && flags.includes('repeated')))
      say('a repetition counts', evidence);
    else if (there.length > 0 && !acknowledged(operation) && !inDoubt(operation))
      say('a refused report is there', evidence);
  }
  for (const key of rows.keys()) say('a report nobody made', { report: key });
  return found;
};

const RELEASED = ['available', 'returning', 'off-duty'];

/** No unit was on two calls: not in the log, which is in the order of commits, and not as clients knew it for certain. */
const unitRule: Check = (history, { events }) => {
  const found: Violation[] = [];
  const on = new Map<unknown, LoggedEvent>();
  for (const event of events) {
    const { unitId, status } = event.data;
    if (event.type === 'unit.assigned') {
      const before = on.get(unitId);
      if (before)
        found.push({
          rule: 'unit-on-two-calls',
          what: 'sent to a call while on another, by the log',
          evidence: { unitId, first: before.callId, second: event.callId, seqs: [before.seq, event.seq] },
        });
      on.set(unitId, event);
    } else if (event.type === 'unit.stood-down' || (event.type === 'unit.status' && RELEASED.includes(String(status))))
      on.delete(unitId);
  }
  for (const holds of grouped(holdsOf(history), ({ unitId }) => unitId).values()) {
    holds.sort((a, b) => a.fromMs - b.fromMs);
    holds.forEach((hold, i) => {
      const next = holds[i + 1];
      if (next && next.callId !== hold.callId && next.fromMs < hold.untilMs)
        found.push({ rule: 'unit-on-two-calls', what: 'two dispatchers both had it', evidence: { hold, next } });
    });
  }
  return found;
};

/** From when a client knew a unit was on its call until the first moment anything that could release it was begun. */
function holdsOf(history: History) {
  const releases = history.operations.filter(
    ({ kind, ...rest }) =>
      kind === 'close' ||
      kind === 'stand-down' ||
      (kind === 'report' && 'point' in rest && rest.point === 'in-service'),
  );
  const releasesOf = grouped(releases, ({ callId }) => String(callId));
  return operationsOf(history, 'assignment')
    .filter(acknowledged)
    .flatMap(({ callId, unitId, endedMs }) => {
      const concerned = (releasesOf.get(callId) ?? []).filter((each) => !('unitId' in each) || each.unitId === unitId);
      // A release that lost an answer may still be on its way: what it hits is then not known.
      if (concerned.some((each) => each.startedMs < endedMs && each.unanswered > 0)) return [];
      const untilMs = Math.min(...concerned.map((each) => each.startedMs).filter((at) => at >= endedMs));
      return [{ callId, unitId, fromMs: endedMs, untilMs }];
    });
}

/** Each acknowledged close is there, and no call ended twice. */
const closeRule: Check = (history, { calls, events }) => {
  const found: Violation[] = [];
  const say = (what: string, evidence: unknown) => found.push({ rule: 'close-kept', what, evidence });
  const byId = new Map(calls.map((call) => [call.callId, call]));
  for (const { callId } of operationsOf(history, 'close').filter(acknowledged)) {
    const call = byId.get(callId);
    if (call?.status !== 'closed' || call.endedAt === null) say('an acknowledged close is not there', { callId, call });
  }
  const ended = grouped(
    events.filter(({ type }) => type === 'call.closed'),
    ({ callId }) => String(callId),
  );
  for (const { callId, status } of calls) {
    const times = ended.get(callId)?.length ?? 0;
    if (times !== (status === 'closed' || status === 'cancelled' ? 1 : 0))
      say('a call ended not exactly once', { callId, status, times });
  }
  return found;
};

/** Units, assignments and clocks tell the same story. */
const agreementRule: Check = (_, { units, assignments, calls, reports }) => {
  const found: Violation[] = [];
  const say = (what: string, evidence: unknown) => found.push({ rule: 'rows-agree', what, evidence });
  const open = grouped(
    assignments.filter(({ endedAt }) => endedAt === null),
    ({ unitId }) => unitId,
  );
  for (const { unitId, status, callId } of units) {
    const on = (open.get(unitId) ?? []).map((row) => row.callId);
    if (on.length > 1 || (on[0] ?? null) !== callId) say('a unit and its assignment differ', { unitId, callId, on });
    if (RELEASED.includes(status) !== (callId === null))
      say('a status without its call, or a call without its status', { unitId, status, callId });
  }
  const qualifying = new Set(assignments.filter(({ qualifies }) => qualifies).map(pair));
  const arrivals = grouped(
    reports.filter((report) => report.point === 'on-scene' && report.counts && qualifying.has(pair(report))),
    ({ callId }) => callId,
  );
  for (const { callId, onSceneAt } of calls) {
    const first = Math.min(...(arrivals.get(callId) ?? []).map(({ at }) => at));
    if ((onSceneAt ?? Infinity) !== first)
      say('a clock stopped elsewhere than at the first arrival', { callId, onSceneAt, first });
  }
  return found;
};

const surpriseRule: Check = ({ surprises }) =>
  surprises.map(({ what, detail }) => ({ rule: 'surprise', what, evidence: detail }));
