/** The event log: written with what it tells of, read in the order of commit. */
import type { EventType, NewEvent, StoredEvent } from '../domain/events.ts';
import { rfc3339 } from '../domain/time.ts';
import type { Executor } from './pool.ts';

export const sql = {
  /** Writes events after the last. The head's row stays locked to the commit, which keeps the order. $1 types, $2 times, $3 calls, $4 data. */
  append: {
    name: 'events.append',
    text: `
      WITH head AS (
        UPDATE event_head SET seq = seq + cardinality($1::text[]) RETURNING seq, seq - cardinality($1::text[]) AS base
      ), told AS (
        INSERT INTO events (seq, type, at, call_id, data)
        SELECT head.base + e.place, e.type, e.at, e.call_id, e.data
        FROM head, unnest($1::text[], $2::timestamptz[], $3::text[], $4::jsonb[])
          WITH ORDINALITY AS e (type, at, call_id, data, place)
      )
      SELECT seq FROM head`,
  },
  /** Events after $1, $2 at most. */
  after: {
    name: 'events.after',
    text: 'SELECT seq, type, at, call_id, data FROM events WHERE seq > $1 ORDER BY seq LIMIT $2',
  },
  /** The last sequence number given out. */
  head: {
    name: 'events.head',
    text: 'SELECT seq FROM event_head',
  },
} as const;

/**
 * Writes events in the caller's transaction; answers the sequence number of the last. Do it last before the commit:
 * until then every other writer of events waits.
 */
export async function appendEvents(tx: Executor, events: readonly NewEvent[]): Promise<number> {
  const { rows } = await tx.query<{ seq: number }>({
    ...sql.append,
    values: [
      events.map((event) => event.type),
      events.map((event) => rfc3339(event.at)),
      events.map((event) => event.callId),
      events.map((event) => JSON.stringify(event.data)),
    ],
  });
  return (rows[0] as { seq: number }).seq;
}

/** Whoever has read up to `seq` and reads on from there misses nothing and sees nothing twice. */
export async function readEvents(db: Executor, seq: number, atMost: number): Promise<StoredEvent[]> {
  const { rows } = await db.query<{
    seq: number;
    type: EventType;
    at: Date;
    call_id: string | null;
    data: StoredEvent['data'];
  }>({ ...sql.after, values: [seq, atMost] });
  return rows.map((row) => ({
    seq: row.seq,
    type: row.type,
    at: row.at.toISOString(),
    callId: row.call_id,
    data: row.data,
  }));
}

export async function lastSeq(db: Executor): Promise<number> {
  const { rows } = await db.query<{ seq: number }>(sql.head);
  return rows[0]?.seq ?? 0;
}
