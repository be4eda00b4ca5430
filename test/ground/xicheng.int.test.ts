/** Real ground: calls at known places of Xicheng, in all three coordinate systems, carry the sub-district they lie in. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import gcoordModule from 'gcoord';
import t from 'tap';
import { run } from '../import/support.ts';
import { callFrom } from '../support/people.ts';
import { freshDatabase } from '../support/postgres.ts';
import { serviceOn } from '../support/service.ts';

const gcoord = gcoordModule as unknown as typeof gcoordModule.default;
/** OpenStreetMap's outlines (ODbL), beside the repository and no part of it. */
const OUTLINES = fileURLToPath(new URL('../../../shared/data/geo/xicheng-subdistricts.geojson', import.meta.url));

/** Public places and the sub-district of their published address; WGS-84, read off the map to some fifty metres. */
const places: readonly (readonly [name: string, lon: number, lat: number, code: string])[] = [
  ['国家大剧院, 西长安街街道', 116.3834, 39.9033, '110102001'],
  ['人民大会堂, 西长安街街道', 116.3873, 39.9035, '110102001'],
  ['妙应寺白塔, 新街口街道', 116.3515, 39.9236, '110102003'],
  ['白云观, 月坛街道', 116.3378, 39.8989, '110102007'],
  ['月坛公园, 月坛街道', 116.3455, 39.914, '110102007'],
  ['首都博物馆, 月坛街道', 116.336, 39.905, '110102007'],
  ['北京动物园, 展览路街道', 116.3325, 39.939, '110102009'],
  ['北京展览馆, 展览路街道', 116.3375, 39.9395, '110102009'],
  ['人定湖公园, 德胜街道', 116.3773, 39.958, '110102010'],
  ['金融街购物中心, 金融街街道', 116.3585, 39.914, '110102011'],
  ['恭王府, 什刹海街道', 116.38, 39.9353, '110102012'],
  ['大栅栏街, 大栅栏街道', 116.39, 39.895, '110102013'],
  ['天桥剧场, 天桥街道', 116.3905, 39.8812, '110102014'],
  ['荀慧生故居, 椿树街道', 116.3722, 39.8945, '110102015'],
  ['陶然亭公园, 陶然亭街道', 116.3745, 39.872, '110102016'],
  ['宣武医院, 广安门内街道', 116.3585, 39.8935, '110102017'],
  ['报国寺, 广安门内街道', 116.354, 39.8945, '110102017'],
  ['牛街礼拜寺, 牛街街道', 116.358, 39.8843, '110102018'],
  ['大观园, 白纸坊街道', 116.35, 39.871, '110102019'],
  ['天宁寺塔, 广安门外街道', 116.334, 39.8945, '110102020'],
];
const systems = { wgs84: gcoord.WGS84, gcj02: gcoord.GCJ02, bd09: gcoord.BD09 } as const;
type System = keyof typeof systems;
const inSystem = (lon: number, lat: number, crs: System) => {
  const [x, y] = gcoord.transform([lon, lat], gcoord.WGS84, systems[crs]);
  return { lon: x, lat: y, crs };
};

async function district(t: Parameters<typeof freshDatabase>[0]) {
  const databaseUrl = await freshDatabase(t);
  const service = await serviceOn(t, databaseUrl);
  const callAt = async (position: object) => {
    const { status, body } = await service.ask('dispatcher', 'POST', '/v1/calls', callFrom({ location: { position } }));
    t.equal(status, 201);
    return body.call;
  };
  return { ...service, databaseUrl, callAt };
}

t.test('without outlines a call is taken all the same, its sub-district unknown', async (t) => {
  const { callAt } = await district(t);
  const call = await callAt(inSystem(116.3455, 39.914, 'gcj02'));
  t.equal(call.location.subdistrictCode, null);
  t.same(call.flags, [], 'which is no fault of the call');
});

const absent = existsSync(OUTLINES)
  ? false
  : `no outlines at ../shared/data/geo: that real places in three coordinate systems get their sub-district was not tested`;

t.test('at known places, in three systems', { skip: absent, timeout: 120_000 }, async (t) => {
  const { callAt, databaseUrl, db } = await district(t);
  const { code, stdout, stderr } = await run(t, 'import-areas', [OUTLINES], databaseUrl);
  t.equal(code, 0, stderr);
  t.match(stdout, '15 sub-districts loaded');

  for (const [name, lon, lat, code] of places) {
    for (const crs of ['wgs84', 'gcj02', 'bd09'] as const) {
      const given = inSystem(lon, lat, crs);
      const call = await callAt(given);
      t.equal(call.location.subdistrictCode, code, `${name} in ${crs}`);
      t.ok(Math.abs(call.location.position.lon - lon) < 1e-5, `${name} in ${crs}: one longitude`);
      t.ok(Math.abs(call.location.position.lat - lat) < 1e-5, `${name} in ${crs}: one latitude`);
      const { rows } = await db.query({
        text: 'SELECT raw_position FROM calls WHERE call_id = $1',
        values: [call.callId],
      });
      t.same(rows[0]?.raw_position, given, 'the pair as it came is kept');
    }
  }
});

t.test('a pair taken for another system is in another sub-district', { skip: absent, timeout: 120_000 }, async (t) => {
  const { callAt, databaseUrl } = await district(t);
  await run(t, 'import-areas', [OUTLINES], databaseUrl);
  for (const crs of ['gcj02', 'bd09'] as const) {
    let wrong = 0;
    for (const [, lon, lat, code] of places) {
      const call = await callAt({ ...inSystem(lon, lat, crs), crs: 'wgs84' });
      if (call.location.subdistrictCode !== code) wrong++;
    }
    t.comment(`${wrong} of ${places.length} places given in ${crs} and read as WGS-84 are in a wrong sub-district`);
    t.ok(wrong >= 3, `${crs}: ${wrong} of ${places.length} wrong, so the conversion matters`);
  }
});
