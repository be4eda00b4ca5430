/** The embedded database behaves like a server to several clients, keeps its data, and belongs to one service. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import t, { type Test } from 'tap';
import { startEmbedded } from '../../src/database/embedded.ts';
import { checkMigrated, migrate } from '../../src/database/migrate.ts';
import { inTransaction, openPool } from '../../src/database/pool.ts';
import { embeddedSnapshot, freshEmbedded } from '../support/embedded.ts';

async function connect(t: Test, url: string, options: pg.ClientConfig = {}): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, ...options });
  client.on('error', () => {});
  await client.connect();
  t.teardown(() => client.end());
  return client;
}

t.test('several clients at once', async (t) => {
  const url = await freshEmbedded(t);
  const pool = openPool(url, { max: 8 });
  t.teardown(() => pool.end());

  await t.test('answers reach the client that asked', async (t) => {
    const wrong = await Promise.all(
      Array.from({ length: 400 }, async (_, i) => {
        const sent = i % 2 ? String(i) : i;
        const sql = i % 2 ? 'SELECT $1::text AS value' : 'SELECT $1::int AS value';
        const { rows } = await pool.query({ name: i % 3 ? `same.${i % 2}` : undefined, text: sql, values: [sent] });
        return rows[0].value === sent ? 0 : 1;
      }),
    );
    t.equal(
      wrong.reduce<number>((sum, one) => sum + one, 0),
      0,
    );
  });

  await t.test('one name, another statement: each client has its own', async (t) => {
    const a = await connect(t, url);
    const b = await connect(t, url);
    const first = { name: 'mine', text: 'SELECT 1 AS value' };
    const second = { name: 'mine', text: 'SELECT 2 AS value' };
    await a.query(first);
    t.equal((await b.query(second)).rows[0].value, 2);
    t.equal((await a.query(first)).rows[0].value, 1);
  });

  await t.test('a transaction is nobody else’s, and a lost client’s is rolled back', async (t) => {
    await pool.query('CREATE TABLE seen (id int PRIMARY KEY)');
    const inside = inTransaction(pool, async (tx) => {
      await tx.query({ text: 'INSERT INTO seen VALUES (1)' });
      await tx.query({ text: 'SELECT 1' });
      throw new Error('no');
    });
    const [outcome, others] = await Promise.all([
      inside.catch((error: Error) => error.message),
      pool.query('SELECT count(*)::int AS n FROM seen'),
    ]);
    t.equal(outcome, 'no');
    t.equal(others.rows[0].n, 0);

    const lost = new pg.Client({ connectionString: url });
    lost.on('error', () => {});
    await lost.connect();
    await lost.query('BEGIN');
    await lost.query('INSERT INTO seen VALUES (2)');
    const waiting = pool.query('SELECT count(*)::int AS n FROM seen');
    (lost as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
    t.equal((await waiting).rows[0].n, 0);
  });

  await t.test('an error spoils only its own statement', async (t) => {
    await t.rejects(pool.query('SELECT $1::int', ['x']), { code: '22P02' });
    await t.rejects(pool.query('SELECT 1 FROM nowhere'), { code: '42P01' });
    t.equal((await pool.query('SELECT $1::int AS value', [3])).rows[0].value, 3);
  });

  await t.test('rows fetched in portions', async (t) => {
    const portions = { text: 'SELECT * FROM generate_series(1, $1::int) AS n', values: [25], rows: 10 };
    const [few, other] = await Promise.all([pool.query(portions), pool.query('SELECT $1::text AS v', ['other'])]);
    t.equal(few.rows.length, 25);
    t.equal(other.rows[0].v, 'other');
  });

  await t.test('notifications reach whoever listens', async (t) => {
    const listener = await connect(t, url);
    await listener.query('LISTEN news');
    const heard = once(listener, 'notification');
    await pool.query(`SELECT pg_notify('news', 'hello')`);
    const [notification] = await heard;
    t.match(notification, { channel: 'news', payload: 'hello' });
  });

  await t.test('each client keeps the search_path of its start', async (t) => {
    await pool.query('CREATE SCHEMA apart');
    await pool.query('CREATE TABLE apart.thing AS SELECT 7 AS n');
    const apart = await connect(t, url, { options: '-c search_path="apart"' });
    t.equal((await apart.query('SELECT n FROM thing')).rows[0].n, 7);
    await t.rejects(pool.query('SELECT n FROM thing'), { code: '42P01' });
    t.equal((await apart.query('SELECT n FROM thing')).rows[0].n, 7);
  });

  await t.test('a large answer and a large parameter', async (t) => {
    const long = 'x'.repeat(3_000_000);
    t.equal((await pool.query('SELECT $1::text || $1 AS value', [long])).rows[0].value.length, 6_000_000);
  });

  await t.test('the password is needed', async (t) => {
    const wrong = new URL(url);
    wrong.password = 'postgres';
    await t.rejects(new pg.Client({ connectionString: wrong.href }).connect(), { code: '28P01' });
  });
});

t.test('data outlives the service, and a kill', async (t) => {
  const folder = t.testdir();
  const snapshot = await embeddedSnapshot();
  const first = await startEmbedded(folder, { snapshot });
  const pool = openPool(first.url);
  await checkMigrated(pool);
  t.strictSame(await migrate(first.url), [], 'the copy is migrated');
  await pool.query('CREATE TABLE kept AS SELECT 1 AS n');
  await t.rejects(startEmbedded(folder), { message: /in use by process/ }, 'one service to a folder');
  await pool.end();
  await first.stop();

  const script = join(folder, 'writer.ts');
  await writeFile(
    script,
    `import pg from ${JSON.stringify(import.meta.resolve('pg'))};
     import { startEmbedded } from ${JSON.stringify(import.meta.resolve('../../src/database/embedded.ts'))};
     const { url } = await startEmbedded(process.argv[2]);
     const client = new pg.Client({ connectionString: url });
     await client.connect();
     await client.query('INSERT INTO kept VALUES (2)');
     console.log('written');`,
  );
  const writer = spawn(process.execPath, ['--import=tsx', script, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(writer.stdout, 'data');
  await t.rejects(startEmbedded(folder), { message: /in use by process/ }, 'nor from another process');
  writer.kill('SIGKILL');
  await once(writer, 'exit');

  const second = await startEmbedded(folder);
  const client = new pg.Client({ connectionString: second.url });
  await client.connect();
  t.strictSame((await client.query('SELECT n FROM kept ORDER BY n')).rows, [{ n: 1 }, { n: 2 }]);
  t.match((await client.query('SELECT postgis_version() AS v')).rows[0].v, /^3\./);
  await client.end();
  await second.stop();
  await t.rejects(readFile(join(folder, 'lock')), { code: 'ENOENT' });
});

t.test('a folder that holds no database is refused, not overwritten', async (t) => {
  const folder = t.testdir({ postgresql: { PG_VERSION: '9' } });
  await t.rejects(startEmbedded(folder));
  t.equal(await readFile(join(folder, 'postgresql/PG_VERSION'), 'utf8'), '9');
});
