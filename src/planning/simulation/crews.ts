/** Hours of the crews of a simulated city, by shift: on calls and on moves, as the live service counts them. */
import { countedSeconds, MOVES_AT_MOST, MOVES_WITHIN_HOURS, mayMove, SHIFT_HOURS } from '../redeployment/crew.ts';
import type { Clock } from './driving.ts';

const HOUR = 3600;
/** Shifts begin at this hour of the day, and `SHIFT_HOURS` later. Assumed. */
const SHIFT_BEGINS = 8;

export class Crews {
  readonly #clock: Clock;
  /** In this shift, by unit. */
  readonly #busy: Float64Array;
  readonly #drive: Float64Array;
  /** When each of a unit's last few moves began, one after the other, and how many there were. */
  readonly #moved: Float64Array;
  readonly #moves: Int32Array;
  #shift = 0;
  #longest = 0;

  constructor(units: number, clock: Clock) {
    this.#clock = clock;
    this.#busy = new Float64Array(units);
    this.#drive = new Float64Array(units);
    this.#moved = new Float64Array(units * MOVES_AT_MOST);
    this.#moves = new Int32Array(units);
  }

  begin(): void {
    this.#busy.fill(0);
    this.#drive.fill(0);
    this.#moved.fill(-Infinity);
    this.#moves.fill(0);
    this.#shift = this.#shiftNow();
    this.#longest = 0;
  }

  /** A run, or a move, ends in the shift that pays for it. */
  wasBusy(unit: number, seconds: number): void {
    this.#turn();
    this.#busy[unit] = (this.#busy[unit] as number) + seconds;
  }
  drove(unit: number, seconds: number): void {
    this.#turn();
    this.#drive[unit] = (this.#drive[unit] as number) + seconds;
  }
  moves(unit: number): void {
    const nth = (this.#moves[unit] as number) % MOVES_AT_MOST;
    this.#moved[unit * MOVES_AT_MOST + nth] = this.#clock.now;
    this.#moves[unit] = (this.#moves[unit] as number) + 1;
  }

  mayMove(unit: number, drive: number): boolean {
    this.#turn();
    let moves = 0;
    for (let nth = 0; nth < MOVES_AT_MOST; nth++)
      if (this.#clock.now - (this.#moved[unit * MOVES_AT_MOST + nth] as number) < MOVES_WITHIN_HOURS * HOUR) moves++;
    return mayMove(
      { busySeconds: this.#busy[unit] as number, driveSeconds: this.#drive[unit] as number, moves },
      drive,
    );
  }

  /** Hours that count of whoever had most of them in one shift so far; seconds. */
  longest(): number {
    for (let unit = 0; unit < this.#busy.length; unit++) {
      const own = { busySeconds: this.#busy[unit] as number, driveSeconds: this.#drive[unit] as number };
      this.#longest = Math.max(this.#longest, countedSeconds(own));
    }
    return this.#longest;
  }

  #turn(): void {
    const shift = this.#shiftNow();
    if (shift === this.#shift) return;
    this.longest();
    this.#shift = shift;
    this.#busy.fill(0);
    this.#drive.fill(0);
  }
  #shiftNow(): number {
    return Math.floor((this.#clock.now / HOUR - SHIFT_BEGINS) / SHIFT_HOURS);
  }
}
