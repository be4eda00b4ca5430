/** Suggested moves in PostgreSQL, and what is known of demand and of the crews they would move. */
import type { Executor } from '../../database/pool.ts';
import { type Instant, rfc3339 } from '../../domain/time.ts';
import type { VehicleType } from '../../domain/vocabulary.ts';
import type { CrewHours } from './crew.ts';

/** Calls are gathered on a grid of so many lines a degree, some 200 m apart, before anybody looks at them. */
const GRID = 500;

/** Where unit `u` was moved to since it was last sent to a call. */
const movedTo = `
  (SELECT r.station_id FROM redeployments r
   WHERE r.unit_id = u.unit_id AND r.status = 'accepted'
     AND r.decided_at > coalesce((SELECT max(a.assigned_at) FROM assignments a WHERE a.unit_id = u.unit_id), '-infinity')
   ORDER BY r.decided_at DESC LIMIT 1)`;

export const sql = {
  /** Past calls by place and vehicle. $1 from, $2 to. */
  pastDemand: {
    name: 'redeployment.past-demand',
    text: `
      SELECT round(lon * ${GRID}) / ${GRID} AS lon, round(lat * ${GRID}) / ${GRID} AS lat, vehicle_type, count(*) AS calls
      FROM (SELECT lon, lat, vehicle_type FROM calls
            WHERE received_at >= $1 AND received_at < $2 AND lon IS NOT NULL AND status <> 'cancelled'
            UNION ALL
            SELECT lon, lat, vehicle_type FROM past_calls
            WHERE received_at >= $1 AND received_at < $2 AND lon IS NOT NULL AND NOT cancelled) c
      GROUP BY 1, 2, 3`,
  },
  /** Homes by place. */
  homes: {
    name: 'redeployment.homes',
    text: `
      SELECT round(ST_X(home) * ${GRID}) / ${GRID} AS lon, round(ST_Y(home) * ${GRID}) / ${GRID} AS lat, count(*) AS homes
      FROM residents WHERE home IS NOT NULL GROUP BY 1, 2`,
  },
  /**
   * Where each unit waits when it is idle, and what its crew did: on calls and on drives of moves since $1, moves accepted
   * since $2. A move's drive ends where it was foreseen to, or with the next call. $3 now.
   */
  crews: {
    name: 'redeployment.crews',
    text: `
      SELECT u.unit_id,
             coalesce(${movedTo}, u.station_id) AS base,
             coalesce((SELECT sum(date_part('epoch', least(a.ended_at, $3) - greatest(a.assigned_at, $1)))
                       FROM assignments a WHERE a.unit_id = u.unit_id AND a.ended_at > $1), 0)::int AS busy_seconds,
             coalesce((SELECT sum(date_part('epoch', least(r.decided_at + r.drive_seconds * interval '1 s', $3, (
                                SELECT min(a.assigned_at) FROM assignments a
                                WHERE a.unit_id = u.unit_id AND a.assigned_at >= r.decided_at)) - r.decided_at))
                       FROM redeployments r
                       WHERE r.unit_id = u.unit_id AND r.status = 'accepted' AND r.decided_at > $1), 0)::int AS drive_seconds,
             (SELECT count(*) FROM redeployments r WHERE r.unit_id = u.unit_id AND r.status = 'accepted'
              AND r.decided_at > $2)::int AS moves
      FROM units u WHERE u.status IN ('available', 'returning') AND u.call_id IS NULL`,
  },
  /** $1 unit. */
  waitsAt: {
    name: 'redeployment.waits-at',
    text: `
      SELECT coalesce(moved, station_id) AS place_id, moved IS NOT NULL AS moved
      FROM (SELECT u.station_id, ${movedTo} AS moved FROM units u WHERE u.unit_id = $1) asked
      WHERE coalesce(moved, station_id) IS NOT NULL`,
  },
  /** None where another is open. $1 id, $2 unit, $3 from, $4 to, $5 before, $6 after, $7 drive, $8 busy, $9 moves, $10 now, $11 driven. */
  suggest: {
    name: 'redeployment.suggest',
    text: `
      INSERT INTO redeployments (redeployment_id, unit_id, from_station_id, station_id, status, cover_before, cover_after,
                                 drive_seconds, crew_busy_seconds, crew_moves, suggested_at, crew_drive_seconds)
      VALUES ($1, $2, $3, $4, 'suggested', $5, $6, $7, $8, $9, $10, $11) ON CONFLICT DO NOTHING`,
  },
  /** $1 id, $2 to, $3 now, $4 role, $5 subject. */
  decide: {
    name: 'redeployment.decide',
    text: `
      UPDATE redeployments SET status = $2, decided_at = $3, role = $4, subject = $5
      WHERE redeployment_id = $1 AND status = 'suggested'`,
  },
  open: { name: 'redeployment.open', text: "SELECT * FROM redeployments WHERE status = 'suggested'" },
  byId: { name: 'redeployment.by-id', text: 'SELECT * FROM redeployments WHERE redeployment_id = $1' },
  latest: { name: 'redeployment.latest', text: 'SELECT * FROM redeployments ORDER BY suggested_at DESC LIMIT $1' },
  /** $1 since. */
  refused: {
    name: 'redeployment.refused',
    text: "SELECT unit_id, station_id FROM redeployments WHERE status = 'refused' AND decided_at > $1",
  },
  /** Sends an idle unit on its way. $1 unit. */
  setOff: {
    name: 'redeployment.set-off',
    text: `
      UPDATE units SET status = 'returning', changed = pg_current_xact_id()
      WHERE unit_id = $1 AND call_id IS NULL AND status IN ('available', 'returning')`,
  },
} as const;

export interface PlacedDemand {
  readonly lon: number;
  readonly lat: number;
  /** Null where nobody knows. */
  readonly vehicleType: VehicleType | null;
  readonly weight: number;
}

/** Past calls where there are enough, else homes; weights count calls, or homes. */
export async function readDemand(
  db: Executor,
  from: Instant,
  to: Instant,
  atLeast: number,
): Promise<{ readonly of: 'calls' | 'homes'; readonly places: readonly PlacedDemand[] }> {
  const past = await db.query<{ lon: number; lat: number; vehicle_type: VehicleType | null; calls: number }>({
    ...sql.pastDemand,
    values: [rfc3339(from), rfc3339(to)],
  });
  if (past.rows.reduce((sum, { calls }) => sum + calls, 0) >= atLeast)
    return {
      of: 'calls',
      places: past.rows.map(({ lon, lat, vehicle_type: vehicleType, calls }) => ({
        lon,
        lat,
        vehicleType,
        weight: calls,
      })),
    };
  const homes = await db.query<{ lon: number; lat: number; homes: number }>(sql.homes);
  const places = homes.rows.map(({ lon, lat, homes: weight }) => ({ lon, lat, vehicleType: null, weight }));
  return { of: 'homes', places };
}

export interface IdleCrew extends CrewHours {
  readonly unitId: string;
  readonly base: string | null;
}

export async function readCrews(
  db: Executor,
  busySince: Instant,
  movesSince: Instant,
  now: Instant,
): Promise<IdleCrew[]> {
  const { rows } = await db.query<{
    unit_id: string;
    base: string | null;
    busy_seconds: number;
    drive_seconds: number;
    moves: number;
  }>({
    ...sql.crews,
    values: [rfc3339(busySince), rfc3339(movesSince), rfc3339(now)],
  });
  return rows.map((row) => ({
    unitId: row.unit_id,
    base: row.base,
    busySeconds: row.busy_seconds,
    driveSeconds: row.drive_seconds,
    moves: row.moves,
  }));
}

/** Where a unit is to wait between two calls: its own station, or the one it was moved to. Null where it has none. */
export async function findWaitingPlace(
  db: Executor,
  unitId: string,
): Promise<{ placeId: string; moved: boolean } | null> {
  const { rows } = await db.query<{ place_id: string; moved: boolean }>({ ...sql.waitsAt, values: [unitId] });
  return rows[0] ? { placeId: rows[0].place_id, moved: rows[0].moved } : null;
}

export interface RedeploymentRow {
  redeployment_id: string;
  unit_id: string;
  from_station_id: string | null;
  station_id: string;
  status: 'suggested' | 'accepted' | 'refused' | 'withdrawn';
  cover_before: number;
  cover_after: number;
  drive_seconds: number;
  crew_busy_seconds: number;
  crew_moves: number;
  crew_drive_seconds: number;
  suggested_at: Date;
  decided_at: Date | null;
}

export interface NewRedeployment {
  readonly redeploymentId: string;
  readonly unitId: string;
  readonly from: string | null;
  readonly to: string;
  readonly before: number;
  readonly after: number;
  readonly driveSeconds: number;
  readonly crew: IdleCrew;
}

/** False where another suggestion is open. */
export async function insertSuggestion(tx: Executor, given: NewRedeployment, now: Instant): Promise<boolean> {
  const { redeploymentId, unitId, from, to, before, after, driveSeconds, crew } = given;
  const { rowCount } = await tx.query({
    ...sql.suggest,
    values: [
      redeploymentId,
      unitId,
      from,
      to,
      before,
      after,
      driveSeconds,
      crew.busySeconds,
      crew.moves,
      rfc3339(now),
      crew.driveSeconds,
    ],
  });
  return rowCount === 1;
}

/** Whether it was open until now. */
export async function decideSuggestion(
  tx: Executor,
  redeploymentId: string,
  to: 'accepted' | 'refused' | 'withdrawn',
  now: Instant,
  actor: { readonly role: string; readonly subject: string } | null,
): Promise<boolean> {
  const values = [redeploymentId, to, rfc3339(now), actor?.role ?? null, actor?.subject ?? null];
  return (await tx.query({ ...sql.decide, values })).rowCount === 1;
}

export async function openSuggestion(db: Executor): Promise<RedeploymentRow | null> {
  return (await db.query<RedeploymentRow>(sql.open)).rows[0] ?? null;
}

export async function findSuggestion(db: Executor, redeploymentId: string): Promise<RedeploymentRow | null> {
  return (await db.query<RedeploymentRow>({ ...sql.byId, values: [redeploymentId] })).rows[0] ?? null;
}

export async function latestSuggestions(db: Executor, atMost: number): Promise<RedeploymentRow[]> {
  return (await db.query<RedeploymentRow>({ ...sql.latest, values: [atMost] })).rows;
}

/** `unit station` of each. */
export async function refusedSince(db: Executor, since: Instant): Promise<ReadonlySet<string>> {
  const { rows } = await db.query<{ unit_id: string; station_id: string }>({
    ...sql.refused,
    values: [rfc3339(since)],
  });
  return new Set(rows.map((row) => `${row.unit_id} ${row.station_id}`));
}

export async function setOff(tx: Executor, unitId: string): Promise<boolean> {
  return (await tx.query({ ...sql.setOff, values: [unitId] })).rowCount === 1;
}
