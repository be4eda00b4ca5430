/** What the map's tags mean for an ambulance. */
import t from 'tap';
import { AGAINST, ALONG, roadClasses } from '../../../src/fleet/roads/graph.ts';
import { addressOf, boundaryOf, placeOfTags, roadOf, type Tags } from '../../../src/fleet/roads/osm/tags.ts';

t.test('which way', async (t) => {
  const way = (tags: Tags) => roadOf({ highway: 'residential', ...tags })?.directions;
  t.equal(way({}), ALONG | AGAINST);
  t.equal(way({ oneway: 'yes' }), ALONG);
  t.equal(way({ oneway: '1' }), ALONG);
  t.equal(way({ oneway: '-1' }), AGAINST);
  t.equal(way({ junction: 'roundabout' }), ALONG);
  t.equal(way({ highway: 'motorway' }), ALONG);
  t.equal(way({ highway: 'motorway_link', oneway: 'no' }), ALONG | AGAINST);
  t.equal(way({ oneway: 'reversible' }), ALONG | AGAINST, 'open to somebody under lights');
  t.equal(way({ oneway: 'yes', 'oneway:emergency': 'no' }), ALONG | AGAINST);
});

t.test('whether at all', async (t) => {
  const may = (tags: Tags) => roadOf({ highway: 'service', ...tags }) !== null;
  t.ok(may({}));
  t.ok(may({ access: 'private' }), 'an ambulance is let in');
  t.notOk(may({ access: 'no' }));
  t.ok(may({ access: 'no', emergency: 'yes' }));
  t.ok(may({ access: 'no', motor_vehicle: 'yes' }), 'the more particular tag decides');
  t.notOk(may({ motor_vehicle: 'no' }));
  t.notOk(may({ area: 'yes' }));
  for (const highway of ['footway', 'cycleway', 'construction', 'proposed', 'steps', 'pedestrian', undefined])
    t.equal(roadOf({ highway }), null, highway ?? 'no highway');
});

t.test('how fast', async (t) => {
  const kmh = (maxspeed?: string) => roadOf({ highway: 'primary', maxspeed })?.kmh;
  t.same([kmh(), kmh('60'), kmh('30 mph'), kmh('CN:urban'), kmh('none')], [0, 60, 48, 0, 0]);
  t.equal(roadOf({ highway: 'trunk_link' })?.roadClass, roadClasses.indexOf('link'));
});

t.test('places', async (t) => {
  const kind = (tags: Tags) => placeOfTags(tags)?.kind ?? null;
  t.equal(kind({ amenity: 'hospital' }), 'hospital');
  t.equal(kind({ amenity: 'clinic' }), 'clinic');
  t.equal(kind({ amenity: 'clinic', name: '月坛社区卫生服务中心' }), 'community-centre');
  t.equal(kind({ amenity: 'fire_station' }), 'fire-station');
  t.equal(kind({ amenity: 'fire_station', name: '西四北微型消防站' }), 'micro-fire-station');
  t.equal(kind({ emergency: 'ambulance_station' }), 'station');
  t.equal(kind({ emergency: 'defibrillator' }), 'defibrillator');
  t.equal(kind({ amenity: 'restaurant', name: '医院食堂' }), null);
  t.match(
    placeOfTags({ amenity: 'hospital', name: '甲', 'name:en': 'A', 'healthcare:speciality': 'paediatrics;burns' }),
    {
      name: '甲',
      nameEn: 'A',
      capabilities: ['emergency', 'paediatric', 'burns'],
    },
  );
  t.same(placeOfTags({ amenity: 'hospital', emergency: 'no' })?.capabilities, []);
  const able = (tags: Record<string, string>) => placeOfTags({ amenity: 'hospital', ...tags })?.capabilities;
  t.same(able({ name: '北京儿童医院', emergency: 'yes' }), [], 'no adult is taken to a hospital for children');
  t.same(able({ name: '丙', 'healthcare:speciality': 'obstetrics; gynaecology' }), ['obstetric']);
  t.same(able({ name: '丁', 'healthcare:speciality': 'psychiatry;trauma' }), [
    'emergency',
    'psychiatric',
    'trauma-centre',
  ]);
});

t.test('addresses and outlines', async (t) => {
  t.equal(addressOf({ 'addr:street': '广安门内大街', 'addr:housenumber': '12' }), '广安门内大街12号');
  t.equal(addressOf({ 'addr:street': '广安门内大街' }), null);
  t.equal(addressOf({ 'addr:full': '北京市西城区甲1号' }), '北京市西城区甲1号');
  const area: Tags = { boundary: 'administrative', admin_level: '8', name: '月坛街道' };
  t.same(boundaryOf(area, 8), { code: null, name: '月坛街道', nameEn: null });
  t.same(boundaryOf({ ...area, ref: '110102007000', 'name:en': 'Yuetan' }, 8), {
    code: '110102007',
    name: '月坛街道',
    nameEn: 'Yuetan',
  });
  t.equal(boundaryOf(area, 6), null);
  t.equal(boundaryOf({ ...area, name: '' }, 8), null);
});

t.test('what a database would not take never reaches it', async (t) => {
  const [hospital, address] = [
    placeOfTags({ amenity: 'hospital', name: '甲\u0000院', 'name:en': '\u0007' }),
    addressOf({ 'addr:street': '示范\u0000街', 'addr:housenumber': '7' }),
  ];
  t.match(hospital, { name: '甲 院', nameEn: null });
  t.equal(address, '示范 街7号');
  t.equal(boundaryOf({ boundary: 'administrative', admin_level: '8', name: '\u0000' }, 8), null);
});
