/** The last cells of a dissection are ordered by what they fill in. */
import type { Cell } from './adjacency.ts';

/** So many nodes at most: 32 bits hold one. */
export const SMALL_CELL = 32;

/** Always next the node that joins the fewest neighbours not yet joined; answers the cell's nodes in that order. */
export function fillLeast({ size, first, head }: Cell): Uint32Array {
  const joined = new Uint32Array(size);
  for (let i = 0; i < size; i++) {
    const last = first[i + 1] as number;
    for (let a = first[i] as number; a < last; a++) joined[i] = (joined[i] as number) | (1 << (head[a] as number));
  }
  const sorted = new Uint32Array(size);
  let left = size === 32 ? 0xffff_ffff : 2 ** size - 1;
  for (let done = 0; done < size; done++) {
    let best = -1;
    let least = Infinity;
    for (let i = 0; i < size; i++) {
      if (!((left >>> i) & 1)) continue;
      const around = (joined[i] as number) & left;
      let missing = 0;
      for (let rest = around; rest; rest &= rest - 1) {
        const j = 31 - Math.clz32(rest & -rest);
        missing += bits(around & ~(joined[j] as number)) - 1;
      }
      const cost = missing * SMALL_CELL + bits(around);
      if (cost < least) {
        least = cost;
        best = i;
      }
    }
    left &= ~(1 << best);
    const around = (joined[best] as number) & left;
    for (let rest = around; rest; rest &= rest - 1) {
      const j = 31 - Math.clz32(rest & -rest);
      joined[j] = ((joined[j] as number) | around) & ~(1 << j);
    }
    sorted[done] = best;
  }
  return sorted;
}

/** How many are set. */
function bits(word: number): number {
  let w = word - ((word >>> 1) & 0x5555_5555);
  w = (w & 0x3333_3333) + ((w >>> 2) & 0x3333_3333);
  return Math.imul((w + (w >>> 4)) & 0x0f0f_0f0f, 0x0101_0101) >>> 24;
}
