/** A call lived through in two browsers on the real service, which loses its plug for ten seconds in between. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { chromium, type Page } from 'playwright-core';
import t, { type Test } from 'tap';
import { testFolder } from '../support/ground.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const executablePath =
  process.env.CHROMIUM ?? ['/usr/bin/chromium', '/usr/bin/google-chrome'].find((path) => existsSync(path)) ?? '';

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const port = await freePort();
const url = `http://127.0.0.1:${port}`;
const env = { ...process.env, PORT: String(port), DATA_DIR: join(testFolder(), `live-${port}`), LOG_LEVEL: 'warn' };
for (const name of ['DATABASE_URL', 'REDIS_URL', 'HOST', 'DEMO']) delete (env as NodeJS.ProcessEnv)[name];
/** A run at 60 times its speed takes up to a minute where the hospital is far, and this machine may be slow. */
const PATIENCE_MS = 120_000;
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
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu', '--disable-quic'] });
t.teardown(() => browser.close());

async function openPage(t: Test, locale: string): Promise<{ page: Page; faults: string[] }> {
  const context = await browser.newContext({ locale, viewport: { width: 1600, height: 1100 } });
  t.teardown(() => context.close());
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => /security policy/i.test(message.text()) && faults.push(message.text()));
  await page.goto(url);
  return { page, faults };
}

const shot = (page: Page, name: string) =>
  process.env.SHOTS ? page.screenshot({ path: `${process.env.SHOTS}/${name}.png` }) : null;

/** Another dispatcher, without a page. */
// biome-ignore lint/suspicious/noExplicitAny: answers are looked into field by field
async function ask(path: string, body?: unknown): Promise<any> {
  const json = { 'content-type': 'application/json' };
  const session = await fetch(`${url}/v1/demo-session`, {
    method: 'POST',
    headers: json,
    body: '{"role":"dispatcher"}',
  });
  const { token } = (await session.json()) as { token: string };
  const headers = { authorization: `Bearer ${token}`, ...(body ? json : {}) };
  const answer = await fetch(url + path, body ? { method: 'POST', headers, body: JSON.stringify(body) } : { headers });
  return answer.json();
}

async function callOf(number: number) {
  const { calls } = await ask('/v1/calls');
  return ask(`/v1/calls/${calls.find((call: { number: number }) => call.number === number)?.callId}`);
}

t.test('a call lived through, in two browsers', async (t) => {
  const [zh, en] = [await openPage(t, 'zh-CN'), await openPage(t, 'en-GB')];
  const [ours, theirs] = [zh.page.locator('#call'), en.page.locator('#call')];
  const row = (page: Page, number: number) =>
    page.locator('#calls tbody tr').filter({ has: page.getByText(String(number), { exact: true }) });
  await zh.page.getByText('实时更新').waitFor();
  await en.page.getByText('Live', { exact: true }).waitFor();

  await t.test('from received to in service, with its clock', async (t) => {
    await zh.page.getByLabel('速度').selectOption('60');
    await zh.page.getByText('模拟以 ×60 的速度进行').waitFor();
    await zh.page.getByRole('button', { name: '84岁独居老人：胸痛' }).click();
    await ours.getByRole('heading', { name: '1 号呼叫' }).waitFor();
    const clock = async () => ours.locator('.clock').innerText();
    const first = await clock();
    t.match(first, /^0:0\d$/);
    await ours.getByText('待派车').waitFor();
    await en.page.getByRole('button', { name: 'Open call 1' }).click();
    await ours.locator('.clock').filter({ hasNotText: first }).waitFor();
    await shot(zh.page, 'live-1-open-zh');
    await ours.focus();
    await zh.page.keyboard.press('d');
    await zh.page.getByText(/已派 demo-unit-\d+ 到 1 号呼叫/).waitFor();
    await theirs.getByText(/demo-unit-\d+ (notified|en route), there by \d\d:\d\d:\d\d/).waitFor();
    await shot(en.page, 'live-2-en-route-en');
    for (const point of ['on scene', 'at the patient', 'in service again'])
      await theirs.locator('.points').getByText(point).waitFor();
    await ours.locator('.clocks').getByText('已结束').waitFor();
    t.match(await ours.innerText(), /✓ 时限内到达[\s\S]*接听[\s\S]*到达现场[\s\S]*接触患者[\s\S]*恢复待命/);
    t.equal(
      await ours.locator('.clock').innerText(),
      await theirs.locator('.clock').innerText(),
      'both show one clock',
    );
    await shot(zh.page, 'live-3-closed-zh');
  });

  await t.test('somebody else was faster; below the requirement only with a reason; stood down again', async (t) => {
    await en.page.getByRole('button', { name: 'Woman of 84, alone: chest pain' }).click();
    await theirs.getByRole('heading', { name: 'Call 2' }).waitFor();
    await en.page.getByLabel('Crews react').uncheck();
    const { call, units } = await callOf(2);
    const [first] = units;
    await ask(`/v1/calls/${call.callId}/assignments`, { unitId: first.unitId });
    await theirs.getByRole('button', { name: `Send ${first.unitId}`, exact: true }).click();
    await en.page.getByText(`${first.unitId} was just taken; these can be sent now`).waitFor();
    t.equal(await theirs.locator('.units tbody tr').filter({ hasText: first.unitId }).count(), 0, 'not offered again');
    await theirs.getByRole('button', { name: `Stand down ${first.unitId}` }).click();
    await row(zh.page, 2).getByText('待派车').waitFor();

    const below = theirs.locator('.units tbody tr').filter({ hasText: '✗ lacks' }).first();
    await below.getByRole('button', { name: /^Send demo-unit/ }).click();
    await shot(en.page, 'live-4-reason-en');
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

  await t.test('ten seconds without the service lose nothing, and both pages come back by themselves', async (t) => {
    await zh.page.getByLabel('速度').selectOption('10');
    await zh.page.getByText('模拟以 ×10 的速度进行').waitFor();
    await zh.page.getByRole('button', { name: '陌生来电：胸痛' }).click();
    await ours.getByRole('heading', { name: '3 号呼叫' }).waitFor();
    await row(zh.page, 3).getByRole('button', { name: '为 3 号呼叫派首选车' }).click();
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
    await sleep(10_000);
    t.not(await clock(), stood, 'the clock runs on');

    await start();
    await zh.page.getByText('实时更新').waitFor();
    await en.page.getByText('Live', { exact: true }).waitFor();
    await zh.page.getByText('按实际速度进行').waitFor(); // how fast the day runs is not kept
    const after = await callOf(3);
    t.same(after.events.slice(0, before.events.length), before.events, 'no event lost');
    t.same(
      after.assignments.map(({ unitId }: { unitId: string }) => unitId),
      before.assignments.map(({ unitId }: { unitId: string }) => unitId),
    );

    await en.page.getByLabel('Speed').selectOption('60');
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
    await shot(en.page, 'live-6-back-en');
  });
  t.same([...zh.faults, ...en.faults], []);
});
