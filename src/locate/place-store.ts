/** Places where somebody was found, kept for next time; a refuted one stays refuted. */
import type { Executor } from '../database/pool.ts';
import { type Instant, rfc3339 } from '../domain/time.ts';

export const sql = {
  /** $1 place, $2 answer, $3 resident or null, $4 at, $5 centre, $6 sealed, $7 blind tokens. */
  keep: {
    name: 'locate.keep-place',
    text: `
      WITH kept AS (
        INSERT INTO confirmed_places (place_id, answer_id, resident_ref, confirmed_at, centre_id, sealed)
        SELECT $1, $2, (SELECT resident_ref FROM residents WHERE resident_id = $3), $4::timestamptz, $5, $6
        RETURNING place_id
      )
      INSERT INTO confirmed_place_keys (token, place_id)
      SELECT DISTINCT token, place_id FROM kept, unnest($7::bigint[]) AS token`,
  },
  /** A place with the search it came from, locked. $1 place. */
  lock: {
    name: 'locate.lock-place',
    text: `
      SELECT p.place_id, p.refuted_at, w.locate_request_id
      FROM confirmed_places p JOIN locate_answers w USING (answer_id) WHERE p.place_id = $1 FOR UPDATE OF p`,
  },
  /** $1 place, $2 at, $3 by role and subject. */
  refute: {
    name: 'locate.refute-place',
    text: 'UPDATE confirmed_places SET refuted_at = $2, refuted_by = $3 WHERE place_id = $1 AND refuted_at IS NULL',
  },
} as const;

export interface NewPlace {
  readonly placeId: string;
  readonly answerId: string;
  readonly residentId: string | null;
  readonly at: Instant;
  readonly centreId: string;
  readonly sealed: Buffer;
  readonly tokens: readonly string[];
}

export async function keepPlace(tx: Executor, place: NewPlace): Promise<void> {
  const { placeId, answerId, residentId, at, centreId, sealed, tokens } = place;
  await tx.query({ ...sql.keep, values: [placeId, answerId, residentId, rfc3339(at), centreId, sealed, tokens] });
}

export async function lockPlace(
  tx: Executor,
  placeId: string,
): Promise<{ readonly refuted: boolean; readonly locateRequestId: string } | null> {
  const { rows } = await tx.query<{ refuted_at: Date | null; locate_request_id: string }>({
    ...sql.lock,
    values: [placeId],
  });
  return rows[0] ? { refuted: rows[0].refuted_at !== null, locateRequestId: rows[0].locate_request_id } : null;
}

export async function refutePlaceRow(tx: Executor, placeId: string, at: Instant, by: string): Promise<void> {
  await tx.query({ ...sql.refute, values: [placeId, rfc3339(at), by] });
}
