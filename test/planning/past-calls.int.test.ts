/** Past calls brought in, and what is said of them: against a plain computation over the same lines, on both ways to run. */
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { latLngToCell } from 'h3-js';
import t from 'tap';
import { inTransaction } from '../../src/database/pool.ts';
import { importCalls } from '../../src/operations/import-calls.ts';
import { packPastDays } from '../../src/planning/past-days-store.ts';
import { filePastCalls } from '../../src/planning/past-store.ts';
import { groupings } from '../../src/planning/schema.ts';
import { randomFrom } from '../../src/planning/siting/watch.ts';
import { backends } from '../support/backends.ts';
import { plainLegs, plainTimes, somePastCalls } from '../support/past-calls.ts';
import { NOW, serviceOn } from '../support/service.ts';

const HOUR_MS = 3_600_000;
const iso = (at: number) => new Date(at).toISOString();
const start = Date.parse('2025-06-01T00:00:00+08:00');

const base = {
  callId: 'past-1',
  receivedAt: iso(start),
  answeredAt: iso(start + 5_000),
  timePoints: {
    'unit-notified': iso(start + 65_000),
    'en-route': iso(start + 125_000),
    'on-scene': iso(start + 605_500),
    'at-patient': iso(start + 700_000),
  },
  position: { lon: 116.36, lat: 39.91, crs: 'wgs84' },
  subdistrictCode: '110102007',
  complaint: 'chest-pain',
  priority: 1,
  unitId: 'u-1',
  stationId: 's-1',
  vehicleType: 'basic',
};

const stream = (...lines: unknown[]) =>
  Readable.from(lines.map((line) => Buffer.from(`${typeof line === 'string' ? line : JSON.stringify(line)}\n`)));

for (const backend of backends) {
  t.test(backend.name, async (t) => {
    const { databaseUrl } = await backend.fresh(t);
    const { ask, deps, db } = await serviceOn(t, databaseUrl, backend.name === 'embedded' ? 4 : 10, {
      env: { RESPONSE_TARGET_SECONDS: '480,600,900,1800' },
    });
    const get = (path: string, query: Record<string, string> = {}) =>
      ask(
        'planner',
        'GET',
        `${path}?${new URLSearchParams({ from: iso(start), to: iso(start + 24 * 200 * HOUR_MS), ...query })}`,
      );

    await t.test('good lines are kept, bad ones listed, the same file twice counts once', async (t) => {
      const lines = [
        base,
        { ...base, callId: 'past-2', priority: 2, timePoints: { 'on-scene': iso(start + 500_000) } },
        { ...base, callId: 'past-3', timePoints: { ...base.timePoints, cancelled: iso(start + 90_000) } },
        { ...base, callId: 'past-4', timePoints: { 'on-scene': iso(start - 1_000) } },
        '{',
        { ...base, receivedAt: 'yesterday' },
        { ...base, receivedAt: iso(NOW + HOUR_MS) },
        { ...base, phone: '13800138000' },
        { ...base, complaint: 'bored' },
        { ...base, position: { lon: 200, lat: 0, crs: 'wgs84' } },
      ];
      const marks: number[] = [];
      const report = await importCalls(deps, stream(...lines), { mark: async (_tx, done) => void marks.push(done) });
      t.same([report.filed, report.refused], [4, 6]);
      t.same(
        report.refusals.map(({ line }) => line),
        [5, 6, 7, 8, 9, 10],
      );
      t.notMatch(JSON.stringify(report.refusals), /13800138000|bored/, 'no value is repeated');
      t.same(marks, [10]);
      await importCalls(deps, stream(...lines));
      t.equal((await db.query('SELECT count(*)::int AS calls FROM past_calls')).rows[0].calls, 4);
      const resumed = await importCalls(deps, stream({ ...base, callId: 'past-1b' }, base), { skipLines: 1 });
      t.equal(resumed.filed, 1);
    });

    await t.test('clocks, the share within each priority’s own target, and legs of late calls', async (t) => {
      const { body } = await get('/v1/response-times', { groupBy: 'priority', histogram: 'true' });
      const [one, two] = body.groups;
      t.match(one, { key: '1', clocks: { response: { count: 1, missing: 1, cancelled: 1, meanSeconds: 606 } } });
      t.match(two, { key: '2', clocks: { response: { meanSeconds: 500, within8Share: 0 } }, withinTargetShare: 1 });
      t.equal(body.withinTargetShare, 0.5);
      t.equal(one.histograms.response[10], 1, '606 s is in the eleventh minute');
      const legs = (await get('/v1/response-times/legs', { groupBy: 'station' })).body;
      t.match(legs.total, {
        late: 1,
        inTime: 1,
        lateLegs: { answer: 5, dispatch: 60, turnout: 60, travel: 481, reach: 95 },
        inTimeLegs: { answer: 5, dispatch: null },
      });
      const late = (await get('/v1/response-times/late-calls', { groupBy: 'station', key: 's-1' })).body.calls;
      t.match(late, [{ responseSeconds: 606, targetSeconds: 480, legs: { travel: 481 }, stationId: 's-1' }]);
      t.same((await get('/v1/response-times/late-calls', { groupBy: 'station', key: 's-9' })).body.calls, []);
    });

    await t.test('2,000 calls by hexagon, week, month and hour against a plain count', async (t) => {
      const random = randomFrom(9);
      const lines = Array.from({ length: 2_000 }, (_, each) => {
        const receivedAt = start + Math.floor(random() * 150 * 24 * HOUR_MS);
        const seconds = Math.floor(100 + random() * 900);
        return {
          callId: `many-${each}`,
          receivedAt: iso(receivedAt),
          priority: 1 + Math.floor(random() * 4),
          timePoints: { 'on-scene': iso(receivedAt + seconds * 1000) },
          position: { lon: 116.33 + random() * 0.08, lat: 39.88 + random() * 0.08, crs: 'wgs84' },
          seconds,
        };
      });
      await db.query('DELETE FROM past_calls');
      const report = await importCalls(deps, stream(...lines.map(({ seconds: _, ...line }) => line)));
      t.same([report.filed, report.refused], [2_000, 0]);

      const hexagons = (await get('/v1/response-times/hexagons', { resolution: '8' })).body;
      t.equal(hexagons.type, 'FeatureCollection');
      const cells = new Map<string, number[]>();
      for (const { position, seconds } of lines) {
        const cell = latLngToCell(position.lat, position.lon, 8);
        // A finer hexagon is not wholly inside its parent: calls on a rim belong to their own finest one's parent.
        cells.set(cell, [...(cells.get(cell) ?? []), seconds]);
      }
      const total = hexagons.features.reduce(
        (sum: number, { properties }: { properties: { calls: number } }) => sum + properties.calls,
        0,
      );
      t.equal(total, 2_000);
      const fine = (await get('/v1/response-times/hexagons', { resolution: '9' })).body;
      const expected = new Map<string, number[]>();
      for (const { position, seconds } of lines) {
        const cell = latLngToCell(position.lat, position.lon, 9);
        expected.set(cell, [...(expected.get(cell) ?? []), seconds]);
      }
      t.equal(fine.features.length, expected.size);
      for (const { properties } of fine.features) {
        const seconds = expected.get(properties.cell) ?? [];
        t.equal(properties.meanSeconds, Math.round(seconds.reduce((a, b) => a + b, 0) / seconds.length));
        t.equal(properties.within8Share, seconds.filter((each) => each <= 480).length / seconds.length);
      }
      for (const [groupBy, keyOf] of [
        ['month', (at: Date) => `${at.toISOString().slice(0, 7)}-01`],
        ['hour', (at: Date) => String(at.getUTCHours())],
        ['week', (at: Date) => iso(at.getTime() - ((at.getUTCDay() + 6) % 7) * 24 * HOUR_MS).slice(0, 10)],
      ] as const) {
        const { body } = await get('/v1/response-times', { groupBy });
        const counts = new Map<string, number>();
        for (const { receivedAt } of lines) {
          const key = keyOf(new Date(Date.parse(receivedAt) + 8 * HOUR_MS));
          counts.set(key, (counts.get(key) ?? 0) + 1);
        }
        t.same(
          Object.fromEntries(
            body.groups.map((group: { key: string; clocks: { response: { count: number } } }) => [
              group.key,
              group.clocks.response.count,
            ]),
          ),
          Object.fromEntries(counts),
          groupBy,
        );
      }
      const csv = await ask(
        'planner',
        'GET',
        `/v1/response-times?${new URLSearchParams({ from: iso(start), to: iso(start + HOUR_MS) })}`,
      );
      t.equal(csv.status, 200);
    });

    await t.test(
      'any grouping of 1,500 calls as the calls themselves give it, whatever changed since it was packed',
      async (t) => {
        await db.query('DELETE FROM past_calls');
        const [calls = []] = fc.sample(somePastCalls(start, 40, { minLength: 1_500, maxLength: 1_500 }), {
          seed: 8,
          numRuns: 1,
        });
        const file = (some: typeof calls) => inTransaction(db, (tx) => filePastCalls(tx, some));
        const targets = [480, 600, 900, 1800];
        const agree = async (now: typeof calls, of: readonly (typeof groupings)[number][], why: string) => {
          for (const groupBy of of) {
            // From the middle of a day to the middle of another.
            const span = { groupBy, from: start + 1.7 * 24 * HOUR_MS, to: start + 38.3 * 24 * HOUR_MS, targets };
            const query = { groupBy, from: iso(span.from), to: iso(span.to) };
            const { body } = await get('/v1/response-times', query);
            const expected = plainTimes(now, span);
            t.same(
              new Map(
                body.groups.map(({ key, clocks, withinTargetShare }: Record<string, unknown>) => [
                  key,
                  { clocks, withinTargetShare },
                ]),
              ),
              expected.groups,
              `${why}: clocks by ${groupBy}`,
            );
            t.same({ clocks: body.total, withinTargetShare: body.withinTargetShare }, expected.total);
            const lost = (await get('/v1/response-times/legs', query)).body;
            t.same(
              new Map(lost.groups.map(({ key, ...rest }: Record<string, unknown>) => [key, rest])),
              plainLegs(now, span).groups,
              `${why}: legs by ${groupBy}`,
            );
          }
        };
        const [early, late] = [calls.slice(0, 900), calls.slice(900)];
        await file(early);
        await agree(early, ['station'], 'not packed yet');
        await Promise.all([file(late), packPastDays(db), file(late.slice(100)), packPastDays(db)]);
        await agree(calls, groupings, 'more filed while it was packed');

        const moved = calls.map((call, each) =>
          each % 7 === 0 ? { ...call, receivedAt: start + (each % 40) * 24 * HOUR_MS, responseSeconds: 77 } : call,
        );
        await file(moved.map((call) => ({ ...call, hour: new Date(call.receivedAt + 8 * HOUR_MS).getUTCHours() })));
        await agree(moved, ['month', 'subdistrict'], 'calls that were filed again on another day');
        await db.query(`DELETE FROM past_calls WHERE source_id LIKE 'past-1%'`);
        const left = moved.filter(({ sourceId }) => !sourceId.startsWith('past-1'));
        await agree(left, ['hour', 'week'], 'some deleted');
        await db.query('TRUNCATE past_calls');
        await agree([], ['priority'], 'none left');
      },
    );
  });
}
