/** What operations tell the consoles: that something was committed, and where a unit is. */
import type { Position } from '../domain/position.ts';
import type { Instant } from '../domain/time.ts';

export interface LivePosition {
  readonly unitId: string;
  readonly position: Position;
  readonly at: Instant;
  /** Metres a second. */
  readonly speed?: number;
  /** Degrees from north. */
  readonly heading?: number;
}

export interface Live {
  /** Events were committed: whoever reads the log may look now. Never waits, never throws. */
  nudge(): void;
  /** A unit was heard from: shown at once, kept elsewhere. Never waits, never throws. */
  position(position: LivePosition): void;
}
