import fc from 'fast-check';
import t from 'tap';
import { judgeReport } from '../../src/calls/time-points.ts';
import { callStatusOf, furthest, nextStatuses, runPoints, statusAfter } from '../../src/domain/run.ts';
import { unitStatuses } from '../../src/domain/vocabulary.ts';

const received = Date.parse('2026-03-02T10:00:00+08:00');
const minute = 60_000;
const context = { receivedAt: received, counting: [], callEnded: false };

t.test('before the call and in the future are refused; a minute of skew is not', async (t) => {
  const judge = (at: number) => judgeReport({ point: 'on-scene', at, heardAt: received + 5 * minute }, context);
  t.equal(judge(received - 1).refused, 'time-point-before-call');
  t.equal(judge(received + 6 * minute + 1).refused, 'time-point-in-future');
  t.match(judge(received + 6 * minute), { refused: null, counts: true, flags: [] });
});

t.test(
  'heard late, repeated, contradicting, out of order, after the end: kept, flagged, the first counts',
  async (t) => {
    const counting = [
      { point: 'en-route', at: received + 2 * minute },
      { point: 'on-scene', at: received + 7 * minute },
    ] as const;
    const judge = (point: 'en-route' | 'on-scene' | 'at-patient', at: number, heardAt = at, callEnded = false) =>
      judgeReport({ point, at, heardAt }, { receivedAt: received, counting, callEnded });
    t.same(judge('at-patient', received + 8 * minute, received + 20 * minute), {
      refused: null,
      flags: ['late'],
      counts: true,
    });
    t.same(judge('on-scene', received + 7 * minute + 500, received + 8 * minute), {
      refused: null,
      flags: ['repeated'],
      counts: false,
    });
    t.same(judge('on-scene', received + 6 * minute), { refused: null, flags: ['contradicts-earlier'], counts: false });
    t.same(judge('at-patient', received + 6 * minute), { refused: null, flags: ['out-of-order'], counts: true });
    t.match(judge('at-patient', received + 8 * minute, received + 8 * minute, true), { flags: ['after-end'] });
  },
);

t.test('property: whatever is not refused is kept, and of one point exactly one counts', async () => {
  const reports = fc.array(
    fc.record({ point: fc.constantFrom(...runPoints), at: fc.integer({ min: 0, max: 3_600_000 }) }),
    { maxLength: 20 },
  );
  fc.assert(
    fc.property(reports, (given) => {
      const counting: { point: (typeof runPoints)[number]; at: number }[] = [];
      for (const { point, at } of given) {
        const judged = judgeReport(
          { point, at: received + at, heardAt: received + 3_600_000 },
          { ...context, counting },
        );
        if (judged.refused) return false;
        if (judged.counts) counting.push({ point, at: received + at });
      }
      return (
        new Set(counting.map((c) => c.point)).size === counting.length &&
        counting.length === new Set(given.map((g) => g.point)).size
      );
    }),
    { numRuns: 2000 },
  );
});

t.test('property: how far a unit is does not depend on the order in which it was heard', async () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...runPoints)), (points) => {
      const backwards = [...points].reverse();
      return furthest(points) === furthest(backwards) && callStatusOf([points]) === callStatusOf([backwards]);
    }),
  );
});

t.test('every status can be left, and a run through all points ends available', async (t) => {
  for (const status of unitStatuses) t.ok(nextStatuses[status].length > 0, status);
  t.equal(statusAfter[furthest(runPoints) ?? 'en-route'], 'available');
  t.equal(callStatusOf([]), 'open');
  t.equal(callStatusOf([['unit-notified'], ['unit-notified', 'on-scene']]), 'on-scene');
});
