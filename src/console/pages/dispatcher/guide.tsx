/** The guided first call: five steps, each gone on to when it was done, and each saying what was decided and why. */
import { useSignalEffect } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { speak } from '../../shell/language.ts';
import { isDemo } from '../../shell/session.ts';
import { callOf } from './board.ts';
import { demoCalls } from './demo-calls.ts';
import { desk } from './desk.ts';
import { beginGuide, guideStep, leaveGuide } from './guide-state.ts';
import { ring } from './line.ts';
import { words } from './words.ts';

const say = speak('dispatcher', words);
const steps = ['guideRing', 'guideComplaint', 'guideQuestions', 'guideRead', 'guideWatch', 'guideDone'] as const;

export function Guide() {
  useEffect(beginGuide, []);
  useSignalEffect(() => {
    const step = guideStep.value;
    const made = desk.value;
    const fields = made?.fields.value;
    const call = made?.call.value ? callOf(made.call.value.callId)?.value : undefined;
    if (step === 0 && fields?.phone) guideStep.value = 1;
    else if (step === 1 && fields?.complaint) guideStep.value = 2;
    else if (step === 2 && fields?.answers.conscious && fields.answers.breathing) guideStep.value = 3;
    else if (step !== null && step < 4 && call && call.units.length > 0) guideStep.value = 4;
    else if (step === 4 && call?.onSceneAt) guideStep.value = 5;
  });
  const step = guideStep.value;
  if (step === null || !isDemo.value) return null;
  const key = steps[step] ?? 'guideDone';
  return (
    <section class="guide card" aria-label={say('guide')} aria-live="polite">
      <h3>{say('guideStep', { step: step + 1, of: steps.length })}</h3>
      <p>{say(key)}</p>
      <p>
        {step === 0 && (
          <button type="button" onClick={() => ring(demoCalls[0].fields)}>
            {say('guideRingAgain')}
          </button>
        )}{' '}
        <button type="button" onClick={leaveGuide}>
          {say('guideLeave')}
        </button>
      </p>
    </section>
  );
}
