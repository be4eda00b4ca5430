/** Mean and nine in ten by week, against the target. */
import { minutes, speak } from '../../shell/language.ts';
import { trend } from './data.ts';
import { Plot } from './plot.tsx';
import { words } from './words.ts';

const say = speak('planner', words);

export function Trend() {
  const found = trend.value;
  const weeks = found?.groups.filter(({ key }) => key !== null) ?? [];
  if (!found || weeks.length === 0) return null;
  const x = weeks.map((_, week) => week);
  return (
    <Plot
      label={say('trend')}
      xLabel={say('week')}
      x={x}
      xName={(week) => (Number.isInteger(week) ? (weeks[week]?.key ?? '').slice(5) : '')}
      yName={(seconds) => minutes(seconds)}
      series={[
        {
          label: say('mean'),
          values: weeks.map(({ clocks: own }) => own.response.meanSeconds),
          kind: 'line',
          colour: '--accent',
        },
        {
          label: say('p90'),
          values: weeks.map(({ clocks: own }) => own.response.p90Seconds),
          kind: 'line',
          colour: '--urgent',
        },
        { label: say('target'), values: weeks.map(() => found.targetSeconds), kind: 'dashed', colour: '--danger' },
      ]}
    />
  );
}
