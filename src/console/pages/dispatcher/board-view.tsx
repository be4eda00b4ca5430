/** The board: every call that is open, what its clock says, who is on it, what can still be done. */
import type { Signal } from '@preact/signals';
import { useSignal } from '@preact/signals';
import { underWay } from '../../shell/actions.ts';
import { areaName } from '../../shell/gazetteer.ts';
import { clockTime, name, speak } from '../../shell/language.ts';
import { type BoardCall, board, hasEnded, isWaiting } from './board.ts';
import { CanStill } from './can-still.tsx';
import { ResponseClock, TalkClock } from './clock.tsx';
import { aside, desk, discard, open, takeUp } from './desk.ts';
import { complaintName } from './reference.ts';
import { words } from './words.ts';

const say = speak('dispatcher', words);

export function Board({ onSendFirst }: { readonly onSendFirst: (callId: string) => void }) {
  const showEnded = useSignal(true);
  const all = board.value;
  const live = all.filter((each) => !hasEnded(each.peek()));
  const ended = all.slice(live.length);
  return (
    <section class="board" aria-labelledby="board-title">
      <h2 id="board-title">{say('openCalls', { count: live.length })}</h2>
      {aside.value.length > 0 && (
        <ul class="plain aside">
          {aside.value.map((one) => (
            <li key={one.key}>
              <TalkClock since={one.answeredAt} /> {say('unfinished')}{' '}
              {one.fields.value.phone || one.fields.value.address}{' '}
              <button type="button" onClick={() => takeUp(one)}>
                {say('takeUp')}
              </button>{' '}
              <button type="button" onClick={() => discard(one)}>
                {say('discard')}
              </button>
            </li>
          ))}
        </ul>
      )}
      {live.length === 0 && <p id="empty">{say('noCalls')}</p>}
      <ul id="calls" class="rows">
        {live.map((call) => (
          <Row key={call.peek().callId} call={call} onSendFirst={onSendFirst} />
        ))}
      </ul>
      {ended.length > 0 && (
        <details
          open={showEnded.value}
          onToggle={({ currentTarget }) => {
            showEnded.value = currentTarget.open;
          }}
        >
          <summary>{say('latestEnded')}</summary>
          <ul class="rows ended">
            {ended.map((call) => (
              <Row key={call.peek().callId} call={call} onSendFirst={onSendFirst} />
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}

const placeText = ({ subdistrictCode, address, position }: BoardCall['location']): string =>
  [subdistrictCode && areaName(subdistrictCode), address].filter(Boolean).join(' · ') ||
  (position ? `${position.lat.toFixed(5)}, ${position.lon.toFixed(5)}` : say('placeUnknown'));

function Row({
  call: source,
  onSendFirst,
}: {
  readonly call: Signal<BoardCall>;
  readonly onSendFirst: (callId: string) => void;
}) {
  const call = source.value;
  const { callId, number, units } = call;
  const isOpened = desk.value?.call.value?.callId === callId;
  const sending = [...underWay.value].find((key) => key.startsWith(`assign ${callId} `))?.split(' ')[2];
  return (
    <li
      data-call={callId}
      class={`${isOpened ? 'opened' : ''} ${isWaiting(call) ? 'waiting' : ''}`}
      aria-current={isOpened}
    >
      <button type="button" class="open" aria-label={say('openCall', { number })} onClick={() => void open(callId)}>
        <span class="row-head">
          <span class={`priority priority-${call.priority}`}>{name('priority', call.priority)}</span>
          <strong>{complaintName(call.complaint)}</strong>
          <span class="quiet">
            {number} · {clockTime(call.receivedAt)}
          </span>
        </span>
        <ResponseClock call={call} />
        <span class="where" dir="auto">
          {placeText(call.location)}
        </span>
        <span class="progress">
          <strong>{name('call', call.status)}</strong>
          {isWaiting(call) && <> · {name('vehicle', call.vehicleType)}</>}
          {units.map(({ unitId, status, predictedOnSceneAt }) => (
            <span key={unitId} class="unit-line">
              {unitId} {name('unit', status)}
              {['notified', 'en-route'].includes(status) && predictedOnSceneAt && (
                <> · {say('thereBy', { time: clockTime(predictedOnSceneAt) })}</>
              )}
            </span>
          ))}
          {sending && <span class="unit-line under-way">{say('sendingUnit', { unit: sending })}</span>}
        </span>
      </button>
      <CanStill call={call} />
      {isWaiting(call) && (
        <button
          type="button"
          class="send"
          aria-keyshortcuts="D"
          aria-label={say('sendFirstTo', { number })}
          onClick={() => onSendFirst(callId)}
        >
          {say('sendFirst')} <kbd>D</kbd>
        </button>
      )}
    </li>
  );
}
