/** Figures of the clocks from counts: small sets by hand, any set against sorting its values. */
import fc from 'fast-check';
import t from 'tap';
import { ClockTally, Seconds, states } from '../../src/planning/clock-tally.ts';
import { figuresOf as figuresOfSeconds, responseTimes, responseTimesCsv } from '../../src/planning/response-times.ts';
import type { ClockName } from '../../src/planning/schema.ts';

interface Bin {
  readonly key: string | null;
  readonly clock: ClockName;
  readonly seconds: number;
  readonly calls: number;
}
const figuresOf = (bins: readonly Pick<Bin, 'seconds' | 'calls'>[]) => figuresOfSeconds(Seconds.from(bins));
function timesOf(bins: readonly Bin[]) {
  const tally = new ClockTally();
  for (const { key, clock, seconds, calls } of bins) tally.group(key)[clock].add(seconds, calls);
  return responseTimes(tally);
}

const each = (values: readonly number[]) => values.map((seconds) => ({ seconds, calls: 1 }));

t.test('by hand', async (t) => {
  t.match(figuresOf(each([300, 100, 200])), {
    count: 3,
    meanSeconds: 200,
    medianSeconds: 200,
    p90Seconds: 280,
    within8Share: 1,
  });
  t.match(figuresOf(each([100, 400, 200, 300])), { count: 4, medianSeconds: 250, p90Seconds: 370 }, 'an even number');
  t.match(
    figuresOf([
      { seconds: 100, calls: 9 },
      { seconds: 1000, calls: 1 },
    ]),
    {
      count: 10,
      meanSeconds: 190,
      medianSeconds: 100,
      p90Seconds: 190, // place 9 · 0.9 = 8.1, a tenth of the way from the ninth value to the tenth
      within8Share: 0.9,
    },
  );
  t.match(figuresOf(each([480, 481])), { within8Share: 0.5 }, '8:00 is within, a second more is not');
  t.same(figuresOf(each([])), {
    count: 0,
    missing: 0,
    live: 0,
    cancelled: 0,
    meanSeconds: null,
    medianSeconds: null,
    p90Seconds: null,
    within8Share: null,
  });
  const states4 = [
    { seconds: states.missing, calls: 3 },
    { seconds: states.missingLive, calls: 2 },
    { seconds: states.cancelled, calls: 4 },
  ];
  t.match(figuresOf([...states4, ...each([60])]), { count: 1, missing: 5, live: 2, cancelled: 4, meanSeconds: 60 });
});

const values = fc.array(fc.integer({ min: 0, max: 6_000 }), { minLength: 1, maxLength: 300 });

t.test('any set: as sorting its values gives', async (t) => {
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(values, (seconds) => {
        const counts = new Map<number, number>();
        for (const value of seconds) counts.set(value, (counts.get(value) ?? 0) + 1);
        const figures = figuresOf([...counts].map(([value, calls]) => ({ seconds: value, calls })));
        const sorted = seconds.toSorted((a, b) => a - b);
        const percentile = (p: number) => {
          const place = (sorted.length - 1) * p;
          const [below, above] = [sorted[Math.floor(place)] as number, sorted[Math.ceil(place)] as number];
          return Math.round(below + (above - below) * (place - Math.floor(place)));
        };
        t.strictSame(
          [figures.medianSeconds, figures.p90Seconds, figures.within8Share],
          [percentile(0.5), percentile(0.9), seconds.filter((value) => value <= 480).length / seconds.length],
        );
      }),
      { seed: 1 },
    ),
  );
});

t.test('several days: from the calls, which is not the average of the days', async (t) => {
  const days = { quiet: [200, 220, 240], busy: [300, 500, 700, 900, 1100, 1300, 1500, 1700, 1900] };
  const bins = Object.entries(days).flatMap(([key, values]) =>
    each(values).map((bin): Bin => ({ key, clock: 'response', ...bin })),
  );
  const { groups, total } = timesOf(bins);
  const p90 = groups.map(({ clocks }) => clocks.response.p90Seconds ?? 0);
  t.same(p90, [1740, 236], 'busy and quiet');
  t.equal(total.clocks.response.p90Seconds, 1680);
  t.not(total.clocks.response.p90Seconds, ((p90[0] ?? 0) + (p90[1] ?? 0)) / 2);
});

t.test('groups in the order of their keys, the unknown last', async (t) => {
  const keys = ['10', null, '9', '0'];
  const { groups, total } = timesOf(keys.map((key) => ({ key, clock: 'travel', seconds: 60, calls: 1 })));
  t.same(
    groups.map(({ key }) => key),
    ['0', '9', '10', null],
  );
  t.equal(total.clocks.travel.count, 4);
  t.equal(total.clocks.patient.count, 0);
});

t.test('as comma-separated values, where a name is never taken for a formula', async (t) => {
  const bins = [
    { key: '=1+1, "x"', clock: 'response', seconds: 100, calls: 2 },
    { key: null, clock: 'response', seconds: states.missing, calls: 1 },
  ] as const;
  const { groups, total } = timesOf(bins);
  const csv = responseTimesCsv({ groups: groups as never, total: total.clocks });
  const [head, first, ...rest] = csv.split('\r\n');
  t.equal(head, 'group,clock,count,missing,live,cancelled,meanSeconds,medianSeconds,p90Seconds,within8Share');
  t.equal(first, `"'=1+1, ""x""",response,2,0,0,0,100,100,100,1`);
  t.equal(rest.at(-1), '');
  t.ok(rest.includes(',response,0,1,0,0,,,,'), 'what is not known is empty');
  t.ok(rest.includes('total,response,2,1,0,0,100,100,100,1'));
});

t.test('a histogram holds each measured call once', async (t) => {
  const bins = [0, 1, 60, 61, 1_799, 1_800, 1_801, 9_000].map(
    (seconds) => ({ key: 'a', clock: 'travel', seconds, calls: 1 }) as const,
  );
  const { total, groups } = timesOf([...bins, { key: 'a', clock: 'travel', seconds: states.missing, calls: 5 }]);
  const { travel } = total.histograms;
  t.same([travel[0], travel[1], travel[29], travel[30]], [3, 1, 2, 2]);
  t.same(groups[0]?.histograms, total.histograms);
});

t.test('shares within the target of each call’s own priority', async (t) => {
  const tally = new ClockTally();
  Object.assign(tally.group('a'), { measured: 3, within: 3 });
  Object.assign(tally.group('b'), { measured: 1, within: 0 });
  tally.group(null);
  const { groups, total } = responseTimes(tally);
  t.same(
    groups.map(({ key, withinTargetShare }) => [key, withinTargetShare]),
    [
      ['a', 1],
      ['b', 0],
      [null, null],
    ],
  );
  t.equal(total.withinTargetShare, 0.75);
});
