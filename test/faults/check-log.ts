/** The event log, and consoles beside it: no gap, and each event seen once and in order by whoever may see it. */
import type { EventType, StoredEvent } from '../../src/domain/events.ts';
import { CrewLog } from '../../src/live/crews.ts';
import { sightOf } from '../../src/live/rooms.ts';
import type { Operation } from './history.ts';
import type { Check, Violation } from './violation.ts';

/** What the event an answer names has to be. */
const eventOf: Readonly<Record<Operation['kind'], readonly string[]>> = {
  call: ['call.received'],
  update: ['call.updated', 'recommendation.changed'],
  assignment: ['unit.status'],
  report: ['time-point.reported', 'unit.status', 'call.closed', 'clock.breached'],
  'stand-down': ['unit.status'],
  close: ['call.closed'],
  search: ['locate.requested'],
  hold: ['locate.accepted'],
  find: ['locate.answered', 'locate.commented'],
  record: ['care.recorded', 'record.written-back', 'follow-up.scheduled'],
  outcome: [],
  completion: ['follow-up.completed'],
  filing: [],
  alert: [],
  'alert-answer': [],
  move: [],
  job: [],
};

/** The log has no gap and no end before its head, and every event an answer named is in it. */
export const logRule: Check = (history, { events, head }) => {
  const found: Violation[] = [];
  const say = (what: string, evidence: unknown) => found.push({ rule: 'log-whole', what, evidence });
  events.forEach(({ seq }, i) => {
    const expected = (events[i - 1]?.seq ?? 0) + 1;
    if (seq !== expected) say('a gap in the log', { expected, seq });
  });
  if ((events.at(-1)?.seq ?? 0) !== head) say('the head is not the last event', { head, last: events.at(-1)?.seq });
  const bySeq = new Map(events.map((event) => [event.seq, event]));
  for (const { kind, callId, seq } of history.operations) {
    if (seq === null) continue;
    const event = bySeq.get(seq);
    if (!event || event.callId !== callId || !eventOf[kind].includes(event.type))
      say('the event an answer named is not in the log', {
        kind,
        callId,
        seq,
        event: event && { type: event.type, callId: event.callId },
      });
  }
  return found;
};

/** Each console saw, over all its connections, every event it may see after its beginning: each once, in order. */
export const consoleRule: Check = (history, { events }) => {
  const crews = new CrewLog(Infinity);
  const stored = events.map(
    (event): StoredEvent => ({ ...event, type: event.type as EventType, at: String(event.at) }),
  );
  for (const event of stored) crews.take(event);
  return history.consoles.flatMap((each) => {
    const { name, from, seen, lost } = each;
    const say = (what: string, evidence: object): Violation => ({
      rule: 'console-order',
      what,
      evidence: { console: name, ...evidence },
    });
    if (from === null) return [say('a console was never greeted', {})];
    const due = stored.filter((event) => event.seq > from && sightOf(each, event, crews) !== null);
    const found = lost.map((greeting) => say('a console was told to begin elsewhere', greeting));
    const at = due.findIndex(
      ({ seq, type, callId }, i) => seen[i]?.seq !== seq || seen[i]?.type !== type || seen[i]?.callId !== callId,
    );
    const first = at >= 0 ? at : seen.length > due.length ? due.length : -1;
    if (first >= 0) {
      const part = (list: readonly { readonly seq: number; readonly type: string }[]) =>
        list.slice(first, first + 3).map(({ seq, type }) => `${seq} ${type}`);
      found.push(say('a console did not see each event once and in order', { due: part(due), seen: part(seen) }));
    }
    return found;
  });
};
