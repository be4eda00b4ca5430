/** The database of a service without settings: PostgreSQL with PostGIS compiled to WebAssembly, in a thread of this process, reached like any other. */
import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { EmbeddedReply, EmbeddedRequest, EmbeddedWorkerData } from './embedded.worker.ts';

export interface EmbeddedOptions {
  /** A file `snapshot` wrote: the new database starts as a copy of it. For an empty place only. */
  readonly snapshot?: string;
  /** Called if the database breaks while it runs; its connections are closed by then. */
  readonly onFailure?: (error: unknown) => void;
}

export interface EmbeddedDatabase {
  /** Loopback only, with a password made for this run. All connections share one session and take turns. */
  readonly url: string;
  /** Writes the whole database, gzipped, to `file`. Only while no transaction is open. */
  snapshot(file: string): Promise<void>;
  /** Ends it cleanly. End the pools first: a pool still connected sees its connections break. */
  stop(): Promise<void>;
}

const openHere = new Set<string>();

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Two services on one folder would ruin it. A lock whose process is gone, or was this process's number before, is taken over. */
async function lock(folder: string): Promise<() => Promise<void>> {
  const file = join(folder, 'lock');
  const refusal = (pid: number) => new Error(`${folder} is in use by process ${pid}; if it is not, remove ${file}`);
  if (openHere.has(folder)) throw refusal(process.pid);
  for (;;) {
    const handle = await open(file, 'wx').catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
    if (handle) {
      await handle.writeFile(String(process.pid));
      await handle.close();
      openHere.add(folder);
      return async () => {
        openHere.delete(folder);
        await rm(file, { force: true });
      };
    }
    const pid = Number(await readFile(file, 'utf8').catch(() => ''));
    if (pid && pid !== process.pid && isAlive(pid)) throw refusal(pid);
    await rm(file, { force: true });
  }
}

/** From the build the worker is JavaScript; from the sources it needs tsx, which Node 20 does not hand down to threads. */
function startWorker(workerData: EmbeddedWorkerData): Worker {
  if (!import.meta.url.endsWith('.ts'))
    return new Worker(new URL('./embedded.worker.js', import.meta.url), { workerData });
  const [tsx, file] = [import.meta.resolve('tsx/esm/api'), import.meta.resolve('./embedded.worker.ts')].map((url) =>
    JSON.stringify(url),
  );
  const load = `import(${tsx}).then(({ register }) => { register(); return import(${file}); })`;
  return new Worker(load, { workerData, eval: true });
}

/**
 * Starts the embedded database on `dataDir` (created when absent), or in memory. Throws when another service has it
 * open. It is not migrated here.
 */
export async function startEmbedded(
  dataDir: string | 'memory',
  options: EmbeddedOptions = {},
): Promise<EmbeddedDatabase> {
  const folder = dataDir === 'memory' ? undefined : resolve(dataDir);
  if (folder) await mkdir(folder, { recursive: true });
  const unlock = folder ? await lock(folder) : async () => {};
  const password = randomBytes(24).toString('hex');
  const workerData: EmbeddedWorkerData = {
    place: folder ? join(folder, 'postgresql') : 'memory://',
    snapshot: options.snapshot,
    password,
  };
  const worker = startWorker(workerData);

  let state: 'starting' | 'running' | 'stopping' = 'starting';
  let failed: (error: unknown) => void = () => {};
  const failure = new Promise<never>((_, reject) => {
    failed = reject;
  });
  failure.catch((error: unknown) => {
    if (state === 'running') options.onFailure?.(error);
  });
  worker.on('error', failed);
  worker.on('exit', (code) => failed(new Error(`the embedded database ended with code ${code}`)));

  const next = <Done extends EmbeddedReply['done']>(done: Done) =>
    new Promise<Extract<EmbeddedReply, { done: Done }>>((resolve) => {
      const listen = (reply: EmbeddedReply) => {
        if (reply.done !== done) return;
        worker.off('message', listen);
        resolve(reply as Extract<EmbeddedReply, { done: Done }>);
      };
      worker.on('message', listen);
    });
  const ask = <Done extends EmbeddedReply['done']>(request: EmbeddedRequest & { do: Done }) => {
    const reply = next(request.do);
    worker.postMessage(request);
    return Promise.race([reply, failure]);
  };

  try {
    const { port } = await Promise.race([next('start'), failure]);
    state = 'running';
    return {
      url: `postgresql://postgres:${password}@127.0.0.1:${port}/postgres`,
      snapshot: async (file) => void (await ask({ do: 'snapshot', file })),
      stop: async () => {
        if (state === 'stopping') return;
        state = 'stopping';
        try {
          await ask({ do: 'stop' });
        } finally {
          await worker.terminate();
          await unlock();
        }
      },
    };
  } catch (error) {
    await worker.terminate();
    await unlock();
    throw error;
  }
}
