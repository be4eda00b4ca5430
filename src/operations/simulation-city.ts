/** A city put together for simulation: cases gathered into cells, drives asked of the travel port, needs told apart. */
import { setImmediate as takeTurns } from 'node:timers/promises';
import { cellToLatLng, latLngToCell } from 'h3-js';
import type { Position } from '../domain/position.ts';
import type { Instant } from '../domain/time.ts';
import type { HospitalCapability, Priority } from '../domain/vocabulary.ts';
import { chooseHospitals } from '../fleet/hospitals.ts';
import type { Place, Unit } from '../fleet/schema.ts';
import { chinaHour, type Travel } from '../fleet/travel.ts';
import { attainable, type City, type Habits, type Need, type SimulatedUnit } from '../planning/simulation/city.ts';

/** One who may call, before places and needs are numbered. */
export interface RawCase {
  readonly position: Position;
  readonly hour: number | null;
  readonly complaint: string;
  readonly priority: Priority;
  readonly byHistory: Need;
  readonly byComplaint: Need;
  readonly truth: Need;
  readonly hospitals: readonly HospitalCapability[];
}

export interface CityParts {
  readonly name: string;
  readonly demand: City['basis']['demand'];
  readonly histories: City['basis']['histories'];
  readonly stations: readonly Place[];
  readonly hospitals: readonly Place[];
  readonly units: readonly Unit[];
  readonly cases: readonly RawCase[];
  readonly callsPerDay: number;
  readonly hourShape: readonly number[];
  readonly habits: Habits;
  readonly travel: Travel;
  /** When drives are asked for; without it noon of a working day. */
  readonly askedAt?: Instant;
  /** How much longer a drive takes at each hour than at the one asked for; without it the port is asked. */
  readonly hourFactor?: readonly number[];
}

/** Cells of about 0.1 km², some 350 m across: a drive within one is half a minute. */
const CELL = 9;
/**
 * Driving without lights takes longer by this: 14.7 over 11 miles an hour, the two modes of the Manhattan data set of
 * JEMSS (University of Auckland).
 */
const WITHOUT_LIGHTS = 4 / 3;
/** Noon of a working day: the hour drives are measured at, others relative to it. */
const NOON: Instant = Date.parse('2026-01-05T12:00:00+08:00');
const HOUR_MS = 3_600_000;
const PAIRS_TIMED = 24;

/** A plan: what is to be other than it is. */
export interface CityChanges {
  /** As many units as that: fewer are taken evenly from those there are, more repeat them and stand at added stations. */
  readonly fleetSize?: number | null;
  /** Stations there are not yet; without further units some of those there are wait there. */
  readonly addStations?: readonly { readonly stationId: string; readonly position: Position }[];
}

/** Asks the travel port for every drive, and lets others have their turn in between: a call coming in waits for none of it. */
export async function buildCity(
  parts: CityParts,
  { fleetSize = null, addStations = [] }: CityChanges = {},
): Promise<City> {
  const { askedAt = NOON } = parts;
  const points: Position[] = [];
  const add = (position: Position) => points.push(position) - 1;
  const stations = [
    ...parts.stations.map(({ placeId, position }) => ({ stationId: placeId, position })),
    ...addStations,
  ].map(({ stationId, position }) => ({ stationId, point: add(position) }));
  const hospitals = parts.hospitals.map(({ placeId, position }) => ({ hospitalId: placeId, point: add(position) }));
  const stationAt = new Map(stations.map(({ stationId }, i) => [stationId, i]));
  const onDuty = parts.units.filter(({ stationId }) => stationId !== null && stationAt.has(stationId));
  const units = stationed(
    onDuty,
    fleetSize,
    parts.stations.length,
    addStations.length,
    (unit) => stationAt.get(unit.stationId as string) as number,
  );

  const needs: Need[] = [];
  const known = new Map<string, number>();
  const numberOf = ({ required, preferred }: Need) => {
    const need = { required: attainable(required, units), preferred: [...preferred] };
    const key = JSON.stringify(need);
    const number = known.get(key) ?? needs.push(need) - 1;
    known.set(key, number);
    return number;
  };
  const cells = new Map<string, number>();
  const pointOf = ({ lat, lon }: Position) => {
    const cell = latLngToCell(lat, lon, CELL);
    let point = cells.get(cell);
    if (point === undefined) {
      const [cellLat, cellLon] = cellToLatLng(cell) as [number, number];
      point = add({ lon: cellLon, lat: cellLat, crs: 'wgs84' });
      cells.set(cell, point);
    }
    return point;
  };
  const hospitalNumber = new Map(hospitals.map(({ hospitalId }, i) => [hospitalId, i]));
  const chosen = new Map<string, number | null>();
  const hospitalOf = (point: number, asked: readonly HospitalCapability[]) => {
    const key = `${point} ${asked.join()}`;
    let found = chosen.get(key);
    if (found === undefined) {
      const [first] = chooseHospitals(asked, points[point] as Position, askedAt, parts.hospitals, parts.travel);
      found = first ? (hospitalNumber.get(first.hospitalId) ?? null) : null;
      chosen.set(key, found);
    }
    return found;
  };
  const cases = parts.cases.map((each) => {
    const point = pointOf(each.position);
    return {
      point,
      hour: each.hour,
      complaint: each.complaint,
      priority: each.priority,
      byHistory: numberOf(each.byHistory),
      byComplaint: numberOf(each.byComplaint),
      truth: numberOf(each.truth),
      hospital: hospitalOf(point, each.hospitals),
      slow: false,
    };
  });
  const { seconds, basis } = await drivesBetween(points, parts.travel, askedAt);
  return {
    name: parts.name,
    basis: { demand: parts.demand, histories: parts.histories, travel: basis },
    points,
    seconds,
    hourFactor: parts.hourFactor ?? hourFactors(points, parts.travel, askedAt),
    slowFactor: WITHOUT_LIGHTS,
    stations,
    hospitals,
    units,
    needs,
    cases,
    callsPerDay: parts.callsPerDay,
    hourShape: parts.hourShape,
    habits: parts.habits,
  };
}

function stationed(
  units: readonly Unit[],
  size: number | null,
  stations: number,
  added: number,
  homeOf: (unit: Unit) => number,
): SimulatedUnit[] {
  const count = units.length;
  if (count === 0) return [];
  const placed = Array.from({ length: size ?? count }, (_, i) => {
    const unit = units[(size ?? count) < count ? Math.floor((i * count) / (size as number)) : i % count] as Unit;
    const round = (size ?? count) < count ? 0 : Math.floor(i / count);
    return {
      unitId: round === 0 ? unit.unitId : `${unit.unitId}+${round}`,
      vehicleType: unit.vehicleType,
      capabilities: unit.capabilities,
      station: round > 0 && added > 0 ? stations + (i % added) : homeOf(unit),
    };
  });
  // An added station gets its fair share, one by one from whichever station has most.
  const share = Math.max(1, Math.floor(placed.length / (stations + added)));
  for (let station = stations; station < stations + added; station++) {
    const at = (each: number) => placed.filter((unit) => unit.station === each);
    while (at(station).length < share) {
      let most = 0;
      for (let other = 1; other < stations; other++) if (at(other).length > at(most).length) most = other;
      const [mover] = at(most);
      if (!mover || at(most).length <= 1) break;
      mover.station = station;
    }
  }
  return placed;
}

async function drivesBetween(points: readonly Position[], travel: Travel, askedAt: Instant) {
  const n = points.length;
  const seconds = new Float32Array(new SharedArrayBuffer(n * n * Float32Array.BYTES_PER_ELEMENT));
  let basis: City['basis']['travel'] = 'straight-line';
  for (const [to, destination] of points.entries()) {
    const drives = travel.toOne(points, destination, askedAt);
    for (let from = 0; from < n; from++) {
      seconds[from * n + to] = from === to ? 0 : (drives.seconds[from] as number);
      if (basis !== 'road') basis = drives.estimate(from).basis;
    }
    await takeTurns();
  }
  return { seconds, basis };
}

/** The median over some pairs of how much longer a drive takes than at the hour asked for. */
function hourFactors(points: readonly Position[], travel: Travel, askedAt: Instant): number[] {
  const origins = Array.from(
    { length: Math.min(PAIRS_TIMED, points.length) },
    (_, i) => points[Math.floor((i * points.length) / PAIRS_TIMED)],
  ).filter((each) => each !== undefined);
  const destination = points[points.length - 1];
  if (!destination) return Array(24).fill(1);
  const asked = chinaHour(askedAt);
  const at = (hour: number) => [...travel.toOne(origins, destination, askedAt + (hour - asked) * HOUR_MS).seconds];
  const base = at(asked);
  return Array.from({ length: 24 }, (_, hour) => {
    const ratios = at(hour)
      .map((seconds, i) => seconds / (base[i] ?? 0))
      .filter(Number.isFinite)
      .sort((a, b) => a - b);
    return ratios[Math.floor(ratios.length / 2)] ?? 1;
  });
}
