/** What the live part reads when an instance starts: the head of the log, its last events, and who is on which call. */
import type pg from 'pg';
import { lastSeq, readEvents } from '../database/events.ts';
import { type Executor, inTransaction } from '../database/pool.ts';
import type { EventType, StoredEvent } from '../domain/events.ts';
import { assigningTypes, type OpenAssignment } from './crews.ts';

export const sql = {
  /** Events of types $2 after $1. */
  assigning: {
    name: 'live.assigning',
    text: `
      SELECT seq, type, at, call_id AS "callId", data
      FROM events WHERE seq > $1 AND type = ANY($2::text[]) ORDER BY seq`,
  },
  /** Units on a call, with the event that told of it. */
  open: {
    name: 'live.open-assignments',
    text: `
      SELECT a.unit_id AS "unitId", a.call_id AS "callId",
        coalesce((SELECT max(e.seq) FROM events e
          WHERE e.call_id = a.call_id AND e.type = 'unit.assigned' AND e.data ->> 'unitId' = a.unit_id), 0) AS seq
      FROM assignments a WHERE a.ended_at IS NULL`,
  },
} as const;

export interface StartingPoint {
  readonly head: number;
  /** Up to the head, in order. */
  readonly recent: readonly StoredEvent[];
  readonly assigning: readonly StoredEvent[];
  readonly open: readonly OpenAssignment[];
}

/** One consistent look at the log. `recent`: how many of the last events; `back`: how far back assignments are wanted. */
export async function readStartingPoint(db: pg.Pool, recent: number, back: number): Promise<StartingPoint> {
  return inTransaction(db, async (tx) => {
    await tx.query({ text: 'SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY' });
    const head = await lastSeq(tx);
    return {
      head,
      recent: await readEvents(tx, head - recent, recent),
      assigning: await readAssigning(tx, head - back),
      open: (await tx.query<OpenAssignment & Record<string, unknown>>(sql.open)).rows,
    };
  });
}

async function readAssigning(tx: Executor, after: number): Promise<StoredEvent[]> {
  const { rows } = await tx.query<{
    seq: number;
    type: EventType;
    at: Date;
    callId: string | null;
    data: StoredEvent['data'];
  }>({ ...sql.assigning, values: [after, assigningTypes] });
  return rows.map((row) => ({ ...row, at: row.at.toISOString() }));
}
