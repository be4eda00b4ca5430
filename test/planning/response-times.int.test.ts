/** `GET /v1/response-times` on both ways to run: figures against a plain computation over the same calls. */
import fc from 'fast-check';
import type pg from 'pg';
import t from 'tap';
import { backends } from '../support/backends.ts';
import { NOW, serviceOn } from '../support/service.ts';

interface Call {
  readonly receivedAt: number;
  readonly status: 'closed' | 'cancelled' | 'on-scene';
  readonly enRouteAt: number | null;
  readonly onSceneAt: number | null;
  readonly atPatientAt: number | null;
  readonly priority: number;
  readonly vehicleType: string;
  readonly subdistrict: string | null;
  readonly unitId: string | null;
}

const HOUR_MS = 3_600_000;
const day = Date.parse('2026-02-20T00:00:00+08:00');
const iso = (at: number) => new Date(at).toISOString();
const stations: Record<string, string | null> = { 'u-1': 's-1', 'u-2': 's-2', 'u-3': null };

const call = (over: Partial<Call> = {}): Call => ({
  receivedAt: day,
  status: 'closed',
  enRouteAt: null,
  onSceneAt: null,
  atPatientAt: null,
  priority: 1,
  vehicleType: 'basic',
  subdistrict: '110102007',
  unitId: 'u-1',
  ...over,
});

async function file(db: pg.Pool, calls: readonly Call[], prefix: string): Promise<void> {
  const column = (of: (call: Call) => unknown) => calls.map(of);
  const time = (of: (call: Call) => number | null) =>
    calls.map((one) => (of(one) === null ? null : iso(of(one) as number)));
  await db.query({
    text: `
      INSERT INTO calls (call_id, status, channel, complaint, priority, vehicle_type, received_at, response_due_at, accepted_at,
                         subdistrict_code, first_unit_id, en_route_at, on_scene_at, at_patient_at, flags, sealed)
      SELECT $1 || row_number() OVER (), status, 'phone', 'fall', priority, vehicle_type, received_at,
             received_at + interval '8 minutes', received_at, subdistrict, unit_id, en_route, on_scene, at_patient, '{}', ''
      FROM unnest($2::text[], $3::int[], $4::text[], $5::timestamptz[], $6::text[], $7::text[], $8::timestamptz[],
                  $9::timestamptz[], $10::timestamptz[])
        AS c (status, priority, vehicle_type, received_at, subdistrict, unit_id, en_route, on_scene, at_patient)`,
    values: [
      prefix,
      column((one) => one.status),
      column((one) => one.priority),
      column((one) => one.vehicleType),
      time((one) => one.receivedAt),
      column((one) => one.subdistrict),
      column((one) => one.unitId),
      time((one) => one.enRouteAt),
      time((one) => one.onSceneAt),
      time((one) => one.atPatientAt),
    ],
  });
}

/** The same figures, by sorting. */
function expected(calls: readonly Call[], duration: (call: Call) => number) {
  const standing = calls.filter(({ status }) => status !== 'cancelled');
  const measured = standing.filter((one) => duration(one) >= 0);
  const seconds = measured.map((one) => Math.ceil(duration(one) / 1000)).sort((a, b) => a - b);
  const percentile = (p: number) => {
    const place = (seconds.length - 1) * p;
    const [below, above] = [seconds[Math.floor(place)] as number, seconds[Math.ceil(place)] as number];
    return Math.round(below + (above - below) * (place % 1));
  };
  const none = seconds.length === 0;
  return {
    count: measured.length,
    missing: standing.length - measured.length,
    live: standing.filter((one) => one.status !== 'closed' && !(duration(one) >= 0)).length,
    cancelled: calls.length - standing.length,
    meanSeconds: none ? null : Math.round(seconds.reduce((a, b) => a + b) / seconds.length),
    medianSeconds: none ? null : percentile(0.5),
    p90Seconds: none ? null : percentile(0.9),
    within8Share: none ? null : measured.filter((one) => duration(one) <= 480_000).length / measured.length,
  };
}

const between = (from: number | null, to: number | null) => (from === null || to === null ? Number.NaN : to - from);
const expectedClocks = (calls: readonly Call[]) => ({
  response: expected(calls, (one) => between(one.receivedAt, one.onSceneAt)),
  patient: expected(calls, (one) => between(one.receivedAt, one.atPatientAt)),
  travel: expected(calls, (one) => between(one.enRouteAt, one.onSceneAt)),
});

const keyOf: Record<string, (call: Call) => string | null> = {
  subdistrict: (one) => one.subdistrict,
  hour: (one) => String(new Date(one.receivedAt + 8 * HOUR_MS).getUTCHours()),
  station: (one) => (one.unitId === null ? null : (stations[one.unitId] ?? null)),
  vehicleType: (one) => one.vehicleType,
  priority: (one) => String(one.priority),
};

const maybe = (from: number, to: number) => fc.option(fc.integer({ min: from, max: to }), { freq: 8 });
const someCall = fc
  .record({
    minute: fc.integer({ min: 0, max: 3 * 24 * 60 - 1 }),
    enRoute: maybe(-10_000, 180_000),
    onScene: maybe(-60_000, 1_200_000),
    atPatient: maybe(0, 1_800_000),
    status: fc.constantFrom<Call['status'][]>('closed', 'closed', 'closed', 'cancelled', 'on-scene'),
    priority: fc.integer({ min: 1, max: 4 }),
    vehicleType: fc.constantFrom('basic', 'intensive', 'isolation', 'special'),
    subdistrict: fc.constantFrom('110102001', '110102007', '110102010', null),
    unitId: fc.constantFrom('u-1', 'u-2', 'u-3', null),
  })
  .map(({ minute, enRoute, onScene, atPatient, ...rest }): Call => {
    const receivedAt = day + minute * 60_000;
    const after = (ms: number | null) => (ms === null ? null : receivedAt + ms);
    return { receivedAt, ...rest, enRouteAt: after(enRoute), onSceneAt: after(onScene), atPatientAt: after(atPatient) };
  });

for (const backend of backends) {
  t.test(backend.name, async (t) => {
    const { databaseUrl } = await backend.fresh(t);
    const { ask, db } = await serviceOn(t, databaseUrl, backend.name === 'embedded' ? 4 : 10);
    const times = (query: Record<string, string>, role: 'planner' | 'dispatcher' = 'planner') =>
      ask(role, 'GET', `/v1/response-times?${new URLSearchParams(query)}`);

    await t.test('nothing yet: no groups, and figures that say so', async (t) => {
      const { status, body } = await times({});
      t.equal(status, 200);
      t.match(body, {
        from: iso(NOW - 24 * HOUR_MS),
        to: iso(NOW),
        groupBy: 'subdistrict',
        targetSeconds: 480,
        groups: [],
      });
      t.match(body.total.response, { count: 0, missing: 0, cancelled: 0, meanSeconds: null, within8Share: null });
    });

    await t.test('a few calls by hand, each on its own clock', async (t) => {
      const at = NOW - 3 * HOUR_MS;
      const s = (seconds: number) => at + seconds * 1000;
      await file(
        db,
        [
          call({ receivedAt: at, enRouteAt: s(60), onSceneAt: s(300), atPatientAt: s(420) }),
          call({ receivedAt: at, enRouteAt: s(90), onSceneAt: s(480), atPatientAt: s(600) }),
          call({ receivedAt: at, enRouteAt: s(500), onSceneAt: s(480.4), atPatientAt: s(-5) }),
          call({ receivedAt: at, status: 'on-scene', enRouteAt: s(30), onSceneAt: s(900) }),
          call({ receivedAt: at, enRouteAt: s(30) }),
          call({ receivedAt: at, status: 'cancelled', enRouteAt: s(30), onSceneAt: s(100) }),
          call({ receivedAt: NOW, onSceneAt: NOW + 1000 }),
        ],
        'hand-',
      );
      const { body } = await times({}, 'dispatcher');
      t.equal(body.groups.length, 1);
      t.equal(body.groups[0].key, '110102007');
      t.same(body.total, body.groups[0].clocks);
      const counts = (clock: string) => {
        const { count, missing, live, cancelled } = body.total[clock];
        return [count, missing, live, cancelled];
      };
      t.same(counts('response'), [4, 1, 0, 1], 'a call received at `to` is not in it; one cancelled is counted apart');
      t.same(counts('patient'), [2, 3, 1, 1], 'at the patient before the call contradicts it');
      t.same(counts('travel'), [3, 2, 0, 1], 'on scene before en route contradicts it');
      t.match(body.total.response, { meanSeconds: 540, medianSeconds: 481, p90Seconds: 774, within8Share: 0.5 });
      t.match(body.total.patient, { meanSeconds: 510, medianSeconds: 510, p90Seconds: 582, within8Share: 0.5 });
      t.match(body.total.travel, { meanSeconds: 500, medianSeconds: 390, p90Seconds: 774 });
    });

    for (const [unitId, stationId] of Object.entries(stations)) {
      const unit = { unitId, vehicleType: 'basic', capabilities: ['transport'], status: 'available' };
      await ask('admin', 'PUT', `/v1/units/${unitId}`, { ...unit, ...(stationId ? { stationId } : {}) });
    }
    const calls = fc.sample(someCall, { seed: 7, numRuns: 2_000 });
    await file(db, calls, 'random-');
    const span = { from: iso(day), to: iso(day + 72 * HOUR_MS) };
    for (const [groupBy, key] of Object.entries(keyOf)) {
      await t.test(`2,000 random calls by ${groupBy}`, async (t) => {
        const { body } = await times({ ...span, groupBy });
        const keys = new Set(calls.map(key));
        t.equal(body.groups.length, keys.size);
        for (const group of body.groups) {
          t.same(group.clocks, expectedClocks(calls.filter((one) => key(one) === group.key)), `${group.key}`);
        }
        t.same(body.total, expectedClocks(calls), 'total');
      });
    }

    await t.test('calls that changed after their day was packed are counted as they are now', async (t) => {
      const packed = await db.query(`SELECT count(*)::int AS days FROM call_days WHERE day < '2026-02-23'`);
      t.ok(packed.rows[0].days >= 3, 'the days were packed');
      const change = (text: string) => db.query(`UPDATE calls SET ${text} AND call_id LIKE 'random-%'`);
      const agree = async (now: readonly Call[], why: string) => {
        const { body } = await times({ ...span, groupBy: 'station' });
        for (const group of body.groups)
          t.same(group.clocks, expectedClocks(now.filter((one) => keyOf.station?.(one) === group.key)), why);
        t.same(body.total, expectedClocks(now), `${why}, in all`);
      };
      const [answers] = await Promise.all([
        Promise.all([1, 2, 3].map(() => times({ ...span, groupBy: 'priority' }))),
        change(`status = 'closed' WHERE status = 'on-scene'`),
        change(`first_unit_id = 'u-2' WHERE first_unit_id = 'u-1' AND status = 'closed'`),
      ]);
      for (const { body } of answers)
        t.equal(body.total.response.count + body.total.response.missing + body.total.response.cancelled, calls.length);
      const ended = calls.map((one) => ({ ...one, status: one.status === 'on-scene' ? 'closed' : one.status }) as Call);
      await change(`first_unit_id = 'u-2' WHERE first_unit_id = 'u-1'`);
      const moved = ended.map((one) => ({ ...one, unitId: one.unitId === 'u-1' ? 'u-2' : one.unitId }));
      await agree(moved, 'ended, and another unit was first');
      await change(`on_scene_at = received_at + interval '7 s' WHERE vehicle_type = 'basic'`);
      const corrected = moved.map((one) =>
        one.vehicleType === 'basic' ? { ...one, onSceneAt: one.receivedAt + 7_000 } : one,
      );
      await agree(corrected, 'a time was corrected');
      await ask('admin', 'PUT', '/v1/units/u-3', {
        unitId: 'u-3',
        vehicleType: 'basic',
        capabilities: ['transport'],
        status: 'available',
        stationId: 's-2',
      });
      const { body } = await times({ ...span, groupBy: 'station' });
      t.same(
        body.groups.map(({ key }: { key: string | null }) => key),
        ['s-2', null],
        'a unit belongs elsewhere now',
      );
      t.same(body.total, expectedClocks(corrected));
    });

    await t.test(
      'legs, late calls, hexagons and foreseen drives: packed, and call by call while somebody changes the days',
      async (t) => {
        await db.query(`UPDATE calls SET accepted_at = received_at + interval '4.2 s', lon = 116.3 + number % 7 * 0.02, lat = 39.9
                      WHERE call_id LIKE 'random-%'`);
        await db.query(`
        INSERT INTO assignments (call_id, unit_id, assigned_at, role, subject, shortfalls, ended_at, ending)
        SELECT call_id, first_unit_id, received_at + interval '40 s', 'dispatcher', 'd', '{}', received_at + interval '1 h', 'completed'
        FROM calls WHERE call_id LIKE 'random-%' AND first_unit_id IS NOT NULL`);
        await db.query(`
        INSERT INTO road_runs (assignment_id, call_id, unit_id, en_route_at, predicted_seconds, actual_seconds, left_out)
        SELECT assignment_id, call_id, unit_id, assigned_at, 100 + assignment_id % 50, 90 + assignment_id * 7 % 300 / 3.0,
               CASE WHEN assignment_id % 9 = 0 THEN 'implausible' END FROM assignments`);
        const answers = async () => {
          const get = async (path: string, query = {}) =>
            (await ask('planner', 'GET', `/v1/response-times${path}?${new URLSearchParams({ ...span, ...query })}`))
              .body;
          return {
            legs: await get('/legs', { groupBy: 'priority' }),
            late: await get('/late-calls', { groupBy: 'vehicleType', key: 'special', limit: '40' }),
            hexagons: await get('/hexagons', { resolution: '8' }),
            times: await get('', { groupBy: 'hour', histogram: 'true' }),
          };
        };
        const packed = await answers();
        const {
          rows: [plain],
        } = await db.query(`
        SELECT count(*) AS late, avg(ceil(date_part('epoch', n.at - c.accepted_at))) FILTER (WHERE n.at >= c.accepted_at) AS dispatch,
               avg(ceil(date_part('epoch', c.at_patient_at - c.on_scene_at))) FILTER (WHERE c.at_patient_at >= c.on_scene_at) AS reach
        FROM calls c LEFT JOIN LATERAL (SELECT max(a.assigned_at) AS at FROM assignments a
          WHERE a.call_id = c.call_id AND a.unit_id = c.first_unit_id AND a.assigned_at <= c.on_scene_at) n ON true
        WHERE c.call_id LIKE 'random-%' AND c.status <> 'cancelled' AND c.on_scene_at > c.received_at + interval '480 s'`);
        t.equal(packed.legs.total.late, plain.late);
        t.ok(Math.abs(packed.legs.total.lateLegs.dispatch - plain.dispatch) < 1e-6);
        t.ok(Math.abs(packed.legs.total.lateLegs.reach - plain.reach) < 1e-6);
        t.equal(packed.legs.total.lateLegs.answer, 5, 'a begun second counts');
        const { rows: drives } = await db.query(`
        SELECT count(*) AS count, round(avg(e)) AS "meanErrorSeconds", round(avg(abs(e))) AS "meanAbsoluteErrorSeconds",
               round(percentile_cont(0.9) WITHIN GROUP (ORDER BY abs(e))) AS "p90AbsoluteErrorSeconds"
        FROM (SELECT (actual_seconds - predicted_seconds)::float8 AS e FROM road_runs WHERE left_out IS NULL) r`);
        t.same(packed.times.travelPrediction, drives[0]);
        const times = packed.late.calls.map(({ receivedAt }: { receivedAt: string }) => receivedAt);
        t.equal(times.length, 40);
        t.same(times, [...times].sort().reverse(), 'the latest first');
        const all = packed.hexagons.features.reduce(
          (sum: number, { properties }: { properties: { calls: number } }) => sum + properties.calls,
          0,
        );
        t.equal(all, calls.length);
        if (backend.name === 'embedded') return; // its sessions take turns: nobody changes a day while somebody reads
        await db.query(`INSERT INTO call_days_changed (day) SELECT day FROM call_days`);
        const other = await db.connect();
        await other.query(`BEGIN; SELECT pg_advisory_xact_lock_shared(46, day - date '2000-01-01') FROM call_days`);
        t.same(await answers(), packed, 'whoever reads meanwhile waits for nobody');
        await other.query('ROLLBACK');
        other.release();
        t.same(await answers(), packed);
        t.equal((await db.query('SELECT count(*) AS days FROM call_days_changed')).rows[0].days, 0, 'and packed anew');
      },
    );

    await t.test('three days are not the average of each', async (t) => {
      const p90 = async (from: number, days: number) =>
        (await times({ from: iso(from), to: iso(from + days * 24 * HOUR_MS) })).body.total;
      const unequal = [0, 0, 0, 2_000, 2_000].map((seconds, i) =>
        call({
          receivedAt: day + (100 + i) * 24 * HOUR_MS,
          onSceneAt: day + (100 + i) * 24 * HOUR_MS + seconds * 1000,
        }),
      );
      await file(db, [...unequal, ...unequal.slice(0, 1), ...unequal.slice(0, 1)], 'days-');
      const start = day + 100 * 24 * HOUR_MS;
      const daily = await Promise.all([0, 1, 2, 3, 4].map((i) => p90(start + i * 24 * HOUR_MS, 1)));
      const average = daily.reduce((sum, { response }) => sum + response.medianSeconds, 0) / 5;
      const all = (await p90(start, 5)).response;
      t.equal(average, 800);
      t.equal(all.medianSeconds, 0, 'five of seven calls took no time');
      t.equal(all.p90Seconds, 2_000);
    });

    await t.test('spans that cannot be are refused by name', async (t) => {
      const refused = async (query: Record<string, string>, status: number, field: string) =>
        t.match(await times(query), { status, body: { fields: [{ field }] } }, JSON.stringify(query));
      await refused({ from: span.to, to: span.from }, 422, 'from');
      await refused({ from: span.from, to: span.from }, 422, 'from');
      await refused({ from: '2010-01-01T00:00:00Z', to: '2026-01-01T00:00:00Z' }, 422, 'from');
      await refused({ from: iso(NOW + 1000) }, 422, 'from');
      await refused({ from: 'yesterday' }, 400, 'from');
      await refused({ to: '2026-02-30T00:00:00Z' }, 400, 'to');
      await refused({ groupBy: 'crew' }, 400, 'groupBy');
      await refused({ since: span.from }, 400, 'since');
      t.equal((await times({ from: '2016-02-21T00:00:00Z', to: '2026-02-20T00:00:00Z' })).status, 200, 'ten years');
    });
  });
}
