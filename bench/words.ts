/** What invented residents are made of: surnames by rough real frequency, given names, places of Xicheng, codes. */

/** Tables are written as text, one entry a word or a line, because as nested arrays they would fill ten screens. */
const words = (table: string) => table.trim().split(/\s+/u);
const rows = (table: string) =>
  table
    .trim()
    .split('\n')
    .map((line) => words(line) as [string, string, ...string[]]);

/** Bearers per thousand, rough figures of the national name surveys; the people made of them are invented. */
export const surnames = words(`
  王72 李72 张68 刘54 陈45 杨31 赵23 黄22 周20 吴20 徐16 孙15 胡13 朱13 高12
  林12 何11 郭11 马10 罗9 梁8 宋8 郑8 谢7 韩7 唐7 冯6 于6 董6 萧5 程5 曹5 袁5 邓5
  许5 傅5 沈4 曾4 彭4 吕4 苏4 卢4 蒋4 蔡4 贾4 丁4 魏4 薛3 叶3 阎3 余3 潘3 杜3 戴3
  夏3 钟3 汪3 田3 任3 姜3 范3 方3 石3 姚3 谭3 廖2 邹2 熊2 金2 陆2 郝2 孔2 白2 崔2
  康2 毛2 邱2 秦2 江2 史2 顾2 侯2 邵2 孟2 龙2 万2 段2 雷2 钱2 汤2 尹2 黎1 易1 常1
  武1 乔1 贺1 赖1 龚1 文1 欧阳1
`).map((entry) => [entry.replace(/\d+/u, ''), Number(entry.replace(/\D+/u, ''))] as const);

export const givenFemale =
  '秀英玉兰桂珍淑华凤霞丽红梅芳娟敏静艳萍玲燕慧洁琴云莲香月荣爱春菊莉雪琳晶欣怡婷颖佳倩薇琪瑶岚蓉翠珠环';
export const givenMale =
  '建国军伟强磊明志勇文德福贵永平海涛杰斌刚辉峰宝庆家祥林树清长生金成荣光新民立宏宇浩博鹏飞旭洋凯振东义';

/** Pairs that sound alike or look alike, as a typist mistakes them. */
export const mistakenFor: Readonly<Record<string, string>> = Object.fromEntries(
  words(`
  英瑛 玉钰 兰岚 珍真 淑舒 华花 凤风 霞侠 丽莉 红宏 梅美 芳方 静靖 艳燕 玲铃 慧惠 洁杰 琴芹 建健 国囯
  军君 伟卫 强蔷 明铭 志智 勇永 文雯 福富 平萍 涛滔 斌彬 刚钢 辉晖 峰锋 庆清 祥翔
  `).map((pair) => [pair.charAt(0), pair.charAt(1)]),
);

/**
 * Streets and compounds with sub-district code, rough centre in WGS-84 (lon, lat) and kind. The names are real, the
 * houses put there are invented. A compound has buildings, a street numbered yards with buildings, a lane numbered houses.
 */
export const areas = rows(`
  三里河一区 110102007 116.336 39.912 compound
  三里河二区 110102007 116.337 39.916 compound
  三里河三区 110102007 116.334 39.914 compound
  月坛南街 110102007 116.347 39.911 street
  月坛北街 110102007 116.346 39.917 street
  南礼士路 110102007 116.352 39.913 street
  真武庙二里 110102007 116.348 39.907 compound
  复兴门外大街 110102007 116.345 39.908 street
  百万庄大街 110102009 116.338 39.924 street
  百万庄中里 110102009 116.34 39.927 compound
  展览馆路 110102009 116.347 39.931 street
  车公庄大街 110102009 116.343 39.932 street
  阜外北四巷 110102009 116.347 39.926 lane
  北礼士路 110102009 116.35 39.936 street
  六铺炕一区 110102010 116.384 39.957 compound
  六铺炕二区 110102010 116.386 39.959 compound
  新风街一号院 110102010 116.377 39.962 compound
  德外大街 110102010 116.379 39.958 street
  双旗杆东里 110102010 116.382 39.967 compound
  黄寺大街 110102010 116.386 39.966 street
  新街口外大街 110102003 116.372 39.952 street
  西直门南小街 110102003 116.357 39.936 street
  西四北三条 110102003 116.37 39.929 lane
  赵登禹路 110102003 116.366 39.932 street
  宫门口三条 110102003 116.36 39.925 lane
  丰盛胡同 110102011 116.368 39.919 lane
  砖塔胡同 110102011 116.371 39.922 lane
  金融大街 110102011 116.361 39.916 street
  太平桥大街 110102011 116.364 39.914 street
  教育街 110102001 116.373 39.905 lane
  西绒线胡同 110102001 116.377 39.904 lane
  和平门内新壁街 110102001 116.381 39.901 street
  地安门西大街 110102012 116.385 39.934 street
  鼓楼西大街 110102012 116.386 39.944 street
  护国寺大院 110102012 116.374 39.936 lane
  前海西街 110102012 116.387 39.938 lane
  大栅栏西街 110102013 116.391 39.896 lane
  铁树斜街 110102013 116.389 39.895 lane
  永安路 110102014 116.391 39.887 street
  福长街 110102014 116.392 39.881 lane
  虎坊路 110102014 116.386 39.887 compound
  椿树园 110102015 116.379 39.897 compound
  宣武门外大街 110102015 116.374 39.896 street
  陶然亭路 110102016 116.379 39.879 street
  黑窑厂西里 110102016 116.377 39.882 compound
  米市胡同 110102016 116.377 39.888 lane
  广安门内大街 110102017 116.36 39.891 street
  长椿街西里 110102017 116.363 39.898 compound
  报国寺西夹道 110102017 116.358 39.893 lane
  牛街东里 110102018 116.364 39.886 compound
  春风胡同 110102018 116.366 39.884 compound
  白纸坊东街 110102019 116.363 39.878 street
  樱桃园二条 110102019 116.357 39.879 lane
  右安门内大街 110102019 116.365 39.874 street
  马连道中里 110102020 116.328 39.889 compound
  红莲北里 110102020 116.329 39.884 compound
  天宁寺前街北里 110102020 116.344 39.892 compound
  广安门外大街 110102020 116.335 39.89 street
  莲花河胡同 110102020 116.338 39.893 compound
  手帕口北街 110102020 116.342 39.886 street
`).map(([name, code, lon, lat, kind]) => ({ name, code, lon: Number(lon), lat: Number(lat), kind }));

/** ICD-10 codes with how common they are among the filed old (per hundred; invented, of the right order). */
export const conditions = rows(`
  I10 55 原发性高血压
  E11.9 26 2型糖尿病
  I25.1 20 动脉硬化性心脏病
  E78.5 20 高脂血症
  I63.9 10 脑梗死
  I48.9 8 心房颤动
  I50.9 7 心力衰竭
  J44.9 8 慢性阻塞性肺疾病
  I21.9 5 急性心肌梗死
  M81.9 12 骨质疏松
  N18.5 2 慢性肾脏病5期
  F03 5 痴呆
  G20 3 帕金森病
  G40.9 2 癫痫
  J45.9 4 哮喘
  E10.9 1 1型糖尿病
  K25.9 4 胃溃疡
  K74.6 1 肝硬化
  C34.9 2 肺恶性肿瘤
  C18.9 2 结肠恶性肿瘤
  H25.9 12 老年性白内障
  N40 9 前列腺增生
  M17.9 14 膝关节病
  I69.3 6 脑梗死后遗症
  F32.9 3 抑郁发作
  G47.3 3 睡眠呼吸暂停
  I61.9 2 脑出血
  Z95.0 2 心脏起搏器
  Z99.2 1 依赖肾透析
  I71.4 1 腹主动脉瘤
  A15.0 1 肺结核
  D64.9 6 贫血
  E03.9 5 甲状腺功能减退
  K80.2 6 胆囊结石
  M06.9 2 类风湿关节炎
  H91.9 9 听力减退
`).map(([code, weight, display]) => [{ code, display: display as string }, Number(weight)] as const);

/** ATC codes. */
export const medications = rows(`
  B01AC06 阿司匹林
  B01AA03 华法林
  B01AF01 利伐沙班
  B01AC04 氯吡格雷
  A10BA02 二甲双胍
  A10AE04 甘精胰岛素
  C08CA01 氨氯地平
  C07AB02 美托洛尔
  C10AA05 阿托伐他汀
  C09AA02 依那普利
  C03CA01 呋塞米
  R03AC02 沙丁胺醇
  N03AG01 丙戊酸
  N04BA02 左旋多巴
  C01DA02 硝酸甘油
  C01AA05 地高辛
  H03AA01 左甲状腺素
  H02AB06 泼尼松龙
  N05BA06 劳拉西泮
  A02BC01 奥美拉唑
`).map(([code, display]) => ({ code, display }));
