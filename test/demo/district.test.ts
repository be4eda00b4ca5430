/** The invented district is valid, whole, the same each time, and as mixed as its description says. */
import { area, booleanPointInPolygon, featureCollection, intersect, polygon, union } from '@turf/turf';
import type { Polygon } from 'geojson';
import t from 'tap';
import { inventDistrict } from '../../src/demo/district.ts';
import { OUTLINE_SOURCE, subdistricts } from '../../src/demo/geography.ts';
import { NURSING_HOME_RESIDENTS, SWITCHBOARD } from '../../src/demo/residents.ts';
import { compileCheck } from '../../src/domain/check.ts';
import { ageInYears } from '../../src/domain/time.ts';
import { hospitalCapabilities } from '../../src/domain/vocabulary.ts';
import { readAreas } from '../../src/fleet/import-areas.ts';
import { PlaceInput, UnitInput } from '../../src/fleet/schema.ts';
import { fileResident } from '../../src/residents/file.ts';
import { Resident } from '../../src/residents/schema.ts';

const NOW = Date.parse('2026-03-02T08:00:00+08:00');
const DAY_MS = 86_400_000;
const district = inventDistrict(NOW);
const { areas, places, residents, units } = district;
const outlines = areas.map((each) => polygon((each.outline as Polygon).coordinates, { code: each.subdistrictCode }));
const outlineOf = (code: string | undefined) =>
  outlines.find((each) => each.properties.code === code) as (typeof outlines)[number];
const count = (test: (resident: Resident) => unknown) => residents.filter((resident) => test(resident)).length;
const age = (resident: Resident) => ageInYears(resident.birthDate, NOW);
const codesOf = ({ history }: Resident) => history?.conditions?.map(({ code }) => code) ?? [];

t.test('the same now and seed give the same district, another seed another', async (t) => {
  t.same(inventDistrict(NOW), district);
  t.notSame(inventDistrict(NOW, 7).residents[1_000], residents[1_000]);
});

t.test('everything is valid where it is filed', async (t) => {
  const checkResident = compileCheck(Resident);
  for (const resident of residents) {
    const problems = checkResident(resident);
    if (problems.length) t.same(problems, [], resident.residentId);
    const filed = fileResident(resident, NOW); // throws where a number or date is wrong
    if (filed.phones.join() !== resident.phones.join()) t.fail(`${resident.residentId} has a phone that is not E.164`);
  }
  const checkPlace = compileCheck(PlaceInput);
  for (const place of places) t.same(checkPlace(place), [], place.placeId);
  const checkUnit = compileCheck(UnitInput);
  for (const unit of units) t.same(checkUnit(unit), [], unit.unitId);
  const features = areas.map((each) => ({
    type: 'Feature',
    properties: { name: each.name, 'name:en': each.nameEn, adcode: each.subdistrictCode, source: each.source },
    geometry: each.outline,
  }));
  t.same(readAreas({ type: 'FeatureCollection', features }), { areas });
});

t.test('everything says that it is invented', async (t) => {
  t.ok(areas.every(({ source }) => source === OUTLINE_SOURCE && /invented/.test(source)));
  t.ok(
    places.every(
      ({ placeId, name, nameEn }) =>
        placeId.startsWith('demo-') && /虚构/.test(name) && /\(invented\)/.test(nameEn ?? ''),
    ),
  );
  t.ok(units.every(({ unitId }) => unitId.startsWith('demo-unit-')));
  t.ok(residents.every(({ residentId, home }) => residentId.startsWith('demo-r-') && /示范/.test(home?.address ?? '')));
  t.ok(residents.every(({ devices = [] }) => devices.every(({ deviceId }) => deviceId.startsWith('demo-sos-'))));
});

t.test('as many of each as there should be, none twice', async (t) => {
  t.equal(areas.length, 15);
  t.equal(residents.length, 2_000);
  const ofKind = (wanted: string) => places.filter(({ kind }) => kind === wanted);
  t.equal(ofKind('hospital').length, 12);
  t.equal(ofKind('station').length, 8);
  t.equal(ofKind('micro-fire-station').length, 10);
  t.same(
    ofKind('community-centre').map((place) => place.subdistrictCode),
    subdistricts.map(({ code }) => code),
    'a community health centre in each sub-district',
  );
  const ofType = (type: string) => units.filter(({ vehicleType }) => vehicleType === type).length;
  t.same(['basic', 'intensive', 'isolation', 'special'].map(ofType), [10, 9, 3, 2]);
  t.same([...new Set(units.map(({ status }) => status))].sort(), ['at-hospital', 'available', 'off-duty', 'returning']);
  for (const ids of [
    residents.map((resident) => resident.residentId),
    residents.flatMap(({ idNumber = [] }) => idNumber),
    residents.flatMap(({ devices = [] }) => devices.map(({ deviceId }) => deviceId)),
    places.map((place) => place.placeId),
    units.map((unit) => unit.unitId),
  ])
    t.equal(new Set(ids).size, ids.length);
});

t.test('whatever a patient may need, somebody has', async (t) => {
  for (const capability of hospitalCapabilities)
    t.ok(
      places.some((place) => place.capabilities?.includes(capability)),
      capability,
    );
  for (const own of [
    'stair-chair',
    'mechanical-cpr',
    'obstetric',
    'negative-pressure',
    'stroke-ct',
    'neonatal',
    'bariatric',
  ] as const)
    t.ok(
      units.some((unit) => unit.capabilities.includes(own)),
      own,
    );
  const stations = new Set(places.filter(({ kind }) => kind === 'station').map(({ placeId }) => placeId));
  t.ok(units.every(({ stationId = '' }) => stations.has(stationId)));
  const centres = new Set(places.filter(({ kind }) => kind === 'community-centre').map(({ placeId }) => placeId));
  t.ok(residents.every(({ communityCentreId = '' }) => centres.has(communityCentreId)));
});

t.test('the outlines meet without gap or overlap', async (t) => {
  const whole = union(featureCollection(outlines));
  t.equal(whole?.geometry.type, 'Polygon');
  t.equal(whole?.geometry.coordinates.length, 1, 'no hole');
  for (const [i, one] of outlines.entries())
    for (const other of outlines.slice(i + 1)) {
      const both = intersect(featureCollection([one, other]));
      if (both && area(both) > 1) t.fail(`${one.properties.code} overlaps ${other.properties.code}`);
    }
});

t.test('every home and place lies in its own sub-district only', async (t) => {
  const where = [...residents.map(({ home }) => home), ...places];
  for (const each of where) {
    const position = each?.position;
    const within = outlines.filter(
      (outline) => position && booleanPointInPolygon([position.lon, position.lat], outline),
    );
    if (within.length !== 1 || within[0] !== outlineOf(each?.subdistrictCode)) t.fail(JSON.stringify(each));
  }
  t.ok(where.length > 2_000);
});

t.test('old, ill and often alone, as described', async (t) => {
  t.equal(
    count((r) => age(r) >= 65),
    1128,
    'more than half are 65 or older',
  );
  t.equal(
    count((r) => age(r) < 18),
    241,
  );
  t.equal(
    count((r) => r.livesAlone),
    422,
  );
  t.equal(
    count((r) => r.devices),
    168,
    'one-key devices',
  );
  t.ok(residents.every((r) => !r.devices || r.livesAlone));
  t.equal(
    count((r) => r.contacts?.some(({ holdsKey }) => holdsKey)),
    859,
    'somebody else holds a key',
  );
  t.equal(
    count((r) => (r.home?.floor ?? 0) >= 5 && r.home?.hasLift === false),
    263,
    'fifth floor or higher without a lift',
  );
  t.equal(
    count((r) => r.history?.pregnancyDueDate),
    15,
  );
  t.equal(
    count((r) => codesOf(r).length === 0),
    559,
    'without any condition',
  );
  t.equal(
    count((r) => codesOf(r).some((code) => code.startsWith('I25'))),
    313,
  );
  t.equal(Math.max(...residents.map((r) => codesOf(r).length)), 10);
  t.equal(
    count((r) => NOW - Date.parse(r.confirmedAt ?? '') > 183 * DAY_MS),
    597,
    'stale files',
  );
  t.equal(
    count((r) => r.history?.mobility === 'bedridden'),
    36,
  );
  t.equal(
    count((r) => (r.history?.weightKg ?? 0) >= 130),
    26,
  );
});

t.test('expecting mothers are women, due within a term', async (t) => {
  const expecting = residents.filter(({ history }) => history?.pregnancyDueDate);
  for (const { sex, history } of expecting) {
    t.equal(sex, 'female');
    const days = (Date.parse(history?.pregnancyDueDate ?? '') - NOW) / DAY_MS;
    t.ok(days > 0 && days < 280);
  }
});

t.test('phones are shared by couples, and by a whole nursing home', async (t) => {
  const sharers = new Map<string, number>();
  for (const { phones } of residents) for (const phone of phones) sharers.set(phone, (sharers.get(phone) ?? 0) + 1);
  t.equal(sharers.get(SWITCHBOARD), NURSING_HOME_RESIDENTS);
  t.equal([...sharers.values()].filter((people) => people === 2).length, 231);
  t.equal(sharers.get('+8613800010002'), 2);
});

t.test('the resident the README calls for is there whenever it is loaded', async (t) => {
  for (const now of [NOW, NOW + 200 * DAY_MS, Date.parse('2031-12-31T23:59:59Z')]) {
    const wang = inventDistrict(now).residents[0] as Resident;
    t.equal(ageInYears(wang.birthDate, now), 84);
    t.match(wang, {
      residentId: 'demo-r-0001',
      phones: ['+8613800010001'],
      devices: [{ deviceId: 'demo-sos-0001', kind: 'one-key' }],
      livesAlone: true,
      home: { floor: 5, hasLift: false, subdistrictCode: '110102007' },
    });
    t.ok(codesOf(wang).includes('I25.2'));
    t.ok(
      wang.history?.medications?.some(({ code }) => code === 'B01AC04'),
      'clopidogrel',
    );
    t.ok(wang.history?.implants?.length);
  }
});
