/** The dispatcher's console: the board on the left, the call in hand in the middle, the map and what happened on the right. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { readGazetteer } from '../../shell/gazetteer.ts';
import { useCatchUp, useEvents } from '../../shell/hooks.ts';
import { connection } from '../../shell/live.ts';
import { hearBoard, readBoard, stopReadingBoard } from './board.ts';
import { Board } from './board-view.tsx';
import { Day } from './day.tsx';
import { desk, fileUnanswered, readAgain } from './desk.ts';
import { hearPosition, readFleet } from './fleet.ts';
import { Guide } from './guide.tsx';
import { sendFirstTo, useDispatcherKeys } from './keys.ts';
import { DispatcherMap } from './map.tsx';
import { Moves } from './moves.tsx';
import { readReference } from './reference.ts';
import { Idle, Work } from './work.tsx';
import './board.css';
import './work.css';
import './style.css';

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
/** What was to be read a moment later would be read by whoever is here then. */
function stopReading(): void {
  clearTimeout(readingAgain);
  stopReadingBoard();
}
function readAgainSoon(callId: string): void {
  clearTimeout(readingAgain);
  readingAgain = window.setTimeout(() => void readAgain(callId).catch(() => {}), READ_AGAIN_MS);
}

export default function DispatcherPage() {
  const asking = useSignal<number | null>(null);
  useCatchUp(async () => {
    await Promise.all([readReference(), readGazetteer(), readBoard(), readFleet()]);
    fileUnanswered();
    const opened = desk.peek()?.call.peek();
    if (opened && connection.peek() !== 'connecting') await readAgain(opened.callId);
  }, 'essential');
  useEffect(() => stopReading, []);
  useEvents((event) => {
    if (event.type === 'unit.position') return hearPosition(event);
    hearBoard(event);
    if (event.callId && TELLING.includes(event.type) && event.callId === desk.peek()?.call.peek()?.callId)
      readAgainSoon(event.callId);
  });
  const made = desk.value;
  useDispatcherKeys(made, asking);
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
