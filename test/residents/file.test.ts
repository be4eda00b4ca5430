import t from 'tap';
import type { Problem } from '../../src/domain/errors.ts';
import { fileResident } from '../../src/residents/file.ts';
import type { Resident } from '../../src/residents/schema.ts';

const now = Date.parse('2026-03-02T10:00:00+08:00');
const somebody: Resident = {
  residentId: 'r-1',
  name: '某人',
  sex: 'female',
  birthDate: '1949-12-31',
  phones: ['010-6655 1234'],
};
const refused = (over: Partial<Resident>): string[] => {
  try {
    fileResident({ ...somebody, ...over }, now);
    return [];
  } catch (error) {
    return (error as Problem).fields.map((f) => f.field);
  }
};

t.test('kept as phones in E.164, a home in WGS-84 with the pair that came, and when it was filed', async (t) => {
  const home = { address: '示范路1号', position: { lon: 116.36, lat: 39.91, crs: 'gcj02' as const } };
  const filed = fileResident({ ...somebody, home, idNumber: '11010519491231002x' }, now);
  t.same(filed.phones, ['+861066551234']);
  t.equal(filed.idNumber, '11010519491231002X');
  t.same(filed.home?.rawPosition, home.position);
  t.equal(filed.home?.position?.crs, 'wgs84');
  t.equal(Date.parse(filed.filedAt), now);
});

t.test('what cannot be is refused by name: a blank name, times to come, numbers that contradict', async (t) => {
  t.same(refused({ name: '  　' }), ['name']);
  for (const field of ['filedAt', 'confirmedAt'] as const)
    t.same(refused({ [field]: '2027-01-01T00:00:00Z' }), [field]);
  t.same(refused({ birthDate: '2026-03-04' }), ['birthDate']);
  t.same(refused({ idNumber: '11010519491231002X', birthDate: '1949-12-30' }), ['idNumber']);
  t.same(refused({ phones: ['12'], contacts: [{ name: '某人', phone: 'x' }] }), ['phones[0]', 'contacts[0].phone']);
});
