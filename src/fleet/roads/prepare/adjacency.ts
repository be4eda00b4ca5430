/** Who is whose neighbour: roads at a junction, and junctions beside one another whichever way one may drive. */
import { NO_ARC } from '../graph.ts';

/** Undirected, without parallels or loops: neighbours of node n are `head[first[n]]` to `first[n + 1]`. */
export interface Adjacency {
  readonly first: Uint32Array;
  readonly head: Uint32Array;
}

/** A part of the city by itself: its nodes are 0 to `size`, neighbours of node n `head[first[n]]` to `first[n + 1]`. */
export interface Cell {
  readonly size: number;
  readonly first: Uint32Array;
  readonly head: Uint32Array;
}

/** Neighbours without parallels and loops. */
export function adjacencyOf(count: number, tail: Uint32Array, head: Uint32Array): Adjacency {
  const { nodeFirst, nodeEdge } = touching(count, tail, head);
  const first = new Uint32Array(count + 1);
  const found = new Uint32Array(nodeEdge.length);
  const seenBy = new Uint32Array(count).fill(NO_ARC);
  let arcs = 0;
  for (let n = 0; n < count; n++) {
    first[n] = arcs;
    const last = nodeFirst[n + 1] as number;
    for (let i = nodeFirst[n] as number; i < last; i++) {
      const e = nodeEdge[i] as number;
      const m = tail[e] === n ? (head[e] as number) : (tail[e] as number);
      if (m === n || seenBy[m] === n) continue;
      seenBy[m] = n;
      found[arcs++] = m;
    }
  }
  first[count] = arcs;
  return { first, head: found.slice(0, arcs) };
}

/** Edges that touch each node; one that ends where it begins, once. */
export function touching(count: number, tail: Uint32Array, head: Uint32Array) {
  const nodeFirst = new Uint32Array(count + 1);
  const add = (n: number) => {
    nodeFirst[n + 1] = (nodeFirst[n + 1] as number) + 1;
  };
  for (let e = 0; e < tail.length; e++) {
    add(tail[e] as number);
    if (tail[e] !== head[e]) add(head[e] as number);
  }
  for (let n = 0; n < count; n++) nodeFirst[n + 1] = (nodeFirst[n + 1] as number) + (nodeFirst[n] as number);
  const cursor = nodeFirst.slice();
  const nodeEdge = new Uint32Array(nodeFirst[count] as number);
  const put = (n: number, e: number) => {
    const at = cursor[n] as number;
    nodeEdge[at] = e;
    cursor[n] = at + 1;
  };
  for (let e = 0; e < tail.length; e++) {
    put(tail[e] as number, e);
    if (tail[e] !== head[e]) put(head[e] as number, e);
  }
  return { nodeFirst, nodeEdge };
}
