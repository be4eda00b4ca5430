/** The crew's tablet in Chromium on the real service: through a tunnel and back, every report and every entry there once. */
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import t, { type Test } from 'tap';
import { launch, listeningService, openPage, shot } from './support.ts';

const service = await listeningService(t);
const browser = await launch(t);
const { ask } = service;
const tablet = { width: 1100, height: 850 };

async function callFor(phone: string): Promise<{ callId: string; unitId: string }> {
  const { body } = await ask('dispatcher', 'POST', '/v1/calls', {
    channel: 'phone',
    caller: { phone, relation: 'self' },
    location: { position: { lon: 116.3413, lat: 39.9119, crs: 'wgs84' }, source: 'caller', address: '虚构胡同1号' },
    complaint: { code: 'chest-pain', answers: { conscious: 'yes', breathing: 'normal' } },
  });
  return { callId: body.call.callId, unitId: body.units[0].unitId };
}
const assign = (callId: string, unitId: string) =>
  ask('dispatcher', 'POST', `/v1/calls/${callId}/assignments`, { unitId, overrideReason: 'the only one' });
const recordOf = async (callId: string) => (await ask('admin', 'GET', `/v1/calls/${callId}/care-record`)).body;
const kept = (page: Page): Promise<{ id: string; list?: string }[]> =>
  page.evaluate(`new Promise((resolve) => {
    const request = indexedDB.open('precision-dispatch.crew');
    request.onsuccess = () => {
      const all = request.result.transaction('waiting').objectStore('waiting').getAll();
      all.onsuccess = () => resolve(all.result.map(({ id, said }) => ({ id, list: said.list })));
    };
  })`);

async function isAccessible(t: Test, page: Page, what: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'])
    .exclude('.maplibregl-map')
    .analyze();
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`);
  t.same(found, [], what);
}

/** What a glove has to hit and cannot, of what is on the page. */
const tooSmall = (page: Page): Promise<string[]> =>
  page.evaluate(`[...document.querySelectorAll('button, a[href], input:not([type=file]), textarea, select')]
    .filter((one) => one.getClientRects().length > 0 && !one.closest('.maplibregl-map, .skip, h1') && !one.classList.contains('skip'))
    .filter((one) => one.getBoundingClientRect().height < 44)
    .map((one) => one.outerHTML.slice(0, 90))`);

t.test('rings, reports, goes offline with two time points and a record, and comes back', async (t) => {
  const { callId, unitId } = await callFor('13800010001');
  const { page, faults } = await openPage(t, browser, `${service.url}/#/crew/${unitId}`, { viewport: tablet });
  await page.getByText('目前没有任务').waitFor();
  await assign(callId, unitId);
  service.deps.live.nudge();
  await page.locator('.alarms').getByText('新任务').waitFor();
  await shot(page, 'tablet-ringing-zh');
  await page.keyboard.press('F8');
  await page.getByRole('button', { name: /^车辆确认 ✓/ }).waitFor();
  t.same(await tooSmall(page), []);
  await isAccessible(t, page, 'the call, zh, light');
  await page.getByRole('button', { name: '前往这里' }).first().click();
  await page.getByText('✓ 正前往').waitFor();
  await shot(page, 'tablet-call-zh');

  await page.getByRole('button', { name: '救治记录' }).click();
  await page.getByRole('button', { name: '生命体征' }).click();
  for (const key of ['9', '6']) await page.locator('.pad').getByRole('button', { name: key, exact: true }).click();
  await page.getByRole('button', { name: '下一项' }).click();
  await page.keyboard.type('80');
  await page.getByRole('button', { name: '下一项' }).click();
  await page.keyboard.type('130');
  await page.getByText('有不大可能的数值').waitFor();
  await shot(page, 'tablet-vitals-zh');
  t.same(await tooSmall(page), []);
  await page.keyboard.press('Control+Enter');
  const timeline = page.locator('.timeline');
  await timeline.locator('.line.sent', { hasText: '收缩压 80' }).waitFor();
  await timeline.getByText('舒张压高于收缩压').waitFor();

  await page.context().setOffline(true);
  await page.locator('.queue').getByText('离线').waitFor();
  await page.getByRole('button', { name: '出车' }).click();
  await page.getByRole('button', { name: '到达现场' }).click();
  await page.getByRole('button', { name: '用药' }).click();
  await page.getByRole('button', { name: '阿司匹林' }).click();
  await page.getByRole('button', { name: '300 mg' }).click();
  await shot(page, 'tablet-medication-zh');
  await page.getByRole('button', { name: '早 5 分钟' }).click();
  await page.keyboard.press('Control+Enter');
  await page.getByRole('button', { name: '评估' }).click();
  for (const name of ['3 呼唤', '5 定向正常', '6 遵嘱']) await page.getByRole('button', { name }).click();
  await page.getByRole('group', { name: '疼痛' }).getByRole('button', { name: '7', exact: true }).click();
  await shot(page, 'tablet-assessment-zh');
  await page.keyboard.press('Control+Enter');
  await page.locator('.queue').getByText('4 条').waitFor();
  await timeline.locator('.line.waiting', { hasText: '阿司匹林 300 mg' }).waitFor();
  await timeline.locator('.line.waiting', { hasText: '格拉斯哥 14' }).waitFor();
  await shot(page, 'tablet-offline-zh');
  t.equal((await kept(page)).length, 4, 'kept in the tablet');
  t.equal((await recordOf(callId)).medications.length, 0);
  await page.reload();
  await page.getByRole('button', { name: '救治记录' }).click();
  await timeline.locator('.line.waiting', { hasText: '阿司匹林 300 mg' }).waitFor();
  // Meanwhile somebody else writes under an id that waits here: neither is overwritten.
  await page.getByRole('button', { name: '备注' }).click();
  await page.getByRole('textbox', { name: '备注' }).fill('患者自诉左肩痛');
  await page.keyboard.press('Control+Enter');
  await page.locator('.queue').getByText('5 条').waitFor();
  const noteId = (await kept(page)).find(({ list }) => list === 'notes')?.id ?? '';
  const other = { entryId: noteId, at: new Date(service.time.now).toISOString(), text: '另一台设备写的' };
  await ask('admin', 'PUT', `/v1/calls/${callId}/care-record`, { notes: [other] });

  await page.context().setOffline(false);
  await timeline.locator('.line.sent', { hasText: '阿司匹林 300 mg' }).waitFor();
  await timeline.locator('.line.sent', { hasText: '格拉斯哥 14' }).waitFor();
  await timeline.getByText('另一台设备写的').waitFor();
  const refused = timeline.locator('.line.refused');
  await refused.getByText('患者自诉左肩痛').waitFor();
  await refused.getByText('编号已用于另一条记录').waitFor();
  await page.locator('.queue .soon').waitFor({ state: 'detached' });
  const { body } = await ask('dispatcher', 'GET', `/v1/calls/${callId}`);
  const points = body.reports.map(({ point }: { point: string }) => point).sort();
  t.same(points, ['en-route', 'on-scene', 'unit-acknowledged', 'unit-notified'].sort(), 'each point once');
  const record = await recordOf(callId);
  t.match(record.medications, [{ dose: 300, unit: 'mg', route: 'oral', medication: { code: 'B01AC06' } }]);
  t.match(record.assessments, [{ glasgow: { eye: 3, verbal: 5, motor: 6 }, pain: 7 }]);
  t.same([record.vitals.length, record.medications.length, record.assessments.length], [1, 1, 1], 'each entry once');
  t.match(record.notes, [{ text: '另一台设备写的' }], 'nothing overwritten');
  await shot(page, 'tablet-refused-zh');
  await refused.getByRole('button', { name: '丢弃' }).click();
  await refused.getByRole('button', { name: '确认丢弃' }).click();
  await refused.waitFor({ state: 'detached' });
  t.same(await kept(page), [], 'of what has arrived nothing stays on the tablet');
  t.same(
    faults.filter((fault) => !/ERR_INTERNET_DISCONNECTED|409/.test(fault)),
    [],
  );
});
