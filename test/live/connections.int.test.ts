/** How a console gets in, what it may say, and how it is sent away, without anybody else noticing. */
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { lastSeq } from '../../src/database/events.ts';
import { expireTickets } from '../../src/live/tickets.ts';
import { backends, type Ground } from '../support/backends.ts';
import { commit, event, type Instance, instanceOn, range, TestConsole } from './support.ts';

const ground = (t: Test): Promise<Ground> => (backends[0] as (typeof backends)[0]).fresh(t);

/** Opens a console beside the one under test, and shows at the end that it missed nothing. */
async function undisturbed(t: Test, instance: Instance) {
  const witness = await (await instance.open('dispatcher', 'witness')).greeted();
  return async () => {
    const seq = await commit(instance.db, event('unit.status'));
    instance.live.nudge();
    await witness.reaches(seq);
    t.equal(witness.code, undefined, 'the others are not disturbed');
    t.same(witness.seqs, range((witness.messages[0]?.seq ?? 0) + 1, seq));
    witness.socket.close();
  };
}

t.test('tickets open once, within half a minute, on any instance', async (t) => {
  const where = await ground(t);
  const [a, b] = [await instanceOn(t, where), await instanceOn(t, where)];
  const unharmed = await undisturbed(t, a);
  const withTicket = (instance: Instance, ticket: string) =>
    new TestConsole(`${instance.url}?ticket=${encodeURIComponent(ticket)}`, {});

  for (let round = 0; round < 10; round++) {
    const ticket = await a.ticket('dispatcher');
    t.match(ticket, /^[\w-]{43}$/);
    const racing = [a, b, a, b].map((instance) => withTicket(instance, ticket));
    await Promise.all(
      racing.map((console) => console.until(({ messages, code }) => messages.length > 0 || code !== undefined)),
    );
    t.same(
      racing.map(({ code }) => code ?? 'in').sort(),
      [4401, 4401, 4401, 'in'],
      'four at once on two instances: one is let in',
    );
    for (const console of racing) console.socket.close();
  }

  const { rows } = await a.db.query({ text: 'SELECT count(*) AS n FROM live_tickets' });
  t.equal(rows[0].n, 0, 'used tickets are gone');
  const secret = await a.ticket('planner');
  const stored = await a.db.query({ text: 'SELECT * FROM live_tickets' });
  t.notOk(JSON.stringify(stored.rows).includes(secret), 'only the hash is kept');
  await a.db.query({ text: `UPDATE live_tickets SET expires_at = now() - interval '1 second'` });
  t.equal(await withTicket(a, secret).closed(), 4401, 'expired');
  await a.ticket('planner');
  await expireTickets(a.db, Date.now() + 31_000);
  t.equal(
    (await a.db.query({ text: 'SELECT count(*) AS n FROM live_tickets' })).rows[0].n,
    0,
    'unused ones are cleared away',
  );

  const bad = ['x', '', '../../etc/passwd', '急救', 'a'.repeat(128)];
  for (const ticket of bad) t.equal(await withTicket(a, ticket).closed(), 4401, `ticket of ${ticket.length}`);
  t.equal(await new TestConsole(a.url, {}).closed(), 4401, 'neither ticket nor token');
  t.equal(await new TestConsole(a.url, { authorization: 'Bearer a.b.c' }).closed(), 4401, 'a bad token');
  const planner = withTicket(a, await a.ticket('planner', 'p-1'));
  await planner.greeted();
  t.equal(planner.messages[0]?.type, 'hello');
  planner.socket.close();
  await unharmed();
});

t.test('bad queries are refused before the upgrade, with a problem', async (t) => {
  const instance = await instanceOn(t, await ground(t));
  const authorization = `Bearer ${await instance.token('dispatcher')}`;
  for (const query of ['since=-1', 'since=x', 'since=1.5', 'since=1e400', 'room=all', `ticket=${'a'.repeat(129)}`]) {
    const console = new TestConsole(`${instance.url}?${query}`, { authorization });
    await console.closed();
    t.match(console.error?.message, /400/, query);
  }
  const plain = await fetch(instance.url.replace('ws:', 'http:'), { headers: { authorization } });
  t.match({ status: plain.status, ...((await plain.json()) as object) }, { status: 426, code: 'upgrade-required' });
});

t.test('roles: each sees its own, planners without names', async (t) => {
  const instance = await instanceOn(t, await ground(t));
  const who = {
    dispatcher: await instance.open('dispatcher'),
    planner: await instance.open('planner'),
    crew: await instance.open('crew', 'u-1'),
    otherCrew: await instance.open('crew', 'u-2'),
    centre: await instance.open('centre', 'z-1'),
    otherCentre: await instance.open('centre', 'z-2'),
    doctor: await instance.open('doctor', 'd-1'),
    registry: await instance.open('registry'),
  };
  for (const console of Object.values(who)) await console.greeted();
  const last = await commit(
    instance.db,
    event('call.received', 'c-1', {
      priority: 1,
      complaint: 'chest-pain',
      position: { lon: 116.3, lat: 39.9 },
      residentId: 'r-1',
    }),
    event('unit.assigned', 'c-1', { unitId: 'u-1', status: 'assigned' }),
    event('clock.warning', 'c-1', { leg: 'travel', canStill: { nearer: 'u-2' } }),
    event('locate.requested', 'c-1', { communityCentreId: 'z-1' }),
    event('follow-up.due', null, { doctorId: 'd-1', residentId: 'r-1' }),
    event('call.closed', 'c-1', { status: 'closed' }),
  );
  instance.live.nudge();
  await who.dispatcher.reaches(last);
  await who.planner.reaches(last);
  await who.crew.reaches(last);
  await who.centre.reaches(last - 2);
  await who.doctor.reaches(last - 1);
  await sleep(50);
  const seen = Object.fromEntries(
    Object.entries(who).map(([name, { events }]) => [name, events.map(({ type }) => type)]),
  );
  t.strictSame(seen, {
    dispatcher: ['call.received', 'unit.assigned', 'clock.warning', 'locate.requested', 'follow-up.due', 'call.closed'],
    planner: ['call.received', 'unit.assigned', 'clock.warning', 'call.closed'],
    crew: ['unit.assigned', 'clock.warning', 'locate.requested', 'call.closed'],
    otherCrew: [],
    centre: ['locate.requested'],
    otherCentre: [],
    doctor: ['follow-up.due'],
    registry: [],
  });
  t.strictSame(
    who.planner.events.map(({ data }) => data),
    [{ priority: 1 }, { unitId: 'u-1', status: 'assigned' }, { leg: 'travel' }, { status: 'closed' }],
  );
  t.match(who.dispatcher.events[0]?.data, { residentId: 'r-1', position: { lon: 116.3 } });
});

t.test('a console may ping; whatever else it says ends its connection and nobody else notices', async (t) => {
  const instance = await instanceOn(t, await ground(t));
  const unharmed = await undisturbed(t, instance);
  const polite = await (await instance.open('dispatcher')).greeted();
  polite.socket.send('ping');
  polite.socket.send('{"type":"ping"}');
  await polite.until(({ messages }) => messages.filter(({ type }) => type === 'pong').length === 2);
  t.match(polite.messages.at(-1), { type: 'pong', seq: 0, at: String });
  t.equal(polite.code, undefined);

  const rude: Record<string, [number, (console: TestConsole) => void]> = {
    'a frame of 1 MB': [1009, ({ socket }) => socket.send('x'.repeat(1_000_000))],
    'a binary frame': [1003, ({ socket }) => socket.send(Buffer.from([1, 2, 3]))],
    'another text': [1008, ({ socket }) => socket.send('{"type":"subscribe","room":"admin"}')],
    'a ping with more in it': [1008, ({ socket }) => socket.send('{"type":"ping","x":1}')],
    'a thousand pings': [
      1008,
      ({ socket }) => {
        for (const _ of range(1, 1_000)) socket.send('ping');
      },
    ],
    'bytes that are no frame': [1002, ({ socket }) => socket._socket.write(Buffer.alloc(64, 0xff))],
    'an unmasked frame': [1002, ({ socket }) => socket._socket.write(Buffer.from([0x81, 0x01, 0x41]))],
    'text that is not UTF-8': [1007, ({ socket }) => socket._socket.write(Buffer.from([0x81, 0x81, 0, 0, 0, 0, 0xff]))],
    'a connection torn down': [1006, ({ socket }) => socket._socket.resetAndDestroy()],
  };
  for (const [what, [code, say]] of Object.entries(rude)) {
    const console = await (await instance.open('dispatcher')).greeted();
    say(console);
    t.equal(await console.closed(), code, what);
  }
  await unharmed();
  polite.socket.close();
});

t.test('a console that reads too slowly is cut off, costs the others nothing, and resumes', async (t) => {
  const instance = await instanceOn(t, await ground(t), { settings: { bufferBytes: 500_000, recent: 50 } });
  const unharmed = await undisturbed(t, instance);
  const slow = await (await instance.open('dispatcher', 'slow')).greeted();
  slow.socket._socket.pause();
  let cutOff = 0;
  // The kernel takes some megabytes before the service's own buffer grows.
  while (cutOff === 0) {
    await commit(instance.db, ...range(1, 10).map(() => event('call.updated', 'c-1', { text: 'x'.repeat(20_000) })));
    instance.live.nudge();
    await sleep(20);
    const { values } = await (
      instance.deps.metrics.getSingleMetric('live_cut_off_total') as { get(): Promise<{ values: { value: number }[] }> }
    ).get();
    cutOff = values[0]?.value ?? 0;
  }
  slow.socket._socket.resume();
  t.equal(await slow.closed(), 4008);
  const resumed = await instance.open('dispatcher', 'slow', slow.last);
  const last = await lastSeq(instance.db);
  await resumed.reaches(last);
  t.same([...slow.seqs, ...resumed.seqs], range(1, last), `${slow.seqs.length} before, ${resumed.seqs.length} after`);
  resumed.socket.close();
  await unharmed();
});

t.test('a slow console that replays is waited for, not filled up', async (t) => {
  const where = await ground(t);
  const settings = { bufferBytes: 100_000, recent: 10 };
  const instance = await instanceOn(t, where, { settings });
  for (const _ of range(1, 12)) {
    await commit(instance.db, ...range(1, 100).map(() => event('call.updated', 'c-1', { text: 'x'.repeat(20_000) })));
  }
  const restarted = await instanceOn(t, where, { settings });
  const console = await (await restarted.open('dispatcher', undefined, 0)).greeted();
  console.socket._socket.pause();
  await sleep(300);
  t.equal(console.code, undefined);
  console.socket._socket.resume();
  await console.reaches(1_200);
  t.same(console.seqs, range(1, 1_200));
});

t.test('a console that gives no sign of life for two pings is given up', async (t) => {
  const instance = await instanceOn(t, await ground(t), { settings: { pingEveryMs: 50 } });
  const authorization = `Bearer ${await instance.token('dispatcher')}`;
  const silent = new TestConsole(instance.url, { authorization }, false);
  const alive = await instance.open('dispatcher');
  t.equal(await silent.closed(), 1006);
  await sleep(200);
  t.equal(alive.code, undefined, 'one that answers stays');
});

t.test('limits: connections of one subject, and a shift', async (t) => {
  const instance = await instanceOn(t, await ground(t), {
    settings: { perSubject: 2, longestMs: 300, pingEveryMs: 50 },
  });
  const mine = await Promise.all([instance.open('dispatcher', 'd-1'), instance.open('dispatcher', 'd-1')]);
  for (const console of mine) await console.greeted();
  t.equal(await (await instance.open('dispatcher', 'd-1')).closed(), 4429);
  const other = await (await instance.open('dispatcher', 'd-2')).greeted();
  t.equal(other.messages[0]?.type, 'hello');
  t.equal(await (mine[0] as TestConsole).closed(), 4401, 'after a shift it has to show again who it is');
  await Promise.all([...mine, other].map((console) => console.closed()));
  t.equal((await (await instance.open('dispatcher', 'd-1')).greeted()).messages[0]?.type, 'hello', 'and may');
});

t.test('positions: at most one a second a unit, without a number, to those who may see them', async (t) => {
  const instance = await instanceOn(t, await ground(t));
  const [dispatcher, crew, centre] = [
    await instance.open('dispatcher'),
    await instance.open('crew', 'u-1'),
    await instance.open('centre', 'z-1'),
  ];
  for (const console of [dispatcher, crew, centre]) await console.greeted();
  const from = Date.now();
  for (const step of range(1, 60)) {
    for (const unitId of ['u-1', 'u-2']) {
      instance.live.position({
        unitId,
        at: from + step,
        position: { lon: 116 + step / 1e4, lat: 39.9, crs: 'wgs84' },
        speed: 12,
      });
    }
    await sleep(20);
  }
  const of = (console: TestConsole, unitId: string) =>
    console.messages.filter(({ type, data }) => type === 'unit.position' && data.unitId === unitId);
  await dispatcher.until((console) => of(console, 'u-1').at(-1)?.data.position.lon === 116.006);
  const lasted = Date.now() - from;
  const told = of(dispatcher, 'u-2');
  t.ok(told.length >= 2 && told.length <= 1 + Math.ceil(lasted / 1_000), `${told.length} of 60 in ${lasted} ms`);
  t.match(told[0], { type: 'unit.position', at: /Z$/, data: { unitId: 'u-2', position: { crs: 'wgs84' }, speed: 12 } });
  t.notOk(told.some((message) => 'seq' in message));
  t.ok(of(crew, 'u-1').length >= 2);
  t.equal(of(crew, 'u-2').length, 0);
  t.equal(centre.messages.length, 1);
});

t.test('closing sends every console away and says to come back', async (t) => {
  const instance = await instanceOn(t, await ground(t));
  const consoles = await Promise.all(range(1, 20).map((n) => instance.open('dispatcher', `d-${n}`)));
  for (const console of consoles) await console.greeted();
  (consoles[0] as TestConsole).socket._socket.pause(); // one that does not listen holds up nobody
  await instance.stop();
  t.same(new Set(await Promise.all(consoles.slice(1).map((console) => console.closed()))), new Set([1012]));
});
