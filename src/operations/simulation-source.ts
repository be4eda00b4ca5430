/** What a city is simulated from: stations, units, and demand from past calls, or where there are few, from residents. */
import { setImmediate as takeTurns } from 'node:timers/promises';
import { decisionContext } from '../calls/accept.ts';
import type { CallInput } from '../calls/schema.ts';
import type { Deps } from '../deps.ts';
import { Problem, refuseField } from '../domain/errors.ts';
import type { Instant } from '../domain/time.ts';
import { listPlaces, listUnits } from '../fleet/store.ts';
import type { Habits } from '../planning/simulation/city.ts';
import type { Duration } from '../planning/simulation/random.ts';
import { countByHour, measureLegs, samplePastCalls, sampleResidents } from '../planning/simulation/store.ts';
import { decide, unknownPatient } from '../requirement/decide.ts';
import { recordRead } from '../residents/access.ts';
import type { FiledResident } from '../residents/file.ts';
import { findResidentsByKeys, residentContext } from '../residents/store.ts';
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
const BATCH = 20;

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
  deps: Deps,
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
  const byPast = past.calls >= PAST_CALLS_AT_LEAST;
  const cases = byPast ? await casesOfPast(deps, actor, from, now) : await casesOfResidents(deps, actor, assumed, now);
  if (cases.length === 0) throw refuseField('demand', 'no past calls, and no resident with a known home');
  return {
    name: deps.config.demo.district ? 'demonstration' : 'service',
    demand: byPast ? 'past-calls' : 'residents',
    stations,
    hospitals,
    units,
    cases,
    callsPerDay: callsPerDay ?? (byPast ? past.perDay : assumed.callsPerDay),
    hourShape: byPast ? past.shape : assumed.hourShape,
    habits: await habitsOf(deps, assumed.habits, from, now),
    travel: deps.travel,
  };
}

async function casesOfPast(deps: Deps, actor: Actor, from: Instant, now: Instant): Promise<RawCase[]> {
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

async function casesOfResidents(deps: Deps, actor: Actor, assumed: Assumptions, now: Instant): Promise<RawCase[]> {
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

const log = (deps: Deps, actor: Actor, residentIds: readonly string[]) =>
  recordRead(deps.db, { at: deps.clock.now(), ...actor, residentIds, callId: null, purpose: 'simulation' });

/** Measured where enough runs were; each leg for itself. */
async function habitsOf({ db }: Deps, assumed: Habits, from: Instant, now: Instant): Promise<Habits> {
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
