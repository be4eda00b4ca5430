/** Serving demand from p of the sites at least cost: the one problem behind p-median and maximal cover. */

/** Arcs are kept cheapest first, so that the nearest open site, and the next, are found without a look at the far ones. */
export interface Serving {
  readonly clients: number;
  readonly sites: number;
  /** Sites to be open, those kept among them. */
  readonly p: number;
  /** 1: open whatever the plan. */
  readonly kept: Uint8Array;
  /** Arcs of client i lie at start[i] … start[i + 1] − 1. */
  readonly start: Int32Array;
  readonly site: Int32Array;
  readonly cost: Float64Array;
  /** What client i costs where no open site has an arc to it; above any of its arcs. */
  readonly outside: Float64Array;
  /** The cost of every plan is a whole number, so a bound above the best less one is proof. */
  readonly whole: boolean;
}

export interface Plan {
  /** Site indices, ascending. */
  readonly open: readonly number[];
  readonly cost: number;
}

/** Builds the arcs. `costAt` answers Infinity where a site cannot serve a client. */
export function serving(
  clients: number,
  kept: Uint8Array,
  p: number,
  costAt: (client: number, site: number) => number,
  outsideOf: (client: number) => number,
): Serving {
  const sites = kept.length;
  const start = new Int32Array(clients + 1);
  const site: number[] = [];
  const cost: number[] = [];
  const costs = new Float64Array(sites);
  for (let client = 0; client < clients; client++) {
    const served: number[] = [];
    for (let each = 0; each < sites; each++) {
      costs[each] = costAt(client, each);
      if (costs[each] !== Number.POSITIVE_INFINITY) served.push(each);
    }
    served.sort((a, b) => (costs[a] as number) - (costs[b] as number));
    for (const each of served) {
      site.push(each);
      cost.push(costs[each] as number);
    }
    start[client + 1] = site.length;
  }
  const outside = Float64Array.from({ length: clients }, (_, client) => outsideOf(client));
  const whole = cost.every(Number.isSafeInteger) && outside.every(Number.isSafeInteger);
  return { clients, sites, p, kept, start, site: Int32Array.from(site), cost: Float64Array.from(cost), outside, whole };
}

/** What a set of open sites costs: each client by its cheapest arc to one of them. */
export function costOf(problem: Serving, isOpen: Uint8Array): number {
  const { clients, start, site, cost, outside } = problem;
  let total = 0;
  for (let client = 0; client < clients; client++) {
    const end = start[client + 1] as number;
    let at = start[client] as number;
    while (at < end && !isOpen[site[at] as number]) at++;
    total += at < end ? (cost[at] as number) : (outside[client] as number);
  }
  return total;
}

export function planOf(problem: Serving, open: Iterable<number>): Plan {
  const isOpen = new Uint8Array(problem.sites);
  for (const each of open) isOpen[each] = 1;
  const list: number[] = [];
  for (let each = 0; each < problem.sites; each++) if (isOpen[each]) list.push(each);
  return { open: list, cost: costOf(problem, isOpen) };
}

/** The problem without arcs to sites that no better plan opens. */
export function withoutSites(problem: Serving, closed: Uint8Array): Serving {
  const start = new Int32Array(problem.clients + 1);
  const site: number[] = [];
  const cost: number[] = [];
  for (let client = 0; client < problem.clients; client++) {
    for (let at = problem.start[client] as number; at < (problem.start[client + 1] as number); at++) {
      const to = problem.site[at] as number;
      if (closed[to]) continue;
      site.push(to);
      cost.push(problem.cost[at] as number);
    }
    start[client + 1] = site.length;
  }
  return { ...problem, start, site: Int32Array.from(site), cost: Float64Array.from(cost) };
}

/** Plans that cost more than this are no better than one of `best`; ties are not better. */
export function cutoffBelow(problem: Pick<Serving, 'whole'>, best: number): number {
  return problem.whole ? best - 1 + 1e-6 : best - Math.abs(best) * 1e-10;
}
