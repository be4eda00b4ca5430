/** What is counted from packed days is what the calls themselves give, whatever the span and the grouping. */
import { deepStrictEqual as same } from 'node:assert';
import fc from 'fast-check';
import t from 'tap';
import { ClockTally } from '../../src/planning/clock-tally.ts';
import { type FiledPastCall, type Leg, legs } from '../../src/planning/past-call.ts';
import { type PastDay, PastLegs, tallyDay } from '../../src/planning/past-days.ts';
import { responseTimes } from '../../src/planning/response-times.ts';
import { type ClockName, type Grouping, groupings } from '../../src/planning/schema.ts';
import { plainKey, plainLegs, plainTimes, somePastCalls } from '../support/past-calls.ts';

const DAY_MS = 24 * 3_600_000;
const start = Date.parse('2025-02-26T00:00:00+08:00'); // over the end of a month, and of a week
const targets = [480, 600, 900, 1800];

function packed(calls: readonly FiledPastCall[], dayStart: number, groupBy: Grouping): PastDay<ClockName | Leg> {
  const own = calls.filter(({ receivedAt }) => receivedAt >= dayStart && receivedAt < dayStart + DAY_MS);
  const isNamed = ['subdistrict', 'station', 'vehicleType'].includes(groupBy);
  const names = isNamed ? [...new Set(own.map(plainKey[groupBy]))] : [];
  const seconds = (of: (call: FiledPastCall) => number | null) => Int32Array.from(own, (call) => of(call) ?? -1);
  const clock = (of: (call: FiledPastCall) => number | null) =>
    Int32Array.from(own, (call) => (call.cancelled ? -2 : (of(call) ?? -1)));
  return {
    start: dayStart,
    calls: own.length,
    names,
    name: Int16Array.from(own, (call) => names.indexOf(plainKey[groupBy](call))),
    priority: Int16Array.from(own, ({ priority }) => priority ?? 0),
    received: Int32Array.from(own, ({ receivedAt }) => receivedAt - dayStart),
    seconds: {
      ...(Object.fromEntries(legs.map((leg) => [leg, seconds(({ legSeconds }) => legSeconds[leg])])) as Record<
        Leg,
        Int32Array
      >),
      response: clock(({ responseSeconds }) => responseSeconds),
      patient: clock(({ patientSeconds }) => patientSeconds),
      travel: clock(({ legSeconds }) => legSeconds.travel),
    },
  };
}

t.test('any calls, any span, any grouping', async (t) => {
  const span = fc.record({
    from: fc.integer({ min: -DAY_MS, max: 5 * DAY_MS }),
    lasts: fc.integer({ min: 1, max: 6 * DAY_MS }),
    groupBy: fc.constantFrom(...groupings),
  });
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(somePastCalls(start, 5, { maxLength: 60 }), span, (calls, { from, lasts, groupBy }) => {
        const asked = { groupBy, from: start + from, to: start + from + lasts, targets };
        const [tally, summed] = [new ClockTally(), new PastLegs(asked)];
        for (let day = 0; day < 5; day++) {
          const one = packed(calls, start + day * DAY_MS, groupBy);
          tallyDay(tally, one, asked);
          summed.add(one);
        }
        const { groups, total } = responseTimes(tally);
        const expected = plainTimes(calls, asked);
        const found = new Map(groups.map(({ key, clocks, withinTargetShare }) => [key, { clocks, withinTargetShare }]));
        same(found.size, expected.groups.size);
        for (const [key, figures] of expected.groups) same(found.get(key), figures);
        same({ clocks: total.clocks, withinTargetShare: total.withinTargetShare }, expected.total);

        const lost = plainLegs(calls, asked);
        const sums = summed.counts();
        for (const [key, { late, inTime, lateLegs }] of lost.groups) {
          const of = (isLate: boolean) => sums.find((sum) => sum.key === key && sum.late === isLate);
          same([of(true)?.calls ?? 0, of(false)?.calls ?? 0], [late, inTime]);
          for (const leg of legs) {
            const sum = of(true);
            const mean = sum?.[`${leg}_calls`] ? (sum[leg] as number) / (sum[`${leg}_calls`] as number) : null;
            same(mean, lateLegs[leg] ?? null);
          }
        }
        same(
          sums.reduce((all, sum) => all + sum.calls, 0),
          lost.total.late + lost.total.inTime,
        );
      }),
      { seed: 41, numRuns: 150 },
    ),
  );
});
