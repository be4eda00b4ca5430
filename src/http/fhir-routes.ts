/** FHIR R4 over HTTP: filing by Bundle, reading by id, the patient's summary; errors are OperationOutcomes. */
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { FHIR_JSON, outcomeOf, responseBundle } from '../care/fhir/answers.ts';
import { ENTRIES_AT_MOST } from '../care/fhir/bundle.ts';
import { capabilityStatement } from '../care/fhir/capability.ts';
import { FHIR_ID } from '../care/fhir/ids.ts';
import { namesCall } from '../care/fhir/read-outcome.ts';
import { isSearchType, readSearch, type Search } from '../care/fhir/search.ts';
import type { Deps } from '../deps.ts';
import { Problem, refuseField } from '../domain/errors.ts';
import { rfc3339 } from '../domain/time.ts';
import { oneOf } from '../domain/vocabulary.ts';
import { fileBundle } from '../operations/file-fhir-bundle.ts';
import { readEverything, readResource, readSummary } from '../operations/read-fhir.ts';
import { receiveOutcomeBundle } from '../operations/receive-fhir-outcome.ts';
import { searchResources } from '../operations/search-fhir.ts';
import { actorOf } from './access.ts';
import { readAsJson } from './input.ts';
import { announceProblem, problemOf } from './problems.ts';
import type { App } from './types.ts';

/** A lifetime of one patient is a megabyte; several hundred patients fit. */
const LARGEST_BUNDLE_BYTES = 16 * 1024 ** 2;
const ACCEPTED = `${FHIR_JSON} or application/json`;

/** FHIR lets resources carry what a server does not read; the Bundle's entries are judged one by one. */
const open = { additionalProperties: true } as const;
const BundleInput = Type.Object(
  {
    resourceType: oneOf(['Bundle'] as const),
    type: oneOf(['transaction', 'batch'] as const),
    entry: Type.Array(
      Type.Object(
        {
          fullUrl: Type.Optional(Type.String()),
          resource: Type.Object({ resourceType: Type.String() }, open),
          request: Type.Object({ method: oneOf(['POST', 'PUT'] as const), url: Type.String() }, open),
        },
        open,
      ),
      { minItems: 1, maxItems: ENTRIES_AT_MOST },
    ),
  },
  { ...open, description: 'FHIR R4 Bundle, transaction or batch' },
);
const IdempotencyKey = Type.Object({
  'idempotency-key': Type.Optional(Type.String({ pattern: '^[\\x21-\\x7e]{1,200}$' })),
});
const CallId = Type.Optional(
  Type.String({ maxLength: 64, description: 'for dispatchers: the live call it is read for' }),
);
const Id = Type.String({ pattern: FHIR_ID.source });
const Format = Type.Object({ _format: Type.Optional(Type.String({ maxLength: 60 })) }, { additionalProperties: false });
const ReadQuery = Type.Object({ ...Format.properties, callId: CallId }, { additionalProperties: false });
const ResourceTypeName = Type.String({ pattern: '^[A-Z][A-Za-z]{1,60}$' });
const FORM = 'application/x-www-form-urlencoded';
const LONGEST_FORM_BYTES = 16 * 1024;
const readers = ['registry', 'dispatcher', 'crew', 'hospital', 'doctor', 'admin'] as const;

export function registerFhirRoutes(app: App, deps: Deps): void {
  app.register(
    async (plain) => {
      const scope: App = plain.withTypeProvider<TypeBoxTypeProvider>();
      readAsJson(scope, FHIR_JSON);
      // What a Bundle holds is judged where it is filed, which says the place in the Bundle's own terms.
      const compile = app.validatorCompiler;
      scope.setValidatorCompiler((route) => (route.httpPart === 'body' || !compile ? () => true : compile(route)));
      scope.addHook('onRequest', (request, _reply, done) => done(refuseFormat(request)));
      scope.addHook('preSerialization', async (_request, reply, payload) => {
        reply.type(`${FHIR_JSON}; fhirVersion=4.0; charset=utf-8`);
        return payload;
      });
      scope.setErrorHandler((error: Error, request, reply) => sendOutcome(problemOf(error, request), request, reply));
      scope.setNotFoundHandler((request, reply) => sendOutcome(new Problem('not-found'), request, reply));

      scope.post(
        '',
        {
          config: { access: ['registry', 'hospital', 'admin'] },
          bodyLimit: LARGEST_BUNDLE_BYTES,
          schema: {
            summary: 'Registries file histories by Bundle, all or nothing; hospitals report what became of a call',
            tags: ['fhir'],
            consumes: [FHIR_JSON, 'application/json'],
            headers: IdempotencyKey,
            querystring: Format,
            body: BundleInput,
          },
        },
        async (request) => {
          const actor = actorOf(request);
          const at = rfc3339(deps.clock.now());
          if (actor.role === 'hospital' || (actor.role === 'admin' && namesCall(request.body))) {
            const key = request.headers['idempotency-key'] ?? null;
            return responseBundle('transaction', await receiveOutcomeBundle(deps, request.body, actor, key), at);
          }
          const { type, entries } = await fileBundle(deps, request.body);
          return responseBundle(type, entries, at);
        },
      );

      scope.get(
        '/metadata',
        {
          config: { access: 'public' },
          schema: { summary: 'What this FHIR server offers', tags: ['fhir'], querystring: Format },
        },
        async (request) => capabilityStatement(baseOf(request)),
      );

      scope.get(
        '/Patient/:id/$everything',
        {
          config: { access: readers },
          schema: {
            summary: 'All that is known of a patient: filed, learned, calls, care, outcomes, follow-up',
            tags: ['fhir'],
            params: Type.Object({ id: Id }),
            querystring: ReadQuery,
          },
        },
        (request) =>
          readEverything(deps, request.params.id, actorOf(request), baseOf(request), request.query.callId ?? null),
      );

      scope.get(
        '/Patient/:id/$summary',
        {
          config: { access: readers },
          schema: {
            summary: 'International Patient Summary: a document for whoever meets the patient next',
            tags: ['fhir'],
            params: Type.Object({ id: Id }),
            querystring: ReadQuery,
          },
        },
        (request) =>
          readSummary(deps, request.params.id, actorOf(request), baseOf(request), request.query.callId ?? null),
      );

      scope.get(
        '/:type',
        {
          config: { access: readers },
          schema: {
            summary: 'Search: a patient’s resources of one type; what identifies a person goes by POST to _search',
            tags: ['fhir'],
            params: Type.Object({ type: ResourceTypeName }),
            querystring: Type.Object({}, { ...open, description: 'as in GET /fhir/metadata' }),
          },
        },
        (request) => {
          const query = new URLSearchParams(request.raw.url?.split('?', 2)[1] ?? '');
          return searchResources(deps, searchOf(request, [...query], true), actorOf(request), baseOf(request));
        },
      );

      scope.register(async (form) => {
        form.removeAllContentTypeParsers();
        form.addContentTypeParser(FORM, { parseAs: 'string', bodyLimit: LONGEST_FORM_BYTES }, (_request, body, done) =>
          done(null, new URLSearchParams(body as string)),
        );
        form.withTypeProvider<TypeBoxTypeProvider>().post(
          '/:type/_search',
          {
            config: { access: readers },
            schema: {
              summary: 'Search by a form: a patient’s resources of one type, or patients by identifier',
              tags: ['fhir'],
              consumes: [FORM],
              params: Type.Object({ type: ResourceTypeName }),
              querystring: Format,
              body: Type.Object({}, { ...open, description: 'as in GET /fhir/metadata' }),
            },
          },
          (request) => {
            const given = request.body as unknown;
            const form = given instanceof URLSearchParams ? [...given] : [];
            if (form.some(([name, value]) => `${name}${value}`.includes('\0')))
              throw refuseField('body', 'holds a NUL character', 'bad-request');
            return searchResources(deps, searchOf(request, form, false), actorOf(request), baseOf(request));
          },
        );
      });

      scope.get(
        '/:type/:id',
        {
          config: { access: readers },
          schema: {
            summary: 'One resource',
            tags: ['fhir'],
            params: Type.Object({ type: ResourceTypeName, id: Id }),
            querystring: ReadQuery,
          },
        },
        (request) => {
          const { type, id } = request.params;
          return readResource(deps, type, id, actorOf(request), request.query.callId ?? null);
        },
      );
    },
    { prefix: '/fhir' },
  );
}

const baseOf = ({ protocol, host }: FastifyRequest): string => `${protocol}://${host}/fhir`;

function searchOf(
  { params, headers }: FastifyRequest,
  given: readonly (readonly [string, string])[],
  isInUrl: boolean,
): Search {
  const { type } = params as { readonly type: string };
  if (!isSearchType(type)) throw new Problem('not-found');
  return readSearch(type, given, { isInUrl, isLenient: /handling=lenient/i.test(String(headers.prefer ?? '')) });
}

const json = /^(?:\*\/\*|application\/(?:\*|json|fhir\+json|json\+fhir))$/i;
const jsonFormat = /^(?:json|application\/(?:json|fhir[+ ]json))$/i;

/** Only JSON is spoken here; who asks for nothing but something else is told, before anything is done. */
function refuseFormat({ headers: { accept }, query }: FastifyRequest): Problem | undefined {
  const { _format } = query as { readonly _format?: unknown };
  const detail = `only ${ACCEPTED} is offered`;
  if (_format !== undefined)
    return jsonFormat.test(String(_format)) ? undefined : refuseField('_format', detail, 'not-acceptable');
  if (!accept) return undefined;
  const offered = accept.split(',').some((range) => json.test((range.split(';', 1)[0] as string).trim()));
  return offered ? undefined : refuseField('Accept', detail, 'not-acceptable');
}

function sendOutcome(given: Problem, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const unread = given.code === 'unsupported-media-type';
  const problem = unread
    ? refuseField(
        'Content-Type',
        `has to be ${request.url.includes('/_search') ? FORM : ACCEPTED}; XML is not read here`,
        given.code,
      )
    : given;
  if (unread) reply.header('accept', `${FHIR_JSON}, application/json`);
  announceProblem(problem, request, reply);
  const body = JSON.stringify(outcomeOf(problem));
  return reply.type(`${FHIR_JSON}; fhirVersion=4.0; charset=utf-8`).send(Buffer.from(body));
}
