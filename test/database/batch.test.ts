import t from 'tap';
import { batched } from '../../src/database/batch.ts';

const tick = () => new Promise((resolve) => setImmediate(resolve));

t.test('calls of one turn go together, and what arrives meanwhile goes in the next', async (t) => {
  const batches: number[][] = [];
  let release = () => {};
  const run = batched<number, number>(
    async (items) => {
      batches.push([...items]);
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      return items.map((n) => n * 10);
    },
    { atMost: 3 },
  );
  const first = [run(1), run(2)];
  await tick();
  const later = [run(3), run(4), run(5), run(6)];
  await tick();
  t.same(batches, [[1, 2]], 'one batch is under way at a time');
  release();
  t.same(await Promise.all(first), [10, 20]);
  await tick();
  release();
  await Promise.all(later.slice(0, 3));
  await tick();
  release();
  t.same(await Promise.all(later), [30, 40, 50, 60]);
  t.same(batches, [[1, 2], [3, 4, 5], [6]]);
});

t.test('a full batch goes at once: it gains nothing by waiting for the rest of a flood', async (t) => {
  const batches: number[][] = [];
  const run = batched<number, number>(
    async (items) => {
      batches.push([...items]);
      return items;
    },
    { atMost: 2 },
  );
  const flood = [run(1), run(2), run(3)];
  t.same(batches, [[1, 2]], 'before this turn of the event loop is over');
  t.same(await Promise.all(flood), [1, 2, 3]);
  t.same(batches, [[1, 2], [3]], 'and none goes twice');
});

t.test('a bad item fails by itself; those that waited with it do not', async (t) => {
  const run = batched<number, number>(
    async (items) => {
      if (items.includes(13)) throw Object.assign(new Error('thirteen'), { code: '22003' });
      return items;
    },
    { atMost: 10 },
  );
  const results = await Promise.allSettled([run(12), run(13), run(14)]);
  t.same(
    results.map((r) => r.status),
    ['fulfilled', 'rejected', 'fulfilled'],
  );
  t.equal(await run(15), 15, 'and the next batch runs');
});

t.test('a batch rolled back as the loser of a deadlock is tried again', async (t) => {
  const run = batched<number, number>(
    async (items) => {
      if (items.length > 1) throw Object.assign(new Error('deadlock detected'), { code: '40P01' });
      return items;
    },
    { atMost: 10 },
  );
  t.same(await Promise.all([run(1), run(2), run(3)]), [1, 2, 3]);
});

t.test('a connection that broke fails all that waited, and nothing is tried a second time', async (t) => {
  let runs = 0;
  const run = batched<number, number>(
    async () => {
      runs++;
      throw new Error('Connection terminated unexpectedly');
    },
    { atMost: 10 },
  );
  const results = await Promise.allSettled([run(1), run(2), run(3)]);
  t.ok(results.every((r) => r.status === 'rejected'));
  t.equal(runs, 1, 'what may have been committed is not written again');
});
