/** The real clock and real ids, for the service and its commands; apart from `deps.ts`, so that a command loads no service. */
import { randomFillSync } from 'node:crypto';
import { V7Generator } from 'uuidv7';
import type { Clock, Ids } from './domain/time.ts';

export const systemClock: Clock = { now: () => Date.now() };

/** Random numbers drawn many at a time: two ids a call, each asking the system twice, cost more than ranking the units. */
const drawn = new Uint32Array(1024);
let used = drawn.length;
const random = {
  nextUint32(): number {
    if (used === drawn.length) {
      randomFillSync(drawn);
      used = 0;
    }
    return drawn[used++] as number;
  },
};
const generator = new V7Generator(random);

/** UUID version 7: ordered by time, so that an index on them grows at one end. */
export const systemIds: Ids = { next: () => generator.generate().toString() };
