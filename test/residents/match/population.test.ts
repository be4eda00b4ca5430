/** The invented population is what the benchmarks take it for: valid, unique where it must be, the same for the same seed. */
import t from 'tap';
import { Check } from 'typebox/value';
import { generatePopulation } from '../../../bench/population.ts';
import { parseCitizenNumber } from '../../../src/domain/citizen-number.ts';
import { normalisePhone } from '../../../src/domain/phone.ts';
import { Resident } from '../../../src/residents/schema.ts';

t.test('3,000 invented residents', async (t) => {
  const people = [...generatePopulation({ count: 3000, seed: 4 })];
  t.equal(people.length, 3000);
  t.same(people.slice(0, 50), [...generatePopulation({ count: 50, seed: 4 })], 'a seed is a population');
  t.ok(
    people.every((p) => Check(Resident, p)),
    'valid against the schema',
  );
  const ids = people.flatMap((p) => p.idNumber ?? []);
  t.equal(new Set(ids).size, ids.length);
  for (const person of people) {
    const parsed = person.idNumber === undefined ? person : parseCitizenNumber(person.idNumber);
    if (parsed?.birthDate !== person.birthDate || parsed.sex !== person.sex)
      t.fail('citizen number contradicts the person');
    const at = person.home?.position;
    if (!at || at.lon < 116.32 || at.lon > 116.4 || at.lat < 39.87 || at.lat > 39.98)
      t.fail('home outside the district');
  }
  const phones = new Set(people.flatMap((p) => [...p.phones, ...(p.contacts ?? []).map((c) => c.phone)]));
  t.same(
    [...phones].filter((p) => normalisePhone(p) !== p),
    [],
    'phones are E.164 and exist',
  );
  const most = Math.max(...people.map((p) => p.history?.conditions?.length ?? 0));
  t.ok(most >= 6 && most <= 20, `at most ${most} conditions`);
  t.ok(phones.size < people.length * 2.5, 'numbers are shared');
});
