/** The fewest sites that cover all demand (LSCP), and by it the shortest longest travel of p sites (p-center). */
import { coverOf, implied, merged, outdone } from './cover.ts';
import { type Row, solve } from './highs.ts';
import type { Watch } from './watch.ts';

export interface CoverProof {
  /** Site indices, the kept ones among them; null where no plan was found, or there is none. */
  readonly chosen: readonly number[] | null;
  /** No plan has fewer sites. */
  readonly bound: number;
}

/**
 * Every point needs a site of its list. Sites and points are taken away as long as one implies another, what is left goes
 * to HiGHS with a greedy plan to beat.
 * @param by sites that cover each point, none of them empty
 * @param enough sites: a plan of so many, or the proof that there is none, ends the search
 */
export function fewestSites(
  by: readonly Int32Array[],
  kept: Uint8Array,
  watch: Watch,
  { enough = 0, onBetter = (_: CoverProof) => {} } = {},
): CoverProof {
  const sites = kept.length;
  const always = [...kept.keys()].filter((site) => kept[site]);
  let open = by.filter((list) => !list.some((site) => kept[site]));
  open = merged(open, new Float64Array(open.length)).by;
  const usable = new Uint8Array(sites).fill(1);
  const sure: number[] = [];
  for (let changed = true; changed && !watch.stopped(); ) {
    changed = false;
    const single = open.find((list) => list.length === 1)?.[0];
    if (single !== undefined) {
      sure.push(single);
      open = open.filter((list) => !list.includes(single));
      changed = true;
      continue;
    }
    const points = implied(open, sites);
    if (points.some((mark) => mark)) {
      open = open.filter((_, point) => !points[point]);
      changed = true;
    }
    const covers = coverOf(open.length, sites, () => false).of.map(() => [] as number[]);
    for (const [point, list] of open.entries()) for (const site of list) covers[site]?.push(point);
    const lists = covers.map((list) => Int32Array.from(list));
    const lesser = outdone(lists, open.length, (site) => usable[site] === 1 && (lists[site]?.length ?? 0) > 0);
    if (lesser.some((mark) => mark)) {
      for (const site of lesser.keys()) if (lesser[site]) usable[site] = 0;
      open = merged(
        open.map((list) => list.filter((site) => usable[site])),
        new Float64Array(open.length),
      ).by;
      changed = true;
    }
  }
  const certain = [...always, ...sure];
  if (open.length === 0) return { chosen: certain, bound: certain.length };

  const start = greedyCover(open, sites);
  const siteOf = [...new Set(open.flatMap((list) => [...list]))].sort((a, b) => a - b);
  const columnOf = new Map(siteOf.map((site, column) => [site, column]));
  const rows: Row[] = open.map((list) => ({
    lower: 1,
    upper: Number.POSITIVE_INFINITY,
    columns: [...list].map((site) => columnOf.get(site) as number),
    values: [...list].map(() => 1),
  }));
  const from = Float64Array.from(siteOf, (site) => (start.has(site) ? 1 : 0));
  const chosenBy = (values: Float64Array) => [...certain, ...siteOf.filter((_, at) => (values[at] as number) > 0.5)];
  const wholeBound = (bound: number) =>
    certain.length + (Number.isFinite(bound) ? Math.max(1, Math.ceil(bound - 1e-6)) : 1);
  let best = chosenBy(from);
  if (best.length <= enough) return { chosen: best, bound: certain.length + 1 };
  const take = (values: Float64Array | null) => {
    if (!values) return;
    const found = chosenBy(values);
    if (found.length < best.length) best = found;
  };
  const solved = solve(
    { costs: siteOf.map(() => 1), uppers: siteOf.map(() => 1), integers: siteOf.length, rows },
    {
      from,
      watch,
      absoluteGap: 1 - 1e-6,
      onBetter(values, bound) {
        take(values);
        onBetter({ chosen: best, bound: Math.min(best.length, wholeBound(bound)) });
      },
      enough: (objective, bound) =>
        certain.length + objective <= enough + 1e-6 || (enough > 0 && wholeBound(bound) > enough),
    },
  );
  take(solved.values);
  if (solved.status === 'optimal') return { chosen: best, bound: best.length };
  return { chosen: best, bound: Math.min(best.length, wholeBound(solved.bound)) };
}

/** Whoever covers most of what is left, then whoever turned out not to be needed taken out again. */
function greedyCover(open: readonly Int32Array[], sites: number): Set<number> {
  const times = new Int32Array(open.length);
  const chosen = new Set<number>();
  for (let left = open.length; left > 0; ) {
    const gain = new Int32Array(sites);
    for (const [point, list] of open.entries())
      if (!times[point]) for (const site of list) gain[site] = (gain[site] as number) + 1;
    let best = 0;
    for (let site = 1; site < sites; site++) if ((gain[site] as number) > (gain[best] as number)) best = site;
    chosen.add(best);
    for (const [point, list] of open.entries())
      if (list.includes(best)) {
        if (!times[point]) left--;
        times[point] = (times[point] as number) + 1;
      }
  }
  for (const site of [...chosen].reverse()) {
    const points = [...open.keys()].filter((point) => open[point]?.includes(site));
    if (points.some((point) => times[point] === 1)) continue;
    chosen.delete(site);
    for (const point of points) times[point] = (times[point] as number) - 1;
  }
  return chosen;
}

export interface CenterProof {
  readonly chosen: readonly number[] | null;
  /** Longest travel of the plan, seconds. */
  readonly longest: number;
  /** No plan's is shorter. */
  readonly bound: number;
}

/**
 * p sites with the shortest longest travel: halving over the times there are, each time asked whether p sites cover all
 * demand within it (Minieka 1970). Infinity where p sites cannot reach everybody.
 */
export function shortestLongest(
  { seconds, points, kept, p }: { seconds: Float64Array; points: number; kept: Uint8Array; p: number },
  watch: Watch,
  onBetter: (proof: CenterProof) => void,
): CenterProof {
  const sites = kept.length;
  const times = [...new Set(seconds)].filter(Number.isFinite).sort((a, b) => a - b);
  const byWithin = (limit: number) =>
    coverOf(points, sites, (point, site) => (seconds[point * sites + site] as number) <= limit).by;
  const longestOf = (chosen: readonly number[]) => {
    let longest = 0;
    for (let point = 0; point < points; point++) {
      let nearest = Number.POSITIVE_INFINITY;
      for (const site of chosen) nearest = Math.min(nearest, seconds[point * sites + site] as number);
      longest = Math.max(longest, nearest);
    }
    return longest;
  };
  let chosen: readonly number[] | null = null;
  let longest = Number.POSITIVE_INFINITY;
  let low = 0; // times below this place are proven too short
  let high = times.length - 1;
  for (let first = true; low <= high && !watch.stopped(); first = false) {
    // The longest time first: whether there is any plan at all.
    const middle = first ? high : (low + high) >> 1;
    const by = byWithin(times[middle] as number);
    const found = by.some((list) => list.length === 0)
      ? { chosen: null, bound: Number.POSITIVE_INFINITY }
      : fewestSites(by, kept, watch, { enough: p });
    if (found.chosen && found.chosen.length <= p) {
      chosen = filled(found.chosen, sites, p);
      longest = longestOf(chosen);
      high = times.findIndex((time) => time >= longest) - 1;
    } else if (found.bound > p) low = middle + 1;
    else break; // its time was up before either was known
    onBetter({ chosen, longest, bound: times[low] ?? longest });
  }
  const bound = chosen && low > high ? longest : (times[low] ?? Number.POSITIVE_INFINITY);
  return { chosen, longest, bound };
}

/** Of p sites fewer may do; the rest are any. */
function filled(chosen: readonly number[], sites: number, p: number): number[] {
  const all = new Set(chosen);
  for (let site = 0; site < sites && all.size < p; site++) all.add(site);
  return [...all].sort((a, b) => a - b);
}
