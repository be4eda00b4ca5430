/** A call lived through in two browsers on the real service, which loses its plug for ten seconds in between. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import t from 'tap';
import { testFolder } from '../support/ground.ts';
import { launch, openPage, shot } from './support.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
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
  const zh = await openPage(t, browser, `${url}/#/dispatcher`);
  const en = await openPage(t, browser, `${url}/#/dispatcher`, { locale: 'en-GB' });
  const [ours, theirs] = [zh.page.locator('#call'), en.page.locator('#call')];
  const row = (page: Page, number: number) =>
    page
      .locator('.rows > li')
      .filter({ has: page.getByRole('button', { name: new RegExp(`^(查看 ${number} 号呼叫|Open call ${number})$`) }) });
  await zh.page.getByText('实时更新').waitFor();
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

  await t.test('from received to in service, with its clock', async (t) => {
    await zh.page.getByLabel('速度').selectOption('60');
    await zh.page.getByText('模拟以 ×60 的速度进行').waitFor();
    await take(zh.page, '84岁独居老人');
    await zh.page.keyboard.press('Control+Enter');
    await row(zh.page, 1).getByText('待派车').waitFor();
    const clock = () => row(zh.page, 1).locator('.clock').innerText();
    const first = await clock();
    t.match(first, /^0:\d\d$/);
    await en.page.getByRole('button', { name: 'Open call 1' }).click();
    await row(zh.page, 1).locator('.clock').filter({ hasNotText: first }).waitFor();
    await zh.page.keyboard.press('F9');
    await zh.page.getByText(/已派 demo-unit-\d+ 到 1 号呼叫/).waitFor();
    await row(en.page, 1)
      .getByText(/demo-unit-\d+ (notified|en route) · there by \d\d:\d\d:\d\d/)
      .waitFor();
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

  await t.test('ten seconds without the service lose nothing, and both pages come back by themselves', async (t) => {
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
    await sleep(10_000);
    t.not(await clock(), stood, 'the clock runs on');

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
