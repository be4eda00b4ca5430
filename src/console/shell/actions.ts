/**
 * Doing something: it is marked as under way until the service has confirmed it, and when it is refused that is said
 * where nobody can overlook it. Pages draw what is under way differently from what is true.
 */
import { signal } from '@preact/signals';
import { Refusal } from './api.ts';
import { serverNow } from './clock.ts';
import { name, speak } from './language.ts';
import { words } from './words.ts';

const say = speak('shell', words);

export interface Notice {
  readonly id: number;
  readonly kind: 'done' | 'refused' | 'unreachable';
  /** In the language of the moment it is drawn in. */
  readonly text: () => string;
  /** Milliseconds since the epoch, by the service's clock. */
  readonly at: number;
}

/** What is under way, by a key of the page's own choice such as `assign CALL UNIT`. */
export const underWay = signal<ReadonlySet<string>>(new Set());
/** The last things said, newest last. */
export const notices = signal<readonly Notice[]>([]);

const NOTICES_KEPT = 4;
const DONE_SHOWN_MS = 8_000;
let counted = 0;

export function tell(kind: Notice['kind'], text: () => string): void {
  counted += 1;
  const id = counted;
  notices.value = [...notices.value, { id, kind, text, at: serverNow() }].slice(-NOTICES_KEPT);
  // What went well needs nobody's hand to go away.
  if (kind === 'done') setTimeout(() => dismiss(id), DONE_SHOWN_MS);
}

export const dismiss = (id: number): void => {
  notices.value = notices.value.filter((each) => each.id !== id);
};

/** A refusal in words: by its code where the code has words, else with the service's own sentence. */
export function refusalText(error: unknown): string {
  if (!(error instanceof Refusal)) return say('unreachable');
  const known = name('problem', error.code);
  if (known !== error.code) return known;
  const field = error.problem.fields?.[0];
  const detail = field ? `${field.field ?? ''} ${field.detail ?? field.message ?? ''}`.trim() : error.problem.detail;
  return say('refused', { code: error.code, detail: detail ?? '' });
}

/**
 * Runs `action` under `key`; asked again while it runs, it does nothing. A failure is told as `what` and why.
 * @param what the thing done, in words: “sending demo-unit-03 to call 7”
 * @returns what the action answered, or null where it was refused, failed or already under way
 */
export async function attempt<T>(
  key: string,
  what: () => string,
  action: () => Promise<T>,
  onRefused?: (refusal: Refusal) => boolean,
): Promise<T | null> {
  if (underWay.peek().has(key)) return null;
  underWay.value = new Set([...underWay.peek(), key]);
  try {
    return await action();
  } catch (error) {
    if (!(error instanceof Refusal && onRefused?.(error)))
      tell(error instanceof Refusal ? 'refused' : 'unreachable', () =>
        say('notDone', { what: what(), why: refusalText(error) }),
      );
    return null;
  } finally {
    const rest = new Set(underWay.peek());
    rest.delete(key);
    underWay.value = rest;
  }
}
