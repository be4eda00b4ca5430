/** The websocket and its tickets. A page cannot send a header with an upgrade, so this route checks by itself who asks. */
import websocket from '@fastify/websocket';
import { Type } from 'typebox';
import type { Deps } from '../deps.ts';
import { Problem } from '../domain/errors.ts';
import { roles } from '../domain/vocabulary.ts';
import { closeCodes } from '../live/messages.ts';
import { actorOf, bearerToken } from './access.ts';
import type { App } from './types.ts';

/** Longest frame a console may send; it has nothing to say but pings. A longer one closes the connection with 1009. */
const LONGEST_FRAME_BYTES = 4_096;

const LiveQuery = Type.Object(
  {
    ticket: Type.Optional(Type.String({ maxLength: 128, description: 'from POST /v1/live-tickets; opens once' })),
    since: Type.Optional(Type.Integer({ minimum: 0, description: 'the last seq seen: what came after it follows' })),
  },
  { additionalProperties: false },
);

export async function registerLiveRoutes(app: App, { live, auth }: Pick<Deps, 'live' | 'auth'>): Promise<void> {
  await app.register(websocket, {
    // Compression would cost 100 kB and more a console.
    options: { maxPayload: LONGEST_FRAME_BYTES, perMessageDeflate: false },
    // Broken frames: ws itself closes with the code that says what was wrong.
    errorHandler: () => {},
    preClose: () => live.close(),
  });

  app.post(
    '/v1/live-tickets',
    {
      config: { access: roles },
      schema: {
        summary: 'A ticket that opens the websocket once, within half a minute',
        tags: ['live'],
        response: { 201: Type.Object({ ticket: Type.String(), expiresAt: Type.String() }) },
      },
    },
    async (request, reply) => reply.code(201).send(await live.tickets.issue(actorOf(request))),
  );

  app.route({
    method: 'GET',
    url: '/v1/live',
    // Not limited by address: a control room comes back from one address, all at once.
    config: { access: 'public', rateLimit: false },
    schema: {
      summary: 'Websocket of what happens, by role; resumes with since',
      description: `Bearer token or ticket. Closed with ${Object.entries(closeCodes)
        .map(([why, code]) => `${code} (${why})`)
        .join(', ')}; 1009 for a frame too large.`,
      tags: ['live'],
      querystring: LiveQuery,
    },
    preValidation: async (request) => {
      if (!request.ws) throw new Problem('upgrade-required');
      const { ticket } = request.query as { readonly ticket?: unknown };
      const token = bearerToken(request);
      if (token !== null) request.actor = auth.known(token) ?? (await verified(token));
      else if (typeof ticket === 'string') request.actor = await live.tickets.redeem(ticket);
    },
    handler: () => {
      throw new Problem('upgrade-required');
    },
    wsHandler: (socket, request) => {
      // Said on the open connection, because a page cannot see the status of a refused upgrade.
      if (!request.actor) return socket.close(closeCodes.unauthenticated, 'unauthenticated');
      const { since } = request.query as { readonly since?: number };
      live.connect(socket, request.raw.socket, request.actor, since ?? null);
    },
  });

  async function verified(token: string) {
    try {
      return await auth.verify(token);
    } catch (error) {
      if (error instanceof Problem && error.code === 'unauthenticated') return null;
      throw error;
    }
  }
}
