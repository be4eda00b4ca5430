/** What a simulated crew does next: what is known of its run and the time in, the reports that are due out. Pure. */
import { distanceMetres, type Position } from '../domain/position.ts';
import { furthest, type RunPoint } from '../domain/run.ts';
import type { Instant } from '../domain/time.ts';
import type { UnitStatus } from '../domain/vocabulary.ts';
import type { Route, Travel } from '../fleet/travel.ts';
import { seededRandom, seedOf } from './random.ts';

export interface Run {
  readonly callId: string;
  /** The points of this run that count so far; `unit-notified` among them. */
  readonly points: Partial<Readonly<Record<RunPoint, Instant>>>;
  /** Where the patient is; null while nobody knows: the crew waits to be told. */
  readonly place: Position | null;
  /** Where the patient is taken; null: nowhere. */
  readonly hospital: Position | null;
  /** Nobody opens; absent where somebody does. */
  readonly door?: Door | undefined;
}

/** A door nobody opens, and what is known of it. */
export interface Door {
  /** Somebody is looking for them already. */
  readonly searched: boolean;
  /** Since when it is known where they are and how to get in. */
  readonly foundAt: Instant | null;
}

/** A crew as the database has it: everything it does next follows from this, so that a restart changes nothing. */
export interface Crew {
  readonly unitId: string;
  readonly status: UnitStatus;
  readonly position: Position;
  readonly positionAt: Instant;
  readonly station: Position | null;
  readonly run: Run | null;
}

/** How the day runs. */
export interface Pace {
  readonly seed: number;
  /** Crews do everything so many times as fast; the times they report are real. */
  readonly factor: number;
}

export interface CrewReports {
  readonly points: readonly { readonly point: RunPoint; readonly at: Instant }[];
  /** Back from a call, or back at the station. */
  readonly status: { readonly status: 'returning' | 'available'; readonly at: Instant } | null;
  /** Where it is; null: too soon to say so again. */
  readonly fix: Position | null;
  /** It stands at a door nobody opens, and nobody looks for them yet. */
  readonly nobodyOpens?: boolean;
}

/** Without any help the fire service opens the door after this long. */
const FORCED_ENTRY_SECONDS = 1_200;
/** From hearing where they are to standing there. */
const FINDS_SECONDS = 45;
/** A standing unit says where it is once a minute, well below the half hour after which a position counts as stale. */
const STANDING_REPORT_MS = 60_000;
/** A position this near is the place. */
const THERE_METRES = 1;
/** Of ten patients this many are treated where they are and taken nowhere: a round guess. */
const TREATED_ON_SCENE = 0.25;

/** How long a crew takes for each step, seconds; round guesses about what city services report. */
interface Habits {
  readonly acknowledges: number;
  /** From the alarm to the wheels. */
  readonly turnsOut: number;
  readonly walks: number;
  readonly treats: number;
  readonly handsOver: number;
  readonly tidies: number;
  readonly transports: boolean;
}

/** The same crew on the same call always takes as long, before a restart and after it. */
export function habitsOf({ seed }: Pace, unitId: string, callId: string): Habits {
  const random = seededRandom(seedOf(`${seed} ${unitId} ${callId}`));
  return {
    acknowledges: random.whole(5, 15),
    turnsOut: random.whole(30, 90),
    walks: random.whole(60, 240),
    treats: random.whole(360, 720),
    handsOver: random.whole(240, 480),
    tidies: random.whole(60, 180),
    transports: !random.chance(TREATED_ON_SCENE),
  };
}

/** Seconds of real time between two positions of a moving unit: two to five, each unit its own. */
export const reportEverySeconds = (unitId: string): number => 2 + (seedOf(unitId) % 4);

/** All that is due by `now`; what came due while nobody listened is reported with the time it happened. */
export function dueReports(crew: Crew, now: Instant, pace: Pace, travel: Travel): CrewReports {
  if (crew.run) return runReports(crew, crew.run, now, pace, travel);
  switch (crew.status) {
    case 'returning':
      return wayHome(crew, now, pace, travel);
    case 'on-scene':
    case 'at-hospital':
      return { points: [], status: { status: 'returning', at: now }, fix: crew.position };
    default:
      return { points: [], status: null, fix: standing(crew, crew.position, now) };
  }
}

/** Whether the crew drives, as far as its reports say. */
const isDriving = (last: RunPoint | null) => last === 'en-route' || last === 'left-scene';

function runReports(crew: Crew, run: Run, now: Instant, pace: Pace, travel: Travel): CrewReports {
  const habits = habitsOf(pace, crew.unitId, run.callId);
  const passed: Partial<Record<RunPoint, Instant>> = { ...run.points };
  const due: { point: RunPoint; at: Instant }[] = [];
  let { position, positionAt } = crew;
  let moved = false;
  for (;;) {
    const last = furthest(Object.keys(passed) as RunPoint[]);
    const lastAt = (last && passed[last]) ?? now;
    if (isDriving(last)) {
      const destination = last === 'en-route' ? run.place : run.hospital;
      if (!destination) break;
      const drive = driveTo(destination, position, Math.max(positionAt, lastAt), now, pace, travel);
      moved = true;
      position = drive.position;
      if (drive.arrivedAt === null) break;
      positionAt = drive.arrivedAt;
    }
    const next = nextPoint(last, habits, run, isDriving(last) ? positionAt : lastAt, passed, pace);
    if (!next || next.at > now || next.point === 'in-service') {
      if (next && next.at <= now) {
        return { points: due, status: { status: 'returning', at: next.at }, fix: position };
      }
      break;
    }
    passed[next.point] = next.at;
    due.push(next);
  }
  const last = furthest(Object.keys(passed) as RunPoint[]);
  // Whoever was told of another door walks there.
  if (last === 'at-patient' && due.length && run.door?.foundAt && run.place) position = run.place;
  const knockedAt = (passed['on-scene'] ?? now) + (habits.walks * 1000) / pace.factor;
  const nobodyOpens = last === 'on-scene' && run.door !== undefined && !run.door.searched && now >= knockedAt;
  const fix = due.length ? position : moved ? driving(crew, position, now) : standing(crew, position, now);
  return { points: due, status: null, fix, nobodyOpens };
}

/** The next point of a run that goes as it should; null where the crew drives, or is through. */
function nextPoint(
  last: RunPoint | null,
  habits: Habits,
  run: Run,
  from: Instant,
  passed: Run['points'],
  { factor }: Pace,
): { readonly point: RunPoint; readonly at: Instant } | null {
  const after = (seconds: number, since = from) => since + Math.round((seconds * 1000) / factor);
  const transports = habits.transports && run.hospital !== null;
  switch (last) {
    case 'unit-notified':
      return { point: 'unit-acknowledged', at: after(habits.acknowledges) };
    case 'unit-acknowledged':
      return { point: 'en-route', at: Math.max(from, after(habits.turnsOut, passed['unit-notified'])) };
    case 'en-route':
      return { point: 'on-scene', at: from };
    case 'on-scene':
      return { point: 'at-patient', at: run.door ? opened(run.door, after(habits.walks), after) : after(habits.walks) };
    case 'at-patient':
      return { point: transports ? 'left-scene' : 'in-service', at: after(habits.treats) };
    case 'left-scene':
      return { point: 'at-destination', at: from };
    case 'at-destination':
      return { point: 'handed-over', at: after(habits.handsOver) };
    case 'handed-over':
      return { point: 'in-service', at: after(habits.tidies) };
    case 'in-service':
    case null:
      return null;
    default:
      return last satisfies never;
  }
}

function opened({ foundAt }: Door, knockedAt: Instant, after: (seconds: number, since?: Instant) => Instant): Instant {
  return foundAt === null ? after(FORCED_ENTRY_SECONDS) : Math.max(knockedAt, after(FINDS_SECONDS, foundAt));
}

function wayHome(crew: Crew, now: Instant, pace: Pace, travel: Travel): CrewReports {
  if (!crew.station) return { points: [], status: { status: 'available', at: now }, fix: crew.position };
  const { position, arrivedAt } = driveTo(crew.station, crew.position, crew.positionAt, now, pace, travel);
  if (arrivedAt !== null) return { points: [], status: { status: 'available', at: arrivedAt }, fix: position };
  return { points: [], status: null, fix: driving(crew, position, now) };
}

/** Along the way the travel port has for the whole of what is left: by road where there are roads. */
function driveTo(
  to: Position,
  from: Position,
  since: Instant,
  now: Instant,
  { factor }: Pace,
  travel: Travel,
): { readonly position: Position; readonly arrivedAt: Instant | null } {
  if (distanceMetres(from, to) <= THERE_METRES) return { position: to, arrivedAt: since };
  const route = travel.route(from, to, since);
  const takesMs = Math.round((route.seconds * 1000) / factor);
  if (since + takesMs <= now) return { position: to, arrivedAt: since + takesMs };
  return { position: placeOn(route, (Math.max(0, now - since) / 1000) * factor), arrivedAt: null };
}

/** Where somebody is who left `seconds` ago, to six decimals (11 cm). */
function placeOn({ points, secondsAt }: Route, seconds: number): Position {
  const next = Math.max(
    1,
    secondsAt.findIndex((passed) => passed > seconds),
  );
  const [a, b] = [points[next - 1], points[next]] as [Position, Position];
  const [before, after] = [secondsAt[next - 1], secondsAt[next]] as [number, number];
  const share = after > before ? (seconds - before) / (after - before) : 1;
  const between = (x: number, y: number) => Math.round((x + (y - x) * share) * 1e6) / 1e6;
  return { lon: between(a.lon, b.lon), lat: between(a.lat, b.lat), crs: 'wgs84' };
}

const standing = (crew: Crew, position: Position, now: Instant) =>
  now - crew.positionAt >= STANDING_REPORT_MS ? position : null;
const driving = (crew: Crew, position: Position, now: Instant) =>
  now - crew.positionAt >= reportEverySeconds(crew.unitId) * 1000 ? position : null;
