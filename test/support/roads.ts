/** Invented streets for tests: a grid with holes, one-way streets, loops, parallel roads and an island. */

import { seededRandom } from '../../src/demo/random.ts';
import { AGAINST, ALONG, roadClasses } from '../../src/fleet/roads/graph.ts';
import type { Roads } from '../../src/fleet/roads/prepare/draft.ts';
import { RoadsDraft } from '../../src/fleet/roads/prepare/draft.ts';

export const WEST = 116.3;
export const SOUTH = 39.9;
/** Degrees between two junctions of the invented grid: about 170 m and 220 m. */
export const STEP = 0.002;

export function inventedRoads(columns: number, rows: number, seed: number): Roads {
  const random = seededRandom(seed);
  const draft = new RoadsDraft();
  const jitter = () => (random.next() - 0.5) * STEP * 0.4;
  const nodes = Array.from({ length: columns * rows }, (_, i) =>
    draft.addNode(WEST + (i % columns) * STEP + jitter(), SOUTH + Math.floor(i / columns) * STEP + jitter()),
  );
  const road = () => ({
    roadClass: random.whole(0, roadClasses.length - 1),
    directions: random.pick([ALONG | AGAINST, ALONG | AGAINST, ALONG, AGAINST]),
    kmh: random.chance(0.2) ? random.whole(10, 80) : 0,
  });
  const join = (a: number, b: number) => {
    if (random.chance(0.12)) return;
    const bend: [number, number][] = random.chance(0.3)
      ? [[WEST + random.next() * columns * STEP * 0.01 + (a % columns) * STEP, SOUTH + Math.floor(a / columns) * STEP]]
      : [];
    draft.addEdge(nodes[a] as number, nodes[b] as number, road(), bend);
    if (random.chance(0.03)) draft.addEdge(nodes[a] as number, nodes[b] as number, road());
  };
  for (let i = 0; i < columns * rows; i++) {
    if ((i + 1) % columns) join(i, i + 1);
    if (i + columns < columns * rows) join(i, i + columns);
    if (random.chance(0.02)) {
      const at: [number, number] = [WEST + (i % columns) * STEP, SOUTH + Math.floor(i / columns) * STEP + STEP / 3];
      draft.addEdge(nodes[i] as number, nodes[i] as number, road(), [at, [at[0] + STEP / 3, at[1]]]);
    }
  }
  const [a, b] = [draft.addNode(WEST - 3 * STEP, SOUTH), draft.addNode(WEST - 3 * STEP, SOUTH + STEP)];
  draft.addEdge(a, b, { roadClass: 6, directions: ALONG | AGAINST });
  return draft.finish('invented');
}
