/** The dispatcher's console in Chromium, on the service with the demonstration district: seen, typed and read. */
import type { Page } from 'playwright-core';
import t from 'tap';
import { replaceAddresses } from '../../src/fleet/roads/store.ts';
import { severalHands } from './pages/hands.ts';
import { looks } from './pages/looks.ts';
import { oddInput } from './pages/odd.ts';
import { rolesApart } from './pages/roles.ts';
import { isAccessible, launch, listeningService, openPage, REBOUND, STILL, shot, tokenOf } from './support.ts';

const service = await listeningService(t);
const browser = await launch(t, [STILL, `--host-resolver-rules=MAP ${REBOUND} 127.0.0.1`]);
const ground = { service, browser };
const dispatcher = `${service.url}/#/dispatcher`;

const rowOf = (page: Page, name: string) => page.locator('#calls > li').filter({ has: page.getByLabel(name) });

t.test('a caller is taken by keyboard alone, in eight keys at most', async (t) => {
  const { page, faults } = await openPage(t, browser, dispatcher);
  await page.getByText('还没有呼叫。').waitFor();
  // The softphone hands the number over.
  await page.evaluate(`new BroadcastChannel('precision-dispatch.line').postMessage({ phone: '13800010001' })`);
  await page.getByText('来电：13800010001').waitFor();
  let pressed = 0;
  const press = async (key: string) => {
    pressed += 1;
    await page.keyboard.press(key);
  };
  await press('F2');
  const work = page.locator('#call');
  await work.getByText('王秀英').waitFor();
  await press('c');
  await press('p');
  await press('Enter');
  await work.getByText('疼痛有多重？').waitFor();
  await press('y');
  await press('m');
  await work.locator('.verdict').getByText('B 抢救监护型').waitFor();
  await press('F9');
  await rowOf(page, '查看 1 号呼叫').getByText('已派车').waitFor();
  t.ok(pressed <= 8, `${pressed} keys`);
  await page.getByText(/已派 demo-unit-\d+ 到 1 号呼叫/).waitFor();
  const text = await work.innerText();
  t.match(text, /1 号呼叫 · 胸痛/);
  t.match(text, /1级 濒危\s+B 抢救监护型\s+依据病史/);
  t.match(text, /王秀英 84 岁 · 女 · 独居 · (匹配|可能)/);
  t.match(text, /缺血性心脏病[\s\S]*抗/, 'risk groups in words');
  t.match(text, /⚠ /, 'cautions in words');
  t.match(text, /月坛示范北里12号楼[\s\S]*5 层[\s\S]*无电梯[\s\S]*有钥匙/, 'how to get in');
  t.match(text, /esc-acs/i, 'what a reason rests on');
  await work.getByText('demo-unit').first().waitFor();
  const { body } = await service.ask('dispatcher', 'GET', '/v1/calls');
  t.match(body.calls, [{ status: 'assigned', units: [{ status: 'notified' }] }]);
  await shot(page, 'assigned-zh');
  await isAccessible(t, page, 'a call in hand, light');
  await page.keyboard.press('F1');
  await page.getByRole('heading', { name: '按键说明' }).waitFor();
  await isAccessible(t, page, 'what the keys do');
  await page.keyboard.press('Escape');
  t.equal(await work.isVisible(), true, 'Escape closed the window and nothing behind it');
  t.same(faults, []);
});

t.test('answers change the recommendation at once; a stranger is judged by the complaint only', async (t) => {
  const { page, faults } = await openPage(t, browser, dispatcher, { locale: 'en-GB', colorScheme: 'dark' });
  await page.getByRole('button', { name: 'Open call 1', exact: true }).waitFor();
  await page.keyboard.press('F2');
  const work = page.locator('#call');
  await page.keyboard.type('13800099999');
  await page.keyboard.press('Enter');
  await page.keyboard.type('cp');
  await page.keyboard.press('Enter');
  const verdict = work.locator('.verdict');
  await verdict.getByText('1 danger to life').waitFor();
  await page.keyboard.press('y');
  await page.keyboard.press('m');
  await verdict.getByText('2 very urgent').waitFor();
  t.match(await work.innerText(), /A basic\s+by the complaint only[\s\S]*Nobody filed was found/);
  await page.keyboard.press('s');
  await verdict.getByText('B intensive').waitFor();
  await isAccessible(t, page, 'a draft, dark');
  t.equal(await page.evaluate('document.documentElement.lang'), 'en-GB');

  await t.test('put aside and taken up again nothing is lost; nothing was filed', async (t) => {
    await page.keyboard.press('Escape');
    await page.keyboard.press('F2');
    await page.locator('.aside').getByText('13800099999').waitFor();
    await page.getByRole('button', { name: 'Take up again' }).click();
    await verdict.getByText('B intensive').waitFor();
    t.equal((await service.ask('dispatcher', 'GET', '/v1/calls')).body.calls.length, 1);
  });

  await t.test('an address in words finds its door, by arrow key and Enter; what was typed stays', async (t) => {
    const door = { addressId: 'n1', text: '示范东街7号', lon: 116.36, lat: 39.91 };
    await replaceAddresses(service.deps.db, [door]);
    await page.keyboard.press('F4');
    await page.keyboard.type('示范东街7号3单元');
    await work.getByRole('option', { name: '示范东街7号' }).waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await work.getByText('39.91000, 116.36000').waitFor();
    t.equal(await page.locator('#address').inputValue(), '示范东街7号3单元');
    await work.getByRole('button', { name: 'Not there' }).click();
    await page.locator('#address').fill('');
  });

  await t.test('filed, what is heard later changes the call', async (t) => {
    await page.keyboard.press('Control+Enter');
    await rowOf(page, 'Open call 2').getByText('open', { exact: true }).waitFor();
    await page.keyboard.press('F4');
    await page.keyboard.type('<script>alert(1)</script> ‮بيت‬');
    await page.keyboard.press('F6');
    await page.keyboard.type('名'.repeat(60));
    await rowOf(page, 'Open call 2').getByText('<script>alert(1)</script>').waitFor();
    await page.locator('.timeline').getByText('Something new was said').first().waitFor();
    const { body } = await service.ask('dispatcher', 'GET', '/v1/calls');
    t.match(body.calls[0].location.address, /<script>/, 'kept as it was said, shown as text');
    t.match((await work.innerText()).replace(/\s+/g, ' '), /Place unknown/, 'a call without a position says so');
  });
  t.same(faults, []);
});

t.test('a token that ends in the middle of a call loses nothing that was typed', async (t) => {
  const { page } = await openPage(t, browser, `http://${REBOUND}:${service.port}/`);
  const field = page.getByRole('textbox', { name: '访问令牌' });
  await field.fill('not.a.token');
  await page.keyboard.press('Enter');
  await page.getByText('令牌无效。').waitFor();
  await field.fill(await tokenOf(service, 'dispatcher', 'd-1'));
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: '查看 1 号呼叫', exact: true }).waitFor();
  t.match(page.url(), /#\/dispatcher$/, 'the page of the token’s role');
  t.equal(await page.getByText('示范数据').isVisible(), false, 'nothing of the demonstration');
  await page.keyboard.press('F2');
  await page.keyboard.type('13800010002');
  await page.locator('#call').getByText('赵德福').waitFor();

  const before = service.deps.auth.known;
  const { verify } = service.deps.auth;
  const refused = await tokenOf(service, 'dispatcher', 'd-1');
  // The service takes this dispatcher's token no longer.
  Object.assign(service.deps.auth, {
    known: () => null,
    verify: (token: string) => (token === refused ? verify(token) : verify('ended')),
  });
  t.teardown(() => Object.assign(service.deps.auth, { known: before, verify }));
  await page.keyboard.press('Enter');
  await page.keyboard.type('bd');
  await page.keyboard.press('Enter');
  await page.getByText('令牌无效或已过期').waitFor();
  await field.fill(refused);
  await page.keyboard.press('Enter');
  await page.locator('#call .verdict').getByText('1级 濒危').waitFor();
  t.equal(await page.getByLabel('来电号码').inputValue(), '13800010002');
  t.notMatch(page.url(), /eyJ/);
  t.equal(await page.evaluate('JSON.stringify(localStorage).includes("eyJ")'), false, 'kept in this tab only');
});

t.test('start page: roles to choose from, in both languages and themes, and several side by side', async (t) => {
  for (const [locale, colorScheme] of [
    ['zh-CN', 'dark'],
    ['en-GB', 'light'],
  ] as const) {
    const { page, faults } = await openPage(t, browser, `${service.url}/`, { locale, colorScheme });
    await page.getByRole('link', { name: locale === 'zh-CN' ? '调度员' : 'dispatcher', exact: true }).waitFor();
    await isAccessible(t, page, `start page, ${locale}, ${colorScheme}`);
    await shot(page, `start-${locale}`);
    t.same(faults, []);
  }
  const { page } = await openPage(t, browser, `${service.url}/`);
  await page.getByRole('button', { name: '打开所选角色' }).click();
  const frames = page.locator('iframe');
  await frames.first().contentFrame().getByText('实时更新').waitFor();
  t.equal(await frames.count(), 2);
});

t.test('several hands', (t) => severalHands(t, ground));
t.test('odd input', (t) => oddInput(t, ground));
t.test('roles apart', (t) => rolesApart(t, ground));
t.test('looks', (t) => looks(t, ground));
