/** Who is offered, in which order, and with which arrival: worked out by hand on a straight line. */
import fc from 'fast-check';
import t from 'tap';
import { chinaMinute, minuteOf, offerResponders, type Responder, timeOf } from '../../src/fleet/responders.ts';
import { responderKinds } from '../../src/fleet/responders-schema.ts';
import { straightLineTravel } from '../../src/fleet/travel.ts';

const NOON = Date.parse('2026-03-02T12:00:00+08:00');
const patient = { lon: 116.36, lat: 39.91, crs: 'wgs84' } as const;
/** So many metres to the north; by the way one walks it is 1.3 times as far. */
const north = (metres: number) => ({ lon: 116.36, lat: 39.91 + metres / 111_195, crs: 'wgs84' }) as const;
const responder = (responderId: string, kind: Responder['kind'], metres: number): Responder => ({
  responderId,
  kind,
  position: north(metres),
});
const offer = (...free: Responder[]) => offerResponders(free, patient, straightLineTravel, NOON);

t.test('each kind in its own way of coming', async (t) => {
  const offered = offer(
    responder('v', 'volunteer', 200),
    responder('m', 'micro-fire-station', 1000),
    responder('f', 'fire-station', 2000),
    responder('d', 'defibrillator', 150),
  );
  const seconds = Object.fromEntries(offered.map((each) => [each.responderId, each.predictedSeconds]));
  t.equal(seconds.v, 60 + 130, '260 m on foot at 2 m/s');
  t.equal(seconds.m, 60 + 325, '1,300 m at 4 m/s');
  t.equal(seconds.f, 60 + 312, '2,600 m at 30 km/h, the speed of noon');
  t.equal(seconds.d, 156, '195 m there and back at 2.5 m/s');
  t.same(
    offered.map((each) => each.responderId),
    ['v', 'f', 'm', 'd'],
    'people first, the soonest first',
  );
});

t.test('who comes too late is no first responder, and of many the soonest five and two are enough', async (t) => {
  t.same(offer(responder('v', 'volunteer', 1300)), []);
  t.same(offer(), []);
  const many = Array.from({ length: 12 }, (_, i) => [
    responder(`v-${String(i).padStart(2, '0')}`, 'volunteer', 900 - i * 10),
    responder(`d-${String(i).padStart(2, '0')}`, 'defibrillator', 100 + i * 10),
  ]).flat();
  t.same(
    offer(...many).map((each) => each.responderId),
    ['v-11', 'v-10', 'v-09', 'v-08', 'v-07', 'd-00', 'd-01'],
  );
});

t.test('the order they are given in changes nothing', async () => {
  const responders = fc.uniqueArray(
    fc.record({
      id: fc.integer({ min: 0, max: 99 }),
      kind: fc.constantFrom(...responderKinds),
      metres: fc.integer({ min: 0, max: 3000 }),
    }),
    { selector: ({ id }) => id, maxLength: 20 },
  );
  fc.assert(
    fc.property(responders, (given) => {
      const free = given.map(({ id, kind, metres }) => responder(`r-${id}`, kind, metres));
      return JSON.stringify(offer(...free)) === JSON.stringify(offer(...free.reverse()));
    }),
    { numRuns: 300, seed: 1 },
  );
});

t.test('hours of the day in China', async (t) => {
  t.equal(chinaMinute(Date.parse('2026-03-02T00:00:00+08:00')), 0);
  t.equal(chinaMinute(Date.parse('2026-03-02T23:59:59+08:00')), 1439);
  t.equal(chinaMinute(Date.parse('2026-03-01T16:30:00Z')), 30);
  for (const minute of [0, 59, 60, 1439]) t.equal(minuteOf(timeOf(minute)), minute);
});
