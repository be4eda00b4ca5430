import fc from 'fast-check';
import t from 'tap';
import { distanceMetres, type Position } from '../../src/domain/position.ts';
import { type Capability, capabilities, unitStatuses } from '../../src/domain/vocabulary.ts';
import { chooseHospitals } from '../../src/fleet/hospitals.ts';
import { firstToArrive, type RankingRequest, STALE_POSITION_SECONDS } from '../../src/fleet/rank.ts';
import type { Place, Unit } from '../../src/fleet/schema.ts';
import { straightLineTravel, type Travel } from '../../src/fleet/travel.ts';

const now = Date.parse('2026-03-02T02:00:00Z');
const at = (lon: number, lat: number): Position => ({ lon, lat, crs: 'wgs84' });
const scene = at(116.36, 39.91);
const unit = (unitId: string, over: Partial<Unit> = {}): Unit => ({
  unitId,
  vehicleType: 'intensive',
  capabilities: ['transport', 'monitoring', 'defibrillator', 'twelve-lead-ecg'],
  status: 'available',
  position: at(116.37, 39.91),
  positionAt: now - 5_000,
  stationId: null,
  ...over,
});
const request = (over: Partial<RankingRequest> = {}): RankingRequest => ({
  required: ['transport', 'defibrillator'],
  preferred: [],
  destination: scene,
  receivedAt: now,
  now,
  targetSeconds: 480,
  ...over,
});
const rank = (units: Unit[], over: Partial<RankingRequest> = {}, travel = straightLineTravel) =>
  firstToArrive(request(over), units, travel);
/** Tells nothing of what is farther away than asked. */
const shortSighted: Travel = {
  ...straightLineTravel,
  toOne(origins, destination, at, within = Infinity) {
    const { seconds, estimate } = straightLineTravel.toOne(origins, destination, at);
    return { seconds: seconds.map((each) => (each < within ? each : Infinity)), estimate };
  },
};

t.test(
  'a nearer unit that lacks something comes after a farther one that does not, and says what it lacks',
  async (t) => {
    const ranked = rank([
      unit('near', { capabilities: ['transport'], position: at(116.361, 39.91) }),
      unit('far', { position: at(116.4, 39.95) }),
    ]);
    t.same(
      ranked.map((u) => [u.unitId, u.satisfies, u.shortfalls]),
      [
        ['far', true, []],
        ['near', false, ['defibrillator']],
      ],
    );
  },
);

t.test('a returning unit saves the turnout; the time already gone counts for all', async (t) => {
  const [first, second] = rank([unit('station'), unit('rolling', { status: 'returning' })], {
    receivedAt: now - 90_000,
  });
  t.equal(first?.unitId, 'rolling');
  t.equal(first?.predictedResponseSeconds, 90 + 10 + (first?.etaSeconds ?? 0));
  t.equal(second?.predictedResponseSeconds, 90 + 60 + (second?.etaSeconds ?? 0));
});

t.test('only units that can be sent are listed', async (t) => {
  const ranked = rank(unitStatuses.map((status) => unit(status, { status })));
  t.same(ranked.map((u) => u.unitId).sort(), ['available', 'returning']);
});

t.test('an old or unknown position predicts nothing and never counts as satisfying', async (t) => {
  const ranked = rank([
    unit('old', { positionAt: now - (STALE_POSITION_SECONDS + 1) * 1000 }),
    unit('nowhere', { position: null, positionAt: null }),
    unit('fresh', { position: at(116.6, 39.99) }),
  ]);
  t.equal(ranked[0]?.unitId, 'fresh');
  t.match(
    ranked.find((u) => u.unitId === 'old'),
    {
      satisfies: false,
      shortfalls: ['position-stale'],
      predictedResponseSeconds: null,
      meetsTarget: false,
      positionAgeSeconds: STALE_POSITION_SECONDS + 1,
    },
  );
  t.match(
    ranked.find((u) => u.unitId === 'nowhere'),
    { satisfies: false, shortfalls: ['position-unknown'] },
  );
});

t.test('without a known place the order says only who satisfies, and promises no time', async (t) => {
  const ranked = rank([unit('lacks', { capabilities: ['transport'] }), unit('has')], { destination: null });
  t.same(
    ranked.map((u) => [u.unitId, u.etaSeconds, u.meetsTarget]),
    [
      ['has', null, false],
      ['lacks', null, false],
    ],
  );
});

t.test('equal arrival: the preferred equipment first, then the one that leaves more behind', async (t) => {
  const base: Capability[] = ['transport', 'defibrillator'];
  const ranked = rank(
    [
      unit('special', { capabilities: [...base, 'stroke-ct', 'neonatal'] }),
      unit('plain', { capabilities: base }),
      unit('mechanical', { capabilities: [...base, 'mechanical-cpr', 'neonatal', 'stroke-ct'] }),
    ],
    { preferred: ['mechanical-cpr'] },
  );
  t.same(
    ranked.map((u) => u.unitId),
    ['mechanical', 'plain', 'special'],
  );
});

t.test(
  'property: satisfying is exactly having it all and a usable position; order never depends on input order',
  async () => {
    const units = fc.uniqueArray(
      fc.record({
        unitId: fc.string({ minLength: 1, maxLength: 5 }),
        capabilities: fc.subarray([...capabilities]),
        status: fc.constantFrom(...unitStatuses),
        vehicleType: fc.constantFrom('basic' as const, 'intensive' as const),
        position: fc.option(
          fc.record({
            lon: fc.double({ min: 116.33, max: 116.39, noNaN: true }),
            lat: fc.double({ min: 39.88, max: 39.94, noNaN: true }),
            crs: fc.constant('wgs84' as const),
          }),
        ),
        positionAt: fc.option(fc.integer({ min: now - 4_000_000, max: now })),
        stationId: fc.constant(null),
      }),
      { selector: (u) => u.unitId, maxLength: 20 },
    );
    fc.assert(
      fc.property(units, fc.subarray([...capabilities]), (fleet, required) => {
        const ranked = rank(fleet, { required });
        const again = rank([...fleet].reverse(), { required });
        const byId = new Map(fleet.map((u) => [u.unitId, u]));
        const firstMiss = ranked.findIndex((u) => !u.satisfies);
        return (
          JSON.stringify(ranked) === JSON.stringify(again) &&
          ranked.every((r) => {
            const u = byId.get(r.unitId) as Unit;
            const usable = u.position && u.positionAt !== null && now - u.positionAt <= STALE_POSITION_SECONDS * 1000;
            return r.satisfies === Boolean(usable && required.every((c) => u.capabilities.includes(c)));
          }) &&
          (firstMiss === -1 || ranked.slice(firstMiss).every((u) => !u.satisfies)) &&
          JSON.stringify(rank(fleet, { required, atMost: { satisfying: 3, inAll: 5 } }, shortSighted)) ===
            JSON.stringify(
              [
                ...ranked.filter((u) => u.satisfies).slice(0, 3),
                ...ranked.filter((u) => !u.satisfies).slice(0, 5),
              ].slice(0, 5),
            )
        );
      }),
      { numRuns: 2000 },
    );
  },
);

t.test('hospitals: what they can take before how near they are, and what they lack is said', async (t) => {
  const place = (placeId: string, lon: number, caps: string[]): Place => ({
    placeId,
    kind: 'hospital',
    name: placeId,
    nameEn: null,
    position: at(lon, 39.91),
    subdistrictCode: null,
    capabilities: caps,
  });
  const hospitals = [place('near', 116.361, ['emergency']), place('far', 116.42, ['emergency', 'stroke-centre'])];
  const chosen = chooseHospitals(['stroke-centre'], scene, now, hospitals, straightLineTravel);
  t.same(
    chosen.map((h) => [h.hospitalId, h.why]),
    [
      ['far', 'stroke-centre'],
      ['near', 'lacks stroke-centre'],
    ],
  );
  t.equal(chooseHospitals([], scene, now, hospitals, straightLineTravel)[0]?.hospitalId, 'near');
});

t.test('property: straight lines agree with the great circle at the size of a city', async () => {
  const place = fc.record({
    lon: fc.double({ min: 115.9, max: 116.9, noNaN: true }),
    lat: fc.double({ min: 39.6, max: 40.3, noNaN: true }),
    crs: fc.constant('wgs84' as const),
  });
  fc.assert(
    fc.property(place, place, (from, to) => {
      const metres = straightLineTravel.toOne([from], to, now).estimate(0).metres;
      const expected = distanceMetres(from, to) * 1.3;
      return Math.abs(metres - expected) <= 0.001 + expected / 10_000;
    }),
    { numRuns: 2000 },
  );
});
