/** Whatever goes wrong leaves as an RFC 9457 problem: known causes by their code, all others without a word of their own. */
import type { Socket } from 'node:net';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { Problem } from '../domain/errors.ts';
import type { App } from './types.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The code of the refusal sent, for the log. */
    problemCode: string | null;
  }
}

const RETRY_AFTER_SECONDS = 1;

export function registerProblems(app: App): void {
  app.decorateRequest('problemCode', null);
  app.setErrorHandler((error: Error, request, reply) => {
    return sendProblem(problemOf(error, request), request, reply);
  });
  app.setNotFoundHandler({ preHandler: app.rateLimit() }, (request, reply) => {
    const path = request.url.split('?', 1)[0] ?? '';
    const offered = app.supportedMethods.filter(
      (method) => app.findRoute({ method: method as 'GET', url: path }) !== null,
    );
    if (offered.length) reply.header('allow', offered.join(', '));
    return sendProblem(new Problem(offered.length ? 'method-not-allowed' : 'not-found'), request, reply);
  });
}

/** What went wrong in a request, with a line in the log where it is for us to look at. */
export function problemOf(error: Error, request: FastifyRequest): Problem {
  // A client that went away in the middle of its body is no fault of the database, whose lost connections look the same.
  const gone = error === request.raw.errored;
  if (gone) request.log.info('the client went away before its body ended');
  const problem = gone ? new Problem('bad-request', [], { cause: error }) : toProblem(error);
  if (problem.status >= 500) request.log[problem.status === 500 ? 'error' : 'warn']({ err: error }, problem.code);
  return problem;
}

/** Status and headers of a refusal, whatever its body is written in. */
export function announceProblem(problem: Problem, request: FastifyRequest, reply: FastifyReply): void {
  request.problemCode = problem.code;
  if (problem.status === 401) reply.header('www-authenticate', 'Bearer');
  if (problem.status === 503) reply.header('retry-after', RETRY_AFTER_SECONDS);
  reply.code(problem.status);
}

/** Sends `problem` as the answer. */
export function sendProblem(problem: Problem, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  announceProblem(problem, request, reply);
  const body = JSON.stringify({ ...problem.toJSON(), instance: `urn:request:${request.id}` });
  // As bytes, because to text Fastify would add a charset, which the media type does not have.
  return reply.header('content-type', 'application/problem+json').send(Buffer.from(body));
}

/** The router's: `%` without its figures, or a parameter too long. */
const PATH_ERRORS = new Set(['FST_ERR_BAD_URL', 'FST_ERR_MAX_PARAM_LENGTH']);

/** The refusal an error means to the client. Unknown ones become `internal`, so that no text of theirs can leave. */
export function toProblem(error: Error): Problem {
  if (error instanceof Problem) return error;
  const { code = '', statusCode } = error as FastifyError;
  switch (code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new Problem('body-too-large', [], { cause: error });
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return new Problem('unsupported-media-type', [], { cause: error });
    // PostgreSQL's word for a deadlock: rolled back for the other's sake, nothing of it is stored.
    case '40P01':
      return new Problem('crossed', [], { cause: error });
  }
  if (PATH_ERRORS.has(code))
    return new Problem('bad-request', [{ field: 'path', detail: 'cannot be read' }], { cause: error });
  if (isDatabaseDown(error)) return new Problem('database-unavailable', [], { cause: error });
  if (code.startsWith('FST_ERR_') && statusCode !== undefined && statusCode < 500) {
    return new Problem('bad-request', [], { cause: error });
  }
  return new Problem('internal', [], { cause: error });
}

/**
 * The server is gone, going, full, or not a primary: SQLSTATE 08 connection, 53 resources, 57P0 shutting down,
 * 57014 statement timeout, 25006 read-only after a fail-over.
 */
const DOWN_STATES = /^(?:08|53|57P0|57014$|25006$)/;
const DOWN_ERRNO = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);
/** The driver's own failures carry no code. */
const DOWN_MESSAGES =
  /^(?:Connection terminated|Query read timeout|Client has encountered a connection error|Client was closed|timeout exceeded when trying to connect|Cannot use a pool after calling end)/;

export function isDatabaseDown(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code } = error as { readonly code?: unknown };
  if (typeof code === 'string' && (DOWN_STATES.test(code) || DOWN_ERRNO.has(code))) return true;
  return DOWN_MESSAGES.test(error.message) || isDatabaseDown(error.cause);
}

/** What could not even be read as a request: answered on the bare socket, then closed. */
export function answerBrokenRequest(error: Error & { readonly code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const problem = new Problem(brokenRequestCodes[error.code ?? ''] ?? 'bad-request');
  const body = JSON.stringify(problem.toJSON());
  socket.end(
    `HTTP/1.1 ${problem.status} Refused\r\ncontent-type: application/problem+json\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
}

const brokenRequestCodes: Readonly<Record<string, 'headers-too-large' | 'request-timeout'>> = {
  HPE_HEADER_OVERFLOW: 'headers-too-large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request-timeout',
};
