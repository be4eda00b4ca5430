/**
 * Looks again and again at rows with a due time, on every instance, and besides at the moment the next is due: deadlines
 * are rows, so an instance that slept catches up, and nothing but the database has to be there for one to be kept.
 */
import type { QueueLog } from './port.ts';

const EVERY_MS = 1_000;

/**
 * Calls `look` every `everyMs`, never twice at once. A number it answers is how many milliseconds from then something is
 * due. `now` has it look at once, or once more where it is at it; `stop` waits for a look under way.
 */
export function keepLooking(
  look: () => Promise<unknown>,
  log: QueueLog,
  everyMs = EVERY_MS,
): { now(): void; stop(): Promise<void> } {
  let stopped = false;
  let looking = false;
  let again = false;
  let timer: NodeJS.Timeout | undefined;
  let under = Promise.resolve();

  async function run(): Promise<void> {
    looking = true;
    again = false;
    let waitMs = everyMs;
    try {
      const dueInMs = await look();
      if (typeof dueInMs === 'number') waitMs = Math.max(0, Math.min(everyMs, dueInMs));
    } catch (err) {
      log.warn({ err }, 'what is due could not be looked at; tried again soon');
    }
    looking = false;
    if (!stopped) wait(again ? 0 : waitMs);
  }
  function wait(ms: number): void {
    clearTimeout(timer);
    timer = setTimeout(() => {
      under = run();
    }, ms);
  }
  wait(0);
  return {
    now() {
      if (looking) again = true;
      else if (!stopped) wait(0);
    },
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await under;
    },
  };
}
