/** Response times of a million past calls by every grouping, through the service; the floor is counting them once. */

import { readConfig } from '../src/config.ts';
import { openPool } from '../src/database/pool.ts';
import { issueToken } from '../src/http/auth.ts';
import { groupings } from '../src/planning/schema.ts';
import { systemClock } from '../src/system.ts';
import { type Ground, keys } from './ground.ts';
import { judged, median, type ResultRow, round } from './rows.ts';

export interface StatisticsSize {
  readonly calls: number;
  readonly rounds: number;
}

const sql = {
  /** Spread evenly over two years, as past calls look once they are in. $1 how many. */
  fill: `
    INSERT INTO past_calls (source_id, received_at, hour, priority, cancelled, response_seconds, patient_seconds,
      travel_seconds, answer_seconds, dispatch_seconds, turnout_seconds, reach_seconds, vehicle_type, unit_id, station_id,
      subdistrict_code, cell)
    SELECT 'c-' || i, timestamptz '2024-01-01T00:00+08' + i * interval '63 s',
      date_part('hour', timestamptz '2024-01-01T00:00+08' + i * interval '63 s' AT TIME ZONE 'Asia/Shanghai'),
      1 + i % 4, i % 25 = 0, 120 + (i * 7919) % 900, 180 + (i * 104729) % 1200, 60 + (i * 1299709) % 600,
      3 + i % 9, 40 + i % 90, 30 + i % 60, 30 + i % 200,
      (array['basic', 'intensive', 'isolation', 'special'])[1 + i % 4], 'u-' || i % 24, 's-' || i % 15,
      '1101020' || 10 + i % 15, 617733122422996991 + 262144 * (i % 400)::bigint
    FROM generate_series(1, $1::bigint) i`,
  floor: `SELECT count(*), sum(response_seconds) FROM past_calls WHERE received_at >= '2020-01-01'`,
} as const;

export async function benchStatistics(ground: Ground, { calls, rounds }: StatisticsSize): Promise<ResultRow[]> {
  const databaseUrl = await ground.database('statistics');
  const db = openPool(databaseUrl);
  const served = await ground.serveBuild(
    {
      DATABASE_URL: databaseUrl,
      AUTH_KEY: keys.auth,
      IDENTITY_KEY: keys.identityKey.toString('base64'),
      REDIS_URL: (await ground.redis()).url,
    },
    'statistics',
  );
  try {
    await db.query({ text: sql.fill, values: [calls] });
    await db.query('VACUUM ANALYZE past_calls');
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
      return median(all);
    };
    const floor = await time(() => db.query(sql.floor));
    const span = 'from=2023-01-01T00:00:00Z&to=2027-01-01T00:00:00Z';
    const paths = [
      ...groupings.map((groupBy) => [groupBy, `/v1/response-times?${span}&groupBy=${groupBy}`] as const),
      ['legs by station', `/v1/response-times/legs?${span}&groupBy=station`] as const,
      ['hexagons', `/v1/response-times/hexagons?${span}&resolution=9`] as const,
    ];
    const rows: ResultRow[] = [];
    for (const [figure, path] of paths) {
      const seconds = await time(async () => {
        const answer = await fetch(`${served.url}${path}`, { headers: { authorization: `Bearer ${token}` } });
        if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
        await answer.arrayBuffer();
      });
      const row = { benchmark: 'statistics', figure, value: round(seconds), unit: 's', floor: round(floor) };
      const conditions = `${calls} past calls, over HTTP, median of ${rounds}; floor: one count and sum in PostgreSQL; machine shared`;
      rows.push(judged({ ...row, conditions }, { atMost: 1 }));
    }
    return rows;
  } finally {
    await db.end();
    await served.stop();
  }
}
