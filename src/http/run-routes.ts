/** A call lived through: units sent and stood down, what crews report, the end of it. */
import { Type } from 'typebox';
import type { Deps } from '../deps.ts';
import { Problem } from '../domain/errors.ts';
import { runPoints } from '../domain/run.ts';
import { oneOf, unitStatuses } from '../domain/vocabulary.ts';
import { Identifier } from '../fleet/schema.ts';
import { assignUnit, standDown } from '../operations/assign-unit.ts';
import { endCall, reportResponder } from '../operations/end-call.ts';
import { reportStatus, reportTimePoint } from '../operations/report-time-point.ts';
import { actorOf } from './access.ts';
import { IdempotencyKey, keyedRequest, markRepeated } from './idempotency.ts';
import type { App } from './types.ts';

const closed = { additionalProperties: false } as const;
const CallId = Type.String({ minLength: 1, maxLength: 64 });
const AtCall = Type.Object({ callId: CallId });
const AtUnit = Type.Object({ unitId: Identifier });
const Instant = Type.String({ format: 'date-time' });
const Seq = Type.Object({ seq: Type.Union([Type.Integer(), Type.Null()]) });
const Reason = Type.Object({ reason: Type.String({ minLength: 1, maxLength: 1000 }) }, closed);
const Reported = Type.Object({
  unitId: Type.String(),
  status: oneOf(unitStatuses),
  callId: Type.Union([Type.String(), Type.Null()]),
  flags: Type.Array(Type.String(), { description: 'late, repeated, contradicts-earlier, out-of-order, after-end' }),
  seq: Type.Union([Type.Integer(), Type.Null()]),
});
const Assigned = Type.Object({
  callId: Type.String(),
  unitId: Type.String(),
  assignedAt: Type.String(),
  shortfalls: Type.Array(Type.String()),
  predictedOnSceneAt: Type.Union([Type.String(), Type.Null()]),
  seq: Type.Integer(),
});
const dispatching = { access: ['dispatcher', 'admin'], rateLimit: false } as const;
const reporting = { access: ['crew', 'dispatcher', 'admin'], rateLimit: false } as const;

export function registerRunRoutes(app: App, deps: Deps): void {
  app.post(
    '/v1/calls/:callId/assignments',
    {
      config: dispatching,
      schema: {
        summary: 'Send a unit; of several dispatchers one has it, the others get fresh candidates (409)',
        tags: ['run'],
        params: AtCall,
        headers: IdempotencyKey,
        body: Type.Object(
          { unitId: Identifier, overrideReason: Type.Optional(Type.String({ minLength: 1, maxLength: 500 })) },
          closed,
        ),
        response: { 201: Assigned },
      },
    },
    async (request, reply) => {
      const asked = keyedRequest(request);
      const result = await assignUnit(deps, request.params.callId, request.body, actorOf(request), asked);
      if (result.outcome === 'unit-not-available') {
        const units = result.units.map((unit) => ({ ...unit }));
        throw new Problem('unit-not-available', [], { extra: { units } });
      }
      markRepeated(reply.code(201), result.repeated);
      return { ...result.assignment, shortfalls: [...result.assignment.shortfalls] };
    },
  );

  app.delete(
    '/v1/calls/:callId/assignments/:unitId',
    {
      config: dispatching,
      schema: {
        summary: 'Stand a unit down',
        tags: ['run'],
        params: Type.Object({ callId: CallId, unitId: Identifier }),
        response: { 200: Seq },
      },
    },
    (request) => standDown(deps, request.params.callId, request.params.unitId, actorOf(request)),
  );

  for (const [path, ending] of [
    ['close', 'closed'],
    ['cancel', 'cancelled'],
  ] as const) {
    app.post(
      `/v1/calls/:callId/${path}`,
      {
        config: dispatching,
        schema: {
          summary: `The call is ${ending}; units still on it are stood down`,
          tags: ['run'],
          params: AtCall,
          headers: IdempotencyKey,
          body: Reason,
          response: { 200: Seq },
        },
      },
      async (request, reply) => {
        const { callId } = request.params;
        const actor = actorOf(request);
        const { answer, repeated } = await endCall(
          deps,
          callId,
          ending,
          request.body.reason,
          actor,
          keyedRequest(request),
        );
        markRepeated(reply, repeated);
        return answer;
      },
    );
  }

  app.post(
    '/v1/calls/:callId/responder-arrivals',
    {
      config: dispatching,
      schema: {
        summary: 'A fire crew, volunteer or defibrillator is there: kept apart, it stops no clock',
        tags: ['run'],
        params: AtCall,
        headers: IdempotencyKey,
        body: Type.Object(
          {
            responderId: Identifier,
            kind: oneOf(['micro-fire-station', 'fire-station', 'volunteer', 'defibrillator'] as const),
            at: Instant,
          },
          closed,
        ),
        response: { 200: Seq },
      },
    },
    async (request, reply) => {
      const responder = { ...request.body, at: Date.parse(request.body.at) };
      const { answer, repeated } = await reportResponder(deps, request.params.callId, responder, keyedRequest(request));
      markRepeated(reply, repeated);
      return answer;
    },
  );

  app.post(
    '/v1/units/:unitId/status',
    {
      config: reporting,
      schema: {
        summary: 'A unit reports its status; a jump the machine does not allow is 409 with what is',
        tags: ['run'],
        params: AtUnit,
        headers: IdempotencyKey,
        body: Type.Object({ status: oneOf(unitStatuses), at: Type.Optional(Instant) }, closed),
        response: { 200: Reported },
      },
    },
    async (request, reply) => {
      const { status, at } = request.body;
      const when = at === undefined ? deps.clock.now() : Date.parse(at);
      const { answer, repeated } = await reportStatus(
        deps,
        request.params.unitId,
        { status, at: when },
        actorOf(request),
        keyedRequest(request),
      );
      markRepeated(reply, repeated);
      return { ...answer, flags: [...answer.flags] };
    },
  );

  app.post(
    '/v1/units/:unitId/time-points',
    {
      config: reporting,
      schema: {
        summary: 'A unit reports a point of its run, in any order, however late: kept with when it was heard',
        tags: ['run'],
        params: AtUnit,
        headers: IdempotencyKey,
        body: Type.Object({ callId: CallId, point: oneOf(runPoints), at: Instant }, closed),
        response: { 200: Reported },
      },
    },
    async (request, reply) => {
      const { callId, point, at } = request.body;
      const report = { callId, point, at: Date.parse(at) };
      const { answer, repeated } = await reportTimePoint(
        deps,
        request.params.unitId,
        report,
        actorOf(request),
        keyedRequest(request),
      );
      markRepeated(reply, repeated);
      return { ...answer, flags: [...answer.flags] };
    },
  );
}
