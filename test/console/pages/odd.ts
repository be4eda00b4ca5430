/** Input nobody hopes for: markup, letters that run the other way, sixty characters, a thousand people, no position. */
import type { Page } from 'playwright-core';
import type { Test } from 'tap';
import { fileCall, type Ground, isAccessibleDayAndNight, openPage, shot } from '../support.ts';

const SCRIPT = '<script>window.hacked=1</script>';
/** Sixty characters: markup, an override of the direction left open, Arabic, Chinese. */
const NAME = `${SCRIPT}\u202E بيت العائلة ${'名'.repeat(60)}`.slice(0, 60);
const PHONE = '13800099060';
const coded = { system: 'text', code: NAME, display: NAME };

const somebody = {
  residentId: 'odd-1',
  name: NAME,
  sex: 'female',
  birthDate: '1950-03-02',
  phones: [PHONE],
  livesAlone: true,
  home: {
    address: NAME.repeat(5),
    position: { lon: 116.3655, lat: 39.9371, crs: 'wgs84' },
    building: NAME,
    unit: NAME,
    room: NAME,
    floor: 5,
    hasLift: false,
    entryNotes: NAME.repeat(10),
  },
  contacts: [{ name: NAME, relation: NAME.slice(0, 40), phone: '13900099060', holdsKey: true }],
  communityCentreId: 'demo-centre-yuetan',
  familyDoctorId: 'd-odd',
  history: { conditions: [coded], allergies: [coded], medications: [coded], implants: [coded], directives: [coded] },
};

/** Nothing ran, and nothing sticks out of the page. */
async function isSound(t: Test, page: Page, what: string): Promise<void> {
  t.equal(await page.evaluate('window.hacked'), undefined, `${what}: nothing ran`);
  const wide = await page.evaluate<string[]>(`[...document.querySelectorAll('body, #page, #page *')]
    .filter((each) => each.scrollWidth > each.clientWidth + 1 && getComputedStyle(each).display !== 'inline'
      && !each.closest('.maplibregl-map, svg, select, input, textarea, .visually-hidden, .skip')
      && each.scrollWidth - each.clientWidth > 1 && getComputedStyle(each).overflowX !== 'hidden')
    .map((each) => each.tagName + '.' + each.className)`);
  t.same(wide, [], `${what}: nothing is wider than its place`);
}

export async function oddInput(t: Test, ground: Ground): Promise<void> {
  const { service, browser } = ground;

  await t.test('markup, other directions and sixty characters in every field, on every page', async (t) => {
    t.match(await service.ask('registry', 'PUT', '/v1/residents/odd-1', somebody), { status: 201 });
    const call = await fileCall(ground, PHONE, {
      patient: { residentId: 'odd-1' },
      location: { position: somebody.home.position, address: NAME.repeat(5) },
      complaint: { code: 'chest-pain', text: NAME.repeat(20), answers: { conscious: 'yes', breathing: 'normal' } },
    });
    const path = `/v1/calls/${call.callId}`;
    const { units } = (await service.ask('dispatcher', 'GET', path)).body;
    const unitId = units.find(({ satisfies }: { satisfies: boolean }) => satisfies).unitId as string;
    await service.ask('dispatcher', 'POST', `${path}/assignments`, { unitId });
    const search = await service.ask('dispatcher', 'POST', `${path}/locate-requests`, { reason: 'no-answer-at-door' });
    const centre = search.body.locateRequest.communityCentreId as string;
    const hospital = { role: 'hospital', subject: 'h-odd' } as const;
    const outcome = { diagnoses: [coded], medications: [coded], allergies: [coded], disposition: 'discharged' };
    await service.ask(hospital, 'POST', `${path}/outcome`, { ...outcome, advice: NAME });
    const waiting = { patient: { name: NAME, birthDate: '1990-01-01', sex: 'male' }, disposition: 'left' };
    await service.ask(hospital, 'POST', '/v1/outcomes', { ...waiting, arrivedAt: new Date().toISOString() });

    const { page, faults } = await openPage(t, browser, `${service.url}/#/dispatcher`);
    const seen = async (what: string) => {
      await page.getByText(SCRIPT).first().waitFor();
      await isSound(t, page, what);
      await isAccessibleDayAndNight(t, page, what);
      await shot(page, `odd-${what}`);
    };
    await page.locator(`[data-call="${call.callId}"] .open`).click();
    await page.locator('#call .timeline').waitFor();
    t.equal(await page.locator('#words').inputValue(), NAME.repeat(20));
    await seen('dispatcher');
    for (const [role, subject, ready] of [
      ['crew', unitId, '.points'],
      ['centre', centre, 'article.open'],
      ['doctor', 'd-odd', '.opened'],
      ['registry', 'registry-1', '.opened fieldset'],
    ] as const) {
      await page.goto('about:blank'); // somebody else sits down: nothing of the page before goes on
      await page.goto(`${service.url}/#/${role}/${subject}`);
      await page.locator(ready).first().waitFor();
      await seen(role);
    }
    t.same(faults, []);
    await service.ask('dispatcher', 'POST', `${path}/close`, { reason: NAME });
  });

  await t.test('a thousand who share a number: said how many, judged by the complaint, asked for more', async (t) => {
    const lines = Array.from({ length: 1_000 }, (_, i) =>
      JSON.stringify({
        residentId: `many-${i}`,
        name: `众虚构${i}`,
        sex: i % 2 ? 'male' : 'female',
        birthDate: `19${40 + (i % 50)}-01-01`,
        phones: ['01055500199'],
      }),
    );
    const imported = await service.ask('registry', 'POST', '/v1/residents/import', lines.join('\n'), {
      'content-type': 'application/x-ndjson',
    });
    t.match(imported, { body: { filed: 1_000, refused: 0 } });
    // A unit of which nobody knows where it is.
    await service.ask('admin', 'PUT', '/v1/units/u-nowhere', {
      unitId: 'u-nowhere',
      vehicleType: 'intensive',
      capabilities: ['transport', 'monitoring', 'defibrillator', 'twelve-lead-ecg'],
      status: 'available',
    });
    const { page, faults } = await openPage(t, browser, `${service.url}/#/dispatcher`);
    // The computer's clock is wrong; what is shown follows the service's.
    await page.addInitScript('const real = Date.now; Date.now = () => real() + 600_000;');
    await page.reload();
    await page.getByText('实时更新').waitFor();
    await page.keyboard.press('F2');
    await page.keyboard.type('01055500199');
    const work = page.locator('#call');
    await work.getByText(/^另有至少 \d+ 位；问姓名、年龄或地址可缩小范围。$/).waitFor();
    await page.keyboard.press('Enter');
    await page.keyboard.type('cp');
    await page.keyboard.press('Enter');
    await page.keyboard.press('y');
    await page.keyboard.press('m');
    await work.locator('.verdict').getByText('仅依据主诉').waitFor();
    await work.getByText('可能的人太多，仅按主诉').waitFor();
    t.match(await work.locator('.clock').first().innerText(), /^0:[0-5]\d$/, 'not ten minutes');
    await work.getByText('没有定位；可在地图上点击。').waitFor();
    await work.getByText('位置未知，无法预计到达').waitFor();
    t.match(await work.locator('.units').innerText(), /无法预计/, 'no arrival is made up for a call without a place');

    const lost = work.locator('.units tr').filter({ hasText: 'u-nowhere' });
    t.match(
      await lost.innerText(),
      /无法预计[\s\S]*缺 位置未知/,
      'a unit without a position stands there, and says so',
    );
    await page.keyboard.press('F6');
    await page.keyboard.type('众虚构7');
    await work.getByText('众虚构7', { exact: true }).waitFor();
    await page.locator('.maplibregl-canvas').click({ position: { x: 120, y: 90 } });
    await work.locator('.units .arrival').first().waitFor();
    await page.keyboard.press('Control+Enter');
    await page.locator('#calls > li.opened').filter({ hasText: '胸痛' }).getByText('待派车').waitFor();
    t.same(faults, []);
  });
}
