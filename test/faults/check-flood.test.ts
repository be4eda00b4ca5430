/** The flood's own rule: a sound flood passes, and each way to break one is found. */
import t from 'tap';
import { floodRule } from './check-flood.ts';
import type { Facts } from './facts.ts';
import type { Mutable } from './story.ts';

type Flood = Mutable<Pick<Facts, 'calls' | 'searches' | 'events'>>;
const STEPS = 3;

/** One that climbed to its end, one that was answered after a step. */
function soundFlood(): Flood {
  const call = (callId: string) => ({ callId, status: 'open', dueAt: 0, endedAt: null, onSceneAt: null });
  const event = (searchId: string, type: string, data = {}) => ({
    seq: 0,
    type,
    at: 0,
    callId: `call-${searchId}`,
    data: { locateRequestId: searchId, ...data },
  });
  const step = (searchId: string, wasDueAt: string, ended = false) =>
    event(searchId, 'locate.escalated', { wasDueAt, ended });
  const search = { callId: '', dueAt: null, answers: [] };
  return {
    calls: [call('call-a'), call('call-b')],
    searches: [
      { ...search, searchId: 'a', callId: 'call-a', status: 'escalated' },
      {
        ...search,
        searchId: 'b',
        callId: 'call-b',
        status: 'answered',
        answers: [
          { centreId: 'c-1', stands: true },
          { centreId: 'c-2', stands: false },
        ],
      },
    ],
    events: [
      event('a', 'locate.requested'),
      event('b', 'locate.requested'),
      step('a', '06'),
      step('b', '06'),
      event('b', 'locate.accepted'),
      step('a', '14', true),
      event('b', 'locate.answered'),
    ],
  };
}

const broken: readonly [what: string, change: (flood: Flood) => void][] = [
  ['a call has not exactly one search', ({ searches }) => void searches.shift()],
  ['a call has not exactly one search', (flood) => void flood.searches.push(...soundFlood().searches.slice(0, 1))],
  ['a deadline was taken twice', ({ events }) => void Object.assign(events[5]?.data ?? {}, { wasDueAt: '06' })],
  ['a ladder went on after its end', ({ events }) => void Object.assign(events[2]?.data ?? {}, { ended: true })],
  ['a deadline was never taken', ({ searches }) => void Object.assign(searches[0] ?? {}, { dueAt: 1 })],
  ['a deadline was never taken', ({ events }) => void Object.assign(events[5]?.data ?? {}, { ended: false })],
  ['a search nobody held did not climb step by step', ({ events }) => void events.splice(2, 1)],
  ['not exactly one answer stands', ({ searches }) => void searches[1]?.answers.shift()],
  [
    'not exactly one answer stands',
    ({ searches }) => {
      for (const answer of searches[1]?.answers ?? []) answer.stands = true;
    },
  ],
];

t.test('a sound flood passes, and each way to break one is found', async (t) => {
  t.same(floodRule(soundFlood(), STEPS), []);
  for (const [what, change] of broken) {
    const flood = soundFlood();
    change(flood);
    const found = floodRule(flood, STEPS);
    t.ok(found.length > 0 && found.every((violation) => violation.what === what), what);
  }
});
