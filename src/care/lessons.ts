/** What crews and follow-ups say of a resident, as lessons; a hospital's report is one in `outcome.ts`. Pure. */
import type { Coded } from '../domain/coded.ts';
import type { Lesson } from './learned.ts';
import type { CallSummary } from './outcome.ts';
import { type KeptEntry, standing } from './record.ts';
import type { FollowUpResult } from './schema.ts';

export interface FoundResult {
  readonly followUpId: string;
  readonly callId: string;
  readonly callNumber: number;
  readonly endedAt: string;
  readonly by: string;
  readonly result: FollowUpResult;
}

/** What a follow-up found. */
export function lessonOfResult({ followUpId, callId, callNumber, endedAt, by, result }: FoundResult): Lesson {
  const from = { source: 'follow-up', sourceId: followUpId, callId, callNumber, recordedAt: endedAt, by } as const;
  const { conditions, medications, allergies, findings } = result;
  return {
    from,
    ...(conditions ? { conditions } : {}),
    ...(medications ? { medications } : {}),
    ...(allergies ? { allergies } : {}),
    ...(findings ? { finding: findings } : {}),
  };
}

/** What patient or family told the crew: part of the history, and said to be from the care record. */
export function lessonsOfRecord(
  { callId, callNumber }: Pick<CallSummary, 'callId' | 'callNumber'>,
  kept: readonly KeptEntry[],
): Lesson[] {
  return standing(kept).flatMap(({ kind, entry, heardAt, by }): Lesson[] => {
    const { list, coded } = entry as { list?: 'conditions' | 'allergies' | 'medications'; coded?: Coded };
    if (kind !== 'history' || !list || !coded) return [];
    const from = {
      source: 'care-record',
      sourceId: entry.entryId,
      callId,
      callNumber,
      recordedAt: heardAt,
      by: by.subject,
    } as const;
    return [{ from, [list]: [coded] }];
  });
}
