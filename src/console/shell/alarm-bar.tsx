/** Standing alarms, each with its button, and whether the page may sound. */
import { acknowledge, alarms, canSound, isMuted, switchSound } from './alarms.ts';
import { clockTime, speak } from './language.ts';
import { words } from './words.ts';

const say = speak('shell', words);

export function AlarmBar() {
  if (alarms.value.length === 0) return null;
  return (
    <section class="alarms" aria-label={say('alarms')}>
      <ul aria-live="assertive">
        {alarms.value.map(({ key, text, level, raisedAt }) => (
          <li key={key} class={level}>
            <span aria-hidden="true">{level === 'urgent' ? '‼' : '!'} </span>
            <time>{clockTime(raisedAt)}</time> {text()}{' '}
            <button type="button" aria-keyshortcuts="F8" onClick={() => acknowledge(key)?.open?.()}>
              {say('acknowledgeOne')} <kbd>F8</kbd>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

export function SoundButton() {
  const blocked = !isMuted.value && !canSound.value;
  return (
    <>
      {blocked && alarms.value.length > 0 && <span class="soon">{say('soundBlocked')}</span>}
      <button type="button" aria-pressed={!isMuted.value} onClick={switchSound}>
        {say(isMuted.value ? 'soundOff' : 'soundOn')}
      </button>
    </>
  );
}
