/** Talking to the service: the token stays in this tab, and the service's clock is the one that counts. */

const TOKEN = 'precision-dispatch.token';

/** A refusal, by its stable code. */
export class Refusal extends Error {
  /** @param {number} status @param {any} problem */
  constructor(status, problem) {
    super(problem.code ?? String(status));
    this.status = status;
    this.code = this.message;
    this.problem = problem;
  }
}

/** Longer than any answer takes; a connection that went without a word must not keep the page waiting. */
const ANSWER_WITHIN_MS = 10_000;

let token = sessionStorage.getItem(TOKEN);
let clockAheadMs = 0;

/** Milliseconds since the epoch by the service's clock. */
export const serviceNow = () => Date.now() + clockAheadMs;

/** The service said what time it is there. @param {string} instant RFC 3339 */
export function hearTime(instant) {
  clockAheadMs = Date.parse(instant) - Date.now();
}

export const hasToken = () => token !== null;

/** @param {string | null} given */
export function keepToken(given) {
  token = given;
  if (given === null) sessionStorage.removeItem(TOKEN);
  else sessionStorage.setItem(TOKEN, given);
}

/**
 * @param {string} path
 * @param {{ method?: string, body?: unknown, headers?: Record<string, string> }} [options] with a body it is a POST
 * @returns {Promise<any>} the answer
 * @throws {Refusal} what the service refused; any other error means that it could not be reached
 */
export async function ask(path, { body, method = body === undefined ? 'GET' : 'POST', headers } = {}) {
  const response = await fetch(path, {
    method,
    signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    headers: {
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const date = Date.parse(response.headers.get('date') ?? '');
  // The header is cut to the second; half of one is its mean error, and following it further would make clocks jump.
  const aheadMs = date + 500 - Date.now();
  if (Math.abs(aheadMs - clockAheadMs) > 1_500) clockAheadMs = aheadMs;
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Refusal(response.status, answer);
  return answer;
}

/**
 * A token for a role of one's choice: offered by the demonstration only, and only to this machine.
 * @param {string} role
 * @returns {Promise<boolean>} whether there is one
 */
export async function openDemoSession(role) {
  try {
    const session = await ask('/v1/demo-session', { body: { role } });
    keepToken(session.token);
    return true;
  } catch (error) {
    if (error instanceof Refusal && error.status < 500) return false;
    throw error;
  }
}
