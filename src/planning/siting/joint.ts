/**
 * Ambulances and first responders laid out together: two kinds of post, two standards, one budget. A joint post holds both
 * for less than two posts cost; how much that is worth is the difference to the best plan without, by the same solver.
 */
import { coverOf } from './cover.ts';
import { type Row, solve } from './highs.ts';
import type { Instance } from './instance.ts';
import type { Watch } from './watch.ts';

export interface JointPlan {
  readonly ambulance: Uint8Array;
  readonly responder: Uint8Array;
  readonly objective: number;
  /** No plan is better. */
  readonly bound: number;
  readonly cost: number;
  readonly firstHelpWeight: number;
  readonly ambulanceWeight: number;
}

type Posts = NonNullable<Instance['posts']>;

/** A share of demand that any of these posts covers. */
interface Claim {
  readonly ambulances: readonly number[];
  readonly responders: readonly number[];
  readonly weight: number;
}

export interface JointProblem {
  readonly sites: number;
  readonly posts: Posts;
  /** First help: whoever comes first. Ambulance: an ambulance only. */
  readonly claims: readonly (Claim & { readonly kind: 'first-help' | 'ambulance' })[];
  readonly weightOf: { readonly firstHelp: number; readonly ambulance: number };
  readonly kept: { readonly ambulance: Uint8Array; readonly responder: Uint8Array };
}

export function jointProblem(instance: Instance): JointProblem {
  const { seconds, responderSeconds, weights, kept, kinds, posts } = instance;
  if (!posts) throw new TypeError('joint posts without posts');
  const sites = kept.length;
  const within = (times: Float64Array, standard: number) =>
    coverOf(weights.length, sites, (point, site) => (times[point * sites + site] as number) <= standard).by;
  const first = posts.responder.standardSeconds;
  const helpByAmbulance = within(seconds, first);
  const helpByResponder = within(responderSeconds, first);
  const byAmbulance = within(seconds, posts.ambulance.standardSeconds);
  const claims = new Map<string, Claim & { kind: 'first-help' | 'ambulance' }>();
  const claim = (kind: 'first-help' | 'ambulance', ambulances: Int32Array, responders: Int32Array, weight: number) => {
    if (ambulances.length + responders.length === 0) return;
    const key = `${kind} ${ambulances.join()} ${responders.join()}`;
    const sum = (claims.get(key)?.weight ?? 0) + weight;
    claims.set(key, { kind, ambulances: [...ambulances], responders: [...responders], weight: sum });
  };
  const none = new Int32Array(0);
  for (const [point, weight] of weights.entries()) {
    claim('first-help', helpByAmbulance[point] as Int32Array, helpByResponder[point] as Int32Array, weight);
    claim('ambulance', byAmbulance[point] as Int32Array, none, weight);
  }
  const isKept = (kind: 'ambulance' | 'responder') =>
    Uint8Array.from(kept, (mark, site) => (mark && (kinds[site] === kind || kinds[site] === 'joint') ? 1 : 0));
  return {
    sites,
    posts,
    claims: [...claims.values()],
    weightOf: { firstHelp: posts.responder.weight ?? 1, ambulance: posts.ambulance.weight ?? 1 },
    kept: { ambulance: isKept('ambulance'), responder: isKept('responder') },
  };
}

/** @param mayJoin sites where both kinds may share a post; existing joint posts stay what they are */
export function bestJoint(
  problem: JointProblem,
  mayJoin: (site: number) => boolean,
  watch: Watch,
  onBetter: (plan: JointPlan) => void = () => {},
): JointPlan {
  const { sites, posts, claims, weightOf, kept } = problem;
  const { ambulance, responder, jointCost, budget } = posts;
  const saving = ambulance.cost + responder.cost - jointCost;
  const isJoint = (site: number) => Boolean(kept.ambulance[site] && kept.responder[site]);
  const joins = (site: number) => saving > 0 && (isJoint(site) || mayJoin(site));
  const worthOf = ({ kind, weight }: (typeof claims)[number]) =>
    weight * (kind === 'ambulance' ? weightOf.ambulance : weightOf.firstHelp);
  const costOf = (a: Uint8Array, r: Uint8Array) => {
    let cost = 0;
    for (let site = 0; site < sites; site++) {
      const both = a[site] && r[site];
      const whole =
        (a[site] ? ambulance.cost : 0) + (r[site] ? responder.cost : 0) - (both && joins(site) ? saving : 0);
      const there =
        (kept.ambulance[site] ? ambulance.cost : 0) +
        (kept.responder[site] ? responder.cost : 0) -
        (isJoint(site) ? Math.max(saving, 0) : 0);
      cost += whole - there;
    }
    return cost;
  };
  const planOf = (a: Uint8Array, r: Uint8Array, bound: number): JointPlan => {
    const covered = { 'first-help': 0, ambulance: 0 };
    let objective = 0;
    for (const claim of claims)
      if (claim.ambulances.some((site) => a[site]) || claim.responders.some((site) => r[site])) {
        covered[claim.kind] += claim.weight;
        objective += worthOf(claim);
      }
    return {
      ambulance: a,
      responder: r,
      objective,
      bound: Math.max(bound, objective),
      cost: costOf(a, r),
      firstHelpWeight: covered['first-help'],
      ambulanceWeight: covered.ambulance,
    };
  };
  const all = claims.reduce((sum, claim) => sum + worthOf(claim), 0);

  // Greedy by what a unit of cost buys: a plan to beat, and to answer if nothing better is found in time.
  const a = Uint8Array.from(kept.ambulance);
  const r = Uint8Array.from(kept.responder);
  for (;;) {
    const now = planOf(a, r, 0);
    let best: { rate: number; a: boolean; r: boolean; site: number } | null = null;
    for (let site = 0; site < sites && !watch.stopped(); site++)
      for (const [addA, addR] of [
        [true, false],
        [false, true],
        [true, true],
      ] as const) {
        if ((addA && a[site]) || (addR && r[site])) continue;
        if (addA) a[site] = 1;
        if (addR) r[site] = 1;
        const next = planOf(a, r, 0);
        if (addA) a[site] = 0;
        if (addR) r[site] = 0;
        if (next.cost > budget || next.objective <= now.objective) continue;
        const rate = (next.objective - now.objective) / Math.max(next.cost - now.cost, 1e-9);
        if (!best || rate > best.rate) best = { rate, a: addA, r: addR, site };
      }
    if (!best) break;
    if (best.a) a[best.site] = 1;
    if (best.r) r[best.site] = 1;
  }
  let best = planOf(a, r, all);
  onBetter(best);

  // Columns: an ambulance at each site, responders at each, both in one post at each, then each claim met.
  const costs: number[] = new Array(3 * sites).fill(0);
  const uppers: number[] = new Array(3 * sites).fill(1);
  const rows: Row[] = [];
  const budgetRow = { columns: [] as number[], values: [] as number[] };
  let sunk = 0;
  for (let site = 0; site < sites; site++) {
    const [own, other, both] = [site, sites + site, 2 * sites + site];
    if (kept.ambulance[site]) rows.push({ lower: 1, upper: 1, columns: [own], values: [1] });
    if (kept.responder[site]) rows.push({ lower: 1, upper: 1, columns: [other], values: [1] });
    budgetRow.columns.push(own, other);
    budgetRow.values.push(ambulance.cost, responder.cost);
    if (joins(site)) {
      budgetRow.columns.push(both);
      budgetRow.values.push(-saving);
      for (const single of [own, other])
        rows.push({ lower: 0, upper: Number.POSITIVE_INFINITY, columns: [single, both], values: [1, -1] });
    } else uppers[both] = 0;
    sunk +=
      (kept.ambulance[site] ? ambulance.cost : 0) +
      (kept.responder[site] ? responder.cost : 0) -
      (isJoint(site) ? Math.max(saving, 0) : 0);
  }
  rows.push({ lower: Number.NEGATIVE_INFINITY, upper: budget + sunk, ...budgetRow });
  for (const claim of claims) {
    const met = costs.push(-worthOf(claim)) - 1;
    uppers.push(1);
    const columns = [...claim.ambulances, ...claim.responders.map((site) => sites + site)];
    rows.push({
      lower: 0,
      upper: Number.POSITIVE_INFINITY,
      columns: [...columns, met],
      values: [...columns.map(() => 1), -1],
    });
  }
  const from = new Float64Array(costs.length);
  for (let site = 0; site < sites; site++) {
    from[site] = best.ambulance[site] as number;
    from[sites + site] = best.responder[site] as number;
    from[2 * sites + site] = best.ambulance[site] && best.responder[site] && joins(site) ? 1 : 0;
  }
  for (const [at, claim] of claims.entries())
    from[3 * sites + at] =
      claim.ambulances.some((site) => best.ambulance[site]) || claim.responders.some((site) => best.responder[site])
        ? 1
        : 0;
  const take = (values: Float64Array | null, bound: number) => {
    if (values) {
      const kind = (offset: number) =>
        Uint8Array.from({ length: sites }, (_, site) => +((values[offset + site] ?? 0) > 0.5));
      const found = planOf(kind(0), kind(sites), 0);
      if (found.objective > best.objective && found.cost <= budget + 1e-6) best = found;
    }
    best = {
      ...best,
      bound: Math.max(best.objective, Math.min(best.bound === best.objective ? all : best.bound, bound)),
    };
  };
  const solved = solve(
    { costs, uppers, integers: 2 * sites, rows },
    {
      from,
      watch,
      onBetter(values, bound) {
        take(values, Math.min(all, -bound));
        onBetter(best);
      },
    },
  );
  take(solved.values, Math.min(all, -solved.bound));
  return solved.status === 'optimal' ? { ...best, bound: best.objective } : best;
}
