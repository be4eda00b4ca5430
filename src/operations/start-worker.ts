/** Starts a worker thread from the build, where it is JavaScript, or from the sources, where it needs tsx. */
import { Worker, type WorkerOptions } from 'node:worker_threads';

/**
 * `name`: the worker's file beside `base`, without its ending. Node 20 does not hand tsx down to threads, so from the
 * sources it is registered there first.
 */
export function startWorker(
  name: string,
  base: string,
  options: Pick<WorkerOptions, 'workerData' | 'resourceLimits'>,
): Worker {
  if (base.endsWith('.js')) return new Worker(new URL(`./${name}.js`, base), options);
  const tsx = JSON.stringify(import.meta.resolve('tsx/esm/api'));
  const file = JSON.stringify(new URL(`./${name}.ts`, base).href);
  const load = `import(${tsx}).then(({ register }) => { register(); return import(${file}); })`;
  return new Worker(load, { ...options, eval: true });
}
