/** The dispatcher's console in Chromium on the built service: how soon it can be used, how soon an event is drawn, how smooth it stays, how few keys a call takes. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { chromium, type Page } from 'playwright-core';
import { callFrom, zhang } from '../test/support/people.ts';
import type { Ground } from './ground.ts';
import { tokenFor } from './load.ts';
import { judged, median, quantile, type ResultRow, round } from './rows.ts';

export interface ConsoleSize {
  readonly units: number;
  readonly openCalls: number;
  readonly loads: number;
  /** Calls that come while units move and tasks are watched, and the time between them. */
  readonly events: number;
  readonly betweenMs: number;
}

export const consoleSize: ConsoleSize = { units: 300, openCalls: 200, loads: 5, events: 120, betweenMs: 500 };

const executablePath =
  process.env.CHROMIUM ?? ['/usr/bin/chromium', '/usr/bin/google-chrome'].find((path) => existsSync(path)) ?? '';
const built = fileURLToPath(new URL('../dist/page/', import.meta.url));
const PATIENCE_MS = 60_000;

/** Runs in the page before its own scripts: when it can be used, when each call was drawn, how long tasks took. */
const watcher = `
  window.bench = { usable: 0, drawn: {}, tasks: [] };
  new PerformanceObserver((list) => bench.tasks.push(...list.getEntries().map(({ startTime, duration }) => [startTime, duration])))
    .observe({ type: 'longtask', buffered: true });
  new MutationObserver(() => {
    if (!bench.usable && document.querySelector('#state.live') && document.querySelector('#calls > li'))
      requestAnimationFrame(() => requestAnimationFrame(() => { bench.usable ||= performance.now(); }));
    for (const row of document.querySelectorAll('#calls > li')) {
      const id = row.dataset.call;
      if (id in bench.drawn) continue;
      bench.drawn[id] = null;
      requestAnimationFrame(() => requestAnimationFrame(() => { bench.drawn[id] = Date.now(); }));
    }
  }).observe(document, { childList: true, subtree: true, attributes: true, attributeFilter: ['class'] });
`;

interface Seen {
  readonly usable: number;
  readonly drawn: Readonly<Record<string, number>>;
  readonly tasks: readonly (readonly [startTime: number, duration: number])[];
}
const seenBy = (page: Page) => page.evaluate<Seen>('window.bench');

export async function benchConsole(ground: Ground, size: ConsoleSize): Promise<ResultRow[]> {
  const env = { DATABASE_URL: await ground.database('console'), LOG_LEVEL: 'warn' };
  const service = await ground.serveBuild(env, 'console');
  const tokens = {
    admin: await tokenFor('admin'),
    dispatcher: await tokenFor('dispatcher'),
    registry: await tokenFor('registry'),
  };
  // biome-ignore lint/suspicious/noExplicitAny: answers are looked into field by field
  async function ask(role: keyof typeof tokens, method: string, path: string, body?: unknown): Promise<any> {
    const answer = await fetch(service.url + path, {
      method,
      headers: { authorization: `Bearer ${tokens[role]}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  }

  await ask('registry', 'PUT', `/v1/residents/${zhang.residentId}`, zhang);
  const at = (index: number, turn: number) => ({
    lon: 116.32 + (index % 20) * 0.004 + Math.sin(turn / 9 + index) * 0.002,
    lat: 39.87 + Math.floor(index / 20) * 0.006 + Math.cos(turn / 9 + index) * 0.002,
    crs: 'wgs84' as const,
  });
  const capabilities = [
    'transport',
    'monitoring',
    'defibrillator',
    'twelve-lead-ecg',
    'advanced-airway',
    'ventilator',
    'stair-chair',
  ];
  for (let index = 0; index < size.units; index++) {
    const unitId = `u-${index}`;
    await ask('admin', 'PUT', `/v1/units/${unitId}`, {
      unitId,
      vehicleType: 'intensive',
      capabilities,
      status: 'available',
      position: at(index, 0),
    });
  }
  const stranger = (index: number) =>
    callFrom({
      caller: { phone: `1391111${String(index).padStart(4, '0')}` },
      location: { position: at(index % size.units, 5) },
    });
  for (let index = 0; index < size.openCalls; index++) await ask('dispatcher', 'POST', '/v1/calls', stranger(index));

  const browser = await chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--disable-quic'],
  });
  const conditions = `${size.openCalls} open calls, ${size.units} units, Chromium drawing its map by the processor, PostgreSQL (fsync on), service and browser on one machine`;
  const rows: ResultRow[] = [];
  const row = (figure: string, value: number, unit: string, atMost: number, more: string) =>
    rows.push(
      judged(
        { benchmark: 'console', figure, value: round(value), unit, conditions: `${more}; ${conditions}` },
        { atMost },
      ),
    );
  try {
    const open = async () => {
      const context = await browser.newContext({ locale: 'en-GB', viewport: { width: 1600, height: 1000 } });
      const session = {
        role: 'dispatcher',
        subject: 'bench',
        token: tokens.dispatcher,
        expiresAt: Date.now() + 3_000_000,
      };
      await context.addInitScript(
        `sessionStorage.setItem('precision-dispatch.session.dispatcher.', ${JSON.stringify(JSON.stringify(session))})`,
      );
      await context.addInitScript(watcher);
      const page = await context.newPage();
      await page.goto(`${service.url}/#/dispatcher`);
      // Not by a function of the page's own making: its policy forbids to evaluate any.
      const until = Date.now() + PATIENCE_MS;
      while ((await seenBy(page)).usable === 0) {
        if (Date.now() > until) throw new Error('the console never became usable');
        await sleep(100);
      }
      return { page, context };
    };
    const loads: number[] = [];
    for (let load = 0; load < size.loads; load++) {
      const { page, context } = await open();
      loads.push((await seenBy(page)).usable);
      await context.close();
    }
    row(
      'first load to usable',
      median(loads),
      'ms',
      2_000,
      `nothing cached, median of ${size.loads}, slowest ${round(Math.max(...loads))} ms`,
    );

    const { page, context } = await open();
    await page.waitForSelector('.maplibregl-canvas', { timeout: PATIENCE_MS });
    await sleep(5_000); // the map's tiles
    const from = await page.evaluate<number>('performance.now()');
    let turn = 0;
    let moving = true;
    const drive = (async () => {
      while (moving) {
        const begun = Date.now();
        turn += 1;
        const now = new Date().toISOString();
        const positions = Array.from({ length: size.units }, (_, index) => ({
          unitId: `u-${index}`,
          position: at(index, turn),
          at: now,
        }));
        await ask('dispatcher', 'POST', '/v1/positions', positions);
        await sleep(Math.max(0, 1_000 - (Date.now() - begun)));
      }
    })();
    const received = new Map<string, number>();
    for (let index = 0; index < size.events; index++) {
      const { call } = await ask('dispatcher', 'POST', '/v1/calls', stranger(size.openCalls + index));
      received.set(call.callId, Date.parse(call.receivedAt));
      await sleep(size.betweenMs);
    }
    await sleep(2_000);
    moving = false;
    await drive;
    const { drawn, tasks } = await seenBy(page);
    const delays = [...received].flatMap(([callId, since]) => (drawn[callId] ? [drawn[callId] - since] : []));
    if (delays.length < received.size) throw new Error(`${received.size - delays.length} calls were never drawn`);
    const seconds = Math.round((size.events * size.betweenMs) / 1000);
    const load = `${size.units} units moving once a second for ${seconds} s, ${received.size} calls`;
    row(
      'event at the server to drawn, p95',
      quantile(delays, 0.95),
      'ms',
      150,
      `${load}; from the call's receipt, its commit included; median ${round(median(delays))} ms`,
    );
    const long = tasks.filter(([start]) => start >= from).map(([, duration]) => duration);
    row('longest task', Math.max(0, ...long), 'ms', 100, `${load}; ${long.length} tasks over 50 ms`);
    await context.close();

    row(
      'keys from the ringing phone to the assigned unit',
      await keysOfACall(await open(), ask),
      'keys',
      8,
      'resident matched, chest pain, counted as pressed',
    );
  } finally {
    await browser.close();
    await service.stop();
  }
  const scripts = readdirSync(built).filter((name) => name.endsWith('.js.gz'));
  const kilobytes = scripts.reduce((sum, name) => sum + statSync(join(built, name)).size, 0) / 1000;
  rows.push(
    judged(
      {
        benchmark: 'console',
        figure: 'all scripts, gzipped',
        value: round(kilobytes),
        unit: 'kB',
        conditions: 'every role, map and its worker included',
      },
      { atMost: 700 },
    ),
  );
  return rows;
}

/** The number rings in from the softphone; from there only keys. */
async function keysOfACall(
  { page }: { readonly page: Page },
  ask: (
    role: 'dispatcher',
    method: string,
    path: string,
  ) => Promise<{ calls: { units: unknown[]; complaint: string }[] }>,
): Promise<number> {
  page.setDefaultTimeout(PATIENCE_MS);
  await page.evaluate(`new BroadcastChannel('precision-dispatch.line').postMessage({ phone: '${zhang.phones[0]}' })`);
  await page.getByText(/The phone rings/).waitFor();
  const pressed = ['F2', 'c', 'p', 'Enter', 'y', 'm', 'F9'];
  for (const key of pressed) {
    if (key === 'F9') await page.locator('#call .verdict').getByText('by the history').waitFor();
    await page.keyboard.press(key);
  }
  await page.getByText(/was sent to call/).waitFor();
  const { calls } = await ask('dispatcher', 'GET', '/v1/calls?limit=1');
  if (calls[0]?.units.length !== 1 || calls[0].complaint !== 'chest-pain') throw new Error('no unit was assigned');
  return pressed.length;
}
