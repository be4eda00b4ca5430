/** Logs without personal data: routes instead of URLs, error kinds instead of texts that may quote a value. */
import { type FastifyReply, type FastifyRequest, LogController } from 'fastify';
import { type DestinationStream, destination, type Logger, pino } from 'pino';

/** What no log line may show, wherever a careless line puts it. */
const CENSORED = ['authorization', 'token', 'ticket', 'phone', 'phones', 'idNumber', 'name', 'address', 'body'];

/** Structured log, one JSON object a line, to standard output without holding up the service. */
export function createLog(level: string, stream: DestinationStream = destination({ dest: 1, sync: false })): Logger {
  return pino(
    {
      level,
      base: null,
      serializers: { err: describeError, error: describeError, req: describeRequest, res: describeReply },
      redact: { paths: CENSORED.flatMap((name) => [name, `*.${name}`]), censor: '[redacted]' },
    },
    stream,
  );
}

/** One line a request, when it is answered. */
export class RequestLog extends LogController {
  override incomingRequest(): void {}
  override routeNotFound(): void {}

  override requestCompleted(error: Error | null | undefined, request: FastifyRequest, reply: FastifyReply): void {
    const line = {
      ...describeRequest(request),
      status: reply.statusCode,
      milliseconds: Math.round(reply.elapsedTime * 10) / 10,
      ...(request.actor ? { role: request.actor.role } : {}),
      ...(request.problemCode ? { code: request.problemCode } : {}),
      ...(error ? { err: error } : {}),
    };
    request.log[error ? 'error' : 'info'](line, 'answered');
  }
}

function describeRequest(request: FastifyRequest) {
  return { method: request.method, route: request.is404 ? 'unmatched' : (request.routeOptions?.url ?? 'unmatched') };
}

const describeReply = (reply: FastifyReply) => ({ status: reply.statusCode });

/**
 * Kind, code and place of an error. Its message only where the engine or the operating system wrote it: a driver's or a
 * parser's may quote what was being stored.
 */
export function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return { kind: typeof error };
  const { code, syscall, constraint, table } = error as unknown as Readonly<Record<string, unknown>>;
  const safe = syscall !== undefined || (code === undefined && /^(?:Type|Range|Reference)Error$/.test(error.name));
  return {
    kind: error.name,
    ...(code === undefined ? {} : { code }),
    ...(constraint === undefined ? {} : { table, constraint }),
    ...(safe ? { message: error.message } : {}),
    stack: error.stack?.split('\n').filter((line) => /^\s+at /.test(line)).slice(0, 12).map((line) => line.trim()),
    ...(error.cause instanceof Error ? { cause: describeError(error.cause) } : {}),
  };
}
