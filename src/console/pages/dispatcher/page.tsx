/** The dispatcher's console: the board on the left, the call in hand in the middle, the map and what happened on the right. */
import { useSignal } from '@preact/signals';
import { underWay } from '../../shell/actions.ts';
import { useCatchUp, useEvents } from '../../shell/hooks.ts';
import { useKeys } from '../../shell/keys.ts';
import { minutes, speak } from '../../shell/language.ts';
import { connection } from '../../shell/live.ts';
import { Cautions, Needs, Verdict, WayIn, Who } from './answer.tsx';
import { callOf, hasEnded, hearBoard, isWaiting, readBoard } from './board.ts';
import { Board, focusedCall, moveFocus } from './board-view.tsx';
import { ResponseClock, TalkClock } from './clock.tsx';
import { Day } from './day.tsx';
import {
  aside,
  closeDesk,
  type Desk,
  desk,
  discard,
  endCall,
  file,
  fileUnanswered,
  open,
  readAgain,
  type Shown,
  sendFirst,
  standDown,
} from './desk.ts';
import { hearPosition, readFleet } from './fleet.ts';
import { Guide } from './guide.tsx';
import { Intake } from './intake.tsx';
import { ringing, takeCall } from './line.ts';
import { Locate } from './locate.tsx';
import { DispatcherMap, switchReach } from './map.tsx';
import { Moves } from './moves.tsx';
import { complaintName, readReference } from './reference.ts';
import { Responders } from './responders.tsx';
import { Timeline } from './timeline.tsx';
import { Reason, trySend, Units } from './units.tsx';
import { words } from './words.ts';
import './style.css';

const say = speak('dispatcher', words);

/** Of the call on the desk these change what is shown of it. */
const TELLING = [
  'call.updated',
  'recommendation.changed',
  'unit.assigned',
  'unit.stood-down',
  'time-point.reported',
  'clock.warning',
  'clock.breached',
  'unit.offered',
  'call.closed',
];
const READ_AGAIN_MS = 250;

let readingAgain = 0;
function readAgainSoon(callId: string): void {
  clearTimeout(readingAgain);
  readingAgain = window.setTimeout(() => void readAgain(callId).catch(() => {}), READ_AGAIN_MS);
}

/** Opens a waiting call and sends the first unit that satisfies it. */
async function sendFirstTo(callId: string): Promise<void> {
  await open(callId);
  const made = desk.peek();
  if (made?.call.peek()?.callId === callId) await sendFirst(made);
}

export default function DispatcherPage() {
  const asking = useSignal<number | null>(null);
  useCatchUp(async () => {
    await Promise.all([readReference(), readBoard(), readFleet()]);
    fileUnanswered();
    const opened = desk.peek()?.call.peek();
    if (opened && connection.peek() !== 'connecting') await readAgain(opened.callId);
  });
  useEvents((event) => {
    if (event.type === 'unit.position') return hearPosition(event);
    hearBoard(event);
    if (event.callId && TELLING.includes(event.type) && event.callId === desk.peek()?.call.peek()?.callId)
      readAgainSoon(event.callId);
  });
  const made = desk.value;
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
    ],
  );
  return (
    <div class="dispatcher">
      <aside class="left">
        <Board onSendFirst={(callId) => void sendFirstTo(callId)} />
        <Moves />
        <Day />
      </aside>
      {made ? <Work key={made.key} made={made} asking={asking} /> : <Idle />}
      <div class="right">
        <DispatcherMap />
      </div>
      <Guide />
    </div>
  );
}

const isBusy = (made: Desk): boolean =>
  underWay.value.has(`file ${made.key}`) ||
  [...underWay.value].some((key) => key.startsWith(`assign ${made.call.value?.callId} `));

/** Which unit the first key would send, and when it would be there. */
function firstText({ units }: Shown): string {
  const first = units.find(({ satisfies }) => satisfies);
  if (!first) return say('sendFirst');
  const { unitId, predictedResponseSeconds: seconds, meetsTarget } = first;
  if (seconds === null) return say('sendUnit', { unit: unitId });
  return `${say('sendFirstUnit', { unit: unitId, time: minutes(seconds) })} ${meetsTarget ? '✓' : '✗'}`;
}

/** Somebody is on the call: another unit is sent by its own key, never by pressing the first one twice. */
const hasUnit = (made: Desk): boolean => {
  const callId = made.call.value?.callId;
  const call = callId === undefined ? undefined : callOf(callId)?.value;
  return call !== undefined && !isWaiting(call);
};

function confirmFirst(made: Desk | null): void {
  const first = made?.shown.peek()?.matches[0];
  if (made && first) made.fields.value = { ...made.fields.peek(), residentId: first.residentId };
}

function putAway(): void {
  const callId = desk.peek()?.call.peek()?.callId;
  closeDesk();
  if (callId) document.querySelector<HTMLElement>(`[data-call="${callId}"] .open`)?.focus();
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

/** Nothing in hand: what can be done next. */
function Idle() {
  return (
    <section class="work idle" aria-label={say('work')}>
      <p>
        <button type="button" class="primary big" onClick={takeCall}>
          {say(ringing.value ? 'keyAnswer' : 'keyNew')} <kbd>F2</kbd>
        </button>
      </p>
      <p class="quiet">{say('idleHint')}</p>
      {aside.value.length > 0 && <p class="soon">{say('asideHint', { count: aside.value.length })}</p>}
    </section>
  );
}

/** The call in hand: what is heard on the left, what was decided on the right. */
function Work({ made, asking }: { readonly made: Desk; readonly asking: { value: number | null } }) {
  const filed = made.call.value;
  const shown = made.shown.value;
  const call = filed ? callOf(filed.callId)?.value : undefined;
  const ended = call ? hasEnded(call) : false;
  // Nobody answers, or the crew stands before the door: where they may be is then what matters most.
  const searchFirst = !ended && (call?.status === 'on-scene' || Boolean(shown?.locateSuggestion));
  const filing = underWay.value.has(`file ${made.key}`);
  return (
    <section id="call" class={`work ${filing ? 'under-way' : ''}`} aria-label={say('work')} tabIndex={-1}>
      <header class="work-head">
        <h2>
          {filed
            ? say('callNumber', { number: filed.number, complaint: complaintName(made.fields.value.complaint) })
            : say('newCall')}
        </h2>
        {call ? <ResponseClock call={call} /> : <TalkClock since={made.answeredAt} />}
        {filed ? (
          <button type="button" onClick={putAway}>
            {say('shut')} <kbd>Esc</kbd>
          </button>
        ) : (
          <>
            <button type="button" disabled={filing} onClick={() => void file(made)}>
              {say('fileOnly')} <kbd>Ctrl+Enter</kbd>
            </button>
            <button type="button" onClick={() => discard(made)}>
              {say('discard')}
            </button>
          </>
        )}
      </header>
      <div class="work-columns">
        <div class="heard">
          <Intake made={made} />
          {filed && <Timeline made={made} />}
        </div>
        <div class="decided">
          {shown ? (
            <>
              <Verdict shown={shown} />
              {call && <OnIt call={call} />}
              {!ended && shown.recommendation && !hasUnit(made) && (
                <p>
                  <button
                    type="button"
                    class="primary big"
                    disabled={isBusy(made)}
                    onClick={() => void sendFirst(made)}
                  >
                    {isBusy(made) ? say('sendingNow') : firstText(shown)} <kbd>F9</kbd>
                  </button>
                </p>
              )}
              {searchFirst && <Locate made={made} shown={shown} />}
              <Who made={made} shown={shown} />
              <Cautions shown={shown} />
              {!ended && shown.recommendation && (
                <details class="units-part" open={!hasUnit(made)}>
                  <summary>{say(hasUnit(made) ? 'sendAnother' : 'units')}</summary>
                  <Units made={made} shown={shown} asking={asking} />
                </details>
              )}
              {filed && !ended && <Responders callId={filed.callId} />}
              {!searchFirst && <Locate made={made} shown={shown} />}
              <WayIn shown={shown} />
              <Needs made={made} shown={shown} />
              {call && !ended && <Ending callId={call.callId} />}
            </>
          ) : (
            <p class="quiet">{say('nothingYet')}</p>
          )}
        </div>
      </div>
    </section>
  );
}

/** The units on the call, and taking them off again. */
function OnIt({ call }: { readonly call: NonNullable<ReturnType<typeof callOf>>['value'] }) {
  if (call.units.length === 0) return null;
  return (
    <ul class="plain on-it">
      {call.units.map(({ unitId }) => (
        <li key={unitId} class={underWay.value.has(`stand-down ${call.callId} ${unitId}`) ? 'under-way' : ''}>
          {unitId}{' '}
          <button
            type="button"
            aria-label={say('standDownUnit', { unit: unitId })}
            onClick={() => void standDown(call.callId, unitId)}
          >
            {say('standDown')}
          </button>
        </li>
      ))}
    </ul>
  );
}

function Ending({ callId }: { readonly callId: string }) {
  const ending = useSignal<'close' | 'cancel' | null>(null);
  const chosen = ending.value;
  const back = () => {
    ending.value = null;
  };
  if (chosen)
    return (
      <Reason
        question={say('whyEnd')}
        onBack={back}
        onGiven={(reason) => {
          back();
          void endCall(callId, chosen, reason);
        }}
      />
    );
  return (
    <p>
      {(['close', 'cancel'] as const).map((each) => (
        <button
          key={each}
          type="button"
          onClick={() => {
            ending.value = each;
          }}
        >
          {say(each === 'close' ? 'closeCall' : 'cancelCall')}
        </button>
      ))}
    </p>
  );
}
