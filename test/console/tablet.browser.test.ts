/** The crew's tablet in Chromium on the real service: through a tunnel and back, every report and every entry there once. */
import type { Page } from 'playwright-core';
import t from 'tap';
import { issueToken } from '../../src/http/auth.ts';
import { isAccessible, launch, listeningService, openPage, STILL, shot } from './support.ts';

/** Not this machine as far as the browser knows: no demonstration, and no secure context. */
const ELSEWHERE = 'tablet.example';

const service = await listeningService(t);
const browser = await launch(t, [STILL, `--host-resolver-rules=MAP ${ELSEWHERE} 127.0.0.1`]);
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

/** A grey square of 40 × 40, made in the page: any picture will do. */
const png = (page: Page): Promise<number[]> =>
  page.evaluate(`(async () => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 40, height: 40 });
    canvas.getContext('2d').fillRect(0, 0, 40, 40);
    const blob = await new Promise((resolve) => canvas.toBlob(resolve, 'image/png'));
    return [...new Uint8Array(await blob.arrayBuffer())];
  })()`);

t.test('in English, by night, with a token that ends: corrected, handed over, finished after the call', async (t) => {
  const { callId, unitId } = await callFor('13800010002');
  await assign(callId, unitId);
  const { body: units } = await ask('dispatcher', 'GET', '/v1/units');
  const second = units.units.find((unit: { status: string }) => unit.status === 'available').unitId as string;
  await assign(callId, second);
  const key = service.deps.config.auth.local;
  if (!key) throw new Error('the test settings have a local key');
  const token = () => issueToken(key, { role: 'crew', subject: unitId, ttlSeconds: 600 }, service.deps.clock);
  const address = `http://${ELSEWHERE}:${service.port}/#/crew`;
  const options = {
    viewport: { width: 820, height: 1180 },
    locale: 'en-GB',
    colorScheme: 'dark',
    hasTouch: true,
  } as const;
  const { page, faults } = await openPage(t, browser, address, options);
  const field = page.getByRole('textbox', { name: 'Access token' });
  await field.fill(await token());
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Care record' }).click();
  const open = (name: string) => page.locator('.care-kinds').getByRole('button', { name }).click();
  const save = () => page.locator('.save').getByRole('button', { name: /^Save/ }).click();
  const line = (text: string | RegExp) => page.locator('.timeline .line.sent', { hasText: text });

  await open('Procedure');
  await shot(page, 'tablet-procedures-en');
  await page.getByRole('button', { name: 'CPR', exact: true }).click();
  await save();
  await line('CPR').getByRole('button', { name: 'Ends now' }).click();
  await line(/CPR · until/).waitFor();
  await page.locator('.line.past s', { hasText: 'CPR' }).waitFor();

  await open('Assessment');
  for (const sign of ['Face', 'Arm']) await page.getByRole('group', { name: sign }).getByText('abnormal').click();
  await page.getByRole('button', { name: '1 h earlier' }).click();
  await page.getByRole('group', { name: 'Eyes open' }).getByRole('button', { name: /^4/ }).click();
  await page.getByText('The Glasgow scale needs all three').waitFor();
  await page.getByRole('group', { name: 'Eyes open' }).getByRole('button', { name: /^4/, pressed: true }).click();
  await shot(page, 'tablet-assessment-en');
  t.same(await tooSmall(page), []);
  await isAccessible(t, page, 'assessment, en, dark');
  await save();
  await line(/Face abnormal · Arm abnormal · last well/).waitFor();

  await open('ECG, picture');
  const files = page.locator('input[type=file]').last();
  await files.setInputFiles({ name: 'strip.png', mimeType: 'image/png', buffer: Buffer.from(await png(page)) });
  await page.locator('.taken img').waitFor();
  await shot(page, 'tablet-ecg-en');
  await save();
  await page.locator('.pictures').getByText('arrived').waitFor();
  await page.getByRole('button', { name: /^Open the 12-lead ECG/ }).click();
  await page.locator('dialog.picture img').waitFor();
  await page.locator('dialog.picture').getByRole('button', { name: 'Close' }).click();

  // Two tablets correct the same entry: both are kept and said to be.
  await open('Vital signs');
  await page.getByLabel('Pulse').fill('210');
  await save();
  await line('Pulse 210').getByRole('button', { name: 'Correct' }).click();
  await page.getByLabel('Pulse').fill('110');
  await page.getByLabel('Why').fill('typed twice');
  const [{ entryId, at }] = (await recordOf(callId)).vitals;
  const theirs = { entryId: 'theirs', at, amends: entryId, reason: 'by the monitor', heartRate: 112 };
  const other = { role: 'crew', subject: second } as const;
  await ask(other, 'PUT', `/v1/calls/${callId}/care-record`, { vitals: [theirs] });
  service.deps.live.nudge();
  await page.getByText('This was corrected a moment ago').waitFor();
  await shot(page, 'tablet-correcting-en');
  await save();
  await line('Pulse 110').getByText('Another tablet corrected the same entry').waitFor();
  await line('Pulse 112').getByText(`by ${second}`).waitFor();
  await line('Pulse 112').getByRole('button', { name: 'Withdraw', exact: true }).click();
  await line('Pulse 112').getByRole('button', { name: 'Withdraw: a slip' }).click();
  await page.getByText('It was withdrawn. Why: a slip').waitFor();
  await page.getByRole('button', { name: 'Light', exact: true }).click();
  await isAccessible(t, page, 'timeline, en, light');
  await page.getByRole('button', { name: '中文' }).click();
  await page.getByRole('button', { name: '夜间配色' }).click();
  await page.locator('.care-kinds').getByRole('button', { name: '用药' }).click();
  await shot(page, 'tablet-drugs-zh-dark');
  await isAccessible(t, page, 'drugs, zh, dark');
  await page.getByRole('button', { name: 'English' }).click();
  await shot(page, 'tablet-timeline-en');

  await open('Handover');
  await page.getByRole('textbox', { name: 'Who took over' }).fill('Nurse Invented');
  const toSign = page.locator('.signature canvas');
  await toSign.scrollIntoViewIfNeeded();
  const box = await toSign.boundingBox();
  if (!box) throw new Error('no line to sign on');
  await page.mouse.move(box.x + 30, box.y + 40);
  await page.mouse.down();
  await page.mouse.move(box.x + 200, box.y + 70, { steps: 5 });
  await page.mouse.up();
  await page.getByRole('button', { name: 'Sign anew' }).and(page.locator(':enabled')).waitFor();
  await shot(page, 'tablet-handover-en');
  await save();
  await line(/Nurse Invented · signed/).waitFor();

  // The service takes this crew's token no longer, while a note is being written.
  await open('Note');
  await page.getByLabel('Note', { exact: true }).fill('keys with the neighbour (invented)');
  const { known, verify } = service.deps.auth;
  const fresh = await token();
  Object.assign(service.deps.auth, {
    known: () => null,
    verify: (given: string) => (given === fresh ? verify(given) : verify('ended')),
  });
  t.teardown(() => Object.assign(service.deps.auth, { known, verify }));
  // What the page reads by itself may be refused before: then the question stands before the button until it is answered.
  const saved = save();
  await page.getByText('The token is not valid, or has expired').waitFor();
  await shot(page, 'tablet-token-en');
  await field.fill(fresh);
  await page.keyboard.press('Enter');
  await saved;
  await line('keys with the neighbour').waitFor();
  Object.assign(service.deps.auth, { known, verify });

  await open('Told history');
  await page.getByLabel('In their words').fill('penicillin');
  await ask('dispatcher', 'POST', `/v1/calls/${callId}/close`, { reason: 'over' });
  service.deps.live.nudge();
  await page.getByText(/has ended; its record can still be finished/).waitFor();
  t.equal(await page.getByLabel('In their words').inputValue(), 'penicillin', 'what was typed stays');
  await save();
  await line('penicillin').waitFor();
  await shot(page, 'tablet-after-en');
  await page.getByRole('button', { name: 'Put this record away' }).click();
  await page.getByText('No call now').waitFor();
  t.equal(await page.getByText('penicillin').count(), 0);
  t.same(await kept(page), []);
  const record = await recordOf(callId);
  const pulses = record.vitals.map(({ heartRate = 0 }) => heartRate).sort();
  t.same(pulses, [0, 110, 112, 210], 'the original, both corrections, the withdrawal');
  t.match(record.handovers, [{ to: 'Nurse Invented', text: /CPR/, signatureAttachmentId: String }]);
  t.match(
    record.attachments.map(({ kind, mediaType }: { kind: string; mediaType: string }) => [kind, mediaType]),
    [
      ['twelve-lead-ecg', 'image/jpeg'],
      ['document', 'image/png'],
    ],
  );
  t.notMatch(page.url(), /eyJ/);
  t.same(
    faults.filter((fault) => !/status of 40[134]|Cross-Origin-Opener-Policy/.test(fault)),
    [],
  );
});
