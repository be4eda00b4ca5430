/** FHIR R4 over HTTP: filing by Bundle, reading by id, the patient's summary; errors are OperationOutcomes. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { FHIR_JSON, outcomeOf, responseBundle } from '../care/fhir/answers.ts';
import { ENTRIES_AT_MOST } from '../care/fhir/bundle.ts';
import { capabilityStatement } from '../care/fhir/capability.ts';
import type { Deps } from '../deps.ts';
import { Problem, refuseField } from '../domain/errors.ts';
import { rfc3339 } from '../domain/time.ts';
import { oneOf } from '../domain/vocabulary.ts';
import { fileBundle } from '../operations/file-fhir-bundle.ts';
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
const Format = Type.Object({ _format: Type.Optional(Type.String({ maxLength: 60 })) }, { additionalProperties: false });

export function registerFhirRoutes(app: App, deps: Deps): void {
  app.register(
    async (scope) => {
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
          config: { access: ['registry', 'admin'] },
          bodyLimit: LARGEST_BUNDLE_BYTES,
          schema: {
            summary: 'File histories by Bundle (transaction: all or nothing)',
            tags: ['fhir'],
            consumes: [FHIR_JSON, 'application/json'],
            querystring: Format,
            body: BundleInput,
          },
        },
        async (request) => {
          const { type, entries } = await fileBundle(deps, request.body);
          return responseBundle(type, entries, rfc3339(deps.clock.now()));
        },
      );

      scope.get(
        '/metadata',
        {
          config: { access: 'public' },
          schema: { summary: 'What this FHIR server offers', tags: ['fhir'], querystring: Format },
        },
        async (request) => capabilityStatement(`${request.protocol}://${request.host}/fhir`),
      );
    },
    { prefix: '/fhir' },
  );
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
    ? refuseField('Content-Type', `has to be ${ACCEPTED}; XML is not read here`, given.code)
    : given;
  if (unread) reply.header('accept', `${FHIR_JSON}, application/json`);
  announceProblem(problem, request, reply);
  const body = JSON.stringify(outcomeOf(problem));
  return reply.type(`${FHIR_JSON}; fhirVersion=4.0; charset=utf-8`).send(Buffer.from(body));
}
