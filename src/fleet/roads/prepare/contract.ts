/**
 * Contraction: which junctions shortcuts join, from the map alone, so that it holds for any speeds (the first phase of
 * Dibbelt, Strasser and Wagner, "Customizable Contraction Hierarchies", JEA 2016).
 */
import { NO_ARC } from '../graph.ts';
import type { Adjacency } from './adjacency.ts';

/** Arcs of every node to higher ones, shortcuts included; nodes numbered by their place in the order. */
export function contract({ first, head }: Adjacency): { arcFirst: Uint32Array; arcHead: Uint32Array } {
  const count = first.length - 1;
  const arcFirst = new Uint32Array(count + 1);
  let arcHead = new Uint32Array(head.length);
  const seenBy = new Uint32Array(count).fill(NO_ARC);
  const firstChild = new Int32Array(count).fill(-1);
  const sibling = new Int32Array(count).fill(-1);
  let arcs = 0;
  for (let n = 0; n < count; n++) {
    const begin = arcs;
    arcFirst[n] = begin;
    let most = (first[n + 1] as number) - (first[n] as number);
    for (let c = firstChild[n] as number; c >= 0; c = sibling[c] as number)
      most += (arcFirst[c + 1] as number) - (arcFirst[c] as number);
    if (arcs + most > arcHead.length) {
      const wider = new Uint32Array(Math.ceil((arcs + most) * 1.5));
      wider.set(arcHead.subarray(0, arcs));
      arcHead = wider;
    }
    const add = (heads: Uint32Array, from: number, to: number) => {
      for (let a = from; a < to; a++) {
        const m = heads[a] as number;
        if (m <= n || seenBy[m] === n) continue;
        seenBy[m] = n;
        arcHead[arcs++] = m;
      }
    };
    add(head, first[n] as number, first[n + 1] as number);
    for (let c = firstChild[n] as number; c >= 0; c = sibling[c] as number)
      add(arcHead, arcFirst[c] as number, arcFirst[c + 1] as number);
    arcHead.subarray(begin, arcs).sort();
    if (arcs === begin) continue;
    const parent = arcHead[begin] as number;
    sibling[n] = firstChild[parent] as number;
    firstChild[parent] = n;
  }
  arcFirst[count] = arcs;
  return { arcFirst, arcHead: arcHead.slice(0, arcs) };
}
