/** What past calls tell planners beyond the clocks: legs of late calls, and response by hexagon. Nobody is named. */
import { cellToBoundary, cellToParent } from 'h3-js';
import type { Deps } from '../deps.ts';
import { type Instant, rfc3339 } from '../domain/time.ts';
import { DEMAND_RESOLUTION } from '../planning/call-cells.ts';
import { eachOwnDay } from '../planning/call-days-store.ts';
import { LateCalls, latest } from '../planning/late-calls.ts';
import { type Leg, legs } from '../planning/past-call.ts';
import { eachCall, type LegCount, PastLegs, type PastSpan, targetOf } from '../planning/past-days.ts';
import { sumPastLegs } from '../planning/past-days-store.ts';
import { countPastHexagons, findPastLateCalls, type HexagonCount } from '../planning/past-read-store.ts';
import { TARGET_SECONDS } from '../planning/response-times.ts';
import type { Grouping, HexagonsView, LateCallsView, LegsView } from '../planning/schema.ts';
import { cellsOfCalls } from './planning-demand.ts';
import { type Span, spanOf, targetsOf } from './read-response-times.ts';

type PlanningDeps = Pick<Deps, 'db' | 'clock' | 'config'>;

export async function readLegs(
  deps: PlanningDeps,
  { groupBy, ...span }: Span & { groupBy: Grouping },
): Promise<LegsView> {
  const now = deps.clock.now();
  const { from, to } = spanOf(span, now);
  const targets = targetsOf(deps);
  const asked = { groupBy, from, to, targets };
  const own = new PastLegs(asked);
  const [past] = await Promise.all([
    sumPastLegs(deps.db, asked),
    eachOwnDay(deps.db, 'legs', { ...asked, now }, (day) => {
      own.add(day);
    }),
  ]);
  const counts = [...own.counts(), ...past];
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
  const now = deps.clock.now();
  const { from, to } = spanOf(span, now);
  const asked = { groupBy, from, to, targets: targetsOf(deps) };
  const own = new LateCalls(asked, key, limit);
  const [past] = await Promise.all([
    findPastLateCalls(deps.db, from, to, asked.targets, { groupBy, key }, limit),
    eachOwnDay(deps.db, 'late', { ...asked, now }, (day) => own.add(day)),
  ]);
  const calls = latest([...own.found, ...past], limit);
  return { calls: calls.map((call) => ({ ...call, receivedAt: rfc3339(call.receivedAt), legs: { ...call.legs } })) };
}

/** GeoJSON polygons, WGS-84, of hexagons with calls. Sums of the finest add up to the coarser ones exactly. */
export async function readHexagons(
  deps: PlanningDeps,
  { resolution, ...span }: Span & { resolution: number },
): Promise<HexagonsView> {
  const now = deps.clock.now();
  const { from, to } = spanOf(span, now);
  await cellsOfCalls(deps, from, now);
  const asked = { groupBy: 'cell', from, to, targets: targetsOf(deps) } as const;
  const [past, own] = await Promise.all([
    countPastHexagons(deps.db, from, to, asked.targets),
    ownHexagons(deps, asked, now),
  ]);
  const counts = [...past, ...own];
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

async function ownHexagons({ db }: PlanningDeps, asked: PastSpan, now: Instant): Promise<HexagonCount[]> {
  const cells = new Map<string, { -readonly [K in keyof HexagonCount]: HexagonCount[K] }>();
  const of = (cell: string | null) => {
    if (cell === null) return null;
    const known = cells.get(cell) ?? { cell, calls: 0, measured: 0, seconds: 0, within8: 0, within: 0 };
    cells.set(cell, known);
    return known;
  };
  await eachOwnDay(db, 'response', { ...asked, now }, (day) => {
    eachCall(day, asked, of, (call, count) => {
      if (!count) return;
      const seconds = day.seconds.response[call] as number;
      count.calls++;
      if (seconds < 0) return;
      count.measured++;
      count.seconds = (count.seconds ?? 0) + seconds;
      if (seconds <= TARGET_SECONDS) count.within8++;
      if (seconds <= targetOf(asked.targets, day.priority[call] as number)) count.within++;
    });
  });
  return [...cells.values()];
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
