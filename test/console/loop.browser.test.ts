/** The loop in a browser, on the real service: the family doctor does what is due, and a report that waits is given its call. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium, type Page } from 'playwright-core';
import t from 'tap';
import { testFolder } from '../support/ground.ts';
import { freePort } from '../support/servers.ts';

const PATIENCE_MS = 120_000;
const executablePath =
  process.env.CHROMIUM ?? ['/usr/bin/chromium', '/usr/bin/google-chrome'].find((path) => existsSync(path)) ?? '';
const port = await freePort();
const url = `http://127.0.0.1:${port}`;
const env = { ...process.env, PORT: String(port), DATA_DIR: join(testFolder(), `loop-${port}`), LOG_LEVEL: 'warn' };
for (const name of ['DATABASE_URL', 'REDIS_URL', 'HOST', 'DEMO']) delete (env as NodeJS.ProcessEnv)[name];

const service = spawn(process.execPath, ['--import=tsx', 'src/main.ts'], {
  cwd: fileURLToPath(new URL('../..', import.meta.url)),
  env,
  stdio: ['ignore', 'pipe', 'pipe'],
});
let said = '';
await new Promise<void>((resolve, reject) => {
  const hear = (chunk: Buffer) => {
    said += chunk;
    if (said.includes('ready')) resolve();
  };
  service.stdout.on('data', hear);
  service.stderr.on('data', hear);
  service.once('exit', (code) => reject(new Error(`the service ended with ${code}:\n${said}`)));
});
t.teardown(async () => {
  const gone = new Promise((resolve) => service.once('exit', resolve));
  service.kill('SIGTERM');
  await gone;
});
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu', '--disable-quic'] });
t.teardown(() => browser.close());

const shot = (page: Page, name: string) =>
  process.env.SHOTS ? page.screenshot({ path: `${process.env.SHOTS}/${name}.png` }) : null;

// biome-ignore lint/suspicious/noExplicitAny: answers are looked into field by field
async function ask(role: string, subject: string, path: string, body?: unknown, method = 'POST'): Promise<any> {
  const session = await fetch(`${url}/v1/demo-session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ role, subject }),
  });
  const { token } = (await session.json()) as { token: string };
  const answer = await fetch(`${url}${path}`, {
    method: body === undefined ? 'GET' : method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return answer.json();
}

t.test('the loop', async (t) => {
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
  await ask('registry', 'r', '/v1/residents/loop-1', resident, 'PUT');
  const { call } = await ask('dispatcher', 'x', '/v1/calls', {
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
  t.match(await ask('hospital', 'h-1', `/v1/calls/${call.callId}/outcome`, outcome), { state: 'matched' });
  await ask('hospital', 'h-1', '/v1/outcomes', {
    arrivedAt: call.receivedAt,
    disposition: 'left',
    patient: { name: '周另人', birthDate: '1988-01-01', sex: 'male' },
  });

  for (const locale of ['zh-CN', 'en-GB']) {
    const context = await browser.newContext({ locale, viewport: { width: 1400, height: 950 } });
    t.teardown(() => context.close());
    context.setDefaultTimeout(PATIENCE_MS);
    const page = await context.newPage();
    const faults: string[] = [];
    page.on('pageerror', (error) => faults.push(error.message));
    await page.goto(`${url}/#/doctor/d-loop`);
    await page.getByText('氯吡格雷').waitFor();
    await shot(page, `doctor-${locale}`);
    if (locale === 'zh-CN') {
      await page.keyboard.press('e');
      await page.keyboard.type('无胸痛，穿刺处愈合');
      await page.keyboard.press('Control+Enter');
      await page.locator('.task', { hasText: '已完成' }).waitFor();
      const { followUps } = await ask('doctor', 'd-loop', '/v1/follow-ups?status=done');
      t.match(followUps, [{ result: { findings: '无胸痛，穿刺处愈合' } }], 'done from the keyboard');
    }
    await page.goto(`${url}/#/registry`);
    await page.reload();
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
