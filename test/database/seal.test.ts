import fc from 'fast-check';
import t from 'tap';
import { createSeal } from '../../src/database/seal.ts';

const key = Buffer.alloc(32, 1);
const seal = createSeal(key);

t.test('what is closed opens again, and shows nothing of itself', async (t) => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const opened = seal.open(seal.close(value, 'resident:r-1'), 'resident:r-1');
      return JSON.stringify(opened) === JSON.stringify(value);
    }),
  );
  const sealed = seal.close({ name: '虚构的人', phone: '+8613800138000' }, 'resident:r-1');
  t.notOk(sealed.includes('虚构的人'));
  t.notOk(sealed.includes('13800138000'));
  t.not(
    sealed.toString('hex'),
    seal.close({ name: '虚构的人', phone: '+8613800138000' }, 'resident:r-1').toString('hex'),
  );
});

t.test('another row, another key or a changed byte does not open', async (t) => {
  const sealed = seal.close('x', 'resident:r-1');
  t.throws(() => seal.open(sealed, 'resident:r-2'));
  t.throws(() => createSeal(Buffer.alloc(32, 2)).open(sealed, 'resident:r-1'));
  for (let i = 0; i < sealed.length; i++) {
    const changed = Buffer.from(sealed);
    changed[i] = (changed[i] as number) ^ 1;
    t.throws(() => seal.open(changed, 'resident:r-1'), `byte ${i}`);
  }
});

t.test('tokens are equal for equal values of one kind and key, and for nothing else', async (t) => {
  t.equal(seal.token('phone', '+8613800138000'), createSeal(key).token('phone', '+8613800138000'));
  t.not(seal.token('phone', '+8613800138000'), seal.token('device', '+8613800138000'));
  t.not(seal.token('phone', '+8613800138000'), createSeal(Buffer.alloc(32, 2)).token('phone', '+8613800138000'));
  t.match(seal.token('phone', 'x'), /^-?\d{1,19}$/);
});
