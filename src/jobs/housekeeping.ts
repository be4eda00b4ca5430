/** What has to be cleared away now and then: one recurring job, run by whichever instance takes it. */
import type { Queues } from './port.ts';

const QUEUE = 'housekeeping';
const EVERY_MS = 10 * 60_000;

/** `housekeep` may run again before its last run is seen as done, so it must not mind. */
export async function keepHouse(queues: Queues, housekeep: () => Promise<unknown>, everyMs = EVERY_MS): Promise<void> {
  queues.work(QUEUE, async () => void (await housekeep()), 1);
  await queues.every(QUEUE, 'housekeep', everyMs);
}
