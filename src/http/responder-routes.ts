/** First responders: their register, who is offered and alerted for a call, and what they answer. */
import { Type } from 'typebox';
import type { Deps } from '../deps.ts';
import { Position } from '../domain/position.ts';
import { oneOf } from '../domain/vocabulary.ts';
import { AlertView, alertStatuses, ResponderInput, ResponderView } from '../fleet/responders-schema.ts';
import { Identifier } from '../fleet/schema.ts';
import { alertResponder, readCallResponders } from '../operations/alert-responder.ts';
import { answerAsResponder, answerByKey, standResponderDown } from '../operations/answer-responder.ts';
import { readRegister, registerResponder } from '../operations/register-responder.ts';
import { actorOf } from './access.ts';
import { Nothing } from './input.ts';
import type { App } from './types.ts';

const closed = { additionalProperties: false } as const;
const dispatching = { access: ['dispatcher', 'admin'], rateLimit: false } as const;
const AtCall = Type.Object({ callId: Type.String({ minLength: 1, maxLength: 64 }) });
const AtAlert = Type.Object({ alertId: Type.String({ minLength: 1, maxLength: 64 }) });
const At = Type.Object({ at: Type.Optional(Type.String({ format: 'date-time' })) }, closed);
const orNull = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) => Type.Union([schema, Type.Null()]);

export function registerResponderRoutes(app: App, deps: Deps): void {
  app.put(
    '/v1/responders/:responderId',
    {
      config: { access: ['admin'] },
      schema: {
        summary: 'Create or replace a micro fire station, fire station, volunteer or public defibrillator',
        tags: ['responders'],
        params: Type.Object({ responderId: Identifier }),
        body: ResponderInput,
        response: { 200: ResponderView },
      },
    },
    (request) => registerResponder(deps, request.params.responderId, request.body),
  );

  app.get(
    '/v1/responders',
    {
      config: { access: ['dispatcher', 'planner', 'admin'] },
      schema: {
        summary: 'The register; names are not for planners',
        tags: ['responders'],
        response: { 200: Type.Object({ responders: Type.Array(ResponderView) }) },
      },
    },
    async (request) => ({ responders: await readRegister(deps, actorOf(request)) }),
  );

  app.get(
    '/v1/calls/:callId/responders',
    {
      config: dispatching,
      schema: {
        summary: 'First responders offered for a call, or alerted to it, the soonest first',
        tags: ['responders'],
        params: AtCall,
        response: { 200: Type.Object({ responders: Type.Array(AlertView) }) },
      },
    },
    async (request) => ({ responders: await readCallResponders(deps, request.params.callId) }),
  );

  app.post(
    '/v1/calls/:callId/responder-alerts',
    {
      config: dispatching,
      schema: {
        summary:
          'Alert a first responder; asked twice it is done once. Without an answer in time the next nearest is alerted',
        tags: ['responders'],
        params: AtCall,
        body: Type.Object({ responderId: Identifier }, closed),
        response: { 201: AlertView },
      },
    },
    async (request, reply) => {
      reply.code(201);
      return alertResponder(deps, request.params.callId, request.body.responderId);
    },
  );

  for (const answer of ['accept', 'decline', 'on-scene'] as const) {
    app.post(
      `/v1/responder-alerts/:alertId/${answer}`,
      {
        config: dispatching,
        schema: {
          summary: `What the desk heard: ${answer}${answer === 'on-scene' ? '; kept apart, it stops no clock' : ''}`,
          tags: ['responders'],
          params: AtAlert,
          body: answer === 'on-scene' ? At : Nothing,
          response: { 200: AlertView },
        },
      },
      (request) => {
        const { at } = (request.body ?? {}) as { at?: string };
        const when = at === undefined ? deps.clock.now() : Date.parse(at);
        return answerAsResponder(deps, request.params.alertId, answer, when);
      },
    );
  }

  app.post(
    '/v1/responder-alerts/:alertId/stand-down',
    {
      config: dispatching,
      schema: {
        summary: 'Not needed any more',
        tags: ['responders'],
        params: AtAlert,
        body: Nothing,
        response: { 200: AlertView },
      },
    },
    (request) => standResponderDown(deps, request.params.alertId, 'desk'),
  );

  app.post(
    '/v1/responder-answers',
    {
      config: { access: 'public' },
      schema: {
        summary: 'With the key of an alert: where to go, and the answer, if one is given',
        tags: ['responders'],
        security: [],
        body: Type.Object(
          {
            key: Type.String({ minLength: 20, maxLength: 64 }),
            answer: Type.Optional(oneOf(['accept', 'decline', 'on-scene'] as const)),
          },
          closed,
        ),
        response: {
          200: Type.Object({
            status: oneOf(alertStatuses),
            callNumber: Type.Integer(),
            complaint: orNull(Type.String()),
            position: orNull(Position),
            address: orNull(Type.String()),
          }),
        },
      },
    },
    (request) => answerByKey(deps, request.body.key, request.body.answer ?? null),
  );
}
