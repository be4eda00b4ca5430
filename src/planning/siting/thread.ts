/** A siting plan's own thread: checks a request, solves it, can be told to stop and then answers its best. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { Problem } from '../../domain/errors.ts';
import type { Given } from './instance.ts';
import type { SitingResult } from './schema.ts';
import type { Answer } from './solve.ts';
import type { Checked, SitingAsk, SitingReply, SitingThreadData } from './worker.ts';

export interface SitingThread {
  /** Throws the problem that names what is wrong. */
  check(body: Uint8Array): Promise<Checked>;
  /**
   * @param given what the request leaves to be found; null where it holds all
   * @param onProgress share of the work done, and the best so far
   */
  solve(
    given: Given | null,
    secondsLeft: number,
    onProgress: (share: number, result: SitingResult | null) => void,
  ): Promise<Answer>;
  /** The search ends and answers its best: at once, or when the solver next looks up. */
  stop(): void;
  end(): Promise<void>;
}

/** From the build the worker is JavaScript; from the sources it needs tsx, which Node 20 does not hand down to threads. */
function startWorker(workerData: SitingThreadData): Worker {
  const options = { workerData, resourceLimits: { maxOldGenerationSizeMb: 2_048 } };
  if (!import.meta.url.endsWith('.ts')) return new Worker(new URL('./worker.js', import.meta.url), options);
  const [tsx, file] = [import.meta.resolve('tsx/esm/api'), import.meta.resolve('./worker.ts')].map((url) =>
    JSON.stringify(url),
  );
  const load = `import(${tsx}).then(({ register }) => { register(); return import(${file}); })`;
  return new Worker(load, { ...options, eval: true });
}

/** A solver deep in one step may not look up for long; who asked for an end does not wait longer than this. */
const STOP_SECONDS = 3;

export function openSitingThread(): SitingThread {
  const stop = new Int32Array(new SharedArrayBuffer(4));
  const worker = startWorker({ stop });
  let listener: ((reply: SitingReply) => void) | null = null;
  let fail: ((error: Error) => void) | null = null;
  worker.on('message', (reply: SitingReply) => listener?.(reply));
  worker.on('error', (error) => fail?.(error));
  worker.on('exit', () => fail?.(new Error('the thread ended')));
  worker.unref();

  function ask<T>(message: SitingAsk, take: (reply: SitingReply) => T | undefined): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const done = (settle: () => void) => {
        listener = null;
        fail = null;
        worker.unref();
        settle();
      };
      fail = (error) => done(() => reject(error));
      listener = (reply) => {
        if (reply.done === 'failed') return done(() => reject(new Error(reply.message)));
        if (reply.done === 'refused') return done(() => reject(new Problem(reply.status, reply.fields)));
        const result = take(reply);
        if (result !== undefined) done(() => resolve(result));
      };
      worker.ref(); // while it is asked it keeps the process
      worker.postMessage(message);
    });
  }

  return {
    check: (body) => ask({ do: 'check', body }, (reply) => (reply.done === 'checked' ? reply.checked : undefined)),
    solve(given, secondsLeft, onProgress) {
      let latest: SitingResult | null = null;
      const solved = ask({ do: 'solve', given, secondsLeft }, (reply) => {
        if (reply.done === 'progress') {
          latest = reply.result ?? latest;
          onProgress(reply.share, latest);
        }
        return reply.done === 'solved' ? reply.answer : undefined;
      });
      // Stopped, and no answer: the best that was told is the answer.
      const overdue = new AbortController();
      const cut = (async (): Promise<Answer | null> => {
        const until = performance.now() + secondsLeft * 1000;
        while (Atomics.load(stop, 0) === 0 && performance.now() < until) {
          await sleep(100, null, { signal: overdue.signal, ref: false }).catch(() => {});
          if (overdue.signal.aborted) return null;
        }
        await sleep(STOP_SECONDS * 1000, null, { signal: overdue.signal, ref: false }).catch(() => {});
        return overdue.signal.aborted || !latest ? null : { status: 'feasible', result: latest };
      })();
      return Promise.race([solved, cut.then((answer) => answer ?? solved)]).finally(() => {
        overdue.abort();
        solved.catch(() => {}); // the thread is ended while it may still be asked
      });
    },
    stop: () => void Atomics.store(stop, 0, 1),
    async end() {
      Atomics.store(stop, 0, 1);
      await worker.terminate();
    },
  };
}
