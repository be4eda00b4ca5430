/** What follows from an event, as jobs that only wake somebody up: what is due is in the rows they then look at. */
import { readEvents } from '../database/events.ts';
import type { Executor } from '../database/pool.ts';
import type { EventType, StoredEvent } from '../domain/events.ts';
import type { Queues } from './port.ts';
import { EVENTS } from './relay.ts';

/** May be called twice for one event, and again after it failed. */
export type Handlers = Readonly<Partial<Record<EventType, (event: StoredEvent) => Promise<void>>>>;

/** Begins to work off events; answers the types somebody handles, for the relay. */
export function startHandlers(db: Executor, queues: Queues, handlers: Handlers): ReadonlySet<EventType> {
  queues.work(EVENTS, async ({ data }) => {
    const [event] = await readEvents(db, Number(data.seq) - 1, 1);
    if (event) await handlers[event.type]?.(event);
  });
  return new Set(Object.keys(handlers) as EventType[]);
}
