/** Whether a call should be searched for while the ambulance is still on its way. Pure. */
import type { Channel, LocateReason } from '../domain/vocabulary.ts';

export interface Suggestion {
  readonly reason: LocateReason;
  /** `silent-press`: a key was pressed and nobody spoke. `callback-unanswered`: nobody took the call-back. `silent-call`: an open line without a voice. */
  readonly why: 'silent-press' | 'callback-unanswered' | 'silent-call';
}

const PRESSED: readonly Channel[] = ['one-key', 'wearable'];
const SPOKE = ['wants-no-help', 'needs-help'];

/** Suggested, never done by itself: the dispatcher confirms with one key. */
export function suggestLocate(
  channel: Channel,
  complaint: { readonly code: string; readonly answers?: Readonly<Record<string, string>> | undefined },
): Suggestion | null {
  const { code, answers = {} } = complaint;
  if (code === 'device-alarm' && answers.answer === 'no-answer')
    return { reason: 'callback-unanswered', why: 'callback-unanswered' };
  if (code === 'silent-call') return { reason: 'callback-unanswered', why: 'silent-call' };
  // Whoever says how they are is there to speak.
  const spoke = SPOKE.includes(answers.answer ?? '') || answers.conscious === 'yes';
  if (code === 'device-alarm' && PRESSED.includes(channel) && !spoke)
    return { reason: 'callback-unanswered', why: 'silent-press' };
  return null;
}
