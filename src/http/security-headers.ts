/**
 * The security headers of every answer, as helmet sets them. They are the same for all, so helmet is asked once: asked
 * for each answer it puts its policy together anew, which cost more than reading and checking the body of a call.
 */
import helmet from '@fastify/helmet';
import Fastify from 'fastify';
import type { App } from './types.ts';

/** Scripts and styles from this origin only, nothing inline; frames only of its own pages, which stand side by side. */
const contentSecurityPolicy = {
  'default-src': ["'self'"],
  'img-src': ["'self'", 'data:', 'blob:'],
  'worker-src': ["'self'", 'blob:'],
  'object-src': ["'none'"],
  'base-uri': ["'none'"],
  'form-action': ["'self'"],
  'frame-ancestors': ["'self'"],
};

export async function registerSecurityHeaders(app: App): Promise<void> {
  const headers = await askHelmet();
  app.addHook('onRequest', (_request, reply, done) => {
    reply.headers(headers);
    done();
  });
}

/** What helmet adds to an answer. */
async function askHelmet(): Promise<Record<string, string>> {
  const asked = Fastify();
  await asked.register(helmet, { contentSecurityPolicy: { useDefaults: false, directives: contentSecurityPolicy } });
  asked.get('/with', () => '');
  asked.get('/without', { helmet: false }, () => '');
  const [secured, plain] = await Promise.all([asked.inject('/with'), asked.inject('/without')]);
  await asked.close();
  const added = Object.entries(secured.headers).filter(([name]) => !(name in plain.headers));
  return Object.fromEntries(added.map(([name, value]) => [name, String(value)]));
}
