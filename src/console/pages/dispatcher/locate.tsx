/** Nobody answers: the search that is suggested, or wanted, and where it stands. */
import { attempt, underWay } from '../../shell/actions.ts';
import { ask, pathOf } from '../../shell/api.ts';
import { name, speak } from '../../shell/language.ts';
import { Part } from './answer.tsx';
import { type Desk, readAgain, type Shown } from './desk.ts';
import { words } from './words.ts';

const say = speak('dispatcher', words);
const reasons = ['callback-unanswered', 'no-answer-at-door', 'address-not-found'] as const;

export function Locate({ made, shown }: { readonly made: Desk; readonly shown: Shown }) {
  const callId = made.call.value?.callId;
  const suggestion = shown.locateSuggestion;
  if (!callId) return suggestion ? <p class="flag">⚠ {name('locateWhy', suggestion.why)}</p> : null;
  const asking = underWay.value.has(`locate ${callId}`);
  const request = (reason: string) =>
    attempt(
      `locate ${callId}`,
      () => say('askingLocate'),
      async () => {
        await ask(pathOf('v1', 'calls', callId, 'locate-requests'), { body: { reason } });
        await readAgain(callId);
      },
    );
  return (
    <Part title={say('locate')}>
      {suggestion && <p class="flag">⚠ {name('locateWhy', suggestion.why)}</p>}
      <p>
        {reasons.map((reason) => (
          <button
            key={reason}
            type="button"
            class={suggestion?.reason === reason ? 'primary' : ''}
            disabled={asking}
            onClick={() => void request(reason)}
          >
            {name('locateReason', reason)}
          </button>
        ))}
      </p>
    </Part>
  );
}
