/** What is broken when: a plan from a seed, and its execution on a stage. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../../bench/random.ts';
import type { Cut } from './link.ts';
import type { Stage } from './stage.ts';

export type Fault =
  | { readonly kind: 'instance'; readonly instance: 0 | 1 }
  | { readonly kind: 'redis' }
  | { readonly kind: 'postgres' }
  | { readonly kind: 'redis-link'; readonly instance: 0 | 1; readonly how: Cut };
export type FaultKind = Fault['kind'];

export interface Round {
  /** At the same time. */
  readonly faults: readonly Fault[];
  readonly downMs: number;
  /** Left alone after all of it works again. */
  readonly quietMs: number;
}

const DOUBLE_SHARE = 0.25;

/** Every kind comes once in six rounds, in an order of its own; in a quarter of the rounds two things break at once. */
export function planRounds(rounds: number, random: Random): Round[] {
  let deck: Fault[] = [];
  const draw = (): Fault => {
    if (deck.length === 0) deck = fullDeck(random);
    return deck.splice(random.below(deck.length), 1)[0] as Fault;
  };
  return Array.from({ length: rounds }, () => {
    const first = draw();
    const second = random.chance(DOUBLE_SHARE) ? random.pick(fullDeck(random)) : first;
    const faults = second.kind === first.kind ? [first] : [first, second];
    return { faults, downMs: 200 + random.below(2_300), quietMs: 300 + random.below(1_700) };
  });
}

const fullDeck = (random: Random): Fault[] => [
  { kind: 'instance', instance: 0 },
  { kind: 'instance', instance: 1 },
  { kind: 'redis' },
  { kind: 'postgres' },
  { kind: 'redis-link', instance: 0, how: random.pick(['refuse', 'swallow'] as const) },
  { kind: 'redis-link', instance: 1, how: random.pick(['refuse', 'swallow'] as const) },
];

/** Breaks what the round says, leaves it so, mends it, and waits until the whole says that it is ready. */
export async function playRound(stage: Stage, { faults, downMs, quietMs }: Round): Promise<void> {
  await Promise.all(faults.map((fault) => inflict(stage, fault)));
  await sleep(downMs);
  await Promise.all(faults.map((fault) => mend(stage, fault)));
  await stage.allReady();
  await sleep(quietMs);
}

async function inflict(stage: Stage, fault: Fault): Promise<void> {
  switch (fault.kind) {
    case 'instance':
      return stage.instances[fault.instance]?.crash();
    case 'redis':
      return stage.crashRedis();
    case 'postgres':
      return stage.crashPostgres();
    case 'redis-link':
      return stage.instances[fault.instance]?.link.cut(fault.how);
  }
}

async function mend(stage: Stage, fault: Fault): Promise<void> {
  switch (fault.kind) {
    case 'instance':
      return stage.instances[fault.instance]?.start();
    case 'redis':
      return stage.startRedis();
    case 'postgres':
      return stage.startPostgres();
    case 'redis-link':
      return stage.instances[fault.instance]?.link.mend();
  }
}
