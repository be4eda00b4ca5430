/** `npm run pictures`: the pictures of the README, taken of the demonstration as it is now, so that they stay true. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, 'src/console/pictures');
const executablePath =
  process.env.CHROMIUM ?? ['/usr/bin/chromium', '/usr/bin/google-chrome'].find((path) => existsSync(path)) ?? '';
const PATIENCE_MS = 120_000;
/** The map's tiles and the first answers. */
const SETTLE_MS = 3_000;

const dataDir = mkdtempSync(join(tmpdir(), 'precision-dispatch-pictures-'));
const service = spawn(process.execPath, ['--import=tsx', 'src/main.ts'], {
  cwd: root,
  env: { PATH: process.env.PATH ?? '', PORT: '0', DATA_DIR: dataDir, LOG_LEVEL: 'warn' },
  stdio: ['ignore', 'pipe', 'inherit'],
});

function readyUrl({ stdout }: ChildProcess): Promise<string> {
  let said = '';
  return new Promise((resolve, reject) => {
    stdout?.on('data', (chunk: Buffer) => {
      said += chunk;
      const url = /ready on (http:\S+)/.exec(said)?.[1];
      if (url) resolve(url);
    });
    service.once('exit', () => reject(new Error(`the service ended:\n${said}`)));
  });
}

interface Look {
  readonly locale: 'zh-CN' | 'en-GB';
  readonly colorScheme: 'light' | 'dark';
  readonly width: number;
  readonly height: number;
}

async function open(browser: Browser, address: string, { locale, colorScheme, width, height }: Look): Promise<Page> {
  const context = await browser.newContext({ locale, colorScheme, viewport: { width, height } });
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  await page.goto(address);
  return page;
}

async function take(page: Page, name: string): Promise<void> {
  await sleep(SETTLE_MS);
  await page.screenshot({ path: join(folder, `${name}.png`) });
  console.log(`src/console/pictures/${name}.png`);
}

/** The guided first call as far as the decision: who it is, what they need and why. */
async function callInHand(page: Page, caller: string): Promise<void> {
  await page.getByRole('button', { name: caller }).click();
  await page.locator('#call').getByText('王秀英').waitFor();
  await page.keyboard.type('cp');
  await page.keyboard.press('Enter');
  await page.keyboard.press('y');
  await page.keyboard.press('m');
  await page.locator('#call .units tbody tr').first().waitFor();
  // On a machine too busy to read the history in time the picture would show another decision.
  await page.locator('#call .verdict').getByText('by the history').waitFor();
}

mkdirSync(folder, { recursive: true });
const url = await readyUrl(service);
const browser = await chromium.launch({
  executablePath,
  args: ['--no-sandbox', '--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--disable-quic'],
});
try {
  const desk = { locale: 'en-GB', colorScheme: 'light', width: 1600, height: 1000 } as const;
  const page = await open(browser, `${url}/#/dispatcher`, desk);
  await page.getByText('Live', { exact: true }).waitFor();
  await callInHand(page, 'Woman of 84, alone');
  await take(page, 'call-in-hand');
  await page.keyboard.press('F9');
  await page.getByText(/was sent to call/).waitFor();
  const unit = /demo-unit-\d+/.exec(await page.locator('#calls .unit-line').first().innerText())?.[0] ?? '';
  const tablet = { locale: 'en-GB', colorScheme: 'light', width: 1100, height: 850 } as const;
  const crew = await open(browser, `${url}/#/crew/${unit}`, tablet);
  await crew.locator('.points').waitFor();
  await take(crew, 'crew-tablet');
  const night = await open(browser, `${url}/#/dispatcher`, { ...desk, locale: 'zh-CN', colorScheme: 'dark' });
  await night.getByRole('button', { name: '查看 1 号呼叫' }).click();
  await night.locator('#call .timeline').waitFor();
  await take(night, 'on-the-way-by-night');
  const start = await open(browser, `${url}/`, { ...desk, width: 1200, height: 900 });
  await start.getByRole('button', { name: 'Begin the guided call' }).waitFor();
  await take(start, 'start');
} finally {
  await browser.close();
  const gone = new Promise((resolve) => service.once('exit', resolve));
  service.kill('SIGTERM');
  await gone;
  rmSync(dataDir, { recursive: true, force: true });
}
