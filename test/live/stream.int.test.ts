/** Each console sees each event once and in order: under concurrent writers, over broken connections, over restarts, on both databases. */
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import t from 'tap';
import { appendEvents, lastSeq } from '../../src/database/events.ts';
import { inTransaction } from '../../src/database/pool.ts';
import { backends } from '../support/backends.ts';
import { commit, event, type Instance, instanceOn, range, TestConsole } from './support.ts';

/** Transactions of one to three events, some of them rolled back, some held open a while. */
async function write({ db, live }: Instance, writer: number, rounds: number): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    const events = Array.from({ length: 1 + ((writer + round) % 3) }, (_, i) =>
      event('unit.status', `c-${writer}`, { round, i }),
    );
    await inTransaction(db, async (tx) => {
      await appendEvents(tx, events);
      if ((writer + round) % 4 === 0) await sleep(2);
      if ((writer + round) % 5 === 0) throw new Error('rolled back');
    }).catch((error: Error) => {
      if (error.message !== 'rolled back') throw error;
    });
    live.nudge();
  }
}

for (const backend of backends) {
  t.test(backend.name, async (t) => {
    const ground = await backend.fresh(t);
    const first = await instanceOn(t, ground);
    const { db } = first;

    await t.test('hello says where the stream begins', async (t) => {
      const console = await (await first.open('dispatcher')).greeted();
      t.match(console.messages[0], { type: 'hello', seq: 0, head: 0, at: /^\d{4}-.*Z$/ });
      t.equal(console.messages[0]?.reset, undefined);
      await commit(db, event('clock.warning', 'c-9', { leg: 'travel' }), event('unit.status', null, { unitId: 'u-1' }));
      first.live.nudge();
      await console.has(2);
      t.match(console.events[0], { seq: 1, type: 'clock.warning', callId: 'c-9', data: { leg: 'travel' } });
      t.notOk('callId' in (console.events[1] ?? {}), 'an event without a call has no callId');
      console.socket.close();
    });

    await t.test('concurrent writers: every event once, in order, to every console', async (t) => {
      const before = await lastSeq(db);
      const consoles = await Promise.all([1, 2, 3].map(() => first.open('dispatcher')));
      for (const console of consoles) await console.greeted();
      await Promise.all(range(0, 5).map((writer) => write(first, writer, 15)));
      const last = await lastSeq(db);
      t.ok(last > before + 50, `${last - before} events`);
      for (const console of consoles) {
        await console.reaches(last);
        t.same(console.seqs, range(before + 1, last));
        console.socket.close();
      }
    });

    await t.test(
      'a console that breaks off at any time and resumes misses nothing and sees nothing twice',
      async (t) => {
        // Little memory, so that replay comes from the log as well as from memory.
        const second = await instanceOn(t, ground.redisUrl ? ground : { databaseUrl: ground.databaseUrl }, {
          settings: { recent: 20, pollMs: 20 },
        });
        const before = await lastSeq(db);
        let writing = true;
        const writers = range(0, 2).map(async (writer) => {
          while (writing) {
            await write(first, writer, 3);
            await sleep(5);
          }
        });
        const lives = await fc.sample(fc.array(fc.tuple(fc.nat(40), fc.boolean()), { minLength: 12, maxLength: 12 }), {
          numRuns: 3,
          seed: 20_260_302,
        });
        const seen = await Promise.all(
          lives.map(async (cuts) => {
            const seqs: number[] = [];
            let since = before;
            for (const [ms, onSecond] of cuts) {
              const console = await (onSecond ? second : first).open('dispatcher', undefined, since);
              await sleep(ms);
              console.socket.terminate();
              await console.closed();
              seqs.push(...console.seqs);
              since = console.seqs.at(-1) ?? since;
            }
            return { seqs, since };
          }),
        );
        writing = false;
        await Promise.all(writers);
        const last = await lastSeq(db);
        for (const { seqs, since } of seen) {
          const console = await first.open('dispatcher', undefined, since);
          await console.reaches(last);
          const all = [...seqs, ...console.seqs];
          t.same(all, range(before + 1, last), `${seqs.length} before the last connection, ${all.length} in all`);
          console.socket.close();
        }
      },
    );

    await t.test(
      'since: a number never given out, or from too long ago, resets; an old one replays from the log',
      async (t) => {
        const small = await instanceOn(t, ground, { settings: { recent: 5, replayable: 30 } });
        const head = await lastSeq(db);
        const future = await (await small.open('dispatcher', undefined, head + 1)).greeted();
        t.match(future.messages[0], { type: 'hello', seq: head, reset: true });
        const ancient = await (await small.open('dispatcher', undefined, head - 31)).greeted();
        t.match(ancient.messages[0], { type: 'hello', seq: head, reset: true });
        const old = await small.open('dispatcher', undefined, head - 30);
        await old.reaches(head);
        t.match(old.messages[0], { type: 'hello', seq: head - 30, head });
        t.same(old.seqs, range(head - 29, head));
        await commit(db, event('unit.status'));
        small.live.nudge();
        for (const console of [future, ancient, old]) {
          await console.reaches(head + 1);
          t.equal(console.seqs.at(-1), head + 1, 'and goes on live');
        }
      },
    );

    await t.test('a crew that was away sees what it would have seen', async (t) => {
      const crew = { unitId: 'u-7' };
      const start = await commit(
        db,
        event('call.updated', 'c-7'),
        event('unit.assigned', 'c-7', crew),
        event('clock.warning', 'c-7'),
        event('clock.warning', 'c-8'),
        event('unit.stood-down', 'c-7', crew),
        event('clock.breached', 'c-7'),
      );
      first.live.nudge();
      const away = await first.open('crew', 'u-7', start - 6);
      await away.reaches(start - 1);
      const restarted = await instanceOn(t, ground);
      const elsewhere = await restarted.open('crew', 'u-7', start - 6);
      await elsewhere.reaches(start - 1);
      await sleep(50);
      for (const console of [away, elsewhere]) {
        t.same(
          console.events.map(({ type, callId }) => `${type} ${callId}`),
          ['unit.assigned c-7', 'clock.warning c-7', 'unit.stood-down c-7'],
        );
        console.socket.close();
      }
    });

    await t.test('the database goes away for a while: nothing is skipped', async (t) => {
      const before = await lastSeq(db);
      const console = await (await first.open('dispatcher')).greeted();
      if (ground.redisUrl) {
        for (const seq of range(before + 1, before + 20)) {
          const [committed] = await Promise.all([
            commit(db, event('unit.status')).catch(() => null),
            seq % 3
              ? null
              : db
                  .query(
                    'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
                  )
                  .catch(() => null),
          ]);
          if (committed) first.live.nudge();
        }
      }
      await commit(db, event('unit.status'));
      const last = await lastSeq(db);
      await console.reaches(last);
      t.same(console.seqs, range(before + 1, last));
      console.socket.close();
    });

    await t.test('the instance restarts under open consoles, which resume', async (t) => {
      const before = await lastSeq(db);
      const old = await instanceOn(t, ground);
      const consoles = await Promise.all([old.open('dispatcher'), old.open('planner')]);
      for (const console of consoles) await console.greeted();
      await commit(db, event('unit.status'));
      old.live.nudge();
      for (const console of consoles) await console.reaches(before + 1);
      await old.stop();
      t.same(await Promise.all(consoles.map((console) => console.closed())), [1012, 1012]);
      await commit(db, event('unit.status'), event('unit.status'));
      const again = await instanceOn(t, ground, { port: old.port });
      const authorization = `Bearer ${await again.token('planner')}`;
      const resumed = new TestConsole(`${again.url}?since=${consoles[1]?.last}`, { authorization });
      await resumed.reaches(before + 3);
      t.same(resumed.seqs, [before + 2, before + 3]);
      await commit(db, event('unit.status'));
      again.live.nudge();
      await resumed.reaches(before + 4);
      t.same(resumed.seqs, range(before + 2, before + 4));
    });
  });
}
