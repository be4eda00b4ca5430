/** What a crew did of late, and whether it may be asked to wait elsewhere. Pure; for the live service and the simulation alike. */

/** A shift is so long; without a roster of shifts it is the last so many hours. */
export const SHIFT_HOURS = 12;
export const MOVES_WITHIN_HOURS = 4;
/** So many hours on calls and on moves in a shift, or so many moves, and a crew is left where it is. Assumed, for the centre to set. */
const COUNTED_AT_MOST_SECONDS = 9 * 3600;
export const MOVES_AT_MOST = 3;

export interface CrewHours {
  /** On calls in the shift, and on drives of moves. */
  readonly busySeconds: number;
  readonly driveSeconds: number;
  /** In the last `MOVES_WITHIN_HOURS`. */
  readonly moves: number;
}

export const countedSeconds = ({ busySeconds, driveSeconds }: Omit<CrewHours, 'moves'>): number =>
  busySeconds + driveSeconds;

/** @param drive seconds of the move in question, which count as well */
export const mayMove = (crew: CrewHours, drive = 0): boolean =>
  crew.moves < MOVES_AT_MOST && countedSeconds(crew) + drive <= COUNTED_AT_MOST_SECONDS;
