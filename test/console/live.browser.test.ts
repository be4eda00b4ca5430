/** The real service as anybody starts it: the guided first call, two browsers on one board, a lost plug, and the way back. */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import t from 'tap';
import { testFolder } from '../support/ground.ts';
import { freePort } from '../support/servers.ts';
import { isAccessibleDayAndNight, launch, openPage, shot } from './support.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const port = await freePort();
const url = `http://127.0.0.1:${port}`;
const env = { ...process.env, PORT: String(port), DATA_DIR: join(testFolder(), `live-${port}`), LOG_LEVEL: 'warn' };
for (const name of ['DATABASE_URL', 'REDIS_URL', 'HOST', 'DEMO']) delete (env as NodeJS.ProcessEnv)[name];
let service: ChildProcess;

/** `npm start` as anybody would; resolves when it says that it is ready. */
async function start(): Promise<void> {
  service = spawn(process.execPath, ['--import=tsx', 'src/main.ts'], {
    cwd: root,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  await new Promise<void>((resolve, reject) => {
    const hear = (chunk: Buffer) => {
      said += chunk;
      if (said.includes('ready')) resolve();
    };
    service.stdout?.on('data', hear);
    service.stderr?.on('data', hear);
    service.once('exit', (code) => reject(new Error(`the service ended with ${code}:\n${said}`)));
  });
}

async function end(signal: NodeJS.Signals): Promise<void> {
  if (service.exitCode !== null || service.signalCode !== null) return;
  const gone = new Promise((resolve) => service.once('exit', resolve));
  service.kill(signal);
  await gone;
}

await start();
t.teardown(() => end('SIGTERM'));
const browser = await launch(t);

/** Anybody, without a page. */
async function askAs(
  who: { role: string; subject?: string },
  method: string,
  path: string,
  body?: unknown,
  // biome-ignore lint/suspicious/noExplicitAny: answers are looked into field by field
): Promise<any> {
  const json = { 'content-type': 'application/json' };
  const session = await fetch(`${url}/v1/demo-session`, { method: 'POST', headers: json, body: JSON.stringify(who) });
  const { token } = (await session.json()) as { token: string };
  const headers = { authorization: `Bearer ${token}`, ...(body ? json : {}) };
  const answer = await fetch(url + path, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) });
  return answer.json();
}
/** Another dispatcher. */
const ask = (path: string, body?: unknown) => askAs({ role: 'dispatcher' }, body ? 'POST' : 'GET', path, body);
/** So many times as fast; faster than the page offers, for what takes its time and is watched by nobody. */
const speedUp = (factor: number) => askAs({ role: 'dispatcher' }, 'PUT', '/v1/demo/day', { factor });

async function callOf(number: number) {
  const { calls } = await ask('/v1/calls');
  return ask(`/v1/calls/${calls.find((call: { number: number }) => call.number === number)?.callId}`);
}

t.test('a call lived through, in two browsers', async (t) => {
  const zh = await openPage(t, browser, `${url}/`);
  const en = await openPage(t, browser, `${url}/#/dispatcher`, { locale: 'en-GB' });
  const [ours, theirs] = [zh.page.locator('#call'), en.page.locator('#call')];
  const row = (page: Page, number: number) =>
    page
      .locator('.rows > li')
      .filter({ has: page.getByRole('button', { name: new RegExp(`^(查看 ${number} 号呼叫|Open call ${number})$`) }) });
  await en.page.getByText('Live', { exact: true }).waitFor();
  /** The demonstration's caller, a complaint, and that she is awake and breathes. */
  const take = async (page: Page, caller: string) => {
    await page.getByRole('button', { name: caller }).click();
    await page
      .locator('#call')
      .getByText(/王秀英|未找到已建档的居民|Nobody filed was found/)
      .first()
      .waitFor();
    await page.keyboard.type('cp');
    await page.keyboard.press('Enter');
    await page.keyboard.press('y');
    await page.keyboard.press('m');
    await page.locator('#call .units tbody tr').first().waitFor();
  };

  await t.test('guided from the start page to the end: from received to in service, with its clock', async (t) => {
    const guide = zh.page.locator('.guide');
    const step = (number: number, says: string) =>
      guide
        .filter({ hasText: `第 ${number} 步` })
        .getByText(says)
        .waitFor();
    await zh.page.getByRole('button', { name: '开始引导' }).click();
    await zh.page.getByText('实时更新').waitFor();
    await step(1, '电话响了。按 F2 接听');
    await zh.page.locator('.alarms').getByText('来电：+8613800010001').waitFor();
    await zh.page.keyboard.press('F2');
    await step(2, '已经认出是谁');
    await zh.page.locator('#call').getByText('王秀英').first().waitFor();
    await zh.page.keyboard.type('cp');
    await zh.page.keyboard.press('Enter');
    await step(3, '清醒按 Y');
    await zh.page.keyboard.press('y');
    await zh.page.keyboard.press('m');
    await step(4, '必须派抢救监护型');
    await zh.page.locator('#call .verdict').getByText('B 抢救监护型').waitFor();
    await zh.page.locator('#call .units tbody tr').first().waitFor();
    await isAccessibleDayAndNight(t, zh.page, 'the guide beside the call in hand');
    await shot(zh.page, 'guide-4-zh');
    await zh.page.keyboard.press('Control+Enter');
    await row(zh.page, 1).getByText('待派车').waitFor();
    const clock = () => row(zh.page, 1).locator('.clock').innerText();
    const first = await clock();
    t.match(first, /^\d:\d\d$/);
    await en.page.getByRole('button', { name: 'Open call 1' }).click();
    await row(zh.page, 1).locator('.clock').filter({ hasNotText: first }).waitFor();
    await zh.page.keyboard.press('F9');
    await zh.page.getByText(/已派 demo-unit-\d+ 到 1 号呼叫/).waitFor();
    await step(5, '已派车');
    await row(en.page, 1)
      .getByText(/demo-unit-\d+ (notified|en route) · there by \d\d:\d\d:\d\d/)
      .waitFor();
    await zh.page.getByLabel('速度').selectOption('60');
    await zh.page.getByText('模拟以 ×60 的速度进行').waitFor();
    await step(6, '到达现场，计时停止');
    await guide.getByRole('button', { name: '结束引导' }).click();
    await guide.waitFor({ state: 'detached' });
    await speedUp(600);
    for (const point of ['on scene', 'at the patient', 'in service again'])
      await theirs
        .locator('.timeline')
        .getByText(new RegExp(`demo-unit-\\d+ ${point}`))
        .first()
        .waitFor();
    await row(zh.page, 1).getByText('已结束').waitFor();
    t.match(await row(zh.page, 1).innerText(), /✓ 时限内到达/);
    t.match(await ours.innerText(), /接听[\s\S]*到达现场[\s\S]*接触患者[\s\S]*恢复待命/);
    await row(en.page, 1).getByText('closed').waitFor();
    t.equal(await clock(), await row(en.page, 1).locator('.clock').innerText(), 'both show one clock');
    await shot(zh.page, 'live-3-closed-zh');
  });

  await t.test('somebody else was faster; below the requirement only with a reason; stood down again', async (t) => {
    await en.page.getByLabel('Crews react').uncheck();
    await take(en.page, 'Woman of 84, alone');
    await en.page.keyboard.press('Control+Enter');
    await row(en.page, 2).getByText('open', { exact: true }).waitFor();
    const { call, units } = await callOf(2);
    const [first] = units;
    await ask(`/v1/calls/${call.callId}/assignments`, { unitId: first.unitId });
    await row(en.page, 2).getByText(`${first.unitId} notified`).waitFor();
    await theirs.getByText('Send another unit').click();
    await theirs.locator('.units tbody tr').filter({ hasText: '✗ lacks' }).first().waitFor();
    await theirs.getByRole('button', { name: `Stand down ${first.unitId}` }).click();
    await row(zh.page, 2).getByText('待派车').waitFor();

    const below = theirs.locator('.units tbody tr').filter({ hasText: '✗ lacks' }).first();
    await below.getByRole('button', { name: /^Send demo-unit/ }).click();
    await below.getByLabel('This unit lacks something needed').fill('nearest (invented)');
    await en.page.keyboard.press('Enter');
    await en.page.getByText(/demo-unit-\d+ was sent to call 2/).waitFor();
    await row(zh.page, 2)
      .getByText(/demo-unit-\d+ 已通知/)
      .waitFor();
    await theirs.getByRole('button', { name: /^Stand down demo-unit/ }).click();
    await row(zh.page, 2).getByText('待派车').waitFor();
    t.match((await callOf(2)).assignments[1], { overridden: true, ending: 'stood-down' });
    await theirs.getByRole('button', { name: 'Cancel the call' }).click();
    await theirs.getByLabel('Why?').fill('tried (invented)');
    await en.page.keyboard.press('Enter');
    await row(zh.page, 2).getByText('已取消').waitFor();
    await en.page.getByLabel('Crews react').check();
  });

  await t.test('a time without the service loses nothing, and both pages come back by themselves', async (t) => {
    await zh.page.getByLabel('速度').selectOption('10');
    await zh.page.getByText('模拟以 ×10 的速度进行').waitFor();
    await take(zh.page, '陌生来电');
    await zh.page.keyboard.press('F9');
    await row(en.page, 3)
      .getByText(/en route/)
      .first()
      .waitFor();
    const before = await callOf(3);

    await end('SIGKILL');
    await zh.page.getByText(/连接中断：自 \d\d:\d\d:\d\d 起/).waitFor();
    await en.page.getByText(/Connection lost since \d\d:\d\d:\d\d/).waitFor();
    const clock = () => row(zh.page, 3).locator('.clock').innerText();
    const stood = await clock();
    await shot(zh.page, 'live-5-lost-zh');
    // A call that comes meanwhile is taken, and filed when the service is back.
    await en.page.keyboard.press('F2');
    await en.page.keyboard.type('13800010002');
    await en.page.keyboard.press('Enter');
    await en.page.keyboard.type('bd');
    await en.page.keyboard.press('Enter');
    await en.page.keyboard.press('Control+Enter');
    await en.page.getByText(/Not done: filing the call/).waitFor();
    await row(zh.page, 3).locator('.clock').filter({ hasNotText: stood }).waitFor(); // the clock runs on

    await start();
    await zh.page.getByText('实时更新').waitFor();
    await en.page.getByText('Live', { exact: true }).waitFor();
    // Not by its number: a sequence skips ahead when its database was killed.
    await zh.page.locator('#calls > li').filter({ hasText: '呼吸困难' }).waitFor();
    await zh.page.getByText('按实际速度进行').waitFor(); // how fast the day runs is not kept
    const after = await callOf(3);
    t.same(after.events.slice(0, before.events.length), before.events, 'no event lost');
    t.same(
      after.assignments.map(({ unitId }: { unitId: string }) => unitId),
      before.assignments.map(({ unitId }: { unitId: string }) => unitId),
    );
    const { calls } = await ask('/v1/calls');
    t.equal(
      calls.filter((call: { complaint: string }) => call.complaint === 'breathing-difficulty').length,
      1,
      'filed once',
    );

    await speedUp(600);
    for (const page of [zh.page, en.page])
      await row(page, 3)
        .getByText(/^(已结束|closed)$/)
        .waitFor();
    const { call, events, reports } = await callOf(3);
    t.equal(call.status, 'closed');
    const seqs = events.map(({ seq }: { seq: number }) => seq);
    t.same(
      seqs,
      [...new Set(seqs)].sort((a, b) => Number(a) - Number(b)),
      'each once and in order',
    );
    const points = reports.map(({ point }: { point: string }) => point);
    t.same(points, [...new Set(points)], 'each point reported once');
  });
  // While the service was away its absence was written to the consoles; nothing else may have been.
  const faults = [...zh.faults, ...en.faults].filter(
    (fault) =>
      !/ERR_CONNECTION_(?:REFUSED|RESET|CLOSED|ABORTED)|ERR_EMPTY_RESPONSE|ERR_SOCKET_NOT_CONNECTED|WebSocket/.test(
        fault,
      ),
  );
  t.same(faults, []);
});

t.test('the way back: the family doctor does what is due, a report that waits is given its call', async (t) => {
  const resident = {
    residentId: 'loop-1',
    name: '钱虚构',
    sex: 'female',
    birthDate: '1960-03-02',
    phones: ['13800138010'],
    livesAlone: true,
    familyDoctorId: 'd-loop',
    home: { address: '北京市西城区虚构胡同3号', position: { lon: 116.3467, lat: 39.9115, crs: 'wgs84' } },
  };
  await askAs({ role: 'registry' }, 'PUT', '/v1/residents/loop-1', resident);
  const { call } = await ask('/v1/calls', {
    channel: 'phone',
    caller: { phone: '13800138010', relation: 'self' },
    patient: { residentId: 'loop-1' },
    complaint: { code: 'chest-pain', answers: { conscious: 'yes', breathing: 'normal' } },
  });
  const outcome = {
    diagnoses: [{ system: 'icd-10', code: 'I21.0', display: '急性前壁心肌梗死' }],
    medications: [{ system: 'atc', code: 'B01AC04', display: '氯吡格雷' }],
    disposition: 'discharged',
    advice: '双抗至少12个月',
  };
  const hospital = { role: 'hospital', subject: 'h-1' };
  t.match(await askAs(hospital, 'POST', `/v1/calls/${call.callId}/outcome`, outcome), { state: 'matched' });
  await askAs(hospital, 'POST', '/v1/outcomes', {
    arrivedAt: call.receivedAt,
    disposition: 'left',
    patient: { name: '周另人', birthDate: '1988-01-01', sex: 'male' },
  });

  for (const locale of ['zh-CN', 'en-GB']) {
    const { page, faults } = await openPage(t, browser, `${url}/#/doctor/d-loop`, { locale });
    await page.getByText('氯吡格雷').waitFor();
    await shot(page, `doctor-${locale}`);
    if (locale === 'zh-CN') {
      await page.keyboard.press('e');
      await page.keyboard.type('无胸痛，穿刺处愈合');
      await page.keyboard.press('Control+Enter');
      await page.locator('.task', { hasText: '已完成' }).waitFor();
      const { followUps } = await askAs({ role: 'doctor', subject: 'd-loop' }, 'GET', '/v1/follow-ups?status=done');
      t.match(followUps, [{ result: { findings: '无胸痛，穿刺处愈合' } }], 'done from the keyboard');
    }
    await page.goto('about:blank'); // somebody else sits down: nothing of the page before goes on
    await page.goto(`${url}/#/registry`);
    await page.getByRole('heading', { name: '周另人' }).waitFor();
    await page.locator('.opened fieldset').waitFor();
    await shot(page, `registry-${locale}`);
    if (locale === 'en-GB') {
      await page.getByRole('button', { name: 'did not come by ambulance' }).click();
      await page.getByText('Nothing waits.').waitFor();
    }
    t.same(faults, []);
  }
});
