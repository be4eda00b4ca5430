/** A simulation's report as lines for a terminal. Pure. */
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
const signed = (value: number, kind: Kind) => `${value > 0 ? '+' : ''}${inWords(value, kind)}`;
const estimated = (estimate: Estimate | null, kind: Kind) => (estimate ? inWords(estimate.value, kind) : '–');

function verdict(difference: Difference | null, kind: Kind, better: 'less' | 'more'): string {
  if (!difference) return '–';
  const { value, low, high, real } = difference;
  const which = !real ? 'no difference shown' : value > 0 === (better === 'more') ? 'better, real' : 'worse, real';
  return `${signed(value, kind)} (${signed(low, kind)} … ${signed(high, kind)}): ${which}`;
}

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
        ['hours driven idle a day, all units', 'idleDriveHours'],
      ] as const
    ).map(([label, key]) => [label, plan.figures.perDay[key].toFixed(1), against.figures.perDay[key].toFixed(1), '']),
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
  return [
    `${report.city}: ${report.days} days, seed ${report.seed}, ${plan.units} units, ${plan.stations} stations, ${plan.figures.perDay.calls.toFixed(0)} calls a day (${demand}, drives by ${report.travel})`,
    'Both over the same days and calls.',
    '',
    ...lines,
  ].join('\n');
}
