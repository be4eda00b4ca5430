/** The database of this installation: the one the settings name, or the embedded one, migrated. */

import type pg from 'pg';
import type { Config } from '../config.ts';
import { type EmbeddedOptions, startEmbedded } from './embedded.ts';
import { checkMigrated, migrate } from './migrate.ts';
import { openPool, type PoolOptions } from './pool.ts';

export interface OpenDatabase {
  readonly db: pg.Pool;
  readonly url: string;
  close(): Promise<void>;
}

/** All embedded connections share one session and take turns: more of them would only wait. */
const EMBEDDED_CONNECTIONS = 4;

/** Throws when the database cannot be reached, is of another version, or (embedded) is open elsewhere. */
export async function openDatabase(
  config: Pick<Config, 'databaseUrl' | 'dataDir'>,
  options: PoolOptions & Pick<EmbeddedOptions, 'onFailure'> = {},
): Promise<OpenDatabase> {
  if (config.databaseUrl) {
    const db = openPool(config.databaseUrl, options);
    try {
      await checkMigrated(db);
    } catch (error) {
      await db.end();
      throw error;
    }
    return { db, url: config.databaseUrl, close: () => db.end() };
  }
  const embedded = await startEmbedded(`${config.dataDir}/database`, options);
  await migrate(embedded.url);
  const db = openPool(embedded.url, { ...options, max: EMBEDDED_CONNECTIONS });
  return {
    db,
    url: embedded.url,
    close: async () => {
      await db.end();
      await embedded.stop();
    },
  };
}
