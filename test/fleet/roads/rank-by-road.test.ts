/** Looking near first changes nothing: the units ranked first by road are those that all drives worked out would give. */
import fc from 'fast-check';
import t from 'tap';
import { seededRandom } from '../../../src/demo/random.ts';
import type { Position } from '../../../src/domain/position.ts';
import { type Capability, capabilities, unitStatuses } from '../../../src/domain/vocabulary.ts';
import { firstToArrive, type RankingRequest } from '../../../src/fleet/rank.ts';
import { RoadNetwork } from '../../../src/fleet/roads/network.ts';
import { prepareGraph } from '../../../src/fleet/roads/prepare/prepare.ts';
import type { Unit } from '../../../src/fleet/schema.ts';
import type { Travel } from '../../../src/fleet/travel.ts';
import { inventedRoads, SOUTH, STEP, WEST } from '../../support/roads.ts';

const AT = Date.parse('2026-03-02T08:30:00+08:00');
const OFF_THE_MAP: Position = { lon: 121.5, lat: 31.2, crs: 'wgs84' };
/** After so many questions with one list all that stand on the map have their labels, and are packed. */
const ASKED = 8;

t.test('property: units by road', async (t) => {
  const kinds: readonly Capability[][] = [
    ['transport'],
    ['transport', 'monitoring', 'defibrillator'],
    [...capabilities],
  ];
  const property = fc.property(
    fc.integer(),
    fc.integer({ min: 1, max: 60 }),
    fc.subarray([...capabilities]),
    (seed, size, preferred) => {
      const random = seededRandom(seed);
      const [columns, rows] = [random.whole(4, 30), random.whole(4, 30)];
      const network = new RoadNetwork(prepareGraph(inventedRoads(columns, rows, seed)).graph);
      const somewhere = (): Position => ({
        lon: WEST + (random.next() * (columns + 4) - 2) * STEP,
        lat: SOUTH + (random.next() * (rows + 4) - 2) * STEP,
        crs: 'wgs84',
      });
      const destination = somewhere();
      const yard = somewhere();
      const near = (): Position => ({ ...destination, lon: destination.lon + random.next() * STEP * 0.1 });
      const units = Array.from({ length: size }, (_, i): Unit => {
        const position = random.pick([somewhere, somewhere, somewhere, near, () => yard, () => OFF_THE_MAP])();
        const isPlaced = random.chance(0.9);
        return {
          unitId: `unit-${i}`,
          vehicleType: 'intensive',
          capabilities: random.pick(kinds),
          status: random.pick(['available', 'available', 'returning', ...unitStatuses]),
          position: isPlaced ? position : null,
          positionAt: isPlaced ? AT - random.pick([5_000, 5_000, 5_000, 3_600_000]) : null,
          stationId: null,
        };
      });
      const request = (over: Partial<RankingRequest> = {}): RankingRequest => ({
        required: random.pick(kinds),
        preferred,
        destination,
        receivedAt: AT - 20_000,
        now: AT,
        targetSeconds: 480,
        atMost: { satisfying: 3, inAll: 5 },
        ...over,
      });
      const whole: Travel = {
        toOne: (origins, to, at) => network.toOne(origins, to, at),
        fromOne: (from, destinations, at) => network.fromOne(from, destinations, at),
        route: (from, to, at) => network.route(from, to, at),
        offRoadMetres: (place) => network.offRoadMetres(place),
      };
      for (let i = 0; i < ASKED; i++) firstToArrive(request(), units, network);
      return [destination, yard, ...Array.from({ length: 30 }, somewhere)].every((to) => {
        const asked = request({ destination: to });
        const { atMost, ...forAll } = asked;
        const all = firstToArrive(forAll, units, whole);
        const first = all.filter(({ satisfies }) => satisfies).slice(0, atMost?.satisfying);
        first.push(...all.filter(({ satisfies }) => !satisfies).slice(0, (atMost?.inAll ?? 0) - first.length));
        return JSON.stringify(firstToArrive(asked, units, network)) === JSON.stringify(first);
      });
    },
  );
  t.doesNotThrow(() => fc.assert(property, { numRuns: 150 }));
});
