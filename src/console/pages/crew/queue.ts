/**
 * What the crew reported and the service has not confirmed. Kept in the tablet, so that a tunnel, a dead radio or a
 * restart loses nothing; sent in the order it happened, each with the time it happened.
 */
import { effect, signal } from '@preact/signals';
import type { RunPoint } from '../../../domain/run.ts';
import { refusalText, tell } from '../../shell/actions.ts';
import { ask, pathOf, Refusal } from '../../shell/api.ts';
import { name, speak } from '../../shell/language.ts';
import { connection } from '../../shell/live.ts';
import { words } from './words.ts';

const say = speak('crew', words);

export interface Report {
  readonly unitId: string;
  readonly callId: string;
  readonly point: RunPoint;
  /** RFC 3339, by the service's clock as far as the tablet knows it. */
  readonly at: string;
}

const KEY = 'precision-dispatch.reports';
const TRY_AGAIN_MS = 3_000;

const kept = (): Report[] => {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? '[]') as Report[];
  } catch {
    return [];
  }
};

export const queue = signal<readonly Report[]>(kept());
effect(() => localStorage.setItem(KEY, JSON.stringify(queue.value)));
// Another tab of the same tablet may have sent some.
addEventListener('storage', ({ key }) => {
  if (key === KEY) queue.value = kept();
});

let sending = false;

export function report(one: Report): void {
  queue.value = [...queue.peek(), one];
  void sendQueued(one.unitId);
}

/** Sends what waits, oldest first; what is refused is said and taken out, what gets no answer stays. */
export async function sendQueued(unitId: string): Promise<void> {
  if (sending) return;
  sending = true;
  try {
    for (let first = next(unitId); first; first = next(unitId)) {
      const { callId, point, at } = first;
      try {
        await ask(pathOf('v1', 'units', unitId, 'time-points'), { body: { callId, point, at } });
      } catch (error) {
        if (!(error instanceof Refusal) || error.status >= 500 || error.status === 429) {
          setTimeout(() => void sendQueued(unitId), TRY_AGAIN_MS);
          return;
        }
        tell('refused', () => say('notTaken', { point: name('point', point), why: refusalText(error) }));
      }
      const done = first;
      queue.value = queue.peek().filter((each) => each !== done && JSON.stringify(each) !== JSON.stringify(done));
    }
  } finally {
    sending = false;
  }
}

const next = (unitId: string): Report | undefined => queue.peek().find((each) => each.unitId === unitId);

/** Sends what waits as soon as the service is there again. */
export function sendWhenBack(unitId: string): () => void {
  return effect(() => {
    if (connection.value === 'live' || connection.value === 'polled') void sendQueued(unitId);
  });
}
