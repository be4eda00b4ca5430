/** How far the crew is: what it says, point by point, and the time that is left. */
import { signal } from '@preact/signals';
import type { CrewCall } from '../../../calls/schema.ts';
import type { RunPoint } from '../../../domain/run.ts';
import { withdraw } from '../../shell/alarms.ts';
import { now, serverNow } from '../../shell/clock.ts';
import { clockTime, minutes, name, speak } from '../../shell/language.ts';
import { session } from '../../shell/session.ts';
import { add, queue } from './queue.ts';
import { words } from './words.ts';

const say = speak('crew', words);

/** What the crew is on. */
export const call = signal<CrewCall | null>(null);
/** By the unit's position. */
export const suggested = signal<RunPoint | null>(null);

/** A point is said once; the time is the moment of the press, not of its arrival. */
export function reportPoint(point: RunPoint): void {
  const current = call.peek();
  const unitId = session.peek()?.subject;
  if (!current || !unitId || isDone(current, point) || waitingFor(current, point)) return;
  suggested.value = null;
  withdraw(`sent ${current.callId}`);
  const at = new Date(serverNow()).toISOString();
  add({ unitId, callId: current.callId, callNumber: current.number, at, said: { kind: 'point', point } });
}

const isDone = ({ timePoints }: CrewCall, point: RunPoint) => timePoints[point] !== undefined;
const waitingFor = ({ callId }: CrewCall, point: RunPoint) =>
  queue.value.find((each) => each.callId === callId && each.said.kind === 'point' && each.said.point === point);
export const nextPoint = (current: CrewCall): RunPoint | null =>
  shownPoints.find((point) => !isDone(current, point) && !waitingFor(current, point)) ?? null;

/** What a crew says, in the order of a run; that it was notified the dispatcher said. */
const shownPoints = [
  'unit-acknowledged',
  'en-route',
  'on-scene',
  'at-patient',
  'left-scene',
  'at-destination',
  'handed-over',
  'in-service',
] as const satisfies readonly RunPoint[];

export function Buttons({ current }: { readonly current: CrewCall }) {
  const next = nextPoint(current);
  return (
    <section aria-label={say('status')}>
      {suggested.value && !isDone(current, suggested.value) && <p class="flag soon">⚠ {say('suggested')}</p>}
      <div class="points">
        {shownPoints.map((point) => {
          const at = current.timePoints[point];
          const waiting = waitingFor(current, point);
          return (
            <button
              key={point}
              type="button"
              class={`point ${point === next ? 'primary' : ''} ${waiting ? 'under-way' : ''} ${at ? 'passed' : ''}`}
              disabled={Boolean(at || waiting)}
              onClick={() => reportPoint(point)}
            >
              <span>{name('point', point)}</span>
              <span class="when">
                {at
                  ? say('done', { time: clockTime(at) })
                  : waiting
                    ? say('waiting', { time: clockTime(waiting.at) })
                    : ' '}
              </span>
            </button>
          );
        })}
      </div>
    </section>
  );
}

export function Clock({ current }: { readonly current: CrewCall }) {
  const arrived = current.timePoints['on-scene'];
  if (arrived) return <span class="in-time">{say('there', { time: clockTime(arrived) })}</span>;
  const left = (Date.parse(current.responseDueAt) - now.value) / 1000;
  return (
    <strong class={`figure ${left < 0 ? 'late' : left < 120 ? 'soon' : 'in-time'}`}>
      {left < 0
        ? `✗ ${say('over', { time: minutes(-left) })}`
        : `${left < 120 ? '⚠ ' : ''}${say('left', { time: minutes(left) })}`}
    </strong>
  );
}
