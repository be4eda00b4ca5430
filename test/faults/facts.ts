/** What PostgreSQL holds at the end of a run, as plain values. Times are milliseconds since the epoch. */
import type pg from 'pg';
import type { DeskFacts } from './check-desk.ts';
import type { WayBackFacts } from './way-back-facts.ts';

export interface Facts {
  readonly calls: readonly {
    readonly callId: string;
    readonly status: string;
    readonly dueAt: number;
    readonly endedAt: number | null;
    readonly onSceneAt: number | null;
  }[];
  /** Idempotency keys. */
  readonly keys: readonly { readonly key: string; readonly callId: string }[];
  /** In the order they were written. */
  readonly assignments: readonly {
    readonly callId: string;
    readonly unitId: string;
    readonly assignedAt: number;
    readonly endedAt: number | null;
    /** It lacked nothing the patient needs, so its arrival stops the clock. */
    readonly qualifies: boolean;
  }[];
  readonly reports: readonly {
    readonly callId: string;
    readonly unitId: string | null;
    readonly point: string;
    readonly at: number;
    readonly flags: readonly string[];
    readonly counts: boolean;
  }[];
  readonly units: readonly { readonly unitId: string; readonly status: string; readonly callId: string | null }[];
  readonly searches: readonly {
    readonly searchId: string;
    readonly callId: string;
    readonly status: string;
    readonly dueAt: number | null;
    readonly answers: readonly { readonly centreId: string; readonly stands: boolean }[];
  }[];
  /** These two are read once, at the end of a run. */
  readonly wayBack?: WayBackFacts;
  readonly desk?: DeskFacts;
  /** By sequence number. */
  readonly events: readonly LoggedEvent[];
  /** The last sequence number given out. */
  readonly head: number;
}

export interface LoggedEvent {
  readonly seq: number;
  readonly type: string;
  readonly at: number;
  readonly callId: string | null;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Reads all of it in one snapshot. */
export async function readFacts(db: pg.Pool): Promise<Facts> {
  const client = await db.connect();
  const rows = async <Row extends pg.QueryResultRow>(text: string) => (await client.query<Row>(text)).rows;
  const ms = (column: string) => `round(extract(epoch FROM ${column}) * 1000)::float8`;
  try {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const facts: Facts = {
      calls: await rows(
        `SELECT call_id AS "callId", status, ${ms('response_due_at')} AS "dueAt", ${ms('ended_at')} AS "endedAt",
                ${ms('on_scene_at')} AS "onSceneAt" FROM calls ORDER BY number`,
      ),
      keys: await rows('SELECT key, call_id AS "callId" FROM idempotency_keys'),
      assignments: await rows(
        `SELECT call_id AS "callId", unit_id AS "unitId", ${ms('assigned_at')} AS "assignedAt",
                ${ms('ended_at')} AS "endedAt", shortfalls = '{}' AS qualifies FROM assignments ORDER BY assignment_id`,
      ),
      reports: await rows(
        `SELECT call_id AS "callId", unit_id AS "unitId", point, ${ms('at')} AS at, flags, counts
         FROM time_points ORDER BY report_id`,
      ),
      searches: await rows(
        `SELECT locate_request_id AS "searchId", call_id AS "callId", status, ${ms('due_at')} AS "dueAt",
                (SELECT coalesce(json_agg(json_build_object('centreId', w.centre_id, 'stands', w.stands)), '[]')
                 FROM locate_answers w WHERE w.locate_request_id = r.locate_request_id) AS answers
         FROM locate_requests r ORDER BY raised_at`,
      ),
      units: await rows('SELECT unit_id AS "unitId", status, call_id AS "callId" FROM units ORDER BY unit_id'),
      events: await rows(
        `SELECT seq::float8 AS seq, type, ${ms('at')} AS at, call_id AS "callId", data FROM events ORDER BY events.seq`,
      ),
      head: (await rows<{ seq: number }>('SELECT seq::float8 AS seq FROM event_head'))[0]?.seq ?? 0,
    };
    await client.query('COMMIT');
    return facts;
  } finally {
    client.release();
  }
}
