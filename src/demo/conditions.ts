/**
 * Illnesses the invented residents may have: ICD-10 codes, how common by age, and what is usually taken for them.
 * The shares are round guesses that make a plausible old district, not epidemiology.
 */
import type { Coded } from '../domain/coded.ts';

export interface Illness {
  readonly code: string;
  readonly display: string;
  /** Share of those aged under 18, 18–44, 45–64, 65–79, 80 and over. */
  readonly shares: readonly [number, number, number, number, number];
  readonly resolved?: true;
  readonly only?: 'female' | 'male';
  readonly drugs?: readonly Coded[];
  readonly implants?: readonly Coded[];
}

const drug = (code: string, display: string): Coded => ({ system: 'atc', code, display });
const icd = (code: string, display: string): Coded => ({ system: 'icd-10', code, display });

export const clopidogrel = drug('B01AC04', '氯吡格雷');
export const aspirin = drug('B01AC06', '阿司匹林');
export const atorvastatin = drug('C10AA05', '阿托伐他汀');
export const metoprolol = drug('C07AB02', '美托洛尔');
export const insulin = drug('A10AE04', '甘精胰岛素');
export const stent = icd('Z95.5', '冠状动脉支架');

export const illnesses: readonly Illness[] = [
  { code: 'I10', display: '原发性高血压', shares: [0, 0.05, 0.33, 0.6, 0.7], drugs: [drug('C08CA01', '氨氯地平')] },
  { code: 'E11.9', display: '2型糖尿病', shares: [0, 0.02, 0.13, 0.22, 0.24], drugs: [drug('A10BA02', '二甲双胍')] },
  { code: 'E11.4', display: '2型糖尿病性神经病变', shares: [0, 0, 0.02, 0.05, 0.06], drugs: [insulin] },
  { code: 'E78.5', display: '高脂血症', shares: [0, 0.04, 0.2, 0.34, 0.3], drugs: [atorvastatin] },
  {
    code: 'I25.1',
    display: '冠状动脉粥样硬化性心脏病',
    shares: [0, 0, 0.05, 0.17, 0.27],
    drugs: [aspirin, atorvastatin],
  },
  {
    code: 'I25.2',
    display: '陈旧性心肌梗死',
    shares: [0, 0, 0.01, 0.04, 0.07],
    drugs: [clopidogrel, metoprolol],
    implants: [stent],
  },
  { code: 'I48.9', display: '心房颤动', shares: [0, 0, 0.02, 0.07, 0.13], drugs: [drug('B01AF01', '利伐沙班')] },
  { code: 'I50.9', display: '心力衰竭', shares: [0, 0, 0.01, 0.05, 0.11], drugs: [drug('C03CA01', '呋塞米')] },
  { code: 'I49.5', display: '病态窦房结综合征', shares: [0, 0, 0, 0.02, 0.04], implants: [icd('Z95.0', '心脏起搏器')] },
  { code: 'I63.9', display: '脑梗死', shares: [0, 0, 0.02, 0.08, 0.13], resolved: true, drugs: [clopidogrel] },
  { code: 'I69.3', display: '脑梗死后遗症', shares: [0, 0, 0.01, 0.04, 0.09] },
  { code: 'I71.4', display: '腹主动脉瘤', shares: [0, 0, 0, 0.006, 0.01] },
  { code: 'G40.9', display: '癫痫', shares: [0.006, 0.006, 0.006, 0.01, 0.012], drugs: [drug('N03AG01', '丙戊酸')] },
  { code: 'G20', display: '帕金森病', shares: [0, 0, 0.002, 0.015, 0.04], drugs: [drug('N04BA02', '左旋多巴')] },
  { code: 'G30.9', display: '阿尔茨海默病', shares: [0, 0, 0.001, 0.03, 0.15], drugs: [drug('N06DA02', '多奈哌齐')] },
  {
    code: 'J44.9',
    display: '慢性阻塞性肺疾病',
    shares: [0, 0, 0.04, 0.11, 0.14],
    drugs: [drug('R03BB04', '噻托溴铵')],
  },
  {
    code: 'J45.9',
    display: '哮喘',
    shares: [0.03, 0.02, 0.02, 0.03, 0.03],
    drugs: [drug('R03AK07', '布地奈德福莫特罗')],
  },
  { code: 'A15.0', display: '肺结核', shares: [0, 0.001, 0.002, 0.003, 0.003] },
  { code: 'B18.1', display: '慢性乙型肝炎', shares: [0, 0.02, 0.03, 0.02, 0.01] },
  { code: 'N18.5', display: '慢性肾脏病5期', shares: [0, 0, 0.005, 0.012, 0.015] },
  { code: 'Z99.2', display: '依赖肾透析', shares: [0, 0, 0.003, 0.008, 0.008] },
  {
    code: 'K25.9',
    display: '胃溃疡',
    shares: [0, 0.01, 0.03, 0.04, 0.04],
    resolved: true,
    drugs: [drug('A02BC01', '奥美拉唑')],
  },
  { code: 'K74.6', display: '肝硬化', shares: [0, 0, 0.005, 0.008, 0.005] },
  { code: 'M81.9', display: '骨质疏松', shares: [0, 0, 0.06, 0.2, 0.32], drugs: [drug('A12AX01', '碳酸钙D3')] },
  { code: 'M17.9', display: '膝关节病', shares: [0, 0.01, 0.1, 0.25, 0.3] },
  {
    code: 'S72.0',
    display: '股骨颈骨折',
    shares: [0, 0, 0.002, 0.015, 0.05],
    resolved: true,
    implants: [icd('Z96.6', '人工髋关节')],
  },
  { code: 'C34.9', display: '肺恶性肿瘤', shares: [0, 0, 0.004, 0.01, 0.012] },
  { code: 'C50.9', display: '乳腺恶性肿瘤', shares: [0, 0.003, 0.015, 0.02, 0.015], only: 'female' },
  {
    code: 'N40',
    display: '前列腺增生',
    shares: [0, 0, 0.12, 0.4, 0.5],
    only: 'male',
    drugs: [drug('G04CA02', '坦索罗辛')],
  },
  { code: 'H26.9', display: '白内障', shares: [0, 0, 0.03, 0.2, 0.35] },
  { code: 'H91.9', display: '听力减退', shares: [0.002, 0.004, 0.02, 0.1, 0.25] },
  { code: 'H54.0', display: '双眼盲', shares: [0, 0.001, 0.002, 0.005, 0.012] },
  { code: 'F32.9', display: '抑郁发作', shares: [0.005, 0.03, 0.03, 0.03, 0.03], drugs: [drug('N06AB06', '舍曲林')] },
  { code: 'F20.9', display: '精神分裂症', shares: [0, 0.005, 0.005, 0.004, 0.002], drugs: [drug('N05AH03', '奥氮平')] },
  { code: 'F51.0', display: '失眠症', shares: [0, 0.03, 0.08, 0.14, 0.16], drugs: [drug('N05CF01', '佐匹克隆')] },
];

/** At most so many conditions in one file. */
export const CONDITIONS_AT_MOST = 10;

export const allergies: readonly Coded[] = [
  drug('J01C', '青霉素类'),
  drug('J01E', '磺胺类'),
  drug('N02BA01', '阿司匹林'),
  { system: 'text', code: '花生' },
  { system: 'text', code: '海鲜' },
];

export const ageBand = (years: number): 0 | 1 | 2 | 3 | 4 =>
  years < 18 ? 0 : years < 45 ? 1 : years < 65 ? 2 : years < 80 ? 3 : 4;
