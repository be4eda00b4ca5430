/** What a call would be answered files nothing and is logged as the read it is; a crew reads its own call and no other. */
import t from 'tap';
import { replaceAddresses } from '../../src/fleet/roads/store.ts';
import { callFrom, fleet, zhang } from '../support/people.ts';
import { freshDatabase } from '../support/postgres.ts';
import { serviceOn } from '../support/service.ts';

const { ask, db } = await serviceOn(t, await freshDatabase(t));
for (const unit of fleet) await ask('admin', 'PUT', `/v1/units/${unit.unitId}`, unit);
await ask('registry', 'PUT', '/v1/residents/r-1', zhang);
const count = async (table: string) => Number((await db.query(`SELECT count(*) AS n FROM ${table}`)).rows[0].n);

t.test('as the caller speaks', async (t) => {
  const { status, body } = await ask('dispatcher', 'POST', '/v1/call-previews', { caller: { phone: '13800138001' } });
  t.equal(status, 200);
  t.match(
    body,
    { matches: [{ residentId: 'r-1' }], recommendation: null, units: [] },
    'no complaint yet, nothing decided',
  );
  const call = callFrom();
  const preview = (await ask('dispatcher', 'POST', '/v1/call-previews', call)).body;
  t.ok(preview.histories[0].riskGroups.length > 0, 'the history in risk groups');
  t.same([await count('calls'), await count('events')], [0, 0], 'nothing is filed, nothing is told');
  const { rows } = await db.query('SELECT DISTINCT resident_id, purpose FROM access_log');
  t.same(rows, [{ resident_id: 'r-1', purpose: 'preview' }]);
  const filed = (await ask('dispatcher', 'POST', '/v1/calls', call)).body;
  t.same(preview.recommendation, filed.recommendation, 'filed it is answered the same');
});

t.test('an address in words is offered as doors of the map, until there is a position', async (t) => {
  const lon = 116.36;
  await replaceAddresses(
    db,
    ['示范东街7号', '示范东街9号', '示范东街31号', '另一条路7号'].map((text, i) => ({
      addressId: `n${i}`,
      text,
      lon: lon + i / 1000,
      lat: 39.9,
    })),
  );
  const offered = async (location: object): Promise<string[]> => {
    const { body } = await ask('dispatcher', 'POST', '/v1/call-previews', { location });
    return body.addresses.map(({ address }: { address: string }) => address);
  };
  t.same(await offered({ address: '示范东街７号' }), ['示范东街7号'], 'the door itself, where it is on the map');
  t.same(await offered({ address: '北京市 示范东街７号 3单元' }), ['示范东街7号', '示范东街9号', '示范东街31号']);
  t.equal((await offered({ address: '示犯东街7号' }))[0], undefined, 'a name of which no pair is right finds nothing');
  t.equal((await offered({ address: '示范东大街7号' }))[0], '示范东街7号', 'a name said a little otherwise');
  t.same(
    (await offered({ address: '示范东街10号' }))[0],
    '示范东街9号',
    'the nearest number where there is no such door',
  );
  t.same(await offered({ address: '大街 7号' }), [], 'a number alone is anywhere');
  t.same(await offered({ address: '示范东街7号', position: { lon, lat: 39.9, crs: 'wgs84' } }), []);
});

t.test('what a call may not say a preview may not either', async (t) => {
  for (const [body, field] of [
    [{}, 'caller.phone'],
    [{ caller: { phone: '13800138001' }, patient: { idNumber: '110102194103020029' } }, 'patient.idNumber'],
    [
      { caller: { phone: '13800138001' }, complaint: { code: 'fall', answers: { nothing: 'x' } } },
      'complaint.answers.nothing',
    ],
  ] as const) {
    const answer = await ask('dispatcher', 'POST', '/v1/call-previews', body);
    t.equal(answer.status, 422);
    t.equal(answer.body.fields[0].field, field);
  }
});

t.test('a crew and its call', async (t) => {
  const { calls } = (await ask('dispatcher', 'GET', '/v1/calls?live=true')).body;
  const { callId } = calls[0];
  const crew = (subject: string) => ({ role: 'crew' as const, subject });
  const own = () => ask(crew('u-intensive'), 'GET', '/v1/units/u-intensive/call');
  t.same((await own()).body, { unitId: 'u-intensive', call: null, waitsAt: null });
  await ask('dispatcher', 'POST', `/v1/calls/${callId}/assignments`, { unitId: 'u-intensive', overrideReason: 'x' });
  t.match((await own()).body.call, { callId, unitStatus: 'notified', howToGetIn: [{ room: '501' }] });
  t.equal((await ask(crew('u-basic'), 'GET', '/v1/units/u-intensive/call')).status, 404, 'nobody else’s');
  const { routes } = (await ask('dispatcher', 'GET', `/v1/calls/${callId}/routes`)).body;
  t.match(routes, [{ unitId: 'u-intensive', points: [{ crs: 'wgs84' }, {}] }]);
});
