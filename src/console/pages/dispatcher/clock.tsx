/** The response clock of a call: from the call to the first ambulance that has what the patient needs. By the service's time. */
import { useComputed } from '@preact/signals';
import { now } from '../../shell/clock.ts';
import { clockTime, minutes, speak } from '../../shell/language.ts';
import type { BoardCall } from './board.ts';
import { hasEnded } from './board.ts';
import { words } from './words.ts';

const say = speak('dispatcher', words);
const WARN_AT_SHARE = 0.75;

export interface ClockReading {
  readonly running: boolean;
  readonly elapsedSeconds: number;
  readonly targetSeconds: number;
  readonly level: 'late' | 'soon' | 'in-time' | 'quiet';
  /** Predicted arrival after the target, in seconds; negative: before it. Null where nobody qualified is on the way. */
  readonly predictedOverSeconds: number | null;
}

function readClock(call: BoardCall, at: number): ClockReading {
  const from = Date.parse(call.receivedAt);
  const due = Date.parse(call.responseDueAt);
  const running = !call.onSceneAt && !hasEnded(call);
  const until = call.onSceneAt ? Date.parse(call.onSceneAt) : at;
  const elapsedSeconds = Math.max(0, (until - from) / 1000);
  const targetSeconds = (due - from) / 1000;
  const predictedOverSeconds =
    running && call.predictedOnSceneAt ? (Date.parse(call.predictedOnSceneAt) - due) / 1000 : null;
  const late = elapsedSeconds > targetSeconds;
  const soon = running && (elapsedSeconds >= targetSeconds * WARN_AT_SHARE || (predictedOverSeconds ?? 0) > 0);
  const level = !running && !call.onSceneAt ? 'quiet' : late ? 'late' : soon ? 'soon' : 'in-time';
  return { running, elapsedSeconds, targetSeconds, level, predictedOverSeconds };
}

export function ResponseClock({ call }: { readonly call: BoardCall }) {
  const { running, elapsedSeconds, targetSeconds, level, predictedOverSeconds } = readClock(call, now.value);
  const left = targetSeconds - elapsedSeconds;
  return (
    <div class="clocks">
      <div class={`clock figure ${level}`}>{level === 'quiet' ? '—' : minutes(elapsedSeconds)}</div>
      <div class={level}>
        {call.onSceneAt
          ? say(level === 'late' ? 'arrivedLate' : 'arrivedInTime')
          : !running
            ? say('nobodyArrived')
            : left < 0
              ? `✗ ${say('over', { time: minutes(-left) })}`
              : `${level === 'soon' ? '⚠ ' : ''}${say('left', { time: minutes(left) })}`}
      </div>
      {running && predictedOverSeconds !== null && predictedOverSeconds > 0 && call.predictedOnSceneAt && (
        <div class="late">
          {say('willBeLate', { time: minutes(predictedOverSeconds), at: clockTime(call.predictedOnSceneAt) })}
        </div>
      )}
    </div>
  );
}

/** How long a draft has been spoken of. */
export function TalkClock({ since }: { readonly since: number }) {
  const text = useComputed(() => minutes((now.value - since) / 1000));
  return <span class="clock figure">{text}</span>;
}
