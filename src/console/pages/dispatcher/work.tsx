/** The call in hand: what is heard on the left, what was decided on the right; with nothing in hand, what can be done next. */
import { useSignal } from '@preact/signals';
import { underWay } from '../../shell/actions.ts';
import { minutes, speak } from '../../shell/language.ts';
import { Cautions, Needs, Verdict, WayIn, Who } from './answer.tsx';
import { callOf, hasEnded, isWaiting } from './board.ts';
import { ResponseClock, TalkClock } from './clock.tsx';
import { endCall, sendFirst, standDown } from './deeds.ts';
import { aside, closeDesk, type Desk, desk, discard, file, type Shown } from './desk.ts';
import { Intake } from './intake.tsx';
import { ringing, takeCall } from './line.ts';
import { Locate } from './locate.tsx';
import { complaintName } from './reference.ts';
import { Responders } from './responders.tsx';
import { Timeline } from './timeline.tsx';
import { Reason, Units } from './units.tsx';
import { words } from './words.ts';

const say = speak('dispatcher', words);

export const isBusy = (made: Desk): boolean =>
  underWay.value.has(`file ${made.key}`) ||
  [...underWay.value].some((key) => key.startsWith(`assign ${made.call.value?.callId} `));

/** Somebody is on the call: another unit is sent by its own key, never by pressing the first one twice. */
export const hasUnit = (made: Desk): boolean => {
  const callId = made.call.value?.callId;
  const call = callId === undefined ? undefined : callOf(callId)?.value;
  return call !== undefined && !isWaiting(call);
};

/** Which unit the first key would send, and when it would be there. */
function firstText({ units }: Shown): string {
  const first = units.find(({ satisfies }) => satisfies);
  if (!first) return say('sendFirst');
  const { unitId, predictedResponseSeconds: seconds, meetsTarget } = first;
  if (seconds === null) return say('sendUnit', { unit: unitId });
  return `${say('sendFirstUnit', { unit: unitId, time: minutes(seconds) })} ${meetsTarget ? '✓' : '✗'}`;
}

export function putAway(): void {
  const callId = desk.peek()?.call.peek()?.callId;
  closeDesk();
  if (callId) document.querySelector<HTMLElement>(`[data-call="${callId}"] .open`)?.focus();
}

/** Nothing in hand: what can be done next. */
export function Idle() {
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

export function Work({ made, asking }: { readonly made: Desk; readonly asking: { value: number | null } }) {
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
    <p class="deeds">
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
