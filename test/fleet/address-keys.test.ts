/** An address is found by what it says, not by how it is written. */
import fc from 'fast-check';
import t from 'tap';
import { addressKeys } from '../../src/fleet/address-keys.ts';

t.test('however it is written', async (t) => {
  t.same(addressKeys('广安门内大街 12号'), addressKeys('廣安門內大街１２号'.replace('廣安門內', '广安门内')));
  t.same(addressKeys('广安门内大街12号').number, 12);
  t.same(addressKeys('007号').all, ['#7']);
  t.notOk(addressKeys('112号').all.includes('#12'), 'a number is whole');
  t.same(addressKeys('大街').names, [], 'what is in every address finds none');
  t.same(addressKeys('  ，。').all, []);
});

t.test('property: whatever is typed has keys without spaces, and no more of them than it has characters', async () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (typed) => {
      const { names, all, number } = addressKeys(typed);
      return (
        all.every((key) => key !== '' && !/[\s\0]/.test(key)) &&
        names.every((key) => all.includes(key)) &&
        all.length <= typed.normalize('NFKC').length &&
        (number === null || Number.isSafeInteger(number))
      );
    }),
  );
});
