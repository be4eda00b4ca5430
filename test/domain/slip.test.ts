/** A slip is what the edit distance calls one, found without its table. */
import fc from 'fast-check';
import t from 'tap';
import { isSlip } from '../../src/domain/slip.ts';
import { editDistance } from '../../src/residents/match/similarity.ts';

t.test('agrees with the edit distance', async () => {
  const digits = fc.string({ unit: fc.constantFrom('0', '1', '2'), maxLength: 6 });
  fc.assert(
    fc.property(digits, digits, (a, b) => isSlip(a, b) === editDistance(a, b) <= 1),
    { numRuns: 3_000 },
  );
});

t.test('as hands slip', async (t) => {
  for (const other of ['1941-03-20', '1941-03-03', '1941-3-02', '1914-03-02']) t.ok(isSlip('1941-03-02', other), other);
  for (const other of ['1941-02-03', '1914-03-20']) t.notOk(isSlip('1941-03-02', other), other);
});
