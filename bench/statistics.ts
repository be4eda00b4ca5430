/** A million past calls by every grouping and filter the board and the API offer, through the service; the floor is counting them once. */

import { readConfig } from '../src/config.ts';
import { openPool } from '../src/database/pool.ts';
import { issueToken } from '../src/http/auth.ts';
import { packPastDays } from '../src/planning/past-days-store.ts';
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
    SELECT 'c-' || i, at, date_part('hour', at AT TIME ZONE 'Asia/Shanghai'),
      1 + i % 4, i % 25 = 0, CASE WHEN i % 50 <> 7 THEN 120 + (i * 7919) % 900 END,
      CASE WHEN i % 20 <> 3 THEN 180 + (i * 104729) % 1200 END, CASE WHEN i % 50 <> 7 THEN 60 + (i * 1299709) % 600 END,
      3 + i % 9, 40 + i % 90, 30 + i % 60, CASE WHEN i % 20 <> 3 THEN 30 + i % 200 END,
      (array['basic', 'intensive', 'isolation', 'special'])[1 + i % 4], 'u-' || i % 24, 's-' || i % 15,
      '1101020' || 10 + i % 15, 617733122422996991 + 262144 * (i % 400)::bigint
    FROM generate_series(1, $1::bigint) i,
      LATERAL (SELECT timestamptz '2024-01-01T00:00+08' + i * interval '63 s' AS at) t`,
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
    const packing = performance.now();
    await packPastDays(db);
    const packedSeconds = (performance.now() - packing) / 1000;
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
    const floor = (await time(() => db.query(sql.floor))).usual;
    const conditions = `${calls} past calls, over HTTP, median of ${rounds}; floor: one count and sum of the same table in PostgreSQL, in the same run`;
    const rows: ResultRow[] = [];
    let slowest = { figure: '', seconds: 0 };
    for (const [figure, paths] of questions()) {
      const { usual, worst } = await time(() => Promise.all(paths.map(ask)));
      if (worst > slowest.seconds) slowest = { figure, seconds: worst };
      const row = { benchmark: 'statistics', figure, value: round(usual), unit: 's', floor: round(floor) };
      rows.push(judged({ ...row, conditions }, { atMost: 1 }));
    }
    const worst = { benchmark: 'statistics', figure: `the slowest single answer: ${slowest.figure}`, unit: 's' };
    rows.push(judged({ ...worst, value: round(slowest.seconds), floor: round(floor), conditions }, { atMost: 1 }));
    const packed = { benchmark: 'statistics', figure: 'packing all days, once after the import', unit: 's' };
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
