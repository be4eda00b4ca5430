/** Calls: taken in, changed, read. */
import { Type } from 'typebox';
import {
  CallAnswer,
  CallDetail,
  CallInput,
  CallPatch,
  CallPreview,
  CrewCall,
  ListedCall,
  PreviewInput,
} from '../calls/schema.ts';
import type { Deps } from '../deps.ts';
import { Position } from '../domain/position.ts';
import { callStatuses, oneOf, travelBases } from '../domain/vocabulary.ts';
import { Identifier } from '../fleet/schema.ts';
import { previewCall } from '../operations/preview-call.ts';
import { readCall, readCalls } from '../operations/read-calls.ts';
import { readCrewTask } from '../operations/read-crew-call.ts';
import { readRoutes } from '../operations/read-routes.ts';
import { receiveCall } from '../operations/receive-call.ts';
import { updateCall } from '../operations/update-call.ts';
import { actorOf } from './access.ts';
import { IdempotencyKey, markRepeated } from './idempotency.ts';
import type { App } from './types.ts';

const CallId = Type.Object({ callId: Type.String({ minLength: 1, maxLength: 64 }) });
const dispatching = { access: ['dispatcher', 'admin'] } as const;
/** Intake is never limited: a dispatcher under load is when it matters most. */
const intake = { ...dispatching, rateLimit: false } as const;

const liveStatuses = callStatuses.filter((status) => status !== 'closed' && status !== 'cancelled');

export function registerCallRoutes(app: App, deps: Deps): void {
  app.post(
    '/v1/calls',
    {
      config: intake,
      schema: {
        summary: 'Take in a call: who it is, what they need and why, which units can be there first',
        tags: ['calls'],
        headers: IdempotencyKey,
        body: CallInput,
        response: { 201: CallAnswer },
      },
    },
    async (request, reply) => {
      const key = request.headers['idempotency-key'] ?? null;
      const { callId, answer, repeated } = await receiveCall(deps, request.body, actorOf(request), key);
      reply.code(201).header('location', `/v1/calls/${callId}`).type('application/json; charset=utf-8');
      markRepeated(reply, repeated);
      return reply.send(answer as unknown as CallAnswer); // bytes: the schema describes them and writes nothing
    },
  );

  app.patch(
    '/v1/calls/:callId',
    {
      config: intake,
      schema: {
        summary: 'New answers, place or patient: decided anew',
        tags: ['calls'],
        params: CallId,
        body: CallPatch,
        response: { 200: CallAnswer },
      },
    },
    (request) => updateCall(deps, request.params.callId, request.body, actorOf(request)),
  );

  app.get(
    '/v1/calls',
    {
      config: dispatching,
      schema: {
        summary: 'Latest calls',
        tags: ['calls'],
        querystring: Type.Object(
          {
            status: Type.Optional(oneOf(callStatuses)),
            live: Type.Optional(Type.Boolean({ description: 'only those that have not ended' })),
            limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500, default: 100 })),
          },
          { additionalProperties: false },
        ),
        response: { 200: Type.Object({ calls: Type.Array(ListedCall) }) },
      },
    },
    async (request) => {
      const { status, live = false, limit = 100 } = request.query;
      return { calls: await readCalls(deps, status ? [status] : live ? liveStatuses : null, limit) };
    },
  );

  app.get(
    '/v1/calls/:callId',
    {
      config: dispatching,
      schema: {
        summary: 'One call, what was decided, its events, and the units as they stand now',
        tags: ['calls'],
        params: CallId,
        response: {
          200: CallDetail,
        },
      },
    },
    (request) => readCall(deps, request.params.callId, actorOf(request)),
  );

  app.post(
    '/v1/call-previews',
    {
      config: intake,
      schema: {
        summary: 'What a call would be answered, as far as it was heard; files nothing',
        tags: ['calls'],
        body: PreviewInput,
        response: { 200: CallPreview },
      },
    },
    (request) => previewCall(deps, request.body, actorOf(request)),
  );

  app.get(
    '/v1/calls/:callId/routes',
    {
      config: { ...dispatching, rateLimit: false },
      schema: {
        summary: 'The ways of the units on their way there, as lines, and of one that may be sent',
        tags: ['calls'],
        params: CallId,
        querystring: Type.Object({ unitId: Type.Optional(Identifier) }, { additionalProperties: false }),
        response: {
          200: Type.Object({
            routes: Type.Array(
              Type.Object({
                unitId: Type.String(),
                etaSeconds: Type.Integer(),
                basis: oneOf(travelBases),
                points: Type.Array(Position),
              }),
            ),
          }),
        },
      },
    },
    async (request) => {
      const routes = await readRoutes(deps, request.params.callId, request.query.unitId ?? null);
      return { routes: routes.map(({ points, ...route }) => ({ ...route, points: [...points] })) };
    },
  );

  app.get(
    '/v1/units/:unitId/call',
    {
      config: { access: ['crew', 'dispatcher', 'admin'], rateLimit: false },
      schema: {
        summary: 'The call a unit is on, as its crew needs it, or where it is to wait; a crew sees its own',
        tags: ['calls'],
        params: Type.Object({ unitId: Identifier }),
        response: {
          200: Type.Object({
            unitId: Type.String(),
            call: Type.Union([CrewCall, Type.Null()]),
            waitsAt: Type.Union([Type.Object({ placeId: Type.String(), moved: Type.Boolean() }), Type.Null()]),
          }),
        },
      },
    },
    async (request) => {
      const { unitId } = request.params;
      return { unitId, ...(await readCrewTask(deps, unitId, actorOf(request))) };
    },
  );
}
