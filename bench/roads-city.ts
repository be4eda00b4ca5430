/**
 * An invented municipality in the manner of a Chinese city: avenues some 550 m apart, every tenth an expressway, blocks
 * with a few gates and winding streets inside, one-way lanes, two rivers with bridges far apart. A million junctions are
 * 121 × 121 avenues. What makes a city easy or hard to route in is how few roads join its parts; a perfect lattice of
 * lanes, which no city is, would be harder.
 */

import { AGAINST, ALONG, type RoadClass, roadClasses } from '../src/fleet/roads/graph.ts';
import type { Roads } from '../src/fleet/roads/prepare/draft.ts';
import { RoadsDraft } from '../src/fleet/roads/prepare/draft.ts';
import { type Random, seededRandom } from './random.ts';

const WEST = 116.0;
const SOUTH = 39.6;
const BLOCK_LON = 0.0065;
const BLOCK_LAT = 0.005;
/** Streets inside a block, along each side. */
const LANES = 8;
const BOTH = ALONG | AGAINST;

const classNumber = (name: RoadClass) => roadClasses.indexOf(name);
const avenueClass = (index: number): RoadClass =>
  index % 10 === 0 ? 'trunk' : index % 5 === 0 ? 'primary' : index % 2 === 0 ? 'secondary' : 'tertiary';

/** @param side blocks along each side; a block has about 69 junctions */
export function inventMunicipality(side: number, seed: number): Roads {
  const random = seededRandom(seed);
  const draft = new RoadsDraft();
  const corners = Array.from({ length: (side + 1) ** 2 }, (_, i) =>
    draft.addNode(
      WEST + ((i % (side + 1)) + (random.next() - 0.5) * 0.2) * BLOCK_LON,
      SOUTH + (Math.floor(i / (side + 1)) + (random.next() - 0.5) * 0.2) * BLOCK_LAT,
    ),
  );
  const corner = (column: number, row: number) => corners[row * (side + 1) + column] as number;
  const rivers = [meander(random, side), meander(random, side)];
  const gates = gatesOf(draft, random, side);

  for (let row = 0; row <= side; row++)
    for (let column = 0; column <= side; column++) {
      // East along the row, then north along the column; a river is crossed by every fifth avenue only.
      if (column < side) {
        const wet = rivers[0]?.[row] === column && row % 5 !== 0;
        if (!wet) avenue(draft, random, row, corner(column, row), gates.along(column, row), corner(column + 1, row));
      }
      if (row < side) {
        const wet = rivers[1]?.[column] === row && column % 5 !== 0;
        if (!wet) avenue(draft, random, column, corner(column, row), gates.up(column, row), corner(column, row + 1));
      }
    }
  for (let row = 0; row < side; row++)
    for (let column = 0; column < side; column++) {
      const inside = block(draft, random, column, row);
      for (const { node, lane } of gates.of(column, row))
        draft.addEdge(node, inside[lane] as number, { roadClass: classNumber('service'), directions: BOTH });
    }
  return draft.finish('invented');
}

/** For each row the column whose eastward road it cuts. */
function meander(random: Random, side: number): number[] {
  let at = Math.floor(side * (0.3 + 0.4 * random.next()));
  return Array.from({ length: side + 1 }, () => {
    at = Math.min(side - 1, Math.max(0, at + Math.round((random.next() - 0.5) * 2)));
    return at;
  });
}

interface Gate {
  readonly node: number;
  /** The street inside it leads to. */
  readonly lane: number;
}

/** Two to five gates a block, each a junction on the avenue to the south or west of it, or the next block's. */
function gatesOf(draft: RoadsDraft, random: Random, side: number) {
  const along = new Map<number, number[]>();
  const up = new Map<number, number[]>();
  const of = new Map<number, Gate[]>();
  const key = (column: number, row: number) => row * (side + 1) + column;
  const put = <T>(map: Map<number, T[]>, at: number, value: T) => {
    const there = map.get(at);
    if (there) there.push(value);
    else map.set(at, [value]);
  };
  for (let row = 0; row < side; row++)
    for (let column = 0; column < side; column++) {
      const sides = [0, 1, 2, 3].filter(() => random.next() < 0.75);
      if (sides.length < 2) sides.splice(0, 2, 0, 3);
      for (const where of sides) {
        const lane = Math.floor(random.next() * LANES);
        const share = (lane + 0.5) / LANES;
        const [lon, lat] = where < 2 ? [column + share, row + where] : [column + where - 2, row + share];
        const node = draft.addNode(WEST + lon * BLOCK_LON, SOUTH + lat * BLOCK_LAT);
        if (where < 2) put(along, key(column, row + where), node);
        else put(up, key(column + where - 2, row), node);
        const edge = where % 2 ? LANES - 1 : 0;
        put(of, key(column, row), { node, lane: where < 2 ? edge * LANES + lane : lane * LANES + edge });
      }
    }
  const sorted = (nodes: number[] | undefined) => nodes ?? [];
  return {
    along: (column: number, row: number) => sorted(along.get(key(column, row))),
    up: (column: number, row: number) => sorted(up.get(key(column, row))),
    of: (column: number, row: number) => of.get(key(column, row)) ?? [],
  };
}

function avenue(
  draft: RoadsDraft,
  random: Random,
  index: number,
  from: number,
  between: readonly number[],
  to: number,
) {
  const name = avenueClass(index);
  const directions = name === 'tertiary' && random.next() < 0.2 ? (index % 4 === 1 ? ALONG : AGAINST) : BOTH;
  let tail = from;
  for (const node of [...between, to]) {
    draft.addEdge(tail, node, { roadClass: classNumber(name), directions });
    tail = node;
  }
}

/** Streets inside a block: a tree that winds through all of it, and a fifth of what would close it to loops. */
function block(draft: RoadsDraft, random: Random, column: number, row: number): number[] {
  const nodes = Array.from({ length: LANES * LANES }, (_, i) =>
    draft.addNode(
      WEST + (column + 0.08 + (0.84 * ((i % LANES) + random.next() * 0.4)) / LANES) * BLOCK_LON,
      SOUTH + (row + 0.08 + (0.84 * (Math.floor(i / LANES) + random.next() * 0.4)) / LANES) * BLOCK_LAT,
    ),
  );
  const group = nodes.map((_, i) => i);
  const root = (i: number): number => {
    let r = i;
    while (group[r] !== r) r = group[r] as number;
    return r;
  };
  const pairs = nodes.flatMap((_, i) => [
    ...((i + 1) % LANES ? [[i, i + 1] as const] : []),
    ...(i + LANES < nodes.length ? [[i, i + LANES] as const] : []),
  ]);
  for (let i = pairs.length - 1; i > 0; i--) {
    const j = Math.floor(random.next() * (i + 1));
    [pairs[i], pairs[j]] = [pairs[j] as readonly [number, number], pairs[i] as readonly [number, number]];
  }
  for (const [a, b] of pairs) {
    const isTree = root(a) !== root(b);
    if (isTree) group[root(a)] = root(b);
    else if (random.next() >= 0.2) continue;
    const directions = !isTree && random.next() < 0.4 ? ALONG : BOTH;
    draft.addEdge(nodes[a] as number, nodes[b] as number, { roadClass: classNumber('residential'), directions });
  }
  return nodes;
}
