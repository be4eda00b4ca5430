/** Nobody answers: searches raised, accepted, answered, closed, and where somebody is likeliest to be. */
import type { preValidationHookHandler } from 'fastify';
import { Type } from 'typebox';
import type { Deps } from '../deps.ts';
import { locateStatuses, oneOf } from '../domain/vocabulary.ts';
import {
  AcceptInput,
  AnswerInput,
  DeclineInput,
  EvidenceView,
  LikelyPlaces,
  LocateRequestView,
  NoInput,
  RaiseInput,
  SurfaceView,
} from '../locate/schema.ts';
import { answerLocate, refutePlace } from '../operations/answer-locate.ts';
import { acceptLocate, closeLocate, declineLocate, searchOn } from '../operations/hold-locate.ts';
import { likelyPlaces } from '../operations/likely-places.ts';
import { raiseLocate } from '../operations/raise-locate.ts';
import { readRequest, readRequests } from '../operations/read-locate.ts';
import { actorOf } from './access.ts';
import type { App } from './types.ts';

const CallId = Type.String({ minLength: 1, maxLength: 64 });
const AtRequest = Type.Object({ locateRequestId: Type.String({ minLength: 1, maxLength: 64 }) });
const One = Type.Object({ locateRequest: LocateRequestView });
const IdempotencyKey = Type.Object({
  'idempotency-key': Type.Optional(Type.String({ pattern: '^[\\x21-\\x7e]{1,200}$' })),
});
/** A search is never held up by a limit: somebody lies behind a door. */
const concerned = { access: ['dispatcher', 'crew', 'centre', 'admin'], rateLimit: false } as const;
const raising = { access: ['dispatcher', 'crew', 'admin'], rateLimit: false } as const;
const centre = { access: ['centre'], rateLimit: false } as const;
const tags = ['locate'];
/** One press is enough: a request without a body says nothing more. */
const nothingIsEmpty: preValidationHookHandler = (request, _reply, done) => {
  request.body ??= {};
  done();
};

export function registerLocateRoutes(app: App, deps: Deps): void {
  app.post(
    '/v1/calls/:callId/locate-requests',
    {
      config: raising,
      schema: {
        summary:
          'Ask the community health centre of the place to find somebody; one search a call at a time (200: it was there)',
        tags,
        params: Type.Object({ callId: CallId }),
        headers: IdempotencyKey,
        body: RaiseInput,
        response: { 200: One, 201: One },
      },
    },
    async (request, reply) => {
      const key = request.headers['idempotency-key'] ?? null;
      const { callId } = request.params;
      const raised = await raiseLocate(deps, callId, request.body.reason, actorOf(request), key);
      reply
        .code(raised.existing ? 200 : 201)
        .header('location', `/v1/locate-requests/${raised.request.locateRequestId}`);
      return { locateRequest: raised.request };
    },
  );

  app.get(
    '/v1/locate-requests',
    {
      config: concerned,
      schema: {
        summary: 'Searches: a centre those it was asked in, a crew those of its call, the desk all',
        tags,
        querystring: Type.Object(
          { callId: Type.Optional(CallId), status: Type.Optional(oneOf(locateStatuses)) },
          { additionalProperties: false },
        ),
        response: { 200: Type.Object({ locateRequests: Type.Array(LocateRequestView) }) },
      },
    },
    async (request) => ({ locateRequests: await readRequests(deps, actorOf(request), request.query) }),
  );

  app.get(
    '/v1/locate-requests/:locateRequestId',
    {
      config: concerned,
      schema: { summary: 'One search with all its evidence', tags, params: AtRequest, response: { 200: One } },
    },
    async (request) => ({
      locateRequest: await readRequest(deps, request.params.locateRequestId, actorOf(request)),
    }),
  );

  app.post(
    '/v1/locate-requests/:locateRequestId/accept',
    {
      preValidation: nothingIsEmpty,
      config: centre,
      schema: {
        summary: 'Take it: of several centres and persons the first has it, the others get 409',
        tags,
        params: AtRequest,
        body: AcceptInput,
        response: { 200: One },
      },
    },
    async (request) => ({
      locateRequest: await acceptLocate(deps, request.params.locateRequestId, request.body, actorOf(request)),
    }),
  );

  app.post(
    '/v1/locate-requests/:locateRequestId/decline',
    {
      preValidation: nothingIsEmpty,
      config: centre,
      schema: {
        summary: 'Cannot help, or give it back: with nobody left the ladder goes on at once',
        tags,
        params: AtRequest,
        body: DeclineInput,
        response: { 200: One },
      },
    },
    async (request) => ({
      locateRequest: await declineLocate(deps, request.params.locateRequestId, request.body, actorOf(request)),
    }),
  );

  app.post(
    '/v1/locate-requests/:locateRequestId/answer',
    {
      config: centre,
      schema: {
        summary:
          'Where they are, or that they are not here; the crew’s destination follows. A second answer is kept as a comment',
        tags,
        params: AtRequest,
        body: AnswerInput,
        response: { 200: One },
      },
    },
    async (request) => ({
      locateRequest: await answerLocate(deps, request.params.locateRequestId, request.body, actorOf(request)),
    }),
  );

  app.post(
    '/v1/locate-requests/:locateRequestId/search-on',
    {
      config: raising,
      schema: {
        summary: 'Take the next step of the ladder now, also after somebody was not there',
        tags,
        params: AtRequest,
        response: { 200: One },
      },
    },
    async (request) => ({ locateRequest: await searchOn(deps, request.params.locateRequestId, actorOf(request)) }),
  );

  app.post(
    '/v1/locate-requests/:locateRequestId/close',
    {
      preValidation: nothingIsEmpty,
      config: { access: ['centre', 'dispatcher', 'admin'], rateLimit: false },
      schema: {
        summary: 'It is over; everybody who was asked is told',
        tags,
        params: AtRequest,
        body: NoInput,
        response: { 200: One },
      },
    },
    async (request) => ({ locateRequest: await closeLocate(deps, request.params.locateRequestId, actorOf(request)) }),
  );

  app.post(
    '/v1/confirmed-places/:placeId/refute',
    {
      preValidation: nothingIsEmpty,
      config: concerned,
      schema: {
        summary: 'A place somebody was said to be at was wrong: it is not brought up again',
        tags,
        params: Type.Object({ placeId: Type.String({ minLength: 1, maxLength: 64 }) }),
        body: NoInput,
        response: { 200: Type.Object({ seq: Type.Union([Type.Integer(), Type.Null()]) }) },
      },
    },
    (request) => refutePlace(deps, request.params.placeId, actorOf(request)),
  );

  app.get(
    '/v1/calls/:callId/likely-places',
    {
      config: concerned,
      schema: {
        summary: 'Where they are likeliest to be: a ranked list with confidences, and a GeoJSON surface',
        tags,
        params: Type.Object({ callId: CallId }),
        response: {
          200: Type.Object({
            ...LikelyPlaces.properties,
            evidence: Type.Array(EvidenceView),
            surface: SurfaceView,
          }),
        },
      },
    },
    async (request) => {
      const { surface, ...answer } = await likelyPlaces(deps, request.params.callId, actorOf(request));
      return { ...answer, surface: { type: surface.type, features: [...surface.features] } };
    },
  );
}
