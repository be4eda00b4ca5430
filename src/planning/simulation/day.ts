/** One simulated day as it unfolds: what has become of each call, and what is counted of it. */
import { TARGET_SECONDS } from '../response-times.ts';
import type { DayCalls } from './calls.ts';
import type { Case, City } from './city.ts';
import { fieldAt, type TallyField } from './tally.ts';

const NEVER = -1;
const NOBODY = -1;

/** Of a second vehicle for a call. */
const wants = { none: 0, one: 1, noMore: 2 } as const;

export class Day {
  readonly calls: DayCalls;
  readonly #cases: readonly Case[];
  readonly #tally: Float64Array;
  /** Call received → somebody on scene, and somebody who fits; seconds. */
  readonly #first: Float64Array;
  readonly #qualified: Float64Array;
  readonly #sent: Uint8Array;
  /** A crew that fits is with the patient. */
  readonly #reached: Uint8Array;
  /** A unit that stays with the patient until one that fits has come. */
  readonly #holding: Int32Array;
  readonly #second: Uint8Array;
  #waiting: number[] = [];

  /** What is counted is added to `tally`. */
  constructor(city: City, calls: DayCalls, tally: Float64Array) {
    this.calls = calls;
    this.#cases = city.cases;
    this.#tally = tally;
    this.#first = new Float64Array(calls.count).fill(NEVER);
    this.#qualified = new Float64Array(calls.count).fill(NEVER);
    this.#sent = new Uint8Array(calls.count);
    this.#reached = new Uint8Array(calls.count);
    this.#holding = new Int32Array(calls.count).fill(NOBODY);
    this.#second = new Uint8Array(calls.count);
    for (let call = 0; call < calls.count; call++) this.#count(call, 'calls', 1);
  }

  caseOf(call: number): Case {
    return this.#cases[this.calls.who[call] as number] as Case;
  }
  receivedAt(call: number): number {
    return this.calls.at[call] as number;
  }

  sent(call: number): void {
    this.#sent[call] = 1;
  }
  isSent(call: number): boolean {
    return this.#sent[call] === 1;
  }

  wait(call: number): void {
    this.#waiting.push(call);
  }
  /** Nobody could be sent at once. */
  waitForAnybody(call: number): void {
    this.#count(call, 'waited', 1);
    this.wait(call);
  }
  /** Who has waited: most urgent first, then longest. Whoever is not served waits anew. */
  takeWaiting(): readonly number[] {
    const waited = this.#waiting;
    if (waited.length === 0) return waited;
    this.#waiting = [];
    return waited.sort((a, b) => this.caseOf(a).priority - this.caseOf(b).priority || a - b);
  }

  /** Whether a second vehicle is wanted from now on, and was not before. */
  wantSecond(call: number): boolean {
    if (this.#second[call] !== wants.none) return false;
    this.#second[call] = wants.one;
    this.#count(call, 'seconds', 1);
    return true;
  }
  secondSent(call: number): void {
    this.#second[call] = wants.noMore;
  }
  wantsNoMore(call: number): boolean {
    return this.#second[call] === wants.noMore;
  }

  onScene(call: number, now: number, fits: boolean): void {
    const since = now - this.receivedAt(call);
    if (this.#first[call] === NEVER) {
      this.#first[call] = since;
      this.#count(call, 'firstSeconds', since);
      this.#count(call, 'firstFits', fits ? 1 : 0);
    }
    if (!fits || this.#qualified[call] !== NEVER) return;
    this.#qualified[call] = since;
    const within = since <= TARGET_SECONDS ? 1 : 0;
    this.#count(call, 'responseSeconds', since);
    this.#count(call, 'within8', within);
    if (this.caseOf(call).priority !== 1) return;
    this.#count(call, 'priority1', 1);
    this.#count(call, 'priority1Seconds', since);
    this.#count(call, 'priority1Within8', within);
  }

  isReached(call: number): boolean {
    return this.#reached[call] === 1;
  }
  /** A crew that fits is with the patient; answers the unit that held out until then, or null. */
  reach(call: number, now: number): number | null {
    const since = now - this.receivedAt(call);
    this.#reached[call] = 1;
    this.#count(call, 'patientSeconds', since);
    this.#count(call, 'patientWithin8', since <= TARGET_SECONDS ? 1 : 0);
    this.#second[call] = wants.noMore;
    const held = this.#holding[call] as number;
    this.#holding[call] = NOBODY;
    return held === NOBODY ? null : held;
  }
  hold(call: number, unit: number): void {
    this.#holding[call] = unit;
  }

  busy(call: number, seconds: number): void {
    this.#count(call, 'busySeconds', seconds);
  }
  moved(): void {
    this.#add('moves', 1);
  }
  /** @param move it was told to wait elsewhere, and was not on its way back from a call */
  droveIdle(seconds: number, move: boolean): void {
    this.#add('idleDriveSeconds', seconds);
    if (move) this.#add('moveDriveSeconds', seconds);
  }
  longestShift(seconds: number): void {
    this.#add('longestShiftSeconds', seconds);
  }

  /** Calls before midnight only load the city. */
  #count(call: number, field: TallyField, amount: number): void {
    if (this.receivedAt(call) >= 0) this.#add(field, amount);
  }
  #add(field: TallyField, amount: number): void {
    this.#tally[fieldAt[field]] = (this.#tally[fieldAt[field]] as number) + amount;
  }
}
