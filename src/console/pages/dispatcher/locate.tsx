/** Nobody answers: the search that is suggested, or wanted, and where it stands. */
import { SearchPanel } from '../../locate/search-panel.tsx';
import { name, speak } from '../../shell/language.ts';
import { Part } from './answer.tsx';
import type { Desk, Shown } from './desk.ts';
import { words } from './words.ts';

const say = speak('dispatcher', words);

export function Locate({ made, shown }: { readonly made: Desk; readonly shown: Shown }) {
  const callId = made.call.value?.callId;
  const suggestion = shown.locateSuggestion;
  if (!callId) return suggestion ? <p class="flag">⚠ {name('locateWhy', suggestion.why)}</p> : null;
  return (
    <Part title={say('locate')}>
      <SearchPanel key={callId} callId={callId} suggestion={suggestion} />
    </Part>
  );
}
