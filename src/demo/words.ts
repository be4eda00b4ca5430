/** Names and streets the demonstration is invented from. Common characters, put together by chance. */

export const surnames = [...'王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕'];

const olderWomen = ['秀英', '桂兰', '淑珍', '玉兰', '秀兰', '凤英', '淑华', '桂英', '素珍', '惠敏', '玉珍', '淑芬'];
const olderMen = ['建国', '德福', '志强', '国华', '振华', '永年', '宝山', '文明', '长贵', '学文', '玉林', '守义'];
const youngerWomen = ['丽', '静', '敏', '雪', '婷', '晓燕', '海燕', '雅琴', '思远', '佳怡', '欣悦', '雨桐'];
const youngerMen = ['伟', '强', '磊', '军', '勇', '晓峰', '海涛', '志远', '浩然', '子轩', '宇航', '明哲'];

const BORN_LATER_FROM = 1965;

export const givenNames = (sex: 'female' | 'male', birthYear: number): readonly string[] => {
  if (birthYear < BORN_LATER_FROM) return sex === 'female' ? olderWomen : olderMen;
  return sex === 'female' ? youngerWomen : youngerMen;
};

/** Estates; with `示范` before them no real address reads like these. */
export const estates = ['北里', '南里', '东里', '西里', '新村', '家园', '胡同', '前街', '后巷', '大院'];
