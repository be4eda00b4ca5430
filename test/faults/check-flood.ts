/**
 * A flood of searches when all is quiet again and no call has ended yet: one search a call, every deadline taken, once, and
 * in the order of the ladder; where one was answered exactly one answer stands.
 */
import type { Facts, LoggedEvent } from './facts.ts';
import { grouped, type Violation } from './violation.ts';

const OPEN = ['requested', 'accepted', 'escalated'];

/** @param steps of the ladder, its first among them */
export function floodRule({ calls, searches, events }: Pick<Facts, 'calls' | 'searches' | 'events'>, steps: number) {
  const found: Violation[] = [];
  const say = (what: string, evidence: unknown) => found.push({ rule: 'search-once', what, evidence });
  const ofCall = grouped(searches, ({ callId }) => callId);
  for (const { callId } of calls)
    if (ofCall.get(callId)?.length !== 1) say('a call has not exactly one search', { callId, is: ofCall.get(callId) });
  const eventsOf = grouped(
    events.filter(({ type }) => type.startsWith('locate.')),
    ({ data }) => String(data.locateRequestId),
  );
  for (const { searchId, status, dueAt, answers } of searches) {
    const own = eventsOf.get(searchId) ?? [];
    const taken = own.filter(({ type }) => type === 'locate.escalated');
    const evidence = { searchId, status, dueAt, events: own.map(({ type, seq }) => `${seq} ${type}`) };
    const deadlines = taken.map(({ data }) => data.wasDueAt);
    if (new Set(deadlines).size !== deadlines.length) say('a deadline was taken twice', evidence);
    if (wentOn(own)) say('a ladder went on after its end', evidence);
    if (OPEN.includes(status) && (dueAt !== null || taken.at(-1)?.data.ended !== true))
      say('a deadline was never taken', evidence);
    const everHeld = own.some(({ type }) => type === 'locate.accepted');
    if (!everHeld && taken.length !== steps - 1) say('a search nobody held did not climb step by step', evidence);
    const standing = answers.filter(({ stands }) => stands).length;
    if (standing !== (status === 'answered' ? 1 : 0)) say('not exactly one answer stands', { ...evidence, answers });
  }
  return found;
}

/** Beyond its end a search only waits; who takes it even then has a deadline again. */
function wentOn(own: readonly LoggedEvent[]): boolean {
  let ended = false;
  for (const { type, data } of own) {
    if (type === 'locate.accepted') ended = false;
    if (type !== 'locate.escalated') continue;
    if (ended) return true;
    ended = data.ended === true;
  }
  return false;
}
