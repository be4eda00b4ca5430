/** What is known of where somebody is, sealed with the search: put there once, by whoever gathers it first. */
import { plainArray, textArray } from '../database/array-literal.ts';
import { pile } from '../database/pile.ts';
import type { Executor } from '../database/pool.ts';

export const searchContext = (id: string) => `locate:${id}:search`;

export const sql = {
  /** Several at once; reading the histories is written down for whoever raised the search. $1 pile, $2 ids, $3 starts, $4 lengths, $5 residents read. */
  keep: {
    name: 'locate.keep-evidence',
    text: `
      WITH input AS (
        SELECT * FROM unnest($2::text[], $3::int[], $4::int[], $5::text[]) AS i (id, start, length, histories)
      ), kept AS (
        UPDATE locate_requests r SET sealed = substring($1::bytea FROM i.start FOR i.length)
        FROM input i WHERE r.locate_request_id = i.id AND r.sealed IS NULL
        RETURNING r.raised_at, r.role, r.subject, r.call_id, i.histories
      )
      INSERT INTO access_log (at, role, subject, resident_id, call_id, purpose)
      SELECT raised_at, role, subject, resident, call_id, 'locate' FROM kept, unnest(histories::text[]) AS resident`,
  },
} as const;

export interface SealedEvidence {
  readonly locateRequestId: string;
  readonly sealed: Buffer;
  readonly historiesRead: readonly string[];
}

/** Searches that have theirs keep it. */
export async function keepEvidence(db: Executor, given: readonly SealedEvidence[]): Promise<readonly undefined[]> {
  const { bytes, starts, lengths } = pile(given.map(({ sealed }) => sealed));
  await db.query({
    ...sql.keep,
    values: [
      bytes,
      textArray(given.map(({ locateRequestId }) => locateRequestId)),
      plainArray(starts),
      plainArray(lengths),
      textArray(given.map(({ historiesRead }) => textArray(historiesRead))),
    ],
  });
  return given.map(() => undefined);
}
