/** Who may what: every route names its roles or does not start, and nobody reaches one it does not name. */
import type { FastifyRequest } from 'fastify';
import { Problem } from '../domain/errors.ts';
import type { Role } from '../domain/vocabulary.ts';
import type { Actor, Authenticator } from './auth.ts';
import type { App } from './types.ts';

export type Access = 'public' | readonly Role[];

export interface RouteAccess {
  readonly method: string;
  readonly url: string;
  readonly access: Access;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The roles that may, or `public` for everybody without a token. */
    access: Access;
  }
  interface FastifyRequest {
    /** Who asks; null on public routes. */
    actor: Actor | null;
  }
  interface FastifyInstance {
    /** Every route registered, with who may use it. */
    routeTable: readonly RouteAccess[];
  }
}

/** Routes of third-party plugins, which cannot name their access: the API's own description, without any data. */
const PUBLIC_PREFIX = '/docs';

export function registerAccess(app: App, auth: Authenticator): void {
  const table: RouteAccess[] = [];
  app.decorate('routeTable', table);
  app.decorateRequest('actor', null);

  app.addHook('onRoute', (route) => {
    if (route.url === PUBLIC_PREFIX || route.url.startsWith(`${PUBLIC_PREFIX}/`)) {
      route.config = { ...route.config, access: 'public' };
    }
    const access = route.config?.access;
    if (!access?.length)
      throw new Error(`${String(route.method)} ${route.url} does not say who may use it (config.access)`);
    for (const method of [route.method].flat()) table.push({ method, url: route.url, access });
  });

  app.addHook('onRequest', (request, _reply, done) => {
    const access = request.is404 ? 'public' : request.routeOptions.config.access;
    if (access === 'public') return done();
    const token = bearerToken(request);
    if (token === null) return done(new Problem('unauthenticated'));
    const admit = (actor: Actor) => {
      request.actor = actor;
      done(access.includes(actor.role) ? undefined : new Problem('forbidden'));
    };
    // A promise only for tokens not seen before: this runs on every call taken in.
    const known = auth.known(token);
    if (known) admit(known);
    else auth.verify(token).then(admit, done);
  });
}

/** The token a request carries, not yet looked at; null without one. */
export function bearerToken({ headers: { authorization } }: FastifyRequest): string | null {
  return /^Bearer +([\w-]+\.[\w-]+\.[\w-]*) *$/i.exec(authorization ?? '')?.[1] ?? null;
}

/** The asker on a route that names roles; on a public one there is none, and asking for it is refused. */
export function actorOf(request: FastifyRequest): Actor {
  if (!request.actor) throw new Problem('unauthenticated');
  return request.actor;
}
