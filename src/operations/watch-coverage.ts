/** Looks whether cover is gone where it should be because units left, tells it once, and names the move that brings most back. */
import { cellToLatLng } from 'h3-js';
import { appendEvents } from '../database/events.ts';
import { inTransaction } from '../database/pool.ts';
import type { Deps } from '../deps.ts';
import type { NewEvent } from '../domain/events.ts';
import type { Instant } from '../domain/time.ts';
import {
  bestMove,
  coverageOf,
  GAP_CLOSES,
  GAP_OPENS,
  type Gap,
  lostCover,
  type Reacher,
} from '../planning/coverage.ts';
import { closeGap, openGap, openGaps } from '../planning/gap-store.ts';
import { areaOf, type CoverageDeps, type Grounds, stationsPlanned, unitsNow } from './coverage.ts';

/** What the watcher keeps between two looks. */
export interface CoverageWatch {
  readonly grounds: Grounds;
  /** Free units and where they stood at the last look: as long as they are the same, so is the cover. */
  seen: string;
  planned: { readonly reachers: Reacher[]; readonly until: Instant } | null;
}
export const startCoverageWatch = (grounds: Grounds): CoverageWatch => ({ grounds, seen: '', planned: null });

const PLAN_LASTS_MS = 10 * 60_000;

type WatchDeps = CoverageDeps & Pick<Deps, 'lookUp' | 'live' | 'config'>;

/** One look. Any number of instances may look at once: each gap is opened and closed by one of them. */
export async function watchCoverage(deps: WatchDeps, watch: CoverageWatch): Promise<void> {
  await deps.lookUp({ keys: [], residentId: null, position: null, nearbyHomes: false }); // units as they are now
  const now = deps.clock.now();
  const ground = await watch.grounds.get(null);
  if (ground.cells.length === 0) return;
  const seen = fleetNow(deps, now);
  if (seen === watch.seen) return;
  if (!watch.planned || watch.planned.until < now)
    watch.planned = { reachers: await stationsPlanned(deps, ground, now), until: now + PLAN_LASTS_MS };
  const stations = watch.planned.reachers;
  if (stations.length === 0) return;
  const standard = deps.config.responseTargets[1];
  const units = await unitsNow(deps, ground, now);
  // Without past calls, people stand for the calls there will be.
  const asked = ground.calls.some((calls) => calls > 0) ? ground : { ...ground, calls: ground.people };
  const [covered, plan] = [coverageOf(asked, units, standard), coverageOf(asked, stations, standard)];
  const gaps = lostCover(asked, covered, plan, asked.cells.map(areaOf));
  const open = new Set(await openGaps(deps.db));
  const events: NewEvent[] = [];
  for (const gap of gaps) {
    const lost = gap.planned > 0 ? gap.uncovered / gap.planned : 0;
    if (lost > GAP_OPENS && !open.has(gap.area)) {
      const move = bestMove(only(asked, gap.area), units, stations, standard);
      events.push(gapEvent(gap, covered.calls.single / covered.calls.total, move, now));
    } else if (lost < GAP_CLOSES && open.has(gap.area))
      events.push({ type: 'coverage.restored', at: now, callId: null, data: { area: gap.area } });
  }
  if (events.length > 0) {
    const told = await inTransaction(deps.db, async (tx) => {
      const own: NewEvent[] = [];
      for (const event of events) {
        const area = event.data.area as string;
        const isOurs = event.type === 'coverage.gap' ? await openGap(tx, area, now) : await closeGap(tx, area);
        if (isOurs) own.push(event);
      }
      if (own.length > 0) await appendEvents(tx, own);
      return own.length > 0;
    });
    if (told) deps.live.nudge();
  }
  watch.seen = seen;
}

/** The same ground with demand in one area only: the move is to close that gap. */
function only<T extends { cells: readonly string[]; calls: Float64Array }>(ground: T, area: string): T {
  return {
    ...ground,
    calls: ground.calls.map((calls, cell) => (areaOf(ground.cells[cell] as string) === area ? calls : 0)),
  };
}

function gapEvent(gap: Gap, coveredShare: number, move: ReturnType<typeof bestMove>, at: Instant): NewEvent {
  const [lat, lon] = cellToLatLng(gap.area);
  const data = {
    area: gap.area,
    lon,
    lat,
    lostShare: gap.uncovered / gap.planned,
    coveredShare,
    unitId: move?.unitId ?? null,
    stationId: move?.stationId ?? null,
    gainShare: move ? move.gain / gap.planned : null,
  };
  return { type: 'coverage.gap', at, callId: null, data };
}

/** To about a hundred metres: a unit that waits sends positions all the time. */
function fleetNow({ roster }: WatchDeps, now: Instant): string {
  const minute = Math.floor(now / (10 * 60_000)); // positions grow old though nothing is heard
  const units = roster.units.map(
    ({ unitId, status, position }) =>
      `${unitId} ${status} ${position ? `${position.lon.toFixed(3)},${position.lat.toFixed(3)}` : ''}`,
  );
  return `${minute} ${units.sort().join(';')}`;
}
