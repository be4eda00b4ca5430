/** Only the units that may be among the first are ranked: the ranking of all of them begins alike. */
import fc from 'fast-check';
import t from 'tap';
import { firstToArrive, turnoutSeconds } from '../../../src/fleet/rank.ts';
import { Clock, Driving } from '../../../src/planning/simulation/driving.ts';
import { Units } from '../../../src/planning/simulation/units.ts';
import { townOf } from './towns.ts';

const FLEET = 20;
const COUNT = 4;

t.test('the first of the ranking are the same, whoever was left out before', async (t) => {
  const unit = fc.record({
    station: fc.integer({ min: 0, max: 4 }),
    equipped: fc.boolean(),
    status: fc.constantFrom('idle', 'busy', 'moving'),
    to: fc.integer({ min: 0, max: 4 }),
  });
  const fleets = fc.array(unit, { minLength: 1, maxLength: FLEET });
  const asked = fc.record({
    point: fc.integer({ min: 0, max: 9 }),
    need: fc.constantFrom(null, 0, 1),
    slow: fc.boolean(),
    later: fc.double({ min: 0, max: 700, noNaN: true }),
  });
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(fleets, asked, (fleet, { point, need, slow, later }) => {
        const city = townOf({
          stations: [0, 2, 4, 6, 9],
          units: fleet.map(({ station, equipped }) =>
            equipped ? [station, 'transport', 'monitoring'] : [station, 'transport'],
          ),
          cases: [{ point }],
        });
        const clock = new Clock();
        const driving = new Driving(city, clock);
        const units = new Units(city, driving, clock, turnoutSeconds);
        units.begin();
        for (const [i, { status, to }] of fleet.entries()) {
          if (status === 'busy') units.pass(i, 'unit-notified');
          if (status === 'moving') units.setOff(i, units.placeOf(i).index, to);
        }
        clock.moveTo(later);
        const firstOf = (count: number) =>
          firstToArrive(
            {
              required: need === null ? [] : (city.needs[need]?.required ?? []),
              preferred: [],
              destination: driving.places[point] ?? null,
              receivedAt: Date.parse('2026-01-05T00:00:00+08:00'),
              now: Date.parse('2026-01-05T00:00:00+08:00') + later * 1000,
              targetSeconds: 480,
              atMost: { satisfying: COUNT, inAll: COUNT },
            },
            units.soonest(count, point, slow, need),
            slow ? driving.slowly : driving.quickly,
          );
        return JSON.stringify(firstOf(COUNT)) === JSON.stringify(firstOf(FLEET));
      }),
      { numRuns: 500, seed: 5 },
    ),
  );
});
