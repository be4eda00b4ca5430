/** The patients a simulation draws from: of past calls, of calls brought in from elsewhere, or of residents. */
import { setImmediate as takeTurns } from 'node:timers/promises';
import { decisionContext } from '../calls/accept.ts';
import type { CallInput } from '../calls/schema.ts';
import { Problem } from '../domain/errors.ts';
import { type Instant, rfc3339 } from '../domain/time.ts';
import type { HistorySource } from '../planning/simulation/city.ts';
import {
  type ImportedCall,
  sampleImportedCalls,
  samplePastCalls,
  sampleResidents,
} from '../planning/simulation/past-store.ts';
import { dayStream } from '../planning/simulation/random.ts';
import { decide, unknownPatient } from '../requirement/decide.ts';
import { recordRead } from '../residents/access.ts';
import type { FiledResident } from '../residents/file.ts';
import { findResidentsByKeys, residentContext } from '../residents/store.ts';
import type { Actor, DecisionRecord } from './receive-call.ts';
import { caseOf, neighboursOf, type Registry, registryOf } from './simulation-cases.ts';
import type { RawCase } from './simulation-city.ts';
import type { Assumptions, SourceDeps } from './simulation-source.ts';

const CASES_AT_MOST = 4_000;
const RESIDENTS_AT_MOST = 3_000;
const SHARING_AT_MOST = 20_000;
/** Cases made in one turn: a few milliseconds, then calls coming in have theirs. */
const BATCH = 5;
/** The same residents stand in for the same calls, whatever days are simulated. */
const STAND_IN_SEED = 1;

export interface Demand {
  readonly cases: RawCase[];
  readonly histories: HistorySource;
}

export async function demandOfPast(deps: SourceDeps, actor: Actor, from: Instant, now: Instant): Promise<Demand> {
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
  await log(deps, actor, read);
  return { cases, histories: 'own' };
}

/**
 * Calls brought in say nobody's history: a filed resident who lives nearby, and is of the patient's age where that is
 * known, stands in for each. What complaint and history ask for is joined with the vehicle that was sent.
 */
export async function demandOfImported(deps: SourceDeps, actor: Actor, from: Instant, now: Instant): Promise<Demand> {
  const { residents, registry } = await readResidents(deps, actor);
  const standIn = neighboursOf(residents, now);
  const draw = dayStream(STAND_IN_SEED, 0);
  const cases: RawCase[] = [];
  for (const [i, row] of (await sampleImportedCalls(deps.db, from, now, CASES_AT_MOST)).entries()) {
    if (i % BATCH === 0) await takeTurns();
    const resident = standIn({ lon: row.lon, lat: row.lat, crs: 'wgs84' }, row.age_years, draw());
    const found = caseOf(deps, anywhere, registry, callOf(row, resident, now), resident, now);
    if (found) cases.push(withSent(deps, found, row));
  }
  return { cases, histories: residents.length > 0 ? 'residents-nearby' : 'none' };
}

/** Places beyond the service's area are past all the same. */
const anywhere = { west: -180, south: -90, east: 180, north: 90 };

/** As it may have been told: whoever was no danger to life was awake and breathed. */
function callOf(row: ImportedCall, resident: FiledResident | null, now: Instant): CallInput {
  const [phone] = resident?.phones ?? [];
  return {
    channel: 'phone',
    receivedAt: rfc3339(now),
    caller: { ...(phone === undefined ? {} : { phone }), relation: 'unknown' },
    ...(row.age_years === null ? {} : { patient: { ageYears: row.age_years } }),
    location: { position: { lon: row.lon, lat: row.lat, crs: 'wgs84' }, uncertaintyMetres: 30, source: 'caller' },
    complaint: {
      code: row.complaint ?? 'unknown-problem',
      answers: row.priority === 1 ? {} : { conscious: 'yes', breathing: 'normal' },
    },
  };
}

/** The vehicle that was sent is the least that was needed, and the priority it was given stands. */
function withSent({ protocol }: SourceDeps, found: RawCase, { hour, priority, vehicle_type }: ImportedCall): RawCase {
  const sent = vehicle_type === null ? [] : [...protocol.classCapabilities[vehicle_type]];
  const more = ({ required, preferred }: RawCase['truth']) => ({
    required: [...new Set([...required, ...sent])].sort(),
    preferred: preferred.filter((each) => !sent.includes(each)),
  });
  return {
    ...found,
    hour,
    priority: priority ?? found.priority,
    byHistory: more(found.byHistory),
    byComplaint: more(found.byComplaint),
    truth: more(found.truth),
  };
}

export async function demandOfResidents(
  deps: SourceDeps,
  actor: Actor,
  assumed: Assumptions,
  now: Instant,
): Promise<Demand> {
  const { residents, registry } = await readResidents(deps, actor);
  const cases: RawCase[] = [];
  for (const [i, resident] of residents.entries()) {
    if (i % BATCH === 0) await takeTurns();
    try {
      const input = assumed.invent(resident, i, now);
      const found = caseOf(deps, deps.config.serviceArea, registry, input, resident, now);
      if (found) cases.push(found);
    } catch (error) {
      // A file too bare to call from: neither telephone nor home.
      if (!(error instanceof Problem)) throw error;
    }
  }
  return { cases, histories: 'own' };
}

/** Some of those with a known home, and whom else a call of theirs would bring up. All of them are written to the access log. */
async function readResidents(
  deps: SourceDeps,
  actor: Actor,
): Promise<{ readonly residents: readonly FiledResident[]; readonly registry: Registry }> {
  const { db, seal } = deps;
  const sample = await sampleResidents(db, RESIDENTS_AT_MOST);
  const residents: FiledResident[] = [];
  for (const [i, row] of sample.residents.entries()) {
    if (i % BATCH === 0) await takeTurns();
    residents.push(seal.open<FiledResident>(row.sealed, residentContext(row.resident_id)));
  }
  const phones = residents.flatMap((resident) => resident.phones.map((phone) => seal.token('phone', phone)));
  const sharing = await findResidentsByKeys(db, seal, [...new Set(phones)], SHARING_AT_MOST);
  const everybody = new Map([...sharing, ...residents].map((resident) => [resident.residentId, resident]));
  await log(deps, actor, everybody.keys());
  return { residents, registry: registryOf([...everybody.values()], sample.filed) };
}

const log = (deps: SourceDeps, actor: Actor, residentIds: Iterable<string>) =>
  recordRead(deps.db, {
    at: deps.clock.now(),
    ...actor,
    residentIds: [...residentIds],
    callId: null,
    purpose: 'simulation',
  });
