/** Where the guided first call is; asked for on the start page, which leaves word in the tab. */
import { signal } from '@preact/signals';
import { demoCalls } from './demo-calls.ts';
import { ring } from './line.ts';

const WORD = 'precision-dispatch.guide';
const RINGS_AFTER_MS = 1_500;

/** Null: not guided. */
export const guideStep = signal<number | null>(null);

export function leaveGuide(): void {
  guideStep.value = null;
}

/** Where the start page left word: the invented caller rings when somebody had time to look around. */
export function beginGuide(): void {
  if (sessionStorage.getItem(WORD) !== 'yes') return;
  sessionStorage.removeItem(WORD);
  guideStep.value = 0;
  setTimeout(() => guideStep.peek() === 0 && ring(demoCalls[0].fields), RINGS_AFTER_MS);
}
