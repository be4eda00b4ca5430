/** The console: the files Vite built, served as they are. */
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { Problem } from '../domain/errors.ts';
import type { App } from './types.ts';

const FOLDER = fileURLToPath(new URL('../../dist/page/', import.meta.url));
const START = 'index.html';
/** Keeps the page for a start without a connection: also `/`, which stands above the folder it comes from. */
const OFFLINE_WORKER = 'offline-worker-';
/** Their names carry the hash of what is in them, so they may be kept for ever. */
const FOR_EVER = 'public, max-age=31536000, immutable';

const mediaTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
};

interface File {
  readonly type: string;
  readonly plain: Buffer;
  readonly gzipped: Buffer | null;
}

/** Read when first asked for: of the hundreds of services a test run builds few are asked for a page. */
const read = new Map<string, File>();

/** `GET /` and `GET /page/FILE`, and nothing outside the folder: what is asked for has to be a name listed in it. */
export function registerPageRoutes(app: App): void {
  const names = new Set(listFolder());
  const send = (name: string, request: FastifyRequest, reply: FastifyReply) => {
    const type = mediaTypes[extname(name)];
    if (!names.has(name) || !type) throw new Problem('not-found');
    const file = read.get(name) ?? readPage(name, type, names);
    read.set(name, file);
    if (name !== START) reply.header('cache-control', FOR_EVER);
    if (name.startsWith(OFFLINE_WORKER)) reply.header('service-worker-allowed', '/');
    reply.type(file.type).header('vary', 'accept-encoding');
    const gzipped = /\bgzip\b/.test(String(request.headers['accept-encoding'])) ? file.gzipped : null;
    return gzipped ? reply.header('content-encoding', 'gzip').send(gzipped) : reply.send(file.plain);
  };
  const page = { config: { access: 'public', rateLimit: false }, schema: { hide: true } } as const;
  app.get('/', page, (request, reply) => send(START, request, reply));
  app.get(
    '/page/:file',
    { ...page, schema: { hide: true, params: Type.Object({ file: Type.String() }) } },
    (request, reply) => send(request.params.file, request, reply),
  );
}

/** Nothing where the console is not built: an instance may serve the API alone. */
function listFolder(): string[] {
  try {
    return readdirSync(FOLDER);
  } catch {
    return [];
  }
}

const readPage = (name: string, type: string, names: ReadonlySet<string>): File => ({
  type,
  plain: readFileSync(join(FOLDER, name)),
  gzipped: names.has(`${name}.gz`) ? readFileSync(join(FOLDER, `${name}.gz`)) : null,
});
