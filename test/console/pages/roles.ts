/** Each role sees nothing of another's: not in its page, not in what the page is answered, not on its socket. */
import type { Page } from 'playwright-core';
import type { Test } from 'tap';
import type { Role } from '../../../src/domain/vocabulary.ts';
import { fileCall, type Ground, isAccessible, openPage, REBOUND, tokenOf } from '../support.ts';

const secret = {
  residentId: 'secret-1',
  name: '秘密虚构人',
  sex: 'female',
  birthDate: '1950-03-02',
  phones: ['13800099070'],
  livesAlone: true,
  home: {
    address: '秘密虚构胡同七号',
    position: { lon: 116.3467, lat: 39.9115, crs: 'wgs84' },
    floor: 5,
    entryNotes: '秘密虚构密码',
  },
  contacts: [{ name: '秘密虚构邻居', phone: '13900099070', holdsKey: true }],
  communityCentreId: 'demo-centre-yuetan',
  familyDoctorId: 'demo-doctor-07',
  history: { conditions: [{ system: 'icd-10', code: 'I25.2', display: '秘密虚构病史' }] },
};
const SECRETS = /秘密虚构|99070/;

/** Somebody else's nurse, doctor, crew; a planner, who may see that there are calls; the registry. */
const strangers = [
  { role: 'centre', subject: 'c-elsewhere', maySeeCalls: false },
  { role: 'doctor', subject: 'd-elsewhere', maySeeCalls: false },
  { role: 'crew', subject: 'demo-unit-24', maySeeCalls: false },
  { role: 'registry', subject: 'registry-9', maySeeCalls: false },
  { role: 'planner', subject: 'planner-9', maySeeCalls: true },
] as const satisfies readonly { role: Role; subject: string; maySeeCalls: boolean }[];

/** All a page is told: bodies of answers and frames of sockets, by when the last frame said that it has all. */
function overhear(page: Page) {
  const heard: string[] = [];
  const bodies: Promise<void>[] = [];
  let upTo = 0;
  page.on('response', (response) => {
    // Of a refused session nobody reads the answer, and the browser keeps it open until the page gives it up.
    if (/\/v1\/(?!tiles|demo-session)/.test(response.url()))
      bodies.push(
        response.text().then(
          (text) => void heard.push(text),
          () => {},
        ),
      );
  });
  page.on('websocket', (socket) =>
    socket.on('framereceived', ({ payload }) => {
      const message = JSON.parse(String(payload));
      if (message.type === 'pong') upTo = message.seq;
      heard.push(String(payload));
    }),
  );
  return {
    /** Everything up to this event has been sent. */
    async until(seq: number): Promise<void> {
      const patience = Date.now() + 60_000;
      while (upTo < seq) {
        if (Date.now() > patience) throw new Error(`the socket was told up to ${upTo} of ${seq}`);
        await page.waitForTimeout(100);
      }
      await Promise.all(bodies);
    },
    all: () => heard.join('\n'),
  };
}

export async function rolesApart(t: Test, ground: Ground): Promise<void> {
  const { service, browser } = ground;
  const away = `http://${REBOUND}:${service.port}/`;

  await t.test(
    'a stranger’s page hears nothing of a call that is not theirs, and another’s page is refused',
    async (t) => {
      await service.ask('registry', 'PUT', '/v1/residents/secret-1', secret);
      const pages = [];
      for (const stranger of strangers) {
        const { role, subject } = stranger;
        const token = await tokenOf(service, role, subject);
        const session = JSON.stringify({ role, subject, token, expiresAt: Date.now() + 600_000 });
        const { page } = await openPage(t, browser, away);
        await page.evaluate(
          `sessionStorage.setItem('precision-dispatch.session.${role}.', ${JSON.stringify(session)})`,
        );
        const ears = overhear(page);
        await page.goto(`${away}#/${role}`);
        await page.getByText('实时更新').waitFor();
        pages.push({ ...stranger, page, ears, token });
      }
      const call = await fileCall(ground, '13800099070', {
        patient: { residentId: 'secret-1' },
        location: { position: secret.home.position, address: secret.home.address },
      });
      const path = `/v1/calls/${call.callId}`;
      const { units } = (await service.ask('dispatcher', 'GET', path)).body;
      const sent = units.find((each: { satisfies: boolean }) => each.satisfies).unitId;
      t.not(sent, 'demo-unit-24');
      await service.ask('dispatcher', 'POST', `${path}/assignments`, { unitId: sent });
      await service.ask('dispatcher', 'POST', `${path}/locate-requests`, { reason: 'no-answer-at-door' });
      await service.ask('dispatcher', 'PATCH', path, { complaint: { code: 'chest-pain', text: '秘密虚构的话' } });
      const { events } = (await service.ask('dispatcher', 'GET', path)).body;
      const last = Math.max(...events.map(({ seq }: { seq: number }) => seq));

      for (const { role, subject, page, ears, maySeeCalls, token } of pages) {
        await ears.until(last);
        t.notMatch(ears.all(), SECRETS, `${role}: nothing of the person is sent to the page`);
        t.equal(ears.all().includes(call.callId), maySeeCalls, `${role}: the call itself`);
        t.notMatch(await page.content(), SECRETS, `${role}: nor is any of it in the page`);

        // The honest way: the address of another's page.
        await page.evaluate(`location.hash = '#/dispatcher'`);
        await page.getByText(new RegExp(`您已登录为.*（${subject}），此页面属于别人`)).waitFor();
        if (role === 'centre') await isAccessible(t, page, 'refused');
        await page.getByRole('link', { name: '回到自己的页面' }).click();
        await page.getByText('实时更新').waitFor();
        t.match(page.url(), new RegExp(`#/${role}$`));
        // The dishonest way: the page is told that the token is a dispatcher's.
        const forged = JSON.stringify({ role: 'dispatcher', subject, token, expiresAt: Date.now() + 600_000 });
        await page.evaluate(
          `sessionStorage.setItem('precision-dispatch.session.dispatcher.', ${JSON.stringify(forged)}); location.hash = '#/dispatcher'`,
        );
        await page.getByText('无权查看这个页面').waitFor();
        t.equal(await page.locator('.dispatcher').count(), 0, `${role}: no empty board that looks like a quiet night`);
        await ears.until(last);
        t.notMatch(ears.all() + (await page.content()), SECRETS, `${role}: a page that lies is told nothing more`);
        await page.close();
      }
      await service.ask('dispatcher', 'POST', `${path}/close`, { reason: 'x' });
    },
  );

  await t.test('a token for somebody else’s address opens one’s own page', async (t) => {
    const { page } = await openPage(t, browser, `${away}#/crew/demo-unit-01`);
    await page.getByRole('textbox', { name: '访问令牌' }).fill(await tokenOf(service, 'crew', 'demo-unit-02'));
    await page.keyboard.press('Enter');
    await page.getByText('实时更新').waitFor();
    t.match(page.url(), /#\/crew$/);
    t.match(await page.locator('header.frame').innerText(), /demo-unit-02/);
  });

  await t.test('where sessions renew themselves nobody notices that a token ended', async (t) => {
    const { page } = await openPage(t, browser, `${service.url}/#/dispatcher`);
    await page.getByText('实时更新').waitFor();
    await page.keyboard.press('F2');
    await page.keyboard.type('13800010001');
    await page.locator('#call').getByText('王秀英').waitFor();
    const ended = await page.evaluate<string>(
      `JSON.parse(sessionStorage.getItem('precision-dispatch.session.dispatcher.')).token`,
    );
    const { known, verify } = service.deps.auth;
    Object.assign(service.deps.auth, {
      known: (token: string) => (token === ended ? null : known.call(service.deps.auth, token)),
      verify: (token: string) => verify.call(service.deps.auth, token === ended ? 'ended' : token),
    });
    t.teardown(() => Object.assign(service.deps.auth, { known, verify }));
    await page.keyboard.press('Enter');
    await page.keyboard.type('cp');
    await page.keyboard.press('Enter');
    await page.locator('#call .verdict').getByText('依据病史').waitFor();
    t.equal(await page.locator('dialog[open]').count(), 0);
    t.equal(await page.getByLabel('来电号码').inputValue(), '13800010001', 'nothing typed was lost');
    await page.locator('#call').getByRole('button', { name: '丢弃' }).click();
  });
}
