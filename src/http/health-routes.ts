/** `/health/live`: the process answers. `/health/ready`: what it depends on answers too, each by name. */

import type pg from 'pg';
import { Type } from 'typebox';
import { oneOf } from '../domain/vocabulary.ts';
import type { App } from './types.ts';

export interface Dependency {
  readonly name: string;
  /** Calls cannot be taken without it. One that is not required only makes the service degraded. */
  readonly required: boolean;
  /** Resolves when it answers. */
  check(): Promise<unknown>;
}

const ANSWER_WITHIN_MS = 2_000;

const Readiness = Type.Object({
  status: oneOf(['ready', 'degraded', 'not-ready'] as const),
  dependencies: Type.Record(Type.String(), oneOf(['up', 'down'] as const)),
});

export function registerHealthRoutes(app: App, dependencies: readonly Dependency[]): void {
  const config = { access: 'public', rateLimit: false } as const;
  app.get(
    '/health/live',
    { config, schema: { tags: ['around'], response: { 200: Type.Object({ status: oneOf(['live'] as const) }) } } },
    async () => ({ status: 'live' as const }),
  );
  app.get(
    '/health/ready',
    { config, schema: { tags: ['around'], response: { 200: Readiness, 503: Readiness } } },
    async (_request, reply) => {
      const states = await Promise.all(dependencies.map(stateOf));
      const down = dependencies.filter((_, index) => states[index] === 'down');
      const stopped = down.some((each) => each.required);
      return reply.code(stopped ? 503 : 200).send({
        status: stopped ? 'not-ready' : down.length ? 'degraded' : 'ready',
        dependencies: Object.fromEntries(dependencies.map(({ name }, index) => [name, states[index] ?? 'down'])),
      });
    },
  );
}

async function stateOf(dependency: Dependency): Promise<'up' | 'down'> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('no answer in time')), ANSWER_WITHIN_MS);
  });
  try {
    await Promise.race([dependency.check(), late]);
    return 'up';
  } catch {
    return 'down';
  } finally {
    clearTimeout(timer);
  }
}

export const databaseDependency = (pool: pg.Pool): Dependency => ({
  name: 'database',
  required: true,
  check: () => pool.query('SELECT 1'),
});
