/** What a simulated crew does: each run whole and in order, however seldom anybody looks. */
import fc from 'fast-check';
import t from 'tap';
import { type Crew, type CrewReports, dueReports, habitsOf, reportEverySeconds } from '../../src/demo/crew.ts';
import { inventStreets } from '../../src/demo/streets.ts';
import { distanceMetres, type Position } from '../../src/domain/position.ts';
import { type RunPoint, runPoints } from '../../src/domain/run.ts';
import { RoadNetwork } from '../../src/fleet/roads/network.ts';
import { prepareGraph } from '../../src/fleet/roads/prepare/prepare.ts';
import { straightLineTravel } from '../../src/fleet/travel.ts';

const START = Date.parse('2026-03-02T10:00:00+08:00');
const at = (lon: number, lat: number): Position => ({ lon, lat, crs: 'wgs84' });
const station = at(116.36, 39.91);
const place = at(116.372, 39.921);
const hospital = at(116.35, 39.9);
const pace = { seed: 1, factor: 1 };

const sent = (over: Partial<Crew> = {}): Crew => ({
  unitId: 'demo-unit-01',
  status: 'notified',
  position: station,
  positionAt: START,
  station,
  run: { callId: 'c-1', points: { 'unit-notified': START }, place, hospital },
  ...over,
});

/** The crew as the database has it after these reports. */
function heard(crew: Crew, { points, fix }: CrewReports, now: number): Crew {
  const passed = Object.fromEntries(points.map(({ point, at }) => [point, at]));
  return {
    ...crew,
    ...(fix ? { position: fix, positionAt: now } : {}),
    run: crew.run && { ...crew.run, points: { ...crew.run.points, ...passed } },
  };
}

/** Looks every `stepMs` until the crew is through; its points, and when it was. */
function live(from: Crew, stepMs: number, given = pace) {
  let crew = from;
  for (let now = START; now < START + 6 * 3_600_000; now += stepMs) {
    const reports = dueReports(crew, now, given, straightLineTravel);
    crew = heard(crew, reports, now);
    if (reports.status) return { crew, points: crew.run?.points ?? {}, through: reports.status.at, now };
  }
  throw new Error('the crew was never through');
}

/** A call whose crew takes the patient to hospital, or treats them where they are. */
function callWhere(transports: boolean): string {
  for (let n = 1; ; n++) if (habitsOf(pace, 'demo-unit-01', `c-${n}`).transports === transports) return `c-${n}`;
}
const runOf = (callId: string, over = {}): Crew =>
  sent({ run: { callId, points: { 'unit-notified': START }, place, hospital, ...over } });

t.test('a run with a patient taken to hospital', async (t) => {
  const { points, through, crew } = live(runOf(callWhere(true)), 1_000);
  const expected = runPoints.filter((point) => point !== 'in-service');
  t.same(Object.keys(points), expected, 'every point, in order');
  const legs = (from: RunPoint, to: RunPoint) => ((points[to] ?? 0) - (points[from] ?? 0)) / 1000;
  t.ok(legs('unit-notified', 'en-route') >= 30 && legs('unit-notified', 'en-route') <= 90, 'turnout');
  t.ok(legs('on-scene', 'at-patient') >= 60 && legs('on-scene', 'at-patient') <= 240, 'the way to the patient');
  const predicted = straightLineTravel.toOne([station], place, START).seconds[0] ?? 0;
  t.ok(Math.abs(legs('en-route', 'on-scene') - predicted) < 2, 'drives as the travel port says');
  t.ok(through > (points['handed-over'] ?? Infinity));
  t.ok(distanceMetres(crew.position, hospital) < 1);
});

t.test('treated where they are, and where no hospital is named', async (t) => {
  for (const crew of [runOf(callWhere(false)), runOf(callWhere(true), { hospital: null })]) {
    const { points, crew: after } = live(crew, 1_000);
    t.same(Object.keys(points).at(-1), 'at-patient');
    t.ok(distanceMetres(after.position, place) < 1);
  }
});

t.test('as many times as fast as it is told to be', async (t) => {
  const slow = live(sent(), 200);
  const fast = live(sent(), 200, { ...pace, factor: 60 });
  t.ok(Math.abs((slow.through - START) / 60 - (fast.through - START)) < 1_000);
});

t.test('property: however seldom anybody looks, the same points at the same times', async () => {
  const degrees = fc.double({ min: -0.04, max: 0.04, noNaN: true });
  fc.assert(
    fc.property(fc.integer(), degrees, degrees, fc.integer({ min: 500, max: 3_600_000 }), (seed, lon, lat, stepMs) => {
      const given = { seed, factor: 1 };
      const crew = sent({
        run: { callId: 'c-1', points: { 'unit-notified': START }, place: at(116.36 + lon, 39.91 + lat), hospital },
      });
      const [often, seldom] = [live(crew, 1_000, given), live(crew, stepMs, given)];
      const inOrder = Object.values(seldom.points).every((each, i, all) => i === 0 || each >= (all[i - 1] ?? 0));
      // Speed follows the hour of the day, so a leg over the full hour depends a little on when it was looked at.
      const near = (a = 0, b = 0) => Math.abs(a - b) < 180_000;
      return (
        inOrder &&
        Math.max(...Object.values(seldom.points)) <= seldom.now &&
        Object.keys(often.points).join() === Object.keys(seldom.points).join() &&
        runPoints.every((point) => near(often.points[point], seldom.points[point])) &&
        near(often.through, seldom.through)
      );
    }),
    { numRuns: 100 },
  );
});

t.test('a crew that does not know where to waits, ready', async (t) => {
  const lost = runOf('c-1', { place: null });
  const reports = dueReports(lost, START + 3_600_000, pace, straightLineTravel);
  t.same(
    reports.points.map(({ point }) => point),
    ['unit-acknowledged', 'en-route'],
  );
  t.equal(reports.status, null);
  t.same(reports.fix, station);
  const told = {
    ...heard(lost, reports, START + 3_600_000),
    run: { ...heard(lost, reports, START + 3_600_000).run, place },
  };
  const later = dueReports(told as Crew, START + 4_000_000, pace, straightLineTravel);
  t.equal(later.points[0]?.point, 'on-scene', 'and drives once somebody says');
  t.ok((later.points[0]?.at ?? 0) > START + 3_600_000, 'from where it waited');
});

t.test('says where it is every two to five seconds on the road, and once a minute standing', async (t) => {
  const every = new Set(Array.from({ length: 24 }, (_, i) => reportEverySeconds(`demo-unit-${i}`)));
  t.same([...every].sort(), [2, 3, 4, 5]);
  const home: Crew = { ...sent(), status: 'returning', position: place, run: null };
  const seconds = reportEverySeconds(home.unitId);
  t.equal(dueReports(home, START + seconds * 1_000 - 1, pace, straightLineTravel).fix, null);
  const { fix } = dueReports(home, START + seconds * 1_000, pace, straightLineTravel);
  t.ok(fix && distanceMetres(fix, place) > 5 && distanceMetres(fix, station) < distanceMetres(place, station));
  const standing: Crew = { ...sent(), status: 'available', run: null };
  t.equal(dueReports(standing, START + 59_999, pace, straightLineTravel).fix, null);
  t.same(dueReports(standing, START + 60_000, pace, straightLineTravel).fix, station);
});

t.test('back to the station, and where there is none on the spot', async (t) => {
  const home: Crew = { ...sent(), status: 'returning', position: hospital, run: null };
  const reports = dueReports(home, START + 3_600_000, pace, straightLineTravel);
  t.equal(reports.status?.status, 'available');
  t.ok((reports.status?.at ?? 0) < START + 3_600_000, 'when it was there, not when somebody looked');
  t.same(reports.fix, station);
  t.equal(dueReports({ ...home, station: null }, START + 1, pace, straightLineTravel).status?.status, 'available');
  const freed: Crew = { ...home, status: 'at-hospital' };
  t.equal(dueReports(freed, START + 1, pace, straightLineTravel).status?.status, 'returning');
});

t.test('along the streets where there are streets: there when the road says, however often it looks', async (t) => {
  const network = new RoadNetwork(prepareGraph(inventStreets()).graph);
  for (const [lon, lat] of [
    [116.372, 39.921],
    [116.366, 39.952],
    [116.3402, 39.8804],
  ] as const) {
    const door = at(lon, lat);
    let crew = sent({ run: { callId: 'c-1', points: { 'unit-notified': START }, place: door, hospital: null } });
    let onScene: number | undefined;
    const seen: Position[] = [];
    for (let now = START; onScene === undefined && now < START + 3_600_000; now += 2_000) {
      const reports = dueReports(crew, now, pace, network);
      crew = heard(crew, reports, now);
      if (reports.fix) seen.push(reports.fix);
      onScene = crew.run?.points['on-scene'];
    }
    const expected = network.route(station, door, START).seconds;
    const drove = ((onScene ?? Infinity) - (crew.run?.points['en-route'] ?? 0)) / 1000;
    t.ok(Math.abs(drove - expected) <= 0.1 * expected + 5, `drove ${drove} s, ${expected} s foreseen`);
    t.ok(seen.length > 10 && seen.slice(5, -5).every((fix) => network.offRoadMetres(fix) < 60), 'and kept to the road');
  }
});
