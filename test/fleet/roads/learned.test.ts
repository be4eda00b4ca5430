/** What runs teach: towards what was driven, by how much was driven, and never far by one odd run. */
import fc from 'fast-check';
import t from 'tap';
import { seededRandom } from '../../../src/demo/random.ts';
import type { Position } from '../../../src/domain/position.ts';
import { type LearnedCell, learnedFactor, lessonOf, type Share } from '../../../src/fleet/roads/learned.ts';
import { customise } from '../../../src/fleet/roads/metric.ts';
import { metricsHere, RoadNetwork } from '../../../src/fleet/roads/network.ts';
import { prepareGraph } from '../../../src/fleet/roads/prepare/prepare.ts';
import { speedsAt } from '../../../src/fleet/roads/speeds.ts';
import { lessonFrom } from '../../../src/operations/learn-speeds.ts';
import { inventedRoads, SOUTH, STEP, WEST } from '../../support/roads.ts';

const AT = Date.parse('2026-03-02T08:30:00+08:00');
const shares: readonly Share[] = [
  { zone: 'z1', roadClass: 'primary', seconds: 90 },
  { zone: 'z1', roadClass: 'residential', seconds: 20 },
  { zone: 'z2', roadClass: 'primary', seconds: 90 },
];
const runs = (count: number, actualSeconds: number, hour = 8): LearnedCell[] =>
  Array.from({ length: count }, () => lessonOf(shares, actualSeconds, hour)).flat();

t.test(
  'property: one run’s shares are one run, and one odd run moves no speed by more than a ninth of what it says',
  async () => {
    fc.assert(
      fc.property(fc.double({ min: 5, max: 5_000, noNaN: true }), (actual) => {
        const cells = lessonOf(shares, actual, 8);
        const weight = cells.reduce((sum, cell) => sum + cell.weight, 0);
        const factor = learnedFactor(cells);
        const said = Math.abs(Math.log(Math.min(2.5, Math.max(0.4, 200 / actual))));
        const moved = cells.map(({ zone, roadClass }) => Math.abs(Math.log(factor(zone, roadClass, 8))));
        // Three levels, each a ninth at most of what is left to go.
        return Math.abs(weight - 1) < 1e-9 && moved.every((log) => log <= said * (1 - (8 / 9) ** 3) + 1e-9);
      }),
    );
  },
);

t.test('many runs that agree are believed, where they were driven and when', async (t) => {
  const slow = learnedFactor(runs(400, 400));
  t.ok(Math.abs(slow('z1', 'primary', 8) - 0.5) < 0.03, `${slow('z1', 'primary', 8)}: half the speed`);
  t.ok(slow('z9', 'primary', 8) < 0.6, 'a zone nobody drove in goes by its class and hour');
  t.ok(slow('z9', 'primary', 3) < 0.6 && slow('z9', 'primary', 3) > 0.45, 'another hour by the class');
  t.equal(slow('z1', 'motorway', 8), 1, 'a class nobody drove on by the table');
  const both = learnedFactor([...runs(400, 400, 8), ...runs(400, 200, 3)]);
  t.ok(both('z1', 'primary', 8) < 0.55 && both('z1', 'primary', 3) > 0.95, 'each hour keeps its own');
});

t.test('property: more runs that say the same never move a speed away from what they say', async () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 50 }), fc.double({ min: 81, max: 499, noNaN: true }), (count, actual) => {
      const off = (n: number) =>
        Math.abs(Math.log(learnedFactor(runs(n, actual))('z1', 'primary', 8)) - Math.log(200 / actual));
      return off(count + 1) <= off(count) + 1e-9;
    }),
  );
});

t.test(
  'foreseen and driven come together: after some hundred runs through traffic the table did not know',
  async (t) => {
    const { graph } = prepareGraph(inventedRoads(20, 20, 3));
    const random = seededRandom(5);
    // The truth: whatever jams is a third slower than the table has it.
    const jams = ['motorway', 'trunk', 'primary', 'secondary', 'tertiary', 'link'];
    const truth = customise(
      graph,
      speedsAt(graph, 8, (_zone, name) => (jams.includes(name) ? 0.66 : 1)),
    );
    const real = new RoadNetwork(graph, () => truth);
    const somewhere = (): Position => ({
      lon: WEST + random.next() * 19 * STEP,
      lat: SOUTH + random.next() * 19 * STEP,
      crs: 'wgs84',
    });
    const cells: LearnedCell[] = [];
    const errors: number[] = [];
    for (let n = 0; n < 300; n++) {
      const [from, to] = [somewhere(), somewhere()];
      const known = new RoadNetwork(graph, metricsHere(graph, learnedFactor(cells)));
      const seconds = real.route(from, to, AT).seconds * (0.9 + random.next() * 0.2);
      const run = {
        assignmentId: n,
        callId: 'c',
        unitId: 'u',
        enRouteAt: AT,
        onSceneAt: AT + seconds * 1000,
        from,
        to,
      };
      const lesson = lessonFrom(known, run);
      if (lesson.leftOut) continue;
      errors.push(Math.abs((lesson.predictedSeconds ?? 0) - seconds) / seconds);
      cells.push(...lessonOf(lesson.shares, lesson.roadSeconds, 8));
    }
    const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    const [first, last] = [mean(errors.slice(0, 60)), mean(errors.slice(-60))];
    t.ok(last < first * 0.7, `error fell from ${(first * 100).toFixed(1)} % to ${(last * 100).toFixed(1)} %`);
  },
);

t.test('what is no lesson', async (t) => {
  const network = new RoadNetwork(prepareGraph(inventedRoads(12, 12, 7)).graph);
  const run = (over: object) => ({
    assignmentId: 1,
    callId: 'c',
    unitId: 'u',
    enRouteAt: AT,
    onSceneAt: AT + 200_000,
    from: { lon: WEST + STEP, lat: SOUTH + STEP },
    to: { lon: WEST + 10 * STEP, lat: SOUTH + 10 * STEP },
    ...over,
  });
  t.equal(lessonFrom(network, run({ from: null })).leftOut, 'no-position');
  t.equal(lessonFrom(network, run({ to: { lon: 121.5, lat: 31.2 } })).leftOut, 'off-road');
  t.equal(lessonFrom(network, run({ to: { lon: WEST + STEP, lat: SOUTH + STEP } })).leftOut, 'too-short');
  t.equal(lessonFrom(network, run({ onSceneAt: AT + 5_000 })).leftOut, 'implausible');
  t.equal(lessonFrom(network, run({ onSceneAt: AT + 9_000_000 })).leftOut, 'implausible');
});
