/** The planner's board in Chromium: seen, found out why, asked for two more stations, in both languages and by key. */
import type { AddressInfo } from 'node:net';
import type { Page } from 'playwright-core';
import t from 'tap';
import { loadDistrict, loadStreets } from '../../src/demo/load.ts';
import { freshDatabase } from '../support/postgres.ts';
import { serviceOn } from '../support/service.ts';
import { launch, STILL } from './support.ts';

const PATIENT_MS = 60_000;

const service = await serviceOn(t, await freshDatabase(t));
service.time.now = Date.now();
await loadDistrict(service.deps, service.time.now);
await loadStreets(service.deps, service.time.now);
await service.app.listen({ host: '127.0.0.1', port: 0 });
const { port } = service.app.server.address() as AddressInfo;
const browser = await launch(t, [STILL]);

const languages = {
  'zh-CN': {
    late: '晚到的时间花在哪里',
    clocks: '时间',
    ask: '求解',
    proven: '已证明最优',
    month: '院前急救月报',
    row: '德胜街道',
    near: /街道，.*(附近|以北|以东|以南|以西|东北|东南|西南|西北)/,
    confirm: '用模拟核对此方案',
    stop: '停止，看已完成的天数',
    simulated: /20 天：精准派车，对比最近车辆/,
    fits: /首辆车符合患者需要：精准派车比最近车辆多 .*差异真实/,
  },
  'en-GB': {
    late: 'Where late calls lose their time',
    clocks: 'Times',
    ask: 'Find the best places',
    proven: 'Proven: no plan is better',
    month: 'Pre-hospital response',
    row: 'Desheng Sub-district',
    near: /(near|of) .*Sub-district/,
    confirm: 'Let the simulation confirm it',
    stop: 'Stop, and see the days so far',
    simulated: /20 days: Precise dispatch, beside Nearest vehicle of any kind/,
    fits: /First vehicle had what was needed: .* more with Precise dispatch than with Nearest vehicle .*real/,
  },
} as const;

/** `SHOTS=FOLDER` keeps pictures of what was seen. */
const shot = (page: Page, name: string) =>
  process.env.SHOTS ? page.screenshot({ path: `${process.env.SHOTS}/planner-${name}.png` }) : null;

for (const [locale, words] of Object.entries(languages))
  t.test(locale, async (t) => {
    const page = await browser.newPage({ locale, viewport: { width: 1500, height: 1100 } });
    page.setDefaultTimeout(PATIENT_MS);
    const faults: string[] = [];
    page.on('pageerror', (error) => faults.push(error.message));
    page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
    await page.goto(`http://127.0.0.1:${port}/#/planner`);

    await page.getByRole('button', { name: words.row }).click();
    await page.getByText(`${words.late}`, { exact: false }).filter({ hasText: words.row }).waitFor();
    t.ok((await page.locator('.plot canvas').count()) >= 2, 'the distribution and the trend are drawn');
    const text = await page.locator('body').innerText();
    await shot(page, `${locale}-times`);
    t.notMatch(text, /1380001|虚构的|demo-r-/, 'nobody is named');

    await page.keyboard.press('4');
    await page.getByRole('button', { name: words.ask }).click();
    await page.locator('[data-test=gain]').waitFor();
    await page.getByText(words.proven).waitFor();
    t.equal(await page.locator('[data-test=new-stations] li').count(), 2, 'two more stations');
    t.match(await page.locator('[data-test=new-stations]').innerText(), /\d:\d\d/, 'and the minutes each wins');
    t.match(await page.locator('[data-test=gain]').innerText(), /\d+\.\d.*95/, 'what they win, and how certain');

    t.match(
      await page.locator('[data-test=new-stations]').innerText(),
      words.near,
      'a plot is told by what is near it',
    );
    await page.getByRole('button', { name: words.confirm }).click();
    await page.locator('[data-test=verdicts] li').first().waitFor();
    await shot(page, `${locale}-siting`);

    await page.locator('form select').first().selectOption('joint');
    await page.getByRole('button', { name: words.ask }).click();
    await page.locator('[data-test=joint]').waitFor();
    t.match(await page.locator('[data-test=gain]').innerText(), /%/, 'what a common budget wins');
    await shot(page, `${locale}-joint`);

    // By key alone: precise dispatch against whoever is nearest, stopped in the middle; then two days to their end.
    await page.keyboard.press('6');
    const days = page.getByRole('spinbutton').first();
    await days.fill('10000');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: words.stop }).focus();
    await page.locator('[data-test=verdicts]').waitFor();
    await shot(page, `${locale}-simulating`);
    await page.keyboard.press('Enter');
    await page.locator('.card p.soon').first().waitFor();
    t.equal(await page.locator('[data-test=simulated] tbody tr').count(), 16, 'what its days say');
    await days.fill('20');
    await days.press('Enter');
    await page.getByText(words.simulated).waitFor();
    await page.getByRole('progressbar').waitFor({ state: 'detached' });
    t.match(await page.locator('[data-test=verdicts]').innerText(), words.fits, 'whether it is real, in words');
    await shot(page, `${locale}-simulation`);
    t.equal((await page.locator('.earlier li').count()) >= 2, true, 'and those of before');

    await page.keyboard.press('Escape');
    await page.getByRole('navigation').getByRole('button').nth(4).click();
    await page.getByText(words.month).waitFor();
    await page.emulateMedia({ media: 'print' });
    t.notOk(await page.getByRole('navigation').first().isVisible(), 'on paper there are no buttons');
    t.same(faults, []);
    await page.close();
  });
