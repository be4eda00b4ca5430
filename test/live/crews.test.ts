/** Who was on which call: as a plain replay of the log says, whether followed from the start or rebuilt on the way. */
import fc from 'fast-check';
import t from 'tap';
import type { EventType, StoredEvent } from '../../src/domain/events.ts';
import { assigningTypes, CrewLog } from '../../src/live/crews.ts';

const units = ['u-1', 'u-2', 'u-3'];
const calls = ['c-1', 'c-2', 'c-3'];

type Step = readonly [EventType, string, string, string];
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.tuple(
    fc.constantFrom(...assigningTypes, 'clock.warning' as const),
    fc.constantFrom(...units),
    fc.constantFrom(...calls),
    fc.constantFrom('notified', 'on-scene', 'returning', 'available', 'off-duty'),
  ),
  { maxLength: 40 },
);

const logOf = (list: readonly Step[]): StoredEvent[] =>
  list.map(([type, unitId, callId, status], index) => ({
    seq: index + 1,
    type,
    at: '2026-03-02T02:00:00.000Z',
    callId,
    data: type === 'call.closed' ? {} : { unitId, status },
  }));

/** The same by the plainest of means: the state before and after each event. */
function plainly(log: readonly StoredEvent[]) {
  const on = new Map<string, string>();
  const present = log.map(({ type, callId, data }) => {
    const before = new Map(on);
    const unitId = String(data.unitId);
    if (type === 'unit.assigned') on.set(unitId, callId as string);
    else if (type === 'unit.stood-down') on.delete(unitId);
    else if (type === 'unit.status' && ['returning', 'available', 'off-duty'].includes(String(data.status)))
      on.delete(unitId);
    else if (type === 'call.closed') for (const unit of units) if (on.get(unit) === callId) on.delete(unit);
    return [before, new Map(on)] as const;
  });
  return { present, now: on };
}

t.test('a unit is on a call from the event that sends it to the one that releases it, both included', async (t) => {
  const following = fc.property(steps, (list) => {
    const log = logOf(list);
    const crews = new CrewLog(1_000);
    for (const event of log) crews.take(event);
    const { present, now } = plainly(log);
    for (const unit of units) {
      if (crews.callOf(unit) !== (now.get(unit) ?? null)) return false;
      for (const [index, [before, after]] of present.entries()) {
        for (const call of calls) {
          const expected = before.get(unit) === call || after.get(unit) === call;
          if (crews.wasOn(unit, call, index + 1) !== expected) return false;
        }
      }
    }
    return true;
  });
  t.doesNotThrow(() => fc.assert(following, { numRuns: 300 }));
});

t.test('rebuilt from part of the log and who is on a call, it knows the same of that part', async (t) => {
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(steps, fc.nat(40), (list, cut) => {
        const log = logOf(list);
        const followed = new CrewLog(1_000);
        for (const event of log) followed.take(event);
        const rebuilt = new CrewLog(1_000);
        const open = units.flatMap((unitId) => {
          const callId = followed.callOf(unitId);
          const seq = log.findLast((e) => e.type === 'unit.assigned' && e.data.unitId === unitId)?.seq ?? 0;
          return callId === null ? [] : [{ unitId, callId, seq }];
        });
        rebuilt.rebuild(log.slice(cut), open);
        return units.every((unit) => rebuilt.callOf(unit) === followed.callOf(unit));
      }),
      { numRuns: 200 },
    ),
  );
});
