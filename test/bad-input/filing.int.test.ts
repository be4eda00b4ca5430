/** Residents, units and places as no registry or centre should send them: each refused with the field named, and nothing stored. */
import t from 'tap';
import { checkDigit } from '../../src/domain/citizen-number.ts';
import type { ProblemCode } from '../../src/domain/errors.ts';
import type { Role } from '../../src/domain/vocabulary.ts';
import { fleet, zhang } from '../support/people.ts';
import { freshDatabase } from '../support/postgres.ts';
import { serviceOn } from '../support/service.ts';
import { changed, digestOf, fieldName, objectsIn, refused, textsIn } from './support.ts';

const { ask, db, app } = await serviceOn(t, await freshDatabase(t));
/** As an answer of `inject`, which `refused` looks into. */
const put = async (role: Role, url: string, body: unknown) => {
  const { status, headers, body: parsed } = await ask(role, 'PUT', url, body);
  return { statusCode: status, headers, body: JSON.stringify(parsed) };
};
type Tap = Parameters<typeof refused>[0];
type Case = readonly [name: string, body: unknown, code: ProblemCode, field: string];

async function allRefused(t: Tap, role: Role, url: string, cases: readonly Case[]) {
  const before = await digestOf(db);
  for (const [name, body, code, field] of cases) refused(t, name, await put(role, url, body), { code, field });
  t.same(await digestOf(db), before, 'nothing was stored');
}

/** Has every field a resident can have. */
const full = {
  ...zhang,
  home: { ...zhang.home, subdistrictCode: '110102007' },
  history: {
    ...zhang.history,
    allergies: [{ system: 'text', code: '青霉素过敏' }],
    implants: [{ system: 'text', code: '心脏起搏器', status: 'active' }],
    directives: [{ system: 'text', code: '不愿气管插管', onset: '2025-01-01' }],
    pregnancyDueDate: null,
  },
  filedAt: '2025-12-01T09:00:00+08:00',
} as const;
const url = '/v1/residents/r-1';
const home = (over: object) => ({ ...full, home: { ...full.home, ...over } });
const history = (over: object) => ({ ...full, history: { ...full.history, ...over } });
const at = (lon: unknown, lat: unknown, crs: unknown = 'wgs84') => home({ position: { lon, lat, crs } });
const citizen = (first17: string) => first17 + checkDigit(first17);

t.equal((await put('registry', url, full)).statusCode, 201, 'the resident all others are made from is good');

t.test('residents', async (t) => {
  await allRefused(t, 'registry', url, [
    ['another id than the path', { ...full, residentId: 'r-2' }, 'identifier-mismatch', 'residentId'],
    ['a short code as phone', { ...full, phones: ['120'] }, 'bad-phone', 'phones[0]'],
    ['a good and a bad phone', { ...full, phones: ['13800138001', '1380013800'] }, 'bad-phone', 'phones[1]'],
    ['words as phone', { ...full, phones: ['anonymous'] }, 'bad-phone', 'phones[0]'],
    ['11 phones', { ...full, phones: Array(11).fill('13800138001') }, 'bad-request', 'phones'],
    ['no phones', { ...full, phones: undefined }, 'bad-request', 'phones'],
    [
      'a contact nobody can ring',
      { ...full, contacts: [{ name: '李虚构', phone: '000' }] },
      'bad-phone',
      'contacts[0].phone',
    ],
    ['30 February', { ...full, birthDate: '2026-02-30' }, 'bad-request', 'birthDate'],
    ['29 February 2023', { ...full, birthDate: '2023-02-29' }, 'bad-request', 'birthDate'],
    ['before anybody', { ...full, birthDate: '0001-01-01' }, 'bad-request', 'birthDate'],
    ['not born yet', { ...full, idNumber: undefined, birthDate: '2026-04-01' }, 'invalid-field', 'birthDate'],
    ['a date with a time', { ...full, birthDate: '1941-03-02T00:00:00Z' }, 'bad-request', 'birthDate'],
    ['a wrong check digit', { ...full, idNumber: '110102194103020024' }, 'bad-citizen-number', 'idNumber'],
    ['15 digits', { ...full, idNumber: '110102410302002' }, 'bad-citizen-number', 'idNumber'],
    [
      '30 February with its check digit',
      { ...full, idNumber: citizen('11010219410230002') },
      'bad-citizen-number',
      'idNumber',
    ],
    [
      'another birth date than the number carries',
      { ...full, birthDate: '1941-03-03' },
      'bad-citizen-number',
      'idNumber',
    ],
    [
      '501 conditions',
      history({ conditions: Array(501).fill({ system: 'text', code: 'x' }) }),
      'bad-request',
      'history.conditions',
    ],
    [
      '501 directives',
      history({ directives: Array(501).fill({ system: 'text', code: 'x' }) }),
      'bad-request',
      'history.directives',
    ],
    [
      'an unknown code system',
      history({ conditions: [{ system: 'icd-11', code: 'x' }] }),
      'bad-request',
      'history.conditions[0].system',
    ],
    [
      'an empty code',
      history({ allergies: [{ system: 'text', code: '' }] }),
      'bad-request',
      'history.allergies[0].code',
    ],
    [
      'a code of 201 characters',
      history({ implants: [{ system: 'text', code: 'x'.repeat(201) }] }),
      'bad-request',
      'history.implants[0].code',
    ],
    [
      'an onset on 31 June',
      history({ conditions: [{ system: 'text', code: 'x', onset: '2020-06-31' }] }),
      'bad-request',
      'history.conditions[0].onset',
    ],
    ['weight 0', history({ weightKg: 0 }), 'bad-request', 'history.weightKg'],
    ['weight as text', history({ weightKg: '58' }), 'bad-request', 'history.weightKg'],
    ['weight 501', history({ weightKg: 501 }), 'bad-request', 'history.weightKg'],
    ['a way of moving nobody knows', history({ mobility: 'flies' }), 'bad-request', 'history.mobility'],
    ['a due date that is none', history({ pregnancyDueDate: '' }), 'bad-request', 'history.pregnancyDueDate'],
    ['latitude 139', at(116.36, 139), 'bad-request', 'home.position.lat'],
    ['a swapped pair', at(39.9, 116.36), 'bad-request', 'home.position.lat'],
    ['longitude as text', at('116.36', 39.9), 'bad-request', 'home.position.lon'],
    ['an unknown system', at(116.36, 39.9, 'utm'), 'bad-request', 'home.position.crs'],
    ['a sub-district by name', home({ subdistrictCode: '月坛街道' }), 'bad-request', 'home.subdistrictCode'],
    ['floor 5.5', home({ floor: 5.5 }), 'bad-request', 'home.floor'],
    ['floor 201', home({ floor: 201 }), 'bad-request', 'home.floor'],
    ['a lift as text', home({ hasLift: 'no' }), 'bad-request', 'home.hasLift'],
    ['no address', home({ address: undefined }), 'bad-request', 'home.address'],
    ['no name', { ...full, name: '' }, 'bad-request', 'name'],
    ['a name of 61 characters', { ...full, name: '长'.repeat(61) }, 'bad-request', 'name'],
    ['an unknown sex', { ...full, sex: 'f' }, 'bad-request', 'sex'],
    ['a device without a kind', { ...full, devices: [{ deviceId: 'sos-17' }] }, 'bad-request', 'devices[0].kind'],
    [
      'a device id with a space',
      { ...full, devices: [{ deviceId: 'sos 17', kind: 'one-key' }] },
      'bad-request',
      'devices[0].deviceId',
    ],
    ['an offset no zone has', { ...full, confirmedAt: '2026-01-01T00:00:00+23:00' }, 'bad-request', 'confirmedAt'],
    ['an offset of 16 hours', { ...full, filedAt: '2026-01-01T00:00:00-16:00' }, 'bad-request', 'filedAt'],
    [
      'confirmed after the year 9999',
      { ...full, confirmedAt: '9999-12-31T23:59:59-15:00' },
      'bad-request',
      'confirmedAt',
    ],
    ['a list', [full], 'bad-request', 'body'],
  ]);
  const faults = { ...full, phones: ['1'.repeat(11)], birthDate: '2026-04-01' };
  const problem = JSON.parse((await put('registry', url, faults)).body);
  t.same(
    problem.fields.map((each: { field: string }) => each.field).sort(),
    ['birthDate', 'idNumber', 'phones[0]'],
    'all faults at once',
  );
});

t.test('what a resident may have at the most is filed', async (t) => {
  const many = Array.from({ length: 500 }, (_, i) => ({ system: 'text', code: `c${i}` }));
  const edges = {
    ...history({ conditions: many, allergies: many }),
    confirmedAt: '2026-01-01T00:00:00.123456789+14:00',
  };
  t.equal((await put('registry', url, edges)).statusCode, 200);
  t.equal((await put('registry', url, { ...full, name: '𠮷虚构' })).statusCode, 200, 'a name beyond the basic plane');
});

t.test(
  'residents: fields nobody knows, and NUL or half a surrogate pair, wherever there is room for them',
  async (t) => {
    const extras = [...objectsIn(full)].map(
      (path) =>
        [
          `extra in ${fieldName(path)}`,
          changed(full, path, (old) => ({ ...(old as object), extra: 1 })),
          'bad-request',
          fieldName([...path, 'extra']),
        ] as const,
    );
    t.equal(extras.length, 12);
    const nasty = [...textsIn(full)].flatMap((path) =>
      ['x\0', '\ud83d'].map(
        (text) =>
          [
            `${JSON.stringify(text)} in ${fieldName(path)}`,
            changed(full, path, () => text),
            'bad-request',
            fieldName(path),
          ] as const,
      ),
    );
    t.equal(nasty.length, 2 * 43);
    await allRefused(t, 'registry', url, [...extras, ...nasty]);
  },
);

t.test('identifiers in paths', async (t) => {
  const before = await digestOf(db);
  for (const id of ['%20', 'r%201', '-r', 'x'.repeat(65), '%E5%BC%A0', 'r%2F1'])
    refused(t, id, await put('registry', `/v1/residents/${id}`, full), { code: 'bad-request', field: 'residentId' });
  refused(t, 'NUL', await put('registry', '/v1/residents/r%00', full), { code: 'bad-request', field: 'path' });
  for (const role of ['dispatcher', 'doctor', 'planner', 'hospital', 'crew', 'centre'] as const)
    refused(t, role, await put(role, url, full), { status: 403, code: 'forbidden' });
  refused(t, 'nobody', await app.inject({ method: 'PUT', url, payload: full }), {
    status: 401,
    code: 'unauthenticated',
  });
  t.same(await digestOf(db), before, 'nothing was stored');
});

t.test('units', async (t) => {
  const [unit] = fleet;
  await allRefused(t, 'admin', '/v1/units/u-basic', [
    ['another id than the path', { ...unit, unitId: 'u-2' }, 'identifier-mismatch', 'unitId'],
    ['a class nobody has', { ...unit, vehicleType: 'helicopter' }, 'bad-request', 'vehicleType'],
    ['a capability nobody has', { ...unit, capabilities: ['flight'] }, 'bad-request', 'capabilities[0]'],
    ['a capability twice', { ...unit, capabilities: ['transport', 'transport'] }, 'bad-request', 'capabilities'],
    ['a status nobody has', { ...unit, status: 'asleep' }, 'bad-request', 'status'],
    ['latitude 139', { ...unit, position: { lon: 116, lat: 139, crs: 'wgs84' } }, 'bad-request', 'position.lat'],
    ['a station with a blank', { ...unit, stationId: 'station 1' }, 'bad-request', 'stationId'],
    ['an unknown field', { ...unit, colour: 'white' }, 'bad-request', 'colour'],
  ]);
  for (const role of ['dispatcher', 'crew', 'registry'] as const)
    refused(t, role, await put(role, '/v1/units/u-basic', unit), { status: 403, code: 'forbidden' });
});

t.test('places', async (t) => {
  const place = {
    placeId: 'h-1',
    kind: 'hospital',
    name: '虚构医院',
    position: { lon: 116.35, lat: 39.92, crs: 'wgs84' },
  };
  await allRefused(t, 'admin', '/v1/places/h-1', [
    ['another id than the path', { ...place, placeId: 'h-2' }, 'identifier-mismatch', 'placeId'],
    ['a kind nobody knows', { ...place, kind: 'tavern' }, 'bad-request', 'kind'],
    ['no position', { ...place, position: undefined }, 'bad-request', 'position'],
    [
      'a swapped pair',
      { ...place, position: { lon: 39.92, lat: 116.35, crs: 'wgs84' } },
      'bad-request',
      'position.lat',
    ],
    ['a capability nobody has', { ...place, capabilities: ['karaoke'] }, 'bad-request', 'capabilities[0]'],
    ['a name of 121 characters', { ...place, name: 'x'.repeat(121) }, 'bad-request', 'name'],
    ['a code of eight digits', { ...place, subdistrictCode: '11010200' }, 'bad-request', 'subdistrictCode'],
  ]);
});
