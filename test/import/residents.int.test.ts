/** A registry streamed in: good lines are filed, bad ones listed by number, and nothing a client does harms the service. */
import { once } from 'node:events';
import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { generatePopulation } from '../../bench/population.ts';
import { roles } from '../../src/domain/vocabulary.ts';
import { issueToken } from '../../src/http/auth.ts';
import { fleet, wang, zhang } from '../support/people.ts';
import { freshDatabase } from '../support/postgres.ts';
import { serviceOn } from '../support/service.ts';

// On a busy machine; nothing here waits for a time to pass.
t.setTimeout(170_000);
const lines: string[] = [];
const logTo = new Writable({
  write(chunk, _encoding, done) {
    lines.push(String(chunk));
    done();
  },
});
const service = await serviceOn(t, await freshDatabase(t), 10, { env: { LOG_LEVEL: 'info' }, logTo });
const { app, ask, db, deps } = service;

const bearer = async (role: (typeof roles)[number] = 'registry') => {
  if (!deps.config.auth.local) throw new Error('the test settings have a local key');
  return `Bearer ${await issueToken(deps.config.auth.local, { role, subject: `${role}-1`, ttlSeconds: 3_600 }, deps.clock)}`;
};
const ndjson = { 'content-type': 'application/x-ndjson' };
async function send(payload: string | Buffer, headers: Record<string, string> = {}) {
  const answer = await app.inject({
    method: 'POST',
    url: '/v1/residents/import',
    payload,
    headers: { ...ndjson, authorization: await bearer(), ...headers },
  });
  return { status: answer.statusCode, body: answer.json() };
}
const person = (residentId: string, over: object = {}) => ({ ...wang, residentId, ...over });
const line = (residentId: string, over: object = {}) => JSON.stringify(person(residentId, over));
const filed = async () =>
  (await db.query<{ n: number }>({ text: 'SELECT count(*) AS n FROM residents' })).rows[0]?.n ?? 0;
const isFiled = async (id: string) => (await ask('registry', 'GET', `/v1/residents/${id}`)).status === 200;

t.test('good lines are filed, each bad one is listed by its number and a code', async (t) => {
  const long = line('r-long', { home: { ...wang.home, entryNotes: 'x'.repeat(260 * 1024) } });
  const broken = Buffer.concat([Buffer.from(line('r-utf').slice(0, -1)), Buffer.of(0xc3, 0x28), Buffer.from('"}')]);
  const text: (string | Buffer)[] = [
    '\ufeff',
    line('l-1'),
    '\r\n', // 1: a byte order mark, and Windows line ends
    '\n', // 2: blank
    '  \t \r\n', // 3: blank too
    '{"residentId": "l-4", \n', // 4: cut off
    line('l-5'),
    '\n', // 5
    broken,
    '\n', // 6
    long,
    '\n', // 7
    line('l-8', { phones: ['120'] }),
    '\n', // 8
    line('l-9', { idNumber: '110102194103020024' }),
    '\n', // 9
    line('l-10', { extra: 1 }),
    '\n', // 10
    line('l-11', { name: 'x\0' }),
    '\n', // 11
    line('l-12', { birthDate: '2026-02-30' }),
    '\n', // 12
    line('l-13', { confirmedAt: '2026-01-01T00:00:00+23:00' }),
    '\n', // 13
    '[]\n', // 14
    'null\n', // 15
    `${line('l-16')}${line('l-16')}\n`, // 16: two on one line
    '['.repeat(100_000),
    '\n', // 17
    line('l-18', { home: { ...wang.home, position: { lon: 72.0041, lat: 40, crs: 'gcj02' } } }),
    '\n', // 18: good, if far away
    line('l-19'), // 19: without a line end
  ];
  const { status, body } = await send(Buffer.concat(text.map((part) => Buffer.from(part))));
  t.equal(status, 200);
  t.match(body, { filed: 4, refused: 13 });
  t.same(
    body.refusals.map((refusal: { line: number; code: string }) => [refusal.line, refusal.code]),
    [
      [4, 'bad-request'],
      [6, 'bad-request'],
      [7, 'bad-request'],
      [8, 'bad-phone'],
      [9, 'bad-citizen-number'],
      [10, 'bad-request'],
      [11, 'bad-request'],
      [12, 'bad-request'],
      [13, 'bad-request'],
      [14, 'bad-request'],
      [15, 'bad-request'],
      [16, 'bad-request'],
      [17, 'bad-request'],
    ],
  );
  const detailOf = (number: number) =>
    body.refusals.find((refusal: { line: number }) => refusal.line === number)?.detail;
  t.match(detailOf(7), /too long/);
  t.match(detailOf(6), /UTF-8/);
  t.match(detailOf(8), /^phones\[0\]/);
  t.match(detailOf(10), /^extra/);
  t.match(detailOf(12), /^birthDate/);
  t.notMatch(JSON.stringify(body.refusals), /110102194103020024|王虚构/, 'no refusal repeats what it refuses');
  for (const id of ['l-1', 'l-5', 'l-18', 'l-19']) t.ok(await isFiled(id), id);
  t.equal(await filed(), 4);
});

t.test('nothing at all, and nothing but blanks', async (t) => {
  for (const empty of ['\n', ' ', '\r\n\r\n'])
    t.same((await send(empty)).body, { filed: 0, refused: 0, refusals: [] }, JSON.stringify(empty));
});

t.test('of a resident twice in one file the later line stands, in one batch or in two', async (t) => {
  const twice = [line('d-1', { name: '前' }), line('d-2', { name: '前' }), line('d-1', { name: '后' })];
  const between = Array.from({ length: 600 }, (_, i) => line(`d-x${i}`));
  t.match((await send([...twice, ...between, line('d-2', { name: '后' })].join('\n'))).body, {
    filed: 604,
    refused: 0,
  });
  for (const id of ['d-1', 'd-2']) t.equal((await ask('registry', 'GET', `/v1/residents/${id}`)).body.name, '后', id);
});

t.test('the same file twice files everybody once', async (t) => {
  const file = Array.from({ length: 700 }, (_, i) => line(`s-${i}`)).join('\n');
  const before = await filed();
  t.match((await send(file)).body, { filed: 700 });
  t.match((await send(file)).body, { filed: 700 });
  t.equal(await filed(), before + 700);
  const { rows } = await db.query({
    text: `SELECT count(*) AS stray FROM resident_keys k JOIN residents r USING (resident_ref) WHERE k.token <> ALL (r.keys)`,
  });
  t.equal(rows[0]?.stray, 0, 'and no key twice');
});

t.test('a thousand refusals are listed, the rest counted', async (t) => {
  const { body } = await send('x\n'.repeat(1_500));
  t.equal(body.refused, 1_500);
  t.equal(body.refusals.length, 1_000);
});

t.test('lines cut anywhere into chunks are put together again', async (t) => {
  const people = [...generatePopulation({ count: 40, seed: 5 })].map((resident, i) => ({
    ...resident,
    residentId: `c-${i}`,
  }));
  const bytes = Buffer.from(people.map((resident) => JSON.stringify(resident)).join('\r\n'));
  const { readLines } = await import('../../src/residents/import.ts');
  for (const size of [1, 2, 3, 7, 1_000, 65_536]) {
    const chunks = (async function* () {
      for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
    })();
    const texts: (string | null)[] = [];
    for await (const { text } of readLines(chunks)) texts.push(text);
    t.same(
      texts.map((text) => JSON.parse(text ?? '')),
      people,
      `${size} bytes at a time`,
    );
  }
});

t.test('what is no NDJSON, and who may not', async (t) => {
  const before = await filed();
  for (const type of ['application/json', 'text/plain', 'text/csv', 'multipart/form-data; boundary=x'])
    t.match(
      await send(line('w-1'), { 'content-type': type }),
      { status: 415, body: { code: 'unsupported-media-type' } },
      type,
    );
  t.match(await send(line('w-0'), { 'content-type': 'application/x-ndjson; charset=utf-8' }), {
    status: 200,
    body: { filed: 1 },
  });
  for (const role of roles) {
    if (role === 'registry' || role === 'admin') continue;
    t.match(
      await send(line('w-1'), { authorization: await bearer(role) }),
      { status: 403, body: { code: 'forbidden' } },
      role,
    );
  }
  t.match(await send(line('w-1'), { authorization: '' }), { status: 401, body: { code: 'unauthenticated' } });
  t.equal(await filed(), before + 1);
});

t.test('over a real connection', async (t) => {
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo;
  const authorization = await bearer();
  const open = () =>
    request({
      port,
      agent: false,
      method: 'POST',
      path: '/v1/residents/import',
      headers: { ...ndjson, authorization },
    });
  const untilFiled = async (count: number) => {
    while ((await filed()) < count) await sleep(20);
  };

  await t.test('a client that goes away in the middle: what was filed stays, and nothing broke', async (t) => {
    const before = await filed();
    const upload = open();
    upload.on('error', () => {}); // it is this side that goes away
    for (let i = 0; i < 1_300; i++) upload.write(`${line(`gone-${i}`)}\n`);
    await untilFiled(before + 1_000);
    const told = lines.length;
    upload.destroy();
    while (lines.length === told) await sleep(20);
    t.equal(await filed(), before + 1_000, 'whole batches, and no part of one');
    const said = lines.slice(told).map((one) => JSON.parse(one));
    t.same(
      said.filter((one) => one.level >= 40),
      [],
      'nobody is called for a client that went away',
    );
    t.notMatch(JSON.stringify(said), /database-unavailable/, 'nor is the database blamed');
    for (const unit of fleet) t.equal((await ask('admin', 'PUT', `/v1/units/${unit.unitId}`, unit)).status, 200);
    t.match((await send(line('gone-0'))).body, { filed: 1 }, 'the next import goes on as ever');
  });

  await t.test('a database that fails in the middle is told to the client, not hung up on', async (t) => {
    const upload = open();
    const answered = once(upload, 'response');
    const before = await filed();
    for (let i = 0; i < 600; i++) upload.write(`${line(`fail-${i}`)}\n`);
    await untilFiled(before + 500);
    await db.query({ text: 'ALTER TABLE resident_keys RENAME TO resident_keys_away' });
    // Goes on sending, more than any buffer on the way holds, until somebody answers.
    let heard = false;
    answered.then(
      () => (heard = true),
      () => (heard = true),
    );
    for (let i = 600; i < 60_000 && !heard; i++) {
      if (!upload.write(`${line(`fail-${i}`)}\n`))
        await Promise.race([once(upload, 'drain'), answered.catch(() => {})]);
    }
    upload.end();
    const [response] = await answered;
    response.resume();
    await db.query({ text: 'ALTER TABLE resident_keys_away RENAME TO resident_keys' });
    t.equal(response.headers['content-type'], 'application/problem+json');
    t.equal(await filed(), before + 500);
    t.match((await send(line('fail-0', { name: zhang.name }))).body, { filed: 1 });
  });
});
