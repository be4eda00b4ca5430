/** From the commit of an event to each of many consoles, beside a bare `ws` broadcast; and what a console that only waits costs. */
import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { readAuthKey } from '../src/auth-key.ts';
import { issueToken } from '../src/http/auth.ts';
import { systemClock } from '../src/system.ts';
import { type Ground, keys, type Served } from './ground.ts';
import { judged, median, quantile, type ResultRow, round } from './rows.ts';

export interface LiveSize {
  readonly consoles: readonly number[];
  readonly perSecond: number;
  readonly secondsPerRound: number;
  readonly rounds: number;
}

export const liveSize: LiveSize = { consoles: [50, 500, 2_000], perSecond: 50, secondsPerRound: 5, rounds: 5 };

const PING = 0x89;
/** Masked, as all that clients send. */
const PONG = Buffer.from([0x8a, 0x80, 0, 0, 0, 0]);
/** Opened at a time. */
const TOGETHER = 50;
const IDLE_SECONDS = 3;
/** The size the targets are set for. */
const JUDGED = 500;

const now = () => performance.timeOrigin + performance.now();

/** Notes when which event came; reads no more of a message than its number, so that the consoles take little from the server. */
class Crowd {
  readonly #sockets: Socket[] = [];
  readonly #arrivals = new Map<number, number[]>();
  #heard = 0;

  get heard(): number {
    return this.#heard;
  }

  async join(url: string, token: string, count: number): Promise<void> {
    while (this.#sockets.length < count) {
      const more = Math.min(TOGETHER, count - this.#sockets.length);
      this.#sockets.push(...(await Promise.all(Array.from({ length: more }, () => this.#open(url, token)))));
    }
  }

  #open(url: string, token: string): Promise<Socket> {
    return new Promise((resolve, reject) => {
      const asked = request(`${url}/v1/live`, {
        agent: false,
        headers: {
          authorization: `Bearer ${token}`,
          connection: 'Upgrade',
          upgrade: 'websocket',
          'sec-websocket-version': '13',
          'sec-websocket-key': randomBytes(16).toString('base64'),
        },
      });
      asked.on('upgrade', (_response, socket: Socket, head) => {
        let unread: Buffer = head;
        socket.on('data', (bytes: Buffer) => {
          unread = this.#read(unread.length > 0 ? Buffer.concat([unread, bytes]) : bytes, socket);
        });
        socket.on('error', () => {});
        resolve(socket);
      });
      asked.on('response', ({ statusCode }) => reject(new Error(`not upgraded: ${statusCode}`)));
      asked.on('error', reject);
      asked.end();
    });
  }

  /** Whole frames in `bytes`; answers what is left of one that is not. Servers send unmasked. */
  #read(bytes: Buffer, socket: Socket): Buffer {
    const at = now();
    let start = 0;
    while (bytes.length - start >= 2) {
      const short = bytes.readUInt8(start + 1);
      const body = start + (short === 126 ? 4 : 2);
      if (body > bytes.length) break;
      const end = body + (short === 126 ? bytes.readUInt16BE(start + 2) : short);
      if (end > bytes.length) break;
      if (bytes[start] === PING) socket.write(PONG);
      const seq = /^\{"seq":(\d+),/.exec(bytes.toString('latin1', body, body + 20))?.[1];
      if (seq) {
        const arrivals = this.#arrivals.get(Number(seq));
        if (arrivals) arrivals.push(at);
        else this.#arrivals.set(Number(seq), [at]);
        this.#heard += 1;
      }
      start = end;
    }
    return bytes.subarray(start);
  }

  /** Milliseconds from each commit to each console; throws when one did not hear of one, or twice. */
  latencies(told: readonly { readonly seq: number; readonly at: number }[]): number[] {
    return told.flatMap(({ seq, at }) => {
      const arrivals = this.#arrivals.get(seq) ?? [];
      if (arrivals.length !== this.#sockets.length)
        throw new Error(`event ${seq} came to ${arrivals.length} of ${this.#sockets.length} consoles`);
      return arrivals.map((arrival) => arrival - at);
    });
  }

  leave(): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}

async function post<Answer>(url: string): Promise<Answer> {
  const response = await fetch(url, { method: 'POST' });
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
  return (await response.json()) as Answer;
}

async function oneRound(server: Served, crowd: Crowd, consoles: number, size: LiveSize): Promise<number[]> {
  const events = size.perSecond * size.secondsPerRound;
  const before = crowd.heard;
  const { told } = await post<{ told: { seq: number; at: number }[] }>(
    `${server.url}/bench/tell?events=${events}&perSecond=${size.perSecond}`,
  );
  const deadline = now() + 30_000;
  while (crowd.heard - before < events * consoles && now() < deadline) await sleep(10);
  return crowd.latencies(told);
}

interface Memory {
  /** Bytes, after a collection. */
  readonly resident: number;
  readonly held: number;
}
const memoryOf = (server: Served): Promise<Memory> => post<Memory>(`${server.url}/bench/memory`);

/** Before anything else, so that no memory freed by others hides what they take. */
async function idleMemory(server: Served, token: string, consoles: number): Promise<ResultRow> {
  const before = await memoryOf(server);
  const crowd = new Crowd();
  await crowd.join(server.url, token, consoles);
  await sleep(IDLE_SECONDS * 1000);
  const after = await memoryOf(server);
  // The heap may have had room already, so that what is resident grows by less than what is held.
  const grown = Math.max(after.resident - before.resident, after.held - before.held);
  crowd.leave();
  return judged(
    {
      benchmark: 'live',
      figure: 'memory per idle console',
      value: round(grown / consoles / 1000),
      unit: 'kB',
      conditions: `growth of resident or of held memory, whichever is more, after a collection; ${consoles} consoles connected and silent`,
    },
    { atMost: 60 },
  );
}

export async function benchLive(ground: Ground, size: LiveSize): Promise<ResultRow[]> {
  const env = {
    DATABASE_URL: await ground.database('live'),
    REDIS_URL: (await ground.redis()).url,
    AUTH_KEY: keys.auth,
    IDENTITY_KEY: keys.identityKey.toString('base64'),
  };
  const engine = await ground.serve('bench/live.child.ts', env, 'live');
  const floor = await ground.serve('bench/live.child.ts', {}, 'live-floor');
  const dispatcher = { role: 'dispatcher', subject: 'bench', ttlSeconds: 3600 } as const;
  const token = await issueToken(readAuthKey(keys.auth), dispatcher, systemClock);
  const shared = `${size.perSecond} events/s, consoles in one process beside it, engine with PostgreSQL (fsync on) on one machine; floor: ws broadcasting the same message without database, access or rooms`;
  const rows: ResultRow[] = [];

  rows.push(await idleMemory(engine, token, Math.max(...size.consoles)));
  for (const consoles of size.consoles) {
    const crowds = [new Crowd(), new Crowd()] as const;
    await crowds[0].join(engine.url, token, consoles);
    await crowds[1].join(floor.url, token, consoles);

    const rounds: { readonly ours: number[]; readonly bare: number[] }[] = [];
    for (let i = 0; i <= size.rounds; i++) {
      const both = {
        ours: await oneRound(engine, crowds[0], consoles, size),
        bare: await oneRound(floor, crowds[1], consoles, size),
      };
      if (i > 0) rounds.push(both); // the first warms up
    }
    for (const crowd of crowds) crowd.leave();
    await sleep(500);

    for (const q of [0.5, 0.99]) {
      const ours = rounds.map((each) => quantile(each.ours, q));
      const bare = rounds.map((each) => quantile(each.bare, q));
      const row: ResultRow = {
        benchmark: 'live',
        figure: `commit to console, p${q * 100}, ${consoles} consoles`,
        value: round(median(ours)),
        unit: 'ms',
        floor: round(median(bare)),
        ratio: round(median(ours.map((value, i) => value / (bare[i] as number)))),
        conditions: `${shared}; median of ${size.rounds} rounds of ${size.secondsPerRound} s`,
      };
      if (q < 0.99 || consoles !== JUDGED) rows.push(row);
      else {
        const { floor: _floor, ratio: _ratio, ...alone } = row;
        rows.push(judged(row, { atMost: 3 }), judged({ ...alone, figure: `${row.figure}, alone` }, { atMost: 50 }));
      }
    }
  }
  await engine.stop();
  await floor.stop();
  return rows;
}
