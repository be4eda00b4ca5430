/** The guided calls: a few steps, each gone on to when it was done, and each saying what was decided and why. */
import { useSignalEffect } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { searchShown } from '../../locate/found.ts';
import { speak } from '../../shell/language.ts';
import { addressOf, isDemo } from '../../shell/session.ts';
import { callOf } from './board.ts';
import { desk } from './desk.ts';
import { beginGuide, type GuideKind, guideKind, guideStep, leaveGuide, ringAgain } from './guide-state.ts';
import { words } from './words.ts';

const say = speak('dispatcher', words);
const guides = {
  call: {
    title: 'guideStep',
    steps: ['guideRing', 'guideComplaint', 'guideQuestions', 'guideRead', 'guideWatch', 'guideDone'],
  },
  silent: {
    title: 'silentStep',
    steps: ['silentRing', 'silentSend', 'silentWatch', 'silentSearch', 'silentDone'],
  },
} as const satisfies Record<GuideKind, { readonly title: string; readonly steps: readonly string[] }>;

export function Guide() {
  useEffect(beginGuide, []);
  useSignalEffect(() => {
    const step = guideStep.value;
    if (step !== null) guideStep.value = Math.max(step, guideKind.value === 'call' ? callReached() : silentReached());
  });
  const step = guideStep.value;
  if (step === null || !isDemo.value) return null;
  const unitId = onDesk().call?.units[0]?.unitId;
  const { title, steps } = guides[guideKind.value];
  return (
    <section class="guide card" aria-label={say('guide')} aria-live="polite">
      <h3>{say(title, { step: step + 1, of: steps.length })}</h3>
      <p>{say(steps[step] ?? 'guideDone')}</p>
      <p>
        {step === 0 && (
          <button type="button" onClick={ringAgain}>
            {say('guideRingAgain')}
          </button>
        )}{' '}
        {unitId && guideKind.value === 'silent' && (
          <a href={addressOf('crew', unitId)} target="_blank" rel="noopener">
            {say('silentTablet', { unit: unitId })}
          </a>
        )}{' '}
        <button type="button" onClick={leaveGuide}>
          {say('guideLeave')}
        </button>
      </p>
    </section>
  );
}

const onDesk = () => {
  const made = desk.value;
  return {
    made,
    fields: made?.fields.value,
    call: made?.call.value ? callOf(made.call.value.callId)?.value : undefined,
  };
};

/** How far the first call has come. */
function callReached(): number {
  const { fields, call } = onDesk();
  if (call?.onSceneAt) return 5;
  if (call && call.units.length > 0) return 4;
  if (!fields?.phone) return 0;
  if (!fields.complaint) return 1;
  return fields.answers.conscious && fields.answers.breathing ? 3 : 2;
}

/** How far the search for whoever pressed has come. */
function silentReached(): number {
  const { fields, call } = onDesk();
  const search = searchShown.value;
  if (search === 'answered') return 4;
  if (search !== null) return 3;
  if (call && call.units.length > 0) return 2;
  return fields?.deviceId ? 1 : 0;
}
