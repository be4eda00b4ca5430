/** The check itself: a sound history passes, and each way to break one is found by its rule and by no other. */
import t from 'tap';
import { seededRandom } from '../../bench/random.ts';
import { planRounds } from './chaos.ts';
import { check } from './check.ts';
import type { Facts } from './facts.ts';
import type { Operation } from './history.ts';
import { call, forget, type Mutable, report, type Story, soundStory, tell, watcher } from './story.ts';
import type { Rule } from './violation.ts';

t.test('a sound history has no violation', async (t) => {
  const { history, facts } = soundStory();
  t.strictSame(check(history, facts), []);
});

t.test('what may be, is let be', async (t) => {
  const allowed: Record<string, (story: Story) => void> = {
    'an assignment refused after a lost answer, and there': ({ history }) => {
      const operation = history.operations[5] as Mutable<Operation>;
      Object.assign(operation, { outcome: 'refused', assignedAt: null, seq: null });
    },
    'a report never answered, and not there': ({ history }) => {
      const at = 12_000;
      const asked = { startedMs: at, endedMs: at + 90_000, unanswered: 7, outcome: 'unknown', seq: null } as const;
      history.operations.push({ kind: 'report', callId: 'c-2', unitId: 'u-1', point: 'en-route', at, ...asked });
    },
    'an arrival in time, reported after the deadline had fired': ({ history, facts }) => {
      for (const row of facts.reports) if (row.point === 'on-scene') row.at = 7_500;
      for (const { data } of facts.events)
        if (data.point === 'on-scene') data.reportedAt = new Date(7_500).toISOString();
      (facts.calls[0] as Mutable<Facts['calls'][number]>).onSceneAt = 7_500;
      (history.operations[2] as { at: number }).at = 7_500;
    },
  };
  for (const [name, change] of Object.entries(allowed)) {
    const story = soundStory();
    change(story);
    t.strictSame(check(story.history, story.facts), [], name);
  }
});

const broken: readonly [rule: Rule, how: string, change: (story: Story) => void][] = [
  [
    'call-once',
    'an acknowledged call is lost',
    ({ history }) => {
      const lost = { key: 'k-9', callId: 'c-9', startedMs: 0, endedMs: 1, unanswered: 0, seq: null } as const;
      history.operations.push({ kind: 'call', ...lost, outcome: 'acknowledged' });
    },
  ],
  [
    'call-once',
    'a call is stored twice',
    (story) => {
      story.facts.calls.push({ ...call(story, 1), callId: 'c-9' });
      tell(story, 'call.received', 30_000, 'c-9', {});
      tell(story, 'clock.breached', 30_000, 'c-9', {});
    },
  ],
  [
    'call-once',
    'two answers to one key',
    (story) => {
      const second = story.history.operations.findLastIndex(({ kind }) => kind === 'call');
      Object.assign(story.history.operations[second] as object, { callId: 'c-2', seq: null });
    },
  ],
  ['call-once', 'a call is received twice', (story) => tell(story, 'call.received', 30_000, 'c-1', {})],
  [
    'assignment-once',
    'an acknowledged assignment is lost',
    (story) => {
      story.facts.assignments.pop();
      story.facts.units = [{ unitId: 'u-1', status: 'available', callId: null }];
      story.history.consoles.pop(); // a crew that was never sent would have seen something else
      forget(story, ({ type, callId }) => callId === 'c-2' && type.startsWith('unit.'));
    },
  ],
  [
    'assignment-once',
    'an assignment is there twice',
    ({ facts }) => {
      facts.assignments.splice(1, 0, { ...(facts.assignments[0] as Facts['assignments'][number]) });
    },
  ],
  [
    'assignment-once',
    'two dispatchers were told of one assignment',
    ({ history }) => {
      const [, won] = history.operations;
      history.operations.push({ ...(won as Operation), startedMs: 9_900, endedMs: 9_910 });
    },
  ],
  [
    'assignment-once',
    'an assignment nobody asked for',
    (story) => {
      story.facts.units.push({ unitId: 'u-2', status: 'notified', callId: 'c-2' });
      story.facts.assignments.push({
        callId: 'c-2',
        unitId: 'u-2',
        assignedAt: 12_000,
        endedAt: null,
        qualifies: true,
      });
      tell(story, 'unit.assigned', 12_000, 'c-2', { unitId: 'u-2' });
    },
  ],
  [
    'assignment-once',
    'an assignment without its event',
    (story) => {
      forget(story, ({ type, callId }) => callId === 'c-2' && type === 'unit.assigned');
      watcher(story, 1).seen.splice(-1);
    },
  ],
  [
    'report-once',
    'an acknowledged report is lost',
    ({ facts }) => {
      facts.reports = facts.reports.filter(({ point }) => point !== 'in-service');
    },
  ],
  [
    'report-once',
    'a report is there twice and not flagged',
    (story) => {
      for (const row of report(story, 'on-scene')) row.flags = [];
    },
  ],
  [
    'report-once',
    'a repetition nobody sent',
    (story) => {
      for (const operation of story.history.operations) if (operation.kind === 'report') operation.unanswered = 0;
    },
  ],
  [
    'report-once',
    'a repetition counts',
    (story) => {
      for (const row of report(story, 'on-scene')) row.counts = true;
    },
  ],
  [
    'report-once',
    'a report nobody made',
    ({ facts }) => {
      facts.reports.push({ callId: 'c-2', unitId: 'u-1', point: 'en-route', at: 12_000, flags: [], counts: true });
    },
  ],
  [
    'unit-on-two-calls',
    'sent while on another, by the log',
    (story) => {
      story.history.consoles.pop(); // a crew that was never released would have seen more
      forget(
        story,
        ({ type, data, callId }) => callId === 'c-1' && type === 'unit.status' && data.status === 'available',
      );
    },
  ],
  [
    'unit-on-two-calls',
    'two dispatchers both held it',
    ({ history }) => {
      const through = history.operations.find((each) => each.kind === 'report' && each.point === 'in-service');
      Object.assign(through as object, { startedMs: 12_000, endedMs: 12_010 });
    },
  ],
  [
    'close-kept',
    'an acknowledged close is lost',
    (story) => {
      Object.assign(call(story, 2), { status: 'open', endedAt: null });
      forget(story, ({ type, callId }) => callId === 'c-3' && type === 'call.closed');
      tell(story, 'clock.breached', 30_000, 'c-3', {});
    },
  ],
  ['close-kept', 'a call ends twice', (story) => tell(story, 'call.closed', 30_000, 'c-3', {})],
  [
    'deadline-once',
    'a deadline never fires',
    (story) => forget(story, ({ type, callId }) => callId === 'c-2' && type === 'clock.breached'),
  ],
  [
    'deadline-once',
    'a deadline never fires because somebody came, late',
    (story) => forget(story, ({ type, callId }) => callId === 'c-1' && type === 'clock.breached'),
  ],
  ['deadline-once', 'a deadline fires twice', (story) => tell(story, 'clock.breached', 30_000, 'c-2', {})],
  [
    'deadline-once',
    'a deadline fires early',
    ({ facts }) => {
      for (const event of facts.events) if (event.type === 'clock.breached') event.at = 7_999;
    },
  ],
  [
    'deadline-once',
    'a deadline fires for a call that was over',
    (story) => tell(story, 'clock.breached', 30_000, 'c-3', {}),
  ],
  [
    'deadline-once',
    'a warning is given twice',
    (story) => tell(story, 'clock.warning', 30_000, 'c-1', { why: 'time' }),
  ],
  ['log-whole', 'the last events are lost', (story) => void Object.assign(story.facts, { head: story.facts.head + 1 })],
  [
    'log-whole',
    'a gap',
    (story) => {
      for (const event of story.facts.events) event.seq += event.seq > 15 ? 1 : 0;
      for (const { seen } of story.history.consoles)
        for (const each of seen as { seq: number }[]) each.seq += each.seq > 15 ? 1 : 0;
      for (const operation of story.history.operations)
        operation.seq = operation.seq && operation.seq + (operation.seq > 15 ? 1 : 0);
      story.facts.head += 1;
    },
  ],
  [
    'log-whole',
    'the event of an answer is another',
    ({ history }) => {
      (history.operations[0] as Mutable<Operation>).seq = 2;
    },
  ],
  ['console-order', 'an event is missed', (story) => void watcher(story, 0).seen.splice(3, 1)],
  ['console-order', 'the last event is missed', (story) => void watcher(story, 1).seen.pop()],
  [
    'console-order',
    'an event is seen twice',
    (story) => {
      const { seen } = watcher(story, 0);
      seen.splice(3, 0, seen[2] as (typeof seen)[number]);
    },
  ],
  [
    'console-order',
    'two events change places',
    (story) => {
      const { seen } = watcher(story, 0);
      seen.splice(2, 2, ...seen.slice(2, 4).reverse());
    },
  ],
  [
    'console-order',
    'an event comes under the number of another',
    (story) => {
      const { seen } = watcher(story, 0);
      seen[2] = { ...(seen[2] as (typeof seen)[number]), type: 'call.updated' };
    },
  ],
  [
    'console-order',
    'a crew sees what is not its own',
    (story) => {
      watcher(story, 1).seen.push({ seq: 17, type: 'call.closed', callId: 'c-3' });
    },
  ],
  [
    'console-order',
    'a console is told to start over',
    (story) => {
      watcher(story, 0).lost.push({ since: 9, told: 17, reset: true });
    },
  ],
  ['console-order', 'a console is never greeted', (story) => void Object.assign(watcher(story, 0), { from: null })],
  [
    'rows-agree',
    'a unit keeps a status without a call',
    ({ facts }) => {
      facts.units.push({ unitId: 'u-2', status: 'on-scene', callId: null });
    },
  ],
  [
    'rows-agree',
    'a unit is on another call than its assignment',
    (story) => {
      story.facts.units = [{ unitId: 'u-1', status: 'notified', callId: 'c-1' }];
    },
  ],
  [
    'rows-agree',
    'the clock stopped at a time nobody reported',
    (story) => void Object.assign(call(story, 0), { onSceneAt: 8_501 }),
  ],
  [
    'surprise',
    'an instance ended by itself',
    ({ history }) => {
      history.surprises.push({ what: 'the first instance ended by itself', detail: 'code 1' });
    },
  ],
];

for (const [rule, how, change] of broken) {
  t.test(`${rule}: ${how}`, async (t) => {
    const story = soundStory();
    change(story);
    const found = check(story.history, story.facts);
    t.ok(found.length > 0, 'found');
    t.strictSame([...new Set(found.map((violation) => violation.rule))], [rule]);
  });
}

t.test('the plan of faults follows from the seed, and leaves no kind out', async (t) => {
  const kinds = (seed: number) =>
    planRounds(6, seededRandom(seed)).flatMap(({ faults }) => faults.map(({ kind }) => kind));
  t.strictSame(planRounds(50, seededRandom(3)), planRounds(50, seededRandom(3)));
  t.notSame(planRounds(50, seededRandom(3)), planRounds(50, seededRandom(4)));
  for (const seed of [1, 2, 3])
    t.strictSame([...new Set(kinds(seed))].sort(), ['instance', 'postgres', 'redis', 'redis-link']);
});
