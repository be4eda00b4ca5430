/** What was said and has not arrived; never in doubt. What the service refused stays until somebody has seen why. */
import { clockTime, listed, name, speak } from '../../shell/language.ts';
import { connection } from '../../shell/live.ts';
import { session } from '../../shell/session.ts';
import { recordOf } from './care/record.ts';
import { Refused } from './care/timeline.tsx';
import { survives } from './kept.ts';
import { queue, type Waiting } from './queue.ts';
import { words } from './words.ts';

const say = speak('crew', words);

function nameOf({ said }: Waiting): string {
  switch (said.kind) {
    case 'point':
      return name('point', said.point);
    case 'entry':
      return name('careList', said.list);
    case 'attachment':
      return name('attachment', said.attachment);
    default:
      return said satisfies never;
  }
}

const SHOWN = 8;

export function QueueState({ offlineSince, hasCall }: { readonly offlineSince: number; readonly hasCall: boolean }) {
  const mine = queue.value.filter(({ unitId }) => unitId === session.value?.subject);
  const waiting = mine.filter(({ refused }) => !refused);
  // Those of the record on the page are told there.
  const refused = mine.filter((one) => one.refused);
  const elsewhere = refused.filter(({ callId }) => callId !== recordOf.value?.callId);
  const offline = connection.value === 'lost';
  return (
    <div class="queue" role="status">
      {offline && offlineSince > 0 && <p class="late">✕ {say('offline', { time: clockTime(offlineSince) })}</p>}
      {waiting.length > 0 ? (
        <p class="soon">
          ↻ {say('queue', { count: waiting.length })}{' '}
          {listed(waiting.slice(0, SHOWN).map((one) => `${nameOf(one)} ${clockTime(one.at)}`))}
          {waiting.length > SHOWN && ' …'}
        </p>
      ) : (
        hasCall && !offline && refused.length === 0 && <p class="in-time">✓ {say('allSent')}</p>
      )}
      {refused.length > 0 && <p class="late">✕ {say('refusedCount', { count: refused.length })}</p>}
      {!survives.value && waiting.length > 0 && <p class="late">⚠ {say('notKept')}</p>}
      {elsewhere.map((one) => (
        <div key={one.id}>
          {say('refusedOf', { number: one.callNumber, what: nameOf(one), time: clockTime(one.at) })}
          <Refused waiting={one} />
        </div>
      ))}
    </div>
  );
}
