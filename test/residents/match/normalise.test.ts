/** One spelling for every way of writing a name or an address. */
import fc from 'fast-check';
import t from 'tap';
import { addressKey, addressParts, normaliseAddress, normaliseName } from '../../../src/residents/match/normalise.ts';

t.test('the same door, however it is written', async (t) => {
  const one = '三里河1区5栋2单元501室';
  for (const written of [
    '三里河一区5号楼2单元501室',
    '三里河一区5栋2门501',
    '三里河1区5号楼2单元501',
    '三里河一区五号楼二单元五〇一室',
    '三里河一区五号楼二单元五百零一室',
    '三里河一区5号2单元501',
    '三里河一区5-2-501',
    '三里河一区5号楼2-501室',
    '三里河一区５＃楼２－５０１',
    '三里河一区 5 号楼, 2 单元, 5层 501 室',
    '北京市西城区月坛街道三里河一区5号楼2单元501室',
    '北京西城区三里河一区05幢2门501户',
    '西城区月坛街道三里河社区三里河一区5座2单元501房(近菜市场)',
  ]) {
    t.equal(normaliseAddress(written), one, written);
  }
});

t.test('addresses of other kinds come apart', async (t) => {
  const parts = (a: string) => {
    const { area, number, building, unit, room } = addressParts(a);
    return [area, number, building, unit, room];
  };
  t.strictSame(parts('百万庄大街11号院3号楼1207'), ['百万庄大街', '11', '3', null, '1207']);
  t.strictSame(parts('百万庄大街11号院3-1207'), ['百万庄大街', '11', '3', null, '1207']);
  t.strictSame(parts('百万庄5楼2门3号'), ['百万庄', null, '5', '2', '3'], 'old compounds: building, stair, door');
  t.strictSame(parts('砖塔胡同甲12号'), ['砖塔胡同', '甲12', null, null, null], 'a courtyard');
  t.strictSame(parts('西四北三条21号'), ['西四北3条', '21', null, null, null]);
  t.strictSame(parts('南礼士路19号5楼501'), ['南礼士路', '19', null, null, '501'], 'a storey is not a building');
  t.strictSame(parts('前三门大街5号楼3门12号'), ['前3门大街', null, '5', '3', '12'], 'a gate in a name is not a stair');
  t.strictSame(
    parts('广安门内大街道北5号'),
    ['广安门内大街道北', '5', null, null, null],
    'no sub-district in a street',
  );
  t.strictSame(parts('展览路街道展览馆路14号院2号楼1203'), ['展览馆路', '14', '2', null, '1203']);
});

t.test('places that differ stay apart', async (t) => {
  const all = [
    '三里河一区5号楼2单元501室',
    '三里河二区5号楼2单元501室',
    '三里河一区2号楼5单元501室',
    '三里河一区5号楼2单元510室',
  ];
  t.equal(new Set(all.map(normaliseAddress)).size, all.length);
});

t.test('only a door is a key', async (t) => {
  t.equal(addressKey('三里河一区5栋2门501'), '三里河1区5栋2单元501室');
  t.equal(addressKey('砖塔胡同12号'), '砖塔胡同12号', 'a courtyard house is a door');
  t.equal(addressKey('三里河一区5号楼'), null);
  t.equal(addressKey('月坛南街'), null);
  t.equal(addressKey('5号楼2单元501'), null, 'a door of no street');
  t.equal(addressKey(''), null);
});

t.test('names', async (t) => {
  t.equal(normaliseName(' 王 建国 '), '王建国');
  t.equal(normaliseName('阿依古丽·买买提'), '阿依古丽买买提');
  t.equal(normaliseName('Ｊｏｈｎ  O’Neil-Smith'), 'johnoneilsmith');
});

t.test('never throws, and a normal form is its own normal form', async () => {
  const pieces = fc.constantFrom(
    '北京市',
    '西城区',
    '月坛街道',
    '三里河一区',
    '号',
    '号楼',
    '楼',
    '单元',
    '门',
    '室',
    '-',
    '层',
    '十二',
    '五',
    '3',
    '501',
    '甲',
    'a座',
    '院',
    '＃',
    ' ',
  );
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(pieces, { maxLength: 12 }).map((p) => p.join('')),
  );
  fc.assert(
    fc.property(text, (given) => {
      normaliseAddress(given);
      addressKey(given);
      return normaliseName(normaliseName(given)) === normaliseName(given);
    }),
    { numRuns: 5000 },
  );
  const door = fc.tuple(
    fc.integer({ min: 1, max: 120 }),
    fc.integer({ min: 1, max: 9 }),
    fc.integer({ min: 101, max: 2804 }),
  );
  fc.assert(
    fc.property(fc.constantFrom('三里河一区', '月坛南街19号院', '宣武门外大街甲8号院'), door, (area, [b, u, r]) => {
      const normal = normaliseAddress(`${area}${b}号楼${u}单元${r}室`);
      return normaliseAddress(normal) === normal && normaliseAddress(`${area}${b}-${u}-${r}`) === normal;
    }),
    { numRuns: 2000 },
  );
});
