/** A database of one's own on the run's PostgreSQL. */
import { randomUUID } from 'node:crypto';
import type { Test } from 'tap';
import { databaseUrl, execute, postgresUrl, TEMPLATE } from './ground.ts';

/** A migrated, empty database; its URL. Dropped when `t` ends, with whatever is still connected. */
export async function freshDatabase(t: Test): Promise<string> {
  return create(t, TEMPLATE);
}

/** A database without any migration. */
export async function bareDatabase(t: Test): Promise<string> {
  return create(t, 'template0');
}

async function create(t: Test, template: string): Promise<string> {
  const admin = await postgresUrl();
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await execute(admin, `CREATE DATABASE ${name} TEMPLATE ${template}`);
  t.teardown(() => execute(admin, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`));
  return databaseUrl(admin, name);
}
