/** What a run breaks: a durable PostgreSQL, a Redis, and instances of the service as production starts them, all its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { migrate } from '../../src/database/migrate.ts';
import { databaseUrl, execute } from '../support/ground.ts';
import { command, freePort, type Server, startPostgres, startRedis } from '../support/servers.ts';
import { deskSettings } from './desk-load.ts';
import { type Link, openLink } from './link.ts';
import { searchSettings } from './search-load.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** A busy machine takes many times as long to start an instance as a quiet one. */
const READY_SECONDS = 180;
const AGAIN_MS = 250;
/** Keys of a run's own database, which is gone when it ends. */
export const AUTH_KEY = 'an invented secret for fault runs only, never used elsewhere';
export const IDENTITY_KEY = Buffer.alloc(32, 9).toString('base64');

export interface Instance {
  readonly url: string;
  /** Its cable to Redis. */
  readonly link: Link;
  crash(): Promise<void>;
  /** Resolves when it takes calls; started again as often as it takes, as a supervisor would. */
  start(): Promise<void>;
}

export interface StageOptions {
  readonly targetSeconds: number;
  /** The record platform, where there is one. */
  readonly platformUrl?: string;
  /** Beside and instead of the usual ones. */
  readonly settings?: Readonly<Record<string, string>>;
  /** An instance ended though nobody ended it. */
  onDeath(name: string, lastWords: string): void;
}

export class Stage {
  readonly instances: readonly Instance[];
  readonly databaseUrl: string;
  readonly #folder: string;
  readonly #redisFolder: string;
  readonly #children: Set<ChildProcess>;
  #postgres: Server;
  #redis: Server;

  private constructor(
    folder: string,
    servers: { readonly postgres: Server; readonly redis: Server },
    databaseUrl: string,
    instances: readonly Instance[],
    children: Set<ChildProcess>,
  ) {
    this.#folder = folder;
    this.#redisFolder = join(folder, 'redis');
    this.#postgres = servers.postgres;
    this.#redis = servers.redis;
    this.databaseUrl = databaseUrl;
    this.instances = instances;
    this.#children = children;
  }

  /** Everything started, two instances ready. What was started is ended with this process, whatever ends it. */
  static async open(options: StageOptions): Promise<Stage> {
    const folder = mkdtempSync(join(tmpdir(), 'precision-dispatch-faults-'));
    chmodSync(folder, 0o711); // PostgreSQL runs as another user when this runs as root, and has to pass through
    const children = new Set<ChildProcess>();
    const servers: Server[] = [];
    let stage: Stage | undefined;
    process.once('exit', () => {
      for (const child of children) child.kill('SIGKILL');
      for (const server of stage ? [stage.#postgres, stage.#redis] : servers) server.kill();
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    });

    const postgres = await startPostgres(folder, { durable: true });
    servers.push(postgres);
    const redis = await startRedis(join(folder, 'redis'));
    servers.push(redis);
    await execute(postgres.url, 'CREATE DATABASE faults');
    const url = databaseUrl(postgres.url, 'faults');
    await migrate(url);
    const settings = {
      DATABASE_URL: url,
      AUTH_KEY,
      IDENTITY_KEY,
      LOG_LEVEL: 'warn',
      RESPONSE_TARGET_SECONDS: String(options.targetSeconds),
      REQUESTS_PER_MINUTE: '1000000',
      ...searchSettings,
      ...deskSettings,
      ...(options.platformUrl ? { FHIR_BASE_URL: options.platformUrl, FHIR_ANSWER_SECONDS: '2' } : {}),
      ...options.settings,
    };
    const instances: Instance[] = [];
    for (const name of ['first', 'second']) {
      const link = await openLink(portOf(redis.url));
      const env = { ...settings, REDIS_URL: `redis://127.0.0.1:${link.port}`, PORT: String(await freePort()) };
      instances.push(instanceOf(name, join(folder, `${name}.log`), env, link, children, options.onDeath));
    }
    stage = new Stage(folder, { postgres, redis }, url, instances, children);
    await Promise.all(instances.map((instance) => instance.start()));
    return stage;
  }

  crashPostgres(): Promise<void> {
    return this.#postgres.crash();
  }

  /** Recovers from what the crash left. Until the last of the old server's processes has noticed its end, the new one refuses to start. */
  async startPostgres(): Promise<void> {
    const port = portOf(this.#postgres.url);
    this.#postgres = await insist(() => startPostgres(this.#folder, { durable: true, port }));
  }

  crashRedis(): Promise<void> {
    return this.#redis.crash();
  }

  async startRedis(): Promise<void> {
    const port = portOf(this.#redis.url);
    this.#redis = await insist(() => startRedis(this.#redisFolder, port));
  }

  /** Resolves when all instances say they are ready; rejects, naming the one that is not. */
  async allReady(): Promise<void> {
    for (const { url } of this.instances) {
      await insist(async () => {
        const answer = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(5_000) });
        if (!answer.ok) throw new Error(`${url} is not ready: ${await answer.text()}`);
      });
    }
  }

  async close(): Promise<void> {
    for (const instance of this.instances) await instance.crash();
    for (const { link } of this.instances) await link.close();
    await this.#redis.stop();
    await this.#postgres.stop();
    this.#children.clear();
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

function instanceOf(
  name: string,
  logFile: string,
  env: Readonly<Record<string, string>>,
  link: Link,
  children: Set<ChildProcess>,
  onDeath: StageOptions['onDeath'],
): Instance {
  let child: ChildProcess | undefined;
  /** The one being ended on purpose. */
  let condemned: ChildProcess | undefined;
  const lastWords = () => readFileSync(logFile, 'utf8').slice(-2_000);

  async function attempt(): Promise<void> {
    const said = readFileSync(logFile, { encoding: 'utf8', flag: 'a+' }).length;
    const log = openSync(logFile, 'a');
    const args = ['--import=tsx', 'src/main.ts'];
    const started = spawn(...command(process.execPath, args, 'KILL', false), {
      cwd: root,
      env: { PATH: process.env.PATH ?? '', NODE_ENV: 'production', ...env },
      stdio: ['ignore', log, log],
    });
    child = started;
    children.add(started);
    let ready = false;
    started.once('exit', (code, signal) => {
      children.delete(started);
      // Before it is ready it may give up, for instance on a database that is away; afterwards it may not.
      if (ready && started !== condemned) onDeath(name, `code ${code}, signal ${signal}\n${lastWords()}`);
    });
    const deadline = Date.now() + READY_SECONDS * 1_000;
    while (!ready) {
      ready = readFileSync(logFile, 'utf8').slice(said).includes('precision-dispatch ready');
      const gone = started.exitCode !== null || started.signalCode !== null;
      if (started === condemned) return;
      if (!ready && (gone || Date.now() > deadline)) {
        started.kill('SIGKILL');
        throw new Error(`the ${name} instance did not start:\n${lastWords()}`);
      }
      await sleep(20);
    }
  }

  return {
    url: `http://127.0.0.1:${env.PORT}`,
    link,
    start: () => insist(attempt),
    async crash() {
      const doomed = child;
      if (!doomed || doomed.exitCode !== null || doomed.signalCode !== null) return;
      condemned = doomed;
      const gone = new Promise((resolve) => doomed.once('exit', resolve));
      doomed.kill('SIGKILL');
      await gone;
    },
  };
}

/** Tries until it works, for as long as something that starts may take. */
async function insist<T>(work: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + READY_SECONDS * 1_000;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await sleep(AGAIN_MS);
    }
  }
}

const portOf = (url: string) => Number(new URL(url).port);
