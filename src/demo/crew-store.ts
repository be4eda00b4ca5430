/** What the simulated crews know of themselves, read anew each time: units, the runs they are on, calls nobody was sent to. */
import type { Executor } from '../database/pool.ts';
import type { Position } from '../domain/position.ts';
import type { RunPoint } from '../domain/run.ts';
import { type Instant, rfc3339 } from '../domain/time.ts';
import type { UnitStatus } from '../domain/vocabulary.ts';

export const sql = {
  /** Units of the demonstration on duty, with the station they wait at, call and the points of their run that count. */
  crews: {
    name: 'demo.crews',
    text: `
      SELECT u.unit_id, u.status, u.lon, u.lat, u.position_at, s.lon AS station_lon, s.lat AS station_lat,
             c.call_id, c.revision, c.lon AS call_lon, c.lat AS call_lat,
             (SELECT json_object_agg(t.point, t.at) FROM time_points t
              WHERE t.call_id = u.call_id AND t.unit_id = u.unit_id AND t.counts) AS points,
             EXISTS (SELECT FROM locate_requests r WHERE r.call_id = c.call_id AND r.reason = 'no-answer-at-door'
                     OR r.call_id = c.call_id AND r.status IN ('requested', 'accepted', 'escalated')) AS searched,
             (SELECT min(w.at) FROM locate_requests r JOIN locate_answers w USING (locate_request_id)
              WHERE r.call_id = c.call_id AND w.found AND w.stands) AS found_at
      FROM units u
      LEFT JOIN LATERAL (
        SELECT r.station_id FROM redeployments r
        WHERE r.unit_id = u.unit_id AND r.status = 'accepted'
          AND r.decided_at > coalesce((SELECT max(a.assigned_at) FROM assignments a WHERE a.unit_id = u.unit_id), '-infinity')
        ORDER BY r.decided_at DESC LIMIT 1
      ) moved ON true
      LEFT JOIN places s ON s.place_id = coalesce(moved.station_id, u.station_id)
      LEFT JOIN calls c ON c.call_id = u.call_id
      WHERE u.unit_id LIKE 'demo-unit-%' AND u.status <> 'off-duty' AND u.lon IS NOT NULL
      ORDER BY u.unit_id`,
  },
  /** Calls whose place is known and nobody was sent to since $1, the most urgent first; $2 at most. */
  waiting: {
    name: 'demo.waiting',
    text: `
      SELECT call_id FROM calls WHERE status = 'open' AND lon IS NOT NULL AND received_at <= $1
      ORDER BY priority, received_at LIMIT $2`,
  },
} as const;

export interface CrewRow {
  readonly unitId: string;
  readonly status: UnitStatus;
  readonly position: Position;
  readonly positionAt: Instant;
  readonly station: Position | null;
  readonly call: {
    readonly callId: string;
    readonly revision: number;
    readonly place: Position | null;
    readonly points: Partial<Readonly<Record<RunPoint, Instant>>>;
    readonly searched: boolean;
    readonly foundAt: Instant | null;
  } | null;
}

const placeOf = (lon: number | null, lat: number | null): Position | null =>
  lon === null || lat === null ? null : { lon, lat, crs: 'wgs84' };

export async function findCrews(db: Executor): Promise<CrewRow[]> {
  const { rows } = await db.query<{
    unit_id: string;
    status: UnitStatus;
    lon: number;
    lat: number;
    position_at: Date | null;
    station_lon: number | null;
    station_lat: number | null;
    call_id: string | null;
    revision: number;
    call_lon: number | null;
    call_lat: number | null;
    points: Partial<Record<RunPoint, string>> | null;
    searched: boolean;
    found_at: Date | null;
  }>(sql.crews);
  return rows.map((row) => ({
    unitId: row.unit_id,
    status: row.status,
    position: { lon: row.lon, lat: row.lat, crs: 'wgs84' },
    positionAt: row.position_at?.getTime() ?? 0,
    station: placeOf(row.station_lon, row.station_lat),
    call:
      row.call_id === null
        ? null
        : {
            callId: row.call_id,
            revision: row.revision,
            place: placeOf(row.call_lon, row.call_lat),
            searched: row.searched,
            foundAt: row.found_at?.getTime() ?? null,
            points: Object.fromEntries(Object.entries(row.points ?? {}).map(([point, at]) => [point, Date.parse(at)])),
          },
  }));
}

export async function findWaiting(db: Executor, receivedBefore: Instant, atMost: number): Promise<string[]> {
  const { rows } = await db.query<{ call_id: string }>({ ...sql.waiting, values: [rfc3339(receivedBefore), atMost] });
  return rows.map((row) => row.call_id);
}
