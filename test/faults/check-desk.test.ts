/** The check of first responders, moves and jobs: a sound history passes, and each way to break one is found by its rule. */
import t from 'tap';
import { check } from './check.ts';
import type { DeskFacts } from './check-desk.ts';
import type { Operation } from './history.ts';
import { forget, type Mutable, type Story, soundStory } from './story.ts';
import type { Rule } from './violation.ts';

interface DeskStory extends Story {
  readonly desk: Mutable<DeskFacts>;
}

/** `m-1` was alerted to `c-1`, accepted and was sent home; `m-2` was only offered. One move was accepted, one job is done. */
function soundDesk(): DeskStory {
  const story = soundStory();
  const { history, facts } = story;
  history.consoles = [];
  const responder = { responderId: 'm-1' };
  say(story, 'responder.alerted', 'c-1', responder);
  say(story, 'responder.accepted', 'c-1', responder);
  say(story, 'responder.stood-down', 'c-1', responder);
  say(story, 'redeployment.suggested', null, { redeploymentId: 'v-1' });
  say(story, 'redeployment.accepted', null, { redeploymentId: 'v-1' });
  say(story, 'unit.status', null, { unitId: 'u-9', status: 'returning' });
  const told = { startedMs: 0, endedMs: 1, unanswered: 0, outcome: 'acknowledged', seq: null } as const;
  const operations: Operation[] = [
    { kind: 'alert', callId: 'c-1', responderId: 'm-1', alertId: 'a-1', ...told },
    { kind: 'alert-answer', callId: 'c-1', responderId: 'm-1', alertId: 'a-1', said: 'accept', ...told },
    { kind: 'alert-answer', callId: 'c-1', responderId: 'm-1', alertId: 'a-1', said: 'accept', ...told },
    { kind: 'move', callId: null, moveId: 'v-1', decision: 'accept', ...told },
    { kind: 'move', callId: null, moveId: 'v-1', decision: 'refuse', ...told, outcome: 'refused' },
    { kind: 'job', callId: null, key: 'k', what: 'siting', jobId: 'j-1', ...told },
  ];
  history.operations.push(...(operations as Mutable<Operation>[]));
  const desk: Mutable<DeskFacts> = {
    alerts: [
      { alertId: 'a-1', callId: 'c-1', responderId: 'm-1', status: 'stood-down' },
      { alertId: 'a-2', callId: 'c-1', responderId: 'm-2', status: 'offered' },
    ],
    moves: [{ moveId: 'v-1', unitId: 'u-9', status: 'accepted' }],
    jobs: [{ jobId: 'j-1', what: 'siting', status: 'optimal', hasAnswer: true }],
  };
  facts.desk = desk;
  return { ...story, desk };
}
function say({ facts }: Story, type: string, callId: string | null, data: Record<string, unknown>): void {
  facts.events.push({ seq: ++facts.head, type, at: 30_000, callId, data });
}
const alert = ({ desk }: DeskStory) => desk.alerts[0] as DeskStory['desk']['alerts'][number];

t.test('a sound history has no violation', async (t) => {
  const { history, facts } = soundDesk();
  t.strictSame(check(history, facts), []);
});

t.test('a responder who let an alert lapse may be alerted once more', async (t) => {
  const story = soundDesk();
  say(story, 'responder.alerted', 'c-1', { responderId: 'm-1' });
  say(story, 'responder.lapsed', 'c-1', { responderId: 'm-1' });
  t.strictSame(check(story.history, story.facts), []);
});

t.test('a responder sent home may be alerted to another call', async (t) => {
  const story = soundDesk();
  story.desk.alerts.push({ alertId: 'a-3', callId: 'c-2', responderId: 'm-1', status: 'alerted' });
  say(story, 'responder.alerted', 'c-2', { responderId: 'm-1' });
  t.strictSame(check(story.history, story.facts), []);
});

const broken: readonly [rule: Rule, how: string, change: (story: DeskStory) => void][] = [
  ['alert-once', 'an acknowledged alert is lost', ({ desk }) => void desk.alerts.shift()],
  ['alert-once', 'an alert nobody was told of', (story) => forget(story, ({ type }) => type === 'responder.alerted')],
  [
    'alert-once',
    'an alert told twice',
    (story) => {
      forget(story, ({ type }) => type === 'responder.stood-down');
      say(story, 'responder.alerted', 'c-1', { responderId: 'm-1' });
    },
  ],
  ['alert-once', 'an answer told twice', (story) => say(story, 'responder.accepted', 'c-1', { responderId: 'm-1' })],
  [
    'alert-once',
    'an acknowledged answer is lost',
    (story) => forget(story, ({ type }) => type === 'responder.accepted'),
  ],
  [
    'alert-once',
    'accepted, and nobody was told',
    (story) => {
      alert(story).callId = 'c-2';
      alert(story).status = 'accepted';
    },
  ],
  [
    'alert-once',
    'an alert outlives its call',
    (story) => {
      alert(story).status = 'on-scene';
    },
  ],
  [
    'alert-once',
    'a responder is on two calls',
    (story) => {
      forget(story, ({ type }) => type === 'responder.stood-down');
      story.desk.alerts.push({ alertId: 'a-3', callId: 'c-2', responderId: 'm-1', status: 'alerted' });
      say(story, 'responder.alerted', 'c-2', { responderId: 'm-1' });
    },
  ],
  ['move-once', 'an acknowledged decision is lost', ({ desk }) => void desk.moves.pop()],
  [
    'move-once',
    'another decision stands than was told',
    ({ desk }) => void Object.assign(desk.moves[0] as object, { status: 'refused' }),
  ],
  [
    'move-once',
    'a decision told twice',
    (story) => say(story, 'redeployment.accepted', null, { redeploymentId: 'v-1' }),
  ],
  [
    'move-once',
    'accepted, and the unit stays where it is',
    (story) => forget(story, ({ type, data }) => type === 'unit.status' && data.unitId === 'u-9'),
  ],
  [
    'move-once',
    'two moves are open',
    (story) => {
      for (const moveId of ['v-2', 'v-3']) {
        story.desk.moves.push({ moveId, unitId: 'u-8', status: 'suggested' });
        say(story, 'redeployment.suggested', null, { redeploymentId: moveId });
      }
    },
  ],
  [
    'job-ends',
    'a job comes to no end',
    ({ desk }) => void Object.assign(desk.jobs?.[0] as object, { status: 'running' }),
  ],
  ['job-ends', 'an acknowledged job is lost', ({ desk }) => void desk.jobs?.pop()],
  [
    'job-ends',
    'a job is done and answers nothing',
    ({ desk }) => void Object.assign(desk.jobs?.[0] as object, { hasAnswer: false }),
  ],
  [
    'job-ends',
    'one key is answered with two jobs',
    ({ desk, history }) => {
      const job = history.operations.findLast(({ kind }) => kind === 'job') as Mutable<Operation>;
      history.operations.push({ ...job, jobId: 'j-2' } as Mutable<Operation>);
      desk.jobs?.push({ jobId: 'j-2', what: 'siting', status: 'optimal', hasAnswer: true });
    },
  ],
];

for (const [rule, how, change] of broken) {
  t.test(`${rule}: ${how}`, async (t) => {
    const story = soundDesk();
    change(story);
    const found = check(story.history, story.facts);
    t.strictSame([...new Set(found.map((violation) => violation.rule))], [rule]);
  });
}
