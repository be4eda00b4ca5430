/** The clocks of calls nobody has reached yet: the rows that are due, and the marks that let each speak once. */
import type { Executor } from '../database/pool.ts';
import type { Position } from '../domain/position.ts';
import { type Instant, rfc3339 } from '../domain/time.ts';
import type { Priority } from '../domain/vocabulary.ts';

export const sql = {
  /**
   * Live calls no qualifying ambulance has reached, with the units that are on their way. Those whose breach is told come
   * last: however many of them stay open, they keep nobody else from being looked at. $1 call, or null for all of which
   * there may be something to say until $2: time running out ($3 of it gone) or over, units on their way to look after,
   * or danger to life while units are under way to what is not urgent. In a flood that spares nearly all of them.
   */
  waiting: {
    name: 'clocks.waiting',
    text: `
      SELECT c.call_id, c.number, c.revision, c.priority, c.received_at, c.response_due_at, c.lon, c.lat, c.warnings,
             c.breached_at IS NOT NULL AS breached,
             (SELECT coalesce(json_agg(json_build_object(
                'unitId', a.unit_id, 'notifiedAt', a.assigned_at, 'qualifies', a.shortfalls = '{}',
                'enRouteAt', (SELECT t.at FROM time_points t WHERE t.call_id = a.call_id AND t.unit_id = a.unit_id
                              AND t.point = 'en-route' AND t.counts)) ORDER BY a.assignment_id), '[]')
              FROM assignments a WHERE a.call_id = c.call_id AND a.ended_at IS NULL) AS units
      FROM calls c
      WHERE c.status NOT IN ('closed', 'cancelled') AND c.on_scene_at IS NULL
        AND CASE WHEN $1::text IS NOT NULL THEN c.call_id = $1 ELSE
              EXISTS (SELECT FROM assignments a WHERE a.call_id = c.call_id AND a.ended_at IS NULL)
              OR (c.breached_at IS NULL
                  AND (c.response_due_at <= $2
                       OR (NOT 'time' = ANY (c.warnings)
                           AND c.received_at + $3::float8 * (c.response_due_at - c.received_at) <= $2)))
              OR (c.priority = 1
                  AND EXISTS (SELECT FROM assignments a JOIN calls t USING (call_id)
                              WHERE a.ended_at IS NULL AND t.priority = 4))
            END
      ORDER BY c.breached_at IS NOT NULL, c.response_due_at LIMIT 500`,
  },
  /** Marks a warning as given; no row where it was, or where somebody is there by now. $1 call, $2 warning. */
  warn: {
    name: 'clocks.warn',
    text: `
      UPDATE calls SET warnings = array_append(warnings, $2::text)
      WHERE call_id = $1 AND NOT ($2 = ANY(warnings)) AND on_scene_at IS NULL AND breached_at IS NULL
        AND status NOT IN ('closed', 'cancelled')
      RETURNING call_id`,
  },
  /** Marks a call that was neither reached nor over when it was due. $1 call, $2 at. */
  breach: {
    name: 'clocks.breach',
    text: `
      UPDATE calls SET breached_at = $2
      WHERE call_id = $1 AND breached_at IS NULL AND response_due_at <= $2
        AND (on_scene_at IS NULL OR on_scene_at > response_due_at) AND (ended_at IS NULL OR ended_at > response_due_at)
      RETURNING on_scene_at`,
  },
  /** $1 call, $2 predicted on scene. */
  predict: {
    name: 'clocks.predict',
    text: 'UPDATE calls SET predicted_on_scene_at = $2 WHERE call_id = $1',
  },
  /** Whether this unit was offered for this call before, in this way. $1 call, $2 unit, $3 kind. */
  offered: {
    name: 'clocks.offered',
    text: `
      SELECT EXISTS (SELECT FROM events WHERE call_id = $1 AND type = 'unit.offered'
                     AND data->>'unitId' = $2 AND data->>'kind' = $3) AS offered`,
  },
  /** What the clocks said of calls and which units were offered, oldest first. $1 calls. */
  said: {
    name: 'clocks.said',
    text: `
      SELECT call_id, type, data FROM events
      WHERE call_id = ANY($1) AND type IN ('clock.warning', 'clock.breached', 'unit.offered') ORDER BY seq`,
  },
} as const;

export interface UnitOnItsWay {
  readonly unitId: string;
  readonly notifiedAt: Instant;
  readonly enRouteAt: Instant | null;
  /** It has all the patient needs: its arrival stops the clock. */
  readonly qualifies: boolean;
}

export interface WaitingCall {
  readonly callId: string;
  readonly number: number;
  readonly revision: number;
  readonly priority: Priority;
  readonly receivedAt: Instant;
  readonly dueAt: Instant;
  readonly position: Position | null;
  readonly warnings: readonly string[];
  readonly breached: boolean;
  readonly units: readonly UnitOnItsWay[];
}

/** What a look is for: one call, where it waits, or all that there may be something to say of until then. */
export type LookedFor = { readonly callId: string } | { readonly until: Instant; readonly warnAtShare: number };

export async function findWaiting(db: Executor, look: LookedFor): Promise<WaitingCall[]> {
  const { rows } = await db.query<{
    call_id: string;
    number: number;
    revision: number;
    priority: Priority;
    received_at: Date;
    response_due_at: Date;
    lon: number | null;
    lat: number | null;
    warnings: string[];
    breached: boolean;
    units: { unitId: string; notifiedAt: string; enRouteAt: string | null; qualifies: boolean }[];
  }>({
    ...sql.waiting,
    values: 'callId' in look ? [look.callId, null, null] : [null, rfc3339(look.until), look.warnAtShare],
  });
  return rows.map((row) => ({
    callId: row.call_id,
    number: row.number,
    revision: row.revision,
    priority: row.priority,
    receivedAt: row.received_at.getTime(),
    dueAt: row.response_due_at.getTime(),
    position: row.lon === null || row.lat === null ? null : { lon: row.lon, lat: row.lat, crs: 'wgs84' },
    warnings: row.warnings,
    breached: row.breached,
    units: row.units.map((unit) => ({
      ...unit,
      notifiedAt: Date.parse(unit.notifiedAt),
      enRouteAt: unit.enRouteAt === null ? null : Date.parse(unit.enRouteAt),
    })),
  }));
}

/** Whether it is ours to say: of several instances one finds the mark unset. */
export async function markWarned(tx: Executor, callId: string, warning: 'predicted' | 'time'): Promise<boolean> {
  return (await tx.query({ ...sql.warn, values: [callId, warning] })).rowCount === 1;
}

/** Until when the clock ran: `at`, or an arrival before it. Null where it is not ours to say, or the call is not late. */
export async function markBreached(tx: Executor, callId: string, at: Instant): Promise<Instant | null> {
  const { rows } = await tx.query<{ on_scene_at: Date | null }>({ ...sql.breach, values: [callId, rfc3339(at)] });
  return rows[0] ? Math.min(at, rows[0].on_scene_at?.getTime() ?? at) : null;
}

export async function setPrediction(db: Executor, callId: string, at: Instant): Promise<void> {
  await db.query({ ...sql.predict, values: [callId, rfc3339(at)] });
}

export async function wasOffered(tx: Executor, callId: string, unitId: string, kind: string): Promise<boolean> {
  const { rows } = await tx.query<{ offered: boolean }>({ ...sql.offered, values: [callId, unitId, kind] });
  return rows[0]?.offered ?? false;
}

/** What a clock, or a better unit, was worth an event for. */
export interface Said {
  readonly type: 'clock.warning' | 'clock.breached' | 'unit.offered';
  readonly data: unknown;
}

/** By call; a call of which nothing was said is not in it. */
export async function findSaid(db: Executor, callIds: readonly string[]): Promise<ReadonlyMap<string, Said[]>> {
  const { rows } = await db.query<Said & { call_id: string }>({ ...sql.said, values: [callIds] });
  const byCall = new Map<string, Said[]>();
  for (const { call_id, type, data } of rows) byCall.set(call_id, [...(byCall.get(call_id) ?? []), { type, data }]);
  return byCall;
}
