/**
 * Searches: each acknowledged one is there once and was told once; nobody took one from somebody who held it in time; no
 * step was taken twice or too early; acknowledged answers stand; and each search of a call that ended was closed once.
 */
import type { Facts, LoggedEvent } from './facts.ts';
import { type History, operationsOf } from './history.ts';
import { grouped, type Violation } from './violation.ts';

export function searchRule(
  history: Pick<History, 'operations'>,
  { searches, calls, events }: Pick<Facts, 'searches' | 'calls' | 'events'>,
): Violation[] {
  const found: Violation[] = [];
  const say = (what: string, evidence: unknown) => found.push({ rule: 'search-once', what, evidence });
  const rows = new Map(searches.map((row) => [row.searchId, row]));
  const eventsOf = grouped(
    events.filter(({ type }) => type.startsWith('locate.')),
    ({ data }) => String(data.locateRequestId),
  );
  for (const [key, tries] of grouped(operationsOf(history, 'search'), (operation) => operation.key)) {
    const told = [
      ...new Set(tries.filter(({ outcome }) => outcome === 'acknowledged').map(({ searchId }) => searchId)),
    ];
    if (told.length > 1) say('one key was answered with several searches', { key, told });
    for (const id of told) if (id === null || !rows.has(id)) say('an acknowledged search is not there', { key, id });
  }
  for (const { searchId, callId, status, dueAt } of searches) {
    const own = eventsOf.get(searchId) ?? [];
    const evidence = { searchId, events: own.map(({ type, seq }) => `${seq} ${type}`) };
    if (own.filter(({ type }) => type === 'locate.requested').length !== 1)
      say('a search was not told exactly once', evidence);
    const ended = calls.some((call) => call.callId === callId && call.endedAt !== null);
    const closes = own.filter(({ type }) => type === 'locate.closed').length;
    if (closes !== (status === 'closed' ? 1 : 0)) say('a search was closed not exactly once', { ...evidence, status });
    if (ended && status !== 'closed') say('a search outlived its call', { ...evidence, status });
    if (!ended && dueAt !== null && dueAt < Date.now() - 30_000)
      say('a deadline was never taken', { ...evidence, dueAt });
    for (const broken of brokenHolds(own)) say(broken, evidence);
    for (const broken of brokenSteps(own)) say(broken, evidence);
  }
  for (const { searchId, centreId, outcome } of operationsOf(history, 'hold')) {
    if (outcome !== 'acknowledged') continue;
    const holds = (eventsOf.get(searchId) ?? []).filter(
      ({ type, data }) => type === 'locate.accepted' && data.centreId === centreId,
    );
    if (holds.length === 0) say('an acknowledged hold is not there', { searchId, centreId });
  }
  for (const { searchId, centreId, outcome } of operationsOf(history, 'find')) {
    const answers = rows.get(searchId)?.answers ?? [];
    const own = answers.filter((answer) => answer.centreId === centreId);
    if (outcome === 'acknowledged' && own.length === 0)
      say('an acknowledged answer is not there', { searchId, centreId });
    if (answers.filter(({ stands }) => stands).length > 1) say('two answers stand', { searchId, answers });
  }
  return found;
}

/** Between two holders lies an escalation: the first was late, or gave it back. */
function brokenHolds(own: readonly LoggedEvent[]): string[] {
  let isHeld = false;
  const found: string[] = [];
  for (const { type } of own) {
    if (type === 'locate.accepted') {
      if (isHeld) found.push('a search was held by two at a time');
      isHeld = true;
    }
    if (type === 'locate.escalated' || type === 'locate.declined') isHeld = false;
  }
  return found;
}

function brokenSteps(own: readonly LoggedEvent[]): string[] {
  const steps = own.filter(({ type }) => type === 'locate.escalated');
  const found: string[] = [];
  const asked = new Set<unknown>();
  for (const { at, data } of steps) {
    if (at < Date.parse(String(data.wasDueAt))) found.push('a step was taken before it was due');
    for (const centre of (data.asks as readonly unknown[]) ?? []) {
      if (asked.has(centre)) found.push('a centre was asked twice');
      asked.add(centre);
    }
  }
  return found;
}
