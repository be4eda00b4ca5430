/** Several hands at once: two who race for a unit, two tabs of one desk, and a better unit taken with one key. */
import type { Locator, Page } from 'playwright-core';
import type { Test } from 'tap';
import { startWatch, watchClocks } from '../../../src/operations/watch-clocks.ts';
import { fleet } from '../../support/people.ts';
import { fileCall, type Ground, openPage, shot } from '../support.ts';

const rowOf = (page: Page, { callId }: { readonly callId: string }): Locator => page.locator(`[data-call="${callId}"]`);
const openCall = async (page: Page, call: { readonly callId: string }) => {
  await rowOf(page, call).locator('.open').click();
  await page.locator(`.opened[data-call="${call.callId}"]`).waitFor();
};
const unitOf = (line: Locator) => line.locator('td strong').first().innerText();

export async function severalHands(t: Test, ground: Ground): Promise<void> {
  const { service, browser } = ground;
  const dispatcher = `${service.url}/#/dispatcher`;
  const unitsOf = async (callId: string): Promise<string[]> =>
    (await service.ask('dispatcher', 'GET', `/v1/calls/${callId}`)).body.assignments
      .filter(({ ending }: { ending: string | null }) => ending === null)
      .map(({ unitId }: { unitId: string }) => unitId);

  await t.test('two race for a unit: one has it, the other sees that it is gone and who is left', async (t) => {
    const calls = [await fileCall(ground, '13800099001'), await fileCall(ground, '13800099002')] as const;
    let start = () => {};
    const gun = new Promise<void>((resolve) => {
      start = resolve;
    });
    const desks = await Promise.all(
      calls.map(async (call) => {
        const { page, faults } = await openPage(t, browser, dispatcher);
        await openCall(page, call);
        await page.route('**/assignments', async (route) => {
          await gun;
          await route.continue();
        });
        return { call, page, faults, row: rowOf(page, call), first: page.locator('#call .units tbody tr').first() };
      }),
    );
    const [wanted] = await Promise.all(desks.map(({ first }) => unitOf(first)));
    for (const { page, first, row } of desks) {
      t.equal(await unitOf(first), wanted, 'both are shown the same first unit');
      await page.keyboard.press('F9');
      await row.locator('.unit-line.under-way').getByText(`正在派 ${wanted}`).waitFor();
      t.ok(await row.getByText('待派车').isVisible(), 'marked as under way, not as done');
    }
    start();
    const lost = (page: Page) => page.locator('.notice.refused').getByText(`${wanted} 刚被派走`);
    await Promise.race(desks.map(({ page }) => lost(page).waitFor()));
    const held = await Promise.all(calls.map(({ callId }) => unitsOf(callId)));
    t.same(held.flat(), [wanted], 'exactly one has it');
    const loser = desks[held.findIndex((units) => units.length === 0)] as (typeof desks)[number];
    const winner = desks.find((each) => each !== loser) as (typeof desks)[number];
    await winner.row.getByText(`${wanted} 已通知`).waitFor();
    t.equal(await lost(loser.page).count(), 1);
    t.equal(await loser.row.locator('.under-way').count(), 0, 'what was marked is undone');
    t.ok(await loser.row.getByText('待派车').isVisible());
    const others = await loser.page.locator('#call .units tbody tr td:first-child strong').allInnerTexts();
    t.ok(others.length > 0 && !others.includes(wanted as string), `who is left: ${others.join(' ')}`);
    await shot(loser.page, 'race-lost');
    await loser.page.keyboard.press('F9');
    await loser.row.getByText(`${others[0]} 已通知`).waitFor();
    t.same(await unitsOf(loser.call.callId), [others[0]], 'the next one goes with the same key');
    for (const { page, faults } of desks) {
      t.same(
        faults.filter((fault) => !fault.includes('409')),
        [],
        'a browser writes down that a request was refused, and nothing else',
      );
      await page.close();
    }
    for (const { callId } of calls)
      await service.ask('dispatcher', 'POST', `/v1/calls/${callId}/close`, { reason: 'x' });
  });

  await t.test(
    'a second tab, its computer’s clock ten minutes slow: answered once, the same board and the same time',
    async (t) => {
      const { page: first, faults } = await openPage(t, browser, dispatcher);
      const second = await first.context().newPage();
      second.on('pageerror', (error) => faults.push(error.message));
      await second.addInitScript('const real = Date.now; Date.now = () => real() - 600_000;');
      await second.goto(dispatcher);
      for (const page of [first, second]) await page.getByText('实时更新').waitFor();
      await first.evaluate(`new BroadcastChannel('precision-dispatch.line').postMessage({ phone: '13800010002' })`);
      for (const page of [first, second]) await page.locator('.alarms').getByText('来电：13800010002').waitFor();
      await first.bringToFront();
      await first.keyboard.press('F2');
      await first.locator('#call').getByText('赵德福').waitFor();
      await second.locator('.alarms').getByText('来电').waitFor({ state: 'detached' });
      t.equal(await second.locator('#call').count(), 0, 'the draft is the one tab’s that answered');
      await first.keyboard.type('bd');
      await first.keyboard.press('Enter');
      await first.keyboard.press('Control+Enter');
      const rows = [first, second].map((page) => page.locator('#calls > li').filter({ hasText: '呼吸困难' }));
      for (const row of rows) await row.getByText('待派车').waitFor();
      const seconds = await Promise.all(
        rows.map(async (row) => {
          const [, minutes, rest] = /(\d+):(\d\d)/.exec(await row.locator('.clock').innerText()) ?? [];
          return Number(minutes) * 60 + Number(rest);
        }),
      );
      t.ok(Math.abs((seconds[0] ?? NaN) - (seconds[1] ?? NaN)) < 60, `one time in both: ${seconds.join(' and ')} s`);
      await first.getByRole('button', { name: 'English' }).click();
      await second.getByText('Open calls').waitFor();
      await first.getByRole('button', { name: '中文' }).click();
      const callId = await rows[0]?.getAttribute('data-call');
      await service.ask('dispatcher', 'POST', `/v1/calls/${callId}/close`, { reason: 'x' });
      t.same(faults, []);
    },
  );

  await t.test(
    'a better unit is taken with one key: instead of the slower one, or from a call that is not urgent',
    async (t) => {
      // North of the city, where nobody of the demonstration is near.
      const location = { position: { lon: 116.3, lat: 40.05, crs: 'wgs84' } };
      const near = { ...fleet.find(({ vehicleType }) => vehicleType === 'intensive'), unitId: 'u-near', ...location };
      const call = await fileCall(ground, '13800099003', { location });
      const { units } = (await service.ask('dispatcher', 'GET', `/v1/calls/${call.callId}`)).body;
      const [{ unitId: slow }] = units;
      await service.ask('dispatcher', 'POST', `/v1/calls/${call.callId}/assignments`, { unitId: slow });
      t.match(await service.ask('admin', 'PUT', '/v1/units/u-near', { ...near, status: 'available' }), { status: 200 });
      const { page, faults } = await openPage(t, browser, dispatcher, { locale: 'en-GB' });
      await openCall(page, call);
      await watchClocks(service.deps, startWatch());
      const offer = rowOf(page, call).locator('.warning.soon');
      await offer.getByText(/u-near would be there \d+:\d\d sooner/).waitFor();
      t.match(await offer.innerText(), new RegExp(`Send u-near, stand down ${slow} Alt\\+B`));
      t.match(await page.locator('footer.keys').innerText(), /Alt\+B Take the better unit/, 'in the map of keys');
      // Whoever opens the page now is told what was said before.
      await page.reload();
      await offer.getByText(/u-near would be there/).waitFor();
      await openCall(page, call);
      await shot(page, 'offer-en');
      await page.keyboard.press('Alt+B');
      await page.getByText(`u-near was sent to call ${call.number}`).waitFor();
      await rowOf(page, call).getByText(slow).waitFor({ state: 'detached' });
      t.same(await unitsOf(call.callId), ['u-near'], 'the slower one is free again');
      await service.ask('dispatcher', 'POST', `/v1/calls/${call.callId}/close`, { reason: 'x' });

      const complaint = { code: 'transfer', answers: { conscious: 'yes', breathing: 'normal' } };
      const trifle = await fileCall(ground, '13800099004', { location, complaint });
      await service.ask('admin', 'PUT', '/v1/units/u-near', { ...near, status: 'available' });
      t.match(await service.ask('dispatcher', 'POST', `/v1/calls/${trifle.callId}/assignments`, { unitId: 'u-near' }), {
        status: 201,
      });
      const absent = { code: 'cardiac-arrest', answers: { conscious: 'no', breathing: 'absent' } };
      const urgent = await fileCall(ground, '13800099005', { location, complaint: absent });
      await openCall(page, urgent);
      await watchClocks(service.deps, startWatch());
      await rowOf(page, urgent).getByText('Divert u-near').waitFor();
      await page.keyboard.press('Alt+B');
      await rowOf(page, urgent).getByText('u-near notified').waitFor();
      await rowOf(page, trifle).getByText('open', { exact: true }).waitFor();
      t.same([await unitsOf(urgent.callId), await unitsOf(trifle.callId)], [['u-near'], []]);
      t.same(faults, []);
      for (const { callId } of [trifle, urgent])
        await service.ask('dispatcher', 'POST', `/v1/calls/${callId}/close`, { reason: 'x' });
    },
  );
}
