/** What past calls tell planners beyond the clocks: legs of late calls, and response by hexagon. Nobody is named. */
import { cellToBoundary, cellToParent } from 'h3-js';
import type { Deps } from '../deps.ts';
import { type Instant, rfc3339 } from '../domain/time.ts';
import { countHexagons, findLateCalls, sumLegs } from '../planning/legs-store.ts';
import { type Leg, legs } from '../planning/past-call.ts';
import type { LegCount } from '../planning/past-days.ts';
import { sumPastLegs } from '../planning/past-days-store.ts';
import type { Grouping, HexagonsView, LateCallsView, LegsView } from '../planning/schema.ts';
import { cellsOfCalls, DEMAND_RESOLUTION } from './planning-demand.ts';
import { type Span, spanOf, targetsOf } from './read-response-times.ts';

type PlanningDeps = Pick<Deps, 'db' | 'clock' | 'config'>;

export async function readLegs(
  deps: PlanningDeps,
  { groupBy, ...span }: Span & { groupBy: Grouping },
): Promise<LegsView> {
  const { from, to } = spanOf(span, deps.clock.now());
  const targets = targetsOf(deps);
  const [own, past] = await Promise.all([
    sumLegs(deps.db, groupBy, from, to, targets),
    sumPastLegs(deps.db, { groupBy, from, to, targets }),
  ]);
  const counts = [...own, ...past];
  const groups = [...grouped(counts, ({ key }) => key)]
    .sort(([a], [b]) => (a === null ? 1 : b === null ? -1 : a.localeCompare(b, 'en', { numeric: true })))
    .map(([key, own]) => legGroup(key, own));
  const total = legGroup('total', counts);
  return { from: rfc3339(from), to: rfc3339(to), groupBy, targetSeconds: targets, groups, total };
}

function legGroup(key: string | null, counts: readonly LegCount[]): LegsView['groups'][number] {
  const of = (late: boolean) => counts.filter((count) => count.late === late);
  const calls = (late: boolean) => of(late).reduce((sum, count) => sum + count.calls, 0);
  const mean = (late: boolean, leg: Leg) => {
    const sum = (field: Leg | `${Leg}_calls`) => of(late).reduce((all, count) => all + (count[field] ?? 0), 0);
    const measured = sum(`${leg}_calls`);
    return measured > 0 ? sum(leg) / measured : null;
  };
  const means = (late: boolean) =>
    Object.fromEntries(legs.map((leg) => [leg, mean(late, leg)])) as Record<Leg, number | null>;
  return { key, late: calls(true), inTime: calls(false), lateLegs: means(true), inTimeLegs: means(false) };
}

export async function readLateCalls(
  deps: PlanningDeps,
  { groupBy, key, limit, ...span }: Span & { groupBy: Grouping; key: string | null; limit: number },
): Promise<LateCallsView> {
  const { from, to } = spanOf(span, deps.clock.now());
  const calls = await findLateCalls(deps.db, from, to, targetsOf(deps), { groupBy, key }, limit);
  return { calls: calls.map((call) => ({ ...call, receivedAt: rfc3339(call.receivedAt), legs: { ...call.legs } })) };
}

/** GeoJSON polygons, WGS-84, of hexagons with calls. Sums of the finest add up to the coarser ones exactly. */
export async function readHexagons(
  deps: PlanningDeps,
  { resolution, ...span }: Span & { resolution: number },
): Promise<HexagonsView> {
  const { from, to } = spanOf(span, deps.clock.now());
  await cellsOfCalls(deps, from as Instant);
  const counts = await countHexagons(deps.db, from, to, targetsOf(deps));
  const coarse = grouped(counts, ({ cell }) =>
    resolution === DEMAND_RESOLUTION ? cell : cellToParent(cell, resolution),
  );
  const features = [...coarse]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([cell, own]) => {
      const sum = (field: 'calls' | 'measured' | 'seconds' | 'within8' | 'within') =>
        own.reduce((all, count) => all + (count[field] ?? 0), 0);
      const measured = sum('measured');
      return {
        type: 'Feature' as const,
        id: cell,
        geometry: { type: 'Polygon' as const, coordinates: [cellToBoundary(cell, true)] },
        properties: {
          cell,
          calls: sum('calls'),
          measured,
          meanSeconds: measured > 0 ? Math.round(sum('seconds') / measured) : null,
          within8Share: measured > 0 ? sum('within8') / measured : null,
          withinTargetShare: measured > 0 ? sum('within') / measured : null,
        },
      };
    });
  return { type: 'FeatureCollection', features };
}

function grouped<T, K>(items: readonly T[], keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group) group.push(item);
    else groups.set(keyOf(item), [item]);
  }
  return groups;
}
