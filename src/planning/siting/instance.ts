/** A siting request as numbers: checked across its fields, its times in one array. */
import type { FieldProblem } from '../../domain/errors.ts';
import { MOST_PAIRS, type PostKind, type SitingProblem, type SitingRequest } from './schema.ts';

export interface Instance {
  readonly problem: SitingProblem;
  readonly demandIds: readonly string[];
  readonly weights: Float64Array;
  /** The weights count calls, so chance can be reckoned with. */
  readonly counts: boolean;
  readonly siteIds: readonly string[];
  /** 1: open whatever the plan. */
  readonly kept: Uint8Array;
  /** Joint posts: what each kept site is. */
  readonly kinds: readonly PostKind[];
  /** Seconds by demand, then by site; Infinity where it cannot be reached. */
  readonly seconds: Float64Array;
  readonly responderSeconds: Float64Array;
  readonly p: number;
  readonly standardSeconds: number | null;
  readonly busyFraction: number;
  readonly posts: SitingRequest['posts'] | null;
  readonly timeLimitSeconds: number;
}

/** What each problem cannot do without. */
const needs: Readonly<Record<SitingProblem, readonly (keyof SitingRequest)[]>> = {
  lscp: ['standardSeconds'],
  mclp: ['p', 'standardSeconds'],
  'p-median': ['p'],
  'p-center': ['p'],
  mexclp: ['p', 'standardSeconds', 'busyFraction'],
  joint: ['posts'],
};

/** What is wrong between fields of a request each of which is right by itself; nothing where all is well. */
export function checkRequest(request: SitingRequest): FieldProblem[] {
  const { problem, demand, sites, travelSeconds, responderTravelSeconds, p } = request;
  const problems: FieldProblem[] = [];
  const refuse = (field: string, detail: string) => problems.push({ field, detail });
  for (const field of needs[problem]) if (request[field] === undefined) refuse(field, `is needed for ${problem}`);
  if (demand && request.demandFrom) refuse('demandFrom', 'is for requests without `demand`');
  refuseRepeats(demand, 'demand', refuse);
  refuseRepeats(sites, 'sites', refuse);
  if (demand && sites && demand.length * sites.length > MOST_PAIRS)
    refuse('sites', `with the demand make more than ${MOST_PAIRS} pairs`);

  if (travelSeconds) {
    if (!demand) refuse('demand', 'is needed where travelSeconds is given');
    if (!sites) refuse('sites', 'is needed where travelSeconds is given');
    checkShape('travelSeconds', travelSeconds, demand?.length, sites?.length, refuse);
  } else {
    for (const [at, each] of (demand ?? []).entries())
      if (!each.position) refuse(`demand[${at}].position`, 'is needed where travelSeconds is not given');
    for (const [at, each] of (sites ?? []).entries())
      if (!each.position) refuse(`sites[${at}].position`, 'is needed where travelSeconds is not given');
  }
  if (responderTravelSeconds) {
    if (!travelSeconds) refuse('responderTravelSeconds', 'is for requests with travelSeconds');
    checkShape('responderTravelSeconds', responderTravelSeconds, demand?.length, sites?.length, refuse);
  }
  if (sites && p !== undefined) {
    const existing = sites.filter((site) => site.existing).length;
    if (problem !== 'mexclp' && p > sites.length) refuse('p', `is more than the ${sites.length} sites`);
    else if (p < existing) refuse('p', `is less than the ${existing} existing sites`);
  }
  if (request.posts) {
    const { ambulance, responder, jointCost } = request.posts;
    if (problem !== 'joint') refuse('posts', 'is for joint posts');
    else if (jointCost < Math.max(ambulance.cost, responder.cost))
      refuse('posts.jointCost', 'is less than a post of one kind costs');
  }
  return problems.slice(0, 20);
}

function refuseRepeats(
  list: readonly { readonly id: string }[] | undefined,
  name: string,
  refuse: (field: string, detail: string) => void,
): void {
  const seen = new Set<string>();
  for (const [at, { id }] of (list ?? []).entries()) {
    if (seen.has(id)) refuse(`${name}[${at}].id`, 'is there twice');
    seen.add(id);
  }
}

function checkShape(
  name: string,
  matrix: readonly (readonly unknown[])[],
  rows: number | undefined,
  columns: number | undefined,
  refuse: (field: string, detail: string) => void,
): void {
  if (rows !== undefined && matrix.length !== rows)
    refuse(name, `has ${matrix.length} rows for ${rows} points of demand`);
  if (columns === undefined) return;
  const wrong = matrix.findIndex((row) => row.length !== columns);
  if (wrong >= 0) refuse(`${name}[${wrong}]`, `has ${matrix[wrong]?.length} times for ${columns} sites`);
}

export interface Given {
  readonly demand: readonly { readonly id: string; readonly weight: number }[];
  readonly counts: boolean;
  readonly sites: readonly { readonly id: string; readonly existing?: boolean; readonly kind?: PostKind }[];
  readonly seconds: Float64Array;
  readonly responderSeconds?: Float64Array;
}

/** @param given in place of what the request leaves to be found: past calls, candidate sites, times by road */
export function instanceOf(request: SitingRequest, given: Given, timeLimitSeconds: number): Instance {
  const { demand, sites, seconds } = given;
  return {
    problem: request.problem,
    demandIds: demand.map(({ id }) => id),
    weights: Float64Array.from(demand, ({ weight }) => weight),
    counts: given.counts,
    siteIds: sites.map(({ id }) => id),
    kept: Uint8Array.from(sites, ({ existing }) => (existing ? 1 : 0)),
    kinds: sites.map(({ kind }) => kind ?? 'ambulance'),
    seconds,
    responderSeconds: given.responderSeconds ?? seconds,
    p: request.p ?? 0,
    standardSeconds: request.standardSeconds ?? null,
    busyFraction: request.busyFraction ?? 0,
    posts: request.posts ?? null,
    timeLimitSeconds: request.timeLimitSeconds ?? timeLimitSeconds,
  };
}

/** Rows of seconds as one array; null is out of reach. */
export function flat(matrix: readonly (readonly (number | null)[])[]): Float64Array {
  const columns = matrix[0]?.length ?? 0;
  const all = new Float64Array(matrix.length * columns);
  for (const [row, times] of matrix.entries())
    for (let column = 0; column < columns; column++)
      all[row * columns + column] = times[column] ?? Number.POSITIVE_INFINITY;
  return all;
}
