import fc from 'fast-check';
import { parsePhoneNumberFromString } from 'libphonenumber-js/max';
import t from 'tap';
import { checkDigit, parseCitizenNumber } from '../../src/domain/citizen-number.ts';
import { normalisePhone } from '../../src/domain/phone.ts';
import { distanceMetres, toWgs84 } from '../../src/domain/position.ts';
import { ageInYears } from '../../src/domain/time.ts';

t.test('citizen numbers: the worked example of GB 11643, and every single wrong digit', async (t) => {
  const example = '11010519491231002X';
  t.match(parseCitizenNumber(example), { number: example, birthDate: '1949-12-31', sex: 'female' });
  t.match(parseCitizenNumber(' 11010519491231002x '), { number: example });
  for (let i = 0; i < 17; i++) {
    for (const digit of '0123456789') {
      if (example[i] === digit) continue;
      const wrong = example.slice(0, i) + digit + example.slice(i + 1);
      t.equal(parseCitizenNumber(wrong), null, `digit ${i} as ${digit}`);
    }
  }
});

t.test('citizen numbers: impossible dates are refused whatever their check digit', async (t) => {
  for (const day of ['19490230', '19491301', '20230229']) {
    const first = `110105${day}002`;
    t.equal(parseCitizenNumber(first + checkDigit(first)), null, day);
  }
});

t.test('citizen numbers: any valid date and serial passes with its check digit, never with another', async () => {
  const dates = fc.date({ min: new Date('1900-01-01'), max: new Date('2025-12-31'), noInvalidDate: true });
  fc.assert(
    fc.property(dates, fc.integer({ min: 0, max: 999 }), fc.constantFrom(...'0123456789X'), (date, serial, last) => {
      const first = `110102${date.toISOString().slice(0, 10).replaceAll('-', '')}${String(serial).padStart(3, '0')}`;
      const parsed = parseCitizenNumber(first + last);
      return last === checkDigit(first) ? parsed?.birthDate === date.toISOString().slice(0, 10) : parsed === null;
    }),
    { numRuns: 3000 },
  );
});

t.test('phones: whatever eleven digits a mobile number has, the answer is the library’s', async () => {
  const digits = fc.tuple(fc.constantFrom('', '+86'), fc.integer({ min: 10_000_000_000, max: 19_999_999_999 }));
  fc.assert(
    fc.property(digits, ([prefix, number]) => {
      const parsed = parsePhoneNumberFromString(`${prefix}${number}`, 'CN');
      return normalisePhone(`${prefix}${number}`) === (parsed?.isValid() ? parsed.number : null);
    }),
    { numRuns: 20_000 },
  );
});

t.test('phones: one number however it is dialled; short codes and words are nobody', async (t) => {
  for (const dialled of ['13800138000', '+86 138 0013 8000', '0086-138-0013-8000', '138-0013-8000'])
    t.equal(normalisePhone(dialled), '+8613800138000', dialled);
  t.equal(normalisePhone('010-6655 1234'), '+861066551234');
  for (const nobody of ['120', '999', 'anonymous', '', '00000']) t.equal(normalisePhone(nobody), null, nobody);
});

t.test('positions: the three systems meet in one place, far from where mixing them up would put it', async (t) => {
  // 月坛街道办事处 in three systems would differ by hundreds of metres if taken for each other.
  const wgs84 = toWgs84({ lon: 116.3538092, lat: 39.9086413, crs: 'wgs84' });
  const fromGcj = toWgs84({ lon: 116.36, lat: 39.91, crs: 'gcj02' });
  t.ok(distanceMetres(wgs84, fromGcj) < 1);
  const mixedUp = toWgs84({ lon: 116.36, lat: 39.91, crs: 'wgs84' });
  t.ok(distanceMetres(mixedUp, fromGcj) > 300);
  const fromBd = toWgs84({ lon: 116.36, lat: 39.91, crs: 'bd09' });
  t.ok(distanceMetres(mixedUp, fromBd) > 300);
});

t.test('ages turn on the birthday in China, not in Greenwich', async (t) => {
  t.equal(ageInYears('1941-03-02', Date.parse('2026-03-01T23:59:59+08:00')), 84);
  t.equal(ageInYears('1941-03-02', Date.parse('2026-03-02T00:00:00+08:00')), 85);
});
