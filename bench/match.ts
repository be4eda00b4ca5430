/** Look-up and match over registries of growing size: what a call waits for before it is decided, without HTTP. */
import type pg from 'pg';
import { type Intake, readIntake } from '../src/calls/intake.ts';
import { type Found, type LookupRequest, lookUp } from '../src/calls/lookup.ts';
import { openPool } from '../src/database/pool.ts';
import { createSeal } from '../src/database/seal.ts';
import type { Instant } from '../src/domain/time.ts';
import { Roster } from '../src/fleet/roster.ts';
import { createLog } from '../src/http/log.ts';
import { callerFacts, candidateOf } from '../src/operations/judge-call.ts';
import { openCandidates } from '../src/operations/open-candidates.ts';
import { matchResidents } from '../src/residents/match/decide.ts';
import type { Resident } from '../src/residents/schema.ts';
import { systemClock } from '../src/system.ts';
import { inventCall, sampleResidents } from './calls.ts';
import { type Ground, keys, SEED } from './ground.ts';
import { Calls } from './match-calls.ts';
import { seededRandom } from './random.ts';
import { judged, median, quantile, type ResultRow, round } from './rows.ts';

export interface MatchSize {
  /** Residents filed, the smallest first: the others are compared with it. */
  readonly registries: readonly number[];
  readonly rounds: number;
  readonly callsPerRound: number;
}

export const matchSize: MatchSize = { registries: [10_000, 100_000, 1_000_000], rounds: 7, callsPerRound: 1_500 };

/** Callers from all over a registry. */
const CALLERS_HELD = 5_000;
const MOST_RATIO = 1.3;
const everywhere = { west: -180, south: -90, east: 180, north: 90 };

/**
 * A nursing home's switchboard opens 64 files, the most there can be. How many such callers there are is the
 * population's matter and not the registry's size (the first ten thousand have no nursing home), so they stand apart.
 */
const kinds = {
  'filed number': 'phone and position, 20 % of numbers unregistered; nobody from a nursing home',
  described:
    'by number, name, age, address or place, as callers do, with their faults; 30 % about nobody filed; nobody from a nursing home',
  switchboard: 'phone and position of a nursing home, 20 % of numbers unregistered',
} as const;
type Kind = keyof typeof kinds;

interface Filed {
  readonly size: number;
  readonly db: pg.Pool;
  readonly next: Readonly<Partial<Record<Kind, () => Intake>>>;
  lookUp(request: LookupRequest): Promise<Found>;
}

export async function benchMatch(
  ground: Ground,
  { registries, rounds, callsPerRound }: MatchSize,
): Promise<ResultRow[]> {
  const now = systemClock.now();
  const filed: Filed[] = [];
  for (const size of registries) filed.push(await openRegistry(ground, size, now));
  const rows: ResultRow[] = [];
  for (const kind of Object.keys(kinds) as Kind[]) {
    const callable = filed.filter(({ next }) => next[kind]);
    const found = new Map(callable.map(({ size }) => [size, { p50: [] as number[], p99: [] as number[] }]));
    for (let i = 0; i <= rounds; i++) {
      for (const registry of i % 2 === 0 ? callable : [...callable].reverse()) {
        const waited = await measure(registry, kind, callsPerRound, now);
        if (i === 0) continue; // the first round fills caches and compiles
        found.get(registry.size)?.p50.push(quantile(waited, 0.5));
        found.get(registry.size)?.p99.push(quantile(waited, 0.99));
      }
    }
    const conditions = `${kinds[kind]}; one call at a time, no HTTP; median of ${rounds} alternating rounds of ${callsPerRound} calls; server processes share the processors`;
    rows.push(...rowsOf(kind, conditions, found));
  }
  for (const { db } of filed) await db.end();
  return rows;
}

function rowsOf(
  kind: Kind,
  conditions: string,
  found: ReadonlyMap<number, { readonly p50: number[]; readonly p99: number[] }>,
): ResultRow[] {
  const rows: ResultRow[] = [];
  const sizes = [...found.keys()];
  const least = found.get(sizes[0] as number);
  for (const [size, each] of found) {
    for (const figure of ['p50', 'p99'] as const) {
      const value = median(each[figure]);
      const row = {
        benchmark: 'match',
        figure: `${figure}, ${kind}, ${size} residents`,
        value: round(value),
        unit: 'ms',
      };
      if (!least || each === least) rows.push({ ...row, conditions });
      else {
        const floor = median(least[figure]);
        // The floor is the smallest registry.
        const beside = { ...row, floor: round(floor), ratio: round(value / floor), conditions };
        const isTheFigure = kind !== 'switchboard' && figure === 'p99' && size === sizes.at(-1);
        rows.push(isTheFigure ? judged(beside, { atMost: MOST_RATIO }) : beside);
      }
    }
  }
  return rows;
}

async function openRegistry(ground: Ground, size: number, now: Instant): Promise<Filed> {
  const { databaseUrl } = await ground.registry(size);
  const db = openPool(databaseUrl);
  const roster = new Roster();
  const sample = sampleResidents(size, CALLERS_HELD, SEED);
  const inHomes = sample.filter(isInNursingHome);
  const residents = sample.filter((resident) => !isInNursingHome(resident));
  const random = seededRandom(SEED);
  const calls = new Calls(residents, SEED, now);
  const callFrom = (some: readonly Resident[]) => () => readIntake(inventCall(random, some), now, everywhere);
  const unsaid = { receivedAt: now, rawPosition: null, source: null, flags: [] };
  return {
    size,
    db,
    next: {
      'filed number': callFrom(residents),
      described: () => ({ ...unsaid, ...calls.next().caller }),
      ...(inHomes.length ? { switchboard: callFrom(inHomes.map(behindSwitchboard)) } : {}),
    },
    lookUp: async (request) => (await lookUp(db, roster, [request]))[0] as Found,
  };
}

const isInNursingHome = (resident: Resident) =>
  resident.contacts?.some(({ relation }) => relation === 'staff') ?? false;

/** The shared number is filed last, after a number of one's own. */
const behindSwitchboard = (resident: Resident): Resident => ({ ...resident, phones: resident.phones.slice(-1) });

/** Milliseconds of each call. */
async function measure({ lookUp, next }: Filed, kind: Kind, calls: number, now: Instant): Promise<number[]> {
  const intakeOf = next[kind];
  if (!intakeOf) throw new RangeError(`nobody calls as ${kind}`);
  const deps = { lookUp, seal, log };
  const waited: number[] = [];
  for (let i = 0; i < calls; i++) {
    const intake = intakeOf();
    const started = performance.now();
    const opened = await openCandidates(deps, intake, now);
    if (!opened) throw new Error('the registry did not answer');
    const candidates = opened.residents.map(({ file }) => candidateOf(file));
    matchResidents(callerFacts(intake), candidates, now, opened.registrySize);
    waited.push(performance.now() - started);
  }
  return waited;
}

const seal = createSeal(keys.identityKey);
const log = createLog('silent');
