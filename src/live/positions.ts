/** Thins out positions: of each unit the latest, at most once an interval. */
import type { Instant } from '../domain/time.ts';
import type { LivePosition } from './port.ts';

export class Positions {
  readonly #everyMs: number;
  readonly #waiting = new Map<string, LivePosition>();
  readonly #told = new Map<string, { readonly on: Instant; readonly at: Instant }>();

  constructor(everyMs: number) {
    this.#everyMs = everyMs;
  }

  /** A position older than one told or waiting is dropped: consoles show where a unit is, not where it was. */
  offer(position: LivePosition): void {
    const { unitId, at } = position;
    const known = Math.max(this.#waiting.get(unitId)?.at ?? -Infinity, this.#told.get(unitId)?.at ?? -Infinity);
    if (at >= known) this.#waiting.set(unitId, position);
  }

  /** What is to be told now. */
  due(now: Instant): LivePosition[] {
    const due = [...this.#waiting.values()].filter(
      ({ unitId }) => now - (this.#told.get(unitId)?.on ?? -Infinity) >= this.#everyMs,
    );
    for (const { unitId, at } of due) {
      this.#waiting.delete(unitId);
      this.#told.set(unitId, { on: now, at });
    }
    return due;
  }
}
