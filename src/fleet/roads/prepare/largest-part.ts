/** Islands, courtyards and clipped ends go: what is left is where one can get from everywhere to everywhere. */
import { AGAINST, ALONG } from '../graph.ts';
import type { Roads } from './draft.ts';

/** The largest strongly connected part (Tarjan, without recursion). */
export function largestPart({ nodeCount, edgeTail, edgeHead, edgeDirections }: Roads) {
  const first = new Uint32Array(nodeCount + 1);
  const eachArc = (arc: (from: number, to: number) => void) => {
    for (let e = 0; e < edgeTail.length; e++) {
      const directions = edgeDirections[e] as number;
      if (directions & ALONG) arc(edgeTail[e] as number, edgeHead[e] as number);
      if (directions & AGAINST) arc(edgeHead[e] as number, edgeTail[e] as number);
    }
  };
  eachArc((from) => {
    first[from + 1] = (first[from + 1] as number) + 1;
  });
  for (let n = 0; n < nodeCount; n++) first[n + 1] = (first[n + 1] as number) + (first[n] as number);
  const cursor = first.slice();
  const target = new Uint32Array(first[nodeCount] as number);
  eachArc((from, to) => {
    const at = cursor[from] as number;
    target[at] = to;
    cursor[from] = at + 1;
  });

  const UNSEEN = 0xffff_ffff;
  const seen = new Uint32Array(nodeCount).fill(UNSEEN);
  const low = new Uint32Array(nodeCount);
  const part = new Uint32Array(nodeCount).fill(UNSEEN);
  const next = first.slice(0, nodeCount);
  const open = new Uint32Array(nodeCount);
  const trail = new Uint32Array(nodeCount);
  const sizes: number[] = [];
  let time = 0;
  let opened = 0;
  for (let root = 0; root < nodeCount; root++) {
    if (seen[root] !== UNSEEN || first[root] === first[root + 1]) continue;
    let depth = 0;
    trail[depth++] = root;
    while (depth > 0) {
      const n = trail[depth - 1] as number;
      if (seen[n] === UNSEEN) {
        seen[n] = low[n] = time++;
        open[opened++] = n;
      }
      const at = next[n] as number;
      if (at < (first[n + 1] as number)) {
        next[n] = at + 1;
        const m = target[at] as number;
        if (seen[m] === UNSEEN) trail[depth++] = m;
        else if (part[m] === UNSEEN) low[n] = Math.min(low[n] as number, seen[m] as number);
        continue;
      }
      depth--;
      if (depth > 0) {
        const back = trail[depth - 1] as number;
        low[back] = Math.min(low[back] as number, low[n] as number);
      }
      if (low[n] !== seen[n]) continue;
      const number = sizes.length;
      let size = 0;
      for (;;) {
        const m = open[--opened] as number;
        part[m] = number;
        size++;
        if (m === n) break;
      }
      sizes.push(size);
    }
  }
  const count = sizes.reduce((most, size) => Math.max(most, size), 0);
  const largest = sizes.indexOf(count);
  return { count, has: (n: number) => part[n] === largest };
}
