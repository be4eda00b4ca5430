/** A simulated city while a day runs in it: events in order of time, units that go through the statuses of the live service. */
import FlatQueue from 'flatqueue';
import type { Position } from '../../domain/position.ts';
import { type RunPoint, statusAfter } from '../../domain/run.ts';
import type { UnitStatus } from '../../domain/vocabulary.ts';
import type { RankedUnit, RankingPolicy } from '../../fleet/rank.ts';
import type { Unit } from '../../fleet/schema.ts';
import type { Travel } from '../../fleet/travel.ts';
import type { DayCalls } from './calls.ts';
import type { Case, City, Need } from './city.ts';
import type { Policy } from './policy.ts';
import { fieldAt, WIDTH } from './tally.ts';
import { WAY_STEPS, waysOf } from './ways.ts';

export const TARGET_SECONDS = 480;
/** A Monday's midnight in China: hours of the simulated day are hours of the district. */
const MIDNIGHT_MS = Date.parse('2026-01-05T00:00:00+08:00');

interface Place extends Position {
  readonly index: number;
}
/** A unit as the ranking knows it, and where the simulation has it. */
interface LivingUnit extends Unit {
  status: UnitStatus;
  position: Place;
  positionAt: number;
  readonly index: number;
}

const kinds = ['dispatch', 'on-scene', 'at-patient', 'through', 'at-destination', 'free', 'arrive'] as const;
type Kind = (typeof kinds)[number];
const kindAt = Object.fromEntries(kinds.map((kind, i) => [kind, i])) as Readonly<Record<Kind, number>>;
const nobody: Need = { required: [], preferred: [] };
const NONE = -1;
/** A policy chooses among the first few of the ranking; no more of them are made. */
const LOOKED_AT = { satisfying: 4, inAll: 4 } as const;

/** One city, reused from day to day. `rank` is the live service's own ranking or one that stands in for it. */
export class World {
  readonly city: City;
  readonly #rank: RankingPolicy;
  readonly #places: readonly Place[];
  readonly #ways: Int32Array;
  readonly #units: LivingUnit[];
  readonly #byId: ReadonlyMap<string, number>;
  /** Need × unit: the unit has all of it. */
  readonly #fits: Uint8Array;
  readonly #travel: Travel;
  readonly #queue = new FlatQueue<number>();

  /** Seconds after midnight. */
  now = 0;
  /** Of units on the road without a call: from which place to which station, since when and until when. */
  readonly #from: Int32Array;
  /** The station each unit is at or drives to while idle. */
  readonly base: Int32Array;
  readonly #left: Float64Array;
  readonly #arrives: Float64Array;
  /** An arrival of a unit sent elsewhere meanwhile is void. */
  readonly #version: Int32Array;
  readonly #callOf: Int32Array;
  readonly #sentAt: Float64Array;

  #calls: DayCalls = undefined as unknown as DayCalls;
  #policy: Policy = undefined as unknown as Policy;
  #tally: Float64Array = new Float64Array(WIDTH);
  #first = new Float64Array(0);
  #qualified = new Float64Array(0);
  #sent = new Uint8Array(0);
  /** A crew that fits is with the patient. */
  #reached = new Uint8Array(0);
  /** A unit that stays with the patient until one that fits has come. */
  #holding = new Int32Array(0);
  #wantsSecond = new Uint8Array(0);
  #waiting: number[] = [];
  #slow = false;

  constructor(city: City, rank: RankingPolicy) {
    this.city = city;
    this.#rank = rank;
    this.#places = city.points.map((point, index) => ({ ...point, index }));
    this.#ways = waysOf(city);
    this.#units = city.units.map((unit, index) => ({
      unitId: unit.unitId,
      vehicleType: unit.vehicleType,
      capabilities: unit.capabilities,
      stationId: city.stations[unit.station]?.stationId ?? null,
      status: 'available',
      position: this.#placeOfStation(unit.station),
      positionAt: 0,
      index,
    }));
    this.#byId = new Map(this.#units.map(({ unitId, index }) => [unitId, index]));
    const n = city.units.length;
    this.#fits = new Uint8Array(city.needs.length * n);
    city.needs.forEach(({ required }, need) => {
      city.units.forEach(({ capabilities }, unit) => {
        if (required.every((each) => capabilities.includes(each))) this.#fits[need * n + unit] = 1;
      });
    });
    this.#from = new Int32Array(n);
    this.base = new Int32Array(n);
    this.#left = new Float64Array(n);
    this.#arrives = new Float64Array(n);
    this.#version = new Int32Array(n);
    this.#callOf = new Int32Array(n);
    this.#sentAt = new Float64Array(n);
    this.#travel = this.#drives();
  }

  hour(): number {
    return (Math.floor(this.now / 3600) + 24) % 24;
  }
  unitOf(ranked: RankedUnit): number {
    return this.#byId.get(ranked.unitId) as number;
  }
  /** At a station, or on the road to one without a call. */
  isIdle(unit: number): boolean {
    const status = this.#units[unit]?.status;
    return status === 'available' || status === 'returning';
  }
  /** From where an idle unit is now to a station, without lights; seconds. */
  idleDrive(unit: number, station: number): number {
    const from = this.#positionOf(unit).index;
    return this.#drive(from, this.city.stations[station]?.point ?? from, true);
  }

  /** Runs one day under a policy and adds it to `tally`, `WIDTH` numbers of it. */
  run(calls: DayCalls, policy: Policy, tally: Float64Array): void {
    this.#begin(calls, policy, tally);
    for (let event = this.#next(); event !== undefined; event = this.#next()) this.#happen(event);
    for (let unit = 0; unit < this.#units.length; unit++) this.#endDrive(unit);
  }

  #begin(calls: DayCalls, policy: Policy, tally: Float64Array): void {
    this.#calls = calls;
    this.#policy = policy;
    this.#tally = tally;
    this.#first = new Float64Array(calls.count).fill(NONE);
    this.#qualified = new Float64Array(calls.count).fill(NONE);
    this.#sent = new Uint8Array(calls.count);
    this.#reached = new Uint8Array(calls.count);
    this.#holding = new Int32Array(calls.count).fill(NONE);
    this.#wantsSecond = new Uint8Array(calls.count);
    this.#waiting = [];
    this.#queue.clear();
    this.now = calls.count > 0 ? Math.min(0, calls.at[0] as number) : 0;
    for (const unit of this.#units) {
      const station = this.city.units[unit.index]?.station ?? 0;
      unit.status = 'available';
      unit.position = this.#placeOfStation(station);
      this.base[unit.index] = station;
      this.#callOf[unit.index] = NONE;
      this.#arrives[unit.index] = -Infinity;
      this.#left[unit.index] = -Infinity;
      this.#version[unit.index] = 0;
    }
    for (let call = 0; call < calls.count; call++) {
      this.#later('dispatch', (calls.at[call] as number) + (calls.dispatch[call] as number), call);
      if ((calls.at[call] as number) >= 0) this.#count('calls', 1);
    }
  }

  #later(kind: Kind, at: number, subject: number, version = 0): void {
    this.#queue.push((version * 65_536 + subject) * kinds.length + kindAt[kind], at);
  }
  #next(): number | undefined {
    const at = this.#queue.peekValue();
    if (at === undefined) return undefined;
    this.now = at;
    return this.#queue.pop();
  }

  #happen(event: number): void {
    const rest = Math.floor(event / kinds.length);
    const subject = rest % 65_536;
    const kind = kinds[event % kinds.length] as Kind;
    switch (kind) {
      case 'dispatch':
        if (!this.#send(subject)) this.#wait(subject);
        break;
      case 'on-scene':
        this.#onScene(subject);
        break;
      case 'at-patient':
        this.#atPatient(subject);
        break;
      case 'through':
        this.#through(subject);
        break;
      case 'at-destination':
        this.#atDestination(subject);
        break;
      case 'free':
        this.#free(subject);
        break;
      case 'arrive':
        if (Math.floor(rest / 65_536) === this.#version[subject]) this.#arrive(subject);
        break;
      default:
        kind satisfies never;
    }
  }

  /** Sends the unit the policy chooses. False: nobody is free, or the policy waits. */
  #send(call: number): boolean {
    const { city } = this;
    const patient = this.#caseOf(call);
    const { sees } = this.#policy;
    const seen = sees === 'history' ? patient.byHistory : sees === 'complaint' ? patient.byComplaint : NONE;
    const chosen = this.#policy.choose(this, this.#ranked(call, seen === NONE ? nobody : (city.needs[seen] as Need)));
    if (!chosen) return false;
    this.#dispatch(this.unitOf(chosen), call);
    // What was sent lacks what is known to be needed: one that has it follows as soon as it can.
    if (!chosen.satisfies) this.#wantSecond(call);
    this.#moveUp();
    return true;
  }

  #sendSecond(call: number): boolean {
    const [first] = this.#ranked(call, this.city.needs[this.#caseOf(call).truth] as Need);
    if (!first?.satisfies) return false;
    this.#wantsSecond[call] = 2;
    this.#dispatch(this.unitOf(first), call);
    this.#moveUp();
    return true;
  }

  #wantSecond(call: number): void {
    if (this.#wantsSecond[call] !== 0) return;
    this.#wantsSecond[call] = 1;
    if (this.#counts(call)) this.#count('seconds', 1);
    if (!this.#sendSecond(call)) this.#waiting.push(call);
  }

  #ranked(call: number, { required, preferred }: Need): RankedUnit[] {
    const free = this.#units.filter(({ index }) => this.isIdle(index));
    for (const unit of free) {
      if (unit.status === 'returning') unit.position = this.#positionOf(unit.index);
      unit.positionAt = MIDNIGHT_MS + this.now * 1000;
    }
    const patient = this.#caseOf(call);
    this.#slow = patient.slow;
    return this.#rank(
      {
        required,
        preferred,
        destination: this.#places[patient.point] as Place,
        receivedAt: MIDNIGHT_MS + (this.#calls.at[call] as number) * 1000,
        now: MIDNIGHT_MS + this.now * 1000,
        targetSeconds: TARGET_SECONDS,
        atMost: LOOKED_AT,
      },
      free,
      this.#travel,
    );
  }

  #dispatch(unit: number, call: number): void {
    const living = this.#units[unit] as LivingUnit;
    const { habits } = this.city;
    const from = this.#positionOf(unit).index;
    const turnout = living.status === 'available' ? (this.#calls.turnout[call] as number) : habits.rollingSeconds;
    this.#endDrive(unit);
    this.#pass(living, 'unit-notified');
    this.#version[unit] = (this.#version[unit] as number) + 1;
    this.#callOf[unit] = call;
    this.#sentAt[unit] = this.now;
    this.#sent[call] = 1;
    const patient = this.#caseOf(call);
    const drive = this.#drive(from, patient.point, patient.slow);
    this.#later('on-scene', this.now + turnout + drive, unit);
  }

  #onScene(unit: number): void {
    const call = this.#callOf[unit] as number;
    const living = this.#units[unit] as LivingUnit;
    this.#pass(living, 'on-scene');
    living.position = this.#places[this.#caseOf(call).point] as Place;
    const fits = this.#fit(call, unit);
    const since = this.now - (this.#calls.at[call] as number);
    if (this.#first[call] === NONE) {
      this.#first[call] = since;
      if (this.#counts(call)) {
        this.#count('firstSeconds', since);
        this.#count('firstFits', fits ? 1 : 0);
      }
    }
    if (fits && this.#qualified[call] === NONE) {
      this.#qualified[call] = since;
      if (this.#counts(call)) {
        const within = since <= TARGET_SECONDS ? 1 : 0;
        this.#count('responseSeconds', since);
        this.#count('within8', within);
        if (this.#caseOf(call).priority === 1) {
          this.#count('priority1', 1);
          this.#count('priority1Seconds', since);
          this.#count('priority1Within8', within);
        }
      }
    }
    this.#later('at-patient', this.now + (this.#calls.walk[call] as number), unit);
  }

  #atPatient(unit: number): void {
    const call = this.#callOf[unit] as number;
    const living = this.#units[unit] as LivingUnit;
    this.#pass(living, 'at-patient');
    if (this.#reached[call] === 1) this.#free(unit);
    else if (this.#fit(call, unit)) {
      this.#reached[call] = 1;
      const since = this.now - (this.#calls.at[call] as number);
      if (this.#counts(call)) {
        this.#count('patientSeconds', since);
        this.#count('patientWithin8', since <= TARGET_SECONDS ? 1 : 0);
      }
      const held = this.#holding[call] as number;
      this.#holding[call] = NONE;
      this.#wantsSecond[call] = 2;
      if (held !== NONE) this.#free(held);
      this.#later('through', this.now + (this.#calls.treat[call] as number), unit);
    } else {
      this.#holding[call] = unit;
      this.#wantSecond(call);
    }
  }

  #through(unit: number): void {
    const call = this.#callOf[unit] as number;
    const { hospital } = this.#caseOf(call);
    if (!this.#calls.transports[call] || hospital === null) {
      this.#free(unit);
      return;
    }
    const living = this.#units[unit] as LivingUnit;
    this.#pass(living, 'left-scene');
    const to = this.city.hospitals[hospital]?.point ?? living.position.index;
    this.#later('at-destination', this.now + this.#drive(living.position.index, to, true), unit);
    living.position = this.#places[to] as Place;
  }

  #atDestination(unit: number): void {
    const call = this.#callOf[unit] as number;
    this.#pass(this.#units[unit] as LivingUnit, 'at-destination');
    this.#later('free', this.now + (this.#calls.handOver[call] as number) + (this.#calls.tidy[call] as number), unit);
  }

  #free(unit: number): void {
    const living = this.#units[unit] as LivingUnit;
    if (this.#counts(this.#callOf[unit] as number))
      this.#count('busySeconds', this.now - (this.#sentAt[unit] as number));
    this.#callOf[unit] = NONE;
    const station = this.#policy.home(this, unit);
    living.status = 'returning';
    this.#startDrive(unit, living.position.index, station);
    this.#serveWaiting();
  }

  /** Who has waited: most urgent first, then longest. */
  #serveWaiting(): void {
    if (this.#waiting.length === 0) return;
    const before = this.#waiting;
    before.sort((a, b) => this.#caseOf(a).priority - this.#caseOf(b).priority || a - b);
    this.#waiting = [];
    for (const call of before) {
      if (this.#wantsSecond[call] === 2) continue;
      const served = this.#sent[call] ? this.#sendSecond(call) : this.#send(call);
      if (!served) this.#waiting.push(call);
    }
  }

  #wait(call: number): void {
    if (this.#counts(call)) this.#count('waited', 1);
    this.#waiting.push(call);
  }

  #moveUp(): void {
    const move = this.#policy.moveUp(this);
    if (!move || this.base[move.unit] === move.station) return;
    const living = this.#units[move.unit] as LivingUnit;
    const from = this.#positionOf(move.unit).index;
    this.#endDrive(move.unit);
    living.status = 'returning';
    this.#count('moves', 1);
    this.#startDrive(move.unit, from, move.station);
  }

  #startDrive(unit: number, from: number, station: number): void {
    const takes = this.#drive(from, this.city.stations[station]?.point ?? from, true);
    this.base[unit] = station;
    this.#from[unit] = from;
    this.#left[unit] = this.now;
    this.#arrives[unit] = this.now + takes;
    const version = (this.#version[unit] as number) + 1;
    this.#version[unit] = version;
    this.#later('arrive', this.now + takes, unit, version);
  }

  #arrive(unit: number): void {
    const living = this.#units[unit] as LivingUnit;
    this.#endDrive(unit);
    living.status = 'available';
    living.position = this.#placeOfStation(this.base[unit] as number);
  }

  /** Counts what an idle unit drove so far. */
  #endDrive(unit: number): void {
    const left = this.#left[unit] as number;
    if (left === -Infinity) return;
    this.#count('idleDriveSeconds', Math.max(0, Math.min(this.now, this.#arrives[unit] as number) - Math.max(0, left)));
    this.#left[unit] = -Infinity;
  }

  /** Where a unit is now; on the road, the place it passes. */
  #positionOf(unit: number): Place {
    const living = this.#units[unit] as LivingUnit;
    if (living.status !== 'returning') return living.position;
    const left = this.#left[unit] as number;
    const takes = (this.#arrives[unit] as number) - left;
    const station = this.base[unit] as number;
    const step = takes > 0 ? Math.floor(((this.now - left) / takes) * WAY_STEPS) : WAY_STEPS;
    if (step >= WAY_STEPS) return this.#placeOfStation(station);
    const at = this.#ways[((this.#from[unit] as number) * this.city.stations.length + station) * WAY_STEPS + step];
    return this.#places[at as number] as Place;
  }

  /** The city's drives as the ranking asks for them, at the hour it is. */
  #drives(): Travel {
    const { basis } = this.city;
    const estimate = (from: Position, to: Position) => ({
      seconds: this.#drive((from as Place).index, (to as Place).index, this.#slow),
      metres: 0,
      basis: basis.travel,
    });
    return {
      toOne: (origins, to) => ({ estimates: origins.map((from) => estimate(from, to)) }),
      fromOne: (from, destinations) => ({ estimates: destinations.map((to) => estimate(from, to)) }),
      route(from, to) {
        const whole = estimate(from, to);
        return { ...whole, points: [from, to], secondsAt: [0, whole.seconds] };
      },
      offRoadMetres: () => null,
    };
  }
  #drive(from: number, to: number, slow: boolean): number {
    const seconds = this.city.seconds[from * this.city.points.length + to] as number;
    return seconds * this.#factor() * (slow ? this.city.slowFactor : 1);
  }
  #factor(): number {
    return this.city.hourFactor[this.hour()] ?? 1;
  }
  #placeOfStation(station: number): Place {
    return this.#places[this.city.stations[station]?.point ?? 0] as Place;
  }
  #caseOf(call: number): Case {
    return this.city.cases[this.#calls.who[call] as number] as Case;
  }
  #fit(call: number, unit: number): boolean {
    return this.#fits[this.#caseOf(call).truth * this.#units.length + unit] === 1;
  }
  #pass(unit: LivingUnit, point: RunPoint): void {
    unit.status = statusAfter[point];
  }
  /** Calls before midnight only load the city. */
  #counts(call: number): boolean {
    return (this.#calls.at[call] as number) >= 0;
  }
  #count(field: keyof typeof fieldAt, amount: number): void {
    this.#tally[fieldAt[field]] = (this.#tally[fieldAt[field]] as number) + amount;
  }
}
