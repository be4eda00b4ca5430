/** What benchmarks stand on: a durable PostgreSQL and a Redis of their own, filed registries, servers as processes of their own. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { chmodSync, createWriteStream, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { migrate } from '../src/database/migrate.ts';
import { databaseUrl, execute } from '../test/support/ground.ts';
import { type Server, startPostgres, startRedis } from '../test/support/servers.ts';
import type { Filing } from './import.child.ts';
import { generatePopulation } from './population.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const READY_SECONDS = 60;
const SETTLE_SECONDS = 60;
const QUIET_MS = 1_000;
const QUIET_SHARE = 0.05;
export const SEED = 1;
/** Keys of a run's own databases, which are gone when it ends. */
export const keys = {
  auth: 'an invented secret for benchmarks only, never used elsewhere',
  identityKey: Buffer.alloc(32, 7),
} as const;

export interface Served {
  readonly url: string;
  /** From the start of the process to its line that says it is ready. */
  readonly readySeconds: number;
  /** Resident memory now, megabytes (2^20). */
  residentMegabytes(): number;
  /** Processor time of all its threads so far, milliseconds. */
  processorMilliseconds(): number;
  /** When it does next to nothing any more: work put off must not slow what is measured next. */
  settled(): Promise<void>;
  stop(): Promise<void>;
}

/** A registry on the benchmark's PostgreSQL, and how filing it went. */
export interface Registry {
  readonly databaseUrl: string;
  readonly filing: Filing;
}

/** Starts what is asked for on first use; `stop()` ends all of it and removes its files. */
export class Ground {
  readonly folder = mkdtempSync(join(tmpdir(), 'precision-dispatch-bench-'));
  readonly #running = new Set<{ stop(): Promise<void>; kill(): void }>();
  readonly #registries = new Map<number, Promise<Registry>>();
  #postgres: Promise<Server> | undefined;
  #redis: Promise<Server> | undefined;
  #built: Promise<unknown> | undefined;

  constructor() {
    chmodSync(this.folder, 0o711); // PostgreSQL runs as another user when this runs as root, and has to pass through
    process.once('exit', () => {
      for (const each of this.#running) each.kill();
      rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
    });
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
  }

  /** Commits reach the disk; memory as PostgreSQL's manual recommends for a small server, all else as it comes. */
  postgres(): Promise<Server> {
    this.#postgres ??= this.#keep(
      startPostgres(this.folder, { durable: true, settings: { shared_buffers: '512MB', max_wal_size: '4GB' } }),
    );
    return this.#postgres;
  }

  redis(): Promise<Server> {
    this.#redis ??= this.#keep(startRedis(join(this.folder, 'redis')));
    return this.#redis;
  }

  /** A migrated, empty database. */
  async database(name: string): Promise<string> {
    const { url } = await this.postgres();
    await execute(url, `CREATE DATABASE ${name}`);
    const created = databaseUrl(url, name);
    await migrate(created);
    return created;
  }

  /** The first `size` of the invented population, filed by the import in a process of its own. */
  registry(size: number): Promise<Registry> {
    let registry = this.#registries.get(size);
    if (!registry) {
      registry = this.#file(size);
      this.#registries.set(size, registry);
    }
    return registry;
  }

  async #file(size: number): Promise<Registry> {
    const url = await this.database(`registry_${size}`);
    const file = join(this.folder, `registry-${size}.ndjson`);
    await pipeline(Readable.from(linesOf(size)), createWriteStream(file));
    const child = this.#spawn('bench/import.child.ts', { DATABASE_URL: url }, `import-${size}`, [file, String(size)]);
    const filing = JSON.parse(await child.line(/^\{.*\}$/m, 60 + size / 500)) as Filing;
    await child.stop();
    rmSync(file);
    await execute(url, 'VACUUM ANALYZE');
    return { databaseUrl: url, filing };
  }

  /** The service as production runs it: built, on this Redis and with these keys, and with `env` beside them for its settings. */
  async serveBuild(env: Readonly<Record<string, string>>, name: string): Promise<Served> {
    // Without the loaders a test runner adds to whatever is started: the compiler does not stand them.
    this.#built ??= promisify(execFile)('env', ['-u', 'NODE_OPTIONS', 'npm', 'run', 'build'], { cwd: root });
    await this.#built;
    const usual = {
      REDIS_URL: (await this.redis()).url,
      AUTH_KEY: keys.auth,
      IDENTITY_KEY: keys.identityKey.toString('base64'),
    };
    return this.serve('dist/main.js', { ...usual, ...env }, name);
  }

  /** A server program of this repository, once it says where it listens. Settings are `env` alone. */
  async serve(program: string, env: Readonly<Record<string, string>>, name: string): Promise<Served> {
    const started = performance.now();
    const child = this.#spawn(program, { HOST: '127.0.0.1', PORT: '0', ...env }, name);
    const line = await child.line(/\bready on http:\S+/, READY_SECONDS);
    return {
      url: line.split(' ').at(-1) as string,
      readySeconds: (performance.now() - started) / 1000,
      residentMegabytes: () => residentMegabytes(child.pid),
      processorMilliseconds: () => processorMilliseconds(child.pid),
      settled: () => settled(child.pid),
      stop: child.stop,
    };
  }

  async stop(): Promise<void> {
    for (const each of [...this.#running].reverse()) await each.stop();
    this.#running.clear();
  }

  async #keep(starting: Promise<Server>): Promise<Server> {
    const server = await starting;
    this.#running.add(server);
    return server;
  }

  /** Output goes to a file: reading it all would cost the load generator's processor. */
  #spawn(program: string, env: Readonly<Record<string, string>>, name: string, args: readonly string[] = []) {
    const logFile = join(this.folder, `${name}.log`);
    const log = openSync(logFile, 'w');
    const loader = program.endsWith('.ts') ? ['--import=tsx'] : [];
    const child = spawn(process.execPath, [...loader, program, ...args], {
      cwd: root,
      env: { PATH: process.env.PATH ?? '', NODE_ENV: 'production', ...env },
      stdio: ['ignore', log, log],
    });
    const running = {
      pid: child.pid ?? 0,
      stop: async () => {
        this.#running.delete(running);
        child.kill('SIGTERM');
        await ended(child);
      },
      kill: () => void child.kill('SIGKILL'),
      /** The first output that `pattern` finds. */
      line: async (pattern: RegExp, withinSeconds: number): Promise<string> => {
        const deadline = Date.now() + withinSeconds * 1000;
        for (;;) {
          const found = pattern.exec(readFileSync(logFile, 'utf8'));
          if (found) return found[0];
          if (child.exitCode !== null || Date.now() > deadline)
            throw new Error(`${program} did not get there:\n${readFileSync(logFile, 'utf8').slice(-2_000)}`);
          await sleep(20);
        }
      },
    };
    this.#running.add(running);
    return running;
  }
}

function* linesOf(size: number): Generator<string> {
  for (const resident of generatePopulation({ count: size, seed: SEED })) yield `${JSON.stringify(resident)}\n`;
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  await new Promise((resolve) => child.once('exit', resolve));
}

/** As the kernel counts it (VmRSS), so on Linux only. */
export function residentMegabytes(pid: number | 'self'): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kilobytes) / 1024;
}

/** The kernel counts in hundredths of a second. */
function processorMilliseconds(pid: number): number {
  const [user, system] = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ')
    .slice(11, 13);
  return (Number(user) + Number(system)) * 10;
}

async function settled(pid: number): Promise<void> {
  const deadline = Date.now() + SETTLE_SECONDS * 1000;
  for (let before = processorMilliseconds(pid); Date.now() < deadline; ) {
    await sleep(QUIET_MS);
    const now = processorMilliseconds(pid);
    if (now - before <= QUIET_MS * QUIET_SHARE) return;
    before = now;
  }
}
