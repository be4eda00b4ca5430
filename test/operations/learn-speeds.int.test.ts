/** A run driven to its end is learned from once, and how well it was foreseen is reported with the response times. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { readLearned } from '../../src/fleet/roads/learned-store.ts';
import { metricsHere } from '../../src/fleet/roads/network.ts';
import { readCity } from '../../src/fleet/roads/osm/read-city.ts';
import { prepareGraph } from '../../src/fleet/roads/prepare/prepare.ts';
import { putUnit } from '../../src/fleet/store.ts';
import { learnSpeeds } from '../../src/operations/learn-speeds.ts';
import { folder } from '../import/support.ts';
import { backends } from '../support/backends.ts';
import { asXml, town } from '../support/osm.ts';
import { NOW, serviceOn } from '../support/service.ts';

const files = folder(t);

for (const backend of backends)
  t.test(backend.name, async (t) => {
    const { databaseUrl } = await backend.fresh(t);
    const { ask, deps, db, time } = await serviceOn(t, databaseUrl);
    const file = join(files, `${backend.name.replace('+', '-')}.osm`);
    writeFileSync(file, asXml(town()));
    const { graph } = prepareGraph((await readCity(file, { areaLevel: 8 })).roads);
    deps.roads.take(graph, 10, metricsHere(graph)(10));

    const from = { lon: 116.3501, lat: 39.9001, crs: 'wgs84' } as const;
    const to = { lon: 116.3589, lat: 39.9089, crs: 'wgs84' } as const;
    const foreseen = deps.travel.route(from, to, NOW).seconds;
    /** Sends a unit and has it report; the drive takes `seconds`. */
    const run = async (unitId: string, seconds: number) => {
      time.now = NOW;
      await putUnit(
        db,
        { unitId, vehicleType: 'basic', capabilities: ['transport'], status: 'available', position: from },
        NOW,
      );
      const crew = { role: 'crew', subject: unitId } as const;
      const { body } = await ask('dispatcher', 'POST', '/v1/calls', {
        channel: 'phone',
        location: { position: to },
        complaint: { code: 'fall' },
      });
      const { callId } = body.call;
      t.equal(
        (await ask('dispatcher', 'POST', `/v1/calls/${callId}/assignments`, { unitId, overrideReason: 'test' })).status,
        201,
      );
      time.now = NOW + 50_000;
      const fix = [{ unitId, position: from, at: new Date(time.now).toISOString() }];
      t.equal((await ask(crew, 'POST', '/v1/positions', fix)).status, 200);
      time.now = NOW + (seconds + 300) * 1000;
      const points = { 'en-route': 60, 'on-scene': 60 + seconds, 'in-service': 250 + seconds };
      for (const [point, after] of Object.entries(points)) {
        const at = new Date(NOW + after * 1000).toISOString();
        t.equal((await ask(crew, 'POST', `/v1/units/${unitId}/time-points`, { callId, point, at })).status, 200);
      }
    };

    await run('u-slow', foreseen * 2);
    await run('u-odd', foreseen * 30);
    await Promise.all([learnSpeeds(deps), learnSpeeds(deps)]);
    const once = await readLearned(db);
    const weight = once.cells.reduce((sum, cell) => sum + cell.weight, 0);
    t.ok(Math.abs(weight - 1) < 1e-6, `${weight}: one run taught, and once; the odd one did not`);
    t.ok(
      once.cells.every(({ logSum }) => logSum < 0),
      'it was slower',
    );
    const { rows } = await db.query<{ left_out: string | null }>(
      'SELECT left_out FROM road_runs ORDER BY assignment_id',
    );
    t.same(
      rows.map((row) => row.left_out),
      [null, 'implausible'],
    );
    await learnSpeeds(deps);
    t.same((await readLearned(db)).version, once.version, 'nothing more to learn');

    const span = `from=${encodeURIComponent(new Date(NOW - 60_000).toISOString())}&to=${encodeURIComponent(new Date(NOW + 60_000).toISOString())}`;
    const { status, body } = await ask('planner', 'GET', `/v1/response-times?groupBy=vehicleType&${span}`);
    t.equal(status, 200);
    t.equal(body.travelPrediction.count, 1);
    t.ok(Math.abs(body.travelPrediction.meanErrorSeconds - foreseen) <= 1, 'took twice as long: as much again');
    t.equal(body.travelPrediction.meanAbsoluteErrorSeconds, body.travelPrediction.p90AbsoluteErrorSeconds);
    t.match(body.groups, [{ travelPrediction: { count: 1 } }]);
  });
