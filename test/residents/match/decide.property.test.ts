/** What holds of matching for every caller and every set of candidates. */
import fc from 'fast-check';
import t from 'tap';
import { callerRelations, sexes } from '../../../src/domain/vocabulary.ts';
import type { CallerFacts, Candidate } from '../../../src/residents/match/decide.ts';
import { credible, matchResidents, scoreResidents } from '../../../src/residents/match/decide.ts';
import { FAR, HOME, NOW, silent } from './people.ts';

const phone = fc.constantFrom('+8613800000001', '+8613800000002', '+861066001234');
const device = fc.constantFrom('sos-1', 'sos-2');
const idNumber = fc.constantFrom('110102194103020025', '110102193808080013');
const name = fc.oneof(
  fc.constantFrom('王秀英', '王秀瑛', '李建国', '王奶奶', '王伟'),
  fc.string({ unit: 'binary', maxLength: 8 }),
);
const address = fc.oneof(
  fc.constantFrom('三里河一区5号楼2单元501室', '三里河一区5-2-502', '三里河一区5号楼', '砖塔胡同12号', '月坛南街'),
  fc.string({ unit: 'binary', maxLength: 20 }),
);
const position = fc.oneof(
  fc.constant(HOME),
  fc.constant(FAR),
  fc.record({
    lon: fc.double({ min: -180, max: 180, noNaN: true }),
    lat: fc.double({ min: -90, max: 90, noNaN: true }),
    crs: fc.constant('wgs84' as const),
  }),
);
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null });
const caller: fc.Arbitrary<CallerFacts> = fc.record({
  phone: maybe(phone),
  deviceId: maybe(device),
  idNumber: maybe(idNumber),
  residentId: fc.constant(null),
  name: maybe(name),
  ageYears: maybe(fc.integer({ min: 0, max: 130 })),
  sex: maybe(fc.constantFrom(...sexes)),
  address: maybe(address),
  position: maybe(position),
  uncertaintyMetres: maybe(fc.double({ min: 0, max: 1e6 })),
  relation: fc.constantFrom(...callerRelations),
});
const candidate: fc.Arbitrary<Omit<Candidate, 'residentId'>> = fc.record({
  name,
  sex: fc.constantFrom(...sexes),
  birthDate: fc.constantFrom('1941-03-02', '1938-08-08', '2020-02-29', '', 'garbage'),
  idNumber: maybe(idNumber),
  phones: fc.array(phone, { maxLength: 2 }),
  contactPhones: fc.array(phone, { maxLength: 2 }),
  deviceIds: fc.array(device, { maxLength: 2 }),
  address: maybe(address),
  position: maybe(position),
  livesAlone: maybe(fc.boolean()),
});
const candidates = fc
  .array(candidate, { maxLength: 8 })
  .map((all) => all.map((c, i): Candidate => ({ ...c, residentId: `r-${i}` })));
const registry = fc.constantFrom(0, 1, 2000, 100_000, 1_000_000);
const runs = { numRuns: 3000 };

t.test(
  'confidences compete for one patient: they sum to at most 1, lie in order, and carry finite weights',
  async () => {
    fc.assert(
      fc.property(caller, candidates, registry, (c, all, size) => {
        const matches = matchResidents(c, all, NOW, size);
        const sum = matches.reduce((total, m) => total + m.confidence, 0);
        return (
          sum <= 1 + 1e-9 &&
          matches.every((m, i) => i === 0 || m.confidence <= (matches[i - 1]?.confidence ?? 0)) &&
          matches.filter((m) => m.grade === 'match').length <= 1 &&
          matches.every((m) => m.confidence >= 0 && m.evidence.every((e) => Number.isFinite(e.weight))) &&
          credible(matches).residents.length <= 4
        );
      }),
      runs,
    );
  },
);

t.test('the order of candidates does not matter', async () => {
  const shuffled = candidates.chain((all) =>
    fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
  );
  fc.assert(
    fc.property(caller, shuffled, registry, (c, [all, mixed], size) => {
      return JSON.stringify(matchResidents(c, all, NOW, size)) === JSON.stringify(matchResidents(c, mixed, NOW, size));
    }),
    runs,
  );
});

t.test('one more agreeing field never lowers the score of the resident it agrees with', async (t) => {
  const agreeing: [string, (who: Candidate) => Partial<CallerFacts>][] = [
    ['phone', (who) => ({ phone: who.phones[0] ?? null })],
    ['contact phone', (who) => ({ phone: who.contactPhones[0] ?? null })],
    ['device', (who) => ({ deviceId: who.deviceIds[0] ?? null })],
    ['citizen number', (who) => ({ idNumber: who.idNumber })],
    ['name', (who) => ({ name: who.name })],
    ['age', (who) => ({ ageYears: who.birthDate === '1941-03-02' ? 84 : null })],
    ['sex', (who) => ({ sex: who.sex })],
    ['address', (who) => ({ address: who.address })],
    ['position', (who) => ({ position: who.position })],
  ];
  for (const [field, say] of agreeing) {
    let raised = 0;
    fc.assert(
      fc.property(caller, candidates, registry, (c, all, size) => {
        const [who] = all;
        if (who === undefined) return;
        const added = say(who);
        const without: CallerFacts = { ...c, ...Object.fromEntries(Object.keys(added).map((k) => [k, null])) };
        const score = (said: CallerFacts) => scoreResidents(said, all, NOW, size)[0]?.score ?? Number.NaN;
        const [before, after] = [score(without), score({ ...without, ...added })];
        if (after > before) raised++;
        return after >= before - 1e-9;
      }),
      { numRuns: 1000 },
    );
    t.ok(raised > 50, `${field} raised it ${raised} times in 1000`);
  }
});

t.test('a second resident with the same evidence never makes the first more likely', async () => {
  fc.assert(
    fc.property(caller, candidate, registry, (c, one, size) => {
      const first: Candidate = { ...one, residentId: 'r-0' };
      const of = (all: Candidate[]) =>
        matchResidents(c, all, NOW, size).find((m) => m.residentId === 'r-0')?.confidence ?? 0;
      return of([first, { ...first, residentId: 'r-1' }]) <= of([first]);
    }),
    runs,
  );
});

t.test('a call that says nothing matches nobody', async () => {
  fc.assert(
    fc.property(candidates, registry, (all, size) => matchResidents(silent, all, NOW, size).length === 0),
    runs,
  );
});
