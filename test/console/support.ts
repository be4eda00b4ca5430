/** Chromium on a service: pages with what went wrong in them. */

import { existsSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { AxeBuilder } from '@axe-core/playwright';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import type { Test } from 'tap';
import { ensureConsole } from '../../src/cli/build-console.ts';
import { loadDistrict } from '../../src/demo/load.ts';
import type { Role } from '../../src/domain/vocabulary.ts';
import { issueToken } from '../../src/http/auth.ts';
import { freshDatabase } from '../support/postgres.ts';
import { type ServiceOptions, serviceOn } from '../support/service.ts';

const executablePath =
  process.env.CHROMIUM ?? ['/usr/bin/chromium', '/usr/bin/google-chrome'].find((path) => existsSync(path)) ?? '';

/** Maps are drawn by the processor where there is no graphics card. Nothing leaves this machine. */
const ARGS = [
  '--no-sandbox',
  '--use-angle=swiftshader',
  '--enable-unsafe-swiftshader',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--autoplay-policy=no-user-gesture-required',
];

/** Without a graphics card: for pages whose map mostly stands still, composed by the processor with less work. */
export const STILL = '--disable-gpu-compositing';

export async function launch(t: Test, args: readonly string[] = []): Promise<Browser> {
  const browser = await chromium.launch({ executablePath, args: [...ARGS, ...args] });
  t.teardown(() => browser.close());
  return browser;
}

/** The service with the demonstration district, on a database of its own if none is given, listening; its clock runs. */
export async function listeningService(t: Test, options: ServiceOptions = {}, database?: string) {
  await ensureConsole();
  const databaseUrl = database ?? (await freshDatabase(t));
  const service = await serviceOn(t, databaseUrl, 10, options);
  const ahead = setInterval(() => {
    service.time.now = Date.now();
  }, 20);
  t.teardown(() => clearInterval(ahead));
  service.time.now = Date.now();
  await loadDistrict(service.deps, service.time.now);
  await service.deps.live.start(null);
  await service.app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = service.app.server.address() as AddressInfo;
  return { ...service, port, databaseUrl, url: `http://127.0.0.1:${port}` };
}

/** A name that leads here, as one made by an attacker would: to the service it is not this machine. */
export const REBOUND = 'rebound.example';

/** One service and one browser, for all that looks at pages. */
export interface Ground {
  readonly service: Awaited<ReturnType<typeof listeningService>>;
  readonly browser: Browser;
}

/** A token as the centre's own sign-in would give it. */
export async function tokenOf({ deps }: Ground['service'], role: Role, subject: string, ttlSeconds = 600) {
  const key = deps.config.auth.local;
  if (!key) throw new Error('the test settings have a local key');
  return issueToken(key, { role, subject, ttlSeconds }, deps.clock);
}

/** Awake, breathing, with chest pain; of somebody nobody filed, unless the phone is known. */
export async function fileCall({ service }: Ground, phone: string, over: object = {}) {
  const { status, body } = await service.ask('dispatcher', 'POST', '/v1/calls', {
    channel: 'phone',
    caller: { phone },
    location: { position: { lon: 116.3655, lat: 39.9371, crs: 'wgs84' } },
    complaint: { code: 'chest-pain', answers: { conscious: 'yes', breathing: 'normal' } },
    ...over,
  });
  if (status !== 201) throw new Error(`no call: ${JSON.stringify(body)}`);
  return body.call as { readonly callId: string; readonly number: number };
}

const WCAG = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

/** WCAG 2.2 AA, as far as a machine can tell; the map's canvas is the library's own. */
export async function isAccessible(t: Test, page: Page, what: string, rules?: readonly string[]): Promise<void> {
  // All in the page itself: no page it is called on has frames, for which a second page would be opened each time.
  const axe = new AxeBuilder({ page }).options({ resultTypes: ['violations'] });
  axe.exclude('.maplibregl-map').setLegacyMode();
  const { violations } = await (rules ? axe.withRules([...rules]) : axe.withTags(WCAG)).analyze();
  t.same(
    violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`),
    [],
    what,
  );
}

/** The same by day and by night: between the two only colours change. */
export async function isAccessibleDayAndNight(t: Test, page: Page, what: string): Promise<void> {
  await page.emulateMedia({ colorScheme: 'light' });
  await isAccessible(t, page, `${what}, by day`);
  await page.emulateMedia({ colorScheme: 'dark' });
  await isAccessible(t, page, `${what}, by night`, ['color-contrast']);
  await page.emulateMedia({ colorScheme: 'light' });
}

export interface Opened {
  readonly page: Page;
  /** Errors thrown, errors written, whatever the content security policy stopped, requests to another host. */
  readonly faults: string[];
}

/** Half as sharp as a screen, unless somebody wants to see it: maps are drawn by the processor. */
const sharpness = process.env.SHOTS ? 1 : 0.5;

/** A page of its own in a browser of its own; one that waits for a loaded machine. */
export async function openPage(
  t: Test,
  browser: Browser,
  address: string,
  options: BrowserContextOptions = {},
): Promise<Opened> {
  const usual = { locale: 'zh-CN', viewport: { width: 1366, height: 768 }, deviceScaleFactor: sharpness };
  const context = await browser.newContext({ ...usual, ...options });
  context.setDefaultTimeout(Number(process.env.PATIENCE_MS ?? 120_000));
  t.teardown(() => context.close());
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
  page.on('request', (request) => {
    const { protocol, host } = new URL(request.url());
    if (protocol.startsWith('http') && host !== new URL(address).host) faults.push(`asked ${host}`);
  });
  await page.goto(address);
  return { page, faults };
}

export const shot = (page: Page, name: string) =>
  process.env.SHOTS ? page.screenshot({ path: `${process.env.SHOTS}/${name}.png` }) : null;
