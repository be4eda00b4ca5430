/** The district loaded through the service's own operations, on both databases: once, whole, and answering a call. */
import t from 'tap';
import { Day } from '../../src/demo/day.ts';
import { loadDistrict } from '../../src/demo/load.ts';
import { STALE_POSITION_SECONDS } from '../../src/fleet/rank.ts';
import { listAreas, listPlaces, listUnits } from '../../src/fleet/store.ts';
import { listUnmapped } from '../../src/residents/store.ts';
import { backends } from '../support/backends.ts';
import { NOW, serviceOn } from '../support/service.ts';

const chestPain = { code: 'chest-pain', answers: { conscious: 'yes', breathing: 'normal' } };
const fromWang = {
  channel: 'phone',
  caller: { phone: '+8613800010001', relation: 'self' },
  patient: { ageYears: 84, sex: 'female' },
  location: { position: { lon: 116.347364, lat: 39.913137, crs: 'gcj02' }, uncertaintyMetres: 30 },
  complaint: chestPain,
};

for (const backend of backends)
  t.test(backend.name, async (t) => {
    const { databaseUrl } = await backend.fresh(t);
    const { ask, deps, db, time } = await serviceOn(t, databaseUrl);

    t.test('files everything, once', async (t) => {
      t.equal(await loadDistrict(deps, NOW), true);
      const count = async () => {
        const { rows } = await db.query<{ n: number }>('SELECT count(*) AS n FROM residents');
        return rows[0]?.n;
      };
      t.equal(await count(), 2_000);
      t.equal((await listUnits(db)).length, 24);
      t.equal((await listPlaces(db, null)).length, 45);
      t.equal((await listAreas(db)).length, 15);
      t.ok((await listUnmapped(db, 100)).length > 0, 'codes no risk group claims are counted as with any import');
      const { rows } = await db.query<{ wrong: number }>(
        `SELECT count(*) AS wrong FROM residents r
         WHERE NOT EXISTS (SELECT FROM areas a WHERE ST_Covers(a.outline, r.home) AND a.subdistrict_code = r.subdistrict_code)`,
      );
      t.equal(rows[0]?.wrong, 0, 'PostGIS finds each home in its sub-district');
      t.equal(await loadDistrict(deps, NOW + 1), false);
      t.equal(await count(), 2_000);
    });

    t.test('the resident of the README calls', async (t) => {
      const { status, body } = await ask('dispatcher', 'POST', '/v1/calls', fromWang);
      t.equal(status, 201);
      t.match(body.matches, [{ residentId: 'demo-r-0001', name: '王秀英', grade: 'match', livesAlone: true }]);
      t.match(body.recommendation, { vehicleType: 'intensive', basis: 'history', priority: 1 });
      t.ok(
        body.recommendation.reasons.some(({ fact }: { fact: string }) => /I2[15]/.test(fact)),
        'the filed infarction is a reason',
      );
      t.match(body.units[0], { satisfies: true, meetsTarget: true });
      t.equal(body.call.location.subdistrictCode, '110102007');
    });

    t.test('a stranger calls', async (t) => {
      const { body } = await ask('dispatcher', 'POST', '/v1/calls', {
        channel: 'phone',
        caller: { phone: '+8613800099999', relation: 'bystander' },
        location: { position: { lon: 116.378188, lat: 39.944503, crs: 'bd09' } },
        complaint: chestPain,
      });
      t.match(body, { matches: [], recommendation: { vehicleType: 'basic', basis: 'complaint-only' } });
      t.equal(body.call.location.subdistrictCode, '110102003');
    });

    t.test('two people on one phone, and a whole nursing home', async (t) => {
      const call = (phone: string) =>
        ask('dispatcher', 'POST', '/v1/calls', { channel: 'phone', caller: { phone }, complaint: { code: 'fall' } });
      const pair = await call('+8613800010002');
      t.same(pair.body.matches.map((match: { residentId: string }) => match.residentId).sort(), [
        'demo-r-0002',
        'demo-r-0003',
      ]);
      const home = await call('+861055500100');
      t.match(home.body.recommendation, { basis: 'complaint-only', flags: ['too-many-residents'] });
    });

    t.test('without reports no arrival is predicted; with them it is again', async (t) => {
      time.now = NOW + (STALE_POSITION_SECONDS + 60) * 1000;
      const before = await ask('dispatcher', 'POST', '/v1/calls', fromWang);
      t.ok(before.body.units.every((unit: { satisfies: boolean }) => !unit.satisfies));
      await new Day(deps).step();
      const after = await ask('dispatcher', 'POST', '/v1/calls', fromWang);
      t.match(after.body.units[0], { satisfies: true, positionAgeSeconds: 0 });
      t.ok(
        (await listUnits(db)).some(({ status, positionAt }) => status === 'off-duty' && positionAt === NOW),
        'nobody reports off duty',
      );
    });
  });

t.test('a registry of one’s own is left alone; an interrupted load is taken up again', async (t) => {
  const backend = backends[0];
  if (!backend) throw new Error('no backend');
  const { databaseUrl } = await backend.fresh(t);
  const { ask, deps, db } = await serviceOn(t, databaseUrl);
  const resident = { name: '虚构', sex: 'male', birthDate: '1950-01-01', phones: [] };
  await ask('registry', 'PUT', '/v1/residents/demo-r-0002', { residentId: 'demo-r-0002', ...resident });
  await ask('registry', 'PUT', '/v1/residents/r-1', { residentId: 'r-1', ...resident });
  t.equal(await loadDistrict(deps, NOW), false);
  await db.query(`DELETE FROM residents WHERE resident_id = 'r-1'`);
  t.equal(await loadDistrict(deps, NOW), true);
  const { rows } = await db.query<{ n: number }>('SELECT count(*) AS n FROM residents');
  t.equal(rows[0]?.n, 2_000);
});
