/** A simulation's report as lines for a terminal: a table, and in both languages what it says. Pure. */
import type { SimulationReport } from '../operations/simulate.ts';
import type { Difference, Estimate, FigureName } from '../planning/simulation/report.ts';

type Kind = 'seconds' | 'share';
const rows: readonly (readonly [FigureName, string, Kind, better: 'less' | 'more'])[] = [
  ['meanSeconds', 'response: mean', 'seconds', 'less'],
  ['within8Share', 'response: within 8 minutes', 'share', 'more'],
  ['patientMeanSeconds', 'at the patient: mean', 'seconds', 'less'],
  ['patientWithin8Share', 'at the patient: within 8 minutes', 'share', 'more'],
  ['firstVehicleMeanSeconds', 'first vehicle of any kind: mean', 'seconds', 'less'],
  ['firstVehicleFitsShare', 'first vehicle had what was needed', 'share', 'more'],
  ['priority1MeanSeconds', 'priority 1, response: mean', 'seconds', 'less'],
  ['priority1Within8Share', 'priority 1, within 8 minutes', 'share', 'more'],
];

const inWords = (value: number, kind: Kind) =>
  kind === 'share' ? `${(value * 100).toFixed(2)} %` : `${value.toFixed(1)} s`;
/** A difference of shares is of points. */
const signed = (value: number, kind: Kind) =>
  `${value > 0 ? '+' : ''}${kind === 'share' ? `${(value * 100).toFixed(2)} points` : inWords(value, kind)}`;
const estimated = (estimate: Estimate | null, kind: Kind) => (estimate ? inWords(estimate.value, kind) : '–');

function verdict(difference: Difference | null, kind: Kind, better: 'less' | 'more'): string {
  if (!difference) return '–';
  const { value, low, high, real } = difference;
  const which = !real ? 'no difference shown' : value > 0 === (better === 'more') ? 'better, real' : 'worse, real';
  return `${signed(value, kind)} (${signed(low, kind)} … ${signed(high, kind)}): ${which}`;
}

type Said = (difference: Difference | null, plan: string, against: string) => string;
const size = ({ value, low, high }: Difference, scale: number, digits: number) => {
  const [least = 0, most = 0] = [Math.abs(low), Math.abs(high)].sort((a, b) => a - b);
  return {
    is: Math.abs(value * scale).toFixed(digits),
    from: (least * scale).toFixed(digits),
    to: (most * scale).toFixed(digits),
  };
};

function sayer(
  figure: FigureName,
  scale: number,
  zh: { readonly what: string; readonly more: string; readonly less: string; readonly unit: string },
  en: { readonly what: string; readonly more: string; readonly less: string; readonly unit: string },
): { readonly figure: FigureName; readonly zh: Said; readonly en: Said } {
  return {
    figure,
    zh(difference, plan, against) {
      if (!difference) return `${zh.what}：没有数据。`;
      if (!difference.real) return `${zh.what}：${plan} 与 ${against} 未显示出差异，所见的可能只是偶然。`;
      const { is, from, to } = size(difference, scale, 1);
      const how = difference.value > 0 ? zh.more : zh.less;
      return `${zh.what}：${plan} 比 ${against} ${how} ${is} ${zh.unit}，差异真实（95% 区间 ${from} 至 ${to}）。`;
    },
    en(difference, plan, against) {
      if (!difference) return `${en.what}: nothing was counted.`;
      if (!difference.real)
        return `${en.what}: no difference shown between ${plan} and ${against}; what is seen may be chance.`;
      const { is, from, to } = size(difference, scale, 1);
      const how = difference.value > 0 ? en.more : en.less;
      return `${en.what}: ${is} ${en.unit} ${how} with ${plan} than with ${against}; the difference is real (95 % interval ${from} to ${to}).`;
    },
  };
}

const share = { zh: { more: '高', less: '低', unit: '个百分点' }, en: { more: 'more', less: 'less', unit: 'points' } };
const said = [
  sayer(
    'meanSeconds',
    1,
    { what: '平均反应时间', more: '长', less: '短', unit: '秒' },
    { what: 'Mean response', more: 'longer', less: 'shorter', unit: 's' },
  ),
  sayer(
    'within8Share',
    100,
    { what: '8 分钟内到达的比例', ...share.zh },
    { what: 'Share within 8 minutes', ...share.en },
  ),
  sayer(
    'firstVehicleFitsShare',
    100,
    { what: '首辆车配备符合患者需要的比例', ...share.zh },
    { what: 'Share of patients whose first vehicle had what they needed', ...share.en },
  ),
];

const histories: Readonly<Record<SimulationReport['histories'], { readonly zh: string; readonly en: string }>> = {
  own: { zh: '病史：患者本人的档案。', en: 'Histories: the patients’ own.' },
  'residents-nearby': {
    zh: '病史：导入的呼叫不含病史，由住在附近、年龄相近的建档居民代替。',
    en: 'Histories: the calls brought in say none; filed residents who live nearby and are of their age stand in.',
  },
  none: {
    zh: '病史：没有。由病史决定车辆的派车在此无从比较。',
    en: 'Histories: none, so that dispatch by history cannot be compared here.',
  },
};

export function simulationInWords({ plan, against, difference, ...report }: SimulationReport): string {
  const table = [
    ['', plan.policy, against.policy, 'difference, 95 % interval'],
    ...rows.map(([figure, label, kind, better]) => [
      label,
      estimated(plan.figures[figure], kind),
      estimated(against.figures[figure], kind),
      verdict(difference[figure], kind, better),
    ]),
    ...(
      [
        ['second vehicles a day', 'secondVehicles'],
        ['calls nobody was free for, a day', 'waited'],
        ['moves of idle units a day', 'moves'],
        ['hours driven on moves a day, all units', 'moveDriveHours'],
        ['hours driven idle a day, all units', 'idleDriveHours'],
      ] as const
    ).map(([label, key]) => [label, plan.figures.perDay[key].toFixed(1), against.figures.perDay[key].toFixed(1), '']),
    ...(
      [
        ['hours on calls, a crew and shift', 'busyHours'],
        ['hours driven on moves, a crew and shift', 'moveDriveHours'],
        ['hours of the longest shift of a day', 'longestHours'],
      ] as const
    ).map(([label, key]) => [
      label,
      plan.figures.perShift[key].toFixed(2),
      against.figures.perShift[key].toFixed(2),
      '',
    ]),
    [
      'units on calls, of their time',
      inWords(plan.figures.busyShare, 'share'),
      inWords(against.figures.busyShare, 'share'),
      '',
    ],
  ];
  const widths = [0, 1, 2].map((column) => Math.max(...table.map((row) => (row[column] ?? '').length)));
  const lines = table.map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  const demand = report.demand === 'demonstration' ? 'an invented district' : `demand from ${report.demand}`;
  const names = [plan.policy, against.policy] as const;
  return [
    `${report.city}: ${report.days} days, seed ${report.seed}, ${plan.units} units, ${plan.stations} stations, ${plan.figures.perDay.calls.toFixed(0)} calls a day (${demand}, drives by ${report.travel})`,
    'Both over the same days and calls.',
    ...(report.partial
      ? [
          `只模拟了 ${report.daysAsked} 天中的前 ${report.days} 天，区间按这些天计算。`,
          `Only the first ${report.days} of ${report.daysAsked} days: the intervals are of those.`,
        ]
      : []),
    '',
    ...lines,
    '',
    ...said.map((each) => each.zh(difference[each.figure], ...names)),
    histories[report.histories].zh,
    '',
    ...said.map((each) => each.en(difference[each.figure], ...names)),
    histories[report.histories].en,
  ].join('\n');
}
