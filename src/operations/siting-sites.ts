/** Where stations are and could be, and how long it takes from each of them to all demand. */
import { setImmediate as takeTurns } from 'node:timers/promises';
import { cellToParent } from 'h3-js';
import type { Deps } from '../deps.ts';
import type { Position } from '../domain/position.ts';
import type { Instant } from '../domain/time.ts';
import { arrivalSeconds } from '../fleet/responders.ts';
import { listPlaces } from '../fleet/store.ts';
import { nearestPlace } from '../planning/siting/near.ts';
import { findAround } from '../planning/siting/near-store.ts';
import type { PostKind, SitingProblem } from '../planning/siting/schema.ts';
import type { PlanPlace } from '../planning/siting/store.ts';
import { type CellDemand, cellPosition } from './planning-demand.ts';

/** Places whose houses could hold a station; hexagons stand for a plot to be found there. */
const candidateKinds = ['community-centre', 'micro-fire-station', 'fire-station'] as const;
/** 0.7 km² each: about one candidate in every kilometre. */
const CANDIDATE_RESOLUTION = 8;

export async function candidateSites(
  { db }: Pick<Deps, 'db'>,
  demand: readonly CellDemand[],
  problem: SitingProblem,
): Promise<readonly PlanPlace[]> {
  const places = await listPlaces(db, null);
  const asSite = (kinds: readonly string[], existing: PostKind | null): PlanPlace[] =>
    places
      .filter(({ kind }) => kinds.includes(kind))
      .map(({ placeId, name, position }) => ({
        siteId: placeId,
        name,
        position,
        existing: existing !== null,
        kind: existing,
      }));
  // Where both kinds of post are laid out, a micro fire station is one already; elsewhere its house could hold an ambulance.
  const responders = problem === 'joint' ? ['micro-fire-station'] : [];
  const hexagons = [...new Set(demand.map(({ id }) => cellToParent(id, CANDIDATE_RESOLUTION)))].sort();
  return [
    ...asSite(['station'], 'ambulance'),
    ...asSite(responders, 'responder'),
    ...asSite(
      candidateKinds.filter((kind) => !responders.includes(kind)),
      null,
    ),
    ...hexagons.map((cell) => ({ siteId: `h3-${cell}`, name: null, position: cellPosition(cell), existing: false })),
  ];
}

/** Plots nobody has a name for, with what is known near them. */
export async function withSurroundings(
  { db }: Pick<Deps, 'db'>,
  sites: readonly PlanPlace[],
): Promise<readonly PlanPlace[]> {
  const plots = sites.filter(({ name }) => name === null);
  if (plots.length === 0) return sites;
  const positions = plots.map(({ position }) => position);
  const [places, around] = [await listPlaces(db, null), await findAround(db, positions)];
  const near = new Map(
    plots.map(({ siteId, position }, plot) => [
      siteId,
      { subdistrictCode: null, address: null, ...around[plot], place: nearestPlace(position, places) },
    ]),
  );
  return sites.map((site) => ({ ...site, near: near.get(site.siteId) ?? null }));
}

/** Seconds by demand, then by site, of an ambulance's drive at the speeds of `at` and of first responders from the alert; site by site, so that calls coming in do not wait for all. */
export async function travelMatrix(
  { travel }: Pick<Deps, 'travel'>,
  demand: readonly Position[],
  sites: readonly Position[],
  at: Instant,
): Promise<{ seconds: Float64Array; responderSeconds: Float64Array; basis: 'road' | 'straight-line' }> {
  const seconds = new Float64Array(demand.length * sites.length);
  const responderSeconds = new Float64Array(demand.length * sites.length);
  let basis: 'road' | 'straight-line' = 'road';
  for (const [site, position] of sites.entries()) {
    const drives = travel.fromOne(position, demand, at);
    for (let point = 0; point < demand.length; point++) {
      const estimate = drives.estimate(point);
      // Whole seconds: no road is known better, and whole numbers are proven sooner.
      seconds[point * sites.length + site] = Math.round(estimate.seconds);
      responderSeconds[point * sites.length + site] = Math.round(arrivalSeconds('micro-fire-station', estimate));
      if (estimate.basis === 'straight-line') basis = 'straight-line';
    }
    await takeTurns();
  }
  return { seconds, responderSeconds, basis };
}
