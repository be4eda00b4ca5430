/** How well callers are matched: precision and recall at both thresholds, over an invented population and invented calls. */
import { pathToFileURL } from 'node:url';
import type { Position } from '../src/domain/position.ts';
import { distanceMetres } from '../src/domain/position.ts';
import type { CallerFacts, Candidate } from '../src/residents/match/decide.ts';
import { matchResidents } from '../src/residents/match/decide.ts';
import { addressKey, normaliseName } from '../src/residents/match/normalise.ts';
import type { Resident } from '../src/residents/schema.ts';
import type { TestCall } from './match-calls.ts';
import { Calls } from './match-calls.ts';
import { generatePopulation } from './population.ts';

const NOW = Date.UTC(2025, 5, 1);
const MOST_CANDIDATES = 64;
const NEAREST = 16;
const NEAR_METRES = 500;
const CELL_DEGREES = 0.005;

export function toCandidate(resident: Resident): Candidate {
  const at = resident.home?.position;
  return {
    residentId: resident.residentId,
    name: resident.name,
    sex: resident.sex,
    birthDate: resident.birthDate,
    idNumber: resident.idNumber ?? null,
    phones: resident.phones,
    contactPhones: (resident.contacts ?? []).map((c) => c.phone),
    deviceIds: (resident.devices ?? []).map((d) => d.deviceId),
    address: resident.home?.address ?? null,
    position: at ? { lon: at.lon, lat: at.lat, crs: 'wgs84' } : null,
    livesAlone: resident.livesAlone ?? null,
  };
}

/** The store's keys in memory: candidates through exact keys first, the nearest homes last, at most 64. */
export class Registry {
  readonly #byKey = new Map<string, Candidate[]>();
  readonly #byCell = new Map<string, Candidate[]>();
  size = 0;

  add(candidate: Candidate): void {
    this.size++;
    const file = (map: Map<string, Candidate[]>, key: string) => {
      const held = map.get(key);
      if (held) held.push(candidate);
      else map.set(key, [candidate]);
    };
    const name = normaliseName(candidate.name);
    for (const phone of new Set([...candidate.phones, ...candidate.contactPhones])) {
      file(this.#byKey, `phone ${phone}`);
      file(this.#byKey, `name ${name} ${phone}`);
    }
    for (const device of candidate.deviceIds) file(this.#byKey, `device ${device}`);
    if (candidate.idNumber) file(this.#byKey, `id ${candidate.idNumber}`);
    const door = candidate.address === null ? null : addressKey(candidate.address);
    if (door !== null) file(this.#byKey, `door ${door}`);
    if (candidate.position) file(this.#byCell, cell(candidate.position, 0, 0));
  }

  candidates(caller: CallerFacts): Candidate[] {
    const found = new Map<string, Candidate>();
    const take = (key: string) => {
      for (const candidate of this.#byKey.get(key) ?? []) {
        if (found.size >= MOST_CANDIDATES) return;
        found.set(candidate.residentId, candidate);
      }
    };
    if (caller.idNumber) take(`id ${caller.idNumber}`);
    if (caller.deviceId) take(`device ${caller.deviceId}`);
    if (caller.name && caller.phone) take(`name ${normaliseName(caller.name)} ${caller.phone}`);
    const door = caller.address === null ? null : addressKey(caller.address);
    if (door !== null) take(`door ${door}`);
    if (caller.phone) take(`phone ${caller.phone}`);
    if (caller.position) for (const near of this.#nearest(caller.position)) found.set(near.residentId, near);
    return [...found.values()].slice(0, MOST_CANDIDATES);
  }

  #nearest(at: Position): Candidate[] {
    const near: [number, Candidate][] = [];
    for (let dx = -1; dx <= 1; dx++) {
      for (let dy = -1; dy <= 1; dy++) {
        for (const candidate of this.#byCell.get(cell(at, dx, dy)) ?? []) {
          const metres = distanceMetres(at, candidate.position as Position);
          if (metres <= NEAR_METRES) near.push([metres, candidate]);
        }
      }
    }
    return near
      .sort(([a], [b]) => a - b)
      .slice(0, NEAREST)
      .map(([, candidate]) => candidate);
  }
}

const cell = (at: Position, dx: number, dy: number) =>
  `${Math.floor(at.lon / CELL_DEGREES) + dx} ${Math.floor(at.lat / CELL_DEGREES) + dy}`;

/** Counts for one kind of call. Precision and recall follow from them. */
export interface Tally {
  calls: number;
  filed: number;
  /** Calls whose patient was among the candidates: what no weight can better. */
  reachable: number;
  matched: number;
  matchedRight: number;
  listed: number;
  listedRight: number;
  listLength: number;
}

export interface MatchQuality {
  readonly all: Tally;
  readonly byKind: ReadonlyMap<string, Tally>;
  readonly microsecondsPerCandidate: number;
}

export const precision = (t: Tally) => ({ match: t.matchedRight / t.matched, possible: t.listedRight / t.listed });
export const recall = (t: Tally) => ({ match: t.matchedRight / t.filed, possible: t.listedRight / t.filed });

const empty = (): Tally => ({
  calls: 0,
  filed: 0,
  reachable: 0,
  matched: 0,
  matchedRight: 0,
  listed: 0,
  listedRight: 0,
  listLength: 0,
});

export function makeTown({ residents, calls, seed }: { residents: number; calls: number; seed: number }) {
  const filed = [...generatePopulation({ count: residents, seed })];
  const registry = new Registry();
  for (const resident of filed) registry.add(toCandidate(resident));
  const source = new Calls(filed, seed + 1, NOW);
  return { filed, registry, calls: Array.from({ length: calls }, () => source.next()), now: NOW };
}

/**
 * `match`: the one resident graded so. `possible`: the list shown, of either grade. Precision is over calls with such an
 * answer, recall over calls whose patient is filed; a call about nobody filed can only lower precision.
 */
export function measureMatchQuality(size: { residents: number; calls: number; seed: number }): MatchQuality {
  const { registry, calls } = makeTown(size);
  const all = empty();
  const byKind = new Map<string, Tally>();
  let compared = 0;
  let nanoseconds = 0n;
  for (const call of calls) {
    const candidates = registry.candidates(call.caller);
    const before = process.hrtime.bigint();
    const matches = matchResidents(call.caller, candidates, NOW, registry.size);
    nanoseconds += process.hrtime.bigint() - before;
    compared += candidates.length;
    const tally = byKind.get(call.kind) ?? empty();
    byKind.set(call.kind, tally);
    for (const t of [all, tally]) count(t, call, candidates, matches);
  }
  return { all, byKind, microsecondsPerCandidate: Number(nanoseconds) / 1000 / compared };
}

function count(t: Tally, call: TestCall, candidates: Candidate[], matches: ReturnType<typeof matchResidents>): void {
  const right = (m: { residentId: string }) => m.residentId === call.patient;
  t.calls++;
  if (call.patient !== null) t.filed++;
  if (candidates.some(right)) t.reachable++;
  const matched = matches.find((m) => m.grade === 'match');
  if (matched) {
    t.matched++;
    if (right(matched)) t.matchedRight++;
  }
  if (matches.length > 0) {
    t.listed++;
    t.listLength += matches.length;
    if (matches.some(right)) t.listedRight++;
  }
}

const percent = (part: number) => (Number.isNaN(part) ? '–' : `${(100 * part).toFixed(1)} %`);

function row(kind: string, t: Tally) {
  return {
    calls: t.calls,
    'right one reachable': percent(t.reachable / t.filed),
    'match: precision': percent(precision(t).match),
    'match: recall': percent(recall(t).match),
    'possible: precision': percent(precision(t).possible),
    'possible: recall': percent(recall(t).possible),
    'list length': t.listed ? (t.listLength / t.listed).toFixed(2) : '–',
    kind,
  };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const size = { residents: Number(process.argv[2] ?? 100_000), calls: Number(process.argv[3] ?? 20_000), seed: 1 };
  console.log(`${size.residents} invented residents, ${size.calls} invented calls, seed ${size.seed}`);
  const { all, byKind, microsecondsPerCandidate } = measureMatchQuality(size);
  const kinds = [...byKind].sort(([, a], [, b]) => b.calls - a.calls).filter(([, t]) => t.calls >= 20);
  console.table([row('all', all), ...kinds.map(([kind, t]) => row(kind, t))]);
  console.log(`${microsecondsPerCandidate.toFixed(2)} µs a candidate`);
}
