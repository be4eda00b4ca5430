/** What a simulation draws from, in PostgreSQL: past calls, how long their runs took, and residents. */
import type { Executor } from '../../database/pool.ts';
import { type Instant, rfc3339 } from '../../domain/time.ts';
import type { ComplaintCode, Priority, VehicleType } from '../../domain/vocabulary.ts';

export const sql = {
  /** Past calls with their last decision, spread over all of them in the same way each time. $1 from, $2 to, $3 at most. */
  pastCalls: {
    name: 'simulations.past-calls',
    text: `
      SELECT c.call_id, c.revision, c.complaint, c.priority, c.lon, c.lat,
             date_part('hour', c.received_at AT TIME ZONE 'Asia/Shanghai')::int AS hour, d.sealed
      FROM calls c JOIN decisions d USING (call_id, revision)
      WHERE c.received_at >= $1 AND c.received_at < $2 AND c.lon IS NOT NULL AND c.status <> 'cancelled'
      ORDER BY md5(c.call_id) LIMIT $3`,
  },
  /** Calls of other systems, without anybody's history. $1 from, $2 to, $3 at most. */
  importedCalls: {
    name: 'simulations.imported-calls',
    text: `
      SELECT complaint, priority, lon, lat, hour, vehicle_type, age_years FROM past_calls
      WHERE received_at >= $1 AND received_at < $2 AND lon IS NOT NULL AND NOT cancelled
      ORDER BY md5(source_id) LIMIT $3`,
  },
  /** Calls by hour of the day in China, and the days they span, of here and of other systems. $1 from, $2 to. */
  callsByHour: {
    name: 'simulations.calls-by-hour',
    text: `
      SELECT false AS imported, date_part('hour', received_at AT TIME ZONE 'Asia/Shanghai')::int AS hour, count(*) AS calls,
             min(received_at) AS first, max(received_at) AS last
      FROM calls WHERE received_at >= $1 AND received_at < $2 AND status <> 'cancelled' GROUP BY 2
      UNION ALL
      SELECT true, hour::int, count(*), min(received_at), max(received_at)
      FROM past_calls WHERE received_at >= $1 AND received_at < $2 AND NOT cancelled GROUP BY 2`,
  },
  /** Seconds of each leg of past runs, at 21 equal steps of probability. $1 from, $2 to. */
  legs: {
    name: 'simulations.legs',
    text: `
      WITH runs AS (
        SELECT c.received_at, min(t.at) FILTER (WHERE t.point = 'unit-notified') AS notified,
               min(t.at) FILTER (WHERE t.point = 'en-route') AS en_route,
               min(t.at) FILTER (WHERE t.point = 'on-scene') AS on_scene,
               min(t.at) FILTER (WHERE t.point = 'at-patient') AS at_patient,
               min(t.at) FILTER (WHERE t.point = 'left-scene') AS left_scene,
               min(t.at) FILTER (WHERE t.point = 'at-destination') AS at_destination,
               min(t.at) FILTER (WHERE t.point = 'handed-over') AS handed_over,
               min(t.at) FILTER (WHERE t.point = 'in-service') AS in_service
        FROM calls c JOIN time_points t ON t.call_id = c.call_id AND t.counts AND t.unit_id = c.first_unit_id
        WHERE c.received_at >= $1 AND c.received_at < $2 AND c.status = 'closed'
        GROUP BY c.call_id
      ), legs AS (
        SELECT leg, date_part('epoch', ended - begun) AS seconds
        FROM runs, LATERAL (VALUES ('dispatch', received_at, notified), ('turnout', notified, en_route),
                                   ('walk', on_scene, at_patient), ('treat', at_patient, coalesce(left_scene, in_service)),
                                   ('handOver', at_destination, handed_over), ('tidy', handed_over, in_service))
                            AS l (leg, begun, ended)
        WHERE ended >= begun
        UNION ALL
        SELECT leg, seconds
        FROM past_calls, LATERAL (VALUES ('dispatch', answer_seconds + dispatch_seconds), ('turnout', turnout_seconds),
                                         ('walk', reach_seconds)) AS l (leg, seconds)
        WHERE received_at >= $1 AND received_at < $2 AND seconds IS NOT NULL
      )
      SELECT leg, count(*) AS runs,
             percentile_cont(ARRAY(SELECT p / 20.0 FROM generate_series(0, 20) p)) WITHIN GROUP (ORDER BY seconds) AS seconds
      FROM legs GROUP BY leg`,
  },
  /** Of past runs with a patient, the share taken to a hospital. $1 from, $2 to. */
  transports: {
    name: 'simulations.transports',
    text: `
      SELECT avg(CASE WHEN EXISTS (SELECT FROM time_points t WHERE t.call_id = c.call_id AND t.counts AND t.point = 'left-scene')
                 THEN 1 ELSE 0 END)::float8 AS share, count(*) AS runs
      FROM calls c WHERE c.received_at >= $1 AND c.received_at < $2 AND c.status = 'closed' AND c.at_patient_at IS NOT NULL`,
  },
  /** Residents with a known home, the same ones each time. $1 at most. */
  residents: {
    name: 'simulations.residents',
    text: 'SELECT resident_id, sealed FROM residents WHERE home IS NOT NULL ORDER BY md5(resident_id) LIMIT $1',
  },
  residentCount: {
    name: 'simulations.resident-count',
    text: 'SELECT count(*) AS residents FROM residents',
  },
} as const;

export interface PastCall {
  call_id: string;
  revision: number;
  complaint: string;
  priority: Priority;
  lon: number;
  lat: number;
  hour: number;
  sealed: Buffer;
}

export async function samplePastCalls(db: Executor, from: Instant, to: Instant, atMost: number): Promise<PastCall[]> {
  const { rows } = await db.query<PastCall>({ ...sql.pastCalls, values: [rfc3339(from), rfc3339(to), atMost] });
  return rows;
}

export interface ImportedCall {
  complaint: ComplaintCode | null;
  priority: Priority | null;
  lon: number;
  lat: number;
  hour: number;
  vehicle_type: VehicleType | null;
  age_years: number | null;
}

export async function sampleImportedCalls(
  db: Executor,
  from: Instant,
  to: Instant,
  atMost: number,
): Promise<ImportedCall[]> {
  const { rows } = await db.query<ImportedCall>({ ...sql.importedCalls, values: [rfc3339(from), rfc3339(to), atMost] });
  return rows;
}

export interface CallsByHour {
  readonly perDay: number;
  /** Mean 1. */
  readonly shape: readonly number[];
  readonly calls: number;
}

/** Of this service and of those imported, each by itself. */
export async function countByHour(
  db: Executor,
  from: Instant,
  to: Instant,
): Promise<{ readonly own: CallsByHour; readonly imported: CallsByHour }> {
  const { rows } = await db.query<HourRow>({ ...sql.callsByHour, values: [rfc3339(from), rfc3339(to)] });
  return {
    own: byHourOf(rows.filter(({ imported }) => !imported)),
    imported: byHourOf(rows.filter(({ imported }) => imported)),
  };
}

interface HourRow {
  imported: boolean;
  hour: number;
  calls: number;
  first: Date;
  last: Date;
}

function byHourOf(rows: readonly HourRow[]): CallsByHour {
  const calls = rows.reduce((sum, row) => sum + row.calls, 0);
  const first = Math.min(...rows.map((row) => row.first.getTime()));
  const last = Math.max(...rows.map((row) => row.last.getTime()));
  const days = rows.length === 0 ? 0 : Math.max(1, (last - first) / 86_400_000);
  const byHour = new Map(rows.map((row) => [row.hour, row.calls]));
  const shape = Array.from({ length: 24 }, (_, hour) => ((byHour.get(hour) ?? 0) / (calls || 1)) * 24);
  return { perDay: days > 0 ? calls / days : 0, shape, calls };
}

/** Leg → its measured quantiles; legs of too few runs are left out. */
export async function measureLegs(
  db: Executor,
  from: Instant,
  to: Instant,
  atLeast: number,
): Promise<{ legs: ReadonlyMap<string, readonly number[]>; transportShare: number | null }> {
  const span = [rfc3339(from), rfc3339(to)];
  const { rows } = await db.query<{ leg: string; runs: number; seconds: number[] }>({ ...sql.legs, values: span });
  const transports = await db.query<{ share: number | null; runs: number }>({ ...sql.transports, values: span });
  const measured = transports.rows[0];
  return {
    legs: new Map(rows.filter(({ runs }) => runs >= atLeast).map(({ leg, seconds }) => [leg, seconds])),
    transportShare: measured && measured.runs >= atLeast ? measured.share : null,
  };
}

export async function sampleResidents(
  db: Executor,
  atMost: number,
): Promise<{ readonly residents: readonly { resident_id: string; sealed: Buffer }[]; readonly filed: number }> {
  const { rows } = await db.query<{ resident_id: string; sealed: Buffer }>({ ...sql.residents, values: [atMost] });
  const count = await db.query<{ residents: number }>(sql.residentCount);
  return { residents: rows, filed: count.rows[0]?.residents ?? 0 };
}
