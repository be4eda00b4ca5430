/**
 * A FHIR server of the tests' own, over real HTTP: transactions whole or not at all, conditional creates and updates,
 * and as unreliable as it is told to be, before it does the work and after.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Loose } from './support.ts';

export interface Applied {
  /** Value of the Patient's identifier here. */
  readonly patient: string;
  readonly type: string;
  /** Value of the resource's own identifier. */
  readonly fact: string;
}

/** A transaction as it was applied. */
export interface Transaction {
  readonly patient: string;
  readonly bundle: Loose;
}

export interface PlatformServer {
  readonly url: string;
  /** Every transaction applied, in that order; one whose answer was lost comes again. */
  readonly applied: readonly Transaction[];
  /** Every resource created, in the order of creation. */
  readonly created: readonly Applied[];
  /** Transactions asked for, whatever became of them. */
  readonly asked: () => number;
  readonly failed: () => number;
  readonly stored: () => readonly Loose[];
  /** Share of requests that fail, and what is answered to all while it is set. */
  set(trouble: { share?: number; always?: number | null }): void;
  /** Down for so long, every connection broken; then up again at the same address, with what it had. */
  restart(downMs: number): Promise<void>;
  close(): Promise<void>;
}

const identifierOf = (resource: Loose): string | null => resource.identifier?.[0]?.value ?? null;

/** @param random from 0 to 1 */
export async function startPlatformServer(random: () => number): Promise<PlatformServer> {
  const resources = new Map<string, Loose>();
  const created: Applied[] = [];
  const applied: Transaction[] = [];
  const trouble = { share: 0, always: null as number | null };
  let asked = 0;
  let failed = 0;

  /** Key → resource of a search by identifier. */
  const keyOf = (type: string, search: string) => {
    const token = new URLSearchParams(search).get('identifier') ?? '';
    return `${type}|${token.slice(token.indexOf('|') + 1)}`;
  };
  function apply(bundle: Loose): Loose[] {
    const patient = identifierOf(bundle.entry.find((e: Loose) => e.resource.resourceType === 'Patient').resource) ?? '';
    applied.push({ patient, bundle });
    return bundle.entry.map(({ resource, request }: Loose) => {
      const type = resource.resourceType;
      const [path, query] = request.url.split('?');
      const key = query ? keyOf(type, query) : request.ifNoneExist ? keyOf(type, request.ifNoneExist) : path;
      const there = resources.has(key);
      if (!there) created.push({ patient, type, fact: identifierOf(resource) ?? key });
      if (!there || request.method === 'PUT') resources.set(key, resource);
      return { response: { status: there ? '200 OK' : '201 Created' } };
    });
  }

  /** A resource alone under its id. */
  function put(url: string, resource: Loose): Loose[] {
    const key = url.replace(/^\/fhir\//, '');
    if (key !== `${resource.resourceType}/${resource.id}`) throw new Error('put under another id');
    if (!resources.has(key)) created.push({ patient: '', type: resource.resourceType, fact: resource.id });
    resources.set(key, resource);
    return [];
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    asked++;
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const fails = random() < trouble.share;
    if (fails || trouble.always !== null) failed++;
    const how = random();
    const refuse = (status: number) =>
      void response.writeHead(status, { 'content-type': 'text/html' }).end('<h1>out</h1>');
    if (trouble.always !== null) return refuse(trouble.always);
    // A third each: not even begun; done, and the answer is an error; done, and the line is cut.
    if (fails && how < 1 / 3) return refuse(how < 1 / 6 ? 503 : 500);
    await sleep(random() * 4);
    // The sender went away while this waited, or the server did.
    if (request.socket.destroyed) return;
    const body = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    const entry = request.method === 'PUT' ? put(request.url ?? '', body) : apply(body);
    if (fails && how < 2 / 3) return refuse(502);
    if (fails) return void request.socket.destroy();
    response.writeHead(200, { 'content-type': 'application/fhir+json' });
    response.end(JSON.stringify({ resourceType: 'Bundle', type: 'transaction-response', entry }));
  }
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  const listen = (port: number) => new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  await listen(0);
  const { port } = server.address() as AddressInfo;
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return {
    url: `http://127.0.0.1:${port}/fhir`,
    created,
    applied,
    asked: () => asked,
    failed: () => failed,
    stored: () => [...resources.values()],
    set: (given) => Object.assign(trouble, given),
    async restart(downMs) {
      await close();
      await sleep(downMs);
      await listen(port);
    },
    close,
  };
}
