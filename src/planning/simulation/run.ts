/** A day running in a simulated city: events in order of time, each moving a unit and a call on. */
import FlatQueue from 'flatqueue';
import type { RankedUnit } from '../../fleet/rank.ts';
import { TARGET_SECONDS } from '../response-times.ts';
import type { City } from './city.ts';
import type { Day } from './day.ts';
import type { Driving } from './driving.ts';
import type { Policy } from './policy.ts';
import { instantOf, type Units } from './units.ts';
import type { World } from './world.ts';

const kinds = ['dispatch', 'on-scene', 'at-patient', 'through', 'at-destination', 'free', 'arrive'] as const;
type Kind = (typeof kinds)[number];
const kindAt = Object.fromEntries(kinds.map((kind, i) => [kind, i])) as Readonly<Record<Kind, number>>;
/** Of one day, calls or units. */
const SUBJECTS_AT_MOST = 65_536;
const NONE = -1;
/** A policy chooses among the first few of the ranking; no more of them are made. */
const OFFERED = 4;
const LOOKED_AT = { satisfying: OFFERED, inAll: OFFERED } as const;

export class Run {
  readonly #world: World;
  readonly #city: City;
  readonly #units: Units;
  readonly #driving: Driving;
  readonly #policy: Policy;
  readonly #day: Day;
  readonly #queue = new FlatQueue<number>();
  /** By unit. An arrival of one sent elsewhere meanwhile is void. */
  readonly #version: Int32Array;
  readonly #callOf: Int32Array;
  readonly #sentAt: Float64Array;
  /** On a move, not on the way back from a call. */
  readonly #moving: Uint8Array;

  constructor(world: World, policy: Policy, day: Day) {
    this.#world = world;
    this.#city = world.city;
    this.#units = world.units;
    this.#driving = world.driving;
    this.#policy = policy;
    this.#day = day;
    const units = world.city.units.length;
    this.#version = new Int32Array(units);
    this.#callOf = new Int32Array(units).fill(NONE);
    this.#sentAt = new Float64Array(units);
    this.#moving = new Uint8Array(units);
  }

  toTheEnd(): void {
    const { clock } = this.#world;
    const { count, at, dispatch } = this.#day.calls;
    clock.moveTo(count > 0 ? Math.min(0, at[0] as number) : 0);
    this.#units.begin();
    this.#world.crews.begin();
    for (let call = 0; call < count; call++)
      this.#later('dispatch', (at[call] as number) + (dispatch[call] as number), call);
    for (let at = this.#queue.peekValue(); at !== undefined; at = this.#queue.peekValue()) {
      clock.moveTo(at);
      this.#happen(this.#queue.pop() as number);
    }
    for (let unit = 0; unit < this.#version.length; unit++) this.#endDrive(unit);
    this.#day.longestShift(this.#world.crews.longest());
  }

  #now(): number {
    return this.#world.clock.now;
  }
  #later(kind: Kind, at: number, subject: number, version = 0): void {
    this.#queue.push((version * SUBJECTS_AT_MOST + subject) * kinds.length + kindAt[kind], at);
  }

  #happen(event: number): void {
    const rest = Math.floor(event / kinds.length);
    const subject = rest % SUBJECTS_AT_MOST;
    const kind = kinds[event % kinds.length] as Kind;
    switch (kind) {
      case 'dispatch':
        if (!this.#send(subject)) this.#day.waitForAnybody(subject);
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
        if (Math.floor(rest / SUBJECTS_AT_MOST) === this.#version[subject]) this.#arrive(subject);
        break;
      default:
        kind satisfies never;
    }
  }

  /** Sends the unit the policy chooses. False: nobody is free, or the policy waits. */
  #send(call: number): boolean {
    const { byHistory, byComplaint } = this.#day.caseOf(call);
    const { sees } = this.#policy;
    const need = sees === 'history' ? byHistory : sees === 'complaint' ? byComplaint : null;
    const chosen = this.#policy.choose(this.#world, this.#ranked(call, need));
    if (!chosen) return false;
    this.#dispatch(this.#world.unitOf(chosen), call);
    // What was sent lacks what is known to be needed: one that has it follows as soon as it can.
    if (!chosen.satisfies) this.#wantSecond(call);
    this.#moveUp();
    return true;
  }

  #sendSecond(call: number): boolean {
    const [first] = this.#ranked(call, this.#day.caseOf(call).truth);
    if (!first?.satisfies) return false;
    this.#day.secondSent(call);
    this.#dispatch(this.#world.unitOf(first), call);
    this.#moveUp();
    return true;
  }

  #wantSecond(call: number): void {
    if (this.#day.wantSecond(call) && !this.#sendSecond(call)) this.#day.wait(call);
  }

  /** By what is known to be needed; null: nothing, and whoever is nearest will do. */
  #ranked(call: number, need: number | null): RankedUnit[] {
    const { point, slow } = this.#day.caseOf(call);
    const { required = [], preferred = [] } = need === null ? {} : (this.#city.needs[need] ?? {});
    const now = instantOf(this.#now());
    return this.#world.rank(
      {
        required,
        preferred,
        destination: this.#driving.places[point] ?? null,
        receivedAt: instantOf(this.#day.receivedAt(call)),
        now,
        targetSeconds: TARGET_SECONDS,
        atMost: LOOKED_AT,
      },
      this.#units.soonest(OFFERED, point, slow, need),
      slow ? this.#driving.slowly : this.#driving.quickly,
    );
  }

  #dispatch(unit: number, call: number): void {
    const { point, slow } = this.#day.caseOf(call);
    const from = this.#units.placeOf(unit).index;
    const atStation = this.#units.statusOf(unit) === 'available';
    const turnout = atStation ? (this.#day.calls.turnout[call] as number) : this.#city.habits.rollingSeconds;
    this.#endDrive(unit);
    this.#units.pass(unit, 'unit-notified');
    this.#version[unit] = (this.#version[unit] as number) + 1;
    this.#callOf[unit] = call;
    this.#sentAt[unit] = this.#now();
    this.#day.sent(call);
    this.#later('on-scene', this.#now() + turnout + this.#driving.seconds(from, point, slow), unit);
  }

  #onScene(unit: number): void {
    const call = this.#callOf[unit] as number;
    this.#units.pass(unit, 'on-scene');
    this.#units.standAt(unit, this.#day.caseOf(call).point);
    this.#day.onScene(call, this.#now(), this.#fits(unit, call));
    this.#later('at-patient', this.#now() + (this.#day.calls.walk[call] as number), unit);
  }

  #atPatient(unit: number): void {
    const call = this.#callOf[unit] as number;
    this.#units.pass(unit, 'at-patient');
    if (this.#day.isReached(call)) this.#free(unit);
    else if (this.#fits(unit, call)) {
      const held = this.#day.reach(call, this.#now());
      if (held !== null) this.#free(held);
      this.#later('through', this.#now() + (this.#day.calls.treat[call] as number), unit);
    } else {
      this.#day.hold(call, unit);
      this.#wantSecond(call);
    }
  }

  #through(unit: number): void {
    const call = this.#callOf[unit] as number;
    const { hospital, point } = this.#day.caseOf(call);
    if (!this.#day.calls.transports[call] || hospital === null) {
      this.#free(unit);
      return;
    }
    const to = this.#city.hospitals[hospital]?.point ?? point;
    this.#units.pass(unit, 'left-scene');
    this.#units.standAt(unit, to);
    this.#later('at-destination', this.#now() + this.#driving.seconds(point, to, true), unit);
  }

  #atDestination(unit: number): void {
    const { handOver, tidy } = this.#day.calls;
    const call = this.#callOf[unit] as number;
    this.#units.pass(unit, 'at-destination');
    this.#later('free', this.#now() + (handOver[call] as number) + (tidy[call] as number), unit);
  }

  #free(unit: number): void {
    const busy = this.#now() - (this.#sentAt[unit] as number);
    this.#day.busy(this.#callOf[unit] as number, busy);
    this.#world.crews.wasBusy(unit, busy);
    this.#callOf[unit] = NONE;
    this.#setOff(unit, this.#policy.home(this.#world, unit));
    for (const call of this.#day.takeWaiting()) this.#serve(call);
  }

  #serve(call: number): void {
    if (this.#day.wantsNoMore(call)) return;
    const served = this.#day.isSent(call) ? this.#sendSecond(call) : this.#send(call);
    if (!served) this.#day.wait(call);
  }

  #moveUp(): void {
    const move = this.#policy.moveUp(this.#world);
    if (!move || this.#units.base[move.unit] === move.station) return;
    this.#day.moved();
    this.#world.crews.moves(move.unit);
    this.#setOff(move.unit, move.station);
    this.#moving[move.unit] = 1;
  }

  #setOff(unit: number, station: number): void {
    const from = this.#units.placeOf(unit).index;
    this.#endDrive(unit);
    const arrives = this.#units.setOff(unit, from, station);
    const version = (this.#version[unit] as number) + 1;
    this.#version[unit] = version;
    this.#later('arrive', arrives, unit, version);
  }

  #arrive(unit: number): void {
    this.#endDrive(unit);
    this.#units.arrive(unit);
  }

  /** Counts what an idle unit drove so far. */
  #endDrive(unit: number): void {
    const seconds = this.#units.endDrive(unit);
    const move = this.#moving[unit] === 1;
    this.#moving[unit] = 0;
    this.#day.droveIdle(seconds, move);
    if (move) this.#world.crews.drove(unit, seconds);
  }

  #fits(unit: number, call: number): boolean {
    return this.#units.fits(unit, this.#day.caseOf(call).truth);
  }
}
