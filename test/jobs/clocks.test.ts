import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import t from 'tap';
import { keepLooking } from '../../src/jobs/clocks.ts';

const log = pino({ level: 'silent' });

t.test('looks again at the moment something is due, and goes on after a look that failed', async (t) => {
  const looks: number[] = [];
  const dueAt = Date.now() + 300;
  const looking = keepLooking(
    async () => {
      looks.push(Date.now());
      if (looks.length === 2) throw new Error('the database is away');
      return looks.length === 1 ? dueAt - Date.now() : null;
    },
    log,
    60_000,
  );
  while (looks.length < 2) await sleep(5);
  t.ok((looks[1] ?? 0) >= dueAt - 1, 'not before it is due, and not a minute after');
  await looking.stop();
  await sleep(20);
  t.equal(looks.length, 2, 'stopped');
});

t.test('never looks twice at once, and stops after the look under way', async (t) => {
  let under = 0;
  let most = 0;
  let ended = false;
  const looking = keepLooking(
    async () => {
      most = Math.max(most, ++under);
      await sleep(30);
      under--;
      ended = true;
      return null;
    },
    log,
    1,
  );
  await sleep(200);
  ended = false;
  while (under === 0) await sleep(1);
  await looking.stop();
  t.ok(ended);
  t.equal(most, 1);
});

t.test('asked to look now it does, and once more where it was at it', async (t) => {
  let looks = 0;
  const looking = keepLooking(
    async () => {
      looks++;
      await sleep(30);
    },
    log,
    60_000,
  );
  while (looks === 0) await sleep(1);
  looking.now();
  while (looks < 2) await sleep(1);
  await sleep(60);
  looking.now();
  while (looks < 3) await sleep(1);
  await looking.stop();
  t.equal(looks, 3);
});
