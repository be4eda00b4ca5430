/** A seeded source of randomness, so that a generated population is the same on every machine. */

export interface Random {
  /** 0 ≤ x < 1 */
  next(): number;
  /** 0 ≤ n < below, whole */
  below(below: number): number;
  chance(probability: number): boolean;
  pick<T>(from: readonly T[]): T;
  /** Roughly normal (sum of twelve uniforms), mean 0, deviation 1. */
  normal(): number;
}

/** sfc32 (Chris Doty-Humphrey's Small Fast Counter, public domain), seeded by one number. */
export function seededRandom(seed: number): Random {
  let a = 0x9e3779b9;
  let b = 0x243f6a88;
  let c = seed | 0;
  let counter = 1;
  const next = () => {
    const t = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + t) | 0;
    return (t >>> 0) / 4294967296;
  };
  for (let i = 0; i < 12; i++) next();
  const below = (n: number) => Math.floor(next() * n);
  return {
    next,
    below,
    chance: (probability) => next() < probability,
    pick: (from) => from[below(from.length)] as (typeof from)[number],
    normal: () => {
      let sum = -6;
      for (let i = 0; i < 12; i++) sum += next();
      return sum;
    },
  };
}

/** Draws by weight, in the order of the table's cumulative sums. */
export function weighted<T>(table: readonly (readonly [T, number])[]): (random: Random) => T {
  const total = table.reduce((sum, [, weight]) => sum + weight, 0);
  return (random) => {
    let left = random.next() * total;
    for (const [value, weight] of table) {
      left -= weight;
      if (left < 0) return value;
    }
    return (table.at(-1) as readonly [T, number])[0];
  };
}
