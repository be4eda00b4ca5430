/** Where the guided calls are; asked for on the start page, which leaves word in the tab. */
import { signal } from '@preact/signals';
import { demoCalls } from './demo-calls.ts';
import { ring } from './line.ts';

const WORD = 'precision-dispatch.guide';
const RINGS_AFTER_MS = 1_500;

/** The first call, or one where nobody opens. */
export type GuideKind = 'call' | 'silent';
const callers: Readonly<Record<GuideKind, (typeof demoCalls)[number]['key']>> = {
  call: 'tryKnown',
  silent: 'tryDevice',
};
export const guideKind = signal<GuideKind>('call');

/** Null: not guided. */
export const guideStep = signal<number | null>(null);

export function leaveGuide(): void {
  guideStep.value = null;
}

export const ringAgain = (): void => ring(demoCalls.find(({ key }) => key === callers[guideKind.peek()])?.fields ?? {});

/** Where the start page left word: the invented caller rings when somebody had time to look around. */
export function beginGuide(): void {
  const word = sessionStorage.getItem(WORD);
  if (word !== 'call' && word !== 'silent') return;
  sessionStorage.removeItem(WORD);
  guideKind.value = word;
  guideStep.value = 0;
  setTimeout(() => guideStep.peek() === 0 && ringAgain(), RINGS_AFTER_MS);
}
