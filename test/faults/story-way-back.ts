/** An invented run whose calls came back well: two of them, one corrected, one followed up in time and one too late. */

import type { Operation } from './history.ts';
import { type Mutable, type Story, soundStory } from './story.ts';
import type { WayBackFacts } from './way-back-facts.ts';

const DAY_MS = 86_400_000;
const READ_AT = 100 * DAY_MS;

export interface WayBackStory extends Story {
  readonly wayBack: Mutable<WayBackFacts>;
}

/** `c-1` is of `w-1`: reported, then corrected. `c-2` is of `w-2`: an infarction, its first visit done when it was overdue. */
export function soundWayBack(): WayBackStory {
  const story = soundStory();
  const { history, facts } = story;
  const log: [type: string, callId: string, data: Record<string, unknown>][] = [
    ['care.recorded', 'c-1', { entries: 2 }],
    ['care.recorded', 'c-1', { entries: 1 }],
    ['outcome.received', 'c-1', { outcomeId: 'o-1' }],
    ['record.written-back', 'c-1', { outcomeIds: ['o-1'] }],
    ['outcome.received', 'c-1', { outcomeId: 'o-2' }],
    ['record.written-back', 'c-1', { outcomeIds: ['o-2'] }],
    ['outcome.received', 'c-2', { outcomeId: 'o-3' }],
    ['record.written-back', 'c-2', { outcomeIds: ['o-3'] }],
    ['follow-up.scheduled', 'c-2', { followUpId: 'f-1' }],
    ['follow-up.scheduled', 'c-2', { followUpId: 'f-2' }],
    ['follow-up.due', 'c-2', { followUpId: 'f-1' }],
    ['follow-up.overdue', 'c-2', { followUpId: 'f-1' }],
    ['record.written-back', 'c-2', { outcomeIds: [] }],
    ['follow-up.completed', 'c-2', { followUpId: 'f-1' }],
    ['outcome.received', 'c-9', { outcomeId: 'o-4' }],
  ];
  for (const [type, callId, data] of log) {
    const seq = ++facts.head;
    facts.events.push({ seq, type, at: 30_000, callId, data });
  }
  const dispatcher = history.consoles.find(({ role }) => role === 'dispatcher');
  if (dispatcher)
    dispatcher.seen = facts.events
      .filter(({ seq }) => seq > (dispatcher.from ?? 0))
      .map(({ seq, type, callId }) => ({ seq, type, callId }));
  history.consoles = dispatcher ? [dispatcher] : [];

  const told = { startedMs: 0, endedMs: 1, unanswered: 0, outcome: 'acknowledged', seq: null } as const;
  const report = (callId: string, reportId: string, mark: string, outcomeId: string, replaces: string | null = null) =>
    ({ kind: 'outcome', callId, reportId, mark, replaces, outcomeId, ...told }) as const;
  const entry = (entryId: string) => ({ entryId, mark: `mark-${entryId}` });
  const operations: Operation[] = [
    { kind: 'record', callId: 'c-1', entries: [entry('both'), entry('a')], ...told },
    { kind: 'record', callId: 'c-1', entries: [entry('both'), entry('told')], ...told },
    report('c-1', 'r-1', 'mark-1', 'o-1'),
    report('c-1', 'r-1', 'mark-2', 'o-2', 'mark-1'),
    report('c-2', 'r-2', 'mark-3', 'o-3'),
    report('c-2', 'r-2', 'mark-3', 'o-3'),
    report('c-9', 'r-9', 'mark-4', 'o-4'),
    { kind: 'completion', callId: 'c-2', followUpId: 'f-1', finding: 'mark-f', ...told },
    { kind: 'completion', callId: 'c-2', followUpId: 'f-1', finding: 'mark-g', ...told, outcome: 'refused' },
    { kind: 'filing', callId: null, who: 'w-1', mark: 'mark-file-1', how: 'replace', ...told },
    { kind: 'filing', callId: null, who: 'w-1', mark: 'mark-file-2', how: 'replace', ...told },
    { kind: 'filing', callId: null, who: 'b-1', mark: 'mark-file-3', how: 'add', ...told },
  ];
  history.operations.push(...(operations as Mutable<Operation>[]));
  const row = { isWrittenBack: true, asks: false };
  const task = { callId: 'c-2', remindedAt: null, overdueAt: null, finding: null };
  const wayBack: Mutable<WayBackFacts> = {
    patients: [
      { callId: 'c-1', residentId: 'w-1' },
      { callId: 'c-2', residentId: 'w-2' },
    ],
    entries: ['both', 'a', 'told'].map((entryId) => ({ callId: 'c-1', ...entry(entryId) })),
    outcomes: [
      { outcomeId: 'o-1', callId: 'c-1', state: 'superseded', reportId: 'r-1', mark: 'mark-1', ...row },
      { outcomeId: 'o-2', callId: 'c-1', state: 'matched', reportId: 'r-1', mark: 'mark-2', ...row },
      { outcomeId: 'o-3', callId: 'c-2', state: 'matched', reportId: 'r-2', mark: 'mark-3', ...row, asks: true },
      {
        outcomeId: 'o-4',
        callId: 'c-9',
        state: 'unmatched',
        reportId: 'r-9',
        mark: 'mark-4',
        ...row,
        isWrittenBack: false,
      },
    ],
    histories: [
      {
        residentId: 'w-1',
        filed: ['mark-file-2'],
        learned: [
          { mark: 'mark-2', sourceId: 'o-2' },
          { mark: 'mark-told', sourceId: 'told' },
        ],
        isDead: false,
      },
      {
        residentId: 'w-2',
        filed: [],
        learned: [
          { mark: 'mark-3', sourceId: 'o-3' },
          { mark: 'mark-f', sourceId: 'f-1' },
          { mark: 'mark-f-x', sourceId: 'f-1' },
        ],
        isDead: false,
      },
      { residentId: 'p-1', filed: ['mark-file-3'], learned: [], isDead: false },
    ],
    followUps: [
      {
        ...task,
        followUpId: 'f-1',
        rule: 'infarction.day-7',
        status: 'done',
        remindAt: 90 * DAY_MS,
        dueAt: 92 * DAY_MS,
        remindedAt: 99 * DAY_MS,
        overdueAt: 99 * DAY_MS,
        finding: 'mark-f',
      },
      {
        ...task,
        followUpId: 'f-2',
        rule: 'infarction.day-30',
        status: 'due',
        remindAt: 110 * DAY_MS,
        dueAt: 115 * DAY_MS,
      },
    ],
    deliveries: [
      { seq: 21, residentId: 'w-1', state: 'delivered', digest: 'd-1' },
      { seq: 23, residentId: 'w-1', state: 'delivered', digest: 'd-2' },
      { seq: 25, residentId: 'w-2', state: 'delivered', digest: 'd-3' },
    ],
    platform: {
      // The answer to the first was lost on the way.
      applied: [
        { residentId: 'w-1', digest: 'd-1' },
        { residentId: 'w-1', digest: 'd-1' },
        { residentId: 'w-2', digest: 'd-3' },
        { residentId: 'w-1', digest: 'd-2' },
      ],
      conditions: [
        { mark: 'mark-1', stands: false },
        { mark: 'mark-2', stands: true },
        { mark: 'mark-3', stands: true },
        { mark: 'mark-told', stands: true },
      ],
    },
    readAt: READ_AT,
    collected: facts.head,
  };
  facts.wayBack = wayBack;
  return { ...story, wayBack };
}
