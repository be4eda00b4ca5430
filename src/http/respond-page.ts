/** The page a first responder's message leads to: three files, no build, nothing in them of any call. */
import { readFileSync } from 'node:fs';
import type { App } from './types.ts';

const files = {
  '/respond': ['index.html', 'text/html; charset=utf-8'],
  '/respond.js': ['respond.js', 'text/javascript; charset=utf-8'],
  '/respond.css': ['respond.css', 'text/css; charset=utf-8'],
} as const;

export function registerRespondPage(app: App): void {
  for (const [url, [file, type]] of Object.entries(files)) {
    const content = readFileSync(new URL(`./respond/${file}`, import.meta.url));
    app.get(url, { config: { access: 'public' }, schema: { hide: true } }, (_request, reply) =>
      reply.header('content-type', type).send(content),
    );
  }
}
