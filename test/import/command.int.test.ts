/** The import commands as an operator runs them: what they say, how they end, and that they go on where they were broken off. */
import { createWriteStream, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import t, { type Test } from 'tap';
import { generatePopulation } from '../../bench/population.ts';
import { wang } from '../support/people.ts';
import { bareDatabase, freshDatabase } from '../support/postgres.ts';
import { type Ended, folder, run, start } from './support.ts';

// Each command is a process that loads the whole service.
t.setTimeout(170_000);
const files = folder(t);
const file = (name: string, content: string | Buffer): string => {
  const path = join(files, name);
  writeFileSync(path, content);
  return path;
};
const line = (residentId: string, over: object = {}) => JSON.stringify({ ...wang, residentId, ...over });

async function connect(t: Test, databaseUrl: string) {
  const client = new pg.Client({ connectionString: databaseUrl });
  client.on('error', () => {}); // the database may be dropped first
  await client.connect();
  t.teardown(() => client.end());
  const number = async (text: string) => Number((await client.query(text)).rows[0]?.n ?? 0);
  return {
    filed: () => number('SELECT count(*) AS n FROM residents'),
    marked: () => number('SELECT lines_done AS n FROM imports'),
    unfinished: () => number('SELECT count(*) AS n FROM imports'),
    past: () => number('SELECT count(*) AS n FROM past_calls'),
    distinct: () => number('SELECT count(DISTINCT resident_id) AS n FROM residents'),
  };
}

t.test(
  'good lines are filed, bad ones listed by line and code on standard error, and the exit code tells',
  async (t) => {
    const databaseUrl = await freshDatabase(t);
    const { filed, unfinished } = await connect(t, databaseUrl);
    const mixed = file(
      'mixed.ndjson',
      Buffer.concat([
        Buffer.from(`${line('r-1')}\r\n\r\n{"residentId": \n${line('r-4', { phones: ['120'] })}\n`),
        Buffer.from([0xff, 0xfe, 0x0a]),
        Buffer.from(`${line('r-6', { idNumber: '110102194103020024' })}\n${line('r-7')}`),
      ]),
    );
    const { code, stdout, stderr } = await run(t, 'import-residents', [mixed], databaseUrl);
    t.equal(code, 2);
    t.match(stdout, /2 filed, 4 refused/);
    t.same(stderr.match(/^line \d+: [a-z-]+/gm), [
      'line 3: bad-request',
      'line 4: bad-phone',
      'line 5: bad-request',
      'line 6: bad-citizen-number',
    ]);
    t.notMatch(stderr, /王虚构|110102194103020024/);
    t.equal(await filed(), 2);
    t.equal(await unfinished(), 0, 'a finished import may be run again from its first line');

    const again = await run(t, 'import-residents', [mixed], databaseUrl);
    t.match(again.stdout, /2 filed, 4 refused/);
    t.equal(await filed(), 2, 'the same file twice files everybody once');
  },
);

t.test('what cannot be imported at all is one line and exit 1', async (t) => {
  const databaseUrl = await freshDatabase(t);
  const good = file('good.ndjson', line('r-1'));
  const cases: [name: string, args: string[], url: string, says: RegExp][] = [
    ['no file named', [], databaseUrl, /^usage: /],
    ['no such file', [join(files, 'absent.ndjson')], databaseUrl, /ENOENT/],
    ['a folder', [files], databaseUrl, /EISDIR/],
    ['a database nobody migrated', [good], await bareDatabase(t), /migrat/],
    ['a database that is not there', [good], 'postgresql://postgres@127.0.0.1:1/none', /ECONNREFUSED/],
    ['a setting that is none', [good], 'mysql://x', /^DATABASE_URL /],
  ];
  const ended = await Promise.all(cases.map(([, args, url]) => run(t, 'import-residents', args, url)));
  for (const [i, [name, , , says]] of cases.entries()) {
    const { code, stderr } = ended[i] as Ended;
    t.equal(code, 1, name);
    t.match(stderr, says, name);
    t.equal(stderr.trim().split('\n').length, 1, `${name}: ${stderr}`);
  }
  const empty = await run(t, 'import-residents', [file('empty.ndjson', '')], databaseUrl);
  t.match(empty, { code: 0, stdout: /0 filed, 0 refused/ });
});

t.test('past calls are brought in by the same command of their own: each once, the bad lines listed', async (t) => {
  const databaseUrl = await freshDatabase(t);
  const { past } = await connect(t, databaseUrl);
  const call = (callId: string, receivedAt: string) =>
    JSON.stringify({
      callId,
      receivedAt,
      timePoints: { 'unit-notified': '2026-02-01T08:01:00+08:00', 'on-scene': '2026-02-01T08:07:00+08:00' },
    });
  const calls = file(
    'calls.ndjson',
    `${call('p-1', '2026-02-01T08:00:00+08:00')}\n${call('p-2', '2126-02-01T08:00:00+08:00')}\n{"callId":"p-3"}\n`,
  );
  for (const time of ['first', 'again']) {
    const { code, stdout, stderr } = await run(t, 'import-calls', [calls], databaseUrl);
    t.equal(code, 2, time);
    t.match(stdout, /1 filed, 2 refused/);
    t.match(stderr, /^line 2: received-in-future: receivedAt: lies in the future\nline 3: bad-request: receivedAt: /m);
    t.equal(await past(), 1, 'the same call of another system is kept once');
  }
});

t.test('broken off, it goes on where it stopped, in little memory, and refuses every bad line once', async (t) => {
  const databaseUrl = await freshDatabase(t);
  const { filed, marked, unfinished, distinct } = await connect(t, databaseUrl);
  const COUNT = 30_000;
  const BAD_EVERY = 1_000;
  // What is read grows far beyond this if any of it is kept.
  const HEAP_MEGABYTES = 64;
  const path = join(files, 'large.ndjson');
  const lines = function* () {
    let n = 0;
    for (const resident of generatePopulation({ count: COUNT, seed: 7 })) {
      if (++n % BAD_EVERY === 500) yield '{"residentId":"broken"\n';
      yield `${JSON.stringify(resident)}\n`;
    }
  };
  await pipeline(Readable.from(lines()), createWriteStream(path));
  t.comment(`${Math.round(statSync(path).size / 1e6)} MB, ${HEAP_MEGABYTES} MB of heap`);
  const bad = COUNT / BAD_EVERY;

  const first = start(t, 'import-residents', [path], databaseUrl);
  while ((await filed()) < 3_000) await sleep(10);
  first.child.kill('SIGKILL');
  t.equal((await first.ended).code, null, 'killed part-way through');
  let before = await filed();
  // What the server was told before may still be on its way to the disk.
  for (let last = -1; last !== before; before = await filed()) {
    last = before;
    await sleep(200);
  }
  const stoppedAt = await marked();
  t.ok(before >= 3_000 && before < COUNT, `${before} filed by then`);
  const badBefore = Array.from({ length: bad }, (_, i) => 500 + i * (BAD_EVERY + 1)).filter(
    (at) => at <= stoppedAt,
  ).length;
  t.equal(stoppedAt, before + badBefore, 'the mark and what was filed were written together');
  t.ok(badBefore > 0, 'some bad lines had been read');

  const second = await run(t, 'import-residents', [path], databaseUrl, [`--max-old-space-size=${HEAP_MEGABYTES}`]);
  t.equal(second.code, 2, second.stderr.slice(-500));
  t.match(second.stdout, `going on after line ${stoppedAt}`);
  t.match(second.stdout, `${COUNT - before} filed, ${bad} refused`, 'nobody is filed twice');
  t.equal(await filed(), COUNT);
  t.equal(await distinct(), COUNT);
  const refusals = second.stderr.match(/^line \d+/gm) ?? [];
  t.same(
    refusals,
    Array.from({ length: bad }, (_, i) => `line ${500 + i * (BAD_EVERY + 1)}`),
    'each by its line, once',
  );
  t.equal(await unfinished(), 0);
});
