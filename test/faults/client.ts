/** A client that does not give up: the same request again, to another instance if need be, until somebody answers it. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../../bench/random.ts';
import { readAuthKey } from '../../src/auth-key.ts';
import type { Role } from '../../src/domain/vocabulary.ts';
import { issueToken } from '../../src/http/auth.ts';
import { systemClock } from '../../src/system.ts';
import type { Asked, History } from './history.ts';
import { AUTH_KEY } from './stage.ts';

export interface Who {
  readonly role: Role;
  readonly subject: string;
}

export interface Answer extends Omit<Asked, 'outcome' | 'seq'> {
  /** 0 where nobody ever answered. */
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: answers are looked into field by field
  readonly body: any;
}

const key = readAuthKey(AUTH_KEY);
const tokens = new Map<string, Promise<string>>();
const HOUR_SECONDS = 3_600;
const ANSWER_WITHIN_MS = 8_000;
const GIVE_UP_MS = 90_000;
const LOST_SHARE = 0.04;

/** Made once: the run is shorter than it lasts. */
export function tokenOf({ role, subject }: Who): Promise<string> {
  const name = `${role} ${subject}`;
  const token = tokens.get(name) ?? issueToken(key, { role, subject, ttlSeconds: HOUR_SECONDS }, systemClock);
  tokens.set(name, token);
  return token;
}

export class Client {
  readonly #urls: readonly string[];
  readonly #history: History;
  readonly #random: Random;

  constructor(urls: readonly string[], history: History, random: Random) {
    this.#urls = urls;
    this.#history = history;
    this.#random = random;
  }

  /** Any answer below 500 ends it. `first`: the instance asked first, else any. */
  async ask(
    who: Who,
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    path: string,
    body?: unknown,
    { headers = {}, first }: { readonly headers?: Record<string, string>; readonly first?: number } = {},
  ): Promise<Answer> {
    const startedMs = performance.now();
    const token = await tokenOf(who);
    let instance = first ?? this.#random.below(this.#urls.length);
    for (let unanswered = 0; ; unanswered++) {
      try {
        const response = await fetch(`${this.#urls[instance]}${path}`, {
          method,
          headers: {
            authorization: `Bearer ${token}`,
            ...(body === undefined ? {} : { 'content-type': 'application/json' }),
            ...headers,
          },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
          signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
        });
        const answered = JSON.parse(await response.text());
        // Now and then an answer is lost on the way, so that what was done is asked for again.
        const lost = unanswered === 0 && method !== 'GET' && this.#random.chance(LOST_SHARE);
        if (response.status < 500 && !lost)
          return { status: response.status, body: answered, startedMs, endedMs: performance.now(), unanswered };
        if (response.status === 500) this.#surprise(method, path, answered);
      } catch {
        // No connection, a broken one, half an answer, or none in time: all say nothing about what was stored.
      }
      if (performance.now() - startedMs > GIVE_UP_MS)
        return { status: 0, body: null, startedMs, endedMs: performance.now(), unanswered: unanswered + 1 };
      instance = (instance + 1) % this.#urls.length;
      await sleep(50 + this.#random.below(250));
    }
  }

  #surprise(method: string, path: string, body: unknown): void {
    this.#history.surprises.push({ what: 'answered 500', detail: `${method} ${path} ${JSON.stringify(body)}` });
  }
}
