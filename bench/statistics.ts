/**
 * A million past calls by every grouping and filter the board and the API offer, through the service; the floor is counting
 * them once. Calls brought in, and calls taken here with what a service keeps of them.
 */

import type pg from 'pg';
import { readConfig } from '../src/config.ts';
import { openPool } from '../src/database/pool.ts';
import { issueToken } from '../src/http/auth.ts';
import { packCallDays } from '../src/planning/pack-call-days.ts';
import { packPastDays } from '../src/planning/past-days-store.ts';
import { groupings } from '../src/planning/schema.ts';
import { systemClock } from '../src/system.ts';
import { type Ground, keys } from './ground.ts';
import { judged, median, type ResultRow, round } from './rows.ts';

export interface StatisticsSize {
  readonly calls: number;
  readonly rounds: number;
}

type Source = 'brought in' | 'taken here';

const sql = {
  /** Spread evenly over two years, as past calls look once they are in. $1 how many. */
  fill: `
    INSERT INTO past_calls (source_id, received_at, hour, priority, cancelled, response_seconds, patient_seconds,
      travel_seconds, answer_seconds, dispatch_seconds, turnout_seconds, reach_seconds, vehicle_type, unit_id, station_id,
      subdistrict_code, cell)
    SELECT 'c-' || i, at, date_part('hour', at AT TIME ZONE 'Asia/Shanghai'),
      1 + i % 4, i % 25 = 0, CASE WHEN i % 50 <> 7 THEN 120 + (i * 7919) % 900 END,
      CASE WHEN i % 20 <> 3 THEN 180 + (i * 104729) % 1200 END, CASE WHEN i % 50 <> 7 THEN 60 + (i * 1299709) % 600 END,
      3 + i % 9, 40 + i % 90, 30 + i % 60, CASE WHEN i % 20 <> 3 THEN 30 + i % 200 END,
      (array['basic', 'intensive', 'isolation', 'special'])[1 + i % 4], 'u-' || i % 24, 's-' || i % 15,
      '1101020' || 10 + i % 15, 617733122422996991 + 262144 * (i % 400)::bigint
    FROM generate_series(1, $1::bigint) i,
      LATERAL (SELECT timestamptz '2024-01-01T00:00+08' + i * interval '63 s' AS at) t`,
  units: `
    INSERT INTO units (unit_id, vehicle_type, capabilities, status, station_id)
    SELECT 'u-' || i, (array['basic', 'intensive', 'isolation', 'special'])[1 + i % 4], '{transport}', 'off-duty', 's-' || i % 15
    FROM generate_series(0, 23) i`,
  /**
   * Over two years, one in 25 cancelled, one in 50 without a time on scene, 50 nobody ever ended, one in 20 with a second
   * unit; as wide as a sealed intake usually is. $1 how many.
   */
  calls: `
    INSERT INTO calls (call_id, status, channel, complaint, priority, vehicle_type, received_at, response_due_at, accepted_at,
      subdistrict_code, first_unit_id, en_route_at, on_scene_at, at_patient_at, ended_at, lon, lat, flags, sealed)
    SELECT 'c-' || i, CASE WHEN i % 20000 = 5 THEN 'on-scene' WHEN i % 25 = 0 THEN 'cancelled' ELSE 'closed' END,
      'phone', 'fall', 1 + i % 4, (array['basic', 'intensive', 'isolation', 'special'])[1 + i % 4], at,
      at + interval '8 min', at + (3 + i % 9) * interval '1 s', '1101020' || 10 + i % 15, 'u-' || i % 24,
      CASE WHEN i % 50 <> 7 THEN at + (75 + i % 150) * interval '1 s' END,
      CASE WHEN i % 50 <> 7 THEN at + (135 + (i * 7919) % 750 + i % 150) * interval '1.001 s' END,
      CASE WHEN i % 20 <> 3 THEN at + (180 + (i * 104729) % 1200) * interval '1 s' END,
      CASE WHEN i % 20000 <> 5 THEN at + interval '70 min' END, 116.33 + i % 20 * 0.004, 39.88 + i % 23 * 0.003, '{}',
      decode(repeat(md5(i::text), 20), 'hex')
    FROM generate_series(1, $1::bigint) i,
      LATERAL (SELECT timestamptz '2024-01-01T00:00+08' + i * interval '63.007 s' AS at) t`,
  assignments: `
    INSERT INTO assignments (call_id, unit_id, assigned_at, role, subject, shortfalls, ended_at, ending)
    SELECT call_id, 'u-' || (number + each) % 24, accepted_at + (30 + number % 40) * interval '1 s', 'dispatcher', 'd', '{}',
           received_at + interval '70 min', 'completed'
    FROM calls, generate_series(0, CASE WHEN number % 20 = 0 THEN 1 ELSE 0 END) each`,
  cells: `INSERT INTO call_cells (call_id, cell) SELECT call_id, 617733122422996991 + 262144 * (number % 400) FROM calls`,
  drives: `
    INSERT INTO road_runs (assignment_id, call_id, unit_id, en_route_at, predicted_seconds, actual_seconds, left_out)
    SELECT a.assignment_id, a.call_id, a.unit_id, c.en_route_at, CASE WHEN number % 30 > 0 THEN 60 + (number * 31) % 600 END,
           60 + (number * 31) % 600 + (number * 7919) % 900 / 10.0 - 40, CASE WHEN number % 40 = 0 THEN 'implausible' END
    FROM assignments a JOIN calls c USING (call_id) WHERE c.on_scene_at >= c.en_route_at`,
  searches: `
    INSERT INTO locate_requests (locate_request_id, call_id, reason, status, raised_at, role, subject, flags, ladder, step,
      community_centre_id, accepted_at, answered_at, closed_at, closed_because)
    SELECT 'l-' || number, call_id, 'no-answer-at-door', 'closed', on_scene_at, 'crew', 'u', '{}', '[]', 0,
           'c-' || number % 15, on_scene_at + number % 60 * interval '1 s', on_scene_at + (60 + number % 300) * interval '1 s',
           on_scene_at + interval '1 h', 'found'
    FROM calls WHERE number % 100 = 1 AND on_scene_at IS NOT NULL`,
  'brought in': `SELECT count(*), sum(response_seconds) FROM past_calls WHERE received_at >= '2020-01-01'`,
  'taken here': `SELECT count(*), sum(on_scene_at - received_at) FROM calls WHERE received_at >= '2020-01-01'`,
} as const;

export async function benchStatistics(ground: Ground, size: StatisticsSize): Promise<ResultRow[]> {
  return [...(await benchSource(ground, 'brought in', size)), ...(await benchSource(ground, 'taken here', size))];
}

/** A quarter as many brought in stand beside those taken here, as after a change of systems. */
async function fill(db: pg.Pool, source: Source, calls: number): Promise<void> {
  await db.query({ text: sql.fill, values: [source === 'brought in' ? calls : calls / 4] });
  if (source === 'brought in') return;
  const tx = await db.connect();
  // What is filed here is consistent: to have it checked row by row takes minutes.
  await tx.query('SET session_replication_role = replica; SET statement_timeout = 0');
  await tx.query(sql.units);
  await tx.query({ text: sql.calls, values: [calls] });
  for (const name of ['assignments', 'cells', 'drives', 'searches'] as const) await tx.query(sql[name]);
  tx.release(true);
}

async function benchSource(ground: Ground, source: Source, { calls, rounds }: StatisticsSize): Promise<ResultRow[]> {
  const name = `statistics_${source.replace(' ', '_')}`;
  const databaseUrl = await ground.database(name);
  const db = openPool(databaseUrl);
  await fill(db, source, calls);
  await db.query('VACUUM ANALYZE');
  const served = await ground.serveBuild(
    {
      DATABASE_URL: databaseUrl,
      AUTH_KEY: keys.auth,
      IDENTITY_KEY: keys.identityKey.toString('base64'),
      REDIS_URL: (await ground.redis()).url,
    },
    name,
  );
  try {
    const packing = performance.now();
    await packPastDays(db);
    const now = systemClock.now();
    await packCallDays(db, { from: Date.parse('2023-01-01T00:00:00Z'), to: now, now });
    const packedSeconds = (performance.now() - packing) / 1000;
    await served.settled();
    const { auth } = readConfig({ AUTH_KEY: keys.auth, IDENTITY_KEY: keys.identityKey.toString('base64') });
    if (!auth.local) throw new Error('the benchmark has a local key');
    const token = await issueToken(auth.local, { role: 'planner', subject: 'p', ttlSeconds: 3600 }, systemClock);
    const time = async (work: () => Promise<unknown>) => {
      const all: number[] = [];
      for (let each = 0; each <= rounds; each++) {
        const started = performance.now();
        await work();
        if (each > 0) all.push((performance.now() - started) / 1000); // the first brings pages into memory
      }
      return { usual: median(all), worst: Math.max(...all) };
    };
    const ask = async (path: string) => {
      const answer = await fetch(`${served.url}${path}`, { headers: { authorization: `Bearer ${token}` } });
      if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
      await answer.arrayBuffer();
    };
    const floor = (await time(() => db.query(sql[source]))).usual;
    const conditions = `${calls} past calls ${source}${source === 'taken here' ? ` and ${calls / 4} brought in` : ''}, over HTTP, median of ${rounds}; floor: one count and sum of the same table in PostgreSQL, in the same run`;
    const rows: ResultRow[] = [];
    let slowest = { figure: '', seconds: 0 };
    for (const [figure, paths] of questions()) {
      const { usual, worst } = await time(() => Promise.all(paths.map(ask)));
      if (worst > slowest.seconds) slowest = { figure, seconds: worst };
      const row = {
        benchmark: 'statistics',
        figure: `${source}: ${figure}`,
        value: round(usual),
        unit: 's',
        floor: round(floor),
      };
      rows.push(judged({ ...row, conditions }, { atMost: 1 }));
    }
    const worst = {
      benchmark: 'statistics',
      figure: `${source}: the slowest single answer: ${slowest.figure}`,
      unit: 's',
    };
    rows.push(judged({ ...worst, value: round(slowest.seconds), floor: round(floor), conditions }, { atMost: 1 }));
    const packed = { benchmark: 'statistics', figure: `${source}: packing all days, once`, unit: 's' };
    rows.push({ ...packed, value: round(packedSeconds), conditions: `${calls} past calls` });
    return rows;
  } finally {
    await db.end();
    await served.stop();
  }
}

/** Whatever the board and the API can be asked of past calls, over all of them, and how the board asks. */
function questions(): [figure: string, paths: string[]][] {
  const all = 'from=2023-01-01T00:00:00Z&to=2027-01-01T00:00:00Z';
  const year = 'from=2024-11-17T03:21:07Z&to=2025-11-17T03:21:07Z'; // from the middle of a day
  const keys = { subdistrict: '110102017', hour: '8', station: 's-3', vehicleType: 'basic', priority: '1' } as const;
  const times = (groupBy: string, span = all) => `/v1/response-times?${span}&groupBy=${groupBy}&histogram=true`;
  const legs = (groupBy: string, span = all) => `/v1/response-times/legs?${span}&groupBy=${groupBy}`;
  const late = (groupBy: string, key: string, span = all) =>
    `/v1/response-times/late-calls?${span}&groupBy=${groupBy}&key=${key}&limit=12`;
  return [
    ...groupings.map((by): [string, string[]] => [`clocks by ${by}`, [times(by)]]),
    ...groupings.map((by): [string, string[]] => [`legs of late calls by ${by}`, [legs(by)]]),
    ...Object.entries(keys).map(([by, key]): [string, string[]] => [`late calls of one ${by}`, [late(by, key)]]),
    ['late calls of a key nobody has', [late('station', 's-none')]],
    ...[6, 8, 9].map((resolution): [string, string[]] => [
      `hexagons of resolution ${resolution}`,
      [`/v1/response-times/hexagons?${all}&resolution=${resolution}`],
    ]),
    ['as a table (CSV), by station', [`/v1/response-times.csv?${all}&groupBy=station`]],
    [
      'a year on the board: clocks, legs, late calls and trend at once',
      [
        times('subdistrict', year),
        legs('subdistrict', year),
        late('subdistrict', keys.subdistrict, year),
        times('week', year),
      ],
    ],
  ];
}
