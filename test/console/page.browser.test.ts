/** The page in Chromium, on the whole service with the demonstration district: seen, clicked, typed and read. */
import { existsSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import t, { type Test } from 'tap';
import { loadDistrict } from '../../src/demo/load.ts';
import { issueToken } from '../../src/http/auth.ts';
import { freshDatabase } from '../support/postgres.ts';
import { serviceOn } from '../support/service.ts';

/** A name that leads here, as one made by an attacker would: to the service it is not this machine. */
const REBOUND = 'rebound.example';
const executablePath =
  process.env.CHROMIUM ?? ['/usr/bin/chromium', '/usr/bin/google-chrome'].find((path) => existsSync(path)) ?? '';

const service = await serviceOn(t, await freshDatabase(t));
service.time.now = Date.now();
await loadDistrict(service.deps, service.time.now);
await service.app.listen({ host: '127.0.0.1', port: 0 });
const { port } = service.app.server.address() as AddressInfo;

const browser = await chromium.launch({
  executablePath,
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    `--host-resolver-rules=MAP ${REBOUND} 127.0.0.1`,
  ],
});
t.teardown(() => browser.close());

/** A page of its own, and what went wrong in it. */
async function openPage(
  t: Test,
  host = '127.0.0.1',
  options: BrowserContextOptions = {},
): Promise<{ page: Page; faults: string[] }> {
  const context = await browser.newContext({ locale: 'zh-CN', viewport: { width: 1600, height: 1000 }, ...options });
  t.teardown(() => context.close());
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
  await page.goto(`http://${host}:${port}/`);
  return { page, faults };
}

const shot = (page: Page, name: string) =>
  process.env.SHOTS ? page.screenshot({ path: `${process.env.SHOTS}/${name}.png`, fullPage: true }) : null;

t.test('a newcomer posts the demonstration call and sees who, what, why and which unit', async (t) => {
  const { page, faults } = await openPage(t);
  await page.getByText('还没有呼叫。').waitFor();
  await page.getByRole('button', { name: '84岁独居老人：胸痛' }).click();
  const call = page.locator('#call');
  await call.getByRole('heading', { level: 2 }).waitFor();
  const text = await call.innerText();
  t.match(text, /1 号呼叫 · 胸痛/);
  t.match(text, /1级 濒危/);
  t.match(text, /B 抢救监护型\s+依据病史/);
  t.match(text, /王秀英 · 女 · 84 岁 · 独居 · 匹配/);
  t.match(text, /缺血性心脏病/, 'the reason');
  t.match(text, /ESC|esc-acs/i, 'and what it rests on');
  t.match(await call.locator('.units tbody tr').first().innerText(), /demo-unit-\d+[\s\S]*✓ 时限内[\s\S]*✓ 满足/);
  t.match(text, /✗ 缺 /, 'near-misses with what they lack');
  t.match(await page.locator('#calls tbody tr').innerText(), /剩 \d:\d\d[\s\S]*月坛街道/);
  await shot(page, 'zh');

  await page.getByRole('button', { name: 'English' }).click();
  t.equal(await page.locator('html').getAttribute('lang'), 'en-GB');
  t.match(
    await call.innerText(),
    /Call 1 · Chest pain[\s\S]*B intensive\s+by the history[\s\S]*84 years · lives alone · match/,
  );
  await page.getByRole('button', { name: 'Stranger: chest pain' }).click();
  await call.getByRole('heading', { name: 'Call 2' }).waitFor();
  t.match(await call.innerText(), /A basic\s+by the complaint only[\s\S]*Nobody filed was found/);
  t.equal(await page.locator('#calls tbody tr').count(), 2);
  await page.reload();
  await page.getByRole('heading', { name: 'Latest calls' }).waitFor();
  t.same(faults, [], 'no error, nothing the content security policy stopped');
});

t.test('by keyboard alone, in the dark, narrow', async (t) => {
  const { page, faults } = await openPage(t, '127.0.0.1', {
    locale: 'en-GB',
    colorScheme: 'dark',
    viewport: { width: 900, height: 800 },
  });
  await page.getByRole('button', { name: 'Open call 1', exact: true }).waitFor();
  const reached = async () => page.evaluate('document.activeElement.textContent');
  for (let pressed = 0; (await reached()) !== '2' && pressed < 20; pressed++) await page.keyboard.press('Tab');
  await page.keyboard.press('ArrowDown');
  t.equal(await reached(), '1');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Call 1' }).waitFor();
  await shot(page, 'en-dark');
  t.equal(await page.evaluate('document.activeElement.id'), 'call', 'the call is where the keyboard is');
  await page.keyboard.press('Escape');
  t.equal(await page.locator('#call').isVisible(), false);
  t.equal(await reached(), '1', 'and back to its row');
  t.same(faults, []);
});

t.test('the list refreshes by itself, and what a caller says never becomes markup', async (t) => {
  const { page } = await openPage(t);
  await page.getByRole('button', { name: '查看 2 号呼叫' }).waitFor();
  const address = '<img src=x onerror="document.title=1">';
  await service.ask('dispatcher', 'POST', '/v1/calls', {
    channel: 'phone',
    location: { address },
    complaint: { code: 'fall' },
  });
  await page.getByRole('button', { name: '查看 3 号呼叫' }).waitFor();
  t.match(await page.locator('#calls tbody tr').first().innerText(), address);
  t.equal(await page.locator('#calls img').count(), 0);
  t.equal(await page.title(), '精准调度');
});

t.test('a role that may not see calls is told so', async (t) => {
  const { page } = await openPage(t);
  await page.getByRole('button', { name: '查看 1 号呼叫' }).waitFor();
  await page.getByLabel('角色').selectOption('doctor');
  await page.getByText('此角色不能查看呼叫列表').waitFor();
  t.equal(await page.locator('#calls').isVisible(), false);
  await page.getByLabel('角色').selectOption('admin');
  await page.getByRole('button', { name: '查看 1 号呼叫' }).waitFor();
  t.equal(await page.locator('#calls tbody tr').count(), 3);
});

t.test('where the demonstration is not open, a token is asked for', async (t) => {
  const { page } = await openPage(t, REBOUND);
  const field = page.getByLabel('访问令牌');
  await field.fill('not.a.token');
  await page.keyboard.press('Enter');
  await page.getByText('令牌无效或已过期').waitFor();
  const key = service.deps.config.auth.local;
  if (!key) throw new Error('the test settings have a local key');
  const token = await issueToken(key, { role: 'dispatcher', subject: 'd-1', ttlSeconds: 600 }, service.deps.clock);
  await field.fill(token);
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: '查看 1 号呼叫' }).click();
  await page.getByRole('heading', { name: '1 号呼叫' }).waitFor();
  t.equal(await page.locator('#demo-calls').isVisible(), false, 'no demonstration calls');
  t.equal(await page.locator('#invented').isVisible(), false);
  await page.reload();
  await page.getByRole('button', { name: '查看 1 号呼叫' }).waitFor();
  t.notMatch(page.url(), /token/);
  t.equal(await page.evaluate('JSON.stringify(localStorage).includes("eyJ")'), false, 'kept in this tab only');
});
