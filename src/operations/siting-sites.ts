/** Where stations are and could be, and how long it takes from each of them to all demand. */
import { setImmediate as takeTurns } from 'node:timers/promises';
import { cellToParent } from 'h3-js';
import type { Deps } from '../deps.ts';
import type { Position } from '../domain/position.ts';
import type { Instant } from '../domain/time.ts';
import { listPlaces } from '../fleet/store.ts';
import type { PlanPlace } from '../planning/siting/store.ts';
import { type CellDemand, cellPosition } from './planning-demand.ts';

/** Places whose houses could hold a station; hexagons stand for a plot to be found there. */
const candidateKinds = ['community-centre', 'micro-fire-station', 'fire-station'] as const;
/** 0.7 km² each: about one candidate in every kilometre. */
const CANDIDATE_RESOLUTION = 8;

export async function candidateSites(
  { db }: Pick<Deps, 'db'>,
  demand: readonly CellDemand[],
): Promise<readonly PlanPlace[]> {
  const places = await listPlaces(db, null);
  const asSite = (kinds: readonly string[], existing: boolean): PlanPlace[] =>
    places
      .filter(({ kind }) => kinds.includes(kind))
      .map(({ placeId, name, position }) => ({ siteId: placeId, name, position, existing }));
  const hexagons = [...new Set(demand.map(({ id }) => cellToParent(id, CANDIDATE_RESOLUTION)))].sort();
  return [
    ...asSite(['station'], true),
    ...asSite(candidateKinds, false),
    ...hexagons.map((cell) => ({ siteId: `h3-${cell}`, name: null, position: cellPosition(cell), existing: false })),
  ];
}

/** Seconds by demand, then by site, at the speeds of `at`; site by site, so that calls coming in do not wait for all. */
export async function travelMatrix(
  { travel }: Pick<Deps, 'travel'>,
  demand: readonly Position[],
  sites: readonly Position[],
  at: Instant,
): Promise<{ seconds: Float64Array; basis: 'road' | 'straight-line' }> {
  const seconds = new Float64Array(demand.length * sites.length);
  let basis: 'road' | 'straight-line' = 'road';
  for (const [site, position] of sites.entries()) {
    const { estimates } = travel.fromOne(position, demand, at);
    for (const [point, estimate] of estimates.entries()) {
      // Whole seconds: no road is known better, and whole numbers are proven sooner.
      seconds[point * sites.length + site] = Math.round(estimate.seconds);
      if (estimate.basis === 'straight-line') basis = 'straight-line';
    }
    await takeTurns();
  }
  return { seconds, basis };
}
