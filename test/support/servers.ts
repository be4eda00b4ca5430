/** Private PostgreSQL and Redis servers for tests and benchmarks: free ports on loopback, data in a folder of their own, ended by pid. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

export interface Server {
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
  /** At once and without waiting: for the exit of a process. */
  kill(): void;
  /** `kill -9`; gone when it resolves. Started again in its folder and on its port it finds what it had made durable. */
  crash(): Promise<void>;
}

const isRoot = process.getuid?.() === 0;
const START_SECONDS = 30;

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function postgresBin(name: string): string {
  const root = '/usr/lib/postgresql';
  const versions = existsSync(root)
    ? readdirSync(root).filter((version) => existsSync(join(root, version, 'bin', name)))
    : [];
  const newest = versions.sort((a, b) => Number(b) - Number(a))[0];
  return newest ? join(root, newest, 'bin', name) : name;
}

function unprivilegedUser(): { uid: number; gid: number } {
  const line = readFileSync('/etc/passwd', 'utf8').match(/^(?:postgres|nobody):[^:]*:(\d+):(\d+):/m);
  if (!line) throw new Error('PostgreSQL does not run as root, and there is no user postgres or nobody to run it as');
  return { uid: Number(line[1]), gid: Number(line[2]) };
}

/** `setpriv` makes a server end with the process that started it, even when that one is killed. */
export function command(program: string, args: string[], signal: string, asPostgres: boolean): [string, string[]] {
  const user = asPostgres && isRoot ? unprivilegedUser() : undefined;
  const prefix = [
    ...(process.platform === 'linux' ? ['--pdeathsig', signal] : []),
    ...(user ? [`--reuid=${user.uid}`, `--regid=${user.gid}`, '--clear-groups'] : []),
  ];
  return prefix.length > 0 ? ['setpriv', [...prefix, program, ...args]] : [program, args];
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  await new Promise((resolve) => child.once('exit', resolve));
}

/** Runs `probe` until it answers true; throws with the server's own log when it ends or takes too long. */
async function untilReady(child: ChildProcess, logFile: string, probe: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + START_SECONDS * 1_000;
  while (!(await probe())) {
    if (child.exitCode !== null || Date.now() > deadline) {
      child.kill('SIGKILL');
      throw new Error(`${child.spawnfile} did not start:\n${readFileSync(logFile, 'utf8').slice(-2_000)}`);
    }
    await sleep(30);
  }
}

interface Signals {
  readonly stop: NodeJS.Signals;
  readonly kill: NodeJS.Signals;
}
/** Fast and immediate shutdown; after a plain SIGKILL PostgreSQL would leave shared memory behind. */
const POSTGRES_SIGNALS: Signals = { stop: 'SIGINT', kill: 'SIGQUIT' };
const REDIS_SIGNALS: Signals = { stop: 'SIGTERM', kill: 'SIGKILL' };

function serve(program: string, args: string[], logFile: string, signals: Signals) {
  const log = openSync(logFile, 'a');
  const asPostgres = signals === POSTGRES_SIGNALS;
  const child = spawn(...command(program, args, signals.kill.slice(3), asPostgres), {
    stdio: ['ignore', log, log],
    cwd: '/',
  });
  child.on('error', () => {});
  child.unref();
  return {
    child,
    pid: child.pid ?? 0,
    stop: async () => {
      child.ref();
      child.kill(signals.stop);
      await ended(child);
    },
    kill: () => void child.kill(signals.kill),
    crash: async () => {
      child.ref();
      child.kill('SIGKILL');
      await ended(child);
    },
  };
}

export interface PostgresOptions {
  /** Benchmarks need real commits; tests do not wait for the disk. */
  readonly durable?: boolean;
  readonly settings?: Readonly<Record<string, string>>;
  /** A free one, unless given. */
  readonly port?: number;
}

/** Starts the PostgreSQL cluster under `folder`, which is created where there is none. `url` names its `postgres` database. */
export async function startPostgres(folder: string, options: PostgresOptions = {}): Promise<Server> {
  const data = join(folder, 'postgresql');
  mkdirSync(data, { recursive: true, mode: 0o700 });
  if (isRoot) {
    const { uid, gid } = unprivilegedUser();
    chownSync(data, uid, gid);
  }
  if (!existsSync(join(data, 'PG_VERSION'))) {
    const init = ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync'];
    execFileSync(...command(postgresBin('initdb'), init, 'KILL', true), { stdio: 'pipe', cwd: '/' });
  }
  const port = options.port ?? (await freePort());
  const settings: Record<string, string> = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: '',
    max_connections: '200',
    shared_buffers: '128MB',
    timezone: 'UTC',
    ...(options.durable ? {} : { fsync: 'off', full_page_writes: 'off' }),
    ...options.settings,
  };
  const args = ['-D', data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
  const url = `postgresql://postgres@127.0.0.1:${port}/postgres`;
  const logFile = join(folder, 'postgresql.log');
  const { child, ...server } = serve(postgresBin('postgres'), args, logFile, POSTGRES_SIGNALS);
  await untilReady(child, logFile, async () => {
    const client = new pg.Client({ connectionString: url });
    client.on('error', () => {});
    return client.connect().then(
      () => client.end().then(() => true),
      () => false,
    );
  });
  return { url, ...server };
}

/** Starts a Redis server under `folder`; the same folder and port again find the data of before. */
export async function startRedis(folder: string, port?: number): Promise<Server> {
  mkdirSync(folder, { recursive: true });
  const onPort = port ?? (await freePort());
  const logFile = join(folder, 'redis.log');
  const args = [
    '--port',
    String(onPort),
    '--bind',
    '127.0.0.1',
    '--dir',
    folder,
    '--save',
    '',
    '--appendonly',
    'yes',
    '--databases',
    '256',
  ];
  const { child, ...server } = serve('redis-server', args, logFile, REDIS_SIGNALS);
  await untilReady(
    child,
    logFile,
    () =>
      new Promise((resolve) => {
        const socket = connect(onPort, '127.0.0.1', () => socket.write('PING\r\n'));
        socket.once('data', (data) => {
          resolve(data.toString().startsWith('+PONG'));
          socket.destroy();
        });
        socket.once('error', () => resolve(false));
      }),
  );
  return { url: `redis://127.0.0.1:${onPort}`, ...server };
}
