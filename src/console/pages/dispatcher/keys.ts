/** What the dispatcher's keys do. */
import { useKeys } from '../../shell/keys.ts';
import { speak } from '../../shell/language.ts';
import { callOf, isWaiting } from './board.ts';
import { focusedCall, moveFocus } from './board-focus.ts';
import { sendFirst } from './deeds.ts';
import { type Desk, desk, file, open } from './desk.ts';
import { ringing, takeCall } from './line.ts';
import { switchReach } from './map-ways.ts';
import { offeredInHand, takeOfferInHand } from './offers.ts';
import { trySend } from './units.tsx';
import { words } from './words.ts';
import { hasUnit, isBusy, putAway } from './work.tsx';

const say = speak('dispatcher', words);

/** Opens a waiting call and sends the first unit that satisfies it. */
export async function sendFirstTo(callId: string): Promise<void> {
  await open(callId);
  const made = desk.peek();
  if (made?.call.peek()?.callId === callId) await sendFirst(made);
}

export function useDispatcherKeys(made: Desk | null, asking: { value: number | null }): void {
  const focus = (id: string) => () => document.getElementById(id)?.focus();
  useKeys(
    () => say('keysOfCall'),
    [
      { key: 'F2', label: () => say(ringing.value ? 'keyAnswer' : 'keyNew'), run: takeCall, whileTyping: true },
      {
        key: 'F9',
        label: () => say('keySendFirst'),
        run: () => made && void sendFirst(made),
        when: () => made !== null && !isBusy(made) && !hasUnit(made),
        whileTyping: true,
      },
      {
        key: 'Ctrl+Enter',
        label: () => say('keyFile'),
        run: () => made && void file(made),
        when: () => made !== null && made.call.value === null,
        whileTyping: true,
      },
      ...[1, 2, 3, 4, 5, 6, 7, 8, 9].map((place) => ({
        key: `Alt+${place}`,
        label: () => (place === 1 ? say('keySendNth') : ''),
        run: () => made && void trySend(made, place - 1, asking),
        when: () => Boolean(made?.shown.value?.units[place - 1]),
        whileTyping: true,
      })),
      {
        key: 'Alt+Y',
        label: () => say('keyConfirm'),
        run: () => confirmFirst(made),
        when: () => Boolean(made?.shown.value?.matches.length),
        whileTyping: true,
      },
      {
        key: 'F3',
        label: () => say('keyComplaint'),
        run: focus('complaint'),
        when: () => made !== null,
        whileTyping: true,
      },
      {
        key: 'F4',
        label: () => say('keyAddress'),
        run: focus('address'),
        when: () => made !== null,
        whileTyping: true,
      },
      {
        key: 'F6',
        label: () => say('keyPatient'),
        run: focus('patient-name'),
        when: () => made !== null,
        whileTyping: true,
      },
      { key: 'Alt+R', label: () => say('keyReach'), run: switchReach, whileTyping: true },
      { key: 'Escape', label: () => say('keyPutAway'), run: putAway, when: () => made !== null, whileTyping: true },
    ],
  );
  useKeys(
    () => say('keysOfBoard'),
    [
      { key: 'F7', label: () => say('keyBoard'), run: () => moveFocus(1), whileTyping: true },
      { key: 'ArrowDown', label: () => '', run: () => moveFocus(1), repeats: true },
      { key: 'ArrowUp', label: () => '', run: () => moveFocus(-1), repeats: true },
      { key: 'D', label: () => say('keySendFirst'), run: sendToFocused, when: () => waitingInHand() !== null },
      {
        key: 'Alt+B',
        label: () => say('keyTakeOffer'),
        run: takeOfferInHand,
        when: () => offeredInHand() !== null,
        whileTyping: true,
      },
    ],
  );
}

function confirmFirst(made: Desk | null): void {
  const first = made?.shown.peek()?.matches[0];
  if (made && first) made.fields.value = { ...made.fields.peek(), residentId: first.residentId };
}

/** The call whose row has the keyboard, else the opened one, where nobody was sent to it yet. */
function waitingInHand(): string | null {
  const callId = focusedCall() ?? desk.peek()?.call.peek()?.callId;
  const call = callId ? callOf(callId)?.peek() : undefined;
  return call && isWaiting(call) ? call.callId : null;
}

function sendToFocused(): void {
  const callId = waitingInHand();
  if (callId) void sendFirstTo(callId);
}
