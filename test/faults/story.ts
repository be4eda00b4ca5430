/** An invented run in which all went well, and the means to break it. */
import type { Facts } from './facts.ts';
import type { ConsoleHistory, History, Operation } from './history.ts';

export type Mutable<T> = T extends object ? { -readonly [K in keyof T]: Mutable<T[K]> } : T;
export interface Story {
  readonly history: Mutable<History>;
  readonly facts: Mutable<Facts>;
}

const DUE = 8_000;

/** Two calls: u-1 ran the first, late, and then went to the second, where it still is; one report lost its answer. */
export function soundStory(): Story {
  const log: [type: string, at: number, callId: string, data: Record<string, unknown>][] = [
    ['call.received', 0, 'c-1', {}],
    ['unit.assigned', 1_000, 'c-1', { unitId: 'u-1' }],
    ['unit.status', 1_000, 'c-1', { unitId: 'u-1', status: 'notified' }],
    ['clock.warning', 6_000, 'c-1', { why: 'time' }],
    ['clock.breached', 9_000, 'c-1', {}],
    [
      'time-point.reported',
      9_500,
      'c-1',
      { unitId: 'u-1', point: 'on-scene', reportedAt: new Date(8_500).toISOString() },
    ],
    ['unit.status', 9_500, 'c-1', { unitId: 'u-1', status: 'on-scene' }],
    [
      'time-point.reported',
      9_600,
      'c-1',
      { unitId: 'u-1', point: 'on-scene', reportedAt: new Date(8_500).toISOString() },
    ],
    [
      'time-point.reported',
      10_000,
      'c-1',
      { unitId: 'u-1', point: 'in-service', reportedAt: new Date(10_000).toISOString() },
    ],
    ['unit.status', 10_000, 'c-1', { unitId: 'u-1', status: 'available' }],
    ['call.closed', 10_000, 'c-1', {}],
    ['call.received', 10_500, 'c-2', {}],
    ['unit.assigned', 11_000, 'c-2', { unitId: 'u-1' }],
    ['unit.status', 11_000, 'c-2', { unitId: 'u-1', status: 'notified' }],
    ['clock.breached', 18_600, 'c-2', {}],
    ['call.received', 19_000, 'c-3', {}],
    ['call.closed', 20_000, 'c-3', {}],
  ];
  const events = log.map(([type, at, callId, data], i) => ({ seq: i + 1, type, at, callId, data }));
  const row = { flags: [], counts: true };
  const facts: Mutable<Facts> = {
    calls: [
      { callId: 'c-1', status: 'closed', dueAt: DUE, endedAt: 10_000, onSceneAt: 8_500 },
      { callId: 'c-2', status: 'assigned', dueAt: 10_500 + DUE, endedAt: null, onSceneAt: null },
      { callId: 'c-3', status: 'closed', dueAt: 19_000 + DUE, endedAt: 20_000, onSceneAt: null },
    ],
    keys: [
      { key: 'k-1', callId: 'c-1' },
      { key: 'k-2', callId: 'c-2' },
      { key: 'k-3', callId: 'c-3' },
    ],
    assignments: [
      { callId: 'c-1', unitId: 'u-1', assignedAt: 1_000, endedAt: 10_000, qualifies: true },
      { callId: 'c-2', unitId: 'u-1', assignedAt: 11_000, endedAt: null, qualifies: true },
    ],
    reports: [
      { callId: 'c-1', unitId: 'u-1', point: 'unit-notified', at: 1_000, ...row },
      { callId: 'c-1', unitId: 'u-1', point: 'on-scene', at: 8_500, ...row },
      { callId: 'c-1', unitId: 'u-1', point: 'on-scene', at: 8_500, flags: ['repeated'], counts: false },
      { callId: 'c-1', unitId: 'u-1', point: 'in-service', at: 10_000, ...row },
      { callId: 'c-2', unitId: 'u-1', point: 'unit-notified', at: 11_000, ...row },
    ],
    units: [{ unitId: 'u-1', status: 'notified', callId: 'c-2' }],
    searches: [],
    events,
    head: events.length,
  };
  const told = (startedMs: number, seq: number | null, unanswered = 0) =>
    ({ startedMs, endedMs: startedMs + 10, unanswered, outcome: 'acknowledged', seq }) as const;
  const operations: Operation[] = [
    { kind: 'call', key: 'k-1', callId: 'c-1', ...told(0, 1) },
    { kind: 'assignment', callId: 'c-1', unitId: 'u-1', assignedAt: 1_000, ...told(1_000, 3) },
    { kind: 'report', callId: 'c-1', unitId: 'u-1', point: 'on-scene', at: 8_500, ...told(9_500, 8, 1) },
    { kind: 'report', callId: 'c-1', unitId: 'u-1', point: 'in-service', at: 10_000, ...told(10_000, 11) },
    { kind: 'call', key: 'k-2', callId: 'c-2', ...told(10_500, 12) },
    { kind: 'assignment', callId: 'c-2', unitId: 'u-1', assignedAt: 11_000, ...told(11_000, 14, 1) },
    { kind: 'call', key: 'k-3', callId: 'c-3', ...told(19_000, 16) },
    { kind: 'call', key: 'k-3', callId: 'c-3', ...told(19_100, 16) },
    { kind: 'close', callId: 'c-3', ...told(20_000, 17) },
  ];
  const seen = (from: number, types?: readonly string[]) =>
    events
      .filter(({ seq, type }) => seq > from && (types === undefined || types.includes(type)))
      .map(({ seq, type, callId }) => ({ seq, type, callId }));
  const everything: ConsoleHistory = {
    name: 'all',
    role: 'dispatcher',
    subject: 'd-1',
    from: 4,
    seen: seen(4),
    lost: [],
    connections: 2,
  };
  // A crew is shown its own run and nothing of a call it is not on.
  const own = seen(0).filter(
    ({ type, callId }) => callId !== 'c-3' && !['call.received', 'call.closed'].includes(type),
  );
  const crew: ConsoleHistory = {
    name: 'crew',
    role: 'crew',
    subject: 'u-1',
    from: 0,
    seen: own,
    lost: [],
    connections: 1,
  };
  return { history: { operations, consoles: [everything, crew], surprises: [] }, facts };
}

/** Takes events out of the log and out of what was seen, and closes the gap, so that no other rule sees anything. */
export function forget({ history, facts }: Story, which: (event: Facts['events'][number]) => boolean): void {
  const kept = facts.events.filter((event) => !which(event));
  const renumbered = new Map(kept.map(({ seq }, i) => [seq, i + 1]));
  facts.events = kept.map((event) => ({ ...event, seq: renumbered.get(event.seq) as number }));
  facts.head = kept.length;
  for (const each of history.consoles) {
    each.from = kept.filter(({ seq }) => seq <= (each.from as number)).length;
    each.seen = each.seen
      .filter(({ seq }) => renumbered.has(seq))
      .map((event) => ({ ...event, seq: renumbered.get(event.seq) as number }));
  }
  for (const operation of history.operations) operation.seq = operation.seq && (renumbered.get(operation.seq) ?? null);
}

/** Writes an event at the end of the log, and lets everybody see it who may. */
export function tell(
  { history, facts }: Story,
  type: string,
  at: number,
  callId: string,
  data: Record<string, unknown>,
): void {
  const seq = ++facts.head;
  facts.events.push({ seq, type, at, callId, data });
  for (const { seen, role } of history.consoles)
    if (role !== 'crew' || callId === 'c-2') seen.push({ seq, type, callId });
}

export const call = ({ facts }: Story, i: number) => facts.calls[i] as Mutable<Facts['calls'][number]>;
export const report = ({ facts }: Story, point: string) => facts.reports.filter((row) => row.point === point);
export const watcher = ({ history }: Story, i: number) => history.consoles[i] as ConsoleHistory;
