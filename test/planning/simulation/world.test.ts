/** Days small enough to work out by hand, minute by minute; and days drawn, the same for whoever draws them. */
import t from 'tap';
import { firstToArrive, turnoutSeconds } from '../../../src/fleet/rank.ts';
import { casesByHour, drawCalls, WARM_UP_HOURS } from '../../../src/planning/simulation/calls.ts';
import { cityFaults } from '../../../src/planning/simulation/city.ts';
import { closestIdle, complaintOnly, nearestAny, type Policy } from '../../../src/planning/simulation/policy.ts';
import { fieldAt, type TallyField, tallyFields, WIDTH } from '../../../src/planning/simulation/tally.ts';
import { World } from '../../../src/planning/simulation/world.ts';
import { callsAt, type TownOptions, townOf } from './towns.ts';

function dayIn(town: TownOptions, policy: Policy, ...calls: (readonly [number, number])[]) {
  const tally = new Float64Array(WIDTH);
  new World(townOf(town), firstToArrive, turnoutSeconds).run(callsAt(...calls), policy, tally);
  return (field: TallyField) => tally[fieldAt[field]];
}

t.test('one call, one unit: every leg adds up', async (t) => {
  const town = {
    stations: [0],
    hospitals: [9],
    units: [[0, 'transport']],
    cases: [{ point: 3, hospital: 0 }],
  } as const;
  const day = dayIn(town, closestIdle, [0, 0]);
  t.equal(day('responseSeconds'), 60 + 60 + 180);
  t.equal(day('within8'), 1);
  t.equal(day('patientSeconds'), 330);
  t.equal(day('firstFits'), 1);
  t.equal(day('busySeconds'), 60 + 180 + 30 + 600 + 360 + 300, 'from being sent to handing over');
  t.equal(day('idleDriveSeconds'), 540, 'and the way home from the hospital');
  t.equal(day('moves'), 0);
});

t.test('nobody is free: the most urgent of those who wait is served first, by a unit that rolls already', async (t) => {
  const town = {
    stations: [0],
    units: [[0, 'transport']],
    cases: [{ point: 1 }, { point: 2 }, { point: 4, priority: 1 }],
  } as const;
  const day = dayIn(town, closestIdle, [0, 0], [10, 1], [20, 2]);
  // Free at the first patient's, place 1, after 60 + 60 + 60 + 30 + 600 = 810 s; then 10 s and the drive.
  const second = 810 + 10 + 180;
  const third = second + 30 + 600 + 10 + 120;
  t.equal(day('waited'), 2);
  t.equal(day('responseSeconds'), 180 + (second - 20) + (third - 10));
  t.equal(day('priority1Seconds'), second - 20);
  t.equal(day('within8'), 1);
});

t.test('a unit on its way home is sent from where it is', async (t) => {
  const town = { stations: [0], units: [[0, 'transport']], cases: [{ point: 8 }, { point: 2 }] } as const;
  // Free at place 8 at 60 + 60 + 480 + 630 = 1230 s, home at 1710 s; sent again at 1470 s, half way, from place 4.
  const day = dayIn(town, closestIdle, [0, 0], [1410, 1]);
  t.equal(day('responseSeconds'), 600 + 60 + 10 + 120);
  t.equal(day('idleDriveSeconds'), 240 + 120, 'half the first way home, and the whole second one');
});

t.test('what history shows decides the vehicle; without it a second one has to come', async (t) => {
  const town = {
    stations: [0, 5],
    units: [
      [0, 'transport'],
      [1, 'transport', 'monitoring'],
    ],
    cases: [{ point: 1, byHistory: 1, byComplaint: 0, truth: 1 }],
  } as const;
  const precise = dayIn(town, closestIdle, [0, 0]);
  t.equal(precise('responseSeconds'), 120 + 240);
  t.equal(precise('firstFits'), 1);
  t.equal(precise('seconds'), 0);
  for (const policy of [complaintOnly, nearestAny]) {
    const day = dayIn(town, policy, [0, 0]);
    t.equal(day('firstSeconds'), 180, 'somebody is there sooner');
    t.equal(day('firstFits'), 0, 'and cannot do what is needed');
    // At the patient after 210 s the crew sees it and asks for another: 60 s turnout, 240 s drive.
    t.equal(day('responseSeconds'), 210 + 60 + 240);
    t.equal(day('patientSeconds'), 210 + 60 + 240 + 30);
    t.equal(day('seconds'), 1);
    t.equal(day('busySeconds'), 480 + (60 + 240 + 30 + 600), 'the first stays until the second is with the patient');
  }
});

t.test('where no free unit has it the nearest goes, and one that has it follows when it can', async (t) => {
  const town = {
    stations: [0, 9],
    units: [
      [0, 'transport'],
      [1, 'transport', 'monitoring'],
    ],
    cases: [
      { point: 9, byHistory: 1, truth: 1 },
      { point: 1, byHistory: 1, truth: 1 },
    ],
  } as const;
  const day = dayIn(town, closestIdle, [0, 0], [30, 1]);
  // The only one that fits is free at place 9 after 60 + 60 + 0 + 30 + 600 = 750 s.
  t.equal(day('firstFits'), 1);
  t.equal(day('firstSeconds'), 120 + 180);
  t.equal(day('responseSeconds'), 120 + (750 + 10 + 480 - 30));
  t.equal(day('seconds'), 1);
});

t.test('calls before midnight load the city and are not counted', async (t) => {
  const town = { stations: [0], units: [[0, 'transport']], cases: [{ point: 1 }] } as const;
  const day = dayIn(town, closestIdle, [-600, 0], [0, 0]);
  t.equal(day('calls'), 1);
  // Free at −600 + 810 = 210 s at place 1, where the next patient is as well.
  t.equal(day('responseSeconds'), 210 + 10);
});

t.test('a day drawn is the same whoever draws it, and as busy as it should be', async (t) => {
  const city = townOf({
    stations: [0],
    units: [[0, 'transport']],
    cases: [
      { point: 1, hour: 3 },
      { point: 2, hour: null },
    ],
  });
  const byHour = casesByHour(city);
  t.same(drawCalls(city, byHour, 7, 3), drawCalls(city, byHour, 7, 3));
  t.not(drawCalls(city, byHour, 7, 3).at[0], drawCalls(city, byHour, 8, 3).at[0]);
  t.not(drawCalls(city, byHour, 7, 3).at[0], drawCalls(city, byHour, 7, 4).at[0]);
  const days = Array.from({ length: 400 }, (_, day) => drawCalls(city, byHour, 7, day));
  const calls = days.reduce((sum, day) => sum + day.count, 0) / 400;
  const expected = (60 * (24 + WARM_UP_HOURS)) / 24;
  t.ok(Math.abs(calls - expected) < 4 * Math.sqrt(expected / 400), `${calls} a day where ${expected} are expected`);
  for (const { at, who, count } of days) {
    for (let i = 0; i < count; i++) {
      if (i > 0 && (at[i] as number) < (at[i - 1] as number)) t.fail('out of order');
      if (who[i] === 0 && (Math.floor((at[i] as number) / 3600) + 24) % 24 !== 3)
        t.fail('a case of three o’clock at another hour');
    }
  }
});

t.test('every counted call is reached, once, whatever the policy', async (t) => {
  const city = townOf({
    stations: [0, 5, 9],
    hospitals: [4],
    units: [
      [0, 'transport'],
      [1, 'transport', 'monitoring'],
      [2, 'transport', 'monitoring'],
      [2, 'transport'],
    ],
    cases: Array.from({ length: 10 }, (_, point) => ({
      point,
      truth: point % 2,
      byHistory: point % 2,
      hospital: 0,
      priority: 1 as const,
    })),
  });
  const world = new World(city, firstToArrive, turnoutSeconds);
  for (const policy of [closestIdle, complaintOnly, nearestAny]) {
    for (let day = 0; day < 20; day++) {
      const tally = new Float64Array(WIDTH);
      const calls = drawCalls(city, casesByHour(city), 1, day);
      world.run(calls, policy, tally);
      const counted = calls.at.filter((at) => at >= 0).length;
      t.equal(tally[fieldAt.calls], counted);
      t.equal(tally[fieldAt.priority1], counted, `${policy.name}: a qualifying unit was there for each`);
      t.ok(tallyFields.every((field) => Number.isFinite(tally[fieldAt[field]])));
    }
  }
});

t.test('what cannot be simulated is said', async (t) => {
  const town = { stations: [0], units: [[0, 'transport']], cases: [{ point: 1 }] } as const;
  t.same(cityFaults(townOf(town)), []);
  t.match(cityFaults(townOf({ ...town, units: [] })), [/^units: none/]);
  t.match(cityFaults(townOf({ ...town, stations: [], units: [] })), [/^units/, /^stations/]);
  t.match(cityFaults(townOf({ ...town, cases: [] })), [/^demand/]);
  t.match(cityFaults({ ...townOf(town), seconds: new Float32Array(100).fill(Infinity) }), [/^drives: no road/]);
  t.match(cityFaults({ ...townOf(town), callsPerDay: 0 }), [/^demand: no calls/]);
});
