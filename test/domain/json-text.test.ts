/** Keys said twice and texts nested without end. */
import fc from 'fast-check';
import t from 'tap';
import { faultOfText } from '../../src/domain/json-text.ts';

t.test('no text a writer makes of a value is faulty, and each is with a key more', (t) => {
  const object = fc.object({ maxDepth: 4, key: fc.string(), values: [fc.string(), fc.double(), fc.constant(null)] });
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(object, fc.string(), fc.nat(2), (inner, key, spaces) => {
        const value: unknown = JSON.parse(JSON.stringify({ inner, [`k${key}`]: inner }));
        const text = JSON.stringify(value, null, spaces);
        if (faultOfText(text, value) !== null) throw new Error(`refuses ${text}`);
        const twice = text.replace(/^\{/, () => `{"inner":":{",`);
        if (faultOfText(twice, JSON.parse(twice)) !== 'says a key twice') throw new Error(`takes ${twice}`);
      }),
    ),
  );
  t.end();
});

t.test('twice is twice however it is written', (t) => {
  for (const text of ['{"a":1,"\\u0061":2}', '[{"b":{"conscious":"no","conscious":"yes"}}]', '{"":1,"":1}'])
    t.equal(faultOfText(text, JSON.parse(text)), 'says a key twice', text);
  t.equal(
    faultOfText('{"a":"\\":{[","b\\\\":["]"]}', { a: '":{[', 'b\\': [']'] }),
    null,
    'signs inside texts are none',
  );
  t.end();
});

t.test('nested without end', (t) => {
  for (const [open, close] of [
    ['[', ']'],
    ['{"a":', '}'],
  ] as const) {
    const deep = (levels: number) => `${open.repeat(levels)}1${close.repeat(levels)}`;
    t.equal(faultOfText(deep(100), JSON.parse(deep(100))), null);
    t.match(faultOfText(deep(50_000), JSON.parse(deep(50_000))), /nested deeper/);
  }
  t.end();
});
