/** Good plans quickly: greedy opening, then vertex substitution (Teitz and Bart 1968), kicked out of local optima again and again. */
import { type Plan, planOf, type Serving } from './serving.ts';

/** Opens the kept sites, then one by one whichever site saves most. */
export function greedy(problem: Serving): Plan {
  const { clients, sites, p, kept, start, site, cost, outside } = problem;
  const isOpen = Uint8Array.from(kept);
  const nearest = Float64Array.from(outside);
  const serve = () => {
    for (let client = 0; client < clients; client++)
      for (let at = start[client] as number; at < (start[client + 1] as number); at++)
        if (isOpen[site[at] as number]) {
          nearest[client] = cost[at] as number;
          break;
        }
  };
  serve();
  for (let open = isOpen.reduce((sum, each) => sum + each, 0); open < p; open++) {
    const gain = new Float64Array(sites);
    for (let client = 0; client < clients; client++) {
      const now = nearest[client] as number;
      for (let at = start[client] as number; at < (start[client + 1] as number); at++) {
        if ((cost[at] as number) >= now) break;
        const to = site[at] as number;
        gain[to] = (gain[to] as number) + now - (cost[at] as number);
      }
    }
    let best = -1;
    for (let each = 0; each < sites; each++)
      if (!isOpen[each] && (best < 0 || (gain[each] as number) > (gain[best] as number))) best = each;
    isOpen[best] = 1;
    serve();
  }
  return planOf(problem, indicesOf(isOpen));
}

/**
 * Swaps an open site for a closed one as long as that saves, always the pair that saves most. All pairs are weighed in one
 * pass over the arcs nearer than each client's second open site: only those can change anything (Resende and Werneck 2007).
 * @param closed sites not to be opened
 */
export function substitute(problem: Serving, from: Plan, closed: Uint8Array | null, stopped: () => boolean): Plan {
  const { clients, sites, p, kept, start, site, cost, outside } = problem;
  if (p === sites) return from;
  const open = [...from.open];
  const slotOf = new Int32Array(sites).fill(-1);
  for (const [slot, each] of open.entries()) slotOf[each] = slot;
  const loss = new Float64Array(p);
  const gain = new Float64Array(sites);
  const spared = new Float64Array(sites * p);

  for (let total = from.cost; !stopped(); ) {
    loss.fill(0);
    gain.fill(0);
    spared.fill(0);
    for (let client = 0; client < clients; client++) {
      const begin = start[client] as number;
      const end = start[client + 1] as number;
      let first = begin;
      while (first < end && (slotOf[site[first] as number] as number) < 0) first++;
      let second = first + 1;
      while (second < end && (slotOf[site[second] as number] as number) < 0) second++;
      const nearest = first < end ? (cost[first] as number) : (outside[client] as number);
      const next = second < end ? (cost[second] as number) : (outside[client] as number);
      const slot = first < end ? (slotOf[site[first] as number] as number) : -1;
      if (slot >= 0) loss[slot] = (loss[slot] as number) + next - nearest;
      for (let at = begin; at < end; at++) {
        const its = cost[at] as number;
        if (its >= next) break;
        const to = site[at] as number;
        if (its < nearest) gain[to] = (gain[to] as number) + nearest - its;
        if (slot < 0) continue;
        const place = to * p + slot;
        spared[place] = (spared[place] as number) + next - Math.max(its, nearest);
      }
    }
    let bestSaving = 1e-9 * Math.max(1, Math.abs(total));
    let bestIn = -1;
    let bestOut = -1;
    for (let to = 0; to < sites; to++) {
      if ((slotOf[to] as number) >= 0 || closed?.[to]) continue;
      for (let slot = 0; slot < p; slot++) {
        const saving = (gain[to] as number) - (loss[slot] as number) + (spared[to * p + slot] as number);
        if (saving > bestSaving && !kept[open[slot] as number]) {
          bestSaving = saving;
          bestIn = to;
          bestOut = slot;
        }
      }
    }
    if (bestIn < 0) break;
    slotOf[open[bestOut] as number] = -1;
    open[bestOut] = bestIn;
    slotOf[bestIn] = bestOut;
    total -= bestSaving;
  }
  return planOf(problem, open);
}

/** Substitution from the best plan with a few sites swapped at random, `kicks` times; the better plan is kept. */
export function searchOn(
  problem: Serving,
  from: Plan,
  kicks: number,
  random: () => number,
  stopped: () => boolean,
): Plan {
  let best = from;
  const free = problem.p - problem.kept.reduce((sum, each) => sum + each, 0);
  if (free === 0 || problem.p === problem.sites) return best;
  for (let kick = 0; kick < kicks && !stopped(); kick++) {
    const isOpen = new Uint8Array(problem.sites);
    for (const each of best.open) isOpen[each] = 1;
    const swaps = 1 + Math.floor(random() * Math.min(free, problem.sites - problem.p, 5));
    for (let swap = 0; swap < swaps; swap++) {
      isOpen[pick(isOpen, problem.kept, 1, random)] = 0;
      isOpen[pick(isOpen, problem.kept, 0, random)] = 1;
    }
    const found = substitute(problem, planOf(problem, indicesOf(isOpen)), null, stopped);
    if (found.cost < best.cost) best = found;
  }
  return best;
}

function pick(isOpen: Uint8Array, kept: Uint8Array, state: 0 | 1, random: () => number): number {
  for (;;) {
    const each = Math.floor(random() * isOpen.length);
    if (isOpen[each] === state && !kept[each]) return each;
  }
}

export function indicesOf(mask: Uint8Array): number[] {
  const indices: number[] = [];
  for (let each = 0; each < mask.length; each++) if (mask[each]) indices.push(each);
  return indices;
}
