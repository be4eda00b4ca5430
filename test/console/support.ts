/** Chromium on a service: pages with what went wrong in them. */
import { existsSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import type { Test } from 'tap';
import { ensureConsole } from '../../src/cli/build-console.ts';
import { loadDistrict } from '../../src/demo/load.ts';
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

export async function launch(t: Test, args: readonly string[] = []): Promise<Browser> {
  const browser = await chromium.launch({ executablePath, args: [...ARGS, ...args] });
  t.teardown(() => browser.close());
  return browser;
}

/** The service with the demonstration district on a database of its own, listening; its clock runs. */
export async function listeningService(t: Test, options: ServiceOptions = {}) {
  await ensureConsole();
  const service = await serviceOn(t, await freshDatabase(t), 10, options);
  const ahead = setInterval(() => {
    service.time.now = Date.now();
  }, 20);
  t.teardown(() => clearInterval(ahead));
  service.time.now = Date.now();
  await loadDistrict(service.deps, service.time.now);
  await service.deps.live.start(null);
  await service.app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = service.app.server.address() as AddressInfo;
  return { ...service, port, url: `http://127.0.0.1:${port}` };
}

export interface Opened {
  readonly page: Page;
  /** Errors thrown, errors written, whatever the content security policy stopped, requests to another host. */
  readonly faults: string[];
}

/** A page of its own in a browser of its own; one that waits for a loaded machine. */
export async function openPage(
  t: Test,
  browser: Browser,
  address: string,
  options: BrowserContextOptions = {},
): Promise<Opened> {
  const context = await browser.newContext({ locale: 'zh-CN', viewport: { width: 1600, height: 1000 }, ...options });
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
