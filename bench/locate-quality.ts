/** How well the fusion finds the true door: generated searches with known truth over an invented population, beside the registered home alone. */
import type { Position } from '../src/domain/position.ts';
import { fuse } from '../src/locate/fuse.ts';
import { assembleDoors, doorText } from '../src/operations/assemble-doors.ts';
import type { PastPlace } from '../src/operations/how-to-get-in.ts';
import { RESIDENTS_A_DOOR } from '../src/operations/locate-facts.ts';
import type { FiledResident } from '../src/residents/file.ts';
import { type CallerFacts, credible, matchResidents } from '../src/residents/match/decide.ts';
import { addressKey } from '../src/residents/match/normalise.ts';
import { Registry, toCandidate } from './match-quality.ts';
import { generatePopulation, inventHome } from './population.ts';
import { type Random, seededRandom, weighted } from './random.ts';
import type { ResultRow } from './rows.ts';
import { judged, round } from './rows.ts';

export interface LocateQualitySize {
  readonly residents: number;
  readonly searches: number;
  readonly seed: number;
}
export const locateQualitySize: LocateQualitySize = { residents: 20_000, searches: 5_000, seed: 1 };

const NOW = Date.UTC(2025, 5, 1);
const DAY_MS = 86_400_000;
const METRES_PER_DEGREE = 111_195;

/** Where the patient really is, and how often. Round guesses; somewhere nobody has on file no list can name. */
const whereabouts = weighted([
  ['home', 74],
  ['found-there-before', 10],
  ['moved', 5], // the registry still has the old door
  ['neighbour', 7], // at another filed door of the same house or street
  ['street', 4],
] as const);

const METHODS = [
  ['one-key', 45],
  ['phone', 55],
] as const;
const method = weighted(METHODS);

export interface LocateTally {
  searches: number;
  /** They are behind some door: what a list of doors can find. */
  behindADoor: number;
  first: number;
  inThree: number;
  /** The registered home of the likeliest resident is the true door. */
  home: number;
  /** Sum of what was given to the truth: whether confidences can be believed. */
  confidenceGiven: number;
}

interface Found {
  readonly truth: string | null;
  readonly ranked: readonly string[];
  readonly home: string | null;
  readonly confidence: number;
}

export function measureLocateQuality({ residents, searches, seed }: LocateQualitySize): LocateTally {
  const random = seededRandom(seed * 7 + 3);
  const registry = new Registry();
  const files = new Map<string, FiledResident>();
  const doors: FiledResident[] = [];
  for (const resident of generatePopulation({ count: residents, seed })) {
    const file = resident as FiledResident;
    files.set(file.residentId, file);
    registry.add(toCandidate(resident));
    if (file.home?.position && addressKey(file.home.address)) doors.push(file);
  }
  const withDevice = doors.filter(({ devices }) => devices?.length);
  const tally: LocateTally = { searches: 0, behindADoor: 0, first: 0, inThree: 0, home: 0, confidenceGiven: 0 };
  for (let i = 0; i < searches; i++) {
    const { truth, ranked, home, confidence } = search(random, registry, files, doors, withDevice);
    tally.searches++;
    if (truth === null) continue;
    tally.behindADoor++;
    if (ranked[0] === truth) tally.first++;
    if (ranked.slice(0, 3).includes(truth)) tally.inThree++;
    if (home === truth) tally.home++;
    tally.confidenceGiven += confidence;
  }
  return tally;
}

function search(
  random: Random,
  registry: Registry,
  files: ReadonlyMap<string, FiledResident>,
  doors: readonly FiledResident[],
  withDevice: readonly FiledResident[],
): Found {
  const oneKey = method(random) === 'one-key';
  const patient = random.pick(oneKey ? withDevice : doors);
  const home = patient.home as NonNullable<FiledResident['home']> & { position: Position };
  const where = whereabouts(random);
  const before = where === 'found-there-before' || random.chance(0.12) ? pastPlace(random, patient) : null;
  // A door in the same house, else next to it.
  const neighbour = where === 'neighbour' ? nearestOther(doors, patient, random) : null;
  const moved = where === 'moved' ? inventHome(random) : null;
  const at: Position =
    where === 'found-there-before'
      ? (before?.position as Position)
      : where === 'moved'
        ? { ...(moved?.position as Position), crs: 'wgs84' }
        : where === 'neighbour'
          ? (neighbour?.home?.position as Position)
          : where === 'street'
            ? near(random, home.position, 400)
            : home.position;
  const said = saidOf(random, where, where === 'moved' ? moved?.address : neighbour?.home?.address, home.address);
  const fix = oneKey && random.chance(0.7) ? null : fixOf(random, at);
  const caller: CallerFacts = {
    phone: oneKey ? null : random.chance(0.93) ? random.pick(patient.phones) : null,
    deviceId: oneKey ? (patient.devices?.[0]?.deviceId ?? null) : null,
    idNumber: null,
    residentId: null,
    name: !oneKey && random.chance(0.5) ? patient.name : null,
    ageYears: null,
    sex: oneKey ? null : patient.sex,
    address: said,
    position: fix?.position ?? null,
    uncertaintyMetres: fix?.radiusMetres ?? null,
    relation: 'unknown',
  };
  const candidates = registry.candidates(caller);
  const matches = matchResidents(caller, candidates, NOW, registry.size);
  const { residents: likely, tooMany } = credible(matches);
  const confidences = new Map(tooMany ? [] : likely.map((match) => [match.residentId, match.confidence]));
  const past = before && (confidences.has(patient.residentId) || oneKey) ? [before] : [];
  const known = candidates.flatMap(({ residentId }) => files.get(residentId) ?? []);
  const assembled = assembleDoors({ files: known, confidences, past, said, now: NOW });
  const fused = fuse({
    dwellings: assembled.map(({ dwelling }) => dwelling),
    fixes: fix ? [fix] : [],
    doorsOnFile: registry.size / RESIDENTS_A_DOOR,
  });

  const truth = truthOf(where, home.address, before, moved?.address, neighbour);
  const idOf = new Map(assembled.map(({ dwelling, view }) => [dwelling.dwellingId, keyOf(view.address)]));
  const best = [...confidences].sort(([, a], [, b]) => b - a)[0]?.[0];
  return {
    truth,
    ranked: fused.places.map(({ dwellingId }) => idOf.get(dwellingId) ?? dwellingId),
    home: best === undefined ? null : keyOf(files.get(best)?.home?.address ?? null),
    confidence: fused.places.find(({ dwellingId }) => idOf.get(dwellingId) === truth)?.confidence ?? 0,
  };
}

const keyOf = (address: string | null) => (address === null ? '' : (addressKey(address) ?? address));

function truthOf(
  where: string,
  home: string,
  before: PastPlace | null,
  moved: string | undefined,
  neighbour: FiledResident | null,
): string | null {
  switch (where) {
    case 'home':
      return keyOf(home);
    case 'found-there-before':
      return before && keyOf(doorText(before));
    case 'moved':
      return keyOf(moved ?? null);
    case 'neighbour':
      return keyOf(neighbour?.home?.address ?? null);
    default:
      return null;
  }
}

/** A daughter's, a day centre: some hundred metres to some kilometres away, found there up to two years ago. */
function pastPlace(random: Random, patient: FiledResident): PastPlace {
  const { position } = inventHome(random);
  const floor = random.below(12) + 1;
  return {
    placeId: `p-${patient.residentId}-${random.below(1e9)}`,
    residentId: patient.residentId,
    centreId: 'c-1',
    confirmedAt: new Date(NOW - random.below(730) * DAY_MS).toISOString(),
    refutedAt: null,
    position: { ...(position as Position), crs: 'wgs84' },
    building: String(random.below(900) + 100),
    unit: String(random.below(5) + 1),
    floor,
    room: `${floor}0${random.below(4) + 1}`,
    entryNotes: null,
    person: null,
  };
}

function nearestOther(doors: readonly FiledResident[], patient: FiledResident, random: Random): FiledResident {
  const at = patient.home?.position as Position;
  const own = keyOf(patient.home?.address ?? null);
  const around = doors.filter(
    ({ home }) =>
      home?.position &&
      Math.abs(home.position.lat - at.lat) < 0.002 &&
      Math.abs(home.position.lon - at.lon) < 0.0026 &&
      keyOf(home.address) !== own,
  );
  return around.length
    ? random.pick(around)
    : random.pick(doors.filter((each) => keyOf(each.home?.address ?? null) !== own));
}

/** One in six fixes is far off what it claims; radii are stated in steps, as phones and networks do. */
function fixOf(random: Random, at: Position) {
  const radiusMetres = random.pick([15, 30, 50, 100, 250]);
  const sigma = radiusMetres / 2.45;
  const off = random.chance(0.16) ? 4 + random.next() * 6 : 1;
  return {
    position: {
      lon: at.lon + (random.normal() * sigma * off) / (METRES_PER_DEGREE * 0.767),
      lat: at.lat + (random.normal() * sigma * off) / METRES_PER_DEGREE,
      crs: 'wgs84' as const,
    },
    radiusMetres,
    confidence: 0.95,
    ageSeconds: random.below(240),
  };
}

/** Who is elsewhere often says so; who is at home often says nothing, or only the street; some say it wrong. */
function saidOf(random: Random, where: string, elsewhere: string | undefined, home: string): string | null {
  if (where === 'moved' || where === 'neighbour') {
    if (elsewhere && random.chance(0.8)) return mangled(random, elsewhere);
    return null;
  }
  if (where === 'home' && random.chance(0.5)) return mangled(random, home);
  return null;
}

function mangled(random: Random, address: string): string {
  const said = address.replace(/^(北京市)?(西城区)?/u, '');
  if (random.chance(0.2)) return said.replace(/\d+室$/u, ''); // without the room
  if (random.chance(0.06)) return said.replace(/\d(?=室$)/u, (digit) => String((Number(digit) + 1) % 10));
  return said;
}

const near = (random: Random, { lon, lat }: Position, metres: number): Position => ({
  lon: lon + ((random.next() * 2 - 1) * metres) / (METRES_PER_DEGREE * 0.767),
  lat: lat + ((random.next() * 2 - 1) * metres) / METRES_PER_DEGREE,
  crs: 'wgs84',
});

export function benchLocateQuality(size: LocateQualitySize): ResultRow[] {
  const { searches, behindADoor, first, inThree, home, confidenceGiven } = measureLocateQuality(size);
  const conditions = `${searches} invented searches over ${size.residents} invented residents: 74 % at home, 10 % where found before, 5 % moved, 7 % at another door near by, and 4 % in the street, which are not counted; one fix in six far off, a third without one; seed ${size.seed}`;
  const row = (figure: string, value: number): ResultRow => ({
    benchmark: 'locate-quality',
    figure,
    value: round(value),
    unit: 'share',
    conditions,
  });
  return [
    judged(row('true door in the first three', inThree / behindADoor), { atLeast: 0.9 }),
    judged(
      { ...row('true door first', first / behindADoor), floor: round(home / behindADoor), ratio: round(first / home) },
      { atLeast: 1 },
    ),
    row('confidence given to the true door, mean', confidenceGiven / behindADoor),
  ];
}
