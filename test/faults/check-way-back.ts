/**
 * The way back: each acknowledged entry, report, lesson, follow-up and completion is there exactly once with its event,
 * nothing is half there, each of its deadlines fired, and what was filed is not lost under it. Pure.
 */
import type { LoggedEvent } from './facts.ts';
import { type History, type Operation, operationsOf } from './history.ts';
import { type Check, grouped, type Rule, type Violation } from './violation.ts';
import type { WayBackFacts } from './way-back-facts.ts';

type Told = Pick<History, 'operations'>;
const acknowledged = ({ outcome }: Operation) => outcome === 'acknowledged';
/** Told no, or nothing, after an attempt whose answer was lost: it may have been done. */
const possible = (operation: Operation) => acknowledged(operation) || operation.unanswered > 0;
const recorder = (rule: Rule) => {
  const found: Violation[] = [];
  return { found, say: (what: string, evidence: unknown) => void found.push({ rule, what, evidence }) };
};
const eventsOf = (events: readonly LoggedEvent[], type: string, field: string) =>
  grouped(
    events.filter((event) => event.type === type),
    ({ data }) => String(data[field]),
  );
const times = <T>(list: readonly T[], item: T): number => list.filter((each) => each === item).length;

export const wayBackRule: Check = (history, facts) => {
  if (!facts.wayBack) return [];
  const { wayBack, events } = facts;
  return [
    ...recordRule(history, wayBack, events),
    ...outcomeRule(history, wayBack, events),
    ...lessonRule(wayBack, events),
    ...followUpRule(history, wayBack, events),
    ...planRule(wayBack),
    ...filingRule(history, wayBack),
  ];
};

/** Entries of care records: both tablets' own, what both sent once, of two that contradict the one that was taken. */
function recordRule(history: Told, { entries }: WayBackFacts, events: readonly LoggedEvent[]): Violation[] {
  const { found, say } = recorder('record-once');
  const keyOf = (callId: string, entryId: string) => `${callId} ${entryId}`;
  const rows = grouped(entries, ({ callId, entryId }) => keyOf(callId, entryId));
  const sent = new Map<string, Set<string | null>>();
  for (const operation of operationsOf(history, 'record')) {
    for (const { entryId, mark } of operation.entries) {
      const key = keyOf(operation.callId, entryId);
      if (possible(operation)) sent.set(key, (sent.get(key) ?? new Set()).add(mark));
      const there = rows.get(key) ?? [];
      if (acknowledged(operation) && (there.length !== 1 || there[0]?.mark !== mark))
        say('an acknowledged entry is not there exactly once', { key, mark, there });
    }
  }
  for (const [key, there] of rows)
    if (there.length > 1 || !sent.get(key)?.has(there[0]?.mark ?? null)) say('an entry nobody sent', { key, there });
  const told = grouped(
    events.filter(({ type }) => type === 'care.recorded'),
    ({ callId }) => String(callId),
  );
  const kept = grouped(entries, ({ callId }) => callId);
  for (const callId of new Set([...told.keys(), ...kept.keys()])) {
    const said = (told.get(callId) ?? []).reduce((sum, { data }) => sum + Number(data.entries), 0);
    const rowsThere = kept.get(callId)?.length ?? 0;
    if (said !== rowsThere) say('entries and their events differ', { callId, said, rows: rowsThere });
  }
  return found;
}

/** Reports: each once under its key and with one event, a correction in place of what it corrects, and none nobody sent. */
function outcomeRule(history: Told, { outcomes }: WayBackFacts, events: readonly LoggedEvent[]): Violation[] {
  const { found, say } = recorder('outcome-once');
  const rows = grouped(outcomes, ({ mark }) => String(mark));
  const sent = grouped(operationsOf(history, 'outcome'), ({ mark }) => mark);
  const replacedBy = new Map(
    operationsOf(history, 'outcome').flatMap((each) => (each.replaces ? [[each.replaces, each.mark]] : [])) as [
      string,
      string,
    ][],
  );
  for (const [mark, tries] of sent) {
    const there = rows.get(mark) ?? [];
    const told = [...new Set(tries.filter(acknowledged).map(({ outcomeId }) => outcomeId))];
    if (there.length > 1) say('a report is there twice', { mark, there });
    if (told.length > 1) say('one report was answered with several', { mark, told });
    for (const id of told)
      if (there[0]?.outcomeId !== id) say('an acknowledged report is not there', { mark, id, there });
    const by = replacedBy.get(mark);
    const isReplaced = by !== undefined && rows.has(by);
    if (there[0] && (there[0].state === 'superseded') !== isReplaced)
      say('a report and its correction both count, or neither', { mark, by, there });
  }
  for (const mark of rows.keys())
    if (!sent.get(mark)?.some(possible)) say('a report nobody sent', { mark, there: rows.get(mark) });
  const received = eventsOf(events, 'outcome.received', 'outcomeId');
  const ids = new Set(outcomes.map(({ outcomeId }) => outcomeId));
  for (const id of ids)
    if (received.get(id)?.length !== 1)
      say('a report was not told exactly once', { id, times: received.get(id)?.length ?? 0 });
  for (const id of received.keys()) if (!ids.has(id)) say('an event of a report that is not there', { id });
  return found;
}

/** What counts is in the history of whoever it is about, once; what does not count is in nobody's. */
function lessonRule(
  { outcomes, patients, histories, entries, followUps }: WayBackFacts,
  events: readonly LoggedEvent[],
): Violation[] {
  const { found, say } = recorder('written-back');
  const residentOf = new Map(patients.map(({ callId, residentId }) => [callId, residentId]));
  const learned = grouped(
    histories.flatMap(({ residentId, learned: each }) => each.map((lesson) => ({ ...lesson, residentId }))),
    ({ mark }) => mark,
  );
  const due = new Map<string, string>();
  for (const { mark, callId, state } of outcomes)
    if (mark !== null && state === 'matched') due.set(mark, residentOf.get(callId ?? '') ?? '');
  for (const { mark, callId, entryId } of entries)
    if (mark !== null && entryId === 'told' && residentOf.has(callId)) due.set(mark, residentOf.get(callId) ?? '');
  for (const { finding, callId, status } of followUps)
    if (finding !== null && status === 'done')
      for (const mark of [finding, `${finding}-x`]) due.set(mark, residentOf.get(callId) ?? '');
  for (const [mark, residentId] of due) {
    const there = learned.get(mark) ?? [];
    if (there.length !== 1 || there[0]?.residentId !== residentId)
      say('what was said is not in the history exactly once', { mark, residentId, there });
  }
  for (const [mark, there] of learned) if (!due.has(mark)) say('a history holds what does not count', { mark, there });
  const named = new Map<string, number>();
  for (const { type, data } of events)
    if (type === 'record.written-back')
      for (const id of data.outcomeIds as string[]) named.set(id, (named.get(id) ?? 0) + 1);
  for (const { outcomeId, state, isWrittenBack, mark } of outcomes) {
    const told = named.get(outcomeId) ?? 0;
    if (told !== (isWrittenBack ? 1 : 0)) say('a write-back was not told exactly once', { outcomeId, state, told });
    if (state === 'matched' && !isWrittenBack) say('a report counts and was never written back', { outcomeId, mark });
  }
  return found;
}

const OPEN = ['due', 'overdue'];

/** Follow-ups: each told, reminded of and handed on once for each time it was scheduled, done once by one of those who said so. */
function followUpRule(history: Told, { followUps, readAt }: WayBackFacts, events: readonly LoggedEvent[]): Violation[] {
  const { found, say } = recorder('follow-up-once');
  const own = grouped(
    events.filter(({ type }) => type.startsWith('follow-up.')),
    ({ data }) => String(data.followUpId),
  );
  const completions = grouped(operationsOf(history, 'completion'), ({ followUpId }) => followUpId);
  for (const row of followUps) {
    const log = own.get(row.followUpId) ?? [];
    const evidence = { ...row, log: log.map(({ seq, type }) => `${seq} ${type}`) };
    const latest = log.slice(log.findLastIndex(({ type }) => type === 'follow-up.scheduled'));
    const count = (type: string) => latest.filter((event) => event.type === type).length;
    if (count('follow-up.scheduled') !== 1) say('a follow-up was never told of', evidence);
    for (const type of ['follow-up.due', 'follow-up.overdue', 'follow-up.completed', 'follow-up.cancelled'])
      if (count(type) > 1) say('a follow-up was told of twice', { type, ...evidence });
    if (count('follow-up.overdue') !== (row.overdueAt === null ? 0 : 1))
      say('a follow-up and its deadline differ', evidence);
    if (row.remindedAt !== null && row.overdueAt === null && count('follow-up.due') !== 1)
      say('a reminder was not told of', evidence);
    if (row.status === 'due' && row.dueAt < readAt - LATE_MS) say('a deadline never fired', evidence);
    if (row.status === 'due' && row.remindedAt === null && row.remindAt < readAt - LATE_MS)
      say('a reminder never fired', evidence);
    if (row.overdueAt !== null && row.overdueAt < row.dueAt) say('a deadline fired early', evidence);
    if (count('follow-up.completed') !== (row.status === 'done' ? 1 : 0))
      say('a follow-up was not done exactly once', evidence);
    if (row.status === 'cancelled' && count('follow-up.cancelled') !== 1) say('a follow-up vanished', evidence);
  }
  const rows = new Map(followUps.map((row) => [row.followUpId, row]));
  for (const [followUpId, tries] of completions) {
    const row = rows.get(followUpId);
    const evidence = {
      followUpId,
      row,
      tries: tries.map(({ finding, outcome, unanswered }) => ({ finding, outcome, unanswered })),
    };
    const told = new Set(tries.filter(acknowledged).map(({ finding }) => finding));
    if (told.size > 1) say('two were told that they had done it', evidence);
    if (told.size > 0 && (row?.status !== 'done' || !told.has(row.finding ?? '')))
      say('an acknowledged completion is not there', evidence);
  }
  for (const { followUpId, status, finding } of followUps)
    if (status === 'done' && !completions.get(followUpId)?.some((each) => possible(each) && each.finding === finding))
      say('a completion nobody sent', { followUpId, finding });
  return found;
}
/** As long as a run waits for what is due. */
const LATE_MS = 30_000;

/** What the plan asks for after an infarction is asked for while a report that counts says so, and no longer. */
function planRule({ outcomes, followUps, patients, histories }: WayBackFacts): Violation[] {
  const { found, say } = recorder('follow-up-once');
  const dead = new Set(histories.filter(({ isDead }) => isDead).map(({ residentId }) => residentId));
  const tasks = grouped(followUps, ({ callId }) => callId);
  const reports = grouped(
    outcomes.filter(({ state }) => state === 'matched'),
    ({ callId }) => String(callId),
  );
  for (const { callId, residentId } of patients) {
    const asks = (reports.get(callId) ?? []).some((report) => report.asks);
    const planned = (tasks.get(callId) ?? []).filter(({ rule }) => rule.startsWith('infarction.'));
    const open = planned.filter(({ status }) => OPEN.includes(status));
    const evidence = { callId, asks, planned: planned.map(({ rule, status }) => `${rule} ${status}`) };
    if (dead.has(residentId)) {
      if (open.length > 0) say('the dead are to be visited', evidence);
    } else if (asks && planned.filter(({ status }) => status !== 'cancelled').length !== 2)
      say('what the plan asks for is not there', evidence);
    else if (!asks && open.length > 0) say('a task nothing asks for any more', evidence);
  }
  return found;
}

/** The last file stands, or one in doubt after it; what Bundles added is there once, each. */
function filingRule(history: Told, { histories }: WayBackFacts): Violation[] {
  const { found, say } = recorder('filing-kept');
  const filings = operationsOf(history, 'filing');
  const filed = new Map(histories.map((each) => [each.residentId, each.filed]));
  const anywhere = histories.flatMap((each) => each.filed);
  const replaced = grouped(
    filings.filter(({ how }) => how === 'replace'),
    ({ who }) => who,
  );
  for (const [who, tries] of replaced) {
    const sure = tries.findLastIndex(acknowledged);
    const may = tries
      .slice(Math.max(sure, 0))
      .filter(possible)
      .map(({ mark }) => mark);
    const there = filed.get(who) ?? [];
    if (sure >= 0 && (there.length !== 1 || !may.includes(there[0] as string)))
      say('the last file is not what stands', { who, there, may });
  }
  const added = grouped(
    filings.filter(({ how }) => how === 'add'),
    ({ mark }) => mark,
  );
  for (const [mark, tries] of added) {
    const there = times(anywhere, mark);
    if (there > 1 || (there === 0 && tries.some(acknowledged)) || (there === 1 && !tries.some(possible)))
      say('what a Bundle added is not there exactly once', { mark, there });
  }
  return found;
}

/** The record platform was sent all of it, each once or again after a lost answer, in order for each resident. */
export const platformRule: Check = (_, { wayBack, head }) => {
  const { found, say } = recorder('platform-once');
  if (!wayBack) return found;
  const { deliveries, platform, outcomes, patients, entries, collected } = wayBack;
  if (collected < head) say('the log was not gone through to its end', { collected, head });
  const applied = grouped(platform.applied, ({ residentId }) => residentId);
  const wanted = grouped(deliveries, ({ residentId }) => residentId);
  for (const residentId of new Set([...applied.keys(), ...wanted.keys()])) {
    const due = wanted.get(residentId) ?? [];
    const stuck = due.filter(({ state }) => state !== 'delivered');
    if (stuck.length > 0) say('a delivery never got there', { residentId, stuck });
    // The same again directly after itself is a repetition after a lost answer, and changed nothing.
    const got = (applied.get(residentId) ?? []).map(({ digest }) => digest);
    const heard = got.filter((digest, i) => digest !== got[i - 1]);
    const sent = due.filter(({ state }) => state === 'delivered').map(({ digest }) => digest);
    const inOrder = sent.filter((digest, i) => digest !== sent[i - 1]);
    if (stuck.length === 0 && heard.join() !== inOrder.join())
      say('the platform heard otherwise than was to be told', { residentId, sent: inOrder, heard });
  }
  const conditions = grouped(platform.conditions, ({ mark }) => mark);
  const isSettled = new Set(patients.map(({ callId }) => callId));
  const counts = new Map<string, boolean>();
  for (const { mark, state, callId } of outcomes)
    if (mark !== null) counts.set(mark, state === 'matched' && isSettled.has(callId ?? ''));
  for (const { mark, entryId, callId } of entries)
    if (mark !== null && entryId === 'told') counts.set(mark, isSettled.has(callId));
  for (const [mark, counting] of counts) {
    const standing = (conditions.get(mark) ?? []).filter(({ stands }) => stands).length;
    if (standing !== (counting ? 1 : 0))
      say('the platform holds otherwise than the history', { mark, counting, standing });
  }
  for (const mark of conditions.keys())
    if (!counts.has(mark) && !mark.startsWith('mark-file')) say('the platform holds what nobody said', { mark });
  return found;
};
