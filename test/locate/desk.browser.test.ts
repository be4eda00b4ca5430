/** The centre's desk in Chromium: it rings, is taken with one key, answered from a phone, and everybody hears that it is over. */
import { existsSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { chromium, type Page } from 'playwright-core';
import t from 'tap';
import { loadDistrict } from '../../src/demo/load.ts';
import { closeSearches } from '../../src/operations/climb-locate.ts';
import { freshDatabase } from '../support/postgres.ts';
import { serviceOn } from '../support/service.ts';

const executablePath =
  process.env.CHROMIUM ?? ['/usr/bin/chromium', '/usr/bin/google-chrome'].find((path) => existsSync(path)) ?? '';
const WAIT = { timeout: 60_000 };

const service = await serviceOn(t, await freshDatabase(t));
const { ask, deps, time } = service;
time.now = Date.now();
const ticking = setInterval(() => {
  time.now = Date.now();
}, 200);
t.teardown(() => clearInterval(ticking));
await loadDistrict(deps, time.now);
await service.app.listen({ host: '127.0.0.1', port: 0 });
await deps.live.start(null);
t.teardown(() => deps.live.close());
const { port } = service.app.server.address() as AddressInfo;
const browser = await chromium.launch({
  executablePath,
  args: ['--no-sandbox', '--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--disable-quic', '--no-first-run'],
});
t.teardown(() => browser.close());

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

async function openDesk(place: string, locale: 'zh-CN' | 'en-GB', viewport = { width: 1500, height: 1000 }) {
  const context = await browser.newContext({ locale, viewport });
  t.teardown(() => context.close());
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(error.message));
  await page.goto(`http://127.0.0.1:${port}/#/${place}`);
  return { page, faults };
}
const shot = (page: Page, name: string) =>
  process.env.SHOTS ? page.screenshot({ path: `${process.env.SHOTS}/${name}.png`, fullPage: true }) : null;

t.test('rings, accepted with one key, answered, over', async (t) => {
  const { page, faults } = await openDesk('centre/demo-centre-yuetan', 'zh-CN');
  await page.getByLabel('您的姓名或工号').fill('示范护士');
  await page.getByLabel('您的姓名或工号').press('Enter');
  await page.getByText('目前没有求助').waitFor(WAIT);
  const { callId, id } = await raise();
  await page.getByRole('alert').or(page.locator('.alarms')).getByText('请协助查找').first().waitFor(WAIT);
  await page.locator('article.open').getByText('王秀英').first().waitFor(WAIT);
  await page.locator('.maplibregl-canvas').waitFor(WAIT);
  for (const text of ['登记住址', '设备定位', '半径 60 m', '有钥匙', '陈丽'])
    await page.getByText(text).first().waitFor(WAIT);
  await page.waitForTimeout(1_500); // the map fades nothing, but its tiles come one by one
  await shot(page, 'desk-ringing-zh');

  await page.locator('body').press('a');
  await page.getByText('由您处理').waitFor(WAIT);
  t.match((await read(id)).holder, { centreId: 'demo-centre-yuetan', person: '示范护士' });
  t.equal(await page.locator('.alarms .urgent').count(), 0, 'it rings no more');
  await page.getByLabel('楼号').fill('3号楼');
  await page.getByLabel('单元', { exact: true }).fill('2单元');
  await page.getByLabel('楼层').fill('5');
  await page.getByLabel('房间').fill('501');
  await page.getByLabel('如何进门').fill('钥匙在窗台下（示范）');
  await page.locator('.maplibregl-canvas').click({ position: { x: 150, y: 150 } });
  await page.getByText('位置已标出').waitFor(WAIT);
  await shot(page, 'desk-answering-zh');
  await page.getByRole('button', { name: '发送答复' }).click();
  await page.getByText('答复已送达急救人员').waitFor(WAIT);
  const answered = await read(id);
  t.match(answered, {
    status: 'answered',
    answers: [{ found: true, building: '3号楼', unit: '2单元', floor: 5, room: '501' }],
  });
  const { call } = (await ask('dispatcher', 'GET', `/v1/calls/${callId}`)).body;
  t.match(call.location, { source: 'confirmed', position: answered.answers[0].position }, 'the destination moved');

  await ask('dispatcher', 'POST', `/v1/calls/${callId}/close`, { reason: 'over' });
  await closeSearches(deps);
  await page.getByText('查找已结束', { exact: false }).first().waitFor(WAIT);
  await shot(page, 'desk-over-zh');
  t.same(faults, []);
});

t.test('in English, on a phone: taken by a colleague, taken over, not here', async (t) => {
  const { page, faults } = await openDesk('centre/demo-centre-yuetan', 'en-GB', { width: 420, height: 900 });
  const { callId, id } = await raise();
  await page.getByRole('button', { name: /^Accept/ }).waitFor(WAIT);
  await shot(page, 'desk-ringing-phone-en');
  const colleague = { role: 'centre' as const, subject: 'demo-centre-yuetan' };
  await ask(colleague, 'POST', `/v1/locate-requests/${id}/accept`, { person: 'Nurse B (invented)' });
  await page.getByText('Nurse B (invented) is on it').waitFor(WAIT);
  await page.getByRole('button', { name: 'Take it over' }).click();
  await page.getByText('It is yours').waitFor(WAIT);
  await page.getByLabel('They are not here').check();
  await page.getByLabel('Where to try instead').fill('her daughter’s, two streets away (invented)');
  await shot(page, 'desk-not-here-phone-en');
  await page.getByRole('button', { name: 'Send the answer' }).click();
  await page.getByText('The crew has your answer').waitFor(WAIT);
  t.match(await read(id), { status: 'answered', answers: [{ found: false, tryInstead: /daughter/ }] });
  t.same(faults, []);
  await ask('dispatcher', 'POST', `/v1/calls/${callId}/close`, { reason: 'over' });
  await closeSearches(deps);
});
