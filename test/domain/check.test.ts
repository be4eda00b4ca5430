/** Schema checks: what is refused, how it is named, and that nothing is repaired on the way. */
import fc from 'fast-check';
import t from 'tap';
import { Type } from 'typebox';
import { compileCheck, findUnstorable } from '../../src/domain/check.ts';

const closed = { additionalProperties: false } as const;

t.test('values are neither coerced nor completed nor stripped', (t) => {
  const check = compileCheck(
    Type.Object({ a: Type.Optional(Type.Integer({ default: 3 })), b: Type.Optional(Type.String()) }, closed),
  );
  for (const value of [{}, { a: 1 }, { b: '1' }]) {
    const before = structuredClone(value);
    t.same(check(value), []);
    t.same(value, before);
  }
  const wrong = { a: '1', b: 1, c: 1 };
  t.same(
    check(wrong).map(({ field }) => field),
    ['c', 'a', 'b'],
  );
  t.same(wrong, { a: '1', b: 1, c: 1 });
  t.end();
});

t.test('alternatives are named by their field, once', (t) => {
  const check = compileCheck(Type.Object({ due: Type.Union([Type.String({ format: 'date' }), Type.Null()]) }, closed));
  t.same(check({ due: null }), []);
  t.same(check({ due: 7 }), [{ field: 'due', detail: 'must be string or must be null' }]);
  t.same(check({ due: '2026-02-30' }), [{ field: 'due', detail: 'must be a valid date or must be null' }]);
  t.end();
});

t.test('a day is one of the calendar, a time has an offset: whatever passes, Date reads as the same day', (t) => {
  const day = compileCheck(Type.String({ format: 'date' }));
  const time = compileCheck(Type.String({ format: 'date-time' }));
  const number = (least: number, most: number, digits: number) =>
    fc.integer({ min: least, max: most }).map((value) => String(value).padStart(digits, '0'));
  const anyDay = fc.tuple(number(0, 9999, 4), number(0, 13, 2), number(0, 32, 2)).map((parts) => parts.join('-'));
  const anyTime = fc.tuple(number(0, 24, 2), number(0, 60, 2), number(0, 60, 2)).map((parts) => parts.join(':'));
  fc.assert(
    fc.property(anyDay, anyTime, fc.constantFrom('Z', '+08:00', '-11:30', '', '+24:00'), (date, clock, offset) => {
      const real = new Date(`${date}T00:00:00Z`);
      const isReal = !Number.isNaN(real.getTime()) && real.toISOString().startsWith(date) && date >= '1800';
      const text = `${date}T${clock}${offset}`;
      const isTime = isReal && clock < '24' && !clock.includes('60') && offset !== '' && offset !== '+24:00';
      return (day(date).length === 0) === isReal && (time(text).length === 0) === isTime;
    }),
    { numRuns: 5000 },
  );
  t.end();
});

t.test('what PostgreSQL cannot store is found wherever it is, and nothing else is', (t) => {
  t.equal(findUnstorable({ a: [{ b: 'x\0' }] }), 'a[0].b');
  t.equal(findUnstorable({ a: { 'k\0': 1 } }), 'a');
  t.equal(findUnstorable('\ud83d'), '');
  t.same(compileCheck(Type.Object({ a: Type.String() }))({ a: '\udE91' }), [
    { field: 'a', detail: 'holds a character no text may hold' },
  ]);
  fc.assert(
    fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
      const storable = !JSON.stringify(value).match(/(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/);
      return (findUnstorable(value) === null) === storable;
    }),
    { numRuns: 3000 },
  );
  t.end();
});
