/** What a city is simulated from: stations, units, demand, and how long a run's steps take. */
import type { CallInput } from '../calls/schema.ts';
import type { Deps } from '../deps.ts';
import { refuseField } from '../domain/errors.ts';
import type { Instant } from '../domain/time.ts';
import type { RoadGraph } from '../fleet/roads/graph.ts';
import { nothingLearned, speedsAt } from '../fleet/roads/speeds.ts';
import { listPlaces, listUnits } from '../fleet/store.ts';
import { chinaHour } from '../fleet/travel.ts';
import type { Habits } from '../planning/simulation/city.ts';
import { countByHour, measureLegs } from '../planning/simulation/past-store.ts';
import type { Duration } from '../planning/simulation/random.ts';
import type { FiledResident } from '../residents/file.ts';
import type { Judges } from './judge-call.ts';
import type { Actor } from './receive-call.ts';
import type { CityParts } from './simulation-city.ts';
import { demandOfImported, demandOfPast, demandOfResidents } from './simulation-demand.ts';

const YEAR_MS = 365 * 86_400_000;
/** Past calls fewer than this say little about where and when; residents then stand in for them. */
const PAST_CALLS_AT_LEAST = 500;
/** Fewer runs measured than this and an assumption stands in for a leg. */
const RUNS_AT_LEAST = 200;

/** What reading a city needs; a command brings no more. */
export type SourceDeps = Judges &
  Pick<Deps, 'db' | 'clock' | 'config' | 'seal'> & { readonly roads: Pick<Deps['roads'], 'network'> };

/** What stands in where nothing was measured. */
export interface Assumptions {
  readonly callsPerDay: number;
  readonly hourShape: readonly number[];
  readonly habits: Habits;
  /** What a resident might call about; the same for the same number. */
  invent(resident: FiledResident, number: number, now: Instant): CallInput;
}

/** Throws `invalid-field` where there is nothing to simulate. The residents read are written to the access log. */
export async function cityParts(
  deps: SourceDeps,
  actor: Actor,
  assumed: Assumptions,
  callsPerDay: number | null,
): Promise<CityParts> {
  const { db } = deps;
  const now = deps.clock.now();
  const from = now - YEAR_MS;
  const [stations, hospitals, units] = [
    await listPlaces(db, 'station'),
    await listPlaces(db, 'hospital'),
    (await listUnits(db)).filter(({ status }) => status !== 'off-duty'),
  ];
  if (stations.length === 0) throw refuseField('stations', 'none is filed: there is nowhere to start from');
  const homeless = new Set(stations.map(({ placeId }) => placeId));
  if (!units.some(({ stationId }) => stationId !== null && homeless.has(stationId)))
    throw refuseField('units', 'none on duty has a station that is filed');

  const past = await countByHour(db, from, now);
  const counted = [past.own, past.imported].find(({ calls }) => calls >= PAST_CALLS_AT_LEAST) ?? null;
  const { cases, histories } =
    counted === null
      ? await demandOfResidents(deps, actor, assumed, now)
      : counted === past.own
        ? await demandOfPast(deps, actor, from, now)
        : await demandOfImported(deps, actor, from, now);
  if (cases.length === 0) throw refuseField('demand', 'no past calls, and no resident with a known home');
  return {
    name: deps.config.demo.district ? 'demonstration' : 'service',
    demand: counted ? 'past-calls' : 'residents',
    histories,
    stations,
    hospitals,
    units,
    cases,
    callsPerDay: callsPerDay ?? counted?.perDay ?? assumed.callsPerDay,
    hourShape: counted?.shape ?? assumed.hourShape,
    habits: await habitsOf(deps, assumed.habits, from, now),
    travel: deps.travel,
    // The roads keep the speeds of this hour; those of the others follow from what each road's class does by then.
    askedAt: now,
    ...(deps.roads.network ? { hourFactor: factorsByHour(deps.roads.network.graph, chinaHour(now)) } : {}),
  };
}

const EDGES_LOOKED_AT = 1_000;

/** How much longer a road takes at each hour than at `asked`, on average over the roads of the map. */
function factorsByHour(graph: RoadGraph, asked: number): number[] {
  const step = Math.max(1, Math.floor(graph.edgeCount / EDGES_LOOKED_AT));
  const secondsAt = (hour: number) => {
    const metresPerSecond = speedsAt(graph, hour, nothingLearned);
    let seconds = 0;
    for (let edge = 0; edge < graph.edgeCount; edge += step) seconds += 1 / metresPerSecond(edge);
    return seconds;
  };
  const base = secondsAt(asked);
  return Array.from({ length: 24 }, (_, hour) => secondsAt(hour) / base);
}

/** Measured where enough runs were; each leg for itself. */
async function habitsOf({ db }: SourceDeps, assumed: Habits, from: Instant, now: Instant): Promise<Habits> {
  const { legs, transportShare } = await measureLegs(db, from, now, RUNS_AT_LEAST);
  const measured = (leg: string, otherwise: Duration): Duration => {
    const values = legs.get(leg);
    return values ? { kind: 'quantiles', values } : otherwise;
  };
  return {
    dispatch: measured('dispatch', assumed.dispatch),
    turnout: measured('turnout', assumed.turnout),
    rollingSeconds: assumed.rollingSeconds,
    walk: measured('walk', assumed.walk),
    treat: measured('treat', assumed.treat),
    handOver: measured('handOver', assumed.handOver),
    tidy: measured('tidy', assumed.tidy),
    transportShare: transportShare ?? assumed.transportShare,
  };
}
