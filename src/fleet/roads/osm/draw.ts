/** Ways become roads between junctions: cut where they meet, and where a clipped extract leaves nodes out. */
import { RoadsDraft } from '../prepare/draft.ts';
import type { Coordinates } from './coordinates.ts';
import type { FirstPass } from './first-pass.ts';

/** Cuts the ways at junctions and where nodes are missing. */
export function draw({ refs, ways }: FirstPass, nodes: Coordinates) {
  const at = Int32Array.from(refs.view(), (id) => nodes.indexOf(id));
  const endOf = (w: number) => ways[w + 1]?.first ?? at.length;
  /** How often a node is used; an end counts twice, so that it is a junction whoever else comes by. */
  const uses = new Uint8Array(nodes.ids.length);
  const use = (i: number, times: number) => {
    const node = at[i] as number;
    uses[node] = Math.min(255, (uses[node] as number) + times);
  };
  ways.forEach(({ first }, w) => {
    const end = endOf(w);
    for (let i = first; i < end; i++) {
      const ends = !present(nodes, at, i - 1, first, end) || !present(nodes, at, i + 1, first, end);
      use(i, ends ? 2 : 1);
    }
  });
  const draft = new RoadsDraft();
  const number = new Int32Array(nodes.ids.length).fill(-1);
  const junction = (node: number): number => {
    if (number[node] === -1) number[node] = draft.addNode(...nodes.at(node));
    return number[node] as number;
  };
  const missing = new Set<number>();
  let clippedWays = 0;
  let lostWays = 0;
  ways.forEach(({ first, road }, w) => {
    const end = endOf(w);
    const before = draft.edgeCount;
    let whole = true;
    let tail = -1;
    let bends: (readonly [number, number])[] = [];
    for (let i = first; i < end; i++) {
      const node = at[i] as number;
      if (!nodes.has(node)) {
        missing.add(node);
        whole = false;
        tail = -1;
        continue;
      }
      if (tail === -1) {
        tail = node;
        bends = [];
      } else if ((uses[node] as number) < 2) bends.push(nodes.at(node));
      else if (node !== tail || bends.length > 0) {
        draft.addEdge(junction(tail), junction(node), road, bends);
        tail = node;
        bends = [];
      }
    }
    if (!whole) clippedWays++;
    if (draft.edgeCount === before) lostWays++;
  });
  return { draft, missingNodes: missing.size, clippedWays, lostWays };
}

const present = (nodes: Coordinates, at: Int32Array, i: number, first: number, end: number): boolean =>
  i >= first && i < end && nodes.has(at[i] as number);
