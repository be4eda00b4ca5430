/** Centres with their pages open, silent calls, and searches raised for them at random or all at once. */
import http from 'node:http';
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Resident } from '../src/residents/schema.ts';
import { sampleResidents } from './calls.ts';
import { SEED } from './ground.ts';
import { tokenFor } from './load.ts';
import { type Random, seededRandom } from './random.ts';

const RINGS_WITHIN_SECONDS = 60;
const AT_ONCE = 50;

interface Answer {
  readonly status: number;
  readonly milliseconds: number;
  // biome-ignore lint/suspicious/noExplicitAny: looked into field by field
  readonly body: any;
}

/** Milliseconds since the epoch, finer than a millisecond: sender, service and centres share the machine's clock. */
const now = () => performance.timeOrigin + performance.now();

/** The pages of all centres: when which search rang. */
export class Desks {
  readonly #sockets: { terminate(): void }[] = [];
  /** By call: milliseconds since the epoch, and from when the service took it. */
  readonly rang = new Map<string, { readonly at: number; readonly raisedAt: number; readonly times: number }>();

  async open(url: string, centres: number): Promise<void> {
    const WebSocket = createRequire(import.meta.url)('ws');
    for (let i = 0; i < centres; i++) {
      const headers = { authorization: `Bearer ${await tokenFor('centre', `c-${i}`)}` };
      const socket = new WebSocket(`${url.replace('http', 'ws')}/v1/live`, { headers });
      socket.on('message', (data: Buffer) => this.#hear(data.toString(), `c-${i}`));
      this.#sockets.push(socket);
      await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    }
  }

  #hear(text: string, centreId: string): void {
    const at = now();
    if (!text.includes('"locate.requested"')) return;
    const { callId, at: raisedAt, data } = JSON.parse(text);
    if (data.communityCentreId !== centreId) return;
    const times = (this.rang.get(callId)?.times ?? 0) + 1;
    this.rang.set(callId, { at, raisedAt: Date.parse(raisedAt), times });
  }

  async until(count: number): Promise<void> {
    const deadline = Date.now() + RINGS_WITHIN_SECONDS * 1000;
    while (this.rang.size < count && Date.now() < deadline) await sleep(20);
  }

  close(): void {
    for (const socket of this.#sockets) socket.terminate();
  }
}

type Ask = (role: 'admin' | 'dispatcher', method: string, path: string, body?: unknown) => Promise<Answer>;

export async function asker(url: string, agent: http.Agent): Promise<Ask> {
  const tokens = { admin: await tokenFor('admin'), dispatcher: await tokenFor('dispatcher') };
  return (role, method, path, body) =>
    new Promise((resolve, reject) => {
      const started = performance.now();
      const text = body === undefined ? '' : JSON.stringify(body);
      const headers = {
        ...(text ? { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) } : {}),
        authorization: `Bearer ${tokens[role]}`,
      };
      const request = http.request(`${url}${path}`, { method, agent, headers }, (response) => {
        let answer = '';
        response.on('data', (chunk) => {
          answer += chunk;
        });
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            milliseconds: performance.now() - started,
            body: JSON.parse(answer),
          }),
        );
      });
      request.on('error', reject);
      request.end(text);
    });
}

/** Fifteen centres over the district the residents live in. */
export async function furnish(ask: Ask, centres: number) {
  for (let i = 0; i < centres; i++)
    await ask('admin', 'PUT', `/v1/places/c-${i}`, {
      placeId: `c-${i}`,
      kind: 'community-centre',
      name: `invented centre ${i}`,
      position: { lon: 116.33 + 0.015 * (i % 5), lat: 39.88 + 0.03 * Math.floor(i / 5), crs: 'wgs84' },
    });
}

/** Silent calls from about the homes of those who are filed, from a number of theirs. */
export async function takeCalls(ask: Ask, residents: number, count: number): Promise<string[]> {
  const random = seededRandom(SEED);
  const callers = sampleResidents(residents, 2_000, SEED).filter(({ home }) => home?.position);
  const ids: string[] = [];
  const take = async () => {
    const { body } = await ask('dispatcher', 'POST', '/v1/calls', silentCall(random, random.pick(callers)));
    ids.push(body.call.callId);
  };
  while (ids.length < count) await Promise.all(Array.from({ length: Math.min(AT_ONCE, count - ids.length) }, take));
  return ids;
}

function silentCall(random: Random, { phones, home }: Resident) {
  const { lon, lat, crs } = home?.position ?? { lon: 116.36, lat: 39.91, crs: 'wgs84' };
  const position = { lon: lon + random.normal() * 0.0003, lat: lat + random.normal() * 0.0002, crs };
  return {
    channel: 'phone',
    caller: { phone: random.pick(phones) },
    location: { position, uncertaintyMetres: 50, source: 'aml' },
    complaint: { code: 'silent-call' },
  };
}

/** One search as it went: when it was sent, taken by the service, heard at its centre, and answered to whoever raised it. */
export interface Went {
  readonly status: number;
  readonly sentAt: number;
  readonly raisedAt: number;
  readonly rangAt: number;
  readonly answeredMs: number;
  readonly rings: number;
}

async function raise(ask: Ask, callId: string): Promise<{ callId: string; sentAt: number; answer: Answer }> {
  const sentAt = now();
  const answer = await ask('dispatcher', 'POST', `/v1/calls/${callId}/locate-requests`, {
    reason: 'callback-unanswered',
  });
  return { callId, sentAt, answer };
}

async function settle(raising: readonly ReturnType<typeof raise>[], desks: Desks): Promise<Went[]> {
  const before = desks.rang.size;
  const raised = await Promise.all(raising);
  await desks.until(Math.max(before, raised.length));
  return raised.map(({ callId, sentAt, answer }) => {
    const rang = desks.rang.get(callId);
    const { status, milliseconds: answeredMs } = answer;
    return {
      status,
      sentAt,
      answeredMs,
      rings: rang?.times ?? 0,
      raisedAt: rang?.raisedAt ?? sentAt,
      rangAt: rang?.at ?? Infinity,
    };
  });
}

/** Arriving at random (Poisson), whatever is answered. */
export async function raisePaced(ask: Ask, desks: Desks, calls: readonly string[], perSecond: number): Promise<Went[]> {
  const random = seededRandom(SEED + 1);
  const started = performance.now();
  const raising: ReturnType<typeof raise>[] = [];
  let due = 0;
  for (const callId of calls) {
    const wait = started + due - performance.now();
    if (wait > 0) await sleep(wait);
    raising.push(raise(ask, callId));
    due -= Math.log(1 - random.next()) * (1000 / perSecond);
  }
  return settle(raising, desks);
}

/** All in the same moment. */
export const raiseAll = (ask: Ask, desks: Desks, calls: readonly string[]) =>
  settle(
    calls.map((callId) => raise(ask, callId)),
    desks,
  );
