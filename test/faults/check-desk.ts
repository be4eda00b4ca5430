/**
 * First responders, moves and jobs: alerted to one call at a time, each answer and decision there once with its event,
 * each alert over with its call; each job asked for is there once and comes to an end. Pure.
 */
import type pg from 'pg';
import type { Jobs } from './desk-load.ts';
import { type Operation, operationsOf } from './history.ts';
import { type Check, grouped, type Rule, type Violation } from './violation.ts';

export interface DeskFacts {
  readonly alerts: readonly {
    readonly alertId: string;
    readonly callId: string;
    readonly responderId: string;
    readonly status: string;
  }[];
  readonly moves: readonly { readonly moveId: string; readonly unitId: string; readonly status: string }[];
  /** Of the jobs asked for, as a planner sees them; null where none were. */
  readonly jobs: Jobs | null;
}

export async function readDesk(db: pg.Pool, jobs: Jobs | null): Promise<DeskFacts> {
  const rows = async <Row extends pg.QueryResultRow>(text: string) => (await db.query<Row>(text)).rows;
  return {
    alerts: await rows(
      `SELECT alert_id AS "alertId", call_id AS "callId", responder_id AS "responderId", status FROM responder_alerts`,
    ),
    moves: await rows(
      'SELECT redeployment_id AS "moveId", unit_id AS "unitId", status FROM redeployments ORDER BY suggested_at',
    ),
    jobs,
  };
}

const recorder = (rule: Rule) => {
  const found: Violation[] = [];
  return { found, say: (what: string, evidence: unknown) => void found.push({ rule, what, evidence }) };
};
const acknowledged = ({ outcome }: Operation) => outcome === 'acknowledged';
const HELD = ['alerted', 'accepted', 'on-scene'];
const told = { accept: 'responder.accepted', decline: 'responder.declined', 'on-scene': 'responder.arrived' } as const;

export const alertRule: Check = (history, { desk, events, calls }) => {
  const { found, say } = recorder('alert-once');
  if (!desk) return found;
  const keyOf = (callId: unknown, responderId: unknown) => `${callId} ${responderId}`;
  const log = events.filter(({ type }) => type.startsWith('responder.') && type !== 'responder.offered');
  const own = grouped(log, ({ callId, data }) => keyOf(callId, data.responderId));
  const rows = new Map(desk.alerts.map((row) => [row.alertId, row]));
  const ended = new Set(calls.flatMap(({ callId, endedAt }) => (endedAt === null ? [] : [callId])));
  for (const row of desk.alerts) {
    const said = own.get(keyOf(row.callId, row.responderId)) ?? [];
    const count = (type: string) => said.filter((event) => event.type === type).length;
    const evidence = { ...row, said: said.map(({ seq, type }) => `${seq} ${type}`) };
    // Asked for once more after it had lapsed, been declined or stood down, it is another alert.
    const alerts = count('responder.alerted');
    const over = said.filter(({ type }) => /declined|stood-down|lapsed/.test(type)).length;
    if (alerts > 0 !== (row.status !== 'offered') || alerts > 1 + over)
      say('an alert was not told exactly once', evidence);
    for (const type of Object.values(told))
      if (count(type) > Math.max(1, alerts)) say('an answer was told twice', evidence);
    if (row.status === 'accepted' && count(told.accept) === 0) say('accepted, and nobody was told', evidence);
    if (ended.has(row.callId) && HELD.includes(row.status)) say('an alert outlived its call', evidence);
  }
  for (const { callId, responderId, alertId, ...rest } of operationsOf(history, 'alert').filter(acknowledged))
    if (rows.get(alertId ?? '')?.responderId !== responderId || rows.get(alertId ?? '')?.status === 'offered')
      say('an acknowledged alert is not there', { callId, responderId, alertId, ...rest });
  for (const { callId, responderId, said } of operationsOf(history, 'alert-answer').filter(acknowledged))
    if (!own.get(keyOf(callId, responderId))?.some(({ type }) => type === told[said]))
      say('an acknowledged answer is not there', { callId, responderId, said });
  const on = new Map<unknown, (typeof log)[number]>();
  for (const event of log) {
    const { responderId } = event.data;
    const before = on.get(responderId);
    if (event.type === 'responder.alerted') {
      if (before && before.callId !== event.callId)
        say('a responder was on two calls', { responderId, seqs: [before.seq, event.seq] });
      on.set(responderId, event);
    } else if (/declined|stood-down|lapsed/.test(event.type) && before?.callId === event.callId) on.delete(responderId);
    else if (event.type === 'responder.accepted') on.set(responderId, event); // late, and taken all the same
  }
  return found;
};

const decisions = { accept: 'accepted', refuse: 'refused' } as const;

export const moveRule: Check = (history, { desk, events }) => {
  const { found, say } = recorder('move-once');
  if (!desk) return found;
  const own = grouped(
    events.filter(({ type }) => type.startsWith('redeployment.')),
    ({ data }) => String(data.redeploymentId),
  );
  const rows = new Map(desk.moves.map((row) => [row.moveId, row]));
  if (desk.moves.filter(({ status }) => status === 'suggested').length > 1) say('two moves are open', desk.moves);
  for (const row of desk.moves) {
    const said = (own.get(row.moveId) ?? []).map(({ type }) => type);
    const due = ['redeployment.suggested', ...(row.status === 'suggested' ? [] : [`redeployment.${row.status}`])];
    if (said.join() !== due.join()) say('a move was told otherwise than it was decided', { ...row, said });
    const [, decided] = own.get(row.moveId) ?? [];
    const next = events.find(({ seq }) => seq === (decided?.seq ?? 0) + 1);
    const setsOff = next?.type === 'unit.status' && next.data.unitId === row.unitId && next.data.status === 'returning';
    if (row.status === 'accepted' && !setsOff) say('accepted, and the unit did not set off', { ...row, next });
  }
  for (const { moveId, decision } of operationsOf(history, 'move').filter(acknowledged))
    if (rows.get(moveId)?.status !== decisions[decision])
      say('an acknowledged decision is not there', { moveId, decision, row: rows.get(moveId) });
  return found;
};

const ENDS = ['optimal', 'feasible', 'cancelled', 'interrupted', 'done'];

export const jobRule: Check = (history, { desk }) => {
  const { found, say } = recorder('job-ends');
  if (!desk?.jobs) return found;
  const rows = new Map(desk.jobs.map((job) => [job.jobId, job]));
  for (const [key, tries] of grouped(operationsOf(history, 'job'), (each) => each.key)) {
    const ids = [...new Set(tries.filter(acknowledged).map(({ jobId }) => jobId))];
    if (ids.length > 1) say('one key was answered with several jobs', { key, ids });
    for (const id of ids) {
      const job = rows.get(id ?? '');
      if (!job || !ENDS.includes(job.status)) say('a job came to no end', { key, job });
      else if (['optimal', 'feasible', 'done'].includes(job.status) && !job.hasAnswer)
        say('a job is done and answers nothing', { key, job });
    }
  }
  return found;
};
