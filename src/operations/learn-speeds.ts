/** Learns from completed runs: what was foreseen is kept beside what was driven, and the speeds are nudged towards it. */
import { inTransaction } from '../database/pool.ts';
import type { Deps } from '../deps.ts';
import type { Position } from '../domain/position.ts';
import { type RoadClass, roadClasses } from '../fleet/roads/graph.ts';
import { lessonOf, type Share } from '../fleet/roads/learned.ts';
import { type CompletedRun, keepLesson, unreadRuns } from '../fleet/roads/learned-store.ts';
import type { RoadNetwork } from '../fleet/roads/network.ts';
import { nothingLearned, OFF_ROAD_METRES_A_SECOND, speedsAt } from '../fleet/roads/speeds.ts';
import { chinaHour } from '../fleet/travel.ts';

const RUNS_AT_ONCE = 200;
/** Older runs were driven before there was a map, or nobody was looking: they are let go. */
const LOOK_BACK_MS = 2 * 86_400_000;
/** So short a drive is all pulling out and parking. */
const TOO_SHORT_SECONDS = 30;
/** A crew that took so many times as long, or so little, did something else than drive there. */
const IMPLAUSIBLE_FACTOR = 4;
/** An end this far from any road says that the position was wrong, or the map. */
const OFF_ROAD_METRES = 500;

export interface Lesson {
  readonly predictedSeconds: number | null;
  readonly leftOut: 'no-position' | 'off-road' | 'too-short' | 'implausible' | null;
  readonly shares: readonly Share[];
  /** On the shares' roads. */
  readonly roadSeconds: number;
}

/** One look at what has been driven; nothing to do without a map. Each run teaches once, whoever looks. */
export async function learnSpeeds({ db, roads, clock }: Pick<Deps, 'db' | 'roads' | 'clock'>): Promise<void> {
  const { network } = roads;
  if (!network) return;
  const now = clock.now();
  for (const run of await unreadRuns(db, now - LOOK_BACK_MS, RUNS_AT_ONCE)) {
    const { predictedSeconds, leftOut, shares, roadSeconds } = lessonFrom(network, run);
    const cells = leftOut ? [] : lessonOf(shares, roadSeconds, chinaHour(run.enRouteAt));
    await inTransaction(db, (tx) => keepLesson(tx, run, { predictedSeconds, leftOut, cells }, now));
  }
}

/** What a run says, foreseen with what was known before it. */
export function lessonFrom(network: RoadNetwork, run: CompletedRun): Lesson {
  const nothing = { predictedSeconds: null, shares: [], roadSeconds: 0 };
  if (!run.from || !run.to) return { ...nothing, leftOut: 'no-position' };
  const [from, to] = [run.from, run.to].map((at): Position => ({ ...at, crs: 'wgs84' })) as [Position, Position];
  const way = network.way(from, to, run.enRouteAt);
  const off = way ? way.leaves.offMetres + way.arrives.offMetres : Infinity;
  if (!way || off > OFF_ROAD_METRES) return { ...nothing, leftOut: 'off-road' };

  const { graph } = network;
  const table = speedsAt(graph, chinaHour(run.enRouteAt), nothingLearned);
  const shares = way.stretches.map(
    ({ edge, from: start, to: end }): Share => ({
      zone: graph.zones[graph.edgeZone[edge] as number] as string,
      roadClass: roadClasses[graph.edgeClass[edge] as number] as RoadClass,
      seconds: (Math.abs(end - start) * (graph.edgeMetres[edge] as number)) / table(edge),
    }),
  );
  const offSeconds = off / OFF_ROAD_METRES_A_SECOND;
  const predictedSeconds = way.stretches.reduce((sum, { seconds }) => sum + seconds, offSeconds);
  const tableSeconds = shares.reduce((sum, { seconds }) => sum + seconds, 0);
  const roadSeconds = (run.onSceneAt - run.enRouteAt) / 1000 - offSeconds;
  const ratio = tableSeconds / roadSeconds;
  const leftOut =
    tableSeconds < TOO_SHORT_SECONDS
      ? 'too-short'
      : !(ratio < IMPLAUSIBLE_FACTOR && ratio > 1 / IMPLAUSIBLE_FACTOR)
        ? 'implausible'
        : null;
  return { predictedSeconds, leftOut, shares, roadSeconds };
}
