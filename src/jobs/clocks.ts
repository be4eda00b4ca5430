/** Looks at the clocks every second, on every instance: deadlines are rows, so one that slept or lost Redis catches up. */
import type { QueueLog } from './port.ts';

const EVERY_MS = 1_000;

/** Calls `look` again and again, never twice at once. Answers how to stop, which waits for a look under way. */
export function keepLooking(
  look: () => Promise<void>,
  log: QueueLog,
  everyMs = EVERY_MS,
): { now(): void; stop(): Promise<void> } {
  let stopped = false;
  let under: Promise<void> | null = null;
  const run = () => {
    if (stopped || under) return;
    under = look()
      .catch((err: unknown) => log.warn({ err }, 'the clocks could not be looked at; tried again in a second'))
      .finally(() => {
        under = null;
      });
  };
  const timer = setInterval(run, everyMs);
  return {
    now: run,
    async stop() {
      stopped = true;
      clearInterval(timer);
      await under;
    },
  };
}
