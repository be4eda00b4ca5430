/** What to make of an answer: whose it has to be, and whether its position can be right. Pure. */
import { distanceMetres, type Position } from '../domain/position.ts';
import type { LocateStatus } from '../domain/vocabulary.ts';

/** Beyond this from everything known a position is more likely a slip than a find. */
export const FAR_METRES = 2_000;

export interface AnswerFacts {
  readonly status: LocateStatus;
  readonly holder: { readonly centreId: string; readonly person: string | null } | null;
  readonly by: { readonly centreId: string; readonly person: string | null };
}

export type AnswerJudgement = 'stands' | 'comment' | 'over' | 'not-held';

/** The first answer stands; what comes after it, from anybody who was asked, is kept as a comment. */
export function judgeAnswer({ status, holder, by }: AnswerFacts): AnswerJudgement {
  switch (status) {
    case 'closed':
      return 'over';
    case 'answered':
      return 'comment';
    case 'requested':
    case 'accepted':
    case 'escalated':
      return holder?.centreId === by.centreId && holder.person === by.person ? 'stands' : 'not-held';
    default:
      return status satisfies never;
  }
}

/** Metres to the nearest of what is known, less its radius; null where nothing is. */
export function metresFromKnown(
  position: Position,
  known: readonly { readonly position: Position | null; readonly radiusMetres?: number | null }[],
): number | null {
  const distances = known.flatMap((each) =>
    each.position ? [Math.max(0, distanceMetres(position, each.position) - (each.radiusMetres ?? 0))] : [],
  );
  return distances.length ? Math.min(...distances) : null;
}
