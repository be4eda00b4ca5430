/** How pages look: accessible by day and by night, in whatever state; and pictures from outside only where they were chosen. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Test } from 'tap';
import { fileCall, type Ground, isAccessibleDayAndNight, listeningService, openPage, shot } from '../support.ts';

/** One grey pixel. */
const PIXEL = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==',
  'base64',
);

export async function looks(t: Test, ground: Ground): Promise<void> {
  const { service, browser } = ground;

  await t.test('every page can be read with a reader, by day and by night, also when it is empty', async (t) => {
    const { page, faults } = await openPage(t, browser, `${service.url}/`, { locale: 'en-GB' });
    const empty = [
      ['#/', 'Choose a role'],
      ['#/dispatcher', 'When the phone rings'],
      ['#/centre/c-empty', 'Nothing at the moment'],
      ['#/crew/demo-unit-23', 'No call'],
      ['#/doctor/d-empty', 'None of your residents has called'],
    ] as const;
    for (const [address, text] of empty) {
      await page.goto('about:blank');
      await page.goto(`${service.url}/${address}`);
      await page.getByText(text).first().waitFor();
      await isAccessibleDayAndNight(t, page, address);
      await shot(page, `empty-${address.replace(/\W+/g, '-')}-en`);
    }
    t.same(faults, []);
  });

  await t.test('a board full of calls, an alarm that rings, what the keys do', async (t) => {
    const calls = [];
    for (let i = 0; i < 12; i++) {
      const complaint = { code: ['fall', 'cardiac-arrest', 'transfer', 'fever'][i % 4] };
      calls.push(await fileCall(ground, `138000980${10 + i}`, { complaint }));
    }
    const { page, faults } = await openPage(t, browser, `${service.url}/#/dispatcher`);
    await page.locator('#calls > li').nth(11).waitFor();
    await page.evaluate(`new BroadcastChannel('precision-dispatch.line').postMessage({ phone: '13800010001' })`);
    await page.locator('.alarms .urgent').waitFor();
    await isAccessibleDayAndNight(t, page, 'a full board that rings');
    await shot(page, 'board-zh');
    await page.keyboard.press('F1');
    await page.getByRole('heading', { name: '按键说明' }).waitFor();
    await isAccessibleDayAndNight(t, page, 'what the keys do');
    t.same(faults, []);
    for (const { callId } of calls)
      await service.ask('dispatcher', 'POST', `/v1/calls/${callId}/close`, { reason: 'x' });
  });

  await t.test(
    'pictures of another host are asked for where a centre chose them, and say whose they are',
    async (t) => {
      const asked: string[] = [];
      const host = createServer((request, response) => {
        asked.push(`${request.url} ${request.headers.authorization ?? ''} ${request.headers.referer ?? ''}`.trim());
        response.writeHead(200, { 'content-type': 'image/png', 'access-control-allow-origin': '*' }).end(PIXEL);
      });
      await new Promise<void>((resolve) => host.listen(0, '127.0.0.1', resolve));
      t.teardown(() => host.close());
      const { port } = host.address() as AddressInfo;
      const env = {
        MAP_TILES_URL: `http://127.0.0.1:${port}/tiles/{z}/{x}/{y}.png`,
        MAP_TILES_ATTRIBUTION: '© <b>invented</b> pictures',
      };
      const chosen = await listeningService(t, { env }, service.databaseUrl);
      const { page, faults } = await openPage(t, browser, `${chosen.url}/#/dispatcher`);
      await page
        .locator('.maplibregl-ctrl-attrib')
        .getByText('© <b>invented</b> pictures')
        .waitFor({ state: 'attached' });
      while (asked.length < 4) await page.waitForTimeout(50);
      for (const each of asked)
        t.match(each, /^\/tiles\/\d+\/\d+\/\d+\.png$/, 'neither token nor address goes with it');
      t.ok(faults.length > 0 && faults.every((fault) => fault === `asked 127.0.0.1:${port}`), 'that host and no other');
      await shot(page, 'map-with-pictures');
    },
  );
}
