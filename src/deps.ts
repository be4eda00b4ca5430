/** Everything the service is built on, made once in `main.ts` and handed down; nothing else is global. */
import type pg from 'pg';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { uuidv7 } from 'uuidv7';
import type { Config } from './config.ts';
import type { Clock, Ids } from './domain/time.ts';
import type { Authenticator } from './http/auth.ts';
import type { Dependency } from './http/health-routes.ts';

export interface Deps {
  readonly config: Config;
  readonly db: pg.Pool;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Logger;
  readonly metrics: Registry;
  readonly auth: Authenticator;
  /** What `/health/ready` asks and names. */
  readonly dependencies: readonly Dependency[];
}

export const systemClock: Clock = { now: () => Date.now() };

/** UUID version 7: ordered by time, so that an index on them grows at one end. */
export const systemIds: Ids = { next: uuidv7 };
