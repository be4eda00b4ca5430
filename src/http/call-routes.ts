/** Calls: taken in, changed, read. */
import { Type } from 'typebox';
import { CallAnswer, CallInput, CallPatch, ListedCall } from '../calls/schema.ts';
import type { Deps } from '../deps.ts';
import { callStatuses, oneOf } from '../domain/vocabulary.ts';
import { readCall, readCalls } from '../operations/read-calls.ts';
import { receiveCall } from '../operations/receive-call.ts';
import { updateCall } from '../operations/update-call.ts';
import { actorOf } from './access.ts';
import { IdempotencyKey, markRepeated } from './idempotency.ts';
import type { App } from './types.ts';

const CallId = Type.Object({ callId: Type.String({ minLength: 1, maxLength: 64 }) });
const Event = Type.Object({ seq: Type.Integer(), type: Type.String(), at: Type.String(), data: Type.Unknown() });
const Nullable = Type.Union([Type.String(), Type.Null()]);
const Assignment = Type.Object({
  unitId: Type.String(),
  assignedAt: Type.String(),
  shortfalls: Type.Array(Type.String()),
  overridden: Type.Boolean(),
  predictedOnSceneAt: Nullable,
  endedAt: Nullable,
  ending: Nullable,
});
const Report = Type.Object({
  unitId: Nullable,
  point: Type.String(),
  at: Type.String(),
  heardAt: Type.String(),
  flags: Type.Array(Type.String()),
  counts: Type.Boolean(),
});
const dispatching = { access: ['dispatcher', 'admin'] } as const;
/** Intake is never limited: a dispatcher under load is when it matters most. */
const intake = { ...dispatching, rateLimit: false } as const;

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
            limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500, default: 100 })),
          },
          { additionalProperties: false },
        ),
        response: { 200: Type.Object({ calls: Type.Array(ListedCall) }) },
      },
    },
    async (request) => {
      const { status, limit = 100 } = request.query;
      return { calls: await readCalls(deps, status ? [status] : null, limit) };
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
          200: Type.Object({
            ...CallAnswer.properties,
            events: Type.Array(Event),
            assignments: Type.Array(Assignment),
            reports: Type.Array(Report),
          }),
        },
      },
    },
    (request) => readCall(deps, request.params.callId, actorOf(request)),
  );
}
