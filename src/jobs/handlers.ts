/** What follows from an event, as jobs that only wake somebody up: what is due is in the rows they then look at. */
import { readEvents } from '../database/events.ts';
import type { Executor } from '../database/pool.ts';
import type { EventType, StoredEvent } from '../domain/events.ts';
import type { Clock } from '../domain/time.ts';
import type { Queues } from './port.ts';
import { EVENTS } from './relay.ts';

export interface HandlerDeps {
  readonly db: Executor;
  readonly queues: Queues;
  readonly clock: Clock;
  /** Has the clocks looked at now. They are looked at anyway: this is punctuality, not the promise. */
  wakeClocks(): void;
  /** Has the messages of searches sent now; likewise. */
  wakeMessages(): void;
}

const CLOCK = 'clock';
/** A call without arrival is looked at after six minutes, whatever its target. */
const FIRST_LOOK_MS = 6 * 60_000;

/** Begins to work off events and wake-ups; answers the event types somebody handles, for the relay. */
export function startHandlers({ db, queues, clock, wakeClocks, wakeMessages }: HandlerDeps): ReadonlySet<EventType> {
  const handlers: Partial<Record<EventType, (event: StoredEvent) => Promise<void>>> = {
    async 'call.received'({ callId, data }) {
      if (callId === null) return;
      const looks = {
        early: Date.parse(String(data.receivedAt)) + FIRST_LOOK_MS,
        due: Date.parse(String(data.responseDueAt)),
      };
      for (const [look, at] of Object.entries(looks)) {
        const delayMs = Math.max(0, at - clock.now());
        await queues.add(CLOCK, look, { callId }, { jobId: `${callId}/${look}`, delayMs });
      }
    },
  };
  for (const type of ['locate.requested', 'locate.accepted', 'locate.escalated', 'locate.closed'] as const)
    handlers[type] = async () => wakeMessages();
  queues.work(EVENTS, async ({ data }) => {
    const [event] = await readEvents(db, Number(data.seq) - 1, 1);
    if (event) await handlers[event.type]?.(event);
  });
  queues.work(CLOCK, async () => wakeClocks());
  return new Set(Object.keys(handlers) as EventType[]);
}
