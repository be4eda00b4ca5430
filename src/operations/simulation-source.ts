/** What a city is simulated from: stations, units, and demand from past calls, or where there are few, from residents. */
import { setImmediate as takeTurns } from 'node:timers/promises';
import { decisionContext } from '../calls/accept.ts';
import type { CallInput } from '../calls/schema.ts';
import type { Deps } from '../deps.ts';
import { Problem, refuseField } from '../domain/errors.ts';
import type { Instant } from '../domain/time.ts';
import type { RoadGraph } from '../fleet/roads/graph.ts';
import { nothingLearned, speedsAt } from '../fleet/roads/speeds.ts';
import { listPlaces, listUnits } from '../fleet/store.ts';
import { chinaHour } from '../fleet/travel.ts';
import type { Habits } from '../planning/simulation/city.ts';
import type { Duration } from '../planning/simulation/random.ts';
import {
  countByHour,
  measureLegs,
  sampleImportedCalls,
  samplePastCalls,
  sampleResidents,
} from '../planning/simulation/store.ts';
import { decide, unknownPatient } from '../requirement/decide.ts';
import { recordRead } from '../residents/access.ts';
import type { FiledResident } from '../residents/file.ts';
import { findResidentsByKeys, residentContext } from '../residents/store.ts';
import type { Judges } from './judge-call.ts';
import type { Actor, DecisionRecord } from './receive-call.ts';
import { caseOf, registryOf } from './simulation-cases.ts';
import type { CityParts, RawCase } from './simulation-city.ts';

const YEAR_MS = 365 * 86_400_000;
/** Past calls fewer than this say little about where and when; residents then stand in for them. */
const PAST_CALLS_AT_LEAST = 500;
const CASES_AT_MOST = 4_000;
const RESIDENTS_AT_MOST = 3_000;
const SHARING_AT_MOST = 20_000;
/** Fewer runs measured than this and an assumption stands in for a leg. */
const RUNS_AT_LEAST = 200;
/** Cases made in one turn: a few milliseconds, then calls coming in have theirs. */
const BATCH = 5;

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
  const cases =
    counted === null
      ? await casesOfResidents(deps, actor, assumed, now)
      : counted === past.own
        ? await casesOfPast(deps, actor, from, now)
        : await casesOfImported(deps, from, now);
  if (cases.length === 0) throw refuseField('demand', 'no past calls, and no resident with a known home');
  return {
    name: deps.config.demo.district ? 'demonstration' : 'service',
    demand: counted ? 'past-calls' : 'residents',
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

async function casesOfPast(deps: SourceDeps, actor: Actor, from: Instant, now: Instant): Promise<RawCase[]> {
  const cases: RawCase[] = [];
  const read = new Set<string>();
  for (const [i, row] of (await samplePastCalls(deps.db, from, now, CASES_AT_MOST)).entries()) {
    if (i % BATCH === 0) await takeTurns();
    const record = deps.seal.open<DecisionRecord>(row.sealed, decisionContext(row.call_id, row.revision));
    const { facts, historiesRead } = record;
    for (const residentId of historiesRead) read.add(residentId);
    const { requirement } = decide(deps.protocol, facts);
    const [patient] = facts.patients;
    const stranger = { ...unknownPatient, ageYears: patient?.ageYears ?? null, sex: patient?.sex ?? 'unknown' };
    cases.push({
      position: { lon: row.lon, lat: row.lat, crs: 'wgs84' },
      hour: row.hour,
      complaint: row.complaint,
      priority: requirement.priority,
      byHistory: requirement,
      byComplaint: decide(deps.protocol, { complaint: facts.complaint, patients: [stranger] }).requirement,
      truth: requirement,
      hospitals: requirement.hospitals,
    });
  }
  await log(deps, actor, [...read]);
  return cases;
}

/** The vehicle that was sent stands for what was needed: nobody imported says more. */
async function casesOfImported({ db, protocol }: SourceDeps, from: Instant, now: Instant): Promise<RawCase[]> {
  return (await sampleImportedCalls(db, from, now, CASES_AT_MOST)).map((row) => {
    const need = { required: [...protocol.classCapabilities[row.vehicle_type ?? 'basic']], preferred: [] };
    return {
      position: { lon: row.lon, lat: row.lat, crs: 'wgs84' },
      hour: row.hour,
      complaint: row.complaint ?? 'unknown-problem',
      priority: row.priority ?? 3,
      byHistory: need,
      byComplaint: need,
      truth: need,
      hospitals: [],
    };
  });
}

async function casesOfResidents(
  deps: SourceDeps,
  actor: Actor,
  assumed: Assumptions,
  now: Instant,
): Promise<RawCase[]> {
  const { db, seal, config } = deps;
  const sample = await sampleResidents(db, RESIDENTS_AT_MOST);
  const residents: FiledResident[] = [];
  for (const [i, row] of sample.residents.entries()) {
    if (i % BATCH === 0) await takeTurns();
    residents.push(seal.open<FiledResident>(row.sealed, residentContext(row.resident_id)));
  }
  const phones = residents.flatMap((resident) => resident.phones.map((phone) => seal.token('phone', phone)));
  const sharing = await findResidentsByKeys(db, seal, [...new Set(phones)], SHARING_AT_MOST);
  const everybody = new Map([...sharing, ...residents].map((resident) => [resident.residentId, resident]));
  await log(deps, actor, [...everybody.keys()]);
  const registry = registryOf([...everybody.values()], sample.filed);
  const cases: RawCase[] = [];
  for (const [i, resident] of residents.entries()) {
    if (i % BATCH === 0) await takeTurns();
    try {
      const input = assumed.invent(resident, i, now);
      const found = caseOf(deps, config.serviceArea, registry, input, resident, now);
      if (found) cases.push(found);
    } catch (error) {
      // A file too bare to call from: neither telephone nor home.
      if (!(error instanceof Problem)) throw error;
    }
  }
  return cases;
}

const log = (deps: SourceDeps, actor: Actor, residentIds: readonly string[]) =>
  recordRead(deps.db, { at: deps.clock.now(), ...actor, residentIds, callId: null, purpose: 'simulation' });

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
