/** Talking to the service, as whoever this page is. */
import { hearDate } from './clock.ts';
import { renewed, session } from './session.ts';

/** A refusal, by its stable code. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: number;
  readonly code: string;
  /** The whole answer (RFC 9457): `detail`, `fields`, and what the code adds. */
  // biome-ignore lint/suspicious/noExplicitAny: each code adds fields of its own
  readonly problem: any;
  // biome-ignore lint/suspicious/noExplicitAny: as above
  constructor(status: number, problem: any) {
    super(problem.code ?? String(status));
    this.status = status;
    this.code = this.message;
    this.problem = problem;
  }
}

export interface AskOptions {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** With a body it is a POST. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Gives the request up; the promise rejects with its reason. */
  readonly signal?: AbortSignal;
}

/** Longer than any answer takes; a connection that went without a word must not keep the page waiting. */
const ANSWER_WITHIN_MS = 10_000;

/**
 * One request. A token that ran out is renewed, by somebody typing one in if it has to be, and the request sent again:
 * nothing typed is lost. The caller names the answer's type.
 * @throws Refusal what the service refused; any other error means that it could not be reached
 */
export async function ask<T>(path: string, options: AskOptions = {}): Promise<T> {
  const used = session.peek();
  const answer = await send(path, options);
  if (answer.status !== 401 || !used) return read<T>(answer);
  await renewed(used);
  return read<T>(await send(path, options));
}

async function send(path: string, { body, method, headers, signal }: AskOptions): Promise<Response> {
  const token = session.peek()?.token;
  const late = AbortSignal.timeout(ANSWER_WITHIN_MS);
  const response = await fetch(path, {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    signal: signal ? AbortSignal.any([signal, late]) : late,
    headers: {
      ...(token ? { authorization: `Bearer ${token}` } : {}),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  hearDate(response.headers.get('date'));
  return response;
}

async function read<T>(response: Response): Promise<T> {
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Refusal(response.status, answer);
  return answer as T;
}

/** A path from its parts, each encoded: `pathOf('v1', 'calls', callId)`. */
export const pathOf = (...parts: readonly string[]): string => `/${parts.map(encodeURIComponent).join('/')}`;
