/** All that points to where somebody is, in the order in which it is worth going after. Pure. */
import { distanceMetres, type Position } from '../domain/position.ts';
import type { Instant } from '../domain/time.ts';
import type { EvidenceKind, EvidenceView } from './schema.ts';

export interface Clue {
  readonly kind: EvidenceKind;
  readonly position: Position | null;
  readonly radiusMetres: number | null;
  /** Since when it is known; null where nobody knows. */
  readonly at: Instant | null;
  readonly text: string | null;
  /** Doors it names itself; else those within its radius. */
  readonly points: readonly string[] | null;
}

export interface PlacedDoor {
  readonly dwellingId: string;
  readonly position: Position | null;
  readonly confidence: number;
}

/** A fix finds a door at best to within this. */
const DOOR_METRES = 30;

/** Ranked by the share of the likelihood that lies where it points; of equals the sharper, then the fresher comes first. */
export function rankEvidence(clues: readonly Clue[], doors: readonly PlacedDoor[], now: Instant): EvidenceView[] {
  return clues
    .map((clue) => ({ clue, support: supportOf(clue, doors) }))
    .sort(
      (a, b) =>
        b.support - a.support ||
        (a.clue.radiusMetres ?? Infinity) - (b.clue.radiusMetres ?? Infinity) ||
        (b.clue.at ?? 0) - (a.clue.at ?? 0),
    )
    .map(({ clue: { kind, position, radiusMetres, at, text }, support }, i) => ({
      rank: i + 1,
      kind,
      position,
      radiusMetres,
      at: at === null ? null : new Date(at).toISOString(),
      ageSeconds: at === null ? null : Math.max(0, Math.round((now - at) / 1000)),
      text,
      support: Number(support.toFixed(3)),
    }));
}

function supportOf({ points, position, radiusMetres }: Clue, doors: readonly PlacedDoor[]): number {
  const within = Math.max(DOOR_METRES, radiusMetres ?? 0);
  return doors
    .filter((door) =>
      points
        ? points.includes(door.dwellingId)
        : position && door.position && distanceMetres(position, door.position) <= within,
    )
    .reduce((sum, { confidence }) => sum + confidence, 0);
}
