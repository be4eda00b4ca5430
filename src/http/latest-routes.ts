/** The plain page of the latest calls, until the console takes its place: a handful of files, read once at start and served as they are. */
import { readdirSync, readFileSync } from 'node:fs';
import { extname } from 'node:path';
import type { App } from './types.ts';

const FOLDER = new URL('../console/latest/', import.meta.url);
const START = 'index.html';

const mediaTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
};

/**
 * `GET /` and `GET /page/…`. Each file is a route of its own, not a wildcard of a static-files plugin, because every
 * route has to say who may use it; and nothing outside the list can be asked for.
 */
export function registerLatestRoutes(app: App): void {
  for (const name of readdirSync(FOLDER)) {
    const type = mediaTypes[extname(name)];
    if (!type) continue;
    const content = readFileSync(new URL(name, FOLDER));
    app.get(
      name === START ? '/' : `/page/${name}`,
      { config: { access: 'public' }, schema: { hide: true } },
      (_request, reply) => reply.type(type).send(content),
    );
  }
}
