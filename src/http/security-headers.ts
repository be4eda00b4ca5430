/**
 * The security headers of every answer, as helmet sets them. They are the same for all, so helmet is asked once: asked
 * for each answer it puts its policy together anew, which cost more than reading and checking the body of a call.
 */
import helmet from '@fastify/helmet';
import Fastify from 'fastify';
import { type MapBackground, originOf } from '../fleet/map-background.ts';
import type { App } from './types.ts';

/**
 * Scripts and styles from this origin only, nothing inline; frames only of its own pages, which stand side by side.
 * `tiles`: the one origin beside its own that maps may have pictures from.
 */
const contentSecurityPolicy = (tiles: readonly string[]) => ({
  'default-src': ["'self'"],
  'connect-src': ["'self'", ...tiles],
  'img-src': ["'self'", 'data:', 'blob:', ...tiles],
  'worker-src': ["'self'", 'blob:'],
  'object-src': ["'none'"],
  'base-uri': ["'none'"],
  'form-action': ["'self'"],
  'frame-ancestors': ["'self'"],
});

export async function registerSecurityHeaders(app: App, background: MapBackground | null): Promise<void> {
  const headers = await askHelmet(contentSecurityPolicy(background ? [originOf(background.url)] : []));
  app.addHook('onRequest', (_request, reply, done) => {
    reply.headers(headers);
    done();
  });
}

/** What helmet adds to an answer. */
async function askHelmet(directives: Record<string, string[]>): Promise<Record<string, string>> {
  const asked = Fastify();
  await asked.register(helmet, { contentSecurityPolicy: { useDefaults: false, directives } });
  asked.get('/with', () => '');
  asked.get('/without', { helmet: false }, () => '');
  const [secured, plain] = await Promise.all([asked.inject('/with'), asked.inject('/without')]);
  await asked.close();
  const added = Object.entries(secured.headers).filter(([name]) => !(name in plain.headers));
  return Object.fromEntries(added.map(([name, value]) => [name, String(value)]));
}
