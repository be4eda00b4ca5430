/** Two ways to put load on a service: as fast as it answers, and at a fixed rate whatever it answers. */
import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import autocannon from 'autocannon';
import type { PostedCall } from './calls.ts';
import { seededRandom } from './random.ts';

export interface Target {
  /** Without a slash at the end. */
  readonly url: string;
  /** Sent as a bearer token where there is one. */
  readonly token?: string;
  readonly next: () => PostedCall;
}

const headersOf = ({ token }: Target, { idempotencyKey }: PostedCall) => ({
  'content-type': 'application/json',
  'idempotency-key': idempotencyKey,
  ...(token ? { authorization: `Bearer ${token}` } : {}),
});

export interface Flood {
  readonly connections: number;
  /** Ends after so many seconds, or after so many calls. */
  readonly seconds?: number;
  readonly calls?: number;
}

export interface Flooded {
  readonly calls: number;
  readonly perSecond: number;
}

/** Calls answered over `connections` that each post their next call when the last is answered. */
export async function flood(target: Target, { connections, seconds, calls }: Flood): Promise<Flooded> {
  const result = await autocannon({
    url: `${target.url}/v1/calls`,
    method: 'POST',
    connections,
    ...(calls ? { amount: calls } : { duration: seconds ?? 5 }),
    requests: [
      {
        setupRequest: (request) => {
          const call = target.next();
          return { ...request, body: call.body, headers: headersOf(target, call) };
        },
      },
    ],
  });
  const failed = result.non2xx + result.errors + result.timeouts;
  if (failed) throw new Error(`${failed} of ${result.requests.sent} calls to ${target.url} failed`);
  return { calls: result['2xx'], perSecond: result['2xx'] / result.duration };
}

/**
 * Milliseconds each call waited for its answer, calls arriving at random (Poisson) at `perSecond`. Arrivals do not wait
 * for answers, as callers do not; autocannon's own rate limit sends each second's share at once.
 */
export async function arrive(
  target: Target,
  { perSecond, seconds }: { perSecond: number; seconds: number },
): Promise<number[]> {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 50 });
  const random = seededRandom(perSecond);
  const answers: Promise<number>[] = [];
  const started = performance.now();
  let due = 0;
  while (due < seconds * 1000) {
    const wait = started + due - performance.now();
    if (wait > 0) await sleep(wait);
    answers.push(post(target, agent));
    due -= Math.log(1 - random.next()) * (1000 / perSecond);
  }
  const waited = await Promise.all(answers);
  agent.destroy();
  return waited;
}

function post(target: Target, agent: http.Agent): Promise<number> {
  const call = target.next();
  return new Promise((resolve, reject) => {
    const started = performance.now();
    const request = http.request(
      `${target.url}/v1/calls`,
      {
        method: 'POST',
        agent,
        headers: { ...headersOf(target, call), 'content-length': Buffer.byteLength(call.body) },
      },
      (response) => {
        response.resume();
        response.once('end', () => {
          if (response.statusCode === 201) resolve(performance.now() - started);
          else reject(new Error(`${target.url} answered ${response.statusCode}`));
        });
      },
    );
    request.once('error', reject);
    request.end(call.body);
  });
}
