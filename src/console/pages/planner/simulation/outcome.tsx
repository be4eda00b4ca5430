/** What a simulation says: both plans side by side, the difference with its interval, and in words whether it is real. */
import type { Signal } from '@preact/signals';
import type { Difference, Estimate, FigureName } from '../../../../planning/simulation/report.ts';
import { speak } from '../../../shell/language.ts';
import { clockText, percent } from '../figures.ts';
import { demandName, historiesName, statusName, travelName } from './named.ts';
import { isUnderWay, type Report, type Simulation, stop } from './run.ts';
import { words } from './words.ts';

const say = speak('simulation', words);

/** In the order in which they are shown, and which way is better. */
const figures: readonly (readonly [FigureName, 'less' | 'more'])[] = [
  ['meanSeconds', 'less'],
  ['within8Share', 'more'],
  ['patientMeanSeconds', 'less'],
  ['patientWithin8Share', 'more'],
  ['firstVehicleMeanSeconds', 'less'],
  ['firstVehicleFitsShare', 'more'],
  ['priority1MeanSeconds', 'less'],
  ['priority1Within8Share', 'more'],
];
const saidOf = ['meanSeconds', 'within8Share', 'firstVehicleFitsShare'] as const;

const isShare = (figure: FigureName) => figure.endsWith('Share');
const sign = (value: number) => (value > 0 ? '+' : value < 0 ? '−' : '');
const size = (value: number, figure: FigureName) => Math.abs(isShare(figure) ? value * 100 : value).toFixed(1);
const signed = (value: number, figure: FigureName) => `${sign(value)}${size(value, figure)}`;
const inUnit = (value: string, figure: FigureName) => say(isShare(figure) ? 'points' : 'seconds', { value });
const estimated = (estimate: Estimate | null, figure: FigureName): string =>
  estimate === null ? '–' : isShare(figure) ? percent(estimate.value) : clockText(Math.round(estimate.value));

interface Names {
  readonly plan: string;
  readonly against: string;
}

/** While it runs, how far it is and what it says so far; then what it says. */
export function Outcome({ into, names }: { readonly into: Signal<Simulation | null>; readonly names: Names }) {
  const found = into.value;
  if (!found) return null;
  const { status, report, problem, progress } = found;
  return (
    <>
      {isUnderWay(found) ? (
        <p class="choices">
          <output>{status === 'waiting' ? say('waiting') : say('running', { share: percent(progress) })}</output>
          <progress max={1} value={progress} aria-label={say('start')} />
          <button type="button" onClick={() => void stop(into, () => say('cancel'))}>
            {say('cancel')}
          </button>
        </p>
      ) : (
        status !== 'done' && (
          <p class="late">
            {status === 'failed' ? say('failed', { problem: problem ?? '' }) : say(statusName[status])}
          </p>
        )
      )}
      {report ? (
        <Said report={report} names={names} />
      ) : (
        !isUnderWay(found) && status !== 'failed' && <p>{say('nothing')}</p>
      )}
    </>
  );
}

function Said({ report, names }: { readonly report: Report; readonly names: Names }) {
  const { plan, against, difference } = report;
  const daily = ['moves', 'moveDriveHours', 'idleDriveHours', 'secondVehicles', 'waited'] as const;
  const ofShift = [
    ['busyHours', 'busyHours'],
    ['shiftMoveHours', 'moveDriveHours'],
    ['longestHours', 'longestHours'],
  ] as const;
  return (
    <>
      <h2>{say('title', { ...names, days: report.days })}</h2>
      {report.partial && <p class="soon">{say('partial', { days: report.days, asked: report.daysAsked })}</p>}
      <ul data-test="verdicts">
        {saidOf.map((figure) => (
          <li key={figure}>{inWords(figure, difference[figure], names)}</li>
        ))}
      </ul>
      <table data-test="simulated">
        <thead>
          <tr>
            <th />
            <th>{names.against}</th>
            <th>{names.plan}</th>
            <th>{say('difference')}</th>
            <th>{say('verdict')}</th>
          </tr>
        </thead>
        <tbody>
          {figures.map(([figure, better]) => (
            <tr key={figure}>
              <th scope="row">{say(figure)}</th>
              <td class="figure">{estimated(against.figures[figure], figure)}</td>
              <td class="figure">{estimated(plan.figures[figure], figure)}</td>
              <Differs figure={figure} difference={difference[figure]} better={better} />
            </tr>
          ))}
          {daily.map((each) => (
            <Plain key={each} label={say(each)} of={(one) => one.figures.perDay[each]} report={report} />
          ))}
          {ofShift.map(([label, each]) => (
            <Plain key={label} label={say(label)} of={(one) => one.figures.perShift[each]} report={report} />
          ))}
        </tbody>
      </table>
      <p class="quiet">
        {say('basis', {
          units: both(against.units, plan.units),
          stations: both(against.stations, plan.stations),
          calls: plan.figures.perDay.calls.toFixed(0),
          seed: report.seed,
          demand: say(demandName[report.demand]),
          travel: say(travelName[report.travel]),
          histories: say(historiesName[report.histories]),
        })}
      </p>
    </>
  );
}

const both = (before: number, after: number) => (before === after ? `${after}` : `${before} → ${after}`);

function Plain({
  label,
  of,
  report,
}: {
  readonly label: string;
  readonly of: (one: Report['plan']) => number;
  readonly report: Report;
}) {
  return (
    <tr>
      <th scope="row">{label}</th>
      <td class="figure">{of(report.against).toFixed(1)}</td>
      <td class="figure">{of(report.plan).toFixed(1)}</td>
      <td />
      <td />
    </tr>
  );
}

function Differs({
  figure,
  difference,
  better,
}: {
  readonly figure: FigureName;
  readonly difference: Difference | null;
  readonly better: 'less' | 'more';
}) {
  if (!difference)
    return (
      <>
        <td class="figure">–</td>
        <td />
      </>
    );
  const { value, low, high, real } = difference;
  const isBetter = value > 0 === (better === 'more');
  return (
    <>
      <td class="figure">
        {inUnit(`${signed(value, figure)} (${signed(low, figure)} … ${signed(high, figure)})`, figure)}
      </td>
      <td class={`figure ${real ? (isBetter ? 'in-time' : 'late') : 'soon'}`}>
        {real ? say(isBetter ? 'better' : 'worse') : say('chance')}
      </td>
    </>
  );
}

function inWords(figure: FigureName, difference: Difference | null, names: Names): string {
  if (!difference?.real) return say('said.chance', { what: say(figure), ...names });
  const [from, to] = [difference.low, difference.high].sort((a, b) => Math.abs(a) - Math.abs(b)) as [number, number];
  return say(difference.value > 0 ? 'said.more' : 'said.less', {
    what: say(figure),
    ...names,
    is: inUnit(size(difference.value, figure), figure),
    from: size(from, figure),
    to: size(to, figure),
  });
}
