/** Instances of the service with their consoles: real connections, a real database, and Redis where there is one. */
import { createRequire } from 'node:module';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { Test } from 'tap';
import { buildApp } from '../../src/app.ts';
import { readConfig } from '../../src/config.ts';
import { appendEvents } from '../../src/database/events.ts';
import { inTransaction, openPool } from '../../src/database/pool.ts';
import { createDeps, type Deps } from '../../src/deps.ts';
import type { EventType, NewEvent } from '../../src/domain/events.ts';
import type { Role } from '../../src/domain/vocabulary.ts';
import { createAuthenticator, issueToken } from '../../src/http/auth.ts';
import { createLog } from '../../src/http/log.ts';
import { createMetrics } from '../../src/http/metrics.ts';
import { createLive, type LiveSettings, liveSettings } from '../../src/live/live.ts';
import { loadProtocol } from '../../src/requirement/load.ts';
import { systemClock, systemIds } from '../../src/system.ts';
import type { Ground } from '../support/backends.ts';
import { testEnv } from '../support/service.ts';

const protocol = loadProtocol();

/** The client of `ws`, which brings no typings. */
interface ClientSocket {
  readonly readyState: number;
  readonly _socket: Socket;
  on(event: 'message', listener: (data: Buffer) => void): void;
  on(event: 'close', listener: (code: number) => void): void;
  on(event: 'error', listener: (error: Error) => void): void;
  send(data: string | Buffer): void;
  close(): void;
  terminate(): void;
}
const WebSocket = createRequire(import.meta.url)('ws') as new (
  url: string,
  options: { headers?: Record<string, string>; autoPong?: boolean },
) => ClientSocket;

export interface Message {
  readonly type: string;
  readonly seq?: number;
  readonly at: string;
  readonly callId?: string;
  // biome-ignore lint/suspicious/noExplicitAny: looked into by the tests, field by field
  readonly data?: any;
  readonly head?: number;
  readonly reset?: true;
}

/** A console as a page would be one: it collects what it is sent. */
export class TestConsole {
  readonly messages: Message[] = [];
  readonly socket: ClientSocket;
  /** The close code, once there is one. */
  code: number | undefined;
  error: Error | undefined;

  constructor(url: string, headers: Record<string, string>, autoPong = true) {
    this.socket = new WebSocket(url, { headers, autoPong });
    this.socket.on('message', (data) => this.messages.push(JSON.parse(data.toString())));
    this.socket.on('error', (error) => {
      this.error = error;
    });
    this.socket.on('close', (code) => {
      this.code = code;
    });
  }

  /** Events, without greeting, pongs and positions. */
  get events(): Message[] {
    return this.messages.filter(({ type }) => !['hello', 'pong', 'unit.position'].includes(type));
  }
  get seqs(): number[] {
    return this.events.map(({ seq }) => seq as number);
  }
  /** What it would resume from. */
  get last(): number {
    return this.seqs.at(-1) ?? (this.messages[0]?.seq as number);
  }

  async until(enough: (console: TestConsole) => boolean): Promise<this> {
    while (!enough(this)) await sleep(5);
    return this;
  }
  greeted = () => this.until(({ messages }) => messages.length > 0);
  has = (count: number) => this.until(({ events }) => events.length >= count);
  /** Reached `seq`, or was closed on the way. */
  reaches = (seq: number) => this.until(({ last, code }) => last >= seq || code !== undefined);
  async closed(): Promise<number> {
    await this.until(({ code }) => code !== undefined);
    return this.code as number;
  }
}

export interface InstanceOptions {
  readonly settings?: Partial<LiveSettings>;
  readonly port?: number;
}

/** One instance, listening; closed when `t` ends or by `stop`. */
export async function instanceOn(t: Test, ground: Ground, { settings = {}, port = 0 }: InstanceOptions = {}) {
  const config = readConfig(testEnv);
  const db = openPool(ground.databaseUrl, { max: ground.redisUrl ? 5 : 3 });
  const foundation = {
    config,
    db,
    clock: systemClock,
    ids: systemIds,
    log: createLog('silent'),
    metrics: createMetrics(),
    auth: createAuthenticator(config.auth, systemClock),
    protocol,
    dependencies: [],
  };
  const plain = createDeps({ ...foundation, metrics: createMetrics() });
  const deps: Deps = {
    ...plain,
    metrics: foundation.metrics,
    live: createLive(foundation, { ...liveSettings, ...settings }),
  };
  const app = await buildApp(deps);
  await deps.live.start(ground.redisUrl ?? null);
  await app.listen({ host: '127.0.0.1', port });
  const address = app.server.address() as AddressInfo;
  let stopped = false;
  const stop = async () => {
    if (stopped) return;
    stopped = true;
    await app.close();
    await deps.live.close();
    await db.end();
  };
  t.teardown(stop);

  const key = config.auth.local;
  if (!key) throw new Error('the test settings have a local key');
  const token = (role: Role, subject: string = `${role}-1`) =>
    issueToken(key, { role, subject, ttlSeconds: 3600 }, systemClock);
  const url = `ws://127.0.0.1:${address.port}/v1/live`;
  return {
    deps,
    db,
    live: deps.live,
    port: address.port,
    stop,
    token,
    url,
    /** A console with a token; `since` resumes. */
    async open(role: Role, subject?: string, since?: number): Promise<TestConsole> {
      const query = since === undefined ? '' : `?since=${since}`;
      return new TestConsole(`${url}${query}`, { authorization: `Bearer ${await token(role, subject)}` });
    },
    async ticket(role: Role, subject?: string): Promise<string> {
      const answer = await fetch(`http://127.0.0.1:${address.port}/v1/live-tickets`, {
        method: 'POST',
        headers: { authorization: `Bearer ${await token(role, subject)}` },
      });
      return ((await answer.json()) as { ticket: string }).ticket;
    },
  };
}
export type Instance = Awaited<ReturnType<typeof instanceOn>>;

export const event = (
  type: EventType,
  callId: string | null = 'c-1',
  data: Readonly<Record<string, unknown>> = {},
): NewEvent => ({ type, at: Date.now(), callId, data });

/** Commits events as an operation does; answers the number of the last. */
export function commit(db: pg.Pool, ...events: NewEvent[]): Promise<number> {
  return inTransaction(db, (tx) => appendEvents(tx, events));
}

/** `from`, `from` + 1, …, `to`. */
export const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);
