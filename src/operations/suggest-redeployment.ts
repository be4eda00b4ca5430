/** Looks whether moving one idle unit would cover expected calls better, and asks a dispatcher; it never moves anybody. */
import { setImmediate as takeTurns } from 'node:timers/promises';
import { latLngToCell } from 'h3-js';
import { appendEvents } from '../database/events.ts';
import { inTransaction } from '../database/pool.ts';
import type { Deps } from '../deps.ts';
import type { Position } from '../domain/position.ts';
import type { Instant } from '../domain/time.ts';
import { type VehicleType, vehicleTypes } from '../domain/vocabulary.ts';
import { STALE_POSITION_SECONDS } from '../fleet/rank.ts';
import type { Place, Unit } from '../fleet/schema.ts';
import { chinaHour } from '../fleet/travel.ts';
import { firstCall } from '../planning/demand-store.ts';
import { type CoverModel, coverModel } from '../planning/redeployment/cover.ts';
import { MOVES_WITHIN_HOURS, mayMove, SHIFT_HOURS } from '../planning/redeployment/crew.ts';
import { bestMove } from '../planning/redeployment/decide.ts';
import {
  decideSuggestion,
  type IdleCrew,
  insertSuggestion,
  openSuggestion,
  type PlacedDemand,
  readCrews,
  readDemand,
  refusedSince,
} from '../planning/redeployment/store.ts';
import { type IdleUnit, Waiting } from '../planning/redeployment/waiting.ts';
import { worthOf } from '../planning/simulation/cover-model.ts';
import { expectedCoverDefaults, moveCosts } from '../planning/simulation/cover-policies.ts';
import { assumedHabits } from '../planning/simulation/habits.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const YEAR_MS = 365 * DAY_MS;
/** Where no call is past yet. Assumed: a hundred a day. */
const CALLS_AN_HOUR = 4;
const PAST_CALLS_AT_LEAST = 500;
/** Demand is read again, and drives are asked again, this often. */
const MODEL_FOR_MS = HOUR_MS;
const COARSE = 8;
/** What was refused is not asked again for this long. */
const REFUSED_FOR_MS = HOUR_MS / 2;
/** A question this old is put anew, or not at all. */
const OPEN_FOR_MS = 10 * 60_000;
/** Kinds of need: a call of a special vehicle counts as one that needs rescue equipment. */
const kinds = ['basic', 'intensive', 'isolation'] as const satisfies readonly VehicleType[];
/** Of calls from homes, where no call is past yet: half need rescue equipment. Assumed. */
const HOME_SHARES = [0.5, 0.5, 0] as const;

interface Model {
  readonly until: Instant;
  readonly hour: number;
  readonly stations: readonly Place[];
  readonly cover: CoverModel;
  readonly callsPerHour: number;
}

/** What the watcher keeps between two looks; losing it costs a read. */
export interface RedeploymentWatch {
  model: Model | null;
}
export const startRedeployment = (): RedeploymentWatch => ({ model: null });

/** One look. Any number of instances may look at once: one question is open at a time. */
export async function lookForMoves(deps: Deps, watch: RedeploymentWatch): Promise<void> {
  const { db, clock } = deps;
  await deps.lookUp({ keys: [], residentId: null, position: null, nearbyHomes: false }); // units as they are now
  const now = clock.now();
  const model = await modelFor(deps, watch, now);
  if (!model) return;
  const crews = await readCrews(db, now - SHIFT_HOURS * HOUR_MS, now - MOVES_WITHIN_HOURS * HOUR_MS, now);
  const idle = idleUnits(deps, model, crews, now);
  const open = await openSuggestion(db);
  if (open) {
    const still = idle.find(({ unit }) => unit.unitId === open.unit_id);
    const better =
      still &&
      mayMove(still.crew, open.drive_seconds) &&
      gainOf(model, idle, still, stationAt(model, open.station_id)) > 0;
    if (better && now - open.suggested_at.getTime() < OPEN_FOR_MS) return;
    await withdraw(deps, open.redeployment_id, open.unit_id, open.station_id);
  }
  await suggest(deps, model, idle, now);
}

/** A unit that is idle, as the model knows it, and as it is. */
interface Idle {
  readonly at: IdleUnit;
  readonly unit: Unit;
  readonly crew: IdleCrew;
}

/** Idle units whose place is known, each at the station it waits at or drives to. */
function idleUnits(deps: Deps, model: Model, crews: readonly IdleCrew[], now: Instant): Idle[] {
  return crews.flatMap((crew, i) => {
    const unit = deps.roster.unit(crew.unitId);
    const station = crew.base === null ? -1 : stationAt(model, crew.base);
    if (!unit?.position || unit.positionAt === null || station < 0) return [];
    if (now - unit.positionAt > STALE_POSITION_SECONDS * 1000) return [];
    const satisfies = (kind: VehicleType) =>
      [...deps.protocol.classCapabilities[kind]].every((each) => unit.capabilities.includes(each));
    const bits = kinds.reduce((had, kind, k) => had | (Number(satisfies(kind)) << k), 0);
    return [{ at: { unit: i, station, kinds: bits }, unit, crew }];
  });
}

const stationAt = (model: Model, stationId: string) => model.stations.findIndex(({ placeId }) => placeId === stationId);

/** What an open question would gain by now. */
function gainOf({ cover }: Model, idle: readonly Idle[], { at }: Idle, station: number): number {
  if (station < 0 || at.station === station) return 0;
  const waiting = new Waiting([cover], idle.length);
  waiting.look(
    cover,
    idle.map((each) => each.at),
  );
  return waiting.movedGains(at.kinds, at.station)[station] ?? 0;
}

async function suggest(deps: Deps, model: Model, idle: readonly Idle[], now: Instant): Promise<void> {
  const { db, ids } = deps;
  const rested = idle.filter(({ crew }) => mayMove(crew));
  if (rested.length === 0) return;
  const drives = await drivesOf(deps, model, rested, now);
  const waiting = new Waiting([model.cover], idle.length);
  const move = bestMove(
    waiting,
    model.cover,
    idle.map(({ at }) => at),
    (unit, station) => drives.get(unit)?.(station) ?? Infinity,
    moveCosts(model.callsPerHour),
  );
  const mover = move && idle.find(({ at }) => at.unit === move.unit);
  const to = move && model.stations[move.station];
  if (!move || !mover || !to) return;
  const before = waiting.cover();
  const suggestion = {
    redeploymentId: ids.next(),
    unitId: mover.unit.unitId,
    from: mover.crew.base,
    to: to.placeId,
    before,
    after: before + move.gain,
    driveSeconds: Math.round(move.driveSeconds),
    crew: mover.crew,
  };
  const told = await inTransaction(db, async (tx) => {
    if (!(await insertSuggestion(tx, suggestion, now))) return false;
    const { redeploymentId, unitId, driveSeconds } = suggestion;
    const data = { redeploymentId, unitId, stationId: to.placeId, gain: move.gain, driveSeconds };
    await appendEvents(tx, [{ type: 'redeployment.suggested', at: now, callId: null, data }]);
    return true;
  });
  if (told) deps.live.nudge();
}

/**
 * How long each would drive to each station, asked when it is needed; without end to where a dispatcher refused of late,
 * and where the crew’s hours would be spent on the way.
 */
async function drivesOf({ db, travel }: Deps, model: Model, rested: readonly Idle[], now: Instant) {
  const refused = await refusedSince(db, now - REFUSED_FOR_MS);
  const positions = model.stations.map(({ position }) => position);
  return new Map(
    rested.map(({ at, unit, crew }) => {
      let known: Float64Array | null = null;
      return [
        at.unit,
        (station: number): number => {
          if (refused.has(`${unit.unitId} ${model.stations[station]?.placeId}`)) return Infinity;
          known ??= travel.fromOne(unit.position as Position, positions, now).seconds;
          const drive = known[station] ?? Infinity;
          return mayMove(crew, drive) ? drive : Infinity;
        },
      ];
    }),
  );
}

async function withdraw(deps: Deps, redeploymentId: string, unitId: string, stationId: string): Promise<void> {
  const now = deps.clock.now();
  const told = await inTransaction(deps.db, async (tx) => {
    if (!(await decideSuggestion(tx, redeploymentId, 'withdrawn', now, null))) return false;
    const data = { redeploymentId, unitId, stationId };
    await appendEvents(tx, [{ type: 'redeployment.withdrawn', at: now, callId: null, data }]);
    return true;
  });
  if (told) deps.live.nudge();
}

/** Null where there is nothing to choose between. Kept for an hour: speeds and demand of another hour are others. */
async function modelFor(deps: Deps, watch: RedeploymentWatch, now: Instant): Promise<Model | null> {
  const stations = deps.roster.placesOf('station');
  const known = watch.model;
  const same =
    known && known.stations.map(({ placeId }) => placeId).join() === stations.map(({ placeId }) => placeId).join();
  if (known && same && now < known.until && known.hour === chinaHour(now)) return known;
  if (stations.length < 2) return null;
  const demand = await readDemand(deps.db, now - YEAR_MS, now, PAST_CALLS_AT_LEAST);
  if (demand.places.length === 0) return null;
  const cover = await modelOf(deps, stations, demand.places, now);
  const callsPerHour = demand.of === 'calls' ? await rateOf(deps, demand.places, now) : CALLS_AN_HOUR;
  watch.model = { until: now + MODEL_FOR_MS, hour: chinaHour(now), stations, cover, callsPerHour };
  return watch.model;
}

/** Calls an hour of the last year, or since the first call. */
async function rateOf({ db }: Deps, calls: readonly PlacedDemand[], now: Instant): Promise<number> {
  const first = (await firstCall(db, now - YEAR_MS, now)) ?? now;
  return calls.reduce((sum, { weight }) => sum + weight, 0) / (Math.max(now - first, DAY_MS) / HOUR_MS);
}

async function modelOf(
  deps: Deps,
  stations: readonly Place[],
  demand: readonly PlacedDemand[],
  now: Instant,
): Promise<CoverModel> {
  const cells = new Map<string, { position: Position; most: number; readonly weights: number[] }>();
  let all = 0;
  for (const { lon, lat, vehicleType, weight } of demand) {
    const cell = latLngToCell(lat, lon, COARSE);
    const there = cells.get(cell) ?? { position: { lon, lat, crs: 'wgs84' }, most: 0, weights: kinds.map(() => 0) };
    if (weight > there.most) {
      there.most = weight;
      there.position = { lon, lat, crs: 'wgs84' };
    }
    kinds.forEach((_, kind) => {
      const share = vehicleType === null ? (HOME_SHARES[kind] ?? 0) : Number(kindOf(vehicleType) === kind);
      there.weights[kind] = (there.weights[kind] ?? 0) + weight * share;
    });
    cells.set(cell, there);
    all += weight;
  }
  const nodes = [...cells.values()];
  const weight = new Float64Array(kinds.length * nodes.length);
  const drives: Float64Array[] = [];
  for (const [node, { position, weights }] of nodes.entries()) {
    weights.forEach((own, kind) => {
      weight[kind * nodes.length + node] = own / all;
    });
    const from = stations.map((station) => station.position);
    drives.push(deps.travel.toOne(from, position, now).seconds);
    await takeTurns();
  }
  const worth = worthOf({ habits: assumedHabits }, expectedCoverDefaults.inTimeShare);
  return coverModel(
    { nodes: nodes.length, stations: stations.length, kinds: kinds.length, weight },
    expectedCoverDefaults.busy,
    (station, node) => drives[node]?.[station] ?? Infinity,
    worth,
  );
}

const kindOf = (vehicleType: VehicleType): number =>
  Math.min(vehicleTypes.indexOf(vehicleType === 'special' ? 'intensive' : vehicleType), kinds.length - 1);
