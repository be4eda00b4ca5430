/** The fusion of evidence: a distribution whatever it is given, moved the right way by each piece, and good on cases with known truth. */
import fc from 'fast-check';
import t from 'tap';
import { measureLocateQuality } from '../../bench/locate-quality.ts';
import { type Dwelling, type Fix, type FuseFacts, fuse, sigmaMetres, type WordsLevel } from '../../src/locate/fuse.ts';
import { surfaceOf } from '../../src/locate/surface.ts';

const levels: readonly WordsLevel[] = ['different', 'other-door', 'same-street', 'same-building', 'same-door'];
const position = fc.record({
  lon: fc.double({ min: 116.3, max: 116.42, noNaN: true }),
  lat: fc.double({ min: 39.86, max: 39.98, noNaN: true }),
  crs: fc.constant('wgs84' as const),
});
const dwelling = fc.record({
  position: fc.option(position),
  homeConfidence: fc.double({ min: 0, max: 1, noNaN: true }),
  foundDaysAgo: fc.array(fc.double({ min: 0, max: 3_000, noNaN: true }), { maxLength: 3 }),
  searched: fc.nat(2),
  unopened: fc.boolean(),
  words: fc.option(fc.constantFrom(...levels)),
});
const fix = fc.record({
  position,
  radiusMetres: fc.option(fc.double({ min: 0, max: 5_000, noNaN: true })),
  confidence: fc.double({ min: 0, max: 1, noNaN: true }),
  ageSeconds: fc.double({ min: 0, max: 10_000, noNaN: true }),
});
const facts = fc.record({
  dwellings: fc
    .array(dwelling, { maxLength: 12 })
    .map((all) => all.map((each, i): Dwelling => ({ ...each, dwellingId: `d-${i}` }))),
  fixes: fc.array(fix, { maxLength: 3 }),
  doorsOnFile: fc.nat(1_000_000),
});
const shareOf = (given: FuseFacts, id: string) =>
  fuse(given).places.find(({ dwellingId }) => dwellingId === id)?.confidence ?? 0;
const changed = (given: FuseFacts, i: number, to: Partial<Dwelling>): FuseFacts => ({
  ...given,
  dwellings: given.dwellings.map((each, at) => (at === i ? { ...each, ...to } : each)),
});

t.test('whatever it is given: every door once, likeliest first, all together one', async (t) => {
  fc.assert(
    fc.property(facts, (given) => {
      const { places, elsewhere } = fuse(given);
      const sum = places.reduce((total, { confidence }) => total + confidence, elsewhere);
      return (
        Math.abs(sum - 1) < 1e-9 &&
        elsewhere >= 0 &&
        places.length === given.dwellings.length &&
        new Set(places.map(({ dwellingId }) => dwellingId)).size === places.length &&
        places.every(({ confidence }, i) => confidence >= (places[i + 1]?.confidence ?? 0))
      );
    }),
  );
  t.same(fuse({ dwellings: [], fixes: [], doorsOnFile: 0 }), { places: [], elsewhere: 1 }, 'nothing known: anywhere');
});

t.test('each piece of evidence moves it the right way', async (t) => {
  const some = facts.filter(({ dwellings }) => dwellings.length > 0);
  const never = (moves: (given: FuseFacts) => FuseFacts | null) =>
    fc.assert(
      fc.property(some, (given) => {
        const after = moves(given);
        return after === null || shareOf(after, 'd-0') <= shareOf(given, 'd-0') + 1e-12;
      }),
    );
  never((given) => changed(given, 0, { searched: (given.dwellings[0]?.searched ?? 0) + 1 }));
  never((given) => changed(given, 0, { unopened: true }));
  never((given) =>
    changed(given, 0, { foundDaysAgo: (given.dwellings[0]?.foundDaysAgo ?? []).map((days) => days + 100) }),
  );
  never((given) => {
    const [first] = given.dwellings;
    const at = first?.words ? levels.indexOf(first.words) : 0;
    return first && first.homeConfidence > 0 && at > 0 ? changed(given, 0, { words: levels[at - 1] ?? null }) : null;
  });
  t.pass('searched in vain, not opened, found long ago, words that agree less: never likelier');
});

const home: Dwelling = {
  dwellingId: 'home',
  position: { lon: 116.34, lat: 39.91, crs: 'wgs84' },
  homeConfidence: 0.99,
  foundDaysAgo: [],
  searched: 0,
  unopened: false,
  words: null,
};
const daughter: Dwelling = {
  ...home,
  dwellingId: 'daughter',
  position: { lon: 116.37, lat: 39.93, crs: 'wgs84' },
  homeConfidence: 0,
  foundDaysAgo: [20],
};
const near = (of: Dwelling, radiusMetres: number, ageSeconds = 0): Fix => ({
  position: { lon: (of.position?.lon ?? 0) + 0.0002, lat: of.position?.lat ?? 0, crs: 'wgs84' },
  radiusMetres,
  confidence: 0.95,
  ageSeconds,
});

t.test('as a dispatcher would think', async (t) => {
  const first = (dwellings: readonly Dwelling[], fixes: readonly Fix[] = []) =>
    fuse({ dwellings, fixes, doorsOnFile: 10_000 }).places[0]?.dwellingId;
  t.equal(first([home, daughter]), 'home', 'without a position: at home');
  t.equal(first([home, daughter], [near(daughter, 30)]), 'daughter', 'a sharp position elsewhere outweighs the file');
  t.equal(first([home, { ...daughter, foundDaysAgo: [] }], [near(home, 2_000)]), 'home', 'a wide one says little');
  t.equal(first([{ ...home, searched: 1 }, daughter]), 'daughter', 'not there: then where they were before');
  t.equal(
    first([
      { ...home, words: 'different' },
      { ...daughter, words: 'same-door' },
    ]),
    'daughter',
    'as they said',
  );
  t.ok(sigmaMetres(near(home, 30, 600)) > sigmaMetres(near(home, 30)), 'an old position is a wide one');
  t.ok(Math.abs(sigmaMetres({ ...near(home, 1_000), confidence: 0.95 }) - 408.8) < 1, 'r = σ·√(−2·ln 0.05)');
});

t.test('the surface holds all that can be placed, and no more than a map can draw', async (t) => {
  const fixes = [near(home, 120)];
  const placed = [
    { position: home.position, confidence: 0.4 },
    { position: daughter.position, confidence: 0.1 },
    { position: null, confidence: 0.01 },
  ];
  const elsewhere = 0.49;
  const { features } = surfaceOf(placed, elsewhere, fixes);
  const sum = features.reduce((total, { properties }) => total + properties.confidence, 0);
  t.ok(sum > 0.97 && sum <= 1.001, `shares sum to ${sum}`);
  t.ok(features.length > 5 && features.length <= 400);
  t.ok((features[0]?.properties.confidence ?? 0) > 0.4, 'the cell of the home first');
  for (const { geometry } of features)
    t.same(geometry.coordinates[0]?.[0], geometry.coordinates[0]?.at(-1), 'closed rings');
  t.same(surfaceOf([], 1, []).features, [], 'nothing known, nothing drawn');
});

t.test('on generated searches with known truth', async (t) => {
  const { behindADoor, first, inThree, home } = measureLocateQuality({ residents: 6_000, searches: 800, seed: 5 });
  t.comment(`of ${behindADoor}: in the first three ${inThree}, first ${first}, the registered home alone ${home}`);
  t.ok(inThree / behindADoor >= 0.9, 'the true door is among the first three in nine of ten');
  t.ok(first > home, 'and at the top more often than the registered home alone would be');
});
