/** How requests are read: bodies as they are or not at all, query strings by their schema's types. */
import { isUtf8 } from 'node:buffer';
import type { FastifySchemaCompiler, FastifySchemaValidationError } from 'fastify';
import { type TSchema, Type } from 'typebox';
import { compileSchema, createAjv, fieldProblems, findUnstorable, UNSTORABLE_DETAIL } from '../domain/check.ts';
import { Problem, refuseField } from '../domain/errors.ts';
import { faultOfText } from '../domain/json-text.ts';
import type { App } from './types.ts';

/** A body that may be left out; where there is one it holds no field. */
export const Nothing = Type.Unsafe<unknown>({ additionalProperties: false });

/** What arrives in a URL or a header is text, so a number there has to be read as one. */
const coerced = createAjv({ coerceTypes: true, useDefaults: true });

const NoQuery = Type.Object({}, { additionalProperties: false });

export function registerInput(app: App): void {
  const compiler: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
    if (httpPart === 'body') return compileSchema(schema);
    const validate = coerced.compile(schema);
    return (given) =>
      validate(given) ? refuseEndless(given) : { error: validate.errors as FastifySchemaValidationError[] };
  };
  app.setValidatorCompiler(compiler);
  app.setSchemaErrorFormatter(
    (errors: FastifySchemaValidationError[], part) => new Problem('bad-request', fieldProblems(errors, part)),
  );

  // A filter nobody reads would be answered as if it had been.
  app.addHook('onRoute', ({ method, url, schema }) => {
    if (schema && !schema.querystring && String(method) === 'GET' && url.startsWith('/v1/'))
      schema.querystring = NoQuery;
  });
  app.removeAllContentTypeParsers();
  readAsJson(app, 'application/json');
  app.addHook('onRequest', (request, _reply, done) => {
    done(request.url.includes('%00') ? refuseField('path', 'holds a NUL character', 'bad-request') : undefined);
  });
}

/** Bodies of this media type are read as JSON, and refused where no JSON can be stored as it stands. */
export function readAsJson(app: App, mediaType: string): void {
  const parse = app.getDefaultJsonParser('error', 'error'); // refuses __proto__ and constructor keys
  app.addContentTypeParser(mediaType, { parseAs: 'buffer' }, (request, bytes: Buffer, done) => {
    if (bytes.length === 0) return done(null, undefined); // the schema says what is missing
    if (!isUtf8(bytes)) return done(refuseField('body', 'is not UTF-8', 'bad-request'));
    const text = bytes.toString('utf8');
    return parse(request, text, (error: Error | null, body?: unknown) => {
      if (error) return done(refuseField('body', 'is not JSON', 'bad-request'));
      const fault = faultOfText(text, body);
      if (fault !== null) return done(refuseField('body', fault, 'bad-request'));
      const at = SUSPECT.test(text) ? findUnstorable(body) : null;
      return at === null ? done(null, body) : done(refuseField(at || 'body', UNSTORABLE_DETAIL, 'bad-request'));
    });
  });
}

/** Ajv reads `1e999` and `Infinity` as numbers, and measures only finite ones against a minimum and a maximum. */
function refuseEndless(given: unknown): boolean | { error: Problem } {
  const [endless] = Object.entries(given ?? {}).find(([, value]) => value === Infinity || value === -Infinity) ?? [];
  return endless === undefined || { error: refuseField(endless, 'is too large', 'bad-request') };
}

/** Escapes that may stand for what cannot be stored; nearly every body is spared the walk through it. */
const SUSPECT = /\\u(?:0000|[dD][89a-fA-F])/;
