/** Levels of agreement between names, addresses and places. */
import t from 'tap';
import { addressParts } from '../../../src/residents/match/normalise.ts';
import {
  addressLevel,
  distanceLevel,
  editDistance,
  gramSimilarity,
  nameLevel,
  statedName,
} from '../../../src/residents/match/similarity.ts';

t.test('edit distance', async (t) => {
  t.equal(editDistance('', '王'), 1);
  t.equal(editDistance('王建国', '王国建'), 1, 'a swap of neighbours is one edit');
  t.equal(editDistance('王建国', '李建华'), 2);
  t.equal(editDistance('kitten', 'sitting'), 3);
});

t.test('names as callers give them', async (t) => {
  const level = (stated: string, filed: string) => nameLevel(statedName(stated), filed);
  t.equal(level('王 建国', '王建国'), 'exact');
  t.equal(level('王建囯', '王建国'), 'near', 'one character wrong');
  t.equal(level('王国建', '王建国'), 'near', 'two swapped');
  t.equal(level('王国', '王建国'), 'near', 'one missed');
  t.equal(level('王卫', '王伟'), 'surname', 'of two characters one is too little');
  t.equal(level('王奶奶', '王秀英'), 'surname');
  t.equal(level('老李', '李强'), 'surname');
  t.equal(level('欧阳女士', '欧阳静'), 'surname');
  t.equal(level('张奶奶', '王秀英'), 'different');
  t.equal(level('李建华', '王建国'), 'different');
  t.equal(level('Jonathan Smith', 'jonathansmyth'), 'near');
  t.equal(level('', '王秀英'), 'different');
});

t.test('trigrams', async (t) => {
  t.equal(gramSimilarity('月坛南街', '月坛南街'), 1);
  t.equal(gramSimilarity('月坛南街', '砖塔胡同'), 0);
  t.ok(gramSimilarity('天宁寺前街北里', '天宁市前街北里') > 0.4, 'one wrong character of seven');
  t.equal(gramSimilarity('ab', 'abc'), gramSimilarity('abc', 'ab'), 'symmetric');
  t.ok(gramSimilarity('啊啊啊啊', '啊') < 1, 'a repeated gram counts once a partner');
});

t.test('how far two addresses agree', async (t) => {
  const level = (a: string, b: string) => addressLevel(addressParts(a), addressParts(b));
  const home = '三里河一区5号楼2单元501室';
  t.equal(level('三里河1区5-2-501', home), 'same-door');
  t.equal(level('三里河一区5号楼501', home), 'same-door', 'the stair was not said');
  t.equal(level('三理河一区5号楼2单元501室', home), 'same-door', 'a typing error in the name');
  t.equal(level('三里河一区5号楼', home), 'same-building');
  t.equal(level('三里河一区5号楼2单元502室', home), 'other-door', 'next door is not at home');
  t.equal(level('三里河一区5号楼3单元501室', home), 'other-door');
  t.equal(level('三里河一区6号楼2单元501室', home), 'same-street');
  t.equal(level('三里河二区5号楼2单元501室', home), 'different');
  t.equal(level('月坛北街5号', '月坛南街5号'), 'different');
  t.equal(level('砖塔胡同12号', '西城区砖塔胡同12号'), 'same-door');
  t.equal(level('砖塔胡同13号', '砖塔胡同12号'), 'same-street');
  t.equal(level('', home), 'different');
});

t.test('distance is judged by what the fix can tell', async (t) => {
  t.same(distanceLevel(30, 10), { level: 'at-home', radiusMetres: 50 });
  t.same(distanceLevel(120, 10), { level: 'near-home', radiusMetres: 150 });
  t.same(distanceLevel(120, 200), { level: 'at-home', radiusMetres: 200 });
  t.equal(distanceLevel(900, 10).level, 'away');
  t.equal(distanceLevel(100, null).level, 'at-home', 'an unknown radius is not a good one');
  t.equal(distanceLevel(100, Number.NaN).level, 'at-home');
});
