/** The demonstration as a newcomer tries it: a silent press, a door nobody opens, a nurse who knows, and a crew that goes there. */
import t from 'tap';
import { loadDistrict } from '../../src/demo/load.ts';
import { climbLadders, closeSearches } from '../../src/operations/climb-locate.ts';
import { freshDatabase } from '../support/postgres.ts';
import { NOW, serviceOn } from '../support/service.ts';

const press = {
  channel: 'one-key',
  device: { deviceId: 'demo-sos-0001' },
  complaint: { code: 'device-alarm', answers: { conscious: 'unknown', breathing: 'unknown' } },
};
const nurse = { role: 'centre' as const, subject: 'demo-centre-yuetan' };

t.test('a silent press', async (t) => {
  const { ask, deps, day, time } = await serviceOn(t, await freshDatabase(t));
  await loadDistrict(deps, NOW);
  const detail = async (callId: string) => (await ask('dispatcher', 'GET', `/v1/calls/${callId}`)).body;
  const stepUntil = async (isSo: () => Promise<boolean>, what: string) => {
    for (let step = 0; step < 2_000; step++) {
      if (await isSo()) return;
      time.now += 2_000;
      await day.step();
      await climbLadders(deps);
      await closeSearches(deps);
    }
    t.fail(`it never came to ${what}`);
  };
  const begin = async () => {
    const { call, units, locateSuggestion } = (await ask('dispatcher', 'POST', '/v1/calls', press)).body;
    t.match(locateSuggestion, { why: 'silent-press' });
    await ask('dispatcher', 'POST', `/v1/calls/${call.callId}/assignments`, { unitId: units[0].unitId });
    return { callId: call.callId as string, unitId: units[0].unitId as string };
  };
  const searchOf = async (callId: string) =>
    (await ask('dispatcher', 'GET', `/v1/locate-requests?callId=${callId}`)).body.locateRequests[0];

  const { callId, unitId } = await begin();
  await stepUntil(async () => (await searchOf(callId)) !== undefined, 'a crew that asks for help');
  t.equal((await detail(callId)).call.status, 'on-scene', 'the ambulance is there');
  const request = await searchOf(callId);
  t.match(request, {
    reason: 'no-answer-at-door',
    communityCentreId: nurse.subject,
    raisedBy: { role: 'crew', subject: unitId },
  });
  const id = request.locateRequestId;
  await ask(nurse, 'POST', `/v1/locate-requests/${id}/accept`, { person: '示范护士' });
  const position = { lon: 116.3418, lat: 39.9124, crs: 'wgs84' };
  const answer = { found: true, position, building: '3号楼', unit: '2单元', room: '501', person: '示范护士' };
  t.equal((await ask(nurse, 'POST', `/v1/locate-requests/${id}/answer`, answer)).status, 200);
  t.match((await detail(callId)).call.location, { position, source: 'confirmed' }, 'the destination changes');
  await stepUntil(async () => 'at-patient' in (await detail(callId)).call.timePoints, 'the patient');
  const unit = (await ask('dispatcher', 'GET', '/v1/units')).body.units.find(
    (each: { unitId: string }) => each.unitId === unitId,
  );
  t.match(unit.position, { lon: position.lon, lat: position.lat }, 'and so does the crew');
  await stepUntil(async () => (await searchOf(callId)).status === 'closed', 'the end of the search');

  const second = await begin();
  await stepUntil(async () => (await searchOf(second.callId))?.step === 3, 'the top of the ladder');
  const top = await searchOf(second.callId);
  t.match(
    top.asked.map(({ kind }: { kind: string }) => kind),
    ['centre', 'centre', 'subdistrict-duty'],
  );
  t.match(top.toRing, {
    microFireStation: { name: /微型消防站/ },
    duty: { phone: /^010-5550/ },
    police: { phone: '110' },
  });
  t.match(top.howToGetIn[0].pastPlaces, [{ building: '3号楼', room: '501' }], 'what the nurse said is known by now');
  await stepUntil(async () => 'at-patient' in (await detail(second.callId)).call.timePoints, 'a door opened by force');
});
