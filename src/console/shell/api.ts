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
  /** With a body it is a POST; a `Blob` goes as it is, anything else as JSON. */
  readonly body?: unknown;
  /** How long an answer may take, where it is more than usual: a picture over a thin line. */
  readonly withinMs?: number;
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
export const ask = async <T>(path: string, options: AskOptions = {}): Promise<T> =>
  read<T>(await answer(path, options));

/** The same for what is no JSON: a picture, a document. */
export async function askForFile(path: string): Promise<Blob> {
  const response = await answer(path, { withinMs: 60_000 });
  return response.ok ? response.blob() : read<Blob>(response);
}

async function answer(path: string, options: AskOptions): Promise<Response> {
  const used = session.peek();
  const first = await send(path, options);
  if (first.status !== 401 || !used) return first;
  await renewed(used);
  return send(path, options);
}

async function send(path: string, { body, method, headers, signal, withinMs }: AskOptions): Promise<Response> {
  const token = session.peek()?.token;
  const late = AbortSignal.timeout(withinMs ?? ANSWER_WITHIN_MS);
  const response = await fetch(path, {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    signal: signal ? AbortSignal.any([signal, late]) : late,
    headers: {
      ...(token ? { authorization: `Bearer ${token}` } : {}),
      ...(body === undefined ? {} : { 'content-type': body instanceof Blob ? body.type : 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: body instanceof Blob ? body : JSON.stringify(body) }),
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
