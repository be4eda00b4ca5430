/** Every statement of every store is one PostgreSQL accepts against the migrated schema. */
import { readdir, readFile } from 'node:fs/promises';
import t from 'tap';
import { openPool } from '../../src/database/pool.ts';
import { backends } from '../support/backends.ts';

const root = new URL('../../src/', import.meta.url);

t.test('statements', async (t) => {
  const files: string[] = [];
  for (const file of await readdir(root, { recursive: true })) {
    if (!file.endsWith('.ts') || file.includes('.test.')) continue;
    if (/^export const sql = /m.test(await readFile(new URL(file, root), 'utf8'))) files.push(file);
  }
  t.ok(files.length >= 5, `stores found: ${files.join(', ')}`);
  for (const backend of backends) {
    await t.test(backend.name, async (t) => {
      const { databaseUrl } = await backend.fresh(t);
      const db = openPool(databaseUrl, { max: 1 });
      t.teardown(() => db.end());
      const names = new Set<string>();
      for (const file of files) {
        const { sql } = (await import(new URL(file, root).href)) as {
          sql: Record<string, { name: string; text: string }>;
        };
        for (const [key, { name, text }] of Object.entries(sql)) {
          t.notOk(names.has(name), `${name} is used once`);
          names.add(name);
          await t.resolves(db.query(`PREPARE "${name}" AS ${text}`), `${file} ${key}`);
        }
      }
    });
  }
});
