/**
 * Keeps deliveries to the record platform going. What is due is in rows; jobs only wake somebody up to try one, so that
 * losing the queues loses and doubles nothing. Attempts wait for their time as delayed jobs, and a look every second
 * finds whatever no job speaks of.
 */
import { findDue } from '../care/fhir/delivery-store.ts';
import type { Deps } from '../deps.ts';
import { collectDeliveries, deliver, type Sending } from '../operations/deliver-to-platform.ts';
import { keepLooking } from './clocks.ts';
import { type Queues, QueuesUnavailable } from './port.ts';

const QUEUE = 'platform';
const AT_ONCE = 8;
const DUE_A_LOOK = 200;
/** A delivery no job reached is woken again this often. */
const AGAIN_MS = 5_000;

export interface PlatformDeps extends Pick<Deps, 'db' | 'seal' | 'clock' | 'log'>, Sending {
  readonly queues: Queues;
}

/** Answers how to stop, which waits for a look under way; attempts under way end with the queues. */
export function startPlatform(deps: PlatformDeps): { stop(): Promise<void> } {
  const { db, clock, log, queues } = deps;
  const wake = async (seq: number, attempts: number, delayMs: number, when: string) => {
    await queues.add(QUEUE, 'deliver', { seq }, { jobId: `${seq}/${attempts}/${when}`, delayMs });
  };
  queues.work(
    QUEUE,
    async ({ data }) => {
      const next = await deliver(deps, deps, Number(data.seq));
      if (!next) return;
      // Without queues the row stays due, and the next look finds it.
      await wake(next.seq, next.attempts, next.afterMs, 'next').catch((err: unknown) => {
        if (!(err instanceof QueuesUnavailable)) throw err;
      });
    },
    AT_ONCE,
  );
  return keepLooking(async () => {
    while (await collectDeliveries(deps));
    const now = clock.now();
    const due = await findDue(db, now, DUE_A_LOOK);
    // A second look before the first was worked off adds nothing: the job's name is the same for some seconds.
    for (const { seq, attempts } of due) await wake(seq, attempts, 0, String(Math.floor(now / AGAIN_MS)));
  }, log);
}
