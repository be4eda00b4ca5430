/** The centre's desk in Chromium: it rings, is taken with one key, answered from a phone, and everybody hears that it is over. */
import type { AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import { loadDistrict } from '../../src/demo/load.ts';
import { climbLadders, closeSearches } from '../../src/operations/climb-locate.ts';
import { launch, openPage, STILL, shot } from '../console/support.ts';
import { freshDatabase } from '../support/postgres.ts';
import { serviceOn } from '../support/service.ts';

const service = await serviceOn(t, await freshDatabase(t));
const { ask, deps, time } = service;
time.now = Date.now();
/** The service's clock runs, and may be put forward. */
let aheadMs = 0;
const ticking = setInterval(() => {
  time.now = Date.now() + aheadMs;
}, 200);
t.teardown(() => clearInterval(ticking));
await loadDistrict(deps, time.now);
await service.app.listen({ host: '127.0.0.1', port: 0 });
await deps.live.start(null);
t.teardown(() => deps.live.close());
const { port } = service.app.server.address() as AddressInfo;
const browser = await launch(t, [STILL]);

const press = {
  channel: 'one-key',
  device: { deviceId: 'demo-sos-0001' },
  location: { position: { lon: 116.3413, lat: 39.9119, crs: 'wgs84' }, uncertaintyMetres: 60, source: 'device' },
  complaint: { code: 'device-alarm', answers: { answer: 'no-answer', conscious: 'unknown', breathing: 'unknown' } },
};
const raise = async () => {
  const { call } = (await ask('dispatcher', 'POST', '/v1/calls', press)).body;
  const { body } = await ask('dispatcher', 'POST', `/v1/calls/${call.callId}/locate-requests`, {
    reason: 'no-answer-at-door',
  });
  deps.live.nudge();
  return { callId: call.callId as string, id: body.locateRequest.locateRequestId as string };
};
const read = async (id: string) => (await ask('dispatcher', 'GET', `/v1/locate-requests/${id}`)).body.locateRequest;

const openDesk = (t: Test, place: string, locale: 'zh-CN' | 'en-GB', viewport = { width: 1500, height: 1000 }) =>
  openPage(t, browser, `http://127.0.0.1:${port}/#/${place}`, { locale, viewport });

t.test('rings, accepted with one key, answered, over', async (t) => {
  const { page, faults } = await openDesk(t, 'centre/demo-centre-yuetan', 'zh-CN');
  await page.getByLabel('您的姓名或工号').fill('示范护士');
  await page.getByLabel('您的姓名或工号').press('Enter');
  await page.getByText('目前没有求助').waitFor();
  const { callId, id } = await raise();
  await page.getByRole('alert').or(page.locator('.alarms')).getByText('请协助查找').first().waitFor();
  await page.locator('article.open').getByText('王秀英').first().waitFor();
  await page.locator('.maplibregl-canvas').waitFor();
  for (const text of ['登记住址', '设备定位', '半径 60 m', '有钥匙', '陈丽'])
    await page.getByText(text).first().waitFor();
  if (process.env.SHOTS) await page.waitForTimeout(1_500); // the map fades nothing, but its tiles come one by one
  await shot(page, 'desk-ringing-zh');

  await page.locator('body').press('a');
  await page.getByText('由您处理').waitFor();
  t.match((await read(id)).holder, { centreId: 'demo-centre-yuetan', person: '示范护士' });
  t.equal(await page.locator('.alarms .urgent').count(), 0, 'it rings no more');
  await page.getByLabel('楼号').fill('3号楼');
  await page.getByLabel('单元', { exact: true }).fill('2单元');
  await page.getByLabel('楼层').fill('5');
  await page.getByLabel('房间').fill('501');
  await page.getByLabel('如何进门').fill('钥匙在窗台下（示范）');
  await page.locator('.maplibregl-canvas').click({ position: { x: 150, y: 150 } });
  await page.getByText('位置已标出').waitFor();
  await shot(page, 'desk-answering-zh');
  await page.getByLabel('如何进门').press('Control+Enter');
  await page.getByText('答复已送达急救人员').waitFor();
  const answered = await read(id);
  t.match(answered, {
    status: 'answered',
    answers: [{ found: true, building: '3号楼', unit: '2单元', floor: 5, room: '501' }],
  });
  const { call } = (await ask('dispatcher', 'GET', `/v1/calls/${callId}`)).body;
  t.match(call.location, { source: 'confirmed', position: answered.answers[0].position }, 'the destination moved');

  await ask('dispatcher', 'POST', `/v1/calls/${callId}/close`, { reason: 'over' });
  await closeSearches(deps);
  await page.getByText('查找已结束', { exact: false }).first().waitFor();
  await shot(page, 'desk-over-zh');
  t.same(faults, []);
});

t.test('in English, on a phone: taken by a colleague, taken over, not here', async (t) => {
  const { page, faults } = await openDesk(t, 'centre/demo-centre-yuetan', 'en-GB', { width: 420, height: 900 });
  const { callId, id } = await raise();
  await page.getByRole('button', { name: /^Accept/ }).waitFor();
  await shot(page, 'desk-ringing-phone-en');
  const colleague = { role: 'centre' as const, subject: 'demo-centre-yuetan' };
  await ask(colleague, 'POST', `/v1/locate-requests/${id}/accept`, { person: 'Nurse B (invented)' });
  await page.getByText('Nurse B (invented) is on it').waitFor();
  await page.getByRole('button', { name: 'Take it over' }).click();
  await page.getByText('It is yours').waitFor();
  await page.getByLabel('They are not here').check();
  await page.getByLabel('Where to try instead').fill('her daughter’s, two streets away (invented)');
  await shot(page, 'desk-not-here-phone-en');
  await page.getByRole('button', { name: 'Send the answer' }).click();
  await page.getByText('The crew has your answer').waitFor();
  t.match(await read(id), { status: 'answered', answers: [{ found: false, tryInstead: /daughter/ }] });
  t.same(faults, []);
  await ask('dispatcher', 'POST', `/v1/calls/${callId}/close`, { reason: 'over' });
  await closeSearches(deps);
});

t.test('the dispatcher’s panel: raised with one key, climbing, answered, the destination changed', async (t) => {
  const { page, faults } = await openDesk(t, 'dispatcher', 'en-GB');
  await page.getByText('Live', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'One-key press, nobody speaks' }).click();
  const panel = page.locator('#call .locate-panel');
  await page.locator('#call .units tbody tr').first().waitFor();
  await page.keyboard.press('Control+Enter');
  await panel.getByRole('button', { name: 'Alt+L' }).waitFor();
  t.notMatch(await page.locator('.right section.map').getAttribute('aria-label'), /doors/);
  await page.keyboard.press('Alt+L');
  await panel.getByText('waiting for somebody').waitFor();
  const { locateRequests } = (await ask('dispatcher', 'GET', '/v1/locate-requests?status=requested')).body;
  const [{ locateRequestId: id, callId, likelyPlaces }] = locateRequests;
  t.equal(locateRequests.length, 1);
  await panel
    .getByText(/87 %|8\d %/)
    .first()
    .waitFor();
  t.ok(likelyPlaces.places[0].confidence > 0.5);
  await page.locator('.right section.map[aria-label*="likely doors"]').waitFor();
  t.match(
    await page.locator('.right section.map').getAttribute('aria-label'),
    /\d clues with their radii, [1-9] likely doors/,
  );

  aheadMs += 31_000;
  time.now += 31_000;
  await climbLadders(deps);
  await panel.getByText('further people are asked').waitFor();
  await panel.locator('.locate-ladder [aria-current=step]').getByText('the next nearest centre').waitFor();
  await shot(page, 'dispatcher-climbing-en');

  const nurse = { role: 'centre' as const, subject: 'demo-centre-yuetan' };
  t.equal((await ask(nurse, 'POST', `/v1/locate-requests/${id}/accept`, { person: 'Nurse A (invented)' })).status, 200);
  await panel.getByText('somebody is looking').waitFor();
  const position = { lon: 116.3435, lat: 39.9101, crs: 'wgs84' };
  const door = { building: '3', unit: '2', room: '501', entryNotes: 'key under the counter' };
  const answer = { found: true, position, ...door, person: 'Nurse A (invented)' };
  t.equal((await ask(nurse, 'POST', `/v1/locate-requests/${id}/answer`, answer)).status, 200);
  await panel.getByText('building 3, unit 2, room 501').waitFor();
  await panel.getByText('key under the counter').first().waitFor();
  const { call } = (await ask('dispatcher', 'GET', `/v1/calls/${callId}`)).body;
  t.match(call.location, { source: 'confirmed', position }, 'the destination moved');
  await shot(page, 'dispatcher-answered-en');
  await ask('dispatcher', 'POST', `/v1/calls/${callId}/close`, { reason: 'over' });
  await closeSearches(deps);
  // Over, and off the map.
  await page.locator('.right section.map:not([aria-label*="likely doors"])').waitFor();
  t.same(faults, []);
});

t.test('the start page presses the silent one-key call beside the centre’s page', async (t) => {
  const { page, faults } = await openDesk(t, '', 'zh-CN', { width: 1900, height: 1000 });
  await page.getByRole('button', { name: '按下一键呼救' }).click();
  const [desk, centre] = [page.frameLocator('iframe').nth(0), page.frameLocator('iframe').nth(1)];
  await centre.getByText('目前没有求助').waitFor();
  await desk.getByText('一台一键呼救设备响了').waitFor();
  await desk.locator('.alarms').getByText('demo-sos-0001').waitFor();
  await page.keyboard.press('F2');
  await desk.getByText('设备登记在一位独居老人名下').waitFor();
  await desk.locator('#call .verdict').getByText('依据病史').waitFor();
  await desk.locator('#call .units tbody tr').first().waitFor();
  await page.keyboard.press('F9');
  await desk.getByText('没有人开门时，车组会自己请').waitFor();
  await page.keyboard.press('Alt+L');
  await centre.getByRole('button', { name: /^接单/ }).waitFor();
  await desk.getByText('中心的页面响了').waitFor();
  // At the other desk, and through to the end by keys alone.
  await centre.getByRole('heading', { name: '求助', exact: true }).click();
  await page.keyboard.press('a');
  await centre.getByText('由您处理').waitFor();
  await page.keyboard.press('e');
  for (const said of ['3', '2', '', '501', '钥匙在柜台下']) {
    await page.keyboard.type(said);
    if (said !== '钥匙在柜台下') await page.keyboard.press('Tab');
  }
  await page.keyboard.press('Control+Enter');
  await centre.getByText('答复已送达急救人员').waitFor();
  await desk.getByText('答复到了').waitFor();
  await desk.locator('#call').getByText('钥匙在柜台下').first().waitFor();
  await shot(page, 'silent-answered-zh');
  t.same(faults, []);
});
