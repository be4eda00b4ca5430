/**
 * Deadlines. A call is late when no qualifying ambulance was there and the call had not ended by its due time: then the
 * breach was told exactly once, however long after. Otherwise it was not told, unless what made the call timely was
 * written after it: an arrival reported late, a close under way.
 */
import type { Facts, LoggedEvent } from './facts.ts';
import type { History } from './history.ts';
import { grouped, type Violation } from './violation.ts';

const WARNINGS = ['time', 'predicted'];

export function clockRule(
  _: Pick<History, 'operations'>,
  { calls, events }: Pick<Facts, 'calls' | 'events'>,
): Violation[] {
  const found: Violation[] = [];
  const say = (what: string, evidence: unknown) => found.push({ rule: 'deadline-once', what, evidence });
  const eventsOf = grouped(events, ({ callId }) => String(callId));
  for (const call of calls) {
    const { callId, dueAt, onSceneAt, endedAt } = call;
    const own = eventsOf.get(callId) ?? [];
    const breaches = own.filter(({ type }) => type === 'clock.breached');
    const [breach] = breaches;
    const evidence = { callId, dueAt, onSceneAt, endedAt, breaches: breaches.map(({ seq, at }) => ({ seq, at })) };
    if (breaches.length > 1) say('a deadline fired more than once', evidence);
    if (breach && breach.at < dueAt) say('a deadline fired before it was due', evidence);
    if (isLate(call) && !breach) say('a deadline never fired', evidence);
    if (!isLate(call) && breach && !own.some((event) => event.seq > breach.seq && madeTimely(call, event)))
      say('a deadline fired for a call that was reached or over in time', evidence);
    for (const why of WARNINGS) {
      const times = own.filter(({ type, data }) => type === 'clock.warning' && data.why === why).length;
      if (times > 1) say('a warning was given more than once', { callId, why, times });
    }
  }
  return found;
}

export const isLate = ({ dueAt, onSceneAt, endedAt }: Facts['calls'][number]): boolean =>
  (onSceneAt === null || onSceneAt > dueAt) && (endedAt === null || endedAt > dueAt);

function madeTimely({ dueAt, endedAt }: Facts['calls'][number], { type, data }: LoggedEvent): boolean {
  if (type === 'call.closed') return endedAt !== null && endedAt <= dueAt;
  return type === 'time-point.reported' && data.point === 'on-scene' && Date.parse(String(data.reportedAt)) <= dueAt;
}
