/** The check of the way back: a sound history passes, and each way to break one is found by its rule and by no other. */
import t from 'tap';
import { check } from './check.ts';
import type { Operation } from './history.ts';
import { forget, type Mutable } from './story.ts';
import { soundWayBack, type WayBackStory } from './story-way-back.ts';
import type { Rule } from './violation.ts';

const rulesOf = ({ history, facts }: WayBackStory) => [
  ...new Set(check(history, facts).map((violation) => violation.rule)),
];
/** The event again, at the end of the log, for all to see. */
function again({ history, facts }: WayBackStory, type: string, data: Record<string, unknown>): void {
  const seq = ++facts.head;
  facts.events.push({ seq, type, at: 40_000, callId: 'c-2', data });
  for (const { seen } of history.consoles) seen.push({ seq, type, callId: 'c-2' });
  if (facts.wayBack) facts.wayBack.collected = seq;
}
/** An event taken out of the log; the cursor follows. */
function unsaid(story: WayBackStory, type: string, which: (data: Readonly<Record<string, unknown>>) => boolean): void {
  forget(story, (event) => event.type === type && which(event.data));
  story.wayBack.collected = story.facts.head;
}
const sent = ({ history }: WayBackStory, which: (operation: Operation) => boolean) =>
  history.operations.find((operation) => which(operation as Operation)) as Mutable<Operation>;
const followUp = ({ wayBack }: WayBackStory, id: string) =>
  wayBack.followUps.find(({ followUpId }) => followUpId === id) as WayBackStory['wayBack']['followUps'][number];
const outcome = ({ wayBack }: WayBackStory, id: string) =>
  wayBack.outcomes.find(({ outcomeId }) => outcomeId === id) as WayBackStory['wayBack']['outcomes'][number];

t.test('a sound history has no violation', async (t) => {
  const { history, facts } = soundWayBack();
  t.strictSame(check(history, facts), []);
});

t.test('what may be, is let be', async (t) => {
  const allowed: Record<string, (story: WayBackStory) => void> = {
    'a report never answered, and not there': (story) => {
      const asked = { startedMs: 0, endedMs: 1, unanswered: 3, outcome: 'unknown', seq: null } as const;
      story.history.operations.push({
        kind: 'outcome',
        callId: 'c-2',
        reportId: 'r-5',
        mark: 'mark-5',
        replaces: null,
        outcomeId: null,
        ...asked,
      });
    },
    'a file in doubt that stands': (story) => {
      const last = story.history.operations.findLast(({ kind }) => kind === 'filing') as Mutable<Operation>;
      Object.assign(last, { outcome: 'unknown', unanswered: 2 });
      const file = story.history.operations.filter(({ kind }) => kind === 'filing')[1] as Mutable<Operation>;
      Object.assign(file, { outcome: 'unknown', unanswered: 2 });
    },
    'a death whose calls ask for nothing': (story) => {
      const [, dead] = story.wayBack.histories;
      if (dead) dead.isDead = true;
      followUp(story, 'f-2').status = 'cancelled';
      again(story, 'follow-up.cancelled', { followUpId: 'f-2' });
    },
  };
  for (const [name, change] of Object.entries(allowed)) {
    const story = soundWayBack();
    change(story);
    t.strictSame(check(story.history, story.facts), [], name);
  }
});

const broken: readonly [rule: Rule, how: string, change: (story: WayBackStory) => void][] = [
  ['record-once', 'an acknowledged entry is lost', (story) => void story.wayBack.entries.splice(1, 1)],
  [
    'record-once',
    'an entry is overwritten by another tablet',
    (story) => void Object.assign(story.wayBack.entries[1] as object, { mark: 'mark-other' }),
  ],
  [
    'record-once',
    'an entry nobody sent',
    (story) => {
      story.wayBack.entries.push({ callId: 'c-2', entryId: 'x', mark: null });
      again(story, 'care.recorded', { entries: 1 });
    },
  ],
  [
    'record-once',
    'entries without their event',
    (story) => unsaid(story, 'care.recorded', (data) => data.entries === 1),
  ],
  [
    'outcome-once',
    'an acknowledged report is lost',
    (story) => {
      story.wayBack.outcomes.pop();
      unsaid(story, 'outcome.received', (data) => data.outcomeId === 'o-4');
    },
  ],
  [
    'outcome-once',
    'two clerks were told of two reports',
    (story) =>
      void Object.assign(
        story.history.operations.findLast((each) => each.kind === 'outcome' && each.mark === 'mark-3') as object,
        { outcomeId: 'o-33' },
      ),
  ],
  [
    'outcome-once',
    'a correction without what it takes away',
    (story) => {
      outcome(story, 'o-1').state = 'dismissed';
    },
  ],
  [
    'outcome-once',
    'a report nobody sent',
    (story) => {
      story.history.operations = story.history.operations.filter(
        (each) => each.kind !== 'outcome' || each.mark !== 'mark-4',
      );
    },
  ],
  ['outcome-once', 'a report told twice', (story) => again(story, 'outcome.received', { outcomeId: 'o-3' })],
  [
    'outcome-once',
    'an event of a report that is not there',
    (story) => again(story, 'outcome.received', { outcomeId: 'o-8' }),
  ],
  [
    'outcome-once',
    'a report never told',
    (story) => unsaid(story, 'outcome.received', (data) => data.outcomeId === 'o-4'),
  ],
  ['written-back', 'a learned condition is lost', (story) => void story.wayBack.histories[1]?.learned.shift()],
  [
    'written-back',
    'a learned condition is there twice',
    (story) => void story.wayBack.histories[1]?.learned.push({ mark: 'mark-3', sourceId: 'o-3' }),
  ],
  [
    'written-back',
    'it went into the history of somebody else',
    ({ wayBack }) => {
      const [one, other] = wayBack.histories;
      other?.learned.push(...(one?.learned.splice(0, 1) ?? []));
    },
  ],
  [
    'written-back',
    'a history was written of a report that does not count',
    (story) => void story.wayBack.histories[1]?.learned.push({ mark: 'mark-4', sourceId: 'o-4' }),
  ],
  [
    'written-back',
    'what was corrected is still there',
    (story) => void story.wayBack.histories[0]?.learned.push({ mark: 'mark-1', sourceId: 'o-1' }),
  ],
  ['written-back', 'what a follow-up found is lost', (story) => void story.wayBack.histories[1]?.learned.pop()],
  ['written-back', 'a write-back told twice', (story) => again(story, 'record.written-back', { outcomeIds: ['o-3'] })],
  [
    'written-back',
    'a write-back never told',
    (story) => unsaid(story, 'record.written-back', (data) => (data.outcomeIds as string[]).includes('o-3')),
  ],
  [
    'follow-up-once',
    'a task of the plan is missing',
    (story) => {
      story.wayBack.followUps.pop();
    },
  ],
  [
    'follow-up-once',
    'a task nothing asks for stays open',
    (story) => {
      outcome(story, 'o-3').asks = false;
    },
  ],
  [
    'follow-up-once',
    'the dead are to be visited',
    ({ wayBack }) => {
      const [, dead] = wayBack.histories;
      if (dead) dead.isDead = true;
    },
  ],
  [
    'follow-up-once',
    'a task nobody was told of',
    (story) => unsaid(story, 'follow-up.scheduled', (data) => data.followUpId === 'f-2'),
  ],
  [
    'follow-up-once',
    'a deadline never fires',
    (story) => void Object.assign(followUp(story, 'f-2'), { dueAt: 0, remindAt: story.wayBack.readAt }),
  ],
  ['follow-up-once', 'a reminder never fires', (story) => void Object.assign(followUp(story, 'f-2'), { remindAt: 0 })],
  ['follow-up-once', 'a deadline fires twice', (story) => again(story, 'follow-up.overdue', { followUpId: 'f-1' })],
  ['follow-up-once', 'a deadline fires untold', (story) => unsaid(story, 'follow-up.overdue', () => true)],
  ['follow-up-once', 'a deadline fires early', (story) => void Object.assign(followUp(story, 'f-1'), { overdueAt: 1 })],
  ['follow-up-once', 'it was done twice', (story) => again(story, 'follow-up.completed', { followUpId: 'f-1' })],
  [
    'follow-up-once',
    'two were told that they had done it',
    (story) =>
      void Object.assign(
        sent(story, (each) => each.kind === 'completion' && each.finding === 'mark-g'),
        { outcome: 'acknowledged' },
      ),
  ],
  [
    'follow-up-once',
    'an acknowledged completion is lost',
    (story) => {
      Object.assign(followUp(story, 'f-1'), { status: 'overdue', finding: null });
      unsaid(story, 'follow-up.completed', () => true);
      story.wayBack.histories[1]?.learned.splice(1, 2);
    },
  ],
  [
    'follow-up-once',
    'a completion nobody sent',
    (story) => {
      story.history.operations = story.history.operations.filter(({ kind }) => kind !== 'completion');
    },
  ],
  [
    'filing-kept',
    'an older file stands',
    ({ wayBack }) => {
      const [one] = wayBack.histories;
      if (one) one.filed = ['mark-file-1'];
    },
  ],
  ['filing-kept', 'a file is lost', ({ wayBack }) => void wayBack.histories[0]?.filed.pop()],
  ['filing-kept', 'a Bundle added twice', ({ wayBack }) => void wayBack.histories[2]?.filed.push('mark-file-3')],
  ['filing-kept', 'what a Bundle added is lost', ({ wayBack }) => void wayBack.histories[2]?.filed.pop()],
  ['platform-once', 'the platform never got one', ({ wayBack }) => void wayBack.platform.applied.pop()],
  [
    'platform-once',
    'one is still on its way',
    ({ wayBack }) => void Object.assign(wayBack.deliveries[1] as object, { state: 'pending' }),
  ],
  [
    'platform-once',
    'the platform heard an older one after a newer one',
    ({ wayBack }) => void wayBack.platform.applied.push({ residentId: 'w-1', digest: 'd-1' }),
  ],
  [
    'platform-once',
    'two change places',
    ({ wayBack }) => {
      wayBack.platform.applied = [
        { residentId: 'w-1', digest: 'd-2' },
        { residentId: 'w-1', digest: 'd-1' },
        { residentId: 'w-2', digest: 'd-3' },
      ];
    },
  ],
  [
    'platform-once',
    'the platform heard what nobody was to tell it',
    ({ wayBack }) => void wayBack.platform.applied.push({ residentId: 'w-3', digest: 'd-9' }),
  ],
  [
    'platform-once',
    'a diagnosis is there twice',
    ({ wayBack }) => void wayBack.platform.conditions.push({ mark: 'mark-3', stands: true }),
  ],
  [
    'platform-once',
    'what was corrected still stands there',
    ({ wayBack }) => void Object.assign(wayBack.platform.conditions[0] as object, { stands: true }),
  ],
  [
    'platform-once',
    'a diagnosis that counts was taken back there',
    ({ wayBack }) => void Object.assign(wayBack.platform.conditions[2] as object, { stands: false }),
  ],
  [
    'platform-once',
    'the platform holds what nobody said',
    ({ wayBack }) => void wayBack.platform.conditions.push({ mark: 'mark-9', stands: false }),
  ],
  ['platform-once', 'the log was left half read', ({ wayBack }) => void Object.assign(wayBack, { collected: 3 })],
];

for (const [rule, how, change] of broken) {
  t.test(`${rule}: ${how}`, async (t) => {
    const story = soundWayBack();
    change(story);
    t.strictSame(rulesOf(story), [rule]);
  });
}
