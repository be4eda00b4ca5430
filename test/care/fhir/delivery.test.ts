/** When a delivery is tried again: later each time, for days, and never where it is hopeless. */
import fc from 'fast-check';
import t from 'tap';
import { ATTEMPTS, afterFailure, type Failure } from '../../../src/care/fhir/delivery.ts';

const failing: Failure = { status: 503, retryAfterSeconds: null };

t.test('the waits grow to an hour and last for days', async (t) => {
  let sum = 0;
  for (let attempt = 1; attempt < ATTEMPTS; attempt++) {
    const next = afterFailure(attempt, failing, 0.5);
    if (next.state === 'dead') return t.fail(`given up after ${attempt}`);
    t.ok(next.afterMs <= 3_600_000);
    sum += next.afterMs;
  }
  t.ok(sum > 4.5 * 86_400_000 && sum < 6 * 86_400_000, `${sum / 86_400_000} days`);
  t.same(afterFailure(ATTEMPTS, failing, 0.5), { state: 'dead' });
});

t.test('the spread moves a wait by a quarter at most; a platform that asks for time gets it', async (t) => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: ATTEMPTS - 1 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (attempt, spread) => {
        const [middle, moved] = [afterFailure(attempt, failing, 0.5), afterFailure(attempt, failing, spread)];
        return (
          middle.state === 'pending' &&
          moved.state === 'pending' &&
          Math.abs(moved.afterMs / middle.afterMs - 1) <= 0.2501
        );
      },
    ),
  );
  t.match(afterFailure(1, { status: 429, retryAfterSeconds: 90 }, 0), { afterMs: 90_000 });
  t.match(afterFailure(1, { status: 503, retryAfterSeconds: 999_999 }, 0), { afterMs: 3_600_000 });
});

t.test('what is understood and refused goes to a person at once; what we can mend does not', async (t) => {
  for (const status of [400, 412, 413, 422])
    t.equal(afterFailure(1, { status, retryAfterSeconds: null }, 0).state, 'dead', String(status));
  for (const status of [401, 403, 404, 409, 429, 500, 502, 503])
    t.equal(afterFailure(1, { status, retryAfterSeconds: null }, 0).state, 'pending', String(status));
  for (const kind of ['timeout', 'unreachable', 'no-response-bundle'] as const)
    t.equal(afterFailure(1, { status: null, kind }, 0).state, 'pending', kind);
});
