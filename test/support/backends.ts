/** Both ways to run, for suites that must hold on either. */
import type { Test } from 'tap';
import { freshEmbedded } from './embedded.ts';
import { freshDatabase } from './postgres.ts';
import { freshRedis } from './redis.ts';

export interface Ground {
  readonly databaseUrl: string;
  /** Absent when embedded: the queues are then in the database. */
  readonly redisUrl?: string;
}

export interface Backend {
  readonly name: 'postgresql+redis' | 'embedded';
  /** Migrated and empty; gone when `t` ends. */
  fresh(t: Test): Promise<Ground>;
}

export const backends: readonly Backend[] = [
  {
    name: 'postgresql+redis',
    fresh: async (t) => ({ databaseUrl: await freshDatabase(t), redisUrl: await freshRedis(t) }),
  },
  { name: 'embedded', fresh: async (t) => ({ databaseUrl: await freshEmbedded(t) }) },
];
