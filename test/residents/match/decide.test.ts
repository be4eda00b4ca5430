/** Who the patient may be: each subtlety of callers, shared numbers and missing facts by example. */
import t from 'tap';
import type { CallerFacts, Candidate } from '../../../src/residents/match/decide.ts';
import { credible, matchResidents, scoreResidents } from '../../../src/residents/match/decide.ts';
import { rates } from '../../../src/residents/match/weights.ts';
import { call, FAR, HOME, husband, NOW, REGISTRY, resident, wang } from './people.ts';

const match = (caller: CallerFacts, candidates: Candidate[], registry = REGISTRY) =>
  matchResidents(caller, candidates, NOW, registry);
const confidence = (caller: CallerFacts, candidates: Candidate[], residentId = candidates[0]?.residentId) =>
  match(caller, candidates).find((m) => m.residentId === residentId)?.confidence ?? 0;
const own = wang.phones[0] as string;
const childs = wang.contactPhones[0] as string;

t.test('a resident who calls from her own phone and says her age is matched', async (t) => {
  const [best] = match(call({ phone: own, relation: 'self', ageYears: 84, sex: 'female' }), [wang]);
  t.equal(best?.grade, 'match');
  t.same(
    best?.evidence.map((e) => [e.field, e.agreement]),
    [
      ['phone', 'agree'],
      ['age', 'exact'],
      ['sex', 'agree'],
    ],
  );
  for (const { weight } of best?.evidence ?? []) t.equal(weight, Math.round(weight * 10) / 10);
});

t.test('who calls decides what the number says', async (t) => {
  const by = (phone: string, relation: CallerFacts['relation']) => confidence(call({ phone, relation }), [wang]);
  t.ok(by(own, 'self') > by(own, 'family'), 'a relative on the own number may call for another');
  t.ok(by(childs, 'family') > by(own, 'family'), 'on the filed contact number hardly');
  t.ok(by(own, 'self') > by(childs, 'self'));
  t.equal(by(own, 'bystander'), 0, 'a passer-by with this phone is likely the resident helping another');
});

t.test('a daughter filed herself calls for her mother: the mother comes first, both are possible', async (t) => {
  const daughter = resident('r-daughter', {
    name: '李静',
    birthDate: '1968-01-01',
    idNumber: null,
    phones: [childs],
    contactPhones: [],
    deviceIds: [],
  });
  const asFamily = match(call({ phone: childs, relation: 'family' }), [daughter, wang]);
  t.same(
    asFamily.map((m) => [m.residentId, m.grade]),
    [
      ['r-wang', 'possible'],
      ['r-daughter', 'possible'],
    ],
  );
  t.equal(match(call({ phone: childs, relation: 'self' }), [daughter, wang])[0]?.residentId, 'r-daughter');
  t.equal(match(call({ phone: childs, relation: 'family', ageYears: 84 }), [daughter, wang])[0]?.grade, 'match');
});

t.test('two equal residents on one number get about a half each, until something tells them apart', async (t) => {
  const couple = [wang, husband];
  const plain = match(call({ phone: own, relation: 'self' }), couple);
  t.equal(plain.length, 2);
  for (const m of plain) {
    t.equal(m.grade, 'possible');
    t.ok(m.confidence > 0.35 && m.confidence <= 0.5, `${m.confidence}`);
  }
  const first = (said: Partial<CallerFacts>) => match(call({ phone: own, relation: 'self', ...said }), couple)[0];
  t.same([first({ sex: 'female' })?.residentId, first({ sex: 'male' })?.residentId], ['r-wang', 'r-husband']);
  t.equal(first({ name: '李建国' })?.residentId, 'r-husband');
  t.equal(first({ name: '李建国' })?.grade, 'match');
  t.equal(first({ name: '王奶奶', ageYears: 84 })?.grade, 'match');
  const apart = [wang, resident('r-other', { address: '月坛南街19号院3号楼1单元101室', position: FAR })];
  t.equal(
    match(call({ phone: own, relation: 'self', address: wang.address, ageYears: 84 }), apart)[0]?.residentId,
    'r-wang',
  );
});

t.test('a switchboard of two hundred: all are listed, none is taken, a name picks one out', async (t) => {
  const home = Array.from({ length: 64 }, (_, i) =>
    resident(`r-${i}`, {
      name: `${'赵钱孙李周吴郑王'.charAt(i % 8)}${'甲乙丙丁戊己庚辛'.charAt(i >> 3)}`,
      idNumber: null,
      deviceIds: [],
    }),
  );
  const nobody = match(call({ phone: own, relation: 'staff' }), home);
  t.equal(nobody.length, 64);
  t.ok(nobody.every((m) => m.grade === 'possible' && m.confidence < 0.02));
  t.same(credible(nobody), { residents: [], tooMany: true });
  const named = match(call({ phone: own, relation: 'staff', name: '孙丙' }), home);
  t.same(
    named.map((m) => [m.residentId, m.grade]),
    [['r-18', 'match']],
  );
});

t.test('a pressed device is near certain, even from elsewhere', async (t) => {
  const pressed = call({ deviceId: 'sos-17' });
  t.ok(confidence(pressed, [wang]) >= 0.95);
  t.equal(match({ ...pressed, position: FAR, uncertaintyMetres: 20 }, [wang])[0]?.grade, 'match');
  const couple = match(pressed, [wang, husband]);
  t.ok(couple.length === 2 && couple.every((m) => m.confidence > 0.4), 'a device of two is one of the two');
});

t.test('a citizen number that differs outweighs a shared line and door', async (t) => {
  const said = { phone: own, relation: 'family', address: wang.address, idNumber: husband.idNumber } as const;
  t.equal(match(call(said), [wang])[0], undefined);
  t.same(
    match(call(said), [wang, husband]).map((m) => m.residentId),
    ['r-husband'],
  );
  t.equal(match(call({ idNumber: wang.idNumber }), [wang])[0]?.grade, 'match');
});

t.test('a stranger who borrows the phone: name, sex and age of another speak against', async (t) => {
  const other = call({ phone: own, relation: 'self', name: '赵大勇', sex: 'male', ageYears: 30 });
  t.same(match(other, [wang, husband]), []);
});

t.test('what is missing says nothing', async (t) => {
  const bare = resident('r-bare', { idNumber: null, deviceIds: [], address: null, position: null, sex: 'unknown' });
  const all = call({
    phone: own,
    deviceId: 'sos-9',
    idNumber: wang.idNumber,
    address: '月坛南街1号',
    position: FAR,
    sex: 'male',
    relation: 'self',
  });
  t.same(
    match(all, [bare])[0]?.evidence.map((e) => e.field),
    ['phone'],
  );
  t.same(
    match(call({ name: ' ', address: ' ', phone: own, relation: 'self' }), [bare])[0]?.evidence.map((e) => e.field),
    ['phone'],
  );
  t.same(match(call({}), [wang]), []);
  t.same(match(call({ phone: own }), []), []);
});

t.test('household evidence is not counted twice', async (t) => {
  const evidence = (said: Partial<CallerFacts>) =>
    match(call({ phone: own, relation: 'self', ...said }), [wang])[0]?.evidence;
  const both = evidence({ address: wang.address, position: HOME, uncertaintyMetres: 20 });
  t.notOk(
    both?.some((e) => e.field === 'distance'),
    'address and distance are one statement',
  );
  t.same(
    both?.map((e) => e.weight > 1),
    [true, false],
    'the stronger in full, the other one bit',
  );
  const nextDoor = evidence({ address: '三里河一区5号楼2单元502室', position: HOME, uncertaintyMetres: 20 });
  t.equal(nextDoor?.find((e) => e.field === 'address')?.agreement, 'other-door');
  t.notOk(
    nextDoor?.some((e) => e.field === 'distance'),
    'a stated door overrules the fix',
  );
});

t.test('a wide radius says little, and never speaks against', async (t) => {
  const weight = (uncertaintyMetres: number) =>
    scoreResidents(call({ position: HOME, uncertaintyMetres }), [wang], NOW, REGISTRY)[0]?.score ?? Number.NaN;
  t.ok(weight(20) > weight(200) && weight(200) > weight(1500));
  t.equal(weight(50_000), 0);
});

t.test('a name and an age alone match nobody in a registry of a hundred thousand', async (t) => {
  t.same(
    match(call({ name: '王秀英', ageYears: 84, sex: 'female' }), [wang]).filter((m) => m.grade === 'match'),
    [],
  );
  t.equal(
    match(call({ name: '王秀英', ageYears: 84, address: wang.address }), [wang])[0]?.grade,
    'match',
    'with the door',
  );
});

t.test('the posterior of a phone does not hang on the size of the registry', async (t) => {
  const said = call({ phone: own, relation: 'self' });
  t.equal(match(said, [wang], 10_000)[0]?.confidence, match(said, [wang], 1_000_000)[0]?.confidence);
  t.equal(
    match(said, [wang], 0)[0]?.confidence,
    match(said, [wang], 10_000)[0]?.confidence,
    'nor does a small one make names tell',
  );
});

t.test('a confirmed resident is the patient, and nobody else is', async (t) => {
  const said = call({ residentId: 'r-husband', phone: own, name: '王秀英' });
  t.same(match(said, [wang, husband]), [
    {
      residentId: 'r-husband',
      confidence: 1,
      grade: 'match',
      evidence: [{ field: 'confirmed', weight: 0, agreement: 'agree' }],
    },
  ]);
  t.same(match(call({ residentId: 'r-none', phone: own }), [wang]), []);
});

t.test('which histories count', async (t) => {
  const plain = match(call({ phone: own, relation: 'self' }), [wang, husband]);
  t.same(credible(plain), { residents: plain, tooMany: false });
  t.same(credible(plain, 1), { residents: [], tooMany: true });
  t.same(credible([]), { residents: [], tooMany: false });
  const sure = match(call({ deviceId: 'sos-17', name: '王秀英' }), [wang]);
  t.same(credible(sure, 0), { residents: sure, tooMany: false }, 'a match stands alone');
});

t.test('every level of a field adds up, and agreement weighs for', async (t) => {
  for (const [field, levels] of Object.entries({ name: rates.name, age: rates.age })) {
    const sums = Object.values(levels).reduce((sum, r) => ({ m: sum.m + r.m, u: sum.u + r.u }), { m: 0, u: 0 });
    t.ok(Math.abs(sums.m - 1) < 0.011 && Math.abs(sums.u - 1) < 0.011, `${field}: ${sums.m} ${sums.u}`);
  }
  for (const agreeing of [
    rates.name.exact,
    rates.name.near,
    rates.name.surname,
    rates.age.exact,
    rates.age.within2,
    rates.age.within5,
    rates.sex.agree,
  ]) {
    t.ok(agreeing.m > agreeing.u);
  }
});
