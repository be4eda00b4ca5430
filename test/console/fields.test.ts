/** What was typed and what it means to the service: nothing said is lost, nothing that was not said is sent. */
import fc from 'fast-check';
import t from 'tap';
import { CallInput, CallPatch, PreviewInput } from '../../src/calls/schema.ts';
import {
  type Fields,
  fieldsOf,
  isFindable,
  noFields,
  patchOf,
  previewOf,
} from '../../src/console/pages/dispatcher/fields.ts';
import { createAjv } from '../../src/domain/check.ts';

const ajv = createAjv();
const isValid = (schema: object, value: unknown): boolean => ajv.validate(schema, value);

const word = fc.string({ minLength: 1, maxLength: 20 }).filter((text) => text.trim() === text);
const maybe = (text: fc.Arbitrary<string>) => fc.oneof(fc.constant(''), text);
const fields: fc.Arbitrary<Fields> = fc.record({
  channel: fc.constantFrom('phone', 'one-key'),
  phone: maybe(fc.stringMatching(/^[0-9]{3,15}$/)),
  relation: fc.constantFrom('', 'self', 'family'),
  deviceId: maybe(fc.stringMatching(/^[a-z][a-z0-9-]{0,10}$/)),
  complaint: fc.constantFrom('chest-pain', 'fall'),
  text: maybe(word),
  answers: fc.dictionary(fc.constantFrom('conscious', 'breathing'), fc.constantFrom('yes', 'no'), { maxKeys: 2 }),
  address: maybe(word),
  position: fc.option(
    fc.record({ lon: fc.constant(116.3), lat: fc.constant(39.9), crs: fc.constant('wgs84' as const) }),
  ),
  uncertaintyMetres: fc.option(fc.integer({ min: 0, max: 1000 })),
  source: fc.option(fc.constantFrom('caller', 'network')),
  patientName: maybe(word),
  age: maybe(fc.integer({ min: 0, max: 130 }).map(String)),
  sex: fc.constantFrom('', 'female', 'male'),
  idNumber: maybe(fc.constant('110102194103020026')),
  residentId: fc.option(fc.constantFrom('r-1', 'r-2')),
});

t.test('what is sent is what the service takes, and comes back the same', async () => {
  fc.assert(
    fc.property(fields, (given) => {
      const input = previewOf(given);
      return (
        isValid(PreviewInput, input) &&
        isValid(CallInput, input) &&
        JSON.stringify(previewOf(fieldsOf(input as CallInput))) === JSON.stringify(input)
      );
    }),
  );
});

t.test('a change is what differs, and nothing where nothing does', async () => {
  fc.assert(
    fc.property(fields, fields, (before, after) => {
      const patch = patchOf(before, after);
      return patchOf(before, before) === null && (patch === null || isValid(CallPatch, patch));
    }),
  );
});

t.test('one field', async (t) => {
  const before = { ...noFields, phone: '139', complaint: 'fall' };
  t.same(patchOf(before, { ...before, age: '80' }), { patient: { ageYears: 80 } });
  t.same(patchOf({ ...before, residentId: 'r-1' }, before), { residentId: null }, 'none of these');
  t.same(patchOf({ ...before, address: 'x' }, before), null, 'emptied again it says nothing new');
  t.same(previewOf(noFields), { channel: 'phone' });
});

t.test('a withheld number finds nobody, an address or a place does', async (t) => {
  t.equal(isFindable({ ...noFields, phone: '***' }), false);
  t.equal(isFindable({ ...noFields, phone: '120' }), true);
  t.equal(isFindable({ ...noFields, address: ' ' }), false);
  t.equal(isFindable({ ...noFields, address: '月坛' }), true);
});
